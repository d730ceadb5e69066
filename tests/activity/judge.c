#include "tests/activity/judge.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OFTEN = 40 };
static const double AWAY = 0.02;

static const struct replay_rule latest = {.sends_latest = true, .arcs = REPLAY_MOVED_NOW};

/* Waves of all nets: what Icarus dumped, and what we make of its sources. */
struct runs {
    struct wave *paths, *once, *inertial;
    struct wave *our_inertial, *our_latest, *our_once;
    struct mp_timed_result reference, path_rule, fast;
};

static void release(struct runs *r, uint32_t nets)
{
    replay_waves_free(r->paths, nets);
    replay_waves_free(r->once, nets);
    replay_waves_free(r->inertial, nets);
    replay_waves_free(r->our_inertial, nets);
    replay_waves_free(r->our_latest, nets);
    replay_waves_free(r->our_once, nets);
    mp_timed_result_release(&r->reference);
    mp_timed_result_release(&r->path_rule);
    mp_timed_result_release(&r->fast);
}

static int run_icarus(struct wave **waves, const struct icarus_job *job, enum icarus_delays delays,
                      struct mp_error *err)
{
    struct icarus_job j = *job;
    j.mode = ICARUS_VCD;
    j.delays = delays;
    int rc = icarus_run(&j, NULL, NULL, err);
    if (rc < 0)
        return rc;
    *waves = replay_waves_create(job->n->net_count);
    return icarus_read_waves(&j, *waves, err);
}

static int run_reference(struct mp_timed_result *r, const struct icarus_job *job,
                         const struct mp_sdf *sdf, enum mp_pending pending, struct mp_error *err)
{
    struct mp_timed_options o = {.pending = pending, .period_s = job->period_ticks * 1e-12};
    return mp_timed_reference(r, job->n, sdf, &o, job->cycles, job->warmup, job->inputs, NULL, NULL,
                              err);
}

/* The simulation that the program uses, on one lane. */
static int run_fast(struct mp_timed_result *r, const struct icarus_job *job,
                    const struct mp_sdf *sdf, struct mp_error *err)
{
    struct mp_timed_options o = {.period_s = job->period_ticks * 1e-12, .threads = 1};
    struct mp_timed *t;
    uint64_t mask = 1;
    int rc = mp_timed_create(&t, job->n, sdf, 1, &o, err);
    if (rc < 0)
        return rc;
    uint32_t count = mp_simulator_input_count(mp_timed_simulator(t));
    uint64_t *in = mp_alloc((size_t)count + 1, sizeof *in);
    for (size_t c = 0; c < job->cycles && rc == MP_OK; c++) {
        for (uint32_t i = 0; i < count; i++)
            in[i] = job->inputs[c * count + i];
        rc = mp_timed_step(t, in, c < job->warmup ? NULL : &mask, err);
    }
    if (rc == MP_OK)
        rc = mp_timed_finish(t, r, err);
    free(in);
    mp_timed_destroy(t);
    return rc;
}

static struct wave *replay(const struct mp_timed_model *m, const struct wave *sources,
                           const struct replay_rule *rule)
{
    const struct replay_rule **rules = mp_alloc((size_t)m->n->cell_count + 1, sizeof *rules);
    for (uint32_t c = 0; c < m->n->cell_count; c++)
        rules[c] = rule;
    struct wave *waves = replay_netlist(m, sources, rules);
    free(rules);
    return waves;
}

static int run_all(struct runs *r, const struct mp_timed_model *m, const struct icarus_job *job,
                   const struct mp_sdf *sdf, struct mp_error *err)
{
    int rc = run_icarus(&r->paths, job, ICARUS_PATHS, err);
    if (rc == MP_OK)
        rc = run_icarus(&r->once, job, ICARUS_PATHS_ONCE, err);
    if (rc == MP_OK)
        rc = run_icarus(&r->inertial, job, ICARUS_INERTIAL, err);
    if (rc == MP_OK)
        rc = run_reference(&r->reference, job, sdf, MP_PENDING_INERTIAL, err);
    if (rc == MP_OK)
        rc = run_reference(&r->path_rule, job, sdf, MP_PENDING_ICARUS, err);
    if (rc == MP_OK)
        rc = run_fast(&r->fast, job, sdf, err);
    if (rc < 0)
        return rc;
    r->our_inertial = replay(m, r->paths, &replay_inertial);
    r->our_latest = replay(m, r->paths, &latest);
    r->our_once = replay(m, r->paths, &replay_once);
    return MP_OK;
}

