#include "estimator/techmap/state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define HEADROOM 512u /* nodes, wires and copies that one move may ask for */

void mp_state_begin(struct mp_state *s, struct mp_mapped *mapped, struct mp_random *random)
{
    s->mapped = mapped;
    s->random = random;
    s->journal_count = 0;
    s->is_recording = true;
}

void mp_state_undo(struct mp_state *s)
{
    for (size_t k = s->journal_count; k-- > 0;)
        *s->journal[k].at = s->journal[k].value;
    s->journal_count = 0;
}

bool mp_state_has_room(const struct mp_state *s)
{
    return s->free_nodes >= HEADROOM && s->free_wires >= HEADROOM && s->free_copies >= HEADROOM;
}

static void *copy_array(const void *from, size_t count, size_t size)
{
    void *to = mp_alloc(count + 1, size);

    if (count > 0)
        memcpy(to, from, count * size);
    return to;
}

/* Arrays: pointer, count. One list for release and copy. */
#define ARRAYS(X)                                                                                  \
    X(nodes, s->node_capacity)                                                                     \
    X(wires, s->wire_capacity)                                                                     \
    X(copies, s->copy_capacity)                                                                    \
    X(nets, s->net_capacity)                                                                       \
    X(gate_owner, s->gate_capacity)                                                                \
    X(intervals, s->interval_count)                                                                \
    X(prefixes, s->prefix_count)                                                                   \
    X(signal_literal, s->graph->signal_count)                                                      \
    X(group_first, s->group_count + 1)                                                             \
    X(group_members, s->member_count)                                                              \
    X(node_group, s->node_capacity)

void mp_state_copy(struct mp_state *out, const struct mp_state *s)
{
    *out = *s;
#define COPY(name, count) out->name = copy_array(s->name, count, sizeof *s->name);
    ARRAYS(COPY)
#undef COPY
    out->journal = NULL;
    out->journal_count = out->journal_capacity = 0;
}

void mp_state_release(struct mp_state *s)
{
#define FREE(name, count) free(s->name);
    ARRAYS(FREE)
#undef FREE
    free(s->journal);
    *s = (struct mp_state){0};
}

/* ---- from the graph ---- */

struct import {
    struct mp_state *s;
    const struct mp_graph *g;
    const struct mp_state_options *options;
    bool *needed; /* [signal] */
    uint32_t *stack;
    uint32_t stack_count;
    uint32_t *carry_prefix, *carry_index; /* [signal] MP_NONE: no prefix adder's carry */
};

static void find_carries(struct import *x)
{
    const struct mp_graph *g = x->g;

    for (uint32_t i = 0; i < g->signal_count; i++)
        x->carry_prefix[i] = MP_NONE;
    for (uint32_t p = 0; p < g->prefix_count; p++)
        for (uint32_t k = 1; k <= g->prefixes[p].count; k++) {
            uint32_t signal = mp_lit_signal(g->prefixes[p].carry[k]);
            if (signal != 0 && g->nodes[g->signals[signal].node].prefix == p + 1) {
                x->carry_prefix[signal] = p;
                x->carry_index[signal] = k;
            }
        }
}

static void need(struct import *x, uint32_t literal)
{
    uint32_t signal = mp_lit_signal(literal);

    if (!x->needed[signal]) {
        x->needed[signal] = true;
        x->stack[x->stack_count++] = signal;
    }
}

/* Everything that outputs depend on, a prefix adder taken as a whole. */
static void find_needed(struct import *x)
{
    const struct mp_graph *g = x->g;

    for (uint32_t i = 0; i < g->port_count; i++)
        for (uint32_t k = 0; k < g->ports[i].width; k++)
            if (g->ports[i].is_output)
                need(x, g->ports[i].bits[k]);
    while (x->stack_count > 0) {
        uint32_t signal = x->stack[--x->stack_count];
        const struct mp_node *n = &g->nodes[g->signals[signal].node];

        if (x->carry_prefix[signal] != MP_NONE) {
            const struct mp_prefix *p = &g->prefixes[x->carry_prefix[signal]];
            for (uint32_t k = 0; k < x->carry_index[signal]; k++) {
                need(x, p->generate[k]);
                if (k > 0)
                    need(x, p->propagate[k]);
            }
        } else {
            for (unsigned k = 0; k < mp_node_kind_info(n->kind)->inputs; k++)
                need(x, n->in[k]);
        }
    }
}

static uint32_t literal_of(struct import *x, uint32_t graph_literal);

