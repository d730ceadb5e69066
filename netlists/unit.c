/* From a plan to the whole graph: what is summed in a cycle, the accumulator, registers, ports. */
#include "netlists/unit.h"
#include "netlists/design_parts.h"

#include <assert.h>

static bool is_mac(const struct mp_plan *p)
{
    return p->design->unit == MP_UNIT_MAC;
}

static bool rounds_to_nearest(const struct mp_plan *p)
{
    return p->golden.rounds && p->golden.guard_bits > 0;
}

/* Guard bits that words of terms still have. */
static unsigned term_guard(const struct mp_plan *p)
{
    return p->in_tree || p->golden.is_shared ? 0 : p->golden.guard_bits;
}

static const uint32_t *weight_of(const struct mp_plan *p, const struct mp_operand_bits *o,
                                 unsigned t)
{
    return o->weight + t * p->weight.bits;
}

static const uint32_t *activation_of(const struct mp_plan *p, const struct mp_operand_bits *o,
                                     unsigned t)
{
    return o->activation + t * p->activation.bits;
}

/* All terms into columns: as rows, or as words in units of the guard bits, half a unit with them.
 */
static void add_terms(struct mp_graph *g, const struct mp_plan *p, const struct mp_operand_bits *o,
                      struct mp_columns *c)
{
    unsigned guard = term_guard(p);
    struct mp_word w;

    if (p->golden.is_shared) {
        mp_shared_word(g, p, o->weight, o->activation, &w);
        mp_word_add(g, c, 0, &w);
        return;
    }
    for (unsigned t = 0; t < p->golden.terms; t++) {
        if (p->in_tree) {
            mp_term_rows(g, p, c, weight_of(p, o, t), activation_of(p, o, t));
        } else {
            mp_term_word(g, p, weight_of(p, o, t), activation_of(p, o, t), &w);
            mp_word_add(g, c, 0, &w);
        }
    }
    if (rounds_to_nearest(p) && guard > 0)
        mp_columns_add_constant(c, guard - 1, 1);
}

static void drop_low(struct mp_word *w, unsigned bits)
{
    for (unsigned i = bits; i < w->count; i++)
        w->bits[i - bits] = w->bits[i];
    w->count -= bits;
}

static void widen(struct mp_word *w, unsigned count)
{
    for (unsigned i = w->count; i < count; i++)
        w->bits[i] = mp_word_bit(w, i);
    w->count = count;
}

/* One product, not rounded: with the guard bits that term_guard says. */
static void make_product(struct mp_graph *g, const struct mp_plan *p,
                         const struct mp_operand_bits *o, struct mp_word *w)
{
    bool is_signed = p->is_signed && p->design->sign != MP_SIGN_TWOS_COMPLEMENT;
    uint32_t before;
    struct mp_columns *c;

    if (!p->in_tree) {
        mp_term_word(g, p, o->weight, o->activation, w);
        return;
    }
    before = mp_graph_block(g, "multiplier");
    c = mp_columns_create(g, p->exact_bits + (p->has_signs && is_signed));
    mp_term_rows(g, p, c, o->weight, o->activation);
    mp_word_of_columns(g, p, c, is_signed, w);
    w->negative = mp_term_negative(g, p, o->weight, o->activation);
    if (p->design->sign == MP_SIGN_TWOS_COMPLEMENT)
        mp_word_resolve_sign(g, p, w);
    mp_graph_block_return(g, before);
}

/* Several products' sum, rounded. */
static void make_sum(struct mp_graph *g, const struct mp_plan *p, const struct mp_operand_bits *o,
                     struct mp_word *w)
{
    unsigned guard = term_guard(p);
    unsigned bits = mp_golden_form_product_bits(&p->golden, &p->weight, &p->activation);
    enum mp_product_encoding encoding =
        mp_golden_form_encoding(&p->golden, &p->weight, &p->activation);
    uint32_t before;
    struct mp_columns *c;

    if (p->golden.is_shared) {
        mp_shared_word(g, p, o->weight, o->activation, w);
        return;
    }
    before = mp_graph_block(g, p->in_tree ? "multiplier" : "term_adder");
    c = mp_columns_create(g, bits + guard);
    add_terms(g, p, o, c);
    mp_word_of_columns(g, p, c, encoding == MP_PRODUCT_TWOS_COMPLEMENT, w);
    drop_low(w, guard);
    mp_graph_block_return(g, before);
}

