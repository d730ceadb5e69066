#include "estimator/activity/timed_model.h"
#include <stdlib.h>
#include <string.h>

/* What happens to a net: an input port or an output's pending change. */
struct event {
    uint32_t time;
    uint64_t number; /* events of one time in the order in which they were scheduled */
    uint32_t net;
    uint32_t output; /* MP_NONE: an input port */
};

struct timed {
    struct mp_timed_model model;
    const struct mp_netlist *n;
    uint8_t *value;    /* [net] */
    uint8_t *function; /* [output] value of the function, which the output follows */
    uint64_t *pending; /* [output] number of the event to come, 0: none */
    uint64_t *moved;   /* [cell] input pins that moved at this time */
    int64_t *wake;     /* [pin] when it moved last, Icarus's rule */
    uint32_t *cells;   /* that saw a transition at this time */
    uint32_t cell_count;
    struct event *heap;
    size_t event_count, event_capacity;
    uint64_t number;
    size_t cycle;
    uint32_t last; /* time of the last transition of this cycle */
    mp_timed_observer *observer;
    void *context;
    struct mp_timed_result *result;
};

static bool is_before(const struct event *a, const struct event *b)
{
    return a->time != b->time ? a->time < b->time : a->number < b->number;
}

static uint64_t schedule(struct timed *s, uint32_t time, uint32_t net, uint32_t output)
{
    mp_grow(&s->heap, s->event_count, &s->event_capacity, sizeof *s->heap);
    struct event e = {time, ++s->number, net, output};
    size_t i = s->event_count++;
    for (; i > 0 && is_before(&e, &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = e;
    return e.number;
}

static struct event take(struct timed *s)
{
    struct event top = s->heap[0], e = s->heap[--s->event_count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < s->event_count && is_before(&s->heap[child + 1], &s->heap[child]))
            child++;
        if (child >= s->event_count || !is_before(&s->heap[child], &e))
            break;
        s->heap[i] = s->heap[child];
        i = child;
    }
    s->heap[i] = e;
    return top;
}

static uint64_t pins_of(const struct timed *s, uint32_t cell)
{
    uint64_t bits = 0;
    uint32_t first = s->n->cell_first_pin[cell], count = s->n->cell_first_pin[cell + 1] - first;
    for (uint32_t k = 0; k < count; k++)
        if (s->n->pin_net[first + k] != MP_NONE)
            bits |= (uint64_t)s->value[s->n->pin_net[first + k]] << k;
    return bits;
}

/* The net moves; its combinational readers are noted in `cells`. */
static void toggle(struct timed *s, uint32_t net, uint32_t time)
{
    const struct mp_netlist *n = s->n;
    s->value[net] ^= 1;
    s->result->timed.transitions[net]++;
    s->last = time;
    if (s->observer)
        s->observer(s->context, s->cycle, (double)time * s->model.options.tick_s, net,
                    s->value[net]);
    for (uint32_t f = n->net_fanout_first[net]; f < n->net_fanout_first[net + 1]; f++) {
        uint32_t pin = n->net_fanout[f], cell = n->pin_cell[pin];
        if (n->library->cells[n->cell_type[cell]].sequential != MP_COMBINATIONAL)
            continue;
        if (s->moved[cell] == 0)
            s->cells[s->cell_count++] = cell;
        s->moved[cell] |= (uint64_t)1 << (pin - n->cell_first_pin[cell]);
        s->wake[pin] = time;
    }
}

static int evaluate_inertial(struct timed *s, uint32_t output, uint64_t pins, uint32_t now,
                             struct mp_error *err)
{
    const struct mp_timed_output *o = &s->model.outputs[output];
    bool value = mp_expr_eval(&o->function, pins);
    if (value == s->function[output])
        return MP_OK;
    s->function[output] = value;
    if (s->pending[output]) {
        s->pending[output] = 0;
        return MP_OK;
    }
    uint32_t delay =
        mp_timed_delay(&s->model, o, s->moved[o->cell], pins, value, &s->result->uncovered);
    if (delay == MP_NONE)
        return mp_timed_fail_missing(&s->model, o, value, err);
    s->pending[output] = schedule(s, now + delay, o->net, output);
    return MP_OK;
}

/* When the event of a change comes: see MP_PENDING_ICARUS. */
static uint32_t icarus_time(const struct timed *s, const struct mp_timed_output *o, uint64_t pins,
                            bool value, uint32_t now)
{
    int64_t latest = INT64_MIN, time = now;
    for (uint32_t k = 0; k < o->arc_count; k++) {
        const struct mp_timed_arc *a = &s->model.arcs[o->first_arc + k];
        int64_t wake = s->wake[s->n->cell_first_pin[o->cell] + a->from];
        if (a->delay[value] == MP_NONE || wake < latest ||
            (a->edge && (a->edge == 'r') != (pins >> a->from & 1)) ||
            (a->when.code && !mp_expr_eval(&a->when, pins ^ s->moved[o->cell])))
            continue;
        if (wake > latest || wake + a->delay[value] < time)
            time = wake + a->delay[value];
        latest = wake;
    }
    return time > now ? (uint32_t)time : now + 1;
}

static void evaluate_icarus(struct timed *s, uint32_t output, uint64_t pins, uint32_t now)
{
    const struct mp_timed_output *o = &s->model.outputs[output];
    bool value = mp_expr_eval(&o->function, pins);
    if (value == s->function[output])
        return;
    s->function[output] = value;
    schedule(s, icarus_time(s, o, pins, value, now), o->net, output);
}

static int evaluate_cells(struct timed *s, uint32_t now, struct mp_error *err)
{
    int rc = MP_OK;
    for (uint32_t i = 0; i < s->cell_count; i++) {
        uint32_t cell = s->cells[i], first = s->model.cell_first[cell];
        uint64_t pins = pins_of(s, cell);
        for (uint32_t o = first; o < first + s->model.cell_outputs[cell] && rc == MP_OK; o++) {
            if (s->model.options.pending == MP_PENDING_ICARUS)
                evaluate_icarus(s, o, pins, now);
            else
                rc = evaluate_inertial(s, o, pins, now, err);
        }
        s->moved[cell] = 0;
    }
    s->cell_count = 0;
    return rc;
}

static void happen(struct timed *s, const struct event *e)
{
    if (e->output == MP_NONE) {
        toggle(s, e->net, e->time);
    } else if (s->model.options.pending == MP_PENDING_ICARUS) {
        if (s->value[e->net] != s->function[e->output])
            toggle(s, e->net, e->time);
    } else if (s->pending[e->output] == e->number) {
        s->pending[e->output] = 0;
        toggle(s, e->net, e->time);
    }
}

/* The changes that the clock edge brings: ports and register outputs from `before` to `after`. */
static int start_cycle(struct timed *s, const uint8_t *before, const uint8_t *after,
                       struct mp_error *err)
{
    const struct mp_netlist *n = s->n;
    memcpy(s->value, before, n->net_count);
    for (uint32_t p = 0; p < n->pin_count; p++)
        s->wake[p] = INT64_MIN / 2;
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t b = 0; b < n->ports[p].width; b++) {
            uint32_t net = n->ports[p].nets[b];
            if (n->ports[p].direction == MP_DIR_INPUT && net != n->clock_net &&
                before[net] != after[net])
                schedule(s, s->model.input_delay, net, MP_NONE);
        }
    for (uint32_t i = 0; i < s->model.output_count; i++) {
        const struct mp_timed_output *o = &s->model.outputs[i];
        s->function[i] = before[o->net];
        if (!o->is_register || before[o->net] == after[o->net])
            continue;
        s->function[i] = after[o->net];
        if (o->clock_delay[after[o->net]] == MP_NONE)
            return mp_timed_fail_missing(&s->model, o, after[o->net], err);
        s->pending[i] = schedule(s, o->clock_delay[after[o->net]], o->net, i);
    }
    return MP_OK;
}