static uint32_t build_carry(struct import *x, uint32_t signal)
{
    uint32_t prefix = x->carry_prefix[signal], k = x->carry_index[signal];
    const struct mp_prefix *from = &x->g->prefixes[prefix];
    const struct mp_state_prefix *p = &x->s->prefixes[prefix];

    for (uint32_t i = 0; i < k; i++) {
        struct mp_state_interval *leaf = &x->s->intervals[p->first + i * p->count + i];

        leaf->literal[0] = literal_of(x, from->generate[i]);
        leaf->literal[1] = i == 0 ? MP_LIT_FALSE : literal_of(x, from->propagate[i]);
    }
    return mp_state_use_interval(x->s, p, k - 1, 0, false) ^ (from->carry[k] & 1u);
}

/* An adder of which one output is not needed is an XOR, or an AND, OR or majority. */
static void reduce(const struct import *x, const struct mp_node *n, unsigned *function,
                   uint32_t *in, uint32_t *inverted, unsigned *output)
{
    bool sum = x->needed[n->out];
    bool is_one = n->kind == MP_NODE_HALF_ADDER_ONE;

    *function = n->kind;
    *inverted = 0;
    *output = 0;
    if (mp_node_kind_info(n->kind)->outputs < 2 || (sum && x->needed[n->out + 1]))
        return;
    *output = sum ? 0 : 1;
    *inverted = is_one;
    if (n->kind == MP_NODE_FULL_ADDER)
        *function = sum ? MP_NODE_XOR3 : MP_NODE_MAJ3;
    else
        *function = sum ? MP_NODE_XOR2 : MP_NODE_AND2;
    if (is_one && !sum)
        for (unsigned k = 0; k < 2; k++)
            in[k] ^= 1u;
}

static uint32_t first_choice(struct import *x, unsigned function)
{
    struct mp_state *s = x->s;
    uint32_t first = s->templates->first[function];
    uint32_t count = s->templates->first[function + 1] - first;
    bool has_cell = s->matcher->first[function] < s->matcher->first[function + 1];

    if (has_cell && (x->options->use_cells || count == 0 || function < MP_NODE_HALF_ADDER))
        return MP_NONE;
    return first + (uint32_t)mp_random_below(s->random, count);
}

static void build_node(struct import *x, uint32_t index)
{
    struct mp_state *s = x->s;
    const struct mp_node *n = &x->g->nodes[index];
    uint32_t in[MP_GRAPH_INPUTS], out[MP_GRAPH_OUTPUTS], inverted, node;
    unsigned function, output;

    for (unsigned k = 0; k < mp_node_kind_info(n->kind)->inputs; k++)
        in[k] = literal_of(x, n->in[k]);
    reduce(x, n, &function, in, &inverted, &output);
    for (unsigned o = 0; o < mp_function_info(function)->outputs; o++) {
        uint32_t wire = mp_state_new_wire(s);

        s->signal_literal[n->out + output + o] = 2 * wire;
        out[o] = 2 * wire + inverted;
    }
    node = mp_state_new_node(s, function, in, out, n->block);
    if (n->tree != 0 && function == n->kind) {
        s->nodes[node].tree = n->tree;
        s->nodes[node].column = (uint32_t)n->column;
    }
    mp_state_build(s, node, first_choice(x, function), x->options->noise);
}

static uint32_t literal_of(struct import *x, uint32_t graph_literal)
{
    uint32_t signal = mp_lit_signal(graph_literal), *literal = &x->s->signal_literal[signal];

    if (*literal == MP_NONE) {
        if (x->carry_prefix[signal] != MP_NONE)
            *literal = build_carry(x, signal);
        else
            build_node(x, x->g->signals[signal].node);
    }
    return *literal ^ (graph_literal & 1u);
}

static uint32_t input_wire(struct mp_state *s)
{
    uint32_t wire = s->free_wire, net = mp_mapped_add_input(s->mapped);

    s->free_wire = s->wires[wire].net;
    s->free_wires--;
    s->wires[wire] = (struct mp_state_wire){.net = net, .driver = MP_NONE, .first_copy = MP_NONE};
    s->nets[net] = (struct mp_state_net){.wire = wire, .copy = MP_NONE};
    return wire;
}

/* The port clk, else an input of its own. */
static void make_clock(struct mp_state *s, const struct mp_graph *g)
{
    for (uint32_t i = 0; i < g->port_count; i++)
        if (!g->ports[i].is_output && strcmp(g->ports[i].name, "clk") == 0)
            return;
    s->has_own_clock = true;
    s->clock_net = mp_mapped_add_input(s->mapped);
}

