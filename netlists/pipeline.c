/*
 * Pipeline registers. Between the operand registers and the result's every node gets a stage, from
 * thresholds on its estimated arrival; a signal that is read in a later stage goes through that
 * many registers, which all its readers share. Nodes that need the accumulator stay in the last
 * stage, so that a sum still takes one cycle.
 *
 * Thresholds are chosen for the shortest slowest stage, and among those within a twentieth of it
 * for the fewest registers.
 */
#include "netlists/arrival.h"
#include "netlists/unit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define STAGES_MAX 3
#define FRONT      UINT8_MAX /* in front of the operand registers */

struct cut {
    const struct mp_graph *g;
    unsigned stages;   /* cuts; 1 more stages */
    bool *front;       /* [node] only ports reach it */
    bool *loop;        /* [node] an accumulator reaches it */
    bool *result;      /* [node] register with data from behind the operand registers */
    uint32_t *whole;   /* [signal] arrival if nothing is cut */
    uint8_t *stage;    /* [node] */
    uint32_t *arrival; /* [signal] in its stage */
    uint32_t threshold[STAGES_MAX];
};

static unsigned inputs_of(const struct mp_node *n)
{
    return mp_node_kind_info(n->kind)->inputs;
}

static unsigned outputs_of(const struct mp_node *n)
{
    return mp_node_kind_info(n->kind)->outputs;
}

static uint32_t node_of(const struct mp_graph *g, uint32_t literal)
{
    return g->signals[mp_lit_signal(literal)].node;
}

static bool is_logic(const struct mp_node *n)
{
    return n->kind > MP_NODE_REGISTER;
}

/* Which registers hold results, and which of these are read again. */
static void classify(struct cut *c)
{
    const struct mp_graph *g = c->g;

    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];
        c->front[i] = n->kind == MP_NODE_INPUT || n->kind == MP_NODE_CONSTANT;
        for (unsigned k = 0; is_logic(n) && k < inputs_of(n); k++)
            c->front[i] = (k == 0 || c->front[i]) && c->front[node_of(g, n->in[k])];
    }
    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];
        c->result[i] = n->kind == MP_NODE_REGISTER && !c->front[node_of(g, n->in[0])];
    }
    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];
        c->loop[i] = c->result[i];
        for (unsigned k = 0; is_logic(n) && k < inputs_of(n); k++)
            c->loop[i] = c->loop[i] || c->loop[node_of(g, n->in[k])];
    }
}

static unsigned stage_of(const struct cut *c, uint32_t node)
{
    const struct mp_node *n = &c->g->nodes[node];
    unsigned stage = 0;

    if (c->front[node])
        return FRONT;
    if (c->loop[node])
        return c->stages;
    for (unsigned o = 0; o < outputs_of(n); o++)
        for (unsigned t = 0; t < c->stages; t++)
            if (c->whole[n->out + o] > c->threshold[t] && t + 1 > stage)
                stage = t + 1;
    return n->kind == MP_NODE_REGISTER ? 0 : stage;
}

/* Stages of all nodes, the slowest stage's delay, and how many registers it takes. */
static uint32_t evaluate(struct cut *c, uint32_t *registers)
{
    const struct mp_graph *g = c->g;
    uint8_t *last = mp_alloc(g->signal_count, sizeof *last); /* stage of the last reader */
    uint32_t slowest = 0;

    memset(c->arrival, 0, g->signal_count * sizeof *c->arrival);
    *registers = 0;
    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];
        unsigned own = stage_of(c, i);

        for (unsigned k = 0; is_logic(n) && own != FRONT && k < inputs_of(n); k++) {
            unsigned from = c->stage[node_of(g, n->in[k])];
            own = from != FRONT && from > own ? from : own;
        }
        c->stage[i] = (uint8_t)own;
        for (unsigned o = 0; o < outputs_of(n); o++)
            last[n->out + o] = (uint8_t)own;
        for (unsigned k = 0; is_logic(n) && own != FRONT && k < inputs_of(n); k++) {
            uint32_t s = mp_lit_signal(n->in[k]);
            bool same = c->stage[g->signals[s].node] == own;
            last[s] = own > last[s] ? (uint8_t)own : last[s];
            for (unsigned o = 0; o < outputs_of(n); o++) {
                uint32_t at = (same ? c->arrival[s] : 0) + mp_arrival_delay(n->kind, k, o);
                if (at > c->arrival[n->out + o])
                    c->arrival[n->out + o] = at;
                slowest = at > slowest ? at : slowest;
            }
        }
    }
    for (uint32_t i = 0; i < g->node_count; i++)
        for (unsigned k = 0; c->result[i] && k < 2; k++) {
            uint32_t s = mp_lit_signal(g->nodes[i].in[k]);
            if (s != 0)
                last[s] = (uint8_t)c->stages;
        }
    for (uint32_t s = 1; s < g->signal_count; s++)
        if (c->stage[g->signals[s].node] != FRONT)
            *registers += last[s] - c->stage[g->signals[s].node];
    free(last);
    return slowest;
}

