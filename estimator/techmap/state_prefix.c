#include "estimator/techmap/state.h"

#include <assert.h>

/* How an interval's node is made for a split: a function of the literals of up to three smaller
 * intervals; function 0 with one operand: it is that operand; without: the constant. */
struct form {
    unsigned function, count;
    uint32_t inverted_inputs, inverted_output; /* OR as AND */
    uint32_t constant;
    struct operand {
        uint32_t i, j;
        bool is_propagate;
    } operands[3];
};

static struct mp_state_interval *interval(const struct mp_state *s, const struct mp_state_prefix *p,
                                          uint32_t i, uint32_t j)
{
    return &s->intervals[p->first + i * p->count + j];
}

static uint32_t leaf(const struct mp_state *s, const struct mp_state_prefix *p, uint32_t i,
                     bool is_propagate)
{
    return interval(s, p, i, i)->literal[is_propagate];
}

/* MP_LIT_FALSE, MP_LIT_TRUE, or MP_NONE: not constant. */
static uint32_t constant_propagate(const struct mp_state *s, const struct mp_state_prefix *p,
                                   uint32_t i, uint32_t j)
{
    uint32_t all = MP_LIT_TRUE;

    for (uint32_t k = j; k <= i; k++) {
        uint32_t l = leaf(s, p, k, true);
        if (l == MP_LIT_FALSE)
            return l;
        if (l != MP_LIT_TRUE)
            all = MP_NONE;
    }
    return all;
}

static uint32_t constant_generate(const struct mp_state *s, const struct mp_state_prefix *p,
                                  uint32_t i, uint32_t j)
{
    bool passes = true;
    uint32_t all = MP_LIT_FALSE;

    for (uint32_t k = i + 1; k-- > j;) {
        uint32_t l = leaf(s, p, k, false);
        if (l == MP_LIT_TRUE && passes)
            return l;
        if (l != MP_LIT_FALSE)
            all = MP_NONE;
        passes = passes && leaf(s, p, k, true) == MP_LIT_TRUE;
    }
    return all;
}

static void add_operand(struct form *f, uint32_t i, uint32_t j, bool is_propagate)
{
    f->operands[f->count++] = (struct operand){i, j, is_propagate};
}

static struct form propagate_form(const struct mp_state *s, const struct mp_state_prefix *p,
                                  uint32_t i, uint32_t j, uint32_t split)
{
    struct form f = {.constant = constant_propagate(s, p, i, j)};

    if (f.constant != MP_NONE)
        return f;
    if (constant_propagate(s, p, i, split) == MP_NONE)
        add_operand(&f, i, split, true);
    if (constant_propagate(s, p, split - 1, j) == MP_NONE)
        add_operand(&f, split - 1, j, true);
    f.function = f.count == 2 ? MP_NODE_AND2 : 0;
    return f;
}

static struct form generate_form(const struct mp_state *s, const struct mp_state_prefix *p,
                                 uint32_t i, uint32_t j, uint32_t split)
{
    struct form f = {.constant = constant_generate(s, p, i, j)};
    uint32_t high = constant_generate(s, p, i, split), pass = constant_propagate(s, p, i, split);
    uint32_t low = constant_generate(s, p, split - 1, j);

    if (f.constant != MP_NONE)
        return f;
    if (pass != MP_LIT_FALSE && low != MP_LIT_FALSE) {
        if (pass == MP_NONE)
            add_operand(&f, i, split, true);
        if (low == MP_NONE)
            add_operand(&f, split - 1, j, false);
    }
    f.function = f.count == 2 ? MP_NODE_AND2 : 0;
    if (high == MP_NONE) {
        add_operand(&f, i, split, false);
        f.function = f.count == 3 ? MP_NODE_AO21 : f.count == 2 ? MP_NODE_AND2 : 0;
        if (f.count == 2) {
            f.inverted_inputs = 1;
            f.inverted_output = 1;
        }
    }
    return f;
}

static struct form form_of(const struct mp_state *s, const struct mp_state_prefix *p, uint32_t i,
                           uint32_t j, uint32_t split, bool is_propagate)
{
    return is_propagate ? propagate_form(s, p, i, j, split) : generate_form(s, p, i, j, split);
}

