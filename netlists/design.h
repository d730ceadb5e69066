/*
 * The generator's front: a design (formats, unit, architecture) to structural Verilog-2001.
 *
 * Ports of every generated module, in this order:
 *   input  clk
 *   input  [Wb-1:0] weight        code of the weight format
 *   input  [Ab-1:0] activation    code of the activation format
 *   input  first                  mac only: start a new sum with this product
 *   output [Pb-1:0] product       multiplier; encoding: mp_golden_product_encoding()
 *   output [Cb-1:0] accumulator   mac; two's complement
 * There is no reset: a MAC is started by `first`.
 *
 * The top module instantiates its blocks as sub-modules with fixed instance names, so that power
 * can be summed by block: `multiplier` (partial products, tree, final adder), `shifter` (float
 * weights whose codes differ in shift), `accumulator_adder` (mac: adder and its first-gating; the
 * plain name belongs to the register). Registers stand in the top module, with the names weight_q,
 * activation_q, first_q, product, accumulator.
 */
#ifndef MP_NETLISTS_DESIGN_H
#define MP_NETLISTS_DESIGN_H

#include "estimator/format/golden.h"
#include "estimator/util/memory.h"

/* Goes into every cache key: raise it when any generated Verilog changes. */
#define MP_GENERATOR_VERSION 3

struct mp_design {
    struct mp_format weight, activation;
    enum mp_unit unit;
    const char *multiplier; /* name in the architecture table, e.g. "dadda"; NULL: the default */
    unsigned
        accumulator_bits; /* mac; 0: mp_golden_accumulator_bits(..., terms) with terms = 1024 */
};

/* One row a multiplier architecture: a file under netlists/ and a line in the table. */
struct mp_architecture_info {
    const char *name;    /* "array", "dadda" */
    const char *summary; /* one line for --help and doctor */
};
size_t mp_architecture_count(void);
const struct mp_architecture_info *mp_architecture_at(size_t index);
const char *mp_architecture_default(void);

/* Fill in defaults (multiplier, accumulator_bits) and check everything: MP_E_UNSUPPORTED or
 * MP_E_USAGE with the limit that was passed. The strings of `design` then point to static memory.
 */
int mp_design_resolve(struct mp_design *design, struct mp_error *err);

/* "multiplier_e4m2_uint8_dadda", "mac_int11_uint8_dadda_acc29": also the module's name. Resolved
 * designs only. */
#define MP_DESIGN_NAME_SIZE 96
const char *mp_design_name(const struct mp_design *design, char out[MP_DESIGN_NAME_SIZE]);

/* The Verilog of a resolved design, appended to out. Deterministic. */
int mp_design_generate(const struct mp_design *design, struct mp_text *out, struct mp_error *err);

/* A behavioural reference of the same module (`*`, `+`, `<<` operators, same ports, registers and
 * names), written from the format's definition and not through the generator; for equivalence
 * checks by other tools. */
int mp_design_reference(const struct mp_design *design, struct mp_text *out, struct mp_error *err);

#endif
