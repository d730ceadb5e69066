#include "estimator/synth/yosys.h"

#include "estimator/synth/candidates.h"
#include "estimator/synth/parse.h"
#include "estimator/synth/script.h"
#include "estimator/util/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int mp_synth_read_netlist(const struct mp_synth_session *s, const char *name, const char *top,
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
    for (int half = 0; code == MP_OK && half < 2; half++) {
        struct mp_text adder = {0};
        if (!mp_synth_has_adder(job, half))
            continue;
        mp_synth_adder(&adder, job, half);
        code = mp_synth_session_write(s, half ? MP_SYNTH_HALF_ADDERS : MP_SYNTH_FULL_ADDERS,
                                      adder.data, err);
        mp_text_release(&adder);
    }
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
    const struct mp_synth_recipe *recipe;
    struct mp_recipe_plan plan = {0};
    int code = mp_synth_recipe_get(&recipe, job->recipe, err);
    if (code == MP_OK)
        code = mp_recipe_parse(&plan, recipe->text, err);
    if (code == MP_OK)
        code = prepare(&s, job, err);
    if (code == MP_OK)
        code = mp_synth_choose(out, &s, job, &plan, err);
    out->wall_s = s.wall_s;
    out->cpu_s = s.cpu_s;
    mp_process_result_release(&s.process);
    mp_recipe_release(&plan);
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
        code = mp_synth_read_netlist(&s, "elaborated.v", top, NULL, out, err);
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
