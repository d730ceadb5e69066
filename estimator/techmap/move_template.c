#include "estimator/techmap/move_structure.h"

/* Ways to make a function: its templates and, as the last one, a cell. */
static uint32_t way_count(const struct mp_state *s, unsigned function)
{
    return s->templates->first[function + 1] - s->templates->first[function] +
           (s->matcher->first[function] < s->matcher->first[function + 1]);
}

bool mp_move_template_try(struct mp_anneal *a)
{
    struct mp_state *s = mp_move_structure_begin(a);
    uint32_t node = s == NULL ? MP_NONE : mp_move_structure_leaf(a), first, way, templates, now;
    unsigned function;

    if (node == MP_NONE)
        return false;
    /* Parts are as likely as what they are parts of. */
    while (s->nodes[node].parent != MP_NONE &&
           (way_count(s, s->nodes[node].function) < 2 || mp_random_below(s->random, 4) > 0))
        node = s->nodes[node].parent;
    function = s->nodes[node].function;
    if (way_count(s, function) < 2)
        return false;
    first = s->templates->first[function];
    templates = s->templates->first[function + 1] - first;
    now = s->nodes[node].choice == MP_NONE ? templates : s->nodes[node].choice - first;
    way = (uint32_t)mp_random_below(s->random, way_count(s, function) - 1);
    if (way >= now)
        way++;
    mp_state_unbuild(s, node);
    mp_state_build(s, node, way == templates ? MP_NONE : first + way, 0.2);
    return true;
}

/* Does the function stay the same when inputs a and b change places? */
static bool is_symmetric(unsigned function, unsigned a, unsigned b)
{
    const struct mp_node_kind_info *f = mp_function_info(function);

    for (unsigned o = 0; o < f->outputs; o++)
        for (unsigned i = 0; i < 1u << f->inputs; i++) {
            unsigned turned =
                (i & ~(1u << a) & ~(1u << b)) | (i >> a & 1u) << b | (i >> b & 1u) << a;
            if ((f->truth[o] >> i & 1) != (f->truth[o] >> turned & 1))
                return false;
        }
    return true;
}

bool mp_move_operands_try(struct mp_anneal *a)
{
    struct mp_state *s = mp_move_structure_begin(a);
    uint32_t node = s == NULL ? MP_NONE : mp_move_structure_leaf(a), x, y;
    struct mp_state_node *n;
    unsigned inputs;

    if (node == MP_NONE)
        return false;
    /* Not of parts and intervals, whose inputs have an order to be found by; of a node with one
     * cell, pins are exchanged by mp_move_pinning_try. */
    node = mp_move_structure_top(s, node);
    if (s->nodes[node].choice == MP_NONE || s->nodes[node].interval != MP_NONE)
        return false;
    n = &s->nodes[node];
    inputs = mp_function_info(n->function)->inputs;
    x = (uint32_t)mp_random_below(s->random, inputs);
    y = (uint32_t)mp_random_below(s->random, inputs - 1);
    if (y >= x)
        y++;
    if (!is_symmetric(n->function, x, y) || n->in[x] == n->in[y])
        return false;
    uint32_t kept = n->in[x];
    mp_state_set_input(s, node, x, n->in[y]);
    mp_state_set_input(s, node, y, kept);
    return true;
}