/* Guard bits away: (x + half) >> guard is x >> guard, plus the highest bit that goes. */
static void round_product(struct mp_graph *g, const struct mp_plan *p, struct mp_word *w,
                          unsigned bits)
{
    unsigned guard = term_guard(p);
    uint32_t carry = guard > 0 && rounds_to_nearest(p) ? w->bits[guard - 1] : MP_LIT_FALSE;

    drop_low(w, guard);
    widen(w, bits);
    mp_word_increment(g, p, w, carry);
}

static void register_result(struct mp_graph *g, const struct mp_plan *p, const char *name,
                            unsigned bits, const uint32_t *q, const uint32_t *data, uint32_t enable)
{
    if (p->design->registers == MP_REGISTERS_NONE) {
        mp_graph_output(g, name, bits, data);
        return;
    }
    for (unsigned i = 0; i < bits; i++)
        mp_graph_register_set(g, q[i], data[i], enable);
    mp_graph_output(g, name, bits, q);
}

static void make_registers(struct mp_graph *g, const char *name, unsigned bits, uint32_t *q)
{
    for (unsigned i = 0; i < bits; i++) {
        q[i] = mp_graph_register(g);
        mp_graph_name(g, q[i], "%s[%u]", name, i);
    }
}

static void make_multiplier(struct mp_graph *g, const struct mp_plan *p,
                            const struct mp_operand_bits *o)
{
    unsigned bits = p->result_bits, magnitude = p->golden.has_sign ? bits - 1 : bits;
    uint32_t q[MP_WORD_BITS_MAX];
    struct mp_word w;

    if (p->golden.terms == 1) {
        make_product(g, p, o, &w);
        round_product(g, p, &w, magnitude);
    } else {
        make_sum(g, p, o, &w);
    }
    for (unsigned i = 0; i < bits; i++)
        w.bits[i] = mp_graph_and(g, mp_word_bit(&w, i), mp_lit_not(o->skip));
    if (p->golden.has_sign)
        w.bits[magnitude] = w.negative;
    if (p->design->registers == MP_REGISTERS_BOTH)
        make_registers(g, "product", bits, q);
    register_result(g, p, "product", bits, q, w.bits, MP_LIT_TRUE);
}

/* The running sum, or what a unit without registers is to add to; false at `first`. */
struct accumulator {
    uint32_t q[MP_WORD_BITS_MAX], kept[MP_WORD_BITS_MAX];
};

static void make_accumulator(struct mp_graph *g, const struct mp_plan *p, const char *port,
                             const char *name, const struct mp_operand_bits *o,
                             struct accumulator *a)
{
    unsigned bits = p->result_bits;
    const uint32_t *addend;
    uint32_t before;

    if (p->design->registers == MP_REGISTERS_NONE) {
        addend = mp_graph_input(g, port, bits);
        for (unsigned i = 0; i < bits; i++)
            a->kept[i] = addend[i];
        return;
    }
    make_registers(g, name, bits, a->q);
    before = mp_graph_block(g, "accumulator_adder");
    for (unsigned i = 0; i < bits; i++)
        a->kept[i] = mp_graph_and(g, a->q[i], mp_lit_not(o->first));
    mp_graph_block_return(g, before);
}

/* The separate adder: accumulator + word, guard bits of one product dropped behind it. */
static void add_separately(struct mp_graph *g, const struct mp_plan *p,
                           const struct mp_operand_bits *o, const uint32_t *kept, uint32_t *sum)
{
    unsigned bits = p->result_bits, guard = p->golden.terms == 1 ? term_guard(p) : 0;
    uint32_t x[MP_WORD_BITS_MAX] = {0}, y[MP_WORD_BITS_MAX], wide[MP_WORD_BITS_MAX], before;
    struct mp_word w;

    if (p->golden.terms == 1)
        make_product(g, p, o, &w);
    else
        make_sum(g, p, o, &w);
    before = mp_graph_block(g, "accumulator_adder");
    if (guard > 0 && rounds_to_nearest(p))
        x[guard - 1] = MP_LIT_TRUE;
    for (unsigned i = 0; i < bits; i++)
        x[i + guard] = kept[i];
    for (unsigned i = 0; i < bits + guard; i++)
        y[i] = mp_graph_xor(g, mp_word_bit(&w, i), w.negative);
    mp_adder_write(g, p->accumulator_adder, 0, 0, bits + guard, x, y, w.negative, wide);
    for (unsigned i = 0; i < bits; i++)
        sum[i] = wide[i + guard];
    mp_graph_block_return(g, before);
}

