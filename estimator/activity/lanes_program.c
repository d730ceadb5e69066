#include "estimator/activity/lanes.h"
#include <stdlib.h>
#include <string.h>

enum { ROW = 32 /* entries */ };

static size_t rows_of(size_t entries)
{
    return (entries + ROW - 1) / ROW;
}

/* Rows of the four tables of a gate. */
static void table_rows(unsigned inputs, size_t rows[4])
{
    rows[0] = rows_of((size_t)1 << inputs);
    rows[1] = rows_of((size_t)1 << (inputs + mp_lanes_id_bits(inputs)));
    rows[2] = inputs <= 3 ? rows[1] : 0;
    rows[3] = rows_of((size_t)1 << (2 * inputs));
}

static uint64_t pins_of(const struct mp_timed_input *in, unsigned inputs, unsigned bits)
{
    uint64_t pins = 0;
    for (unsigned i = 0; i < inputs; i++)
        pins |= (uint64_t)(bits >> i & 1) << in[i].pin;
    return pins;
}

/* What follows when the inputs of `moved` did and are in `state` now: as in `several`. */
static uint16_t entry_of(const struct mp_lanes_program *p, const struct mp_timed_gate *g,
                         const struct mp_timed_input *in, unsigned state, unsigned moved)
{
    const struct mp_timed_output *o = &p->model->outputs[g->output];
    uint64_t pins = pins_of(in, g->input_count, state), uncovered = 0;
    uint64_t moved_pins = pins_of(in, g->input_count, moved);
    bool value = mp_expr_eval(&o->function, pins);
    if (mp_expr_eval(&o->function, pins ^ moved_pins) == value)
        return 0;
    uint32_t delay = mp_timed_delay(p->model, o, moved_pins, pins, value, &uncovered);
    if (delay == MP_NONE)
        return MP_LANES_MISSING;
    return (uint16_t)(delay << p->shift | (uncovered ? MP_LANES_UNCOVERED : 0u));
}

/* An event of the set of inputs `moved`: one input alone where there are more than three. */
static void fill_fast(const struct mp_lanes_program *p, struct mp_lanes_gate *to, unsigned state,
                      unsigned moved, uint16_t *fast, uint16_t *uncovered)
{
    unsigned n = to->input_count;
    bool is_small = n <= 3;
    uint16_t entry = to->several[state << n | moved];
    unsigned last = 31 - (unsigned)__builtin_clz(moved);
    unsigned index = state << mp_lanes_id_bits(n) | (is_small ? moved : last);
    to->is_slow =
        to->is_slow || entry & MP_LANES_MISSING || (entry & MP_LANES_UNCOVERED && !is_small);
    entry = (uint16_t)(entry & ~MP_LANES_MISSING);
    if (is_small && entry & MP_LANES_UNCOVERED) {
        uncovered[index] = 1;
        to->has_uncovered = true;
    }
    entry = (uint16_t)(entry & ~((1u << p->shift) - 1));
    fast[index] = (uint16_t)(entry ? entry - last : 0);
}

static void fill_tables(const struct mp_lanes_program *p, struct mp_lanes_gate *to,
                        const struct mp_timed_gate *g, const struct mp_timed_input *in,
                        uint16_t *tables)
{
    unsigned n = g->input_count;
    size_t rows[4];
    table_rows(n, rows);
    uint16_t *value = tables, *fast = value + rows[0] * ROW, *uncovered = fast + rows[1] * ROW,
             *several = uncovered + rows[2] * ROW;
    to->value = value;
    to->fast = fast;
    to->uncovered = uncovered;
    to->several = several;
    for (unsigned state = 0; state < 1u << n; state++) {
        value[state] = mp_expr_eval(&g->function, pins_of(in, n, state));
        for (unsigned moved = 1; moved < 1u << n; moved++) {
            several[state << n | moved] = entry_of(p, g, in, state, moved);
            if (n <= 3 || (moved & (moved - 1)) == 0)
                fill_fast(p, to, state, moved, fast, uncovered);
        }
    }
}

static void fill_codes(struct mp_lanes_program *p)
{
    for (unsigned n = 1; n <= MP_LANES_INPUTS; n++)
        for (unsigned k = 0; k < ROW; k++) {
            unsigned input = k & ((1u << p->shift) - 1);
            unsigned id = n <= 3 ? 1u << input : input;
            if (input < n)
                p->codes[n * ROW + k] = (uint16_t)(1u << (input + mp_lanes_id_bits(n)) | id);
        }
}