/* One threshold after the other over all its places, until nothing gets better. */
static void choose(struct cut *c)
{
    uint32_t most = 0, best, best_registers, fastest;

    for (uint32_t s = 0; s < c->g->signal_count; s++)
        if (!c->front[c->g->signals[s].node])
            most = c->whole[s] > most ? c->whole[s] : most;
    for (unsigned t = 0; t < c->stages; t++)
        c->threshold[t] = most * (t + 1) / (c->stages + 1);
    best = fastest = evaluate(c, &best_registers);
    for (unsigned pass = 0; pass < 4; pass++)
        for (unsigned t = 0; t < c->stages; t++) {
            uint32_t low = t > 0 ? c->threshold[t - 1] : 0, kept = c->threshold[t];
            uint32_t high = t + 1 < c->stages ? c->threshold[t + 1] : most;
            for (uint32_t at = low; at <= high; at++) {
                uint32_t registers, delay;
                bool better;
                c->threshold[t] = at;
                delay = evaluate(c, &registers);
                better = pass < 2 ? delay < best || (delay == best && registers < best_registers)
                                  : 20 * delay <= 21 * fastest && registers < best_registers;
                if (!better)
                    continue;
                kept = at;
                best = delay;
                best_registers = registers;
                fastest = delay < fastest ? delay : fastest;
            }
            c->threshold[t] = kept;
        }
    evaluate(c, &best_registers);
}

/* ---- the new graph */

struct copy {
    const struct cut *cut;
    struct mp_graph to;
    uint32_t *at;       /* [signal][stages + 1] new literal in a stage; MP_GRAPH_NONE: not yet */
    uint16_t *trees;    /* [tree][stages + 1] */
    uint32_t *prefixes; /* [prefix] 1 + new index; 0: cut through, so no record is left */
};

/* The literal as it is in `stage`, through registers. */
static uint32_t delayed(struct copy *c, uint32_t literal, unsigned stage)
{
    const struct mp_graph *g = c->cut->g;
    uint32_t s = mp_lit_signal(literal), *at = &c->at[s * (STAGES_MAX + 1)];
    unsigned from = c->cut->stage[g->signals[s].node], before;

    if (s == 0 || from == FRONT)
        return mp_lit_not_if(at[0], mp_lit_inverted(literal));
    for (unsigned k = from + 1; k <= stage; k++) {
        if (at[k] != MP_GRAPH_NONE)
            continue;
        before = mp_graph_block(&c->to, "");
        at[k] = mp_graph_register(&c->to);
        mp_graph_register_set(&c->to, at[k], at[k - 1], MP_LIT_TRUE);
        mp_graph_name(&c->to, at[k], "stage%u_%u", k, s);
        mp_graph_block_return(&c->to, before);
    }
    return mp_lit_not_if(at[stage], mp_lit_inverted(literal));
}

static uint16_t tree_in(struct copy *c, uint16_t tree, unsigned stage)
{
    uint16_t *t;

    if (tree == 0)
        return 0;
    t = &c->trees[tree * (STAGES_MAX + 1) + stage];
    if (*t == 0)
        *t = mp_graph_tree(&c->to);
    return *t;
}

