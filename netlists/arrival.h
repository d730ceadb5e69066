/*
 * Estimates of when signals arrive, before anyone has chosen gates: good enough to say which bits
 * of a column meet first. The unit is a hundredth of a nanosecond in a 45 nm library; only ratios
 * matter. Real delays come from the search's own timing.
 */
#ifndef MP_NETLISTS_ARRIVAL_H
#define MP_NETLISTS_ARRIVAL_H

#include "netlists/graph.h"

#define MP_ARRIVAL_PREFIX_NODE 5u /* a level of a prefix graph */

/* From input k of a node of that kind to output o. */
uint32_t mp_arrival_delay(enum mp_node_kind kind, unsigned k, unsigned o);

/* arrival[signal_count] from 0 at inputs and registers. start[signal_count], NULL for none: an
 * earliest time for each signal (when a caller's operands come), 0 where nothing is known. */
void mp_arrival_estimate(const struct mp_graph *g, const uint32_t *start, uint32_t *arrival);

/* arrival[count] of the later of each column's generate and propagate: what mp_prefix_split
 * functions take. */
void mp_arrival_of_columns(const struct mp_graph *g, unsigned count, const uint32_t *generate,
                           const uint32_t *propagate, uint32_t *arrival);

#endif
