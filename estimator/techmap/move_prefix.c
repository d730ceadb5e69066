#include "estimator/techmap/move_structure.h"

/* An interval of three columns or more that is used: that of a node which matters, or any. */
static uint32_t pick_interval(struct mp_anneal *a, struct mp_state *s,
                              const struct mp_state_prefix **prefix)
{
    uint32_t leaf = mp_move_structure_leaf(a), at;

    if (leaf != MP_NONE) {
        uint32_t top = mp_move_structure_top(s, leaf);

        if (s->nodes[top].interval != MP_NONE) {
            at = s->nodes[top].interval / 2;
            for (*prefix = s->prefixes;
                 at >= (*prefix)->first + (*prefix)->count * (*prefix)->count;)
                ++*prefix;
            return at;
        }
    }
    *prefix = &s->prefixes[mp_random_below(s->random, s->prefix_count)];
    for (unsigned tries = 0; tries < 16; tries++) {
        at = (*prefix)->first +
             (uint32_t)mp_random_below(s->random, (*prefix)->count * (*prefix)->count);
        if (s->intervals[at].users[0] + s->intervals[at].users[1] > 0)
            return at;
    }
    return MP_NONE;
}

bool mp_move_prefix_try(struct mp_anneal *a)
{
    struct mp_state *s = mp_move_structure_begin(a);
    const struct mp_state_prefix *p;
    uint32_t at, i, j, split;

    if (s == NULL || s->prefix_count == 0)
        return false;
    at = pick_interval(a, s, &p);
    if (at == MP_NONE)
        return false;
    i = (at - p->first) / p->count;
    j = (at - p->first) % p->count;
    if (i < j + 2)
        return false;
    split = s->intervals[at].split;
    if (mp_random_below(s->random, 2) == 0)
        split = mp_random_below(s->random, 2) == 0 ? split + 1 : split - 1;
    else
        split = j + 1 + (uint32_t)mp_random_below(s->random, i - j);
    if (split <= j || split > i)
        return false;
    return mp_state_set_split(s, p, i, j, split);
}

bool mp_move_or_try(struct mp_anneal *a)
{
    struct mp_state *s = mp_move_structure_begin(a);
    const struct mp_state_prefix *p;
    uint32_t at;

    if (s == NULL || s->prefix_count == 0)
        return false;
    at = pick_interval(a, s, &p);
    if (at == MP_NONE)
        return false;
    at = (at - p->first) / p->count;
    return mp_state_toggle_or(
        s, p,
        mp_random_below(s->random, 2) == 0 ? at : (uint32_t)mp_random_below(s->random, p->count));
}
