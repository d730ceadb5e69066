#include "estimator/activity/settled.h"
#include "estimator/pipeline/analysis.h"
#include "estimator/power/propagate.h"
#include <stdlib.h>

/* Functional transitions and glitches of a dump apart, where it has clock edges to tell them by. */
static void split(struct mp_analysis *a, const struct mp_circuit *c, struct mp_settled *settled)
{
    uint32_t nets = c->netlist->net_count;
    double *share = mp_alloc(nets, sizeof *share);

    if (mp_settled_finish(settled, share)) {
        a->has_timed = true;
        a->timed_transitions = a->transitions;
        a->transitions = mp_alloc(nets, sizeof *a->transitions);
        for (uint32_t i = 0; i < nets; i++)
            a->transitions[i] = a->timed_transitions[i] * share[i];
    }
    free(share);
}

/* What the file lacks, from its functional transitions: no glitches are known of these nets. */
static int propagate(struct mp_analysis *a, const struct mp_circuit *c,
                     const struct mp_annotation *file, struct mp_error *err)
{
    const struct mp_netlist *n = c->netlist;
    struct mp_propagation p = {0};
    int rc = mp_power_propagate(&p, n, file->net_annotated, MP_ORIGIN_FILE, MP_PROPAGATE_FUNCTIONAL,
                                a->transitions, a->duty, err);

    if (rc == MP_OK)
        a->propagated_share = (double)p.pins[MP_ORIGIN_PROPAGATED] / (double)file->connected_pins;
    for (uint32_t i = 0; rc == MP_OK && a->has_timed && i < n->net_count; i++)
        if (!file->net_annotated[i])
            a->timed_transitions[i] = a->transitions[i];
    mp_propagation_release(&p);
    return rc;
}

int mp_analysis_read(struct mp_analysis *a, const struct mp_circuit *c, const char *path,
                     const struct mp_annotation_options *options, struct mp_error *err)
{
    struct mp_settled *settled = mp_settled_create(c->netlist);
    struct mp_annotation_options own = *options;
    struct mp_annotation file = {0};
    int rc;

    own.period_s = c->clock_period_s;
    own.observer = mp_settled_observe;
    own.context = settled;
    if ((rc = mp_annotation_read(&file, c->netlist, path, &own, err)) < 0)
        goto out;
    a->source = file.kind == MP_ANNOTATION_VCD ? "vcd" : "saif";
    a->cycles = file.activity.cycles;
    a->unsettled_cycles = MP_UNKNOWN_COUNT;
    a->annotated_share = (double)file.annotated_pins / (double)file.connected_pins;
    a->transitions = file.transitions_per_cycle;
    a->duty = file.duty;
    file.transitions_per_cycle = file.duty = NULL;
    if (file.kind == MP_ANNOTATION_VCD)
        split(a, c, settled);
    if ((file.missing_nets > 0 && (rc = propagate(a, c, &file, err)) < 0) ||
        (a->has_timed &&
         (rc = mp_circuit_power(&a->timed, c, a->timed_transitions, a->duty, err)) < 0))
        goto out;
    rc = mp_circuit_power(&a->functional, c, a->transitions, a->duty, err);
out:
    mp_annotation_release(&file);
    mp_settled_destroy(settled);
    return rc;
}
