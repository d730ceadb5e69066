#include "estimator/synth/yosys.h"

#include "estimator/netlist/netlist.h"
#include "estimator/synth/arrival.h"
#include "estimator/synth/parse.h"
#include "estimator/synth/script.h"
#include "estimator/synth/session.h"
#include "estimator/util/file.h"

#include <assert.h>
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

/* A netlist that may become the result. */
struct mapped {
    struct mp_yosys_result result;
    uint32_t candidate;      /* of its run */
    double path_s, area_um2; /* path_s by the estimate of arrival.h */
};

static int read_candidate(const struct mp_synth_session *s, const struct mp_yosys_job *job,
                          uint32_t k, struct mapped *out, struct mp_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "candidate%u.v", k);
    *out = (struct mapped){.candidate = k};
    struct mp_netlist n = {0};
    int code = read_netlist(s, name, job->top, job->library, &out->result, err);
    if (code == MP_OK) {
        assert(out->result.netlist_verilog);
        code = mp_netlist_read_text(&n, job->library, out->result.netlist_verilog,
                                    strlen(out->result.netlist_verilog), name, job->top, err);
    }
    if (code == MP_OK)
        code = mp_netlist_levelise(&n, err);
    if (code == MP_OK) {
        out->path_s = mp_synth_longest_path_s(&n);
        out->area_um2 = mp_netlist_area_um2(&n);
    } else {
        mp_yosys_result_release(&out->result);
    }
    mp_netlist_release(&n);
    return code;
}

/* The estimate of the path may be this much too low. */
#define ESTIMATE_MARGIN 1.03

static bool meets_clock(const struct mapped *m, double period_s)
{
    return period_s <= 0 || m->path_s * ESTIMATE_MARGIN <= period_s;
}

/* Smallest of those that meet the period, else the fastest. */
static bool is_better(const struct mapped *a, const struct mapped *b, double period_s)
{
    if (!b->result.netlist_verilog)
        return true;
    bool meets = meets_clock(a, period_s), other_meets = meets_clock(b, period_s);
    if (meets != other_meets)
        return meets;
    return meets ? a->area_um2 < b->area_um2 : a->path_s < b->path_s;
}

/* Put the best of `count` candidates of the last run into *best, if it is better than that. */
static int keep_best(const struct mp_synth_session *s, const struct mp_yosys_job *job,
                     uint32_t count, struct mapped *best, struct mp_error *err)
{
    int code = MP_OK;
    for (uint32_t k = 0; code == MP_OK && k < count; k++) {
        struct mapped next;
        code = read_candidate(s, job, k, &next, err);
        if (code == MP_OK && is_better(&next, best, job->clock_period_s)) {
            struct mapped old = *best;
            *best = next;
            next = old;
        }
        if (code == MP_OK)
            mp_yosys_result_release(&next.result);
    }
    return code;
}

/* The relaxed netlists miss the clock: try every recipe with delay targets. A block gets a share
 * of the period by what it took when it was mapped for area; paths through several blocks overlap,
 * so that the whole path, not the sum of the blocks, is scaled to the period. */
static int run_tight(struct mp_synth_session *s, const struct mp_yosys_job *job,
                     const struct mp_yosys_log *first, struct mapped *best, struct mp_error *err)
{
    double overhead_s = mp_synth_register_overhead_s(job);
    double scale =
        (job->clock_period_s / ESTIMATE_MARGIN - overhead_s) / (best->path_s - overhead_s);
    struct mp_synth_target *targets = mp_alloc(first->module_count, sizeof *targets);
    uint32_t count = 0;
    for (uint32_t k = 0; k < first->module_count; k++) {
        if (first->modules[k].candidate != best->candidate)
            continue;
        targets[count].module = first->modules[k].name;
        targets[count].recipe = MP_RECIPE_MIXED;
        targets[count++].delay_s = scale > 0 ? first->modules[k].delay_s * scale : 0;
    }
    struct mp_synth_candidate candidates[MP_RECIPE_COUNT];
    for (unsigned r = 0; r < MP_RECIPE_COUNT; r++)
        candidates[r] = (struct mp_synth_candidate){(enum mp_synth_recipe)r, targets, count};
    struct mp_yosys_log log = {0};
    int code = run_candidates(s, &log, job, candidates, MP_RECIPE_COUNT, err);
    if (code == MP_OK)
        code = keep_best(s, job, MP_RECIPE_COUNT, best, err);
    mp_yosys_log_release(&log);
    free(targets);
    return code;
}

