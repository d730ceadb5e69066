/*
 * Moves that change structure: each a pair of functions for a row of mp_move_kind (anneal.h), on a
 * run whose structure is a struct mp_state. One file a family; the table is in techmap.c.
 *
 *   move_match.c      another cell for a node, with the polarities that come with it; pins
 *   move_template.c   another template for a node, or a cell for it; the order of its operands
 *   move_swap.c       two addends of equal weight change places
 *   move_prefix.c     another split of an interval of a prefix adder
 *   move_fan_out.c    buffers and second inverters; which of a wire's nets a reader takes
 *
 * To add one: a file with a try function, a line here, a row in the table.
 */
#ifndef MP_TECHMAP_MOVE_STRUCTURE_H
#define MP_TECHMAP_MOVE_STRUCTURE_H

#include "estimator/techmap/anneal.h"
#include "estimator/techmap/state.h"

bool mp_move_match_try(struct mp_anneal *a);
/* Readers of an inverter take what it inverts. */
bool mp_move_inverter_try(struct mp_anneal *a);
bool mp_move_pinning_try(struct mp_anneal *a);
bool mp_move_template_try(struct mp_anneal *a);
bool mp_move_operands_try(struct mp_anneal *a);
bool mp_move_swap_try(struct mp_anneal *a);
bool mp_move_prefix_try(struct mp_anneal *a);
/* OR for XOR as a column's propagate, or back. */
bool mp_move_or_try(struct mp_anneal *a);
bool mp_move_fan_out_try(struct mp_anneal *a);
bool mp_move_attach_try(struct mp_anneal *a);

/* Takes back what one of these did to the state: the undo of all of them. */
void mp_move_structure_undo(struct mp_anneal *a);

/* The run's state, ready to be changed; NULL: it has no room for another move. */
struct mp_state *mp_move_structure_begin(struct mp_anneal *a);
/* A node with a cell that may be worth changing, more often than not on the critical path; MP_NONE:
 * none was found. */
uint32_t mp_move_structure_leaf(struct mp_anneal *a);
/* The node of the graph, or interval, that it is a part of; itself where it is one. */
uint32_t mp_move_structure_top(const struct mp_state *s, uint32_t node);

#endif
