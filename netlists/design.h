/*
 * The generator's front: a design (formats, unit, architecture, form) to an arithmetic graph, and
 * that to structural Verilog-2001.
 *
 * Ports of every generated module, in this order; T is the number of terms, 1 where nothing else is
 * said, and operand 0 stands in the low bits:
 *   input  clk                      not without registers
 *   input  [T*Wb-1:0] weight        codes of the weight format
 *   input  [T*Ab-1:0] activation    codes of the activation format
 *   input  first                    mac with registers: start a new sum with these products
 *   input  [Cb-1:0] addend          mac without registers: what is added to; form carry-save:
 *                                   addend and addend_carry
 *   output [Pb-1:0] product         multiplier; encoding: mp_golden_form_encoding()
 *   output [Cb-1:0] accumulator     mac; two's complement; form carry-save: sum and carry, which
 *                                   add up to it. The adder that resolves them is outside and not
 *                                   counted: it works once a sum and may be shared.
 * There is no reset: a MAC is started by `first`.
 *
 * Blocks, so that power can be summed by part: `multiplier` (partial products, tree, final adder;
 * where the accumulator is a row of the tree, all of it), `shifter` (float weights whose codes
 * differ in shift), `term_adder` and `alignment` (dot products of shifted terms),
 * `accumulator_adder` (mac: adder and its first-gating; the plain name belongs to the register),
 * `low_power` (zero detection, isolation). Registers stand in the top module, with the names
 * weight_q, activation_q, first_q, product, accumulator (or sum, carry), and those of pipeline
 * stages.
 */
#ifndef MP_NETLISTS_DESIGN_H
#define MP_NETLISTS_DESIGN_H

#include "estimator/format/golden_form.h"
#include "estimator/util/memory.h"
#include "netlists/graph.h"

/* Goes into every cache key: raise it when any generated Verilog changes. */
#define MP_GENERATOR_VERSION 6

/* Choices by name; 0 is the default and enters no name. */
enum mp_form {
    MP_FORM_ADDER,     /* "adder": an adder of its own behind the product's */
    MP_FORM_ROW,       /* "row": the accumulator is one more row of the tree; one adder in all */
    MP_FORM_CARRY_SAVE /* "carry-save": the accumulator stays two rows, no adder at all */
};
enum mp_sign {                         /* float: how a product becomes negative */
               MP_SIGN_MAGNITUDE,      /* "magnitude": XOR and carry into the accumulator's adder */
               MP_SIGN_NEGATE_FIRST,   /* "negate-first": the activation is XORed with the weight's
                                          sign */
               MP_SIGN_TWOS_COMPLEMENT /* "twos-complement": the product of the significands is
                                          negated */
};
enum mp_shift {                 /* float */
                MP_SHIFT_AFTER, /* "after": significand x activation, then the shift */
                MP_SHIFT_BEFORE /* "before": the activation is shifted, then multiplied */
};
enum mp_shifter_kind {
    MP_SHIFTER_MIXED,      /* "mixed": stages of two, fine first; the last is one-hot of four */
    MP_SHIFTER_LOG_FINE,   /* "log-fine": by 1, 2, 4, ... */
    MP_SHIFTER_LOG_COARSE, /* "log-coarse": ..., 4, 2, 1 */
    MP_SHIFTER_ONE_HOT     /* "one-hot": stages of four, selected one-hot, fine first */
};
enum mp_alignment {                     /* float dot products */
                    MP_ALIGNMENT_EACH,  /* "each": every product has a shifter; exact */
                    MP_ALIGNMENT_SHARED /* "shared": aligned to the largest, guard bits kept, then
                                           one shifter */
};
enum mp_rounding { MP_ROUNDING_DOWN, MP_ROUNDING_NEAREST }; /* "down", "nearest" */
enum mp_low_power {
    MP_LOW_POWER_NONE,      /* "none" */
    MP_LOW_POWER_ISOLATE,   /* "isolate": the weight is ANDed with (activation != 0) */
    MP_LOW_POWER_ZERO_SKIP, /* "zero-skip": operand registers and accumulator hold in cycles whose
                               products are all zero */
    MP_LOW_POWER_DATA_GATE, /* "data-gate": an operand's register holds where the other operand of
                               the product is zero */
    MP_LOW_POWER_CLOCK_GATE /* "clock-gate": zero-skip by clock-gating cells of the library */
};
enum mp_registers { MP_REGISTERS_BOTH, MP_REGISTERS_NONE }; /* "both", "none" */

