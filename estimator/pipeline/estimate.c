#include "estimator/pipeline/estimate.h"
#include "estimator/pipeline/operands.h"
#include <stdlib.h>
#include <string.h>

void mp_estimate_key(const char *ppa_key, const char *trace_key, char key[MP_HASH_SIZE])
{
    struct mp_hash *h = mp_hash_create();

    mp_hash_string(h, "estimate");
    mp_hash_string(h, ppa_key);
    mp_hash_string(h, trace_key);
    mp_hash_u64(h, MP_POWER_VERSION);
    mp_hash_digest(h, key);
    mp_hash_destroy(h);
}

/* timed: the same cycles with gate delays; what it has more is glitches. */
static void add_row(struct mp_estimate *e, const char *scope, const char *name,
                    const struct mp_power_parts *p, const struct mp_power_parts *timed)
{
    if (p->internal_w != 0 || p->switching_w != 0 || p->leakage_w != 0)
        e->rows[e->record.row_count++] = (struct mp_power_row){
            scope,          name,         p->internal_w,
            p->switching_w, p->leakage_w, mp_power_total(timed) - mp_power_total(p)};
}

static void fill(struct mp_estimate *e, const struct mp_power *power, const struct mp_power *timed)
{
    struct mp_estimate_record *r = &e->record;

    r->internal_w = power->total.internal_w;
    r->switching_w = power->total.switching_w;
    r->leakage_w = power->total.leakage_w;
    r->glitch_w = mp_power_total(&timed->total) - mp_power_total(&power->total);
    r->power_mode = "compatible";
    r->rows = e->rows;
    r->row_count = 0;
    for (unsigned g = 0; g < MP_GROUP_COUNT; g++)
        add_row(e, "group", mp_power_group_name((enum mp_power_group)g), &power->group[g],
                &timed->group[g]);
    for (unsigned b = 0; b < MP_BLOCK_COUNT; b++)
        add_row(e, "block", mp_block_name((enum mp_block)b), &power->block[b], &timed->block[b]);
}

/* Share of the connected pins whose net the simulator drives: by a cell, a port or a constant. */
static double annotated_share(const struct mp_netlist *n)
{
    uint8_t *driven = mp_alloc(n->net_count, 1);
    uint64_t connected = 0, annotated = 0;

    driven[0] = driven[1] = 1;
    for (uint32_t i = 0; i < n->port_count; i++)
        for (uint32_t b = 0; b < n->ports[i].width; b++)
            driven[n->ports[i].nets[b]] |= n->ports[i].direction == MP_DIR_INPUT;
    for (uint32_t p = 0; p < n->pin_count; p++)
        if (n->pin_net[p] != MP_NONE) {
            connected++;
            annotated += n->net_driver[n->pin_net[p]] != MP_NONE || driven[n->pin_net[p]];
        }
    free(driven);
    return connected > 0 ? (double)annotated / (double)connected : 0;
}

/* Power for one activity of the point's netlist. */
static int compute(struct mp_power *power, const struct mp_point *p,
                   const struct mp_point_result *r, const struct mp_activity *activity,
                   struct mp_error *err)
{
    uint32_t nets = r->netlist.net_count;
    double *transitions = mp_alloc(nets, sizeof *transitions), *duty = mp_alloc(nets, sizeof *duty);
    int rc;

    for (uint32_t i = 0; i < nets; i++) {
        transitions[i] = (double)activity->transitions[i] / (double)activity->cycles;
        duty[i] = (double)activity->ones[i] / (double)activity->cycles;
    }
    const struct mp_power_input in = {.netlist = &r->netlist,
                                      .period_s = p->clock_period_s,
                                      .transitions_per_cycle = transitions,
                                      .duty = duty,
                                      .slew_rise_s = r->timing.slew_rise_s,
                                      .slew_fall_s = r->timing.slew_fall_s};
    rc = mp_power_compute(power, &in, err);
    free(transitions);
    free(duty);
    return rc;
}

int mp_estimate_make(struct mp_estimate *e, const struct mp_point *p,
                     const struct mp_point_result *r, const struct mp_trace *trace,
                     struct mp_error *err)
{
    struct mp_timed_result activity = {0};
    struct mp_sdf sdf = {0};
    struct mp_power functional = {0}, timed = {0};
    int rc;

    /* One thread: the designs are what runs in parallel. */
    if ((rc = mp_sdf_read_text(&sdf, &r->netlist, r->timing.sdf, strlen(r->timing.sdf),
                               "mapped.sdf", err)) < 0 ||
        (rc = mp_operands_timed(&activity, &r->netlist, &sdf, trace, p->clock_period_s, 1, err)) <
            0 ||
        (rc = compute(&functional, p, r, &activity.functional, err)) < 0 ||
        (rc = compute(&timed, p, r, &activity.timed, err)) < 0)
        goto out;
    /* A library without tables of internal power would look as the best of all. */
    if (functional.total.internal_w <= 0) {
        rc = mp_fail_at(err, MP_E_INPUT, p->target->library.files[0], 0,
                        "the library gives no internal power for the cells of this design: power "
                        "cannot be estimated from it");
        goto out;
    }
    fill(e, &functional, &timed);
    memcpy(e->record.ppa_key, r->record.key, MP_HASH_SIZE);
    memcpy(e->record.trace_hash, trace->hash, MP_HASH_SIZE);
    e->record.cycles = activity.functional.cycles;
    e->record.annotated_share = annotated_share(&r->netlist);
    e->record.energy_per_mac_j = mp_power_total(&functional.total) * p->clock_period_s;
out:
    if (rc < 0)
        mp_error_context(err, "%s on %s", r->design_name, p->target->name);
    mp_power_release(&functional);
    mp_power_release(&timed);
    mp_timed_result_release(&activity);
    mp_sdf_release(&sdf);
    return rc;
}
