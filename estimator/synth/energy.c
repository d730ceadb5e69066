#include "estimator/synth/energy.h"

#include "estimator/util/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CYCLES 256

/* What an edge of an output costs and takes, caused by one input: [input * 2 + edge] of a pin. */
struct response {
    double delay_s, energy_j;
};

/* The edges of a net in a cycle: times rise, values alternate from the first value on. */
struct edges {
    double *time_s;
    size_t count, capacity;
    bool before; /* value at the start of the cycle */
};

struct simulation {
    const struct mp_netlist *n;
    uint32_t *first; /* [pin + 1] into responses; only outputs have some */
    struct response *responses;
    struct edges *nets;
    double energy_j;
};

static double internal_energy(const struct mp_library *lib, const struct mp_lib_pin *pin,
                              uint32_t input, int edge, double slew_s, double load_f)
{
    double sum = 0;
    unsigned count = 0;
    for (uint32_t i = 0; i < pin->internal_power_count; i++) {
        const struct mp_internal_power *p = &lib->internal_powers[pin->first_internal_power + i];
        uint32_t table = edge ? p->fall : p->rise;
        if (table == MP_NONE || (p->related_pin != MP_NONE && p->related_pin != input))
            continue;
        sum += mp_table_lookup(&lib->tables[table], slew_s, load_f);
        count++;
    }
    return count ? sum / count : 0;
}

static double arc_delay(const struct mp_library *lib, const struct mp_lib_pin *pin, uint32_t input,
                        int edge, double slew_s, double load_f)
{
    double delay = 0;
    for (uint32_t i = 0; i < pin->arc_count; i++) {
        const struct mp_arc *arc = &lib->arcs[pin->first_arc + i];
        uint32_t table = edge ? arc->cell_fall : arc->cell_rise;
        if (arc->related_pin == input && table != MP_NONE)
            delay = fmax(delay, mp_table_lookup(&lib->tables[table], slew_s, load_f));
    }
    return delay;
}

static void add_responses(struct simulation *s, uint32_t cell, uint32_t k,
                          const struct mp_synth_wave *waves, const double *load_f)
{
    const struct mp_netlist *n = s->n;
    const struct mp_library *lib = n->library;
    const struct mp_lib_cell *type = &lib->cells[n->cell_type[cell]];
    const struct mp_lib_pin *pin = &lib->pins[type->first_pin + k];
    uint32_t out = n->cell_first_pin[cell] + k, net = n->pin_net[out];
    if (net == MP_NONE || net < 2)
        return;
    /* Each edge charges or discharges the load: half of C V^2 is lost in it. */
    double charge = 0.5 * load_f[net] * lib->voltage_v * lib->voltage_v;
    for (uint32_t p = 0; p < type->pin_count; p++) {
        if (lib->pins[type->first_pin + p].direction != MP_DIR_INPUT)
            continue;
        const struct mp_synth_wave *in = &waves[n->pin_net[n->cell_first_pin[cell] + p]];
        double slew = fmax(in->slew_s[0], in->slew_s[1]);
        for (int e = 0; e < 2; e++)
            s->responses[s->first[out] + 2 * p + (uint32_t)e] =
                (struct response){arc_delay(lib, pin, p, e, slew, load_f[net]),
                                  charge + internal_energy(lib, pin, p, e, slew, load_f[net])};
    }
}

static void prepare(struct simulation *s, const struct mp_synth_boundary *boundary)
{
    const struct mp_netlist *n = s->n;
    double *load = mp_synth_loads(n, boundary);
    struct mp_synth_wave *waves = mp_synth_arrivals(n, load, boundary);
    uint32_t total = 0;
    s->first = mp_alloc(n->pin_count + 1u, sizeof *s->first);
    for (uint32_t pin = 0; pin < n->pin_count; pin++) {
        uint32_t cell = n->pin_cell[pin];
        const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
        const struct mp_lib_pin *p =
            &n->library->pins[type->first_pin + (pin - n->cell_first_pin[cell])];
        s->first[pin] = total;
        total += p->direction == MP_DIR_OUTPUT ? 2 * type->pin_count : 0;
    }
    s->responses = mp_alloc(total + 1u, sizeof *s->responses);
    s->nets = mp_alloc(n->net_count, sizeof *s->nets);
    for (uint32_t cell = 0; cell < n->cell_count; cell++) {
        const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
        for (uint32_t k = 0; k < type->pin_count; k++)
            if (n->library->pins[type->first_pin + k].direction == MP_DIR_OUTPUT)
                add_responses(s, cell, k, waves, load);
    }
    free(waves);
    free(load);
}

