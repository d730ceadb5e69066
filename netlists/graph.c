#include "netlists/graph.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct mp_node_kind_info kinds[MP_NODE_KIND_COUNT] = {
    [MP_NODE_CONSTANT] = {"constant", 0, 1, {0}},
    [MP_NODE_INPUT] = {"input", 0, 1, {0}},
    [MP_NODE_REGISTER] = {"register", 2, 1, {0}},
    [MP_NODE_AND2] = {"and2", 2, 1, {0x8}},
    [MP_NODE_AND3] = {"and3", 3, 1, {0x80}},
    [MP_NODE_AND4] = {"and4", 4, 1, {0x8000}},
    [MP_NODE_XOR2] = {"xor2", 2, 1, {0x6}},
    [MP_NODE_XOR3] = {"xor3", 3, 1, {0x96}},
    [MP_NODE_MUX2] = {"mux2", 3, 1, {0xd8}},
    [MP_NODE_MAJ3] = {"maj3", 3, 1, {0xe8}},
    [MP_NODE_AO21] = {"ao21", 3, 1, {0xf8}},
    [MP_NODE_AO22] = {"ao22", 4, 1, {0xf888}},
    [MP_NODE_AO222] = {"ao222", 6, 1, {0xfffff888f888f888}},
    [MP_NODE_HALF_ADDER] = {"half_adder", 2, 2, {0x6, 0x8}},
    [MP_NODE_HALF_ADDER_ONE] = {"half_adder_one", 2, 2, {0x9, 0xe}},
    [MP_NODE_FULL_ADDER] = {"full_adder", 3, 2, {0x96, 0xe8}},
};

const struct mp_node_kind_info *mp_node_kind_info(enum mp_node_kind kind)
{
    return &kinds[kind];
}

/* Returns the literal of the node's first output. */
static uint32_t add_node(struct mp_graph *g, enum mp_node_kind kind, const uint32_t *in)
{
    struct mp_node *n;

    mp_grow(&g->nodes, g->node_count, &g->node_capacity, sizeof *g->nodes);
    n = &g->nodes[g->node_count];
    *n = (struct mp_node){.kind = (uint8_t)kind,
                          .block = (uint8_t)g->block,
                          .prefix = g->prefix,
                          .out = g->signal_count};
    for (unsigned k = 0; k < kinds[kind].inputs; k++)
        n->in[k] = in[k];
    for (unsigned k = 0; k < kinds[kind].outputs; k++) {
        mp_grow(&g->signals, g->signal_count, &g->signal_capacity, sizeof *g->signals);
        g->signals[g->signal_count++] =
            (struct mp_signal){.node = g->node_count, .output = (uint8_t)k};
    }
    g->node_count++;
    return mp_lit(n->out, false);
}

void mp_graph_init(struct mp_graph *g, const char *name)
{
    *g = (struct mp_graph){0};
    g->name = mp_arena_strdup(&g->arena, name);
    mp_graph_block(g, "");
    add_node(g, MP_NODE_CONSTANT, NULL);
}

void mp_graph_release(struct mp_graph *g)
{
    free(g->nodes);
    free(g->signals);
    free(g->ports);
    free(g->blocks);
    free(g->prefixes);
    mp_arena_release(&g->arena);
    *g = (struct mp_graph){0};
}

uint32_t mp_graph_block(struct mp_graph *g, const char *name)
{
    uint32_t before = g->block;

    for (uint32_t i = 0; i < g->block_count; i++)
        if (strcmp(g->blocks[i].name, name) == 0) {
            g->block = i;
            return before;
        }
    assert(g->block_count < UINT8_MAX);
    mp_grow(&g->blocks, g->block_count, &g->block_capacity, sizeof *g->blocks);
    g->blocks[g->block_count].name = mp_arena_strdup(&g->arena, name);
    g->block = g->block_count++;
    return before;
}

void mp_graph_block_return(struct mp_graph *g, uint32_t block)
{
    g->block = block;
}

static struct mp_graph_port *add_port(struct mp_graph *g, const char *name, uint32_t width)
{
    struct mp_graph_port *p;

    mp_grow(&g->ports, g->port_count, &g->port_capacity, sizeof *g->ports);
    p = &g->ports[g->port_count++];
    *p = (struct mp_graph_port){.name = mp_arena_strdup(&g->arena, name),
                                .width = width,
                                .bits = mp_arena_alloc(&g->arena, width * sizeof *p->bits)};
    return p;
}

