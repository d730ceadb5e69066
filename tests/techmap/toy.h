/*
 * A small library with round numbers, made here: every cell in drives X1, X2, X4 (X8 of the
 * inverter is dont_use). Drive d of a cell of area a: area a * (1 + d) / 2, pin capacitance d fF an
 * input, delay (10 + load/fF * 4 / d + slew/ps * 0.1) ps, output slew half of that without its
 * slew. Plus a random netlist of such cells.
 */
#ifndef TESTS_TECHMAP_TOY_H
#define TESTS_TECHMAP_TOY_H

#include "estimator/techmap/family.h"
#include "estimator/techmap/mapped.h"

struct toy {
    struct mp_library library;
    struct mp_nldm nldm;
    struct mp_families families;
};
void toy_open(struct toy *t);
void toy_close(struct toy *t);

/* Compiled cell of this name; fails where there is none. */
uint32_t toy_cell(const struct toy *t, const char *name);

/* inputs + gates of random kind, each over two nets made before, every net without sinks an output;
 * flops of the gates are registers (input 0 of the netlist is then the clock). Timed. */
void toy_random(struct mp_mapped *m, const struct toy *t, uint64_t seed, uint32_t inputs,
                uint32_t gates, uint32_t flops);

/* Every live gate, net, sum and time of two netlists is the same; lists in any order. */
void toy_assert_same(const struct mp_mapped *a, const struct mp_mapped *b);

#endif
