#include "estimator/synth/yosys.h"

#include "estimator/synth/parse.h"
#include "estimator/synth/script.h"
#include "estimator/synth/session.h"
#include "estimator/util/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A netlist that the last run wrote, checked; *text is owned by the caller. */
static int read_netlist(const struct mp_synth_session *s, const char *name, const char *top,
                        const struct mp_library *library, struct mp_yosys_result *out,
                        struct mp_error *err)
{
    char *path = mp_path_join(s->temp_dir, name);
    struct mp_text text = {0};
    struct mp_error cause = MP_ERROR_INIT;
    int code = mp_file_read(&text, path, 0, &cause);
    if (code < 0) {
        code = mp_synth_session_fail(s, "no netlist", &cause, err);
        goto out;
    }
    code = mp_yosys_check_netlist(text.data, text.size, top, library, &out->cell_count, &cause);
    if (code < 0) {
        code = mp_synth_session_fail(s, "netlist", &cause, err);
        goto out;
    }
    out->netlist_verilog = text.data;
    text = (struct mp_text){0};
out:
    mp_text_release(&text);
    free(path);
    return code;
}

static int run_candidates(struct mp_synth_session *s, struct mp_yosys_log *log,
                          const struct mp_yosys_job *job,
                          const struct mp_synth_candidate *candidates, uint32_t count,
                          struct mp_error *err)
{
    struct mp_text script = {0};
    struct mp_error cause = MP_ERROR_INIT;
    for (uint32_t k = 0; k < count; k++) {
        char *old = mp_asprintf("%s/candidate%u.v", s->temp_dir, k);
        unlink(old);
        free(old);
    }
    mp_synth_script(&script, job, candidates, count);
    int code = mp_synth_session_script(s, script.data, err);
    if (code == MP_OK && mp_yosys_parse_log(log, s->process.out.data ? s->process.out.data : "",
                                            s->process.out.size, &cause) < 0)
        code = mp_synth_session_fail(s, "log", &cause, err);
    mp_text_release(&script);
    return code;
}

/* Smallest of those that meet the time, else the fastest. */
static uint32_t choose(const struct mp_yosys_log *log, uint32_t count, double available_s)
{
    uint32_t best = 0;
    for (uint32_t k = 1; k < count; k++) {
        double delay = mp_yosys_log_delay_s(log, k), best_delay = mp_yosys_log_delay_s(log, best);
        double area = mp_yosys_log_area_um2(log, k), best_area = mp_yosys_log_area_um2(log, best);
        bool meets = delay <= available_s, best_meets = best_delay <= available_s;
        if (meets != best_meets ? meets : meets ? area < best_area : delay < best_delay)
            best = k;
    }
    return best;
}

/* The blocks lie behind one another, so each gets a share of the time by what it took when it was
 * mapped for area. */
static int run_tight(struct mp_synth_session *s, const struct mp_yosys_job *job,
                     const struct mp_yosys_log *first, double available_s, uint32_t *chosen,
                     struct mp_error *err)
{
    double sum = mp_yosys_log_delay_s(first, 0);
    double scale = available_s > 0 ? available_s / sum : 0;
    struct mp_synth_target *targets = mp_alloc(first->module_count, sizeof *targets);
    for (uint32_t k = 0; k < first->module_count; k++) {
        targets[k].module = first->modules[k].name;
        targets[k].delay_s = first->modules[k].delay_s * scale;
    }
    struct mp_synth_candidate candidates[MP_RECIPE_COUNT];
    for (unsigned r = 0; r < MP_RECIPE_COUNT; r++)
        candidates[r] =
            (struct mp_synth_candidate){(enum mp_synth_recipe)r, targets, first->module_count};
    struct mp_yosys_log log = {0};
    int code = run_candidates(s, &log, job, candidates, MP_RECIPE_COUNT, err);
    if (code == MP_OK)
        *chosen = choose(&log, MP_RECIPE_COUNT, available_s);
    mp_yosys_log_release(&log);
    free(targets);
    return code;
}