static void use_operands(struct mp_state *s, const struct mp_state_prefix *p, const struct form *f,
                         uint32_t in[3])
{
    for (unsigned k = 0; k < f->count; k++)
        in[k] = mp_state_use_interval(s, p, f->operands[k].i, f->operands[k].j,
                                      f->operands[k].is_propagate) ^
                f->inverted_inputs;
}

static void drop_operands(struct mp_state *s, const struct mp_state_prefix *p, const struct form *f)
{
    for (unsigned k = 0; k < f->count; k++)
        mp_state_drop_interval(s, p, f->operands[k].i, f->operands[k].j,
                               f->operands[k].is_propagate);
}

uint32_t mp_state_use_interval(struct mp_state *s, const struct mp_state_prefix *p, uint32_t i,
                               uint32_t j, bool is_propagate)
{
    struct mp_state_interval *x = interval(s, p, i, j);
    uint32_t in[3], literal, node = MP_NONE;
    struct form f;

    mp_state_put(s, &x->users[is_propagate], x->users[is_propagate] + 1);
    if (i == j || x->users[is_propagate] > 1)
        return x->literal[is_propagate];
    f = form_of(s, p, i, j, x->split, is_propagate);
    use_operands(s, p, &f, in);
    if (f.function != 0) {
        uint32_t wire = mp_state_new_wire(s), out[] = {2 * wire + f.inverted_output};

        literal = 2 * wire;
        node = mp_state_new_node(s, f.function, in, out, p->block);
        mp_state_put(s, &s->nodes[node].interval, 2 * (uint32_t)(x - s->intervals) + is_propagate);
        mp_state_build(s, node, mp_state_first_choice(s, f.function), 0.3);
    } else {
        literal = f.count == 1 ? in[0] : f.constant;
    }
    mp_state_put(s, &x->literal[is_propagate], literal);
    mp_state_put(s, &x->node[is_propagate], node);
    return literal;
}

/* The column's OR goes; nobody reads it any more. */
static void drop_or(struct mp_state *s, struct mp_state_interval *x)
{
    const struct mp_state_node *n = &s->nodes[x->half_adder];

    mp_state_unbuild(s, x->or_node);
    mp_state_free_wire(s, s->nodes[x->or_node].out[0] >> 1);
    mp_state_free_node(s, x->or_node);
    mp_state_put(s, &s->nodes[x->half_adder].companion, MP_NONE);
    mp_state_put(s, &x->or_node, MP_NONE);
    mp_state_put(s, &x->literal[true], n->out[0]);
}

void mp_state_drop_interval(struct mp_state *s, const struct mp_state_prefix *p, uint32_t i,
                            uint32_t j, bool is_propagate)
{
    struct mp_state_interval *x = interval(s, p, i, j);
    uint32_t node = x->node[is_propagate];
    struct form f;

    assert(x->users[is_propagate] > 0);
    mp_state_put(s, &x->users[is_propagate], x->users[is_propagate] - 1);
    if (i == j && is_propagate && x->users[true] == 0 && x->or_node != MP_NONE)
        drop_or(s, x);
    if (i == j || x->users[is_propagate] > 0)
        return;
    f = form_of(s, p, i, j, x->split, is_propagate);
    if (node != MP_NONE) {
        mp_state_unbuild(s, node);
        mp_state_free_wire(s, x->literal[is_propagate] >> 1);
        mp_state_free_node(s, node);
    }
    drop_operands(s, p, &f);
}

/* The node of an interval takes the operands of another form. */
static void change_form(struct mp_state *s, uint32_t node, const struct form *old,
                        const struct form *f, const uint32_t in[3])
{
    struct mp_state_node *n = &s->nodes[node];

    if (old->function == f->function && old->inverted_output == f->inverted_output) {
        for (unsigned k = 0; k < f->count; k++)
            mp_state_set_input(s, node, k, in[k]);
        return;
    }
    mp_state_unbuild(s, node);
    mp_state_put(s, &n->function, f->function);
    mp_state_put(s, &n->out[0], (n->out[0] & ~1u) | f->inverted_output);
    for (unsigned k = 0; k < f->count; k++)
        mp_state_put(s, &n->in[k], in[k]);
    mp_state_build(s, node, mp_state_first_choice(s, f->function), 0.3);
}

