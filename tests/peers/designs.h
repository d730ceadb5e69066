/*
 * What the peers are asked to make: combinational arithmetic as anyone writes it in Verilog, with
 * `*`, `+` and `<<`. A function may be written in several ways, of which the best counts.
 */
#ifndef TESTS_PEERS_DESIGNS_H
#define TESTS_PEERS_DESIGNS_H

#include <stddef.h>
#include <stdint.h>

struct peer_design {
    const char *name; /* "u8x8" */
    /* Which function of ours it is (store.h: mp_peer_record). */
    const char *unit, *weight, *activation;
    unsigned accumulator_bits; /* 0: multiplier */
    /* The value of its output, for operands of any bits above their width; low bits count. */
    int64_t (*value)(int64_t weight, int64_t activation, int64_t addend);
    const char *verilog[3]; /* module m; NULL behind the last */
};

size_t peer_design_count(void);
const struct peer_design *peer_design_at(size_t index);

#endif
