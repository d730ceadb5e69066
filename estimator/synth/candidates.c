#include "estimator/synth/candidates.h"

#include "estimator/netlist/netlist.h"
#include "estimator/synth/arrival.h"
#include "estimator/synth/energy.h"
#include "estimator/synth/parse.h"
#include "estimator/synth/script.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A netlist that may become the result. */
struct mapped {
    struct mp_yosys_result result;
    uint32_t candidate;      /* of its run */
    double path_s, area_um2; /* path_s by the estimate of arrival.h */
    double energy_j;         /* by that of energy.h, where power is chosen */
};

/* One choice under way. */
struct choice {
    struct mp_synth_session *session;
    const struct mp_yosys_job *job;
    const struct mp_recipe_plan *plan;
    struct mapped best; /* no netlist: none yet */
};

/* The estimate of the path may be this much too low. */
#define ESTIMATE_MARGIN 1.03

static bool meets_clock(const struct mapped *m, double period_s)
{
    return period_s <= 0 || m->path_s * ESTIMATE_MARGIN <= period_s;
}

/* Of those that meet the period the smallest (or the one with the least energy), else the fastest.
 */
static bool suits_clock_better(const struct mapped *a, const struct mapped *b, double period_s,
                               bool by_energy)
{
    bool meets = meets_clock(a, period_s), other_meets = meets_clock(b, period_s);
    if (meets != other_meets)
        return meets;
    if (!meets)
        return a->path_s < b->path_s;
    return by_energy ? a->energy_j < b->energy_j : a->area_um2 < b->area_um2;
}

static bool is_better(const struct choice *c, const struct mapped *a)
{
    const struct mapped *b = &c->best;
    if (!b->result.netlist_verilog)
        return true;
    switch (c->plan->choice) {
    case MP_CHOOSE_CLOCK:
    case MP_CHOOSE_POWER:
        return suits_clock_better(a, b, c->job->clock_period_s, c->plan->choice == MP_CHOOSE_POWER);
    case MP_CHOOSE_AREA:
        return a->area_um2 < b->area_um2;
    case MP_CHOOSE_DELAY:
        return a->path_s < b->path_s;
    case MP_CHOOSE_PRODUCT:
        return a->area_um2 * a->path_s < b->area_um2 * b->path_s;
    }
    return false;
}

static int read_candidate(const struct choice *c, uint32_t k, struct mapped *out,
                          struct mp_error *err)
{
    const struct mp_yosys_job *job = c->job;
    char name[32];
    snprintf(name, sizeof name, "candidate%u.v", k);
    *out = (struct mapped){.candidate = k};
    struct mp_netlist n = {0};
    int code = mp_synth_read_netlist(c->session, name, job->top, job->library, &out->result, err);
    if (code == MP_OK) {
        assert(out->result.netlist_verilog);
        code = mp_netlist_read_text(&n, job->library, out->result.netlist_verilog,
                                    strlen(out->result.netlist_verilog), name, job->top, err);
    }
    if (code == MP_OK)
        code = mp_netlist_levelise(&n, err);
    if (code == MP_OK) {
        struct mp_synth_boundary boundary = {MP_NONE, 0};
        if (job->driving_cell)
            boundary = (struct mp_synth_boundary){mp_library_cell(job->library, job->driving_cell),
                                                  mp_synth_output_load_f(job)};
        out->path_s = mp_synth_longest_path_s(&n, &boundary);
        out->area_um2 = mp_netlist_area_um2(&n);
        if (c->plan->choice == MP_CHOOSE_POWER)
            out->energy_j = mp_synth_energy_j(&n, &boundary, job->clock_period_s);
    } else {
        mp_yosys_result_release(&out->result);
    }
    mp_netlist_release(&n);
    return code;
}

/* Make the candidates and put the best of them into c->best, if it is better than that. */
static int run(struct choice *c, struct mp_yosys_log *log,
               const struct mp_synth_candidate *candidates, uint32_t count, struct mp_error *err)
{
    struct mp_synth_session *s = c->session;
    struct mp_text script = {0};
    struct mp_error cause = MP_ERROR_INIT;
    for (uint32_t k = 0; k < count; k++) {
        char *old = mp_asprintf("%s/candidate%u.v", s->temp_dir, k);
        unlink(old);
        free(old);
    }
    mp_synth_script(&script, c->job, candidates, count);
    int code = mp_synth_session_script(s, script.data, err);
    if (code == MP_OK && mp_yosys_parse_log(log, s->process.out.data ? s->process.out.data : "",
                                            s->process.out.size, &cause) < 0)
        code = mp_synth_session_fail(s, "log", &cause, err);
    for (uint32_t k = 0; code == MP_OK && k < count; k++) {
        struct mapped next;
        code = read_candidate(c, k, &next, err);
        if (code == MP_OK && is_better(c, &next)) {
            struct mapped old = c->best;
            c->best = next;
            next = old;
        }
        if (code == MP_OK)
            mp_yosys_result_release(&next.result);
    }
    mp_text_release(&script);
    return code;
}

