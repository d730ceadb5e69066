/*
 * The prefix graph that fits when its columns arrive: no later than any other, with few nodes. All
 * nodes count alike.
 */
#include "netlists/arrival.h"
#include "netlists/prefix.h"

#include <assert.h>
#include <stdlib.h>

#define NODE MP_ARRIVAL_PREFIX_NODE

/* Tables [count][count] of intervals i..j. */
struct table {
    unsigned count;
    uint8_t *split;
    uint32_t *best; /* when it can be there at the earliest */
    uint32_t *made; /* when it is there, MP_GRAPH_NONE: not made */
};

static uint32_t later(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Best and its split; of equals the one with the smallest upper part, since the lower part of a
 * carry is a carry that is made anyway. */
static void find_earliest(struct table *t, const uint32_t *arrival)
{
    unsigned n = t->count;

    for (unsigned i = 0; i < n; i++) {
        t->best[i * n + i] = t->made[i * n + i] = arrival != NULL ? arrival[i] : 0;
        for (unsigned j = i; j-- > 0;) {
            t->best[i * n + j] = t->made[i * n + j] = MP_GRAPH_NONE;
            for (unsigned s = i; s > j; s--) {
                uint32_t at = NODE + later(t->best[i * n + s], t->best[(s - 1) * n + j]);
                if (at < t->best[i * n + j]) {
                    t->best[i * n + j] = at;
                    t->split[i * n + j] = (uint8_t)s;
                }
            }
        }
    }
}

/* When each carry has to be there, so that none is later than the latest must be: from the top
 * down, each takes the smallest upper part that is in time and tells the carry below. */
static void find_wanted(const struct table *t, uint32_t *wanted)
{
    unsigned n = t->count;
    uint32_t latest = 0;

    for (unsigned i = 0; i < n; i++)
        latest = later(latest, t->best[i * n]);
    for (unsigned i = 0; i < n; i++)
        wanted[i] = latest;
    for (unsigned i = n; i-- > 1;)
        for (unsigned s = i; s > 0; s--)
            if (NODE + later(t->best[i * n + s], t->best[(s - 1) * n]) <= wanted[i]) {
                if (wanted[i] - NODE < wanted[s - 1])
                    wanted[s - 1] = wanted[i] - NODE;
                break;
            }
}

/* Intervals that have to be made for i..j to be there at `time`, which is possible: a column more
 * on top of what is there if that is in time, else the earliest. make: they are made. */
static unsigned make_upper(struct table *t, unsigned i, unsigned j, uint32_t time, bool make)
{
    unsigned n = t->count, s = i, nodes;

    if (t->made[i * n + j] <= time)
        return 0;
    if (NODE + later(t->best[i * n + i], t->best[(i - 1) * n + j]) > time)
        for (s = i - 1; NODE + later(t->best[i * n + s], t->best[(s - 1) * n + j]) > time; s--)
            ;
    nodes = 1 + make_upper(t, i, s, time - NODE, make) + make_upper(t, s - 1, j, time - NODE, make);
    if (make) {
        t->split[i * n + j] = (uint8_t)s;
        t->made[i * n + j] = NODE + later(t->made[i * n + s], t->made[(s - 1) * n + j]);
    }
    return nodes;
}

/* From the bottom up: the cheapest upper part that is in time. */
static void make_carry(struct table *t, unsigned i, uint32_t wanted)
{
    unsigned n = t->count, fewest = UINT32_MAX, chosen = t->split[i * n];

    for (unsigned s = i; s > 0; s--) {
        unsigned nodes;
        if (NODE + later(t->best[i * n + s], t->made[(s - 1) * n]) > wanted)
            continue;
        nodes = make_upper(t, i, s, wanted - NODE, false);
        if (nodes < fewest) {
            fewest = nodes;
            chosen = s;
        }
    }
    assert(fewest != UINT32_MAX);
    make_upper(t, i, chosen, wanted - NODE, true);
    t->split[i * n] = (uint8_t)chosen;
    t->made[i * n] = NODE + later(t->made[i * n + chosen], t->made[(chosen - 1) * n]);
}

void mp_prefix_by_arrival(unsigned count, const uint32_t *arrival, uint8_t *split)
{
    size_t cells = (size_t)count * count;
    struct table t = {.count = count, .split = split};
    uint32_t *wanted = mp_alloc(count, sizeof *wanted);

    assert(count <= MP_PREFIX_COLUMNS_MAX);
    t.best = mp_alloc(2 * cells, sizeof *t.best);
    t.made = t.best + cells;
    find_earliest(&t, arrival);
    find_wanted(&t, wanted);
    for (unsigned i = 1; i < count; i++)
        make_carry(&t, i, wanted[i]);
    free(t.best);
    free(wanted);
}
