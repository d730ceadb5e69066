#include "estimator/activity/program.h"
#include <stdlib.h>
#include <string.h>

#define MAX_EXPRESSION 4096

/* A node of a cell function; leaves have pin >= 0. */
struct node {
    int16_t code;
    uint16_t left, right;
    uint64_t support; /* local pins, bit pin_count: the state */
};

struct builder {
    const struct mp_netlist *n;
    struct mp_drafts *drafts; /* of the section that is being built */
    struct mp_draft_rows rows;
    struct node *nodes;
    size_t node_count, node_capacity;
    uint32_t cell, state_row;
    const struct mp_lib_cell *type;
    struct mp_error *err;
};

static uint8_t opcode_value(enum mp_opcode opcode, uint8_t a, uint8_t b, uint8_t c)
{
    switch (opcode) {
#define X(name, arity, expression)                                                                 \
    case MP_OP_##name:                                                                             \
        return (uint8_t)(expression);
        MP_OPCODES(X)
#undef X
    case MP_OP_COUNT:
        break;
    }
    return 0;
}

uint8_t mp_opcode_table(enum mp_opcode opcode)
{
    return opcode_value(opcode, 0xaa, 0xcc, 0xf0);
}

unsigned mp_opcode_arity(enum mp_opcode opcode)
{
    static const uint8_t arity[] = {
#define X(name, inputs, expression) inputs,
        MP_OPCODES(X)
#undef X
    };
    return arity[opcode];
}

static uint32_t draft(struct builder *b, enum mp_opcode opcode, const uint32_t in[3], uint32_t out)
{
    struct mp_drafts *d = b->drafts;
    bool is_net = out != MP_NONE && out < b->rows.net_count;
    if (out == MP_NONE)
        out = b->rows.net_count + b->rows.state_count + b->rows.input_count +
              b->rows.temporary_count++;
    mp_grow(&d->items, d->count, &d->capacity, sizeof *d->items);
    d->items[d->count++] = (struct mp_draft){
        .opcode = (uint16_t)opcode, .is_counted = is_net, .out = out, .in = {in[0], in[1], in[2]}};
    return out;
}

static bool depends_on(uint8_t table, unsigned variable)
{
    static const uint8_t low[3] = {0x55, 0x33, 0x0f};
    unsigned shift = 1u << variable;
    return ((table >> shift ^ table) & low[variable]) != 0;
}

/* One operation for a function of up to three rows, if an opcode computes it in some order of its
 * inputs. *result is the row. */
static bool emit(struct builder *b, uint8_t table, const uint32_t rows[3], uint32_t out,
                 uint32_t *result)
{
    static const uint8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const uint8_t patterns[3] = {0xaa, 0xcc, 0xf0};
    unsigned arity = 0;
    for (unsigned v = 0; v < 3; v++)
        arity += depends_on(table, v);
    if (arity == 0) {
        uint32_t in[3] = {table ? 1 : 0, 0, 0};
        *result = out == MP_NONE ? in[0] : draft(b, MP_OP_BUF, in, out);
        return true;
    }
    if (arity == 1 && out == MP_NONE)
        for (unsigned v = 0; v < 3; v++)
            if (table == patterns[v]) {
                *result = rows[v];
                return true;
            }
    for (unsigned op = 0; op < MP_OP_COUNT; op++) {
        if (mp_opcode_arity(op) != arity)
            continue;
        for (unsigned k = 0; k < 6; k++) {
            const uint8_t *o = orders[k];
            if (opcode_value(op, patterns[o[0]], patterns[o[1]], patterns[o[2]]) != table)
                continue;
            uint32_t in[3] = {0};
            for (unsigned v = 0; v < arity; v++)
                in[v] = rows[o[v]];
            *result = draft(b, op, in, out);
            return true;
        }
    }
    return false;
}

static int parse(struct builder *b, const struct mp_expr *e, uint16_t *root)
{
    uint16_t stack[MAX_EXPRESSION];
    unsigned depth = 0;
    b->node_count = 0;
    if (e->code == NULL || e->length == 0 || e->length > MAX_EXPRESSION)
        goto unusable;
    for (uint32_t i = 0; i < e->length; i++) {
        struct node x = {.code = e->code[i]};
        unsigned need = x.code == MP_EXPR_NOT ? 1 : x.code < 0 && x.code >= MP_EXPR_XOR ? 2 : 0;
        if (depth < need)
            goto unusable;
        if (need >= 1)
            x.left = stack[--depth];
        if (need == 2)
            x.right = stack[--depth];
        if (x.code > (int16_t)b->type->pin_count + 1)
            goto unusable;
        if (x.code >= 0)
            x.support = (uint64_t)1
                        << (x.code > (int16_t)b->type->pin_count ? (unsigned)b->type->pin_count
                                                                 : (unsigned)x.code);
        else if (need >= 1)
            x.support = b->nodes[x.left].support | (need == 2 ? b->nodes[x.right].support : 0);
        mp_grow(&b->nodes, b->node_count, &b->node_capacity, sizeof *b->nodes);
        stack[depth++] = (uint16_t)b->node_count;
        b->nodes[b->node_count++] = x;
    }
    *root = stack[0];
    if (depth == 1)
        return MP_OK;
unusable:
    mp_fail(b->err, MP_E_UNSUPPORTED, "cell %s: function of unusable form or length",
            b->type->name);
    return MP_E_UNSUPPORTED; /* not mp_fail()'s result: clang-tidy sees that root is not set */
}