static bool last_value(const struct edges *e)
{
    return e->before != (e->count % 2 == 1);
}

static void add_edge(struct edges *e, double time_s)
{
    mp_grow(&e->time_s, e->count, &e->capacity, sizeof *e->time_s);
    e->time_s[e->count++] = time_s;
}

/* One output of a cell through a cycle: at every edge of an input it is computed anew. */
static void propagate(struct simulation *s, uint32_t cell, uint32_t k)
{
    const struct mp_netlist *n = s->n;
    const struct mp_library *lib = n->library;
    const struct mp_lib_cell *type = &lib->cells[n->cell_type[cell]];
    const uint32_t *pins = &n->pin_net[n->cell_first_pin[cell]];
    const struct mp_expr *function = &lib->pins[type->first_pin + k].function;
    const struct response *r = &s->responses[s->first[n->cell_first_pin[cell] + k]];
    struct edges *out = &s->nets[pins[k]];
    size_t next[64] = {0};
    uint64_t support = mp_expr_support(function), values = 0;
    for (uint32_t p = 0; p < type->pin_count; p++)
        if (support >> p & 1)
            values |= (uint64_t)s->nets[pins[p]].before << p;
    for (;;) {
        uint32_t first = MP_NONE;
        double now = INFINITY;
        for (uint32_t p = 0; p < type->pin_count; p++)
            if (support >> p & 1 && next[p] < s->nets[pins[p]].count &&
                s->nets[pins[p]].time_s[next[p]] < now) {
                first = p;
                now = s->nets[pins[p]].time_s[next[p]];
            }
        if (first == MP_NONE)
            break;
        next[first]++;
        values ^= UINT64_C(1) << first;
        bool value = mp_expr_eval(function, values);
        if (value == last_value(out))
            continue;
        if (out->count && out->time_s[out->count - 1] > now)
            out->count--; /* was to change, and is not going to */
        else
            add_edge(out, now + r[2 * first + !value].delay_s);
    }
}

/* The energy of an output's edges, by the input that its cell answers to most slowly: which one
 * caused an edge is not kept, and hardly matters for a choice. */
static void count_energy(struct simulation *s, uint32_t cell, uint32_t k)
{
    const struct mp_netlist *n = s->n;
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
    uint32_t pin = n->cell_first_pin[cell] + k;
    const struct edges *out = &s->nets[n->pin_net[pin]];
    double energy[2] = {0, 0};
    unsigned inputs = 0;
    for (uint32_t p = 0; p < type->pin_count && out->count; p++) {
        if (n->library->pins[type->first_pin + p].direction != MP_DIR_INPUT)
            continue;
        inputs++;
        for (uint32_t e = 0; e < 2; e++)
            energy[e] += s->responses[s->first[pin] + 2 * p + e].energy_j;
    }
    bool value = out->before;
    for (size_t i = 0; i < out->count; i++, value = !value)
        s->energy_j += energy[value] / inputs; /* a net that is 1 falls */
}

static void settle(struct simulation *s, uint32_t cell, bool registers)
{
    const struct mp_netlist *n = s->n;
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
    for (uint32_t k = 0; k < type->pin_count; k++) {
        uint32_t net = n->pin_net[n->cell_first_pin[cell] + k];
        if (n->library->pins[type->first_pin + k].direction != MP_DIR_OUTPUT || net == MP_NONE ||
            net < 2)
            continue;
        if (!registers)
            propagate(s, cell, k);
        count_energy(s, cell, k);
    }
}

/* What the registers are going to hold: IQ of each, before any of them changes. */
static void clock_registers(struct simulation *s, bool *state)
{
    const struct mp_netlist *n = s->n;
    for (uint32_t k = 0; k < n->register_count; k++) {
        uint32_t cell = n->registers[k];
        const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
        uint64_t pins = 0;
        for (uint32_t p = 0; p < type->pin_count; p++) {
            uint32_t net = n->pin_net[n->cell_first_pin[cell] + p];
            if (net != MP_NONE && n->library->pins[type->first_pin + p].direction == MP_DIR_INPUT)
                pins |= (uint64_t)s->nets[net].before << p;
        }
        state[k] =
            mp_expr_eval(&type->next_state, pins | (uint64_t)state[k] << type->pin_count |
                                                (uint64_t)!state[k] << (type->pin_count + 1));
    }
}