static const enum mp_synth_recipe relaxed_recipes[] = {MP_RECIPE_SMALL, MP_RECIPE_AREA,
                                                       MP_RECIPE_CHOICES};
#define RELAXED_COUNT (sizeof relaxed_recipes / sizeof *relaxed_recipes)

/* Each block by the recipe that made it smallest, where that differs between blocks. */
static int run_mixed(struct mp_synth_session *s, const struct mp_yosys_job *job,
                     const struct mp_yosys_log *first, double delay_s, struct mapped *best,
                     struct mp_error *err)
{
    struct mp_synth_target *targets = mp_alloc(first->module_count, sizeof *targets);
    double *area_um2 = mp_alloc(first->module_count, sizeof *area_um2);
    uint32_t count = 0;
    bool differ = false;
    for (uint32_t k = 0; k < first->module_count; k++) {
        const struct mp_yosys_module *m = &first->modules[k];
        uint32_t t = 0;
        while (t < count && strcmp(targets[t].module, m->name) != 0)
            t++;
        if (t == count || m->area_um2 < area_um2[t]) {
            targets[t] = (struct mp_synth_target){m->name, delay_s, relaxed_recipes[m->candidate]};
            area_um2[t] = m->area_um2;
            count += t == count;
        }
    }
    for (uint32_t t = 1; t < count; t++)
        differ = differ || targets[t].recipe != targets[0].recipe;
    struct mp_synth_candidate mixed = {MP_RECIPE_MIXED, targets, count};
    struct mp_yosys_log log = {0};
    int code = differ ? run_candidates(s, &log, job, &mixed, 1, err) : MP_OK;
    if (code == MP_OK && differ)
        code = keep_best(s, job, 1, best, err);
    mp_yosys_log_release(&log);
    free(area_um2);
    free(targets);
    return code;
}

static int prepare(const struct mp_synth_session *s, const struct mp_yosys_job *job,
                   struct mp_error *err)
{
    struct mp_text constraints = {0};
    mp_synth_constraints(&constraints, job);
    int code = job->rtlil ? mp_synth_session_write(s, "design.il", job->rtlil, err)
                          : mp_synth_session_write(s, "design.v", job->verilog, err);
    if (code == MP_OK)
        code = mp_synth_session_write(s, "constraints.txt", constraints.data, err);
    if (code == MP_OK)
        code = mp_synth_session_link(s, job->liberty_path, MP_SYNTH_LIBERTY, err);
    mp_text_release(&constraints);
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
    struct mp_yosys_log log = {0};
    struct mapped best = {0};
    int code = prepare(&s, job, err);
    if (code < 0)
        goto out;
    bool clocked = job->clock_period_s > 0;
    struct mp_synth_target all = {NULL, clocked ? job->clock_period_s : 1e-6, MP_RECIPE_MIXED};
    struct mp_synth_candidate relaxed[RELAXED_COUNT];
    for (uint32_t k = 0; k < RELAXED_COUNT; k++)
        relaxed[k] = (struct mp_synth_candidate){relaxed_recipes[k], &all, 1};
    code = run_candidates(&s, &log, job, relaxed, RELAXED_COUNT, err);
    if (code == MP_OK)
        code = keep_best(&s, job, RELAXED_COUNT, &best, err);
    if (code == MP_OK && !meets_clock(&best, job->clock_period_s) && log.module_count)
        code = run_tight(&s, job, &log, &best, err);
    else if (code == MP_OK && log.module_count)
        code = run_mixed(&s, job, &log, all.delay_s, &best, err);
    if (code < 0)
        goto out;
    *out = best.result;
    best = (struct mapped){0};
    out->wall_s = s.wall_s;
    out->cpu_s = s.cpu_s;
out:
    mp_yosys_result_release(&best.result);
    mp_process_result_release(&s.process);
    mp_yosys_log_release(&log);
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
