/*
 * Bit-parallel simulation of an arithmetic graph, and proof of a graph against a function: what
 * stands between a generator and everyone who uses its graphs. A signal's value is a row of
 * MP_GRAPH_WORDS 64-bit words, one bit a lane, each lane its own vector.
 *
 *     struct mp_graph_simulator s;
 *     mp_graph_simulator_init(&s, g);
 *     memcpy(mp_graph_simulator_row(&s, x[0]), row, MP_GRAPH_ROW_BYTES);     inputs' bits
 *     mp_graph_simulator_settle(&s);
 *     mp_graph_simulator_get(&s, product[0], row);
 *     mp_graph_simulator_release(&s);
 *
 * A clock cycle: mp_graph_simulator_clock() moves every register's data, where it is enabled, to
 * its output; then the logic settles.
 */
#ifndef MP_NETLISTS_GRAPH_SIMULATE_H
#define MP_NETLISTS_GRAPH_SIMULATE_H

#include "estimator/format/golden.h"
#include "netlists/graph.h"

#define MP_GRAPH_WORDS     8
#define MP_GRAPH_LANES     (64 * MP_GRAPH_WORDS)
#define MP_GRAPH_ROW_BYTES (MP_GRAPH_WORDS * sizeof(uint64_t))

struct mp_graph_simulator {
    const struct mp_graph *graph;
    uint64_t *value; /* [signal_count][MP_GRAPH_WORDS] */
    uint64_t *next;  /* registers' data while a clock edge passes */
};

/* All signals 0; the graph must outlive it and stay as it is. */
void mp_graph_simulator_init(struct mp_graph_simulator *s, const struct mp_graph *g);
void mp_graph_simulator_release(struct mp_graph_simulator *s);
/* The row of an input's or a register's signal, to be written to; the literal is not inverted. */
uint64_t *mp_graph_simulator_row(struct mp_graph_simulator *s, uint32_t literal);
void mp_graph_simulator_settle(struct mp_graph_simulator *s);
void mp_graph_simulator_clock(struct mp_graph_simulator *s);
void mp_graph_simulator_get(const struct mp_graph_simulator *s, uint32_t literal,
                            uint64_t row[MP_GRAPH_WORDS]);

#define MP_CLAIM_BUSES 36

/* Some bits that are one number, LSB first, at most 128. Inputs: bits of input ports or registers'
 * outputs (a state to start from). */
struct mp_claim_bus {
    const char *name; /* for messages */
    uint32_t width;
    const uint32_t *bits;
};

/* out[] of the output buses is expect(in[]), `clocks` cycles after the inputs, which are held. */
struct mp_claim {
    uint32_t in_count, out_count;
    struct mp_claim_bus in[MP_CLAIM_BUSES], out[MP_CLAIM_BUSES];
    uint32_t clocks;
    /* Bits above a bus's width are not looked at. */
    void (*expect)(const void *context, const mp_u128 *in, mp_u128 *out);
    const void *context;
    /* All combinations where the inputs have up to so many bits, at most 32; 0: 24. */
    unsigned exhaustive_bits;
    /* Above, so many vectors, corners and random ones; 0: 2^20. */
    uint64_t vectors;
    uint64_t seed;
};

struct mp_claim_proof {
    bool exhaustive;
    uint64_t vectors;
};

/* A claim whose buses are all of the graph's ports; the caller adds expect and the rest. A graph
 * of more ports than MP_CLAIM_BUSES or a port wider than 128 bits is MP_E_UNSUPPORTED. */
int mp_claim_of_ports(struct mp_claim *claim, const struct mp_graph *g, struct mp_error *err);

/* All combinations of the inputs (2^24 in some 0.3 s where there are the nodes of an 8x8
 * multiplier), or corners of every bus and random numbers. MP_E_PROOF with the inputs, the
 * expected and the found number. */
int mp_graph_prove(struct mp_claim_proof *proof, const struct mp_graph *g,
                   const struct mp_claim *claim, struct mp_error *err);

#endif
