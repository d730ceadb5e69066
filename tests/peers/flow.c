#include "tests/peers/flow.h"

#include "estimator/synth/parse.h"
#include "estimator/synth/script.h"
#include "estimator/util/file.h"
#include "estimator/util/process.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CANDIDATES 128

static int write_text(const char *dir, const char *name, const char *text, struct mp_error *err)
{
    char *path = mp_path_join(dir, name);
    int code = mp_file_write(path, text, strlen(text), err);
    free(path);
    return code;
}

static int run_tool(const struct peer_tool *tool, const char *dir, const char *script,
                    struct mp_error *err)
{
    const char *const system[] = {"yosys", "-q", "-s", "script.ys", NULL};
    const char *const yowasp[] = {"node", tool->runner, tool->folder, "script.ys", NULL};
    struct mp_process_options o = {
        .argv = tool->folder ? yowasp : system, .cwd = dir, .timeout_s = 1200};
    struct mp_process_result r = {0};
    int code = write_text(dir, "script.ys", script, err);
    if (code == MP_OK)
        code = mp_process_run(&r, &o, err);
    if (code == MP_OK && (r.how != MP_EXITED || r.status != 0))
        code = mp_process_fail(&r, tool->folder ? "yowasp" : "yosys", NULL, err);
    mp_process_result_release(&r);
    return code;
}

static int prepare(const struct mp_yosys_job *job, const char *verilog, struct mp_error *err)
{
    struct mp_text text = {0};
    char *link = mp_path_join(job->temp_dir, MP_SYNTH_LIBERTY);
    unlink(link);
    int code = symlink(job->liberty_path, link) == 0
                   ? MP_OK
                   : mp_fail(err, MP_E_IO, "cannot link %s", link);
    mp_synth_constraints(&text, job);
    if (code == MP_OK)
        code = write_text(job->temp_dir, "constraints.txt", text.data, err);
    mp_text_release(&text);
    if (code == MP_OK)
        code = write_text(job->temp_dir, "design.v", verilog, err);
    for (int half = 0; half < 2 && code == MP_OK; half++) {
        if (!mp_synth_has_adder(job, half))
            continue;
        mp_synth_adder(&text, job, half);
        code = write_text(job->temp_dir, half ? MP_SYNTH_HALF_ADDERS : MP_SYNTH_FULL_ADDERS,
                          text.data, err);
        mp_text_release(&text);
    }
    free(link);
    return code;
}

static int take_netlist(const struct peer_tool *tool, const char *dir, uint32_t k,
                        peer_netlist *take, void *context, struct mp_error *err)
{
    char name[32];
    struct mp_text text = {0};
    snprintf(name, sizeof name, "candidate%u.v", k);
    char *path = mp_path_join(dir, name);
    int code = mp_file_read(&text, path, 0, err);
    if (code == MP_OK)
        code = take(context, text.data, err);
    if (code < 0)
        mp_error_context(err, "%s", tool->label);
    unlink(path);
    mp_text_release(&text);
    free(path);
    return code;
}

int peer_flow_run(const struct peer_flow *flow, const char *verilog, const struct mp_target *target,
                  const char *temp_dir, peer_netlist *take, void *context, struct mp_error *err)
{
    const struct mp_yosys_job job = {.rtlil = "",
                                     .top = "m",
                                     .liberty_path = target->prepared_path,
                                     .library = &target->library,
                                     .roles = &target->roles,
                                     .driving_cell = peer_driving_cell(target),
                                     .output_load_f = peer_output_load_f(target),
                                     .variant = flow->variant,
                                     .temp_dir = temp_dir};
    const struct mp_synth_recipe *recipe;
    struct mp_recipe_plan plan = {0};
    struct mp_synth_target targets[MAX_CANDIDATES];
    struct mp_synth_candidate candidates[MAX_CANDIDATES];
    struct mp_text text = {0};
    uint32_t count = 0;
    int code = prepare(&job, verilog, err);
    if (code == MP_OK)
        code = mp_synth_recipe_get(&recipe, flow->recipe, err);
    if (code == MP_OK)
        code = mp_recipe_parse(&plan, recipe->text, err);
    if (code < 0)
        goto out;
    for (uint32_t k = 0; k < plan.script_count; k++) {
        const struct mp_recipe_script *s = &plan.scripts[k];
        if (s->adders && !mp_synth_has_adder(&job, false))
            continue;
        uint32_t runs = s->is_default || strstr(s->commands, "{D") ? flow->target_count : 1;
        for (uint32_t t = 0; t < runs && count < MAX_CANDIDATES; t++, count++) {
            targets[count] = (struct mp_synth_target){NULL, flow->targets_s[t], s};
            candidates[count] = (struct mp_synth_candidate){s->name, &targets[count], 1};
        }
    }
    mp_text_printf(&text,
                   "read_verilog design.v\nhierarchy -check -top m\n%s\nwrite_rtlil design.il\n",
                   flow->front);
    if ((code = run_tool(flow->tool, temp_dir, text.data, err)) < 0)
        goto out;
    mp_text_release(&text);
    mp_synth_script(&text, &job, candidates, count);
    code = run_tool(flow->tool, temp_dir, text.data, err);
    for (uint32_t k = 0; k < count && code == MP_OK; k++)
        code = take_netlist(flow->tool, temp_dir, k, take, context, err);
out:
    mp_recipe_release(&plan);
    mp_text_release(&text);
    return code;
}
