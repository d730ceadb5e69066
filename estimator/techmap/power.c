#include "estimator/techmap/power_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint64_t *net_values(const struct mp_power_meter *t, uint32_t net)
{
    return t->values + (size_t)net * t->slots * t->words;
}

/* Bits that differ. Without popcnt in the baseline instruction set, sums in bytes are what
 * compilers make vectors of. */
static uint32_t count_changes(const uint64_t *a, const uint64_t *b, size_t count)
{
    const uint64_t by_1 = UINT64_C(0x5555555555555555), by_2 = UINT64_C(0x3333333333333333),
                   by_4 = UINT64_C(0x0f0f0f0f0f0f0f0f), by_8 = UINT64_C(0x00ff00ff00ff00ff);
    uint64_t total = 0;

    for (size_t from = 0; from < count; from += 31) {
        size_t to = from + 31 < count ? from + 31 : count;
        uint64_t bytes = 0;
        for (size_t i = from; i < to; i++) {
            uint64_t x = a[i] ^ b[i];
            x -= x >> 1 & by_1;
            x = (x & by_2) + (x >> 2 & by_2);
            bytes += (x + (x >> 4)) & by_4;
        }
        bytes = (bytes & by_8) + (bytes >> 8 & by_8);
        total += (bytes * UINT64_C(0x0001000100010001)) >> 48;
    }
    return (uint32_t)total;
}

static void count_net(struct mp_power_meter *t, uint32_t net)
{
    const uint64_t *v = net_values(t, net);
    size_t words = t->words, last = (size_t)(t->slots - 1) * words;

    t->functional[net] = count_changes(v, v + last, words);
    t->timed[net] = count_changes(v, v + words, last);
}

/* t->fresh becomes the net's values. */
static void take_fresh(struct mp_power_meter *t, uint32_t net)
{
    size_t size = (size_t)t->slots * t->words * sizeof *t->fresh;
    uint64_t *v = net_values(t, net);

    if (memcmp(v, t->fresh, size) == 0)
        return;
    memcpy(v, t->fresh, size);
    t->changed[net] = 1;
    count_net(t, net);
}

/* A source that changes once, at a slot. */
static void set_source(struct mp_power_meter *t, uint32_t net, uint32_t source, uint32_t slot,
                       const uint64_t *old, const uint64_t *fresh)
{
    struct mp_power_source_seen *s = &t->sources[net];

    if (s->source == source && s->slot == slot)
        return;
    *s = (struct mp_power_source_seen){source, slot};
    for (uint32_t i = 0; i < t->slots; i++)
        memcpy(t->fresh + (size_t)i * t->words, i <= slot ? old : fresh,
               t->words * sizeof *t->fresh);
    take_fresh(t, net);
}

static uint32_t slot_of(const struct mp_power_meter *t, const struct mp_mapped *m, uint32_t net)
{
    float arrival = mp_mapped_arrival(m, net);
    uint32_t slot;

    if (!(arrival > 0)) /* constants have none */
        return 0;
    slot = (uint32_t)((double)arrival / t->slot_s + 0.5);
    return slot > t->slots - 2 ? t->slots - 2 : slot;
}

/* ---- memory */

static void forget(struct mp_power_meter *t)
{
    for (uint32_t g = 0; g < t->gate_capacity; g++)
        t->gates[g].type = MP_NONE;
    for (uint32_t n = 0; n < t->net_capacity; n++)
        t->sources[n].source = MP_NONE;
    /* No value is like what was there, but for constants. */
    memset(t->values, 0, (size_t)t->net_capacity * t->slots * t->words * sizeof *t->values);
    memset(net_values(t, MP_MAPPED_ONE), 0xff, (size_t)t->slots * t->words * sizeof *t->values);
    memset(t->functional, 0, t->net_capacity * sizeof *t->functional);
    memset(t->timed, 0, t->net_capacity * sizeof *t->timed);
}

