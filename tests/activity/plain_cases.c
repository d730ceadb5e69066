#include "tests/activity/plain_cases.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct event {
    size_t cycle;
    uint32_t tick, net;
};

struct plain {
    const struct mp_netlist *n;
    uint32_t half_ticks; /* UINT32_MAX: no period */
    struct event *events;
    size_t count, capacity;
};

static const struct mp_lib_cell *type_of(const struct plain *p, uint32_t cell)
{
    return &p->n->library->cells[p->n->cell_type[cell]];
}

static const struct mp_lib_pin *pin_of(const struct plain *p, uint32_t cell, uint32_t k)
{
    return &p->n->library->pins[type_of(p, cell)->first_pin + k];
}

static uint32_t net_of(const struct plain *p, uint32_t cell, uint32_t k)
{
    return p->n->pin_net[p->n->cell_first_pin[cell] + k];
}

static bool is_register(const struct plain *p, uint32_t cell)
{
    return type_of(p, cell)->sequential != MP_COMBINATIONAL;
}

struct mp_cases *plain_cases_like(const struct mp_cases *c)
{
    struct mp_cases *x = mp_alloc(1, sizeof *x);
    *x = *c;
    x->cycles = 0;
    x->cells = mp_alloc((size_t)c->cell_count + 1, sizeof *x->cells);
    memcpy(x->cells, c->cells, c->cell_count * sizeof *x->cells);
    x->counts = mp_alloc(c->count + 1, sizeof *x->counts);
    return x;
}

/* Input pins as bits; the clock low; IQ and IQN by a connected output. */
static uint64_t pins_of(const struct plain *p, uint32_t cell, const uint8_t *values)
{
    uint64_t pins = 0, iq = (uint64_t)1 << type_of(p, cell)->pin_count;
    for (uint32_t k = 0; k < type_of(p, cell)->pin_count; k++) {
        uint32_t net = net_of(p, cell, k);
        if (net == MP_NONE || net == p->n->clock_net)
            continue;
        if (pin_of(p, cell, k)->direction == MP_DIR_INPUT)
            pins |= (uint64_t)values[net] << k;
        else if (is_register(p, cell) && pin_of(p, cell, k)->direction == MP_DIR_OUTPUT)
            pins |= mp_expr_eval(&pin_of(p, cell, k)->function, iq) == values[net] ? iq : 0;
    }
    if (is_register(p, cell) && !(pins & iq))
        pins |= iq << 1;
    return pins;
}

/* A count of the public tables for pins as bits; input MP_NONE: states; output MP_NONE: inputs. */
static void add(struct mp_cases *c, uint32_t cell, uint32_t output, uint32_t input, bool rises,
                uint64_t pins, double share)
{
    const struct mp_cases_cell *x = &c->cells[cell];
    uint32_t state = 0, o = 0, i = 0;
    for (uint32_t k = 0; k < x->variable_count; k++)
        state |= (uint32_t)(pins >> x->variable[k] & 1) << k;
    while (input != MP_NONE && x->variable[i] != input)
        i++;
    while (output != MP_NONE && x->output[o] != output)
        o++;
    const uint64_t *at = input == MP_NONE    ? mp_cases_states(c, cell)
                         : output == MP_NONE ? mp_cases_input(c, cell, i)
                                             : mp_cases_output(c, cell, o, i, rises);
    c->counts[(size_t)(at - c->counts) + state] += (uint64_t)llround(share * MP_CASES_UNIT);
}

static bool value(const struct plain *p, uint32_t cell, uint32_t output, uint64_t pins)
{
    return mp_expr_eval(&pin_of(p, cell, output)->function, pins);
}

static void add_inputs(const struct plain *p, struct mp_cases *c, uint32_t cell, uint64_t before,
                       uint64_t after)
{
    for (uint32_t k = 0; k < type_of(p, cell)->pin_count; k++) {
        uint64_t bit = (uint64_t)1 << k;
        if (!((before ^ after) & bit))
            continue;
        add(c, cell, MP_NONE, k, false, (before & ~bit) | (after & bit), 0.5);
        add(c, cell, MP_NONE, k, false, after, 0.5);
    }
}