int mp_yosys_synthesise(struct mp_yosys_result *out, const struct mp_yosys_job *job,
                        struct mp_error *err)
{
    *out = (struct mp_yosys_result){0};
    struct mp_synth_session s = {.program = job->program,
                                 .temp_dir = job->temp_dir,
                                 .keep_dir = job->keep_dir,
                                 .timeout_s = job->timeout_s > 0 ? job->timeout_s : 300};
    struct mp_text constraints = {0};
    struct mp_yosys_log log = {0};
    struct mp_yosys_job local = *job;
    local.liberty_path = "cells.lib";
    mp_synth_constraints(&constraints, job);
    int code = mp_synth_session_write(&s, "design.v", job->verilog, err);
    if (code == MP_OK)
        code = mp_synth_session_write(&s, "constraints.txt", constraints.data, err);
    if (code == MP_OK)
        code = mp_synth_session_link(&s, job->liberty_path, "cells.lib", err);
    if (code < 0)
        goto out;

    bool clocked = job->clock_period_s > 0;
    struct mp_synth_target all = {NULL, clocked ? job->clock_period_s : 1e-6};
    struct mp_synth_candidate relaxed = {MP_RECIPE_AREA, &all, 1};
    code = run_candidates(&s, &log, &local, &relaxed, 1, err);
    if (code < 0)
        goto out;
    uint32_t chosen = 0;
    double available_s = job->clock_period_s - mp_synth_register_overhead_s(job);
    if (clocked && mp_yosys_log_delay_s(&log, 0) > available_s) {
        code = run_tight(&s, &local, &log, available_s, &chosen, err);
        if (code < 0)
            goto out;
    }
    char name[32];
    snprintf(name, sizeof name, "candidate%u.v", chosen);
    code = read_netlist(&s, name, job->top, job->library, out, err);
    out->wall_s = s.wall_s;
    out->cpu_s = s.cpu_s;
out:
    if (code < 0)
        mp_yosys_result_release(out);
    mp_process_result_release(&s.process);
    mp_yosys_log_release(&log);
    mp_text_release(&constraints);
    return code;
}

void mp_yosys_result_release(struct mp_yosys_result *r)
{
    free(r->netlist_verilog);
    *r = (struct mp_yosys_result){0};
}

int mp_yosys_elaborate(struct mp_yosys_result *out, const char *program, const char *verilog,
                       const char *top, const char *temp_dir, const char *keep_dir,
                       struct mp_error *err)
{
    *out = (struct mp_yosys_result){0};
    struct mp_synth_session s = {
        .program = program, .temp_dir = temp_dir, .keep_dir = keep_dir, .timeout_s = 300};
    struct mp_text script = {0};
    struct mp_yosys_log log = {0};
    struct mp_error cause = MP_ERROR_INIT;
    mp_synth_elaborate_script(&script, top);
    int code = mp_synth_session_write(&s, "design.v", verilog, err);
    if (code == MP_OK)
        code = mp_synth_session_script(&s, script.data, err);
    if (code == MP_OK && mp_yosys_parse_log(&log, s.process.out.data ? s.process.out.data : "",
                                            s.process.out.size, &cause) < 0)
        code = mp_synth_session_fail(&s, "log", &cause, err);
    if (code == MP_OK)
        code = read_netlist(&s, "elaborated.v", top, NULL, out, err);
    out->wall_s = s.wall_s;
    out->cpu_s = s.cpu_s;
    mp_yosys_log_release(&log);
    mp_process_result_release(&s.process);
    mp_text_release(&script);
    return code;
}

int mp_yosys_version(const char *program, char *out, size_t size, struct mp_error *err)
{
    struct mp_synth_session s = {.program = program};
    struct mp_error cause = MP_ERROR_INIT;
    const char *const argv[] = {program, "-V", NULL};
    struct mp_process_options o = {.argv = argv, .timeout_s = 20};
    int code = mp_process_run(&s.process, &o, err);
    if (code == MP_OK && (s.process.how != MP_EXITED || s.process.status != 0))
        code = mp_process_fail(&s.process, "yosys", NULL, err);
    else if (code == MP_OK && mp_yosys_parse_version(s.process.out.data ? s.process.out.data : "",
                                                     out, size, &cause) < 0)
        code = mp_synth_session_fail(&s, "version", &cause, err);
    mp_process_result_release(&s.process);
    return code;
}