/* Room for the netlist, and for its latest arrival; values are made anew where slots grow. */
static void make_room(struct mp_power_meter *t, const struct mp_mapped *m)
{
    uint32_t slots = (uint32_t)fmin(SLOTS_MOST, ceil((double)m->delay_s / t->slot_s) + 3);
    bool is_new = t->values == NULL || slots > t->slots || m->net_limit > t->net_capacity ||
                  m->gate_limit > t->gate_capacity;

    if (!is_new)
        return;
    if (slots > t->slots || t->values == NULL)
        t->slots = slots + SPARE_SLOTS;
    if (m->net_limit > t->net_capacity)
        t->net_capacity = m->net_limit + m->net_limit / 4 + 64;
    if (m->gate_limit > t->gate_capacity)
        t->gate_capacity = m->gate_limit + m->gate_limit / 4 + 64;
    t->values =
        mp_realloc(t->values, (size_t)t->net_capacity * t->slots * t->words, sizeof *t->values);
    t->functional = mp_realloc(t->functional, t->net_capacity, sizeof *t->functional);
    t->timed = mp_realloc(t->timed, t->net_capacity, sizeof *t->timed);
    t->changed = mp_realloc(t->changed, t->net_capacity, 1);
    t->sources = mp_realloc(t->sources, t->net_capacity, sizeof *t->sources);
    t->gates = mp_realloc(t->gates, t->gate_capacity, sizeof *t->gates);
    t->order = mp_realloc(t->order, t->gate_capacity, sizeof *t->order);
    t->fresh = mp_realloc(t->fresh, (size_t)t->slots * t->words, sizeof *t->fresh);
    forget(t);
}

/* ---- one measurement */

static void set_ties(struct mp_power_meter *t, const struct mp_mapped *m, uint32_t gate)
{
    const struct mp_nldm_cell *cell = mp_power_meter_cell(m, gate);

    for (unsigned o = 0; o < cell->output_count; o++) {
        const uint64_t *value =
            net_values(t, cell->outputs[o].truth & 1 ? MP_MAPPED_ONE : MP_MAPPED_ZERO);
        if (m->gates[gate].outputs[o] != MP_NONE)
            set_source(t, m->gates[gate].outputs[o], (1u << 30) + 2 * gate + o, 0, value, value);
    }
}

static void simulate_sources(struct mp_power_meter *t, const struct mp_mapped *m,
                             uint32_t gate_count)
{
    const struct mp_techmap_operands *o = t->power->operands;
    size_t row = (size_t)o->input_count * o->words;
    const uint64_t *old = o->bits + (o->steps - 2) * row, *fresh = old + row;

    for (uint32_t k = 0; k < m->input_count && k < o->input_count; k++)
        set_source(t, m->inputs[k], k, slot_of(t, m, m->inputs[k]), old + (size_t)k * o->words,
                   fresh + (size_t)k * o->words);
    for (uint32_t i = 0; i < gate_count; i++) {
        uint32_t g = t->order[i];
        const struct mp_nldm_cell *cell = mp_power_meter_cell(m, g);
        if (cell->kind == MP_NLDM_TIE)
            set_ties(t, m, g);
        if (cell->kind != MP_NLDM_FLIP_FLOP || g >= t->state_gates || !t->known[g])
            continue;
        for (unsigned k = 0; k < cell->output_count; k++)
            if (m->gates[g].outputs[k] != MP_NONE)
                set_source(t, m->gates[g].outputs[k], (1u << 31) + 2 * g + k,
                           slot_of(t, m, m->gates[g].outputs[k]), mp_power_meter_state(t, g, k, 0),
                           mp_power_meter_state(t, g, k, 1));
    }
}

static void simulate_output(struct mp_power_meter *t, const struct mp_mapped *m, uint32_t gate,
                            unsigned o, uint32_t delay)
{
    const struct mp_mapped_gate *g = &m->gates[gate];
    const struct mp_nldm_cell *cell = mp_power_meter_cell(m, gate);
    const uint64_t *in[MP_NLDM_INPUTS] = {NULL};
    size_t words = t->words;

    for (unsigned k = 0; k < cell->input_count; k++)
        in[k] = net_values(t, g->inputs[k]);
    mp_power_meter_evaluate(t->fresh + delay * words, cell->outputs[o].truth, cell->input_count, in,
                            (t->slots - delay) * words);
    for (uint32_t i = 0; i < delay; i++)
        memcpy(t->fresh + i * words, t->fresh + delay * words, words * sizeof *t->fresh);
    t->sources[g->outputs[o]].source = MP_NONE;
    take_fresh(t, g->outputs[o]);
}

