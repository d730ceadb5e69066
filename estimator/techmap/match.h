/*
 * Which library cells compute which functions, under exchange of inputs and inversion of inputs and
 * outputs (NPN), found from the cells' functions alone.
 *
 * Functions are the node kinds of the arithmetic graph and a few more that decompositions
 * (template.h) use. An inversion costs nothing here: a match says in which polarity it wants each
 * input and in which it gives each output; who supplies them is the business of state.h.
 *
 * Matches are kept as groups: one family of cells (equal function pin by pin, different drives)
 * with one choice of polarities; a group has one or more pinnings, which differ only in the cell's
 * pin that each input of the function goes to.
 *
 *     AND2 in nangate45: NAND2 (output inverted), NOR2 (inputs inverted), AND2, OR2 (all inverted)
 *     FULL_ADDER:        FA plain, FA with all inputs and outputs inverted; 6 pinnings each
 */
#ifndef MP_TECHMAP_MATCH_H
#define MP_TECHMAP_MATCH_H

#include "estimator/timing/nldm.h"
#include "netlists/graph.h"

/* Node kinds, then functions of one output that the graph has not. */
enum mp_function {
    MP_FUNCTION_AO31 = MP_NODE_KIND_COUNT, /* a & b & c | d */
    MP_FUNCTION_AO221,                     /* a & b | c & d | e */
    MP_FUNCTION_COUNT
};

/* Name, counts and truth tables: of a node kind, or of what is added above. */
const struct mp_node_kind_info *mp_function_info(unsigned function);

struct mp_match {
    uint32_t family;                  /* of mp_nldm */
    uint8_t wants_inverted;           /* mask over the function's inputs */
    uint8_t gives_inverted;           /* mask over the function's outputs */
    uint8_t output[MP_GRAPH_OUTPUTS]; /* the cell's output for each of the function's */
    uint8_t cell_inputs, cell_outputs;
    uint32_t first_pinning, pinning_count;
    float area_um2; /* of the smallest cell that may be used */
};

/* pin[k]: the cell's input for input k of the function. */
struct mp_pinning {
    uint8_t pin[MP_GRAPH_INPUTS];
};

struct mp_matcher {
    const struct mp_nldm *nldm; /* must outlive this */
    struct mp_match *matches;   /* by function, then by area */
    struct mp_pinning *pinnings;
    uint32_t first[MP_FUNCTION_COUNT + 1]; /* matches of function f: first[f] .. first[f + 1] - 1 */
    uint32_t match_count, pinning_count;
    uint32_t *family_count;    /* [family] cells that may be used: the first ones of the family */
    uint32_t inverter, buffer; /* families; buffer MP_NONE: the library has none */
    uint32_t flip_flop;        /* compiled cell; MP_NONE: none */
    uint8_t flip_flop_data, flip_flop_output; /* its data input, its output that is not inverted */
    uint32_t tie[2]; /* compiled cells for constant 0 and 1 and which output; MP_NONE: none */
    uint8_t tie_output[2];
    size_t match_capacity, pinning_capacity;
};

/* MP_E_UNSUPPORTED where the library has no inverter or no cell that an AND can be made of. */
int mp_matcher_init(struct mp_matcher *m, const struct mp_nldm *nldm, struct mp_error *err);
void mp_matcher_release(struct mp_matcher *m); /* zeroed memory is fine too */

#endif