uint32_t *mp_graph_input(struct mp_graph *g, const char *name, uint32_t width)
{
    struct mp_graph_port *p = add_port(g, name, width);

    for (uint32_t i = 0; i < width; i++)
        p->bits[i] = add_node(g, MP_NODE_INPUT, NULL);
    return p->bits;
}

void mp_graph_output(struct mp_graph *g, const char *name, uint32_t width, const uint32_t *bits)
{
    struct mp_graph_port *p = add_port(g, name, width);

    p->is_output = true;
    memcpy(p->bits, bits, width * sizeof *bits);
}

void mp_graph_name(struct mp_graph *g, uint32_t literal, const char *format, ...)
{
    struct mp_signal *s = &g->signals[mp_lit_signal(literal)];
    char name[80];
    va_list args;

    if (mp_lit_signal(literal) == 0 || s->name != NULL)
        return;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    s->name = mp_arena_strdup(&g->arena, name);
}

static bool is_constant(uint32_t literal)
{
    return literal <= MP_LIT_TRUE;
}

uint32_t mp_graph_and(struct mp_graph *g, uint32_t a, uint32_t b)
{
    if (a == MP_LIT_FALSE || b == MP_LIT_FALSE || a == mp_lit_not(b))
        return MP_LIT_FALSE;
    if (a == MP_LIT_TRUE || a == b)
        return b;
    if (b == MP_LIT_TRUE)
        return a;
    return add_node(g, MP_NODE_AND2, (const uint32_t[]){a, b});
}

uint32_t mp_graph_or(struct mp_graph *g, uint32_t a, uint32_t b)
{
    return mp_lit_not(mp_graph_and(g, mp_lit_not(a), mp_lit_not(b)));
}

/* Drop true ones and repeated ones; returns how many are left, or 0 with *out for a constant. */
static unsigned distinct(unsigned count, uint32_t *in, uint32_t *out)
{
    unsigned n = 0;

    *out = MP_LIT_TRUE;
    for (unsigned i = 0; i < count; i++) {
        bool is_new = in[i] != MP_LIT_TRUE;

        for (unsigned k = 0; k < n; k++) {
            if (in[i] == mp_lit_not(in[k]))
                in[i] = MP_LIT_FALSE;
            is_new = is_new && in[i] != in[k];
        }
        if (in[i] == MP_LIT_FALSE) {
            *out = MP_LIT_FALSE;
            return 0;
        }
        if (is_new)
            in[n++] = in[i];
    }
    return n;
}

static uint32_t and_of(struct mp_graph *g, unsigned count, uint32_t *in)
{
    uint32_t constant;
    unsigned n = distinct(count, in, &constant);

    if (n <= 1)
        return n == 0 ? constant : in[0];
    return add_node(g, n == 2 ? MP_NODE_AND2 : n == 3 ? MP_NODE_AND3 : MP_NODE_AND4, in);
}

uint32_t mp_graph_and3(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c)
{
    return and_of(g, 3, (uint32_t[]){a, b, c});
}

uint32_t mp_graph_and4(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    return and_of(g, 4, (uint32_t[]){a, b, c, d});
}

uint32_t mp_graph_and_all(struct mp_graph *g, uint32_t count, const uint32_t *literals)
{
    uint32_t in[4], parts = (count + 3) / 4, made = 0;

    if (count == 0)
        return MP_LIT_TRUE;
    if (count <= 4) {
        memcpy(in, literals, count * sizeof *in);
        return and_of(g, count, in);
    }
    if (parts > 4)
        parts = 4;
    for (uint32_t i = 0, at = 0; i < parts; i++) {
        uint32_t share = (count - at) / (parts - i);

        in[made++] = mp_graph_and_all(g, share, literals + at);
        at += share;
    }
    return and_of(g, made, in);
}

/* Inversions go to the output, so that a ^ b and a ^ ~b are one node. */
uint32_t mp_graph_xor(struct mp_graph *g, uint32_t a, uint32_t b)
{
    bool inverted = mp_lit_inverted(a) != mp_lit_inverted(b);

    a &= ~1u;
    b &= ~1u;
    if (a == b)
        return mp_lit(0, inverted);
    if (a == MP_LIT_FALSE || b == MP_LIT_FALSE)
        return mp_lit_not_if(a | b, inverted);
    return mp_lit_not_if(add_node(g, MP_NODE_XOR2, (const uint32_t[]){a, b}), inverted);
}