static int run_cycle(struct timed *s, const uint8_t *before, const uint8_t *after,
                     struct mp_error *err)
{
    s->last = 0;
    int rc = start_cycle(s, before, after, err);
    while (s->event_count > 0 && rc == MP_OK) {
        struct event e = take(s);
        happen(s, &e);
        bool wait = s->event_count > 0 && s->heap[0].time == e.time;
        if (!wait)
            rc = evaluate_cells(s, e.time, err);
    }
    for (uint32_t net = 2; net < s->n->net_count && rc == MP_OK; net++)
        if (net != s->n->clock_net && s->value[net] != after[net])
            rc = mp_fail(err, MP_E_INPUT,
                         "net %s ends a cycle of the timed simulation with %u, not with its "
                         "function's value",
                         s->n->net_name[net], s->value[net]);
    s->result->unsettled_cycles += s->last > s->model.period;
    if ((double)s->last * s->model.options.tick_s > s->result->latest_s)
        s->result->latest_s = (double)s->last * s->model.options.tick_s;
    return rc;
}

static int run(struct timed *s, size_t cycles, size_t warmup, const uint8_t *inputs,
               uint8_t *values, struct mp_error *err)
{
    const struct mp_netlist *n = s->n;
    struct mp_timed_result *r = s->result;
    int rc = mp_reference_simulate(n, cycles, warmup, inputs, &r->functional, values, err);
    if (rc < 0)
        return rc;
    r->timed = r->functional;
    r->timed.transitions = mp_alloc(n->net_count, sizeof *r->timed.transitions);
    r->timed.ones = mp_alloc(n->net_count, sizeof *r->timed.ones);
    memcpy(r->timed.ones, r->functional.ones, n->net_count * sizeof *r->timed.ones);
    for (s->cycle = warmup; s->cycle < cycles && rc == MP_OK; s->cycle++)
        rc = run_cycle(s, values + (s->cycle - 1) * n->net_count, values + s->cycle * n->net_count,
                       err);
    if (n->clock_net != MP_NONE)
        r->timed.transitions[n->clock_net] = r->functional.transitions[n->clock_net];
    return rc;
}

