#include "estimator/activity/simulator.h"
#include <stdlib.h>
#include <string.h>

struct reference {
    const struct mp_netlist *n;
    uint8_t *value; /* [net] */
    uint8_t *state; /* [register] */
};

static const struct mp_lib_cell *type_of(const struct reference *r, uint32_t cell)
{
    return &r->n->library->cells[r->n->cell_type[cell]];
}

/* Values of a cell's pins as bits; unconnected outputs read 0; then IQ and IQN. */
static uint64_t pin_values(const struct reference *r, uint32_t cell, bool state)
{
    uint32_t count = type_of(r, cell)->pin_count;
    uint64_t bits = (uint64_t)(state ? 1 : 2) << count;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t net = r->n->pin_net[r->n->cell_first_pin[cell] + k];
        if (net != MP_NONE)
            bits |= (uint64_t)r->value[net] << k;
    }
    return bits;
}

/* Returns whether an output changed. */
static bool drive_outputs(struct reference *r, uint32_t cell, bool state)
{
    const struct mp_lib_cell *type = type_of(r, cell);
    uint64_t pins = pin_values(r, cell, state);
    bool changed = false;
    for (uint32_t k = 0; k < type->pin_count; k++) {
        const struct mp_lib_pin *pin = &r->n->library->pins[type->first_pin + k];
        uint32_t net = r->n->pin_net[r->n->cell_first_pin[cell] + k];
        if (pin->direction != MP_DIR_OUTPUT || net == MP_NONE)
            continue;
        uint8_t x = mp_expr_eval(&pin->function, pins);
        changed |= x != r->value[net];
        r->value[net] = x;
    }
    return changed;
}

static bool apply_asynchronous(struct reference *r, uint32_t i)
{
    uint32_t cell = r->n->registers[i];
    const struct mp_lib_cell *type = type_of(r, cell);
    uint64_t pins = pin_values(r, cell, r->state[i]);
    if (type->preset.code && mp_expr_eval(&type->preset, pins))
        r->state[i] = 1;
    if (type->clear.code && mp_expr_eval(&type->clear, pins))
        r->state[i] = 0;
    return drive_outputs(r, cell, r->state[i]);
}

/* Registers that have a clear or preset wait until the logic in front of it is settled: the state
 * may only follow final values. They are tried in rounds, one more settled each time. */
static void settle(struct reference *r, uint8_t *latched)
{
    const struct mp_netlist *n = r->n;
    bool changed = true;
    memcpy(latched, r->state, n->register_count);
    for (uint32_t round = 0; changed && round <= n->register_count; round++) {
        changed = false;
        for (uint32_t i = 0; i < n->order_count; i++)
            changed |= drive_outputs(r, n->order[i], false);
        memcpy(r->state, latched, n->register_count);
        for (uint32_t i = 0; i < n->register_count; i++)
            changed |= apply_asynchronous(r, i);
    }
}

static void cycle(struct reference *r, const uint8_t *inputs, uint8_t *next)
{
    const struct mp_netlist *n = r->n;
    uint32_t k = 0;
    for (uint32_t i = 0; i < n->register_count; i++)
        next[i] = mp_expr_eval(&type_of(r, n->registers[i])->next_state,
                               pin_values(r, n->registers[i], r->state[i]));
    memcpy(r->state, next, n->register_count);
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t b = 0; b < n->ports[p].width; b++)
            if (n->ports[p].direction == MP_DIR_INPUT && n->ports[p].nets[b] != n->clock_net)
                r->value[n->ports[p].nets[b]] = inputs[k++];
    for (uint32_t i = 0; i < n->register_count; i++)
        drive_outputs(r, n->registers[i], r->state[i]);
    settle(r, next);
}

static uint32_t count_inputs(const struct mp_netlist *n)
{
    uint32_t count = 0;
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t b = 0; b < n->ports[p].width; b++)
            count += n->ports[p].direction == MP_DIR_INPUT && n->ports[p].nets[b] != n->clock_net;
    return count;
}

int mp_reference_simulate(const struct mp_netlist *n, size_t cycles, size_t warmup,
                          const uint8_t *inputs, struct mp_activity *out, uint8_t *nets_out,
                          struct mp_error *err)
{
    struct reference r = {.n = n};
    uint32_t input_count = count_inputs(n);
    *out = (struct mp_activity){0};
    if (warmup > cycles)
        return mp_fail(err, MP_E_USAGE, "a warm-up of %zu in %zu cycles", warmup, cycles);
    r.value = mp_alloc(n->net_count, 1);
    r.state = mp_alloc((size_t)n->register_count + 1, 1);
    uint8_t *before = mp_alloc(n->net_count, 1);
    uint8_t *next = mp_alloc((size_t)n->register_count + 1, 1);
    out->net_count = n->net_count;
    out->cycles = cycles - warmup;
    out->transitions = mp_alloc(n->net_count, sizeof *out->transitions);
    out->ones = mp_alloc(n->net_count, sizeof *out->ones);
    r.value[1] = 1;
    for (uint32_t i = 0; i < n->register_count; i++)
        drive_outputs(&r, n->registers[i], false);
    settle(&r, next);
    for (size_t t = 0; t < cycles; t++) {
        memcpy(before, r.value, n->net_count);
        cycle(&r, inputs + t * input_count, next);
        for (uint32_t net = 0; net < n->net_count && t >= warmup; net++) {
            out->transitions[net] += before[net] != r.value[net];
            out->ones[net] += r.value[net];
        }
        if (nets_out)
            memcpy(nets_out + t * n->net_count, r.value, n->net_count);
    }
    if (n->clock_net != MP_NONE) {
        out->transitions[n->clock_net] = 2 * out->cycles;
        out->ones[n->clock_net] = out->cycles / 2;
    }
    free(next);
    free(before);
    free(r.state);
    free(r.value);
    return MP_OK;
}
