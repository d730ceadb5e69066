/*
 * Prefix adders' carries in the arithmetic graph, from a split table (graph.h, struct mp_prefix).
 * The table says of every interval of columns where it is cut in two; intervals that carries need
 * are made, each once. Known graphs are functions that fill a table, and any other table is an
 * adder too: the search changes entries.
 */
#ifndef MP_NETLISTS_PREFIX_H
#define MP_NETLISTS_PREFIX_H

#include "netlists/graph.h"

#define MP_PREFIX_COLUMNS_MAX 160

/* Fill split[count][count]: for i > j, j < split[i * count + j] <= i. arrival[count]: when each
 * column's generate and propagate are there (arrival.h); NULL: all at once. Most graphs do not look
 * at it. */
typedef void mp_prefix_split(unsigned count, const uint32_t *arrival, uint8_t *split);

mp_prefix_split mp_prefix_ripple;      /* each carry from the one below: count - 1 nodes */
mp_prefix_split mp_prefix_brent_kung;  /* IEEE Trans. Comput. C-31, 1982 */
mp_prefix_split mp_prefix_sklansky;    /* IRE Trans. EC-9, 1960: least depth, high fan-out */
mp_prefix_split mp_prefix_kogge_stone; /* IEEE Trans. Comput. C-22, 1973: fan-out 2 */
mp_prefix_split mp_prefix_han_carlson; /* ARITH 8, 1987: Kogge-Stone over every second column */
mp_prefix_split mp_prefix_staggered;   /* ripple in the lower half, Brent-Kung above */
mp_prefix_split mp_prefix_by_arrival;  /* least depth behind the columns' arrivals, few nodes */

/* carry[0..count] from generate[count] and propagate[count] (literals, constants too), count in
 * 1..MP_PREFIX_COLUMNS_MAX; leaves a record in the graph whose nodes are tagged with it. carry[0]
 * is false; the others, as graph.h defines them. Signals are named by column, the lowest of which
 * has number `first` (-1 for a carry in, named "in"). */
void mp_prefix_carries(struct mp_graph *g, int first, unsigned count, const uint32_t *generate,
                       const uint32_t *propagate, const uint8_t *split, uint32_t *carry);

#endif