static void make_mac_adder(struct mp_graph *g, const struct mp_plan *p,
                           const struct mp_operand_bits *o)
{
    uint32_t sum[MP_WORD_BITS_MAX];
    struct accumulator a;

    make_accumulator(g, p, "addend", "accumulator", o, &a);
    add_separately(g, p, o, a.kept, sum);
    register_result(g, p, "accumulator", p->result_bits, a.q, sum, mp_lit_not(o->skip));
}

/*
 * The accumulator as a row of the tree. A product in the tree that has its sign beside it is
 * subtracted by negating the accumulator twice: a - x = ~(~a + x).
 */
static void make_mac_row(struct mp_graph *g, const struct mp_plan *p,
                         const struct mp_operand_bits *o)
{
    unsigned bits = p->result_bits, guard = term_guard(p);
    uint32_t before, negative = MP_LIT_FALSE;
    struct accumulator a;
    struct mp_columns *c;
    struct mp_word w;

    make_accumulator(g, p, "addend", "accumulator", o, &a);
    before = mp_graph_block(g, p->in_tree ? "multiplier" : "term_adder");
    if (p->in_tree)
        negative = mp_term_negative(g, p, o->weight, o->activation);
    c = mp_columns_create(g, bits + guard);
    add_terms(g, p, o, c);
    for (unsigned i = 0; i < bits; i++)
        a.kept[i] = mp_graph_xor(g, a.kept[i], negative);
    mp_columns_add_row(c, guard, bits, a.kept, false);
    mp_word_of_columns(g, p, c, false, &w);
    drop_low(&w, guard);
    for (unsigned i = 0; i < bits; i++)
        w.bits[i] = mp_graph_xor(g, w.bits[i], negative);
    mp_graph_block_return(g, before);
    register_result(g, p, "accumulator", bits, a.q, w.bits, mp_lit_not(o->skip));
}

/* Two rows that are never added up. */
static void make_mac_carry_save(struct mp_graph *g, const struct mp_plan *p,
                                const struct mp_operand_bits *o)
{
    unsigned bits = p->result_bits;
    uint32_t sums[MP_WORD_BITS_MAX], carries[MP_WORD_BITS_MAX], before;
    struct accumulator s, k;
    struct mp_columns *c;

    make_accumulator(g, p, "addend", "sum", o, &s);
    make_accumulator(g, p, "addend_carry", "carry", o, &k);
    before = mp_graph_block(g, p->in_tree ? "multiplier" : "term_adder");
    c = mp_columns_create(g, bits);
    add_terms(g, p, o, c);
    mp_columns_add_row(c, 0, bits, s.kept, false);
    mp_columns_add_row(c, 0, bits, k.kept, false);
    mp_tree_reduce(g, p->architecture->tree, c);
    mp_columns_rows(c, sums, carries);
    mp_columns_destroy(c);
    mp_graph_block_return(g, before);
    register_result(g, p, "sum", bits, s.q, sums, mp_lit_not(o->skip));
    register_result(g, p, "carry", bits, k.q, carries, mp_lit_not(o->skip));
}

static void make_unit(struct mp_graph *g, const struct mp_plan *p)
{
    struct mp_operand_bits o;

    mp_operands_make(g, p, &o);
    if (!is_mac(p)) {
        make_multiplier(g, p, &o);
        return;
    }
    switch (p->design->form) {
    case MP_FORM_ADDER:
        make_mac_adder(g, p, &o);
        break;
    case MP_FORM_ROW:
        make_mac_row(g, p, &o);
        break;
    case MP_FORM_CARRY_SAVE:
        make_mac_carry_save(g, p, &o);
        break;
    }
}

int mp_design_graph(const struct mp_design *design, struct mp_graph *g, struct mp_error *err)
{
    struct mp_design d = *design;
    char name[MP_DESIGN_NAME_SIZE];
    struct mp_plan p;
    int rc;

    *g = (struct mp_graph){0};
    if ((rc = mp_design_resolve(&d, err)) < 0)
        return rc;
    mp_graph_init(g, mp_design_name(&d, name));
    mp_plan_make(&p, &d);
    make_unit(g, &p);
    if (d.stages > 0)
        mp_pipeline_cut(g, d.stages);
    mp_graph_sweep(g);
    return mp_graph_check(g, err);
}