static void switch_to(struct edges *e, bool value)
{
    if (value != e->before)
        add_edge(e, 0);
}

/* As numbers in networks are: small ones are as likely as large ones. Single bits are controls,
 * which are seldom 1. */
static uint64_t random_operand(struct mp_random *random, uint32_t width)
{
    uint64_t value = mp_random_u64(random), shift = mp_random_below(random, width);
    if (width == 1)
        return value >> 60 == 0;
    return width > 64 ? value : value >> (64 - width) >> shift;
}

static void start_cycle(struct simulation *s, bool *state, struct mp_random *random)
{
    const struct mp_netlist *n = s->n;
    for (uint32_t net = 0; net < n->net_count; net++) {
        s->nets[net].before = last_value(&s->nets[net]);
        s->nets[net].count = 0;
    }
    clock_registers(s, state);
    for (uint32_t k = 0; k < n->register_count; k++) {
        uint32_t cell = n->registers[k];
        const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
        for (uint32_t p = 0; p < type->pin_count; p++) {
            const struct mp_lib_pin *pin = &n->library->pins[type->first_pin + p];
            uint32_t net = n->pin_net[n->cell_first_pin[cell] + p];
            if (pin->direction == MP_DIR_OUTPUT && net != MP_NONE && net > 1)
                switch_to(
                    &s->nets[net],
                    mp_expr_eval(&pin->function, (uint64_t)state[k] << type->pin_count |
                                                     (uint64_t)!state[k] << (type->pin_count + 1)));
        }
    }
    for (uint32_t k = 0; k < n->port_count; k++) {
        const struct mp_port *p = &n->ports[k];
        if (p->direction != MP_DIR_INPUT || p->nets[0] == n->clock_net)
            continue;
        uint64_t value = random_operand(random, p->width);
        for (uint32_t b = 0; b < p->width; b++)
            switch_to(&s->nets[p->nets[b]], b < 64 ? value >> b & 1 : mp_random_u64(random) >> 63);
    }
}

/* Registers and inputs at 0, and every net at what follows from that. */
static void initialise(struct simulation *s)
{
    const struct mp_netlist *n = s->n;
    s->nets[1].before = true;
    for (uint32_t i = 0; i < n->order_count; i++) {
        const struct mp_lib_cell *type = &n->library->cells[n->cell_type[n->order[i]]];
        const uint32_t *nets = &n->pin_net[n->cell_first_pin[n->order[i]]];
        uint64_t pins = 0;
        for (uint32_t p = 0; p < type->pin_count; p++)
            if (n->library->pins[type->first_pin + p].direction == MP_DIR_INPUT)
                pins |= (uint64_t)s->nets[nets[p]].before << p;
        for (uint32_t p = 0; p < type->pin_count; p++)
            if (n->library->pins[type->first_pin + p].direction == MP_DIR_OUTPUT &&
                nets[p] != MP_NONE && nets[p] > 1)
                s->nets[nets[p]].before =
                    mp_expr_eval(&n->library->pins[type->first_pin + p].function, pins);
    }
}

double mp_synth_energy_j(const struct mp_netlist *n, const struct mp_synth_boundary *boundary,
                         double period_s)
{
    struct simulation s = {.n = n};
    struct mp_random random;
    bool *state = mp_alloc(n->register_count + 1u, sizeof *state);
    double leakage_w = 0;
    prepare(&s, boundary);
    mp_random_seed(&random, 1);
    initialise(&s);
    for (unsigned cycle = 0; cycle < CYCLES; cycle++) {
        start_cycle(&s, state, &random);
        for (uint32_t k = 0; k < n->register_count; k++)
            settle(&s, n->registers[k], true);
        for (uint32_t k = 0; k < n->order_count; k++)
            settle(&s, n->order[k], false);
    }
    for (uint32_t c = 0; c < n->cell_count; c++) {
        double w = n->library->cells[n->cell_type[c]].cell_leakage_power_w;
        leakage_w += isnan(w) ? 0 : w;
    }
    for (uint32_t net = 0; net < n->net_count; net++)
        free(s.nets[net].time_s);
    free(s.nets);
    free(s.responses);
    free(s.first);
    free(state);
    return s.energy_j / CYCLES + leakage_w * period_s;
}
