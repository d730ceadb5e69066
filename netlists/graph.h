/*
 * The arithmetic graph: a generated design as small Boolean and arithmetic nodes, before anyone
 * has chosen gates. One description, two ways to a netlist: graph_verilog.h writes it as structural
 * Verilog for Yosys, estimator/techmap maps its nodes to library cells itself and searches.
 *
 * Signals and literals. A node drives one signal, adders two (sum, carry). A literal is
 * 2 * signal + inverted, as in AIGER: inversion is free in the graph, and whether it costs an
 * inverter is found out when polarities are chosen. Signal 0 is the constant 0, so literal 0 is
 * false and literal 1 is true.
 *
 * Order. A node is made after the nodes of its inputs, so ascending index is a topological order;
 * only a register's data and enable may come later (mp_graph_register_set).
 *
 * What the search may rearrange is said here too:
 *   tree, column   the inputs of adder nodes with equal tree and column are addends of equal
 *                  weight: any two may change places, as long as no cycle comes of it
 *   prefixes       a carry-propagate adder's carries: any legal split table gives the same carries
 *
 * Constants never reach a node: the functions that make nodes fold them, and equal or
 * complementary inputs too. They return a literal, an input's where nothing had to be made.
 *
 *     struct mp_graph g;
 *     mp_graph_init(&g, "multiplier_int2_int2");
 *     uint32_t *x = mp_graph_input(&g, "x", 2), *y = mp_graph_input(&g, "y", 2);
 *     uint32_t p = mp_graph_and(&g, x[0], mp_lit_not(y[0]));
 *     mp_graph_name(&g, p, "pp%u_%u", 0, 0);
 *     mp_graph_output(&g, "p", 1, &p);
 *     mp_graph_release(&g);
 */
#ifndef MP_NETLISTS_GRAPH_H
#define MP_NETLISTS_GRAPH_H

#include "estimator/util/memory.h"
#include <stdbool.h>

#define MP_LIT_FALSE     0u
#define MP_LIT_TRUE      1u
#define MP_GRAPH_INPUTS  6 /* of a node, at most */
#define MP_GRAPH_OUTPUTS 2
#define MP_GRAPH_NONE    UINT32_MAX

static inline uint32_t mp_lit(uint32_t signal, bool inverted)
{
    return 2 * signal + inverted;
}
static inline uint32_t mp_lit_not(uint32_t l)
{
    return l ^ 1u;
}
static inline uint32_t mp_lit_not_if(uint32_t l, bool inverted)
{
    return l ^ (uint32_t)inverted;
}
static inline uint32_t mp_lit_signal(uint32_t l)
{
    return l >> 1;
}
static inline bool mp_lit_inverted(uint32_t l)
{
    return l & 1u;
}

/* OR is AND of inverted literals, so it has no kind of its own. */
enum mp_node_kind {
    MP_NODE_CONSTANT, /* signal 0 */
    MP_NODE_INPUT,    /* a bit of an input port */
    MP_NODE_REGISTER, /* in[0] data, in[1] enable (true: every cycle); clocked by the design's clock
                       */
    MP_NODE_AND2,
    MP_NODE_AND3,
    MP_NODE_AND4,
    MP_NODE_XOR2,
    MP_NODE_XOR3,
    MP_NODE_MUX2,           /* in[0] ? in[1] : in[2] */
    MP_NODE_MAJ3,           /* at least two of three */
    MP_NODE_AO21,           /* in[0] & in[1] | in[2] */
    MP_NODE_AO22,           /* in[0] & in[1] | in[2] & in[3] */
    MP_NODE_AO222,          /* in[0] & in[1] | in[2] & in[3] | in[4] & in[5] */
    MP_NODE_HALF_ADDER,     /* in[0] + in[1] = sum + 2 carry */
    MP_NODE_HALF_ADDER_ONE, /* in[0] + in[1] + 1 */
    MP_NODE_FULL_ADDER,     /* in[0] + in[1] + in[2] */
    MP_NODE_KIND_COUNT
};

struct mp_node_kind_info {
    const char *name; /* "full_adder" */
    uint8_t inputs, outputs;
    /* truth[output] bit i: value where input k is bit k of i; 0 for constants, inputs and
     * registers. */
    uint64_t truth[MP_GRAPH_OUTPUTS];
};
const struct mp_node_kind_info *mp_node_kind_info(enum mp_node_kind kind);

struct mp_node {
    uint8_t kind;                 /* enum mp_node_kind */
    uint8_t block;                /* index into blocks */
    uint16_t tree;                /* adders: 1 + which tree; 0: inputs must stay where they are */
    int32_t column;               /* adders of a tree: weight 2^column of the inputs */
    uint32_t prefix;              /* 1 + which prefix adder this node is part of; 0: none */
    uint32_t in[MP_GRAPH_INPUTS]; /* literals */
    uint32_t out;                 /* first signal; sum before carry */
};

struct mp_signal {
    uint32_t node;
    uint8_t output;   /* of the node */
    const char *name; /* of the signal, not inverted; NULL: none was given */
};

struct mp_graph_port {
    const char *name;
    bool is_output;
    uint32_t width;
    uint32_t *bits; /* [width] literals, LSB first; of inputs never inverted */
};

/* A part whose power is summed for itself: "multiplier", "shifter", ... Block 0 is "": the top. */
struct mp_graph_block {
    const char *name;
};