static void add_output(const struct plain *p, struct mp_cases *c, uint32_t cell, uint32_t output,
                       uint64_t before, uint64_t after)
{
    bool first[64] = {false}, last[64] = {false}, rises = value(p, cell, output, after);
    uint32_t pins = type_of(p, cell)->pin_count;
    double causes = 0;
    for (int anyhow = 0; anyhow < 2 && causes == 0; anyhow++)
        for (uint32_t k = 0; k < pins; k++) {
            uint64_t bit = (uint64_t)1 << k;
            if (!((before ^ after) & bit))
                continue;
            first[k] = anyhow || value(p, cell, output, before ^ bit) != !rises;
            last[k] = anyhow || value(p, cell, output, after ^ bit) != rises;
            causes += first[k] || last[k];
        }
    for (uint32_t k = 0; k < pins; k++) {
        uint64_t bit = (uint64_t)1 << k;
        double share = (first[k] && last[k] ? 0.5 : 1) / causes;
        if (first[k])
            add(c, cell, output, k, rises, (before & ~bit) | (after & bit), share);
        if (last[k])
            add(c, cell, output, k, rises, after, share);
    }
}

/* Everything but what the data inputs do. */
static void add_register(const struct plain *p, struct mp_cases *c, uint32_t cell, uint64_t before,
                         uint64_t after)
{
    const struct mp_lib_cell *type = type_of(p, cell);
    uint64_t clock = mp_expr_support(&type->clocked_on), cause = clock;
    uint32_t k = (uint32_t)__builtin_ctzll(clock);
    bool rise = mp_expr_eval(&type->clocked_on, clock);
    add(c, cell, MP_NONE, MP_NONE, false, after, 0.5);
    add(c, cell, MP_NONE, MP_NONE, false, after | clock, 0.5);
    add(c, cell, MP_NONE, k, false, (rise ? before : after) | clock, 1);
    add(c, cell, MP_NONE, k, false, rise ? after : before, 1);
    if (type->preset.code && mp_expr_eval(&type->preset, after))
        cause = mp_expr_support(&type->preset);
    if (type->clear.code && mp_expr_eval(&type->clear, after))
        cause = mp_expr_support(&type->clear);
    for (uint32_t o = 0; o < type->pin_count; o++) {
        if (pin_of(p, cell, o)->direction != MP_DIR_OUTPUT ||
            value(p, cell, o, before) == value(p, cell, o, after))
            continue;
        for (uint32_t i = 0; i < type->pin_count; i++)
            if (cause >> i & 1)
                add(c, cell, o, i, value(p, cell, o, after),
                    cause == clock ? before | (rise ? clock : 0) : after,
                    1.0 / __builtin_popcountll(cause));
    }
}

static void settled_cycle(const struct plain *p, struct mp_cases *f, struct mp_cases *t,
                          uint32_t cell, const uint8_t *before_nets, const uint8_t *after_nets)
{
    uint64_t before = pins_of(p, cell, before_nets), after = pins_of(p, cell, after_nets);
    const struct mp_lib_cell *type = type_of(p, cell);
    if (is_register(p, cell)) {
        uint64_t data = ((uint64_t)1 << type->pin_count) - 1,
                 clock = mp_expr_support(&type->clocked_on);
        uint64_t level = mp_expr_eval(&type->clocked_on, clock) ? clock : 0;
        add_register(p, f, cell, before, after);
        add_register(p, t, cell, before, after);
        add_inputs(p, f, cell, (before & data) | (after & ~data) | level, after | level);
        return;
    }
    add(f, cell, MP_NONE, MP_NONE, false, after, 1);
    add(t, cell, MP_NONE, MP_NONE, false, after, 1);
    add_inputs(p, f, cell, before, after);
    for (uint32_t o = 0; o < type->pin_count; o++)
        if (pin_of(p, cell, o)->direction == MP_DIR_OUTPUT &&
            value(p, cell, o, before) != value(p, cell, o, after))
            add_output(p, f, cell, o, before, after);
}