int mp_timed_reference(struct mp_timed_result *out, const struct mp_netlist *n,
                       const struct mp_sdf *sdf, const struct mp_timed_options *options,
                       size_t cycles, size_t warmup, const uint8_t *inputs,
                       mp_timed_observer *observer, void *context, struct mp_error *err)
{
    struct timed s = {.n = n, .observer = observer, .context = context, .result = out};
    *out = (struct mp_timed_result){0};
    if (warmup < 1 || warmup > cycles)
        return mp_fail(err, MP_E_USAGE,
                       "a warm-up of %zu in %zu cycles; a timed cycle needs one before it", warmup,
                       cycles);
    if (options->cases)
        return mp_fail(err, MP_E_USAGE, "the plain reference does not count cases");
    int rc = mp_timed_model_make(&s.model, n, sdf, options, err);
    if (rc < 0)
        return rc;
    uint8_t *values = mp_alloc(cycles * n->net_count, 1);
    s.value = mp_alloc(n->net_count, 1);
    s.function = mp_alloc((size_t)s.model.output_count + 1, 1);
    s.pending = mp_alloc((size_t)s.model.output_count + 1, sizeof *s.pending);
    s.moved = mp_alloc((size_t)n->cell_count + 1, sizeof *s.moved);
    s.wake = mp_alloc((size_t)n->pin_count + 1, sizeof *s.wake);
    s.cells = mp_alloc((size_t)n->cell_count + 1, sizeof *s.cells);
    rc = run(&s, cycles, warmup, inputs, values, err);
    if (rc < 0)
        mp_timed_result_release(out);
    free(s.heap);
    free(s.cells);
    free(s.wake);
    free(s.moved);
    free(s.pending);
    free(s.function);
    free(s.value);
    free(values);
    mp_timed_model_release(&s.model);
    return rc;
}