struct mp_design {
    struct mp_format weight, activation;
    enum mp_unit unit;
    const char *multiplier;    /* name in the architecture table, e.g. "dadda"; NULL: the default */
    unsigned accumulator_bits; /* mac; 0: mp_golden_form_accumulator_bits() of 1024 products */
    const char *adder;         /* name of the final adder; NULL: the architecture's own */
    enum mp_form form;
    enum mp_sign sign;
    enum mp_shift shift;
    enum mp_shifter_kind shifter;
    unsigned terms; /* 0: 1; else 2, 4, 8, 16 */
    enum mp_alignment alignment;
    unsigned stages;     /* 0..3, beside the operand and result registers; placed by depth */
    unsigned drop_bits;  /* float: low bits of the product that are not kept */
    unsigned guard_bits; /* 0..4, of these, until the terms are added */
    enum mp_rounding rounding;
    enum mp_low_power low_power;
    enum mp_registers registers; /* none: combinational, no clk */
};

/*
 * The fields from adder to registers as text: the options of `macppa generate`, keys of the
 * configuration and columns of a result have these names.
 */
struct mp_design_choice {
    const char *name, *summary;
};
struct mp_design_option {
    const char *name;                       /* "form", "low-power", "stages" */
    const char *summary;                    /* one line */
    const struct mp_design_choice *choices; /* NULL: a number, or a name in another table */
    size_t choice_count;
    unsigned most; /* a number: 0..most; 0: a name in another table */
};
size_t mp_design_option_count(void);
const struct mp_design_option *mp_design_option_at(size_t index);
/* MP_E_USAGE: no such option, no such choice (all are listed), no number or too large a one. Names
 * of other tables are kept as a pointer and checked by mp_design_resolve. */
int mp_design_set(struct mp_design *design, const char *option, const char *value,
                  struct mp_error *err);
/* The value as text, the default's too; NULL: no such option, or a name that is not set. */
#define MP_DESIGN_VALUE_SIZE 16
const char *mp_design_get(const struct mp_design *design, const char *option,
                          char out[MP_DESIGN_VALUE_SIZE]);

/* One row a multiplier architecture: a file under netlists/ and a line in the table. */
struct mp_architecture_info {
    const char *name;    /* "array", "dadda" */
    const char *summary; /* one line for --help and doctor */
};
size_t mp_architecture_count(void);
const struct mp_architecture_info *mp_architecture_at(size_t index);
const char *mp_architecture_default(void);

/* Fill in defaults (multiplier, accumulator_bits, terms) and check everything, each field and which
 * go together: MP_E_UNSUPPORTED or MP_E_USAGE with the limit that was passed. The strings of
 * `design` then point to static memory. */
int mp_design_resolve(struct mp_design *design, struct mp_error *err);

/* "multiplier_e4m2_uint8_dadda", "mac_int11_uint8_dadda_acc29_row_terms4_stages1": also the
 * module's name, so only letters, digits and _. Resolved designs only. */
#define MP_DESIGN_NAME_SIZE 192
const char *mp_design_name(const struct mp_design *design, char out[MP_DESIGN_NAME_SIZE]);

/* What a resolved design has to compute. */
struct mp_golden_form mp_design_golden(const struct mp_design *design);

/* The graph of a resolved design, named mp_design_name: what both ways to a netlist start from.
 * Initialises g, also where it fails; the caller releases. Deterministic. */
int mp_design_graph(const struct mp_design *design, struct mp_graph *g, struct mp_error *err);

/* The Verilog of a resolved design, appended to out. Deterministic. */
int mp_design_generate(const struct mp_design *design, struct mp_text *out, struct mp_error *err);

/* A behavioural reference of the same module (`*`, `+`, `<<` operators, same ports, registers and
 * names), written from the format's definition and not through the generator; for equivalence
 * checks by other tools. */
int mp_design_reference(const struct mp_design *design, struct mp_text *out, struct mp_error *err);

#endif