static void make_inputs(struct mp_state *s, const struct mp_graph *g, bool has_register)
{
    if (has_register)
        make_clock(s, g);
    for (uint32_t i = 0; i < g->port_count; i++)
        for (uint32_t k = 0; k < g->ports[i].width && !g->ports[i].is_output; k++) {
            uint32_t wire = input_wire(s);

            s->signal_literal[mp_lit_signal(g->ports[i].bits[k])] = 2 * wire;
            if (has_register && !s->has_own_clock && strcmp(g->ports[i].name, "clk") == 0)
                s->clock_net = s->wires[wire].net;
        }
}

/* Inputs and registers' outputs first: all else follows from outputs and registers' data. */
static int build_all(struct import *x, struct mp_error *err)
{
    struct mp_state *s = x->s;
    const struct mp_graph *g = x->g;
    bool has_register = false;

    for (uint32_t i = 0; i < g->node_count; i++)
        has_register |= g->nodes[i].kind == MP_NODE_REGISTER && x->needed[g->nodes[i].out];
    if (has_register && s->matcher->flip_flop == MP_NONE)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "library %s has no plain flip-flop, and %s has registers",
                       s->matcher->nldm->library->name, g->name);
    make_inputs(s, g, has_register);
    for (uint32_t i = 0; i < g->node_count; i++)
        if (g->nodes[i].kind == MP_NODE_REGISTER && x->needed[g->nodes[i].out])
            s->signal_literal[g->nodes[i].out] = 2 * mp_state_new_wire(s);
    for (uint32_t i = 0; i < g->node_count; i++)
        if (g->nodes[i].kind == MP_NODE_REGISTER && x->needed[g->nodes[i].out])
            mp_state_build_register(s, i, s->signal_literal[g->nodes[i].out],
                                    literal_of(x, g->nodes[i].in[0]),
                                    literal_of(x, g->nodes[i].in[1]));
    for (uint32_t i = 0; i < g->port_count; i++)
        for (uint32_t k = 0; k < g->ports[i].width && g->ports[i].is_output; k++)
            mp_mapped_add_output(s->mapped,
                                 mp_state_literal_net(s, literal_of(x, g->ports[i].bits[k])));
    return MP_OK;
}

static void make_lists(struct mp_state *s)
{
    s->nodes = mp_alloc(s->node_capacity + 1u, sizeof *s->nodes);
    s->wires = mp_alloc(s->wire_capacity + 1u, sizeof *s->wires);
    s->copies = mp_alloc(s->copy_capacity + 1u, sizeof *s->copies);
    s->nets = mp_alloc(s->net_capacity + 1u, sizeof *s->nets);
    s->gate_owner = mp_alloc(s->gate_capacity + 1u, sizeof *s->gate_owner);
    s->node_group = mp_alloc(s->node_capacity + 1u, sizeof *s->node_group);
    for (uint32_t i = 0; i < s->node_capacity; i++)
        s->nodes[i].parent = i + 1 < s->node_capacity ? i + 1 : MP_NONE;
    for (uint32_t i = 1; i < s->wire_capacity; i++)
        s->wires[i].net = i + 1 < s->wire_capacity ? i + 1 : MP_NONE;
    for (uint32_t i = 0; i < s->copy_capacity; i++)
        s->copies[i].next = i + 1 < s->copy_capacity ? i + 1 : MP_NONE;
    for (uint32_t i = 0; i < 2; i++)
        s->nets[i].copy = MP_NONE;
    s->free_wire = 1;
    s->free_nodes = s->node_capacity;
    s->free_wires = s->wire_capacity - 1;
    s->free_copies = s->copy_capacity;
    s->wires[0].driver = s->wires[0].first_copy = MP_NONE;
}

static void make_prefixes(struct mp_state *s, const struct mp_graph *g)
{
    s->prefix_count = g->prefix_count;
    s->prefixes = mp_alloc(g->prefix_count + 1u, sizeof *s->prefixes);
    for (uint32_t i = 0; i < g->prefix_count; i++) {
        uint32_t count = g->prefixes[i].count, carry = MP_LIT_FALSE;

        for (uint32_t k = 1; k <= count && carry <= MP_LIT_TRUE; k++)
            carry = g->prefixes[i].carry[k];
        s->prefixes[i] = (struct mp_state_prefix){
            .count = count,
            .first = s->interval_count,
            .block = g->nodes[g->signals[mp_lit_signal(carry)].node].block};
        s->interval_count += count * count;
    }
    s->intervals = mp_alloc(s->interval_count + 1u, sizeof *s->intervals);
    for (uint32_t i = 0; i < g->prefix_count; i++)
        for (uint32_t k = 0; k < g->prefixes[i].count * g->prefixes[i].count; k++)
            s->intervals[s->prefixes[i].first + k].split = g->prefixes[i].split[k];
}

