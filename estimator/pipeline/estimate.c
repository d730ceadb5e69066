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
    struct mp_power_row *row = &e->rows[e->record.row_count];

    if (p->internal_w == 0 && p->switching_w == 0 && p->leakage_w == 0)
        return;
    e->record.row_count++;
    mp_power_row_init(row);
    row->scope = scope;
    row->name = name;
    row->internal_w = p->internal_w;
    row->switching_w = p->switching_w;
    row->leakage_w = p->leakage_w;
    row->glitch_w = mp_power_total(timed) - mp_power_total(p);
}

static void fill(struct mp_estimate *e, const struct mp_power *power, const struct mp_power *timed)
{
    struct mp_estimate_record *r = &e->record;

    mp_estimate_record_init(r);
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
    for (uint32_t b = 0; b < power->block_count; b++)
        add_row(e, "block", e->blocks.names[b], &power->block[b], &timed->block[b]);
}

void mp_estimate_circuit(struct mp_circuit *c, const struct mp_point *p,
                         const struct mp_point_result *r)
{
    *c = (struct mp_circuit){.target = p->target,
                             .netlist = &r->netlist,
                             .timing = &r->timing,
                             .clock_period_s = p->clock_period_s};
}

int mp_estimate_make(struct mp_estimate *e, const struct mp_point *p,
                     const struct mp_point_result *r, const struct mp_trace *trace,
                     struct mp_error *err)
{
    struct mp_timed_result activity = {0};
    struct mp_sdf sdf = {0};
    struct mp_power functional = {0}, timed = {0};
    struct mp_circuit circuit;
    int rc;

    mp_blocks_find(&e->blocks, &r->netlist);
    mp_estimate_circuit(&circuit, p, r);
    circuit.blocks = &e->blocks;
    /* One thread: the designs are what runs in parallel. */
    if ((rc = mp_sdf_read_text(&sdf, &r->netlist, r->timing.sdf, strlen(r->timing.sdf),
                               "mapped.sdf", err)) < 0 ||
        (rc = mp_operands_timed(&activity, &r->netlist, &sdf, trace, p->clock_period_s, 1, err)) <
            0 ||
        (rc = mp_circuit_power(&functional, &circuit, &activity.functional, err)) < 0 ||
        (rc = mp_circuit_power(&timed, &circuit, &activity.timed, err)) < 0)
        goto out;
    fill(e, &functional, &timed);
    memcpy(e->record.ppa_key, r->record.key, MP_HASH_SIZE);
    memcpy(e->record.trace_hash, trace->hash, MP_HASH_SIZE);
    e->record.cycles = activity.functional.cycles;
    e->record.annotated_share = mp_circuit_driven_share(&r->netlist);
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

void mp_estimate_release(struct mp_estimate *e)
{
    mp_blocks_release(&e->blocks);
    memset(e, 0, sizeof *e);
}
