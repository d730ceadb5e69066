/*
 * A unit as a graph, in parts. What they agree on stands in a plan:
 *
 *   term       one product of a weight and an activation
 *                in the tree    its partial products are rows of columns that others share (fixed
 *                               weights; float with shift before, or without shifts; pot2)
 *                as a word      multiplied, negated, shifted and cut by itself (float)
 *   sum        the rows or words of all terms in one tree, then an adder
 *   unit       registers around, the accumulator as an adder, a row, or two rows
 */
#ifndef MP_NETLISTS_UNIT_H
#define MP_NETLISTS_UNIT_H

#include "netlists/architecture.h"
#include "netlists/decode.h"
#include "netlists/shift.h"

#define MP_WORD_BITS_MAX MP_ADDER_BITS_MAX

struct mp_plan {
    const struct mp_design *design;
    struct mp_golden_form golden;
    struct mp_format weight, activation; /* elements */
    const struct mp_architecture *architecture;
    const struct mp_adder *adder;             /* of a tree's rows; NULL: the architecture's own */
    const struct mp_adder *accumulator_adder; /* of accumulator and sum, and of increments */
    bool has_signs;                           /* sign and magnitude formats */
    bool in_tree;
    bool is_signed;                    /* words and rows of terms are two's complement */
    unsigned cut;                      /* bits that every term loses: drop_bits - guard_bits */
    unsigned significand_product_bits; /* sign and magnitude formats: without a sign */
    unsigned exact_bits;               /* of a product, nothing cut; has_signs: of the magnitude */
    unsigned result_bits;              /* of the product port, or the accumulator */
};

void mp_plan_make(struct mp_plan *p, const struct mp_design *design);

/* A number on its way. Its value is that of the bits, two's complement where is_signed, times -1
 * where `negative` is true (false wherever is_signed). */
struct mp_word {
    unsigned count;
    uint32_t bits[MP_WORD_BITS_MAX];
    bool is_signed;
    uint32_t negative;
};

/* Word's bit i, extended upwards as its kind is. */
uint32_t mp_word_bit(const struct mp_word *w, unsigned i);
/* + word * 2^k, in columns. */
void mp_word_add(struct mp_graph *g, struct mp_columns *c, unsigned k, const struct mp_word *w);
/* The columns' sum as a word, reduced by the architecture's tree. Destroys c. */
void mp_word_of_columns(struct mp_graph *g, const struct mp_plan *p, struct mp_columns *c,
                        bool is_signed, struct mp_word *out);
/* word + carry, same width. */
void mp_word_increment(struct mp_graph *g, const struct mp_plan *p, struct mp_word *w,
                       uint32_t carry);
/* The bits XORed and incremented where `negative` is: two's complement, one bit more. */
void mp_word_resolve_sign(struct mp_graph *g, const struct mp_plan *p, struct mp_word *w);

/* Rows of one product in columns whose weights start at 2^0; the plan is in_tree. */
void mp_term_rows(struct mp_graph *g, const struct mp_plan *p, struct mp_columns *c,
                  const uint32_t *weight, const uint32_t *activation);
/* The sign that a product in_tree without one of its own is to get; false where it has. */
uint32_t mp_term_negative(struct mp_graph *g, const struct mp_plan *p, const uint32_t *weight,
                          const uint32_t *activation);
/* One product of significands, not yet shifted, in blocks `multiplier`; what it is shifted by goes
 * to `shift`. */
struct mp_term_shift {
    unsigned count; /* bits */
    uint32_t bits[8];
    unsigned minus; /* 2^bits too far by this many */
};
void mp_term_significand(struct mp_graph *g, const struct mp_plan *p, const uint32_t *weight,
                         const uint32_t *activation, struct mp_word *out,
                         struct mp_term_shift *shift);
/* The whole product as a word, cut by the plan's. */
void mp_term_word(struct mp_graph *g, const struct mp_plan *p, const uint32_t *weight,
                  const uint32_t *activation, struct mp_word *out);

/* Sum of all terms of a float dot product with a shared alignment. weight[terms * bits]. */
void mp_shared_word(struct mp_graph *g, const struct mp_plan *p, const uint32_t *weight,
                    const uint32_t *activation, struct mp_word *out);

/* Operand registers and their holds: low_power.c. Literals that stand for nothing are false. */
struct mp_operand_bits {
    uint32_t *weight, *activation; /* [terms * bits], behind the registers and isolation */
    uint32_t first;
    uint32_t skip; /* true: this cycle's products are all zero, registers were held */
};
void mp_operands_make(struct mp_graph *g, const struct mp_plan *p, struct mp_operand_bits *out);

/* Pipeline registers into a finished graph: netlists/pipeline.c. */
void mp_pipeline_cut(struct mp_graph *g, unsigned stages);

#endif
