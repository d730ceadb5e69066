/*
 * Decompositions: how a function can be made of smaller ones when no cell is taken for it whole.
 * A decomposition is one row of text (template.c):
 *
 *     {MP_NODE_FULL_ADDER, "xor-mux", "t=XOR2(a,b) s=XOR2(t,c) co=MUX2(t,c,a)"}
 *
 * Inputs are a, b, c, ... in the order of the node kind; the result is y, an adder's s and co;
 * other names are signals within. ~ inverts an operand, two names before = take both outputs
 * (t,g=HALF_ADDER(a,b)). Operators are names of functions (match.h) and OR, NAND, NOR, XNOR, OA,
 * AOI, OAI forms, which are read as those with inversions: as polarities are chosen per signal,
 * NAND2(a,b) and ~AND2(a,b) are one thing. A signal is computed before it is used.
 *
 * To add one: a row. The test computes every row against the truth table of its function.
 */
#ifndef MP_TECHMAP_TEMPLATE_H
#define MP_TECHMAP_TEMPLATE_H

#include "estimator/techmap/match.h"

#define MP_TEMPLATE_PARTS 8

/* Operand 0..inputs-1: the node's inputs; beyond: the signals made, in order, first the node's
 * outputs. */
struct mp_template_part {
    uint8_t function;
    uint8_t inputs, outputs;
    uint8_t in[MP_GRAPH_INPUTS];   /* 2 * operand + inverted */
    uint8_t out[MP_GRAPH_OUTPUTS]; /* 2 * operand + inverted: the operand is the output, inverted */
};

struct mp_template {
    uint8_t function;
    const char *name; /* "xor-mux" */
    uint8_t part_count;
    uint8_t operand_count;                            /* inputs, outputs and signals within */
    struct mp_template_part parts[MP_TEMPLATE_PARTS]; /* in the order of computation */
};

struct mp_templates {
    struct mp_template *items; /* by function; those that the library can make */
    uint32_t count;
    uint32_t first[MP_FUNCTION_COUNT + 1];
};

/* Rows of which every part has a cell or, in turn, a row. MP_E_UNSUPPORTED: a node kind has neither
 * (the message names it); MP_E_INPUT: a row that does not parse. */
int mp_templates_init(struct mp_templates *t, const struct mp_matcher *matcher,
                      struct mp_error *err);
void mp_templates_release(struct mp_templates *t);

/* One row from text: for mp_templates_init and its test. */
int mp_template_parse(struct mp_template *out, unsigned function, const char *name,
                      const char *formula, struct mp_error *err);
/* Truth tables of its outputs, from the formula. */
void mp_template_truth(const struct mp_template *t, uint64_t truth[MP_GRAPH_OUTPUTS]);

#endif
