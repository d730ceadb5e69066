/*
 * The gates of gates.json as a graph: cells, bits, who drives what. Private to the module reader.
 * Bits are Yosys's numbers (2 and up), pins and types those of its simcells.v.
 */
#ifndef MP_SYNTH_MODULE_GRAPH_H
#define MP_SYNTH_MODULE_GRAPH_H

#include "estimator/synth/module_parts.h"

struct mp_module_graph_cell {
    const char *name, *type;
    const json_t *json;
    bool is_register;
    uint32_t clock, output; /* bits; MP_NONE */
    bool clock_rises;
    uint32_t first_input, input_count;
};
struct mp_module_graph_input {
    uint32_t bit;
    bool passes; /* the output follows at once: all pins of gates; set, reset and load of registers
                    with their data */
    int reset;   /* asynchronous set or reset: 1 active high, -1 active low; 0: another pin */
    bool is_clock;
};
struct mp_module_graph_bit {
    uint32_t driver; /* cell; MP_NONE: none */
    bool is_port;    /* of an input port */
    const char *net; /* a name for it: the user's if there is one */
    const json_t *net_json;
    uint32_t index, width; /* within net */
};
struct mp_module_graph {
    struct mp_module_graph_cell *cells;
    struct mp_module_graph_input *inputs;
    struct mp_module_graph_bit *bits;
    uint32_t cell_count, bit_count;
    size_t input_count, input_capacity;
    const json_t *module;
};

/* Latches, three-state drivers, cells that are no gates, two drivers of a net: located errors. */
int mp_module_graph_read(struct mp_module_graph *g, const struct mp_module_work *w,
                         const json_t *module, struct mp_error *err);
void mp_module_graph_release(struct mp_module_graph *g);

/* The number of a bit of the JSON, MP_NONE for constants. */
uint32_t mp_module_graph_bit(const json_t *bit);
/* "acc[3]", "z"; for messages. */
const char *mp_module_graph_name(const struct mp_module_graph *g, uint32_t bit, char out[128]);
/* Where to point for a cell: its own place, else the declaration of the net it drives. */
const char *mp_module_graph_src(const struct mp_module_graph *g, const struct mp_module_work *w,
                                uint32_t cell);

/* Depth first from every output of the cells; registers_cut: through the pins that pass only.
 * level[cell]: registers on the longest way up to and with the cell, links that close a circle left
 * out. circle, if one was closed: cells on it, in order; count 0 without one. circle[cell_count].
 */
void mp_module_graph_walk(const struct mp_module_graph *g, bool registers_cut, uint32_t *level,
                          uint32_t *circle, uint32_t *circle_count);

#endif