/* Prefix adders that lie in one stage keep their record: its columns are there by then. */
static void find_prefixes(struct copy *c, uint8_t *stage_of_prefix)
{
    const struct mp_graph *g = c->cut->g;

    for (uint32_t p = 0; p < g->prefix_count; p++)
        stage_of_prefix[p] = FRONT;
    for (uint32_t i = 0; i < g->node_count; i++) {
        uint32_t p = g->nodes[i].prefix;
        if (p == 0 || c->prefixes[p - 1] == MP_GRAPH_NONE)
            continue;
        if (stage_of_prefix[p - 1] == FRONT)
            stage_of_prefix[p - 1] = c->cut->stage[i];
        else if (stage_of_prefix[p - 1] != c->cut->stage[i])
            c->prefixes[p - 1] = MP_GRAPH_NONE;
    }
    for (uint32_t p = 0; p < g->prefix_count; p++)
        c->prefixes[p] = c->prefixes[p] == MP_GRAPH_NONE || stage_of_prefix[p] == FRONT
                             ? 0
                             : ++c->to.prefix_count;
}

/* Nodes are added as they were, so that no folding changes their number or order. */
static void copy_logic(struct copy *c, uint32_t index)
{
    const struct mp_graph *g = c->cut->g;
    const struct mp_node *n = &g->nodes[index];
    unsigned stage = c->cut->stage[index], place = stage == FRONT ? 0 : stage;
    struct mp_node made = *n;

    for (unsigned k = 0; k < inputs_of(n); k++)
        made.in[k] = delayed(c, n->in[k], place);
    made.tree = tree_in(c, n->tree, place);
    made.prefix = n->prefix == 0 ? 0 : c->prefixes[n->prefix - 1];
    made.out = c->to.signal_count;
    mp_grow(&c->to.nodes, c->to.node_count, &c->to.node_capacity, sizeof *c->to.nodes);
    for (unsigned o = 0; o < outputs_of(n); o++) {
        mp_grow(&c->to.signals, c->to.signal_count, &c->to.signal_capacity, sizeof *c->to.signals);
        c->to.signals[c->to.signal_count++] =
            (struct mp_signal){.node = c->to.node_count, .output = (uint8_t)o};
        c->at[(n->out + o) * (STAGES_MAX + 1) + place] = mp_lit(made.out + o, false);
    }
    c->to.nodes[c->to.node_count++] = made;
}

static void copy_names(struct copy *c)
{
    const struct mp_graph *g = c->cut->g;

    for (uint32_t s = 1; s < g->signal_count; s++) {
        unsigned stage = c->cut->stage[g->signals[s].node];
        uint32_t literal = c->at[s * (STAGES_MAX + 1) + (stage == FRONT ? 0 : stage)];
        if (g->signals[s].name != NULL && literal != MP_GRAPH_NONE)
            mp_graph_name(&c->to, literal, "%s", g->signals[s].name);
    }
}

static void copy_ports(struct copy *c)
{
    const struct mp_graph *g = c->cut->g;

    for (uint32_t p = 0; p < g->port_count; p++) {
        const struct mp_graph_port *port = &g->ports[p];
        uint32_t *bits;
        if (!port->is_output) {
            bits = mp_graph_input(&c->to, port->name, port->width);
            for (uint32_t i = 0; i < port->width; i++)
                c->at[mp_lit_signal(port->bits[i]) * (STAGES_MAX + 1)] = bits[i];
        }
    }
}

static void copy_nodes(struct copy *c)
{
    const struct mp_graph *g = c->cut->g;
    unsigned last = c->cut->stages;

    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];
        unsigned stage = c->cut->result[i] ? last : 0;

        if (is_logic(n)) {
            copy_logic(c, i);
        } else if (n->kind == MP_NODE_REGISTER) {
            mp_graph_block(&c->to, g->blocks[n->block].name);
            c->at[n->out * (STAGES_MAX + 1) + stage] = mp_graph_register(&c->to);
        }
    }
    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];
        unsigned stage = c->cut->result[i] ? last : 0;
        uint32_t data, enable;

        if (n->kind != MP_NODE_REGISTER)
            continue;
        data = delayed(c, n->in[0], stage);
        enable = delayed(c, n->in[1], stage);
        mp_graph_register_set(&c->to, c->at[n->out * (STAGES_MAX + 1) + stage], data, enable);
    }
}

