#include "estimator/activity/settled.h"
#include "estimator/pipeline/analysis.h"
#include <stdlib.h>

/* Functional and glitch power of a dump apart, where it has clock edges to tell them by. */
static int split(struct mp_analysis *a, const struct mp_circuit *c, struct mp_settled *settled,
                 struct mp_error *err)
{
    uint32_t nets = c->netlist->net_count;
    double *share = mp_alloc(nets, sizeof *share);
    int rc = MP_OK;

    if (mp_settled_finish(settled, share)) {
        a->timed_transitions = a->transitions;
        a->transitions = mp_alloc(nets, sizeof *a->transitions);
        for (uint32_t i = 0; i < nets; i++)
            a->transitions[i] = a->timed_transitions[i] * share[i];
        a->has_timed = true;
        rc = mp_circuit_power(&a->timed, c, a->timed_transitions, a->duty, err);
    }
    free(share);
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
    if (file.kind == MP_ANNOTATION_VCD && (rc = split(a, c, settled, err)) < 0)
        goto out;
    rc = mp_circuit_power(&a->functional, c, a->transitions, a->duty, err);
out:
    mp_annotation_release(&file);
    mp_settled_destroy(settled);
    return rc;
}
