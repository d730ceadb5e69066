/*
 * An arithmetic graph as structural Verilog-2001, one wire a signal: the way through Yosys.
 *
 * Modules: NAME, and NAME_BLOCK for every block, instantiated as BLOCK in NAME. What a block reads
 * comes in by the names of the top (ports, registers, other blocks' results), what others read of
 * it leaves in one vector `out`, called BLOCK_out in the top. Registers stand in the top, whatever
 * their block, and change at the rising edge of `clk`, which becomes the first port where there are
 * registers and the graph has no port of that name.
 *
 * Names: a register or input may be named "base[3]": bits 0.. of one base become one vector. An
 * output port whose bits are registers, each once and in order, is that register vector itself.
 * Names that are taken in a module get a number behind them; signals without one are n<number>.
 *
 * A word that everyone outside a block reads inverted leaves it inverted, and so does one that goes
 * through an odd number of a shifter's stages, which invert: blocks are synthesised one by one, and
 * no inverter can be pushed out of one.
 */
#ifndef MP_NETLISTS_GRAPH_VERILOG_H
#define MP_NETLISTS_GRAPH_VERILOG_H

#include "netlists/graph.h"

/* Appended to out; the graph is swept and checked. Deterministic. */
void mp_graph_verilog(const struct mp_graph *g, struct mp_text *out);

#endif