static void copy_prefixes(struct copy *c, const uint8_t *stage_of_prefix)
{
    const struct mp_graph *g = c->cut->g;
    uint32_t kept = 0;

    c->to.prefixes = mp_alloc(g->prefix_count + 1, sizeof *c->to.prefixes);
    c->to.prefix_capacity = g->prefix_count + 1;
    for (uint32_t p = 0; p < g->prefix_count; p++) {
        const struct mp_prefix *from = &g->prefixes[p];
        struct mp_prefix *to = &c->to.prefixes[kept];
        unsigned stage = stage_of_prefix[p];

        if (c->prefixes[p] == 0)
            continue;
        kept++;
        *to = (struct mp_prefix){
            .count = from->count,
            .generate = mp_arena_alloc(&c->to.arena, from->count * sizeof *to->generate),
            .propagate = mp_arena_alloc(&c->to.arena, from->count * sizeof *to->propagate),
            .carry = mp_arena_alloc(&c->to.arena, (from->count + 1) * sizeof *to->carry),
            .split = mp_arena_alloc(&c->to.arena, (size_t)from->count * from->count)};
        memcpy(to->split, from->split, (size_t)from->count * from->count);
        for (uint32_t k = 0; k <= from->count; k++)
            to->carry[k] = delayed(c, from->carry[k], stage);
        for (uint32_t k = 0; k < from->count; k++) {
            to->generate[k] = delayed(c, from->generate[k], stage);
            to->propagate[k] = delayed(c, from->propagate[k], stage);
        }
    }
}

static void rebuild(struct mp_graph *g, const struct cut *cut)
{
    uint8_t *stage_of_prefix = mp_alloc(g->prefix_count + 1, 1);
    struct copy c = {.cut = cut,
                     .at = mp_alloc(g->signal_count * (STAGES_MAX + 1u), sizeof *c.at),
                     .trees = mp_alloc((g->tree_count + 1u) * (STAGES_MAX + 1u), sizeof *c.trees),
                     .prefixes = mp_alloc(g->prefix_count + 1, sizeof *c.prefixes)};

    memset(c.at, 0xff, g->signal_count * (STAGES_MAX + 1u) * sizeof *c.at);
    mp_graph_init(&c.to, g->name);
    for (uint32_t b = 0; b < g->block_count; b++)
        mp_graph_block(&c.to, g->blocks[b].name);
    mp_graph_block(&c.to, "");
    c.at[0] = MP_LIT_FALSE;
    find_prefixes(&c, stage_of_prefix);
    copy_ports(&c);
    copy_nodes(&c);
    copy_prefixes(&c, stage_of_prefix);
    copy_names(&c);
    for (uint32_t p = 0; p < g->port_count; p++) {
        const struct mp_graph_port *port = &g->ports[p];
        uint32_t *bits;
        if (!port->is_output)
            continue;
        bits = mp_arena_alloc(&c.to.arena, port->width * sizeof *bits);
        for (uint32_t i = 0; i < port->width; i++)
            bits[i] = delayed(&c, port->bits[i], cut->stages);
        mp_graph_output(&c.to, port->name, port->width, bits);
    }
    mp_graph_release(g);
    *g = c.to;
    free(c.at);
    free(c.trees);
    free(c.prefixes);
    free(stage_of_prefix);
}

void mp_pipeline_cut(struct mp_graph *g, unsigned stages)
{
    struct cut c = {.g = g, .stages = stages};

    assert(stages >= 1 && stages <= STAGES_MAX);
    mp_graph_sweep(g);
    c.front = mp_alloc(g->node_count, sizeof *c.front);
    c.loop = mp_alloc(g->node_count, sizeof *c.loop);
    c.result = mp_alloc(g->node_count, sizeof *c.result);
    c.stage = mp_alloc(g->node_count, sizeof *c.stage);
    c.whole = mp_alloc(g->signal_count, sizeof *c.whole);
    c.arrival = mp_alloc(g->signal_count, sizeof *c.arrival);
    classify(&c);
    mp_arrival_estimate(g, NULL, c.whole);
    choose(&c);
    rebuild(g, &c);
    free(c.front);
    free(c.loop);
    free(c.result);
    free(c.stage);
    free(c.whole);
    free(c.arrival);
}