/* Value of a node with pin v[i] at pattern i. */
static uint8_t value(const struct builder *b, uint16_t at, const uint64_t v[3])
{
    static const uint8_t patterns[3] = {0xaa, 0xcc, 0xf0};
    const struct node *x = &b->nodes[at];
    switch (x->code) {
    case MP_EXPR_AND:
        return value(b, x->left, v) & value(b, x->right, v);
    case MP_EXPR_OR:
        return value(b, x->left, v) | value(b, x->right, v);
    case MP_EXPR_XOR:
        return value(b, x->left, v) ^ value(b, x->right, v);
    case MP_EXPR_NOT:
        return (uint8_t)~value(b, x->left, v);
    case MP_EXPR_ZERO:
        return 0;
    case MP_EXPR_ONE:
        return 0xff;
    default:
        for (unsigned i = 0; i < 3; i++)
            if (v[i] == x->support)
                return x->code == (int16_t)b->type->pin_count + 1 ? (uint8_t)~patterns[i]
                                                                  : patterns[i];
        return 0;
    }
}

static uint32_t pin_row(const struct builder *b, unsigned pin)
{
    return pin == b->type->pin_count ? b->state_row
                                     : b->n->pin_net[b->n->cell_first_pin[b->cell] + pin];
}

static unsigned split_support(const struct builder *b, uint64_t support, uint64_t v[3],
                              uint32_t rows[3])
{
    unsigned count = 0;
    for (; support && count < 3; support &= support - 1, count++) {
        v[count] = support & -support;
        rows[count] = pin_row(b, (unsigned)__builtin_ctzll(support));
    }
    return count;
}

/* Row of a node's value (inverted if asked), in row `out` unless that is MP_NONE. */
static uint32_t build(struct builder *b, uint16_t at, bool inverted, uint32_t out)
{
    uint64_t v[3] = {0};
    uint32_t rows[3] = {0}, result = 0;
    while (b->nodes[at].code == MP_EXPR_NOT) {
        inverted = !inverted;
        at = b->nodes[at].left;
    }
    struct node x = b->nodes[at];
    uint8_t flip = inverted ? 0xff : 0;
    if (__builtin_popcountll(x.support) <= 3) {
        split_support(b, x.support, v, rows);
        if (emit(b, value(b, at, v) ^ flip, rows, out, &result))
            return result;
    }
    uint16_t large = x.left, small = x.right;
    if (__builtin_popcountll(b->nodes[large].support) <
        __builtin_popcountll(b->nodes[small].support)) {
        large = x.right;
        small = x.left;
    }
    memset(v, 0, sizeof v);
    rows[2] = build(b, large, false, MP_NONE);
    bool fits = __builtin_popcountll(b->nodes[small].support) <= 2;
    if (fits)
        split_support(b, b->nodes[small].support, v, rows);
    for (int attempt = fits ? 0 : 1; attempt < 2; attempt++) {
        uint8_t s = 0xaa, table;
        if (attempt == 0)
            s = value(b, small, v);
        else
            rows[0] = build(b, small, false, MP_NONE);
        table = x.code == MP_EXPR_AND ? s & 0xf0 : x.code == MP_EXPR_OR ? s | 0xf0 : s ^ 0xf0;
        if (emit(b, table ^ flip, rows, out, &result))
            break;
    }
    return result; /* every function of two rows has an opcode: the second attempt cannot fail */
}

static int build_expression(struct builder *b, const struct mp_expr *e, uint64_t allowed,
                            uint32_t out)
{
    uint16_t root;
    int rc = parse(b, e, &root);
    if (rc < 0)
        return rc;
    if (b->nodes[root].support & ~allowed)
        return mp_fail(b->err, MP_E_UNSUPPORTED,
                       "cell %s: a function reads a pin that it may not (an output, or a register "
                       "output that is more than its state)",
                       b->type->name);
    build(b, root, false, out);
    return MP_OK;
}

static uint64_t input_pins(const struct builder *b)
{
    uint64_t pins = 0;
    for (uint32_t k = 0; k < b->type->pin_count; k++)
        if (b->n->library->pins[b->type->first_pin + k].direction == MP_DIR_INPUT)
            pins |= (uint64_t)1 << k;
    return pins;
}

static int build_outputs(struct builder *b, uint64_t allowed)
{
    int rc = MP_OK;
    for (uint32_t k = 0; k < b->type->pin_count && rc == MP_OK; k++) {
        const struct mp_lib_pin *pin = &b->n->library->pins[b->type->first_pin + k];
        uint32_t net = b->n->pin_net[b->n->cell_first_pin[b->cell] + k];
        if (pin->direction == MP_DIR_OUTPUT && net != MP_NONE)
            rc = build_expression(b, &pin->function, allowed, net);
    }
    return rc;
}

