#include "estimator/activity/timed_kernel.h"

enum { STATES = 1 << MP_TIMED_TABLE_INPUTS };

/* The states of a gate in which one input has just caused one edge, by what follows. */
struct cases {
    unsigned count;
    uint32_t delay[STATES];
    bool is_uncovered[STATES];
    uint64_t states[STATES]; /* of each: a bit a state */
};

static uint64_t pins_of(const struct mp_timed_program *p, const struct mp_timed_gate *g,
                        unsigned state)
{
    uint64_t pins = 0;
    for (uint32_t k = 0; k < g->input_count; k++)
        pins |= (uint64_t)(state >> k & 1) << p->inputs[g->first_input + k].pin;
    return pins;
}

static void add_state(struct cases *c, unsigned state, uint32_t delay, bool is_uncovered)
{
    unsigned i = 0;
    while (i < c->count && (c->delay[i] != delay || c->is_uncovered[i] != is_uncovered))
        i++;
    if (i == c->count) {
        c->delay[i] = delay;
        c->is_uncovered[i] = is_uncovered;
        c->states[i] = 0;
        c->count++;
    }
    c->states[i] |= (uint64_t)1 << state;
}

static void find_cases(struct cases *c, const struct mp_timed_program *p,
                       const struct mp_timed_gate *g, unsigned input, bool value)
{
    const struct mp_timed_output *o = &p->model->outputs[g->output];
    c->count = 0;
    for (unsigned state = 0; state < 1u << g->input_count; state++) {
        uint64_t pins = pins_of(p, g, state), uncovered = 0;
        uint64_t moved = (uint64_t)1 << p->inputs[g->first_input + input].pin;
        if (mp_expr_eval(&g->function, pins) != value ||
            mp_expr_eval(&g->function, pins ^ moved) == value)
            continue;
        uint32_t delay = mp_timed_delay(p->model, o, moved, pins, value, &uncovered);
        add_state(c, state, delay, uncovered > 0);
    }
}

/* The smallest cube around the states; returns whether it keeps clear of the others. */
static bool surround(struct mp_timed_cube *cube, unsigned inputs, uint64_t states, uint64_t others)
{
    unsigned ones = (1u << inputs) - 1, any = 0;
    for (unsigned s = 0; s < 1u << inputs; s++)
        if (states >> s & 1) {
            ones &= s;
            any |= s;
        }
    *cube = (struct mp_timed_cube){.count = 0};
    for (unsigned k = 0; k < inputs; k++)
        if ((ones >> k & 1) || !(any >> k & 1)) {
            cube->input[cube->count] = k;
            cube->invert[cube->count++] = ones >> k & 1 ? 0 : ~(uint64_t)0;
        }
    for (unsigned s = 0; s < 1u << inputs; s++)
        if (others >> s & 1 && (s & ones) == ones && (s & ~any) == 0)
            return false;
    return true;
}

static void add_cube(struct mp_timed_program *p, const struct mp_timed_cube *cube)
{
    mp_grow(&p->cubes, p->cube_count, &p->cube_capacity, sizeof *p->cubes);
    p->cubes[p->cube_count++] = *cube;
}

static void add_group(struct mp_timed_program *p, const struct mp_timed_gate *g,
                      const struct cases *c, unsigned i, uint64_t others, bool is_last)
{
    struct mp_timed_cube cube;
    struct mp_timed_group group = {.delay = c->delay[i],
                                   .is_uncovered = c->is_uncovered[i],
                                   .first_cube = (uint32_t)p->cube_count};
    if (!is_last && surround(&cube, g->input_count, c->states[i], others)) {
        add_cube(p, &cube);
    } else if (!is_last) {
        for (unsigned s = 0; s < 1u << g->input_count; s++)
            if (c->states[i] >> s & 1) {
                surround(&cube, g->input_count, (uint64_t)1 << s, 0);
                add_cube(p, &cube);
            }
    }
    group.cube_count = (uint32_t)p->cube_count - group.first_cube;
    mp_grow(&p->groups, p->group_count, &p->group_capacity, sizeof *p->groups);
    p->groups[p->group_count++] = group;
}

/* The case that is hardest to tell goes last, where it needs no condition. */
static unsigned choose_last(const struct cases *c, unsigned inputs, uint64_t all)
{
    struct mp_timed_cube cube;
    unsigned last = 0, worst = 0;
    for (unsigned i = 0; i < c->count; i++) {
        unsigned cost = surround(&cube, inputs, c->states[i], all & ~c->states[i])
                            ? cube.count
                            : (unsigned)__builtin_popcountll(c->states[i]) * inputs;
        if (cost >= worst) {
            worst = cost;
            last = i;
        }
    }
    return last;
}

void mp_timed_tables_add(struct mp_timed_program *p, struct mp_timed_gate *g)
{
    struct cases c;
    g->first_table = (uint32_t)p->table_count;
    for (unsigned input = 0; input < g->input_count; input++)
        for (int value = 0; value < 2; value++) {
            uint64_t all = 0;
            find_cases(&c, p, g, input, value);
            for (unsigned i = 0; i < c.count; i++)
                all |= c.states[i];
            unsigned last = choose_last(&c, g->input_count, all);
            struct mp_timed_table table = {(uint32_t)p->group_count, c.count};
            for (unsigned i = 0; i < c.count; i++)
                if (i != last)
                    add_group(p, g, &c, i, all & ~c.states[i], false);
            if (c.count > 0)
                add_group(p, g, &c, last, 0, true);
            mp_grow(&p->tables, p->table_count, &p->table_capacity, sizeof *p->tables);
            p->tables[p->table_count++] = table;
        }
}
