/*
 * Functional transitions out of a dump with gate delays: a net's settled value is the one it has
 * just before the clock edge that stores (either, if there are registers of both), so what it does
 * between two of those edges is at most one functional transition and all else is glitches. An
 * observer for mp_annotation_read().
 *
 *     struct mp_settled *s = mp_settled_create(&netlist);
 *     options.observer = mp_settled_observe, options.context = s;
 *     mp_annotation_read(&a, &netlist, path, &options, err)
 *     if (mp_settled_finish(s, share))
 *         functional transitions per cycle of net i: a.transitions_per_cycle[i] * share[i]
 *     mp_settled_destroy(s);
 *
 * A dump of a simulation without delays gives a share of 1 everywhere: glitch power 0. It is one
 * where nothing moves but at a time at which an input port or the clock does; there a net may well
 * move twice a cycle, with the registers and with inputs that come at another time. The share is
 * counted over whole cycles; the last one before the clock becomes undefined ($dumpoff) is whole if
 * it is 98 % as long as the one before. Values that are undefined at an edge are left out.
 */
#ifndef MP_ACTIVITY_SETTLED_H
#define MP_ACTIVITY_SETTLED_H

#include "estimator/netlist/netlist.h"

struct mp_settled; /* opaque */

/* n: levelised, must outlive it. */
struct mp_settled *mp_settled_create(const struct mp_netlist *n);
void mp_settled_destroy(struct mp_settled *s); /* accepts NULL */
/* value 0, 1, or 2 for undefined; in the order of time. */
void mp_settled_observe(void *context, double time_s, uint32_t net, int value);
/* share[net_count], 0..1: functional among all transitions; 1 where there are none. false: under
 * two clock edges were seen (no register, or the clock is not in the dump), share is left alone. */
bool mp_settled_finish(struct mp_settled *s, double *share);

#endif