/*
 * The carries of one carry-propagate adder over columns 0..count-1, each with generate and
 * propagate (a carry into the adder is column 0 with that carry as generate, false as propagate):
 *   carry[k] = G[k-1:0] for k = 1..count,  G[i:i] = generate[i], P[i:i] = propagate[i]
 *   G[i:j] = G[i:s] | P[i:s] & G[s-1:j],   P[i:j] = P[i:s] & P[s-1:j],   s = split[i * count + j]
 * with j < s <= i. Every table is right; which is best depends on what arrives when. An interval's
 * nodes are made once and shared. Adders that are no prefix graphs (carry-skip) have no record.
 */
struct mp_prefix {
    uint32_t count;
    uint32_t *generate, *propagate; /* [count] literals */
    uint32_t *carry;                /* [count + 1] literals, carry[0] false; false where unused */
    uint8_t *split;                 /* [count][count], used where i > j */
};

struct mp_graph {
    const char *name; /* of the module */
    uint32_t node_count, signal_count, port_count, block_count, prefix_count, tree_count;
    struct mp_node *nodes;
    struct mp_signal *signals;
    struct mp_graph_port *ports;
    struct mp_graph_block *blocks;
    struct mp_prefix *prefixes;
    uint32_t block;  /* that new nodes belong to */
    uint32_t prefix; /* that new nodes belong to, 1 + index; 0: none */
    size_t node_capacity, signal_capacity, port_capacity, block_capacity, prefix_capacity;
    struct mp_arena arena; /* owns all texts and arrays of literals */
};

/* Empty, with the constant and block "". release frees all; zeroed memory is fine too. */
void mp_graph_init(struct mp_graph *g, const char *name);
void mp_graph_release(struct mp_graph *g);

/* New nodes belong to this block from now on; returns the block before, to go back to. An empty
 * name is the top; a name seen before is the same block again. */
uint32_t mp_graph_block(struct mp_graph *g, const char *name);
void mp_graph_block_return(struct mp_graph *g, uint32_t block);

/* Literals of the port's bits, LSB first, owned by the graph. */
uint32_t *mp_graph_input(struct mp_graph *g, const char *name, uint32_t width);
void mp_graph_output(struct mp_graph *g, const char *name, uint32_t width, const uint32_t *bits);

/* A name for a literal's signal, unless it has one; constants take none. */
void mp_graph_name(struct mp_graph *g, uint32_t literal, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

uint32_t mp_graph_and(struct mp_graph *g, uint32_t a, uint32_t b);
uint32_t mp_graph_or(struct mp_graph *g, uint32_t a, uint32_t b);
uint32_t mp_graph_and3(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c);
uint32_t mp_graph_and4(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c, uint32_t d);
uint32_t mp_graph_xor(struct mp_graph *g, uint32_t a, uint32_t b);
uint32_t mp_graph_xor3(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c);
/* select ? one : zero */
uint32_t mp_graph_mux(struct mp_graph *g, uint32_t select, uint32_t one, uint32_t zero);
uint32_t mp_graph_maj(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c);
/* a & b | c */
uint32_t mp_graph_ao21(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c);
/* a & b | c & d */
uint32_t mp_graph_ao22(struct mp_graph *g, uint32_t a, uint32_t b, uint32_t c, uint32_t d);
/* OR over i < count of select[i] & data[i], count >= 1: nodes of AO222, AO22, AO21. */
uint32_t mp_graph_and_or(struct mp_graph *g, uint32_t count, const uint32_t *select,
                         const uint32_t *data);
/* AND of all, as a tree of AND2..AND4; true for none. */
uint32_t mp_graph_and_all(struct mp_graph *g, uint32_t count, const uint32_t *literals);

/* A number for a new tree of adders, from 1. */
uint16_t mp_graph_tree(struct mp_graph *g);
/* sum and carry of two or three addends in a column of a tree (tree 0: they must stay). Constants
 * fold: three addends with a true one make a HALF_ADDER_ONE. Nothing needs the carry: carry NULL,
 * and an adder becomes an XOR. */
void mp_graph_full_adder(struct mp_graph *g, uint16_t tree, int32_t column, uint32_t a, uint32_t b,
                         uint32_t c, uint32_t *sum, uint32_t *carry);
void mp_graph_half_adder(struct mp_graph *g, uint16_t tree, int32_t column, uint32_t a, uint32_t b,
                         uint32_t *sum, uint32_t *carry);

/* A register's output; its data and enable (true: always) are set once, later. */
uint32_t mp_graph_register(struct mp_graph *g);
void mp_graph_register_set(struct mp_graph *g, uint32_t q, uint32_t data, uint32_t enable);

/* Nodes that no output and no register needs are removed and all numbers made dense again: signals
 * change, ports and prefixes follow. Prefixes of which nothing is left are dropped. */
void mp_graph_sweep(struct mp_graph *g);

/* Order, arity, literals in range, no constant inputs, registers set, prefixes complete: MP_E_INPUT
 * naming node and cause. For tests and for what stands behind a generator. */
int mp_graph_check(const struct mp_graph *g, struct mp_error *err);

/* Logic depth in nodes, from inputs and registers, of each signal: depth[signal_count]. */
void mp_graph_depth(const struct mp_graph *g, uint32_t *depth);

#endif