static void simulate_gate(struct mp_power_meter *t, const struct mp_mapped *m, uint32_t gate)
{
    const struct mp_mapped_gate *g = &m->gates[gate];
    const struct mp_nldm_cell *cell = mp_power_meter_cell(m, gate);
    struct mp_power_gate_seen *seen = &t->gates[gate];
    uint32_t latest = 0, delay[MP_NLDM_OUTPUTS] = {0};
    /* One that was gone for a while missed what changed. */
    bool is_same = seen->type != MP_NONE && seen->measurement + 1 == t->measurement &&
                   m->nldm->cells[seen->type].family == cell->family;

    for (unsigned k = 0; k < cell->input_count; k++) {
        uint32_t slot = slot_of(t, m, g->inputs[k]);
        latest = slot > latest ? slot : latest;
        is_same = is_same && seen->inputs[k] == g->inputs[k] && !t->changed[g->inputs[k]];
    }
    for (unsigned o = 0; o < cell->output_count; o++) {
        uint32_t slot = g->outputs[o] != MP_NONE ? slot_of(t, m, g->outputs[o]) : 0;
        delay[o] = slot > latest ? slot - latest : 0;
        is_same = is_same && seen->outputs[o] == g->outputs[o] && seen->delay[o] == delay[o];
    }
    seen->type = g->type;
    seen->measurement = t->measurement;
    if (is_same)
        return;
    memcpy(seen->inputs, g->inputs, sizeof seen->inputs);
    memcpy(seen->outputs, g->outputs, sizeof seen->outputs);
    memcpy(seen->delay, delay, sizeof seen->delay);
    for (unsigned o = 0; o < cell->output_count; o++)
        if (g->outputs[o] != MP_NONE)
            simulate_output(t, m, gate, o, delay[o]);
}

static double interpolate(const struct mp_techmap_energy *e, unsigned o, double slew_s,
                          double load_f)
{
    const double *s = e->outputs[o].slew_s, *l = e->outputs[o].load_f;
    unsigned i = 0, k = 0;
    double x = 0, y = 0;

    while (i + 2 < MP_ENERGY_SLEWS && slew_s >= s[i + 1])
        i++;
    while (k + 2 < MP_ENERGY_LOADS && load_f >= l[k + 1])
        k++;
    if (s[i + 1] > s[i])
        x = (slew_s - s[i]) / (s[i + 1] - s[i]);
    if (l[k + 1] > l[k])
        y = (load_f - l[k]) / (l[k + 1] - l[k]);
    const double(*v)[MP_ENERGY_LOADS] = e->outputs[o].energy_j;
    return (1 - x) * ((1 - y) * v[i][k] + y * v[i][k + 1]) +
           x * ((1 - y) * v[i + 1][k] + y * v[i + 1][k + 1]);
}

static double worst_slew_s(const struct mp_mapped *m, uint32_t gate)
{
    const struct mp_nldm_cell *cell = mp_power_meter_cell(m, gate);
    double worst = 0;

    for (unsigned k = 0; k < cell->input_count; k++) {
        const struct mp_mapped_timing *x = &m->timing[m->gates[gate].inputs[k]];
        double mean = ((double)x->slew_s[0] + (double)x->slew_s[1]) / 2;
        worst = mean > worst ? mean : worst;
    }
    return worst;
}

/* J of all pairs, leakage apart. */
static double gate_energy_j(const struct mp_power_meter *t, const struct mp_mapped *m,
                            uint32_t gate)
{
    const struct mp_mapped_gate *g = &m->gates[gate];
    const struct mp_nldm_cell *cell = mp_power_meter_cell(m, gate);
    const struct mp_techmap_energy *e = &t->power->energies->cells[g->type];
    double v = t->power->energies->supply_v, slew_s = 0, sum = 0;
    bool is_register = cell->kind == MP_NLDM_FLIP_FLOP;

    if (!is_register && cell->input_count > 0)
        slew_s = worst_slew_s(m, gate);
    for (unsigned o = 0; o < cell->output_count; o++) {
        uint32_t net = g->outputs[o];
        if (net == MP_NONE || t->timed[net] == 0)
            continue;
        double load_f = fmax(mp_mapped_load_f(m, net, MP_RISE), mp_mapped_load_f(m, net, MP_FALL));
        sum += t->timed[net] * (load_f * v * v / 2 + interpolate(e, o, slew_s, load_f));
    }
    for (unsigned k = 0; k < cell->input_count; k++)
        sum += (is_register && k == cell->clock ? 2.0 * t->pairs : t->timed[g->inputs[k]]) *
               e->input_j[k];
    return sum;
}