bool mp_state_set_split(struct mp_state *s, const struct mp_state_prefix *p, uint32_t i, uint32_t j,
                        uint32_t split)
{
    struct mp_state_interval *x = interval(s, p, i, j);
    struct form old[2], new[2];

    if (split == x->split)
        return false;
    for (unsigned what = 0; what < 2; what++)
        if (x->users[what] > 0) {
            old[what] = form_of(s, p, i, j, x->split, what);
            new[what] = form_of(s, p, i, j, split, what);
            if ((old[what].function == 0) != (new[what].function == 0) ||
                (old[what].function == 0 && old[what].count == 1))
                return false;
        }
    for (unsigned what = 0; what < 2; what++)
        if (x->users[what] > 0 && new[what].function != 0) {
            uint32_t in[3];

            use_operands(s, p, &new[what], in);
            change_form(s, x->node[what], &old[what], &new[what], in);
            drop_operands(s, p, &old[what]);
        }
    mp_state_put(s, &x->split, split);
    return true;
}

/* Every node that reads the column's propagate reads it anew. */
static void reread(struct mp_state *s, const struct mp_state_prefix *p, uint32_t i, uint32_t j,
                   uint32_t column)
{
    const struct mp_state_interval *x = interval(s, p, i, j);

    for (unsigned what = 0; what < 2; what++) {
        struct form f;

        if (x->users[what] == 0 || x->node[what] == MP_NONE)
            continue;
        f = form_of(s, p, i, j, x->split, what);
        for (unsigned k = 0; k < f.count; k++)
            if (f.operands[k].i == column && f.operands[k].j == column &&
                f.operands[k].is_propagate)
                mp_state_set_input(s, x->node[what], k,
                                   leaf(s, p, column, true) ^ f.inverted_inputs);
    }
}

bool mp_state_toggle_or(struct mp_state *s, const struct mp_state_prefix *p, uint32_t column)
{
    struct mp_state_interval *x = interval(s, p, column, column);
    const struct mp_state_node *n = &s->nodes[x->half_adder];
    bool is_or = x->or_node != MP_NONE;

    if (x->half_adder == MP_NONE || x->users[true] == 0)
        return false;
    if (!is_or) {
        uint32_t wire = mp_state_new_wire(s), in[] = {n->in[0] ^ 1u, n->in[1] ^ 1u};
        uint32_t out[] = {2 * wire + 1}, node;

        node = mp_state_new_node(s, MP_NODE_AND2, in, out, p->block);
        mp_state_build(s, node, MP_NONE, 0.3);
        mp_state_put(s, &x->or_node, node);
        mp_state_put(s, &s->nodes[x->half_adder].companion, node);
    }
    mp_state_put(s, &x->literal[true], is_or ? n->out[0] : s->nodes[x->or_node].out[0] ^ 1u);
    for (uint32_t j = 0; j < column; j++)
        if (interval(s, p, column, j)->split == column)
            reread(s, p, column, j, column);
    for (uint32_t i = column + 1; i < p->count; i++)
        if (interval(s, p, i, column)->split == column + 1)
            reread(s, p, i, column, column);
    if (is_or)
        drop_or(s, x);
    return true;
}

int mp_state_check_prefix(const struct mp_state *s, const struct mp_state_prefix *p,
                          struct mp_error *err)
{
    for (uint32_t i = 0; i < p->count; i++)
        for (uint32_t j = 0; j < i; j++) {
            const struct mp_state_interval *x = interval(s, p, i, j);

            for (unsigned what = 0; what < 2; what++) {
                struct form f;

                if (x->users[what] == 0)
                    continue;
                f = form_of(s, p, i, j, x->split, what);
                for (unsigned k = 0; k < f.count; k++) {
                    const struct operand *o = &f.operands[k];
                    uint32_t literal = interval(s, p, o->i, o->j)->literal[o->is_propagate];

                    if (x->node[what] == MP_NONE
                            ? x->literal[what] != literal
                            : s->nodes[x->node[what]].in[k] != (literal ^ f.inverted_inputs))
                        return mp_fail(
                            err, MP_E_INPUT,
                            "operand %u of interval %u:%u (%s, users %u) is not connected", k, i, j,
                            what == 0 ? "generate" : "propagate", x->users[what]);
                }
            }
        }
    return MP_OK;
}