static bool are_equal(const struct wave *a, const struct wave *b)
{
    return a->first == b->first && a->count == b->count &&
           (a->count == 0 || memcmp(a->times, b->times, a->count * sizeof *a->times) == 0);
}

static bool is_away(double ours, double theirs)
{
    return fabs(ours - theirs) > AWAY * theirs;
}

/* Does the gate itself make another number of transitions of Icarus's inputs? */
static bool differs_here(const struct mp_timed_model *m, const struct runs *r, uint32_t net)
{
    for (uint32_t i = 0; i < m->output_count; i++) {
        if (m->outputs[i].net != net || m->outputs[i].is_register)
            continue;
        struct wave out = {0};
        replay_gate(m, i, &replay_inertial, r->paths, &out);
        bool away = is_away((double)out.count, (double)r->paths[net].count);
        free(out.times);
        return away;
    }
    return false;
}

static enum judge_step explain(const struct mp_timed_model *m, const struct runs *r, uint32_t net,
                               bool inertial)
{
    double ours =
        inertial ? (double)r->our_inertial[net].count : (double)r->path_rule.timed.transitions[net];
    double once = (double)r->our_once[net].count;
    double latest_count = inertial ? (double)r->our_latest[net].count : ours;
    double rule = fabs(latest_count - ours), arcs = fabs(once - latest_count);
    double slot = fabs((double)r->paths[net].count - once);
    if (is_away(once, (double)r->once[net].count) ||
        is_away((double)r->our_inertial[net].count, (double)r->inertial[net].count))
        return JUDGE_UNEXPLAINED;
    if (rule >= arcs && rule >= slot && rule > 0)
        return differs_here(m, r, net) ? JUDGE_RULE_HERE : JUDGE_RULE_BEFORE;
    return arcs >= slot ? JUDGE_UNCOVERED : JUDGE_SLOT;
}

static void compare_net(struct judge_comparison *c, const struct mp_timed_model *m,
                        const struct runs *r, uint32_t net, bool inertial)
{
    uint64_t theirs = r->paths[net].count;
    uint64_t ours =
        inertial ? r->reference.timed.transitions[net] : r->path_rule.timed.transitions[net];
    c->transitions += ours;
    if (theirs < OFTEN)
        return;
    c->worst = fmax(c->worst, fabs((double)ours / (double)theirs - 1));
    if (is_away((double)ours, (double)theirs)) {
        c->away++;
        c->steps[explain(m, r, net, inertial)]++;
    }
}

static void compare(struct judgement *j, const struct mp_timed_model *m, const struct runs *r)
{
    const struct mp_activity *reference = &r->reference.timed, *fast = &r->fast.timed;
    const struct mp_activity *settled = &r->reference.functional;
    assert(reference->transitions && fast->transitions && settled->transitions);
    for (uint32_t net = 2; net < m->n->net_count; net++) {
        if (net == m->n->clock_net)
            continue;
        j->nets++;
        j->often += r->paths[net].count >= OFTEN;
        j->functional += settled->transitions[net];
        j->paths += r->paths[net].count;
        /* The reference has no waves, but is to count what the replay does. */
        j->inertial_wrong += !are_equal(&r->our_inertial[net], &r->inertial[net]) ||
                             reference->transitions[net] != r->inertial[net].count;
        j->fast_wrong += fast->transitions[net] != reference->transitions[net] ||
                         r->fast.functional.transitions[net] != settled->transitions[net];
        j->once_wrong += !are_equal(&r->our_once[net], &r->once[net]);
        compare_net(&j->inertial, m, r, net, true);
        compare_net(&j->path_rule, m, r, net, false);
    }
    j->inertial.total = (double)j->inertial.transitions / (double)j->paths - 1;
    j->path_rule.total = (double)j->path_rule.transitions / (double)j->paths - 1;
    j->uncovered = r->reference.uncovered;
    j->unsettled = r->reference.unsettled_cycles;
}

int judge_run(struct judgement *j, const struct icarus_job *job, const struct mp_sdf *sdf,
              struct mp_error *err)
{
    struct mp_timed_options o = {0};
    struct mp_timed_model m;
    struct runs r = {0};
    *j = (struct judgement){0};
    int rc = mp_timed_model_make(&m, job->n, sdf, &o, err);
    if (rc < 0)
        return rc;
    rc = run_all(&r, &m, job, sdf, err);
    if (rc == MP_OK)
        compare(j, &m, &r);
    release(&r, job->n->net_count);
    mp_timed_model_release(&m);
    return rc;
}
