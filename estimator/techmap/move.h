/*
 * Moves on any mapped netlist, whatever it computes and wherever it came from: each keeps the
 * function of every port and register. One file a family of moves; a function is the `try` of a
 * row in a table of struct mp_move_kind. They change nothing but the netlist, and need
 * mp_anneal.families.
 *
 * Left alone: clock nets, flip-flops but for their drive, gates whose cell the library asks not to
 * use (they may be replaced, never introduced). A change that overloads an output (max_capacitance)
 * more than before is not made.
 */
#ifndef MP_TECHMAP_MOVE_H
#define MP_TECHMAP_MOVE_H

#include "estimator/techmap/anneal.h"

/* move_drive.c: another drive of one gate, or of two that are connected. */
bool mp_move_drive(struct mp_anneal *s);
bool mp_move_drive_two(struct mp_anneal *s);
/* move_pins.c: another order of a gate's inputs; a pair of inputs of a gate and of the gate behind
 * it, where the two compute one symmetric function (AND of AND, XOR of XOR). */
bool mp_move_pins(struct mp_anneal *s);
bool mp_move_pins_two(struct mp_anneal *s);
/* move_buffer.c: some sinks of a net behind a buffer, or behind a copy of its driver; a buffer, or
 * two inverters in a row, taken out; gates that compute the same joined. */
bool mp_move_buffer(struct mp_anneal *s);
bool mp_move_clone(struct mp_anneal *s);
bool mp_move_bypass(struct mp_anneal *s);
bool mp_move_join(struct mp_anneal *s);
/* move_polarity.c: a gate as another cell with inputs or output inverted; inverters that this needs
 * are found or made, those that it leaves without use are removed. */
bool mp_move_polarity(struct mp_anneal *s);
/* move_rewrite.c: up to four gates that are one function of four nets as one or two other ones. */
bool mp_move_rewrite(struct mp_anneal *s);

/* ---- for moves, move_parts.c ---- */

#define MP_MOVE_SINKS 256 /* of a net that moves look at */

static inline const struct mp_nldm_cell *mp_move_cell(const struct mp_anneal *s, uint32_t gate)
{
    return &s->m->nldm->cells[s->m->gates[gate].type];
}
/* One of 0..n-1. */
static inline uint32_t mp_move_draw(struct mp_anneal *s, uint32_t n)
{
    return (uint32_t)mp_random_below(&s->random, n);
}
/* A gate on the critical path about half of the time, else any; then any output of it that is
 * connected. MP_NONE: none. */
uint32_t mp_move_net(struct mp_anneal *s);
/* Any usable cell of a family other than `but` (MP_NONE: any); MP_NONE: there is none. */
uint32_t mp_move_type(struct mp_anneal *s, uint32_t family, uint32_t but);
/* Whether a net ends at the clock of a flip-flop. */
bool mp_move_is_clock(const struct mp_mapped *m, uint32_t net);
/* F; INFINITY: none is given. */
double mp_move_load_limit_f(const struct mp_nldm_cell *cell, unsigned output);
/* Load over what the net's driver may drive, below or at 1 where it is fine; 0 without limit. */
double mp_move_overload(const struct mp_mapped *m, uint32_t net);
/* The net that carries the opposite of this one by an inverter that is there, constants too;
 * MP_NONE: none. */
uint32_t mp_move_inverse(const struct mp_anneal *s, uint32_t net);
/* An inverter behind a net; the net that it drives. */
uint32_t mp_move_invert(struct mp_anneal *s, uint32_t net);
/* The output of a gate (that has one) is the opposite of what it was until now: it drives what
 * inverters behind it drove, which go; whatever else it drove stands behind one inverter. */
void mp_move_turn_output(struct mp_anneal *s, uint32_t gate);
/* Removes the gate that drives a net, and the net, if nothing uses any of its outputs, and so on
 * towards the inputs. */
void mp_move_prune(struct mp_mapped *m, uint32_t net);
/* Some of the sinks of a net into pins[MP_MOVE_SINKS]: none of the critical path half of the time,
 * at least one, and not all unless `all`. Returns how many; 0: it has too few or is a clock. */
uint32_t mp_move_some_sinks(struct mp_anneal *s, uint32_t net, bool all, uint32_t *pins);

#endif
