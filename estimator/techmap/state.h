/*
 * What a search walks through: an arithmetic graph, how each of its nodes is made of library cells,
 * and the netlist under edit (mapped.h) that follows. Every function here changes both together and
 * undoes both together.
 *
 * Nodes. A node of the graph is a state node; so is each part of a template chosen for it, and each
 * interval of a prefix adder. A node either has a match (one cell) or a template (children).
 * Wires. Every output of a node that something reads is a wire. A literal is 2 * wire + inverted,
 * as in the graph but over wires. A node's out[o] is the literal that its output o equals.
 * Nets. A wire has a main net, driven by its node's cell in the polarity that the match gives, and
 * copies: nets driven by an inverter or a buffer from another of its nets. A reader takes a net
 * that has the polarity it wants; where there is none an inverter is made, shared by all who want
 * it, and it goes when its last reader does. So an inverter is never asked for or removed by hand.
 *
 * Readers are not kept in lists of their own: the sinks of a net in mapped are the readers.
 *
 * Undo: what follows mp_state_begin is recorded, and mp_state_undo takes back what changed here;
 * the netlist has its own checkpoints (rolled back first, or after, all the same). The netlist is
 * borrowed, since whoever anneals owns it; begin says which one the state stands on from now on,
 * and which random numbers choices are drawn from.
 *
 *     struct mp_state s;
 *     if (mp_state_init(&s, &mapped, graph, matcher, templates, &options, err) < 0) ...
 *     uint32_t mark = mp_mapped_checkpoint(&mapped);
 *     mp_state_begin(&s, &mapped, &random);
 *     mp_state_set_match(&s, node, match, pinning);
 *     if (mp_mapped_update(&mapped) == MP_MAPPED_OK && is_better) {
 *         mp_mapped_commit(&mapped, mark);
 *     } else {
 *         mp_mapped_rollback(&mapped, mark);
 *         mp_state_undo(&s);
 *     }
 */
#ifndef MP_TECHMAP_STATE_H
#define MP_TECHMAP_STATE_H

#include "estimator/techmap/mapped.h"
#include "estimator/techmap/template.h"
#include "estimator/util/random.h"

/* All fields are 32-bit words, so that one journal of words serves all of them. */
struct mp_state_node {
    uint32_t function; /* enum mp_function; 0: a hole (next free in parent) */
    uint32_t parent;   /* node whose template this is a part of; MP_NONE */
    uint32_t choice;   /* template, index into templates.items; MP_NONE: has a match */
    uint32_t match;    /* index into matcher.matches; MP_NONE for registers and templates */
    uint32_t pinning;  /* index into matcher.pinnings */
    uint32_t gate;     /* of mapped, where it has a match or is a register */
    uint32_t in[MP_GRAPH_INPUTS];
    uint32_t out[MP_GRAPH_OUTPUTS]; /* MP_NONE: nobody asked for this output */
    uint32_t child[MP_TEMPLATE_PARTS];
    uint32_t block;        /* of the graph */
    uint32_t tree, column; /* tree 0: inputs stay */
    uint32_t interval;     /* 2 * index into intervals + (1: propagate); MP_NONE */
    uint32_t graph_node;   /* registers */
    uint32_t companion;    /* a NOR of the same two inputs, which follows them; MP_NONE */
};

struct mp_state_wire {
    uint32_t net;        /* main; next free where this is a hole */
    uint32_t driver;     /* node with the cell; MP_NONE: input port */
    uint32_t first_copy; /* MP_NONE: none */
};

struct mp_state_copy {
    uint32_t gate, net;
    uint32_t next;   /* copy of the same wire, or next free */
    uint32_t parent; /* net */
};

/* Of each net of mapped: which wire, does it carry its complement, which copy (MP_NONE: main). */
struct mp_state_net {
    uint32_t wire, inverted, copy;
};

/* G[i:j] and P[i:j] of one prefix adder, [0] generate, [1] propagate. */
struct mp_state_interval {
    uint32_t split;      /* where i > j */
    uint32_t literal[2]; /* while used; of a single column always */
    uint32_t node[2];    /* while used; MP_NONE: constant, a single column or another's literal */
    uint32_t users[2];
    /* Of a single column whose generate and propagate are a half adder's: that node, else MP_NONE;
     * and the node of its inputs' OR while that takes the place of propagate among the carries (it
     * makes the same carries and is there earlier than the XOR). */
    uint32_t half_adder, or_node;
};
struct mp_state_prefix {
    uint32_t count, block;
    uint32_t first; /* interval (i, j) is first + i * count + j */
};