/* Columns of prefix adders whose generate and propagate are a half adder's outputs. */
static void find_half_adders(struct mp_state *s)
{
    for (uint32_t a = 0; a < s->prefix_count; a++)
        for (uint32_t k = 0; k < s->prefixes[a].count; k++) {
            const struct mp_state_prefix *p = &s->prefixes[a];
            struct mp_state_interval *x = &s->intervals[p->first + k * p->count + k];

            x->half_adder = x->or_node = MP_NONE;
            for (uint32_t i = 0; i < s->node_capacity; i++)
                if (s->nodes[i].function == MP_NODE_HALF_ADDER && s->nodes[i].parent == MP_NONE &&
                    x->literal[0] == s->nodes[i].out[1] && x->literal[1] == s->nodes[i].out[0])
                    x->half_adder = i;
        }
}

static int compare_u64(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Adders by tree and column; the nodes of graph adders keep their place for good. */
static void make_groups(struct mp_state *s)
{
    uint64_t *keys = mp_alloc(2 * (size_t)s->node_capacity + 2, sizeof *keys);
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->node_capacity; i++) {
        s->node_group[i] = MP_NONE;
        if (s->nodes[i].function != 0 && s->nodes[i].tree != 0) {
            keys[2 * count] = (uint64_t)s->nodes[i].tree << 32 | s->nodes[i].column;
            keys[2 * count++ + 1] = i;
        }
    }
    qsort(keys, count, 2 * sizeof *keys, compare_u64);
    s->group_first = mp_alloc(count + 2u, sizeof *s->group_first);
    s->group_members = mp_alloc(count + 1u, sizeof *s->group_members);
    s->member_count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || keys[2 * i] != keys[2 * i - 2])
            s->group_first[s->group_count++] = i;
        s->group_members[i] = (uint32_t)keys[2 * i + 1];
        s->node_group[s->group_members[i]] = s->group_count - 1;
    }
    s->group_first[s->group_count] = count;
    free(keys);
}

int mp_state_init(struct mp_state *s, struct mp_mapped *mapped, const struct mp_graph *graph,
                  const struct mp_matcher *matcher, const struct mp_templates *templates,
                  const struct mp_state_options *options, struct mp_error *err)
{
    struct import x = {.s = s, .g = graph, .options = options};
    const struct mp_nldm *n = matcher->nldm;
    int rc;

    *s = (struct mp_state){.mapped = mapped,
                           .random = options->random,
                           .graph = graph,
                           .matcher = matcher,
                           .templates = templates,
                           .clock_net = MP_NONE};
    s->inverter_area = n->cells[n->family_cells[n->family_first[matcher->inverter]]].area_um2;
    s->node_capacity = 8 * graph->node_count + 2 * HEADROOM;
    s->wire_capacity = s->node_capacity;
    s->copy_capacity = graph->node_count + 2 * HEADROOM;
    s->net_capacity = s->wire_capacity + s->copy_capacity + 8;
    s->gate_capacity = s->node_capacity + s->copy_capacity + 8;
    make_lists(s);
    make_prefixes(s, graph);
    s->signal_literal = mp_alloc(graph->signal_count, sizeof *s->signal_literal);
    for (uint32_t i = 1; i < graph->signal_count; i++)
        s->signal_literal[i] = MP_NONE;
    x.needed = mp_alloc(graph->signal_count, sizeof *x.needed);
    x.stack = mp_alloc(graph->signal_count, sizeof *x.stack);
    x.carry_prefix = mp_alloc(graph->signal_count, sizeof *x.carry_prefix);
    x.carry_index = mp_alloc(graph->signal_count, sizeof *x.carry_index);
    find_carries(&x);
    find_needed(&x);
    rc = build_all(&x, err);
    if (rc == MP_OK) {
        make_groups(s);
        find_half_adders(s);
        if (mp_mapped_update(s->mapped) != MP_MAPPED_OK)
            rc = mp_fail(err, MP_E_INPUT, "graph %s has a combinational loop", graph->name);
    }
    free(x.needed);
    free(x.stack);
    free(x.carry_prefix);
    free(x.carry_index);
    if (rc < 0)
        mp_state_release(s);
    return rc;
}
