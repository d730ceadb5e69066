#include "estimator/techmap/move_structure.h"

static uint32_t member(struct mp_anneal *a, const struct mp_state *s)
{
    uint32_t leaf = mp_move_structure_leaf(a);

    if (leaf != MP_NONE) {
        uint32_t top = mp_move_structure_top(s, leaf);
        if (s->node_group[top] != MP_NONE)
            return top;
    }
    return s->group_members[mp_random_below(&a->random, s->member_count)];
}

bool mp_move_swap_try(struct mp_anneal *a)
{
    struct mp_state *s = mp_move_structure_begin(a);
    uint32_t x, y, first, count, literal_x, literal_y;
    unsigned kx, ky;

    if (s == NULL || s->member_count == 0)
        return false;
    x = member(a, s);
    first = s->group_first[s->node_group[x]];
    count = s->group_first[s->node_group[x] + 1] - first;
    y = s->group_members[first + mp_random_below(s->random, count)];
    if (x == y)
        return false;
    kx = (unsigned)mp_random_below(s->random, mp_function_info(s->nodes[x].function)->inputs);
    ky = (unsigned)mp_random_below(s->random, mp_function_info(s->nodes[y].function)->inputs);
    literal_x = s->nodes[x].in[kx];
    literal_y = s->nodes[y].in[ky];
    if (literal_x == literal_y)
        return false;
    mp_state_set_input(s, x, kx, literal_y);
    mp_state_set_input(s, y, ky, literal_x);
    return true;
}