static double measure(void *meter, const struct mp_mapped *m, const void *structure)
{
    struct mp_power_meter *t = meter;
    double energy_j = 0, leakage_w = 0;

    (void)structure;
    t->measurement++;
    make_room(t, m);
    memset(t->changed, 0, t->net_capacity);
    mp_mapped_order(m, t->order);
    simulate_sources(t, m, m->gate_count);
    for (uint32_t i = 0; i < m->gate_count; i++)
        if (mp_power_meter_cell(m, t->order[i])->kind == MP_NLDM_GATE)
            simulate_gate(t, m, t->order[i]);
    for (uint32_t i = 0; i < m->gate_count; i++) {
        energy_j += gate_energy_j(t, m, t->order[i]);
        leakage_w += t->power->energies->cells[m->gates[t->order[i]].type].leakage_w;
    }
    return energy_j / t->pairs / t->power->operands->period_s + leakage_w;
}

/* What is measured next is compared with what was measured last, kept or not. */
static void nothing(void *meter)
{
    (void)meter;
}

/* Mean over the gates of their delay behind the latest input. */
static double mean_delay_s(const struct mp_mapped *m)
{
    double sum = 0;
    uint32_t count = 0;

    for (uint32_t g = 0; g < m->gate_limit; g++) {
        const struct mp_mapped_gate *x = &m->gates[g];
        float latest = 0;
        if (x->type == MP_NONE || mp_power_meter_cell(m, g)->kind != MP_NLDM_GATE ||
            x->outputs[0] == MP_NONE)
            continue;
        for (unsigned k = 0; k < mp_power_meter_cell(m, g)->input_count; k++)
            latest = fmaxf(latest, mp_mapped_arrival(m, x->inputs[k]));
        float own = mp_mapped_arrival(m, x->outputs[0]) - latest;
        if (isfinite(own) && own > 0) {
            sum += (double)own;
            count++;
        }
    }
    return count > 0 ? sum / count : 1e-12;
}

static void *create(const void *context, const struct mp_mapped *m, const void *structure)
{
    struct mp_power_meter *t = mp_alloc(1, sizeof *t);

    (void)structure;
    t->power = context;
    t->words = t->power->operands->words < WORDS_MOST ? t->power->operands->words : WORDS_MOST;
    t->pairs = 64 * t->words;
    t->slot_s = SLOT_IN_DELAYS * mean_delay_s(m);
    mp_power_meter_run(t, m);
    return t;
}

static void release(void *meter)
{
    struct mp_power_meter *t = meter;

    if (t == NULL)
        return;
    free(t->values);
    free(t->functional);
    free(t->timed);
    free(t->changed);
    free(t->sources);
    free(t->gates);
    free(t->order);
    free(t->fresh);
    free(t->states);
    free(t->known);
    free(t);
}

const struct mp_power_source *mp_techmap_power_source(struct mp_power_source *source,
                                                      struct mp_techmap_power *power,
                                                      const struct mp_techmap_energies *energies,
                                                      const struct mp_techmap_operands *operands)
{
    *power = (struct mp_techmap_power){energies, operands};
    *source = (struct mp_power_source){.context = power,
                                       .create = create,
                                       .release = release,
                                       .measure = measure,
                                       .keep = nothing,
                                       .undo = nothing};
    return source;
}

void mp_techmap_power_net(const void *meter, uint32_t net, double *functional, double *timed)
{
    const struct mp_power_meter *t = meter;

    *functional = (double)t->functional[net] / t->pairs;
    *timed = (double)t->timed[net] / t->pairs;
}