#define MP_STATE_COPY_FLAG 0x80000000u /* in gate_owner: a copy, not a node */

struct mp_state_options {
    struct mp_random *random;
    double noise;   /* of the first choice of cells, in areas of an inverter; 0: the smallest */
    bool use_cells; /* adders start as cells where there are any (else by a random template) */
};

struct mp_state {
    const struct mp_graph *graph;
    const struct mp_matcher *matcher;
    const struct mp_templates *templates;
    struct mp_mapped *mapped; /* not owned */
    struct mp_random *random; /* not owned */
    float inverter_area;

    struct mp_state_node *nodes; /* [node_capacity] */
    struct mp_state_wire *wires; /* [wire_capacity]; wire 0: constant */
    struct mp_state_copy *copies;
    struct mp_state_net *nets; /* [net_capacity] by net of mapped */
    uint32_t *gate_owner;      /* [gate_capacity] node, or MP_STATE_COPY_FLAG | copy */
    uint32_t node_capacity, wire_capacity, copy_capacity, net_capacity, gate_capacity;
    uint32_t free_node, free_wire, free_copy; /* heads of lists */
    uint32_t free_nodes, free_wires, free_copies;

    struct mp_state_interval *intervals;
    struct mp_state_prefix *prefixes;
    uint32_t prefix_count, interval_count;

    uint32_t *signal_literal; /* [graph signals] literal over wires, MP_NONE: not needed */
    uint32_t clock_net;       /* MP_NONE: no register */
    bool has_own_clock;       /* an input before all others that the graph has no port for */

    /* Adder nodes by tree and column, for swaps: members[group_first[g] .. group_first[g + 1] - 1]
     */
    uint32_t group_count, member_count, *group_first, *group_members, *node_group;

    struct mp_state_word {
        uint32_t *at, value;
    } * journal;
    size_t journal_count, journal_capacity;
    bool is_recording;
};

/* The graph (which must outlive s, as the others) mapped as it stands into an initialised, empty
 * netlist, which is timed then: each node by the cheapest match for the polarities that are there,
 * nodes without by a template. Ports in the order of the graph's, bit 0 first; the clock is the
 * input port clk or, where there is none, the very first input. MP_E_UNSUPPORTED: registers but no
 * flip-flop in the library. */
int mp_state_init(struct mp_state *s, struct mp_mapped *mapped, const struct mp_graph *graph,
                  const struct mp_matcher *matcher, const struct mp_templates *templates,
                  const struct mp_state_options *options, struct mp_error *err);
void mp_state_release(struct mp_state *s); /* zeroed memory is fine too */
/* out is overwritten, not released; it stands on a copy of the netlist that the next begin names.
 */
void mp_state_copy(struct mp_state *out, const struct mp_state *s);

void mp_state_begin(struct mp_state *s, struct mp_mapped *mapped, struct mp_random *random);
void mp_state_undo(struct mp_state *s);
/* Is there room for what one move may make? Else it must not start. */
bool mp_state_has_room(const struct mp_state *s);

/* ---- nets of wires (state_wire.c) ---- */

/* The net that carries the literal, an inverter made where there is none. */
uint32_t mp_state_literal_net(struct mp_state *s, uint32_t literal);
/* Is there such a net already, other than one that only this gate reads? */
bool mp_state_is_supplied(const struct mp_state *s, uint32_t literal, uint32_t gate);
/* A wire with its main net; the net has no driver yet. */
uint32_t mp_state_new_wire(struct mp_state *s);
/* Nothing reads it or drives it. */
void mp_state_free_wire(struct mp_state *s, uint32_t wire);
/* The main net carries the wire inverted or not from now on; readers change to what they need. */
void mp_state_set_polarity(struct mp_state *s, uint32_t wire, bool inverted);
/* A copy driven from `parent` by an inverter or a buffer of this type. */
uint32_t mp_state_new_copy(struct mp_state *s, uint32_t parent, uint32_t type);
/* A copy that nothing reads goes, and the one that it was made from in turn. */
void mp_state_release_net(struct mp_state *s, uint32_t net);
/* What inverters and buffers changing to this polarity would cost, in area; negative: it saves. */
float mp_state_polarity_cost(const struct mp_state *s, uint32_t wire, bool inverted);

/* ---- nodes (state_node.c) ---- */

