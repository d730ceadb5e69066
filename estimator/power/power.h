/*
 * The power arithmetic of the compatible mode (shared facts: what a current OpenSTA computes from
 * annotated activity): internal, switching and leakage power of every cell, summed by group and
 * block. See docs/power.md for the formulas with a worked example each.
 */
#ifndef MP_POWER_POWER_H
#define MP_POWER_POWER_H

#include "estimator/netlist/cones.h"

/* What a power calculation needs; everything is borrowed. */
struct mp_power_input {
    const struct mp_netlist *netlist; /* levelised */
    double period_s;
    const double *transitions_per_cycle;     /* [net] */
    const double *duty;                      /* [net] 0..1 */
    const double *slew_rise_s, *slew_fall_s; /* [pin]; NaN or above 1 s: that edge never arrives.
                                                 Clock pins are taken as ideal, slew 0 */
    const double *wire_cap_f;                /* [net], NULL: no wire load */
    const struct mp_blocks *blocks;          /* of the netlist, NULL: no sums by block */
};

struct mp_power_parts {
    double internal_w, switching_w, leakage_w;
};
static inline double mp_power_total(const struct mp_power_parts *p)
{
    return p->internal_w + p->switching_w + p->leakage_w;
}

/* Groups split the total once: clock = internal power of the registers' clock pins; sequential =
 * everything else of registers; combinational = the rest of the cells. */
enum mp_power_group {
    MP_GROUP_SEQUENTIAL,
    MP_GROUP_CLOCK_PINS,
    MP_GROUP_COMBINATIONAL,
    MP_GROUP_COUNT
};
const char *mp_power_group_name(enum mp_power_group g);

struct mp_power {
    uint32_t cell_count;
    struct mp_power_parts *cells; /* [cell]; clock pin power included in its register */
    /* [pin] of the netlist: what of its cell's internal power a pin takes, and the switching power
     * of an output, 0 at inputs. With the leakage they are all of the cell. */
    double *pin_internal_w, *pin_switching_w;
    struct mp_power_parts total;
    struct mp_power_parts group[MP_GROUP_COUNT];
    uint32_t block_count;         /* of in->blocks, 0 without */
    struct mp_power_parts *block; /* [block_count] */
    double unmatched_w;           /* of total.internal_w; exact mode only, see exact.h */
};

/* C of the formulas: the larger of the sums of rise and of fall capacitances of the pins on the
 * net, plus wire_cap_f[net] if not NULL. */
double mp_power_net_load_f(const struct mp_netlist *n, uint32_t net, const double *wire_cap_f);

/* MP_E_INPUT when a value that is needed is missing or NaN: a net without activity, a cell without
 * leakage, a table without values; when all switching power is 0; naming cell and pin. */
int mp_power_compute(struct mp_power *out, const struct mp_power_input *in, struct mp_error *err);
void mp_power_release(struct mp_power *p);

#endif