uint32_t mp_graph_xor3(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c)
{
    bool inverted = (mp_lit_inverted(a) + mp_lit_inverted(b) + mp_lit_inverted(c)) & 1;
    uint32_t in[] = {a & ~1u, b & ~1u, c & ~1u};

    for (unsigned k = 0; k < 3; k++) {
        uint32_t x = in[k], y = in[(k + 1) % 3], z = in[(k + 2) % 3];
        if (x == MP_LIT_FALSE)
            return mp_lit_not_if(mp_graph_xor(g, y, z), inverted);
        if (x == y)
            return mp_lit_not_if(z, inverted);
    }
    return mp_lit_not_if(add_node(g, MP_NODE_XOR3, in), inverted);
}

uint32_t mp_graph_mux(struct mp_graph *g, uint32_t select, uint32_t one, uint32_t zero)
{
    if (mp_lit_inverted(select)) {
        uint32_t swapped = one;
        one = zero;
        zero = swapped;
        select = mp_lit_not(select);
    }
    if (select == MP_LIT_FALSE || one == zero)
        return zero;
    if (one == mp_lit_not(zero))
        return mp_graph_xor(g, select, zero);
    if (is_constant(one) || one == select)
        return one == MP_LIT_FALSE ? mp_graph_and(g, mp_lit_not(select), zero)
                                   : mp_graph_or(g, select, zero);
    if (is_constant(zero) || zero == select)
        return zero == MP_LIT_TRUE ? mp_graph_or(g, mp_lit_not(select), one)
                                   : mp_graph_and(g, select, one);
    if (one == mp_lit_not(select))
        return mp_graph_and(g, mp_lit_not(select), zero);
    if (zero == mp_lit_not(select))
        return mp_graph_or(g, mp_lit_not(select), one);
    return add_node(g, MP_NODE_MUX2, (const uint32_t[]){select, one, zero});
}

uint32_t mp_graph_maj(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c)
{
    const uint32_t in[] = {a, b, c};

    for (unsigned k = 0; k < 3; k++) {
        uint32_t x = in[k], y = in[(k + 1) % 3], z = in[(k + 2) % 3];
        if (is_constant(x))
            return x == MP_LIT_TRUE ? mp_graph_or(g, y, z) : mp_graph_and(g, y, z);
        if (x == y)
            return x;
        if (x == mp_lit_not(y))
            return z;
    }
    return add_node(g, MP_NODE_MAJ3, in);
}

uint32_t mp_graph_ao21(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c)
{
    if (is_constant(c))
        return c == MP_LIT_TRUE ? c : mp_graph_and(g, a, b);
    if (is_constant(a) || is_constant(b) || a == b || a == mp_lit_not(b))
        return mp_graph_or(g, mp_graph_and(g, a, b), c);
    if (a == c || b == c)
        return c;
    if (a == mp_lit_not(c))
        return mp_graph_or(g, b, c);
    if (b == mp_lit_not(c))
        return mp_graph_or(g, a, c);
    return add_node(g, MP_NODE_AO21, (const uint32_t[]){a, b, c});
}

/* A product of two literals that is a constant or one literal. */
static bool is_short(uint32_t a, uint32_t b)
{
    return is_constant(a) || is_constant(b) || a == b || a == mp_lit_not(b);
}

uint32_t mp_graph_ao22(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    if (is_short(a, b))
        return mp_graph_ao21(g, c, d, mp_graph_and(g, a, b));
    if (is_short(c, d))
        return mp_graph_ao21(g, a, b, mp_graph_and(g, c, d));
    return add_node(g, MP_NODE_AO22, (const uint32_t[]){a, b, c, d});
}

uint32_t mp_graph_and_or(struct mp_graph *g, uint32_t count, const uint32_t *select,
                         const uint32_t *data)
{
    uint32_t pairs[2 * 64], n = 0, single = MP_LIT_FALSE;

    assert(count <= 64);
    for (uint32_t i = 0; i < count; i++)
        if (is_short(select[i], data[i])) {
            single = mp_graph_or(g, single, mp_graph_and(g, select[i], data[i]));
        } else {
            pairs[2 * n] = select[i];
            pairs[2 * n++ + 1] = data[i];
        }
    if (single == MP_LIT_TRUE)
        return single;
    if (n == 1)
        return mp_graph_ao21(g, pairs[0], pairs[1], single);
    while (n >= 2) {
        const uint32_t *p = pairs + 2 * (n - (n == 3 ? 3 : 2));
        uint32_t part = n == 3 ? add_node(g, MP_NODE_AO222, p) : add_node(g, MP_NODE_AO22, p);

        single = mp_graph_or(g, single, part);
        n -= n == 3 ? 3 : 2;
    }
    return n == 1 ? mp_graph_ao21(g, pairs[0], pairs[1], single) : single;
}

