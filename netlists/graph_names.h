/* Inside graph_verilog: which signals cross between modules, and what all are called. */
#ifndef MP_NETLISTS_GRAPH_NAMES_H
#define MP_NETLISTS_GRAPH_NAMES_H

#include "netlists/graph.h"

struct mp_signal_name {
    const char *base;
    int32_t index; /* of a vector, -1: none */
};

struct mp_graph_names {
    const struct mp_graph *graph;
    struct mp_arena arena;
    /* [signal] */
    uint8_t *home;              /* block that drives it; 0 for inputs and registers */
    bool *crosses;              /* read outside its block, which is not the top */
    bool *flipped;              /* crosses inverted */
    struct mp_signal_name *top; /* in the top: ports, registers, blocks' out, top's own */
    const char **own;           /* inside its block */
    /* [block] */
    uint32_t *out_width;
    const char **out_name; /* in the top */
    /* [port] an output port that is a vector of registers */
    bool *is_register;
    bool has_registers, has_clock_port;
};

void mp_graph_names_make(struct mp_graph_names *n, const struct mp_graph *g);
void mp_graph_names_release(struct mp_graph_names *n);
/* Block whose module a node is written in. */
uint32_t mp_graph_names_block(const struct mp_node *node);

#endif
