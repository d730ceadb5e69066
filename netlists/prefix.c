#include "netlists/prefix.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Where intervals are made: each once. */
struct builder {
    struct mp_graph *g;
    int first;
    unsigned count;
    const uint8_t *split;
    uint32_t *generate, *propagate; /* [count][count], MP_GRAPH_NONE: not made */
};

static void name_interval(struct builder *b, const char *what, uint32_t literal, unsigned i,
                          unsigned j)
{
    int low = b->first + (int)j;

    if (low < 0)
        mp_graph_name(b->g, literal, "%s%d_in", what, b->first + (int)i);
    else
        mp_graph_name(b->g, literal, "%s%d_%d", what, b->first + (int)i, low);
}

static uint32_t make_propagate(struct builder *b, unsigned i, unsigned j)
{
    uint32_t *p = &b->propagate[i * b->count + j];
    unsigned s = b->split[i * b->count + j];

    if (*p == MP_GRAPH_NONE) {
        *p = mp_graph_and(b->g, make_propagate(b, i, s), make_propagate(b, s - 1, j));
        name_interval(b, "t", *p, i, j);
    }
    return *p;
}

/* A column that propagates for sure or never, and one that never generates, cost nothing: the
 * graph's functions fold constants. A propagate that only meets a false carry is not made. */
static uint32_t make_generate(struct builder *b, unsigned i, unsigned j)
{
    uint32_t *p = &b->generate[i * b->count + j];
    unsigned s = b->split[i * b->count + j];

    if (*p == MP_GRAPH_NONE) {
        uint32_t low = make_generate(b, s - 1, j), high = make_generate(b, i, s);
        *p = low == MP_LIT_FALSE || high == MP_LIT_TRUE
                 ? high
                 : mp_graph_ao21(b->g, make_propagate(b, i, s), low, high);
        name_interval(b, "g", *p, i, j);
    }
    return *p;
}

static uint32_t *copy(struct mp_graph *g, const uint32_t *literals, size_t count)
{
    uint32_t *out = mp_arena_alloc(&g->arena, count * sizeof *out);

    memcpy(out, literals, count * sizeof *out);
    return out;
}

static uint32_t add_record(struct mp_graph *g, unsigned count, const uint32_t *generate,
                           const uint32_t *propagate, const uint8_t *split)
{
    struct mp_prefix *p;

    mp_grow(&g->prefixes, g->prefix_count, &g->prefix_capacity, sizeof *g->prefixes);
    p = &g->prefixes[g->prefix_count++];
    *p = (struct mp_prefix){
        .count = count,
        .generate = copy(g, generate, count),
        .propagate = copy(g, propagate, count),
        .carry = mp_arena_alloc(&g->arena, (count + 1) * sizeof *p->carry),
        .split = mp_arena_alloc(&g->arena, (size_t)count * count),
    };
    memcpy(p->split, split, (size_t)count * count);
    return g->prefix_count;
}

void mp_prefix_carries(struct mp_graph *g, int first, unsigned count, const uint32_t *generate,
                       const uint32_t *propagate, const uint8_t *split, uint32_t *carry)
{
    struct builder b = {.g = g, .first = first, .count = count, .split = split};
    size_t cells = (size_t)count * count;
    uint32_t before = g->prefix;

    assert(count >= 1 && count <= MP_PREFIX_COLUMNS_MAX);
    b.generate = mp_alloc(2 * cells, sizeof *b.generate);
    b.propagate = b.generate + cells;
    for (size_t i = 0; i < 2 * cells; i++)
        b.generate[i] = MP_GRAPH_NONE;
    for (unsigned i = 0; i < count; i++) {
        b.generate[i * count + i] = generate[i];
        b.propagate[i * count + i] = propagate[i];
    }
    g->prefix = add_record(g, count, generate, propagate, split);
    carry[0] = MP_LIT_FALSE;
    for (unsigned k = 1; k <= count; k++)
        carry[k] = make_generate(&b, k - 1, 0);
    memcpy(g->prefixes[g->prefix - 1].carry, carry, (count + 1) * sizeof *carry);
    g->prefix = before;
    free(b.generate);
}