/* Candidate k is scripts[k] on every module. */
static int run_scripts(struct choice *c, struct mp_yosys_log *log,
                       const struct mp_recipe_script *const *scripts, uint32_t count,
                       double delay_s, struct mp_error *err)
{
    struct mp_synth_target targets[MP_RECIPE_MAX_SCRIPTS];
    struct mp_synth_candidate candidates[MP_RECIPE_MAX_SCRIPTS];
    for (uint32_t k = 0; k < count; k++) {
        targets[k] = (struct mp_synth_target){NULL, delay_s, scripts[k]};
        candidates[k] = (struct mp_synth_candidate){scripts[k]->name, &targets[k], 1};
    }
    return run(c, log, candidates, count, err);
}

/* The relaxed netlists miss the clock: try every script with delay targets. A block gets a share
 * of the period by what it took when it was mapped for area; paths through several blocks overlap,
 * so that the whole path, not the sum of the blocks, is scaled to the period. */
static int run_tight(struct choice *c, const struct mp_yosys_log *first, struct mp_error *err)
{
    const struct mp_recipe_plan *plan = c->plan;
    double overhead_s = c->job->driving_cell ? 0 : mp_synth_register_overhead_s(c->job);
    double scale =
        (c->job->clock_period_s / ESTIMATE_MARGIN - overhead_s) / (c->best.path_s - overhead_s);
    struct mp_synth_target *targets =
        mp_alloc((size_t)first->module_count * plan->script_count, sizeof *targets);
    struct mp_synth_candidate candidates[MP_RECIPE_MAX_SCRIPTS];
    uint32_t candidate_count = 0, total = 0;
    for (uint32_t r = 0; r < plan->script_count; r++) {
        uint32_t start = total;
        if (!mp_synth_has_adder(c->job, false) && plan->scripts[r].adders)
            continue;
        for (uint32_t k = 0; k < first->module_count; k++) {
            const struct mp_yosys_module *m = &first->modules[k];
            if (m->candidate == c->best.candidate)
                targets[total++] = (struct mp_synth_target){
                    m->name, scale > 0 ? m->delay_s * scale : 0, &plan->scripts[r]};
        }
        candidates[candidate_count++] =
            (struct mp_synth_candidate){plan->scripts[r].name, &targets[start], total - start};
    }
    struct mp_yosys_log log = {0};
    int code = run(c, &log, candidates, candidate_count, err);
    mp_yosys_log_release(&log);
    free(targets);
    return code;
}

/* Each block by the script that made it smallest, where that differs between blocks. */
static int run_mixed(struct choice *c, const struct mp_recipe_script *const *scripts,
                     const struct mp_yosys_log *first, double delay_s, struct mp_error *err)
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
            targets[t] = (struct mp_synth_target){m->name, delay_s, scripts[m->candidate]};
            area_um2[t] = m->area_um2;
            count += t == count;
        }
    }
    for (uint32_t t = 1; t < count; t++)
        differ = differ || targets[t].script != targets[0].script;
    struct mp_synth_candidate mixed = {"mixed", targets, count};
    struct mp_yosys_log log = {0};
    int code = differ ? run(c, &log, &mixed, 1, err) : MP_OK;
    mp_yosys_log_release(&log);
    free(area_um2);
    free(targets);
    return code;
}

int mp_synth_choose(struct mp_yosys_result *out, struct mp_synth_session *s,
                    const struct mp_yosys_job *job, const struct mp_recipe_plan *plan,
                    struct mp_error *err)
{
    struct choice c = {.session = s, .job = job, .plan = plan};
    const struct mp_recipe_script *scripts[MP_RECIPE_MAX_SCRIPTS];
    struct mp_yosys_log log = {0};
    double delay_s = job->clock_period_s > 0 ? job->clock_period_s : 1e-6;
    bool by_clock = plan->choice == MP_CHOOSE_CLOCK, has_timed = false;
    uint32_t count = 0;
    for (uint32_t k = 0; k < plan->script_count; k++) {
        const struct mp_recipe_script *r = &plan->scripts[k];
        has_timed = has_timed || r->timed;
        if ((!r->timed || !by_clock) && (!r->adders || mp_synth_has_adder(job, false)))
            scripts[count++] = r;
    }
    int code = run_scripts(&c, &log, scripts, count, delay_s, err);
    if (code == MP_OK && by_clock && log.module_count) {
        if (!meets_clock(&c.best, job->clock_period_s) && has_timed)
            code = run_tight(&c, &log, err);
        else if (count > 1)
            code = run_mixed(&c, scripts, &log, delay_s, err);
    }
    if (code == MP_OK) {
        *out = c.best.result;
        out->energy_j = c.best.energy_j;
        c.best = (struct mapped){0};
    }
    mp_yosys_result_release(&c.best.result);
    mp_yosys_log_release(&log);
    return code;
}