static void select_cell(struct builder *b, uint32_t cell)
{
    b->cell = cell;
    b->type = &b->n->library->cells[b->n->cell_type[cell]];
}

/* state = (state | preset) & ~clear, in place: clear wins when both are active. */
static int build_asynchronous(struct builder *b)
{
    uint64_t allowed = input_pins(b);
    uint32_t rows[3] = {0, 0, b->state_row}, ignored;
    uint16_t root;
    int rc = MP_OK;
    if (b->type->preset.code) {
        if ((rc = parse(b, &b->type->preset, &root)) < 0)
            return rc;
        rows[1] = b->nodes[root].support & ~allowed ? MP_NONE : build(b, root, false, MP_NONE);
    }
    if (b->type->clear.code) {
        if ((rc = parse(b, &b->type->clear, &root)) < 0)
            return rc;
        rows[0] = b->nodes[root].support & ~allowed ? MP_NONE : build(b, root, false, MP_NONE);
    }
    if (rows[0] == MP_NONE || rows[1] == MP_NONE)
        return mp_fail(b->err, MP_E_UNSUPPORTED, "cell %s: clear or preset reads an output",
                       b->type->name);
    /* a = clear, b = preset, c = state */
    emit(b, (uint8_t)((0xf0 | 0xcc) & ~0xaa), rows, b->state_row, &ignored);
    return MP_OK;
}

static int build_registers(struct builder *b, struct mp_drafts drafts[MP_SECTION_COUNT])
{
    const struct mp_netlist *n = b->n;
    int rc = MP_OK;
    for (uint32_t i = 0; i < n->register_count && rc == MP_OK; i++) {
        select_cell(b, n->registers[i]);
        uint64_t state = (uint64_t)1 << b->type->pin_count;
        bool is_asynchronous = b->type->clear.code || b->type->preset.code;
        b->state_row = n->net_count + i;
        b->drafts = &drafts[MP_SECTION_NEXT];
        rc = build_expression(b, &b->type->next_state, input_pins(b) | state, b->state_row);
        b->drafts = &drafts[is_asynchronous ? MP_SECTION_SETTLE : MP_SECTION_COMMIT];
        if (rc == MP_OK && is_asynchronous)
            rc = build_asynchronous(b);
        if (rc == MP_OK)
            rc = build_outputs(b, state);
    }
    return rc;
}

/* Every bit of every input port but the clock. */
static void build_inputs(struct builder *b, struct mp_program *p)
{
    const struct mp_netlist *n = b->n;
    for (int pass = 0; pass < 2; pass++) {
        p->input_count = 0;
        for (uint32_t i = 0; i < n->port_count; i++)
            for (uint32_t k = 0; k < n->ports[i].width; k++) {
                if (n->ports[i].direction != MP_DIR_INPUT || n->ports[i].nets[k] == n->clock_net)
                    continue;
                if (pass == 1)
                    p->input_net[p->input_count] = n->ports[i].nets[k];
                p->input_count++;
            }
        if (pass == 0)
            p->input_net = mp_alloc((size_t)p->input_count + 1, sizeof *p->input_net);
    }
    b->rows.input_count = p->input_count;
    for (uint32_t i = 0; i < p->input_count; i++) {
        uint32_t in[3] = {n->net_count + n->register_count + i, 0, 0};
        draft(b, MP_OP_BUF, in, p->input_net[i]);
    }
}

int mp_program_compile(struct mp_program *p, const struct mp_netlist *n, struct mp_error *err)
{
    struct mp_drafts drafts[MP_SECTION_COUNT] = {{0}};
    struct builder b = {.n = n,
                        .err = err,
                        .drafts = &drafts[MP_SECTION_COMMIT],
                        .rows = {.net_count = n->net_count, .state_count = n->register_count}};
    int rc;
    memset(p, 0, sizeof *p);
    build_inputs(&b, p);
    if ((rc = build_registers(&b, drafts)) < 0)
        goto out;
    b.drafts = &drafts[MP_SECTION_SETTLE];
    for (uint32_t i = 0; i < n->order_count && rc == MP_OK; i++) {
        select_cell(&b, n->order[i]);
        b.state_row = MP_NONE;
        rc = build_outputs(&b, input_pins(&b));
    }
    if (rc == MP_OK)
        rc = mp_program_schedule(p, drafts, &b.rows, err);
out:
    for (int s = 0; s < MP_SECTION_COUNT; s++)
        free(drafts[s].items);
    free(b.nodes);
    if (rc < 0)
        mp_program_release(p);
    return rc;
}

void mp_program_release(struct mp_program *p)
{
    for (int s = 0; s < MP_SECTION_COUNT; s++) {
        free(p->sections[s].operations);
        free(p->sections[s].runs);
    }
    free(p->net_row);
    free(p->input_net);
    memset(p, 0, sizeof *p);
}