/* Events of one tick; the outputs among them have the causes before it. */
static void tick(const struct plain *p, struct mp_cases *t, uint32_t cell, const struct event *e,
                 size_t count, uint64_t *pins, uint64_t (*cause)[2])
{
    const struct mp_lib_cell *type = type_of(p, cell);
    uint64_t before = *pins, after = before, level = 0;
    for (size_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < type->pin_count; k++) {
            if (net_of(p, cell, k) != e[i].net)
                continue;
            if (pin_of(p, cell, k)->direction == MP_DIR_INPUT)
                after ^= (uint64_t)1 << k;
            else if (!is_register(p, cell))
                add_output(p, t, cell, k, cause[k][0], cause[k][1]);
        }
    if (is_register(p, cell)) {
        uint64_t clock = mp_expr_support(&type->clocked_on);
        bool rise = mp_expr_eval(&type->clocked_on, clock);
        level = (e->tick < p->half_ticks) == rise ? clock : 0;
    }
    add_inputs(p, t, cell, before | level, after | level);
    for (uint32_t o = 0; o < type->pin_count && !is_register(p, cell); o++) {
        if (pin_of(p, cell, o)->direction != MP_DIR_OUTPUT ||
            value(p, cell, o, before) == value(p, cell, o, after))
            continue;
        cause[o][0] = before;
        cause[o][1] = after;
        if (net_of(p, cell, o) == MP_NONE)
            add_output(p, t, cell, o, before, after);
    }
    *pins = after;
}

static void timed_cycle(const struct plain *p, struct mp_cases *t, uint32_t cell,
                        const struct event *e, size_t count, const uint8_t *before_nets,
                        const uint8_t *after_nets)
{
    uint64_t cause[64][2] = {{0}}, pins = pins_of(p, cell, before_nets);
    uint64_t data = ((uint64_t)1 << type_of(p, cell)->pin_count) - 1;
    pins = (pins & data) | (pins_of(p, cell, after_nets) & ~data);
    for (size_t i = 0, k; i < count; i = k) {
        for (k = i; k < count && e[k].tick == e[i].tick; k++)
            ;
        tick(p, t, cell, e + i, k - i, &pins, cause);
    }
}

static void observe(void *context, size_t cycle, double time_s, uint32_t net, bool now)
{
    struct plain *p = context;
    (void)now;
    mp_grow(&p->events, p->count, &p->capacity, sizeof *p->events);
    p->events[p->count++] = (struct event){cycle, (uint32_t)llround(time_s * 1e12), net};
}

int plain_cases_add(struct mp_cases *functional, struct mp_cases *timed, const struct mp_netlist *n,
                    const struct mp_sdf *sdf, const struct mp_timed_options *options, size_t cycles,
                    size_t warmup, const uint8_t *inputs, struct mp_error *err)
{
    struct plain p = {.n = n, .half_ticks = UINT32_MAX};
    struct mp_timed_options o = *options;
    struct mp_timed_result r;
    struct mp_activity activity;
    uint8_t *nets = mp_alloc(cycles * n->net_count, 1);
    o.cases = false;
    if (o.period_s > 0)
        p.half_ticks = (uint32_t)ceil(round(o.period_s * 1e12) / 2);
    int rc = mp_timed_reference(&r, n, sdf, &o, cycles, warmup, inputs, observe, &p, err);
    if (rc == MP_OK) {
        mp_timed_result_release(&r);
        rc = mp_reference_simulate(n, cycles, warmup, inputs, &activity, nets, err);
    }
    if (rc == MP_OK)
        mp_activity_release(&activity);
    size_t first = 0, last;
    for (size_t c = warmup; c < cycles && rc == MP_OK; c++, first = last) {
        const uint8_t *before = nets + (c - 1) * n->net_count, *after = before + n->net_count;
        for (last = first; last < p.count && p.events[last].cycle == c; last++)
            ;
        for (uint32_t cell = 0; cell < n->cell_count; cell++) {
            settled_cycle(&p, functional, timed, cell, before, after);
            timed_cycle(&p, timed, cell, p.events + first, last - first, before, after);
        }
        functional->cycles++;
        timed->cycles++;
    }
    free(p.events);
    free(nets);
    return rc;
}