/* A node of this function; inputs and outputs are literals (out: whose wires have no driver). No
 * cell yet. */
uint32_t mp_state_new_node(struct mp_state *s, unsigned function, const uint32_t *in,
                           const uint32_t *out, uint32_t block);
/* Make it: by a match if choice is MP_NONE (the cheapest here, with noise), else by a template. */
void mp_state_build(struct mp_state *s, uint32_t node, uint32_t choice, double noise);
/* Back to a node without cells. */
void mp_state_unbuild(struct mp_state *s, uint32_t node);
void mp_state_free_node(struct mp_state *s, uint32_t node);
/* The match that costs least where it stands, in area and inverters, plus noise of this many
 * inverters. */
uint32_t mp_state_choose_match(struct mp_state *s, uint32_t node, double noise);
/* The same among those that want the inputs of a mask as `wanted` says; MP_NONE: there is none. */
uint32_t mp_state_choose_wanting(struct mp_state *s, uint32_t node, double noise, unsigned mask,
                                 unsigned wanted);
/* Another match and pinning for a node that has one. */
void mp_state_set_match(struct mp_state *s, uint32_t node, uint32_t match, uint32_t pinning);
/* Input k of a node becomes another literal, whatever it is made of. */
void mp_state_set_input(struct mp_state *s, uint32_t node, unsigned k, uint32_t literal);
/* The flip-flop of a graph's node, with the wire of literal q (without driver) as output; enable
 * MP_LIT_TRUE: always. */
void mp_state_build_register(struct mp_state *s, uint32_t graph_node, uint32_t q, uint32_t data,
                             uint32_t enable);
/* The choice that a new node of this function starts with. */
uint32_t mp_state_first_choice(struct mp_state *s, unsigned function);
/* A cell of the family about as strong as this one. */
uint32_t mp_state_like(const struct mp_state *s, uint32_t family, uint32_t type);

/* ---- prefix adders (state_prefix.c) ---- */

/* Literal of G[i:j] or P[i:j], made if it is not there; one more user. */
uint32_t mp_state_use_interval(struct mp_state *s, const struct mp_state_prefix *p, uint32_t i,
                               uint32_t j, bool is_propagate);
/* One user fewer; without users its node goes. */
void mp_state_drop_interval(struct mp_state *s, const struct mp_state_prefix *p, uint32_t i,
                            uint32_t j, bool is_propagate);
/* Another split of an interval, used or not. false: not possible, nothing changed. */
bool mp_state_set_split(struct mp_state *s, const struct mp_state_prefix *p, uint32_t i, uint32_t j,
                        uint32_t split);
/* A column's OR takes the place of its propagate among the carries, or gives it back. false: the
 * column is no half adder or nobody uses its propagate. */
bool mp_state_toggle_or(struct mp_state *s, const struct mp_state_prefix *p, uint32_t column);

/* ---- checking (state_check.c) ---- */

/* Simulates graph and netlist on the same patterns, bit-parallel: all there are of inputs and
 * registers' outputs where these are at most `patterns`, else so many random ones. Registers' data
 * are compared as outputs are. MP_E_PROOF says which output differs. Timed before. */
int mp_state_prove(const struct mp_state *s, uint64_t patterns, uint64_t seed,
                   struct mp_error *err);

/* Every node, wire, copy and net against the netlist: cells are what matches say, readers have the
 * polarity they want, users of intervals are counted. For tests. */
int mp_state_check(const struct mp_state *s, struct mp_error *err);
/* Part of it (state_prefix.c): every used interval reads those that its split names. */
int mp_state_check_prefix(const struct mp_state *s, const struct mp_state_prefix *p,
                          struct mp_error *err);

/* Recorded write of a word. */
static inline void mp_state_put(struct mp_state *s, uint32_t *at, uint32_t value)
{
    if (*at == value)
        return;
    if (s->is_recording) {
        mp_grow(&s->journal, s->journal_count, &s->journal_capacity, sizeof *s->journal);
        s->journal[s->journal_count++] = (struct mp_state_word){at, *at};
    }
    *at = value;
}

/* Net that input k of a node with a cell reads. */
static inline uint32_t mp_state_input_pin(const struct mp_state *s, const struct mp_state_node *n,
                                          unsigned k)
{
    return n->match == MP_NONE ? s->matcher->flip_flop_data
                               : s->matcher->pinnings[n->pinning].pin[k];
}

#endif
