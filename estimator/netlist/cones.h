/*
 * Blocks of a netlist: every cell is in exactly one, so power and area by block sum to the total.
 *
 * Where the blocks come from depends on what synthesis left of the design (`origin`):
 *   apart      a design of this program whose blocks were mapped for themselves: input_registers,
 *              multiplier, shifter, accumulator, output_registers; other: gates between blocks.
 *   hierarchy  any other netlist with hierarchical names: the part of the cell's name (failing
 *              that, of the net that it drives) before the first '.', without an index. Cells
 *              without such a name follow the rule of cones.
 *   cones      a flattened design: ABC forgets the names inside, but registers and ports keep
 *              theirs, and what lies between them is a cone of logic.
 *
 * Cones of a design of this program (ports weight, activation, and product or accumulator): what
 * the accumulator's or `first`'s register can change is accumulator, and so is what a single bit
 * of an operand does on its short way there (the sign of a float inverts the product, it is
 * not multiplied); the rest is multiplier, with the shifter of a float.
 * Cones of any other: registers are "NAME registers", NAME being their vector (the net
 * at the output, behind an inverter, or before the register; failing all, the instance), and logic
 * is "NAME logic" by the register vector or output port it leads to, "shared: A, B" where it
 * leads to two or three, "shared" beyond, "unused" where nothing sees it.
 *
 *     struct mp_blocks blocks;
 *     mp_blocks_find(&blocks, &netlist);
 *     ... blocks.names[blocks.of_cell[cell]] ...
 *     mp_blocks_release(&blocks);
 */
#ifndef MP_NETLIST_CONES_H
#define MP_NETLIST_CONES_H

#include "estimator/netlist/netlist.h"

/* Most blocks that are told apart; the smallest of more than that become one, "other blocks". */
#define MP_BLOCKS_LIMIT 64

enum mp_blocks_origin { MP_BLOCKS_APART, MP_BLOCKS_HIERARCHY, MP_BLOCKS_CONES };

struct mp_blocks {
    uint32_t count;     /* 1..MP_BLOCKS_LIMIT, 0 without cells */
    const char **names; /* [count] different, each with at least one cell */
    uint32_t *of_cell;  /* [cell] */
    enum mp_blocks_origin origin;
    struct mp_arena arena; /* owns the names */
};

/* The netlist must be levelised. Deterministic: the same netlist gives the same blocks in the
 * same order. Release in any case. */
void mp_blocks_find(struct mp_blocks *b, const struct mp_netlist *n);
void mp_blocks_release(struct mp_blocks *b);

/* "apart", "hierarchy", "cones". */
const char *mp_blocks_origin_name(enum mp_blocks_origin origin);

/* Does the tool that wrote the netlist name things like this when it has no name: _12_, n12, x12,
 * net12, U12, $...? */
bool mp_name_is_anonymous(const char *name);

#endif