uint16_t mp_graph_tree(struct mp_graph *g)
{
    assert(g->tree_count < UINT16_MAX);
    return (uint16_t)++g->tree_count;
}

static void add_adder(struct mp_graph *g, enum mp_node_kind kind, uint16_t tree, int32_t column,
                      const uint32_t *in, uint32_t *sum, uint32_t *carry)
{
    uint32_t s = add_node(g, kind, in);

    g->nodes[g->node_count - 1].tree = tree;
    g->nodes[g->node_count - 1].column = column;
    *sum = s;
    *carry = s + 2;
}

/* a + b + one */
static void add_two(struct mp_graph *g, uint16_t tree, int32_t column, uint32_t a, uint32_t b,
                    bool one, uint32_t *sum, uint32_t *carry)
{
    const uint32_t in[] = {a, b};

    if (carry == NULL) {
        *sum = mp_lit_not_if(mp_graph_xor(g, a, b), one);
    } else if (is_constant(a) || is_constant(b) || mp_lit_signal(a) == mp_lit_signal(b)) {
        *sum = mp_lit_not_if(mp_graph_xor(g, a, b), one);
        *carry = one ? mp_graph_or(g, a, b) : mp_graph_and(g, a, b);
    } else {
        add_adder(g, one ? MP_NODE_HALF_ADDER_ONE : MP_NODE_HALF_ADDER, tree, column, in, sum,
                  carry);
    }
}

void mp_graph_half_adder(struct mp_graph *g, uint16_t tree, int32_t column, uint32_t a, uint32_t b,
                         uint32_t *sum, uint32_t *carry)
{
    add_two(g, tree, column, a, b, false, sum, carry);
}

void mp_graph_full_adder(struct mp_graph *g, uint16_t tree, int32_t column, uint32_t a, uint32_t b,
                         uint32_t c, uint32_t *sum, uint32_t *carry)
{
    const uint32_t in[] = {a, b, c};

    for (unsigned k = 0; k < 3; k++)
        if (is_constant(in[k])) {
            add_two(g, tree, column, in[(k + 1) % 3], in[(k + 2) % 3], in[k] == MP_LIT_TRUE, sum,
                    carry);
            return;
        }
    if (carry == NULL) {
        *sum = mp_graph_xor3(g, a, b, c);
        return;
    }
    for (unsigned k = 0; k < 3; k++)
        if (mp_lit_signal(in[k]) == mp_lit_signal(in[(k + 1) % 3])) {
            *sum = mp_graph_xor3(g, a, b, c);
            *carry = mp_graph_maj(g, a, b, c);
            return;
        }
    add_adder(g, MP_NODE_FULL_ADDER, tree, column, in, sum, carry);
}

uint32_t mp_graph_register(struct mp_graph *g)
{
    return add_node(g, MP_NODE_REGISTER, (const uint32_t[]){MP_GRAPH_NONE, MP_GRAPH_NONE});
}

void mp_graph_register_set(struct mp_graph *g, uint32_t q, uint32_t data, uint32_t enable)
{
    struct mp_node *n = &g->nodes[g->signals[mp_lit_signal(q)].node];

    assert(n->kind == MP_NODE_REGISTER && n->in[0] == MP_GRAPH_NONE && !mp_lit_inverted(q));
    n->in[0] = data;
    n->in[1] = enable;
}

void mp_graph_depth(const struct mp_graph *g, uint32_t *depth)
{
    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];
        uint32_t most = 0;

        if (n->kind > MP_NODE_REGISTER) {
            for (unsigned k = 0; k < kinds[n->kind].inputs; k++)
                if (depth[mp_lit_signal(n->in[k])] > most)
                    most = depth[mp_lit_signal(n->in[k])];
            most++;
        }
        for (unsigned k = 0; k < kinds[n->kind].outputs; k++)
            depth[n->out + k] = most;
    }
}