/* Bits for the numbers of inputs; two are in use for what is uncovered or missing. */
static bool choose_shift(struct mp_lanes_program *p, const struct mp_timed_program *t)
{
    unsigned most = 1;
    for (uint32_t i = 0; i < t->gate_count; i++)
        if (t->gates[i].input_count > most)
            most = t->gates[i].input_count;
    p->shift = most <= 4 ? 2 : 3;
    return most <= (unsigned)MP_LANES_INPUTS &&
           t->model->latest + 1 < (uint32_t)UINT16_MAX >> p->shift;
}

static void add_gates(struct mp_lanes_program *p, const struct mp_timed_program *t)
{
    size_t used = 0, rows[4];
    for (uint32_t i = 0; i < t->gate_count; i++)
        if (t->gates[i].input_count > 0) {
            table_rows(t->gates[i].input_count, rows);
            used += rows[0] + rows[1] + rows[2] + rows[3];
        }
    p->tables = mp_alloc_aligned(used + 1, ROW * sizeof *p->tables);
    p->gates = mp_alloc((size_t)t->gate_count + 1, sizeof *p->gates);
    used = 0;
    for (uint32_t i = 0; i < t->gate_count; i++) {
        const struct mp_timed_gate *g = &t->gates[i];
        const struct mp_timed_input *in = t->inputs + g->first_input;
        if (g->input_count == 0) {
            p->rest[g->net] = mp_expr_eval(&g->function, 0);
            continue;
        }
        struct mp_lanes_gate *to = &p->gates[p->gate_count++];
        *to = (struct mp_lanes_gate){
            .net = g->net, .output = g->output, .input_count = (uint8_t)g->input_count};
        for (unsigned k = 0; k < g->input_count; k++)
            to->input[k] = in[k].net;
        fill_tables(p, to, g, in, p->tables + used * ROW);
        table_rows(g->input_count, rows);
        used += rows[0] + rows[1] + rows[2] + rows[3];
        p->is_simulated[g->net] = true;
    }
}

/* A source is active if a gate reads it, it may come after the period, or it lacks a delay. */
static void add_sources(struct mp_lanes_program *p, const struct mp_timed_program *t)
{
    bool *is_read = mp_alloc(t->model->n->net_count, sizeof *is_read);
    for (uint32_t i = 0; i < p->gate_count; i++)
        for (unsigned k = 0; k < p->gates[i].input_count; k++)
            is_read[p->gates[i].input[k]] = true;
    p->sources = mp_alloc((size_t)t->source_count + 1, sizeof *p->sources);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < t->source_count; i++) {
            const struct mp_timed_source *s = &t->sources[i];
            bool is_late = s->delay[0] > t->model->period || s->delay[1] > t->model->period ||
                           s->delay[0] == MP_NONE || s->delay[1] == MP_NONE;
            if ((is_read[s->net] || is_late) == (pass == 1))
                continue;
            p->is_simulated[s->net] = pass == 0;
            p->sources[p->source_count++] =
                (struct mp_lanes_source){s->net, s->output, {s->delay[0], s->delay[1]}};
        }
        p->active_count = pass == 0 ? p->source_count : p->active_count;
    }
    free(is_read);
}

bool mp_lanes_program_make(struct mp_lanes_program *p, const struct mp_timed_program *t)
{
    *p = (struct mp_lanes_program){.model = t->model};
    if (!choose_shift(p, t))
        return false;
    p->is_simulated = mp_alloc(t->model->n->net_count, sizeof *p->is_simulated);
    p->rest = mp_alloc(t->model->n->net_count, sizeof *p->rest);
    p->codes = mp_alloc_aligned(MP_LANES_INPUTS + 1, ROW * sizeof *p->codes);
    p->rest[1] = 1;
    fill_codes(p);
    add_gates(p, t);
    add_sources(p, t);
    return true;
}

void mp_lanes_program_release(struct mp_lanes_program *p)
{
    free(p->gates);
    free(p->sources);
    free(p->is_simulated);
    free(p->rest);
    free(p->tables);
    free(p->codes);
    *p = (struct mp_lanes_program){0};
}
