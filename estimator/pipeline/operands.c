#include "estimator/pipeline/addends.h"
#include "estimator/pipeline/planes.h"
#include <stdlib.h>
#include <string.h>

enum { WORDS = MP_DRIVER_WORDS, LANES = MP_DRIVER_LANES };

struct mp_driver {
    const struct mp_bindings *bindings;
    const struct mp_trace *trace;
    uint32_t *at; /* [binding] first input bit; MP_NONE: none */
    /* Cycle c of a stretch has the terms from groups[c] to below groups[c + 1]; [stretch][stride],
     * NULL: one term a cycle. */
    uint32_t *groups;
    size_t stride;
    uint32_t cycles;  /* of every stretch, without resets */
    uint64_t *inputs; /* [input][WORDS] */
    uint64_t codes[LANES];
    /* Of the call: lanes, their stretches and cycles; MP_NONE: beyond the end. */
    uint32_t lanes;
    const uint32_t *stretch;
    uint32_t cycle[LANES];
    uint64_t in_reset[WORDS];
    struct mp_addends addends;
};

/* Mixes like splitmix64 (Vigna), so that the bits of a cycle do not depend on what came before. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint32_t group_start(const struct mp_driver *d, uint32_t stretch, uint32_t cycle)
{
    return d->groups != NULL ? d->groups[(size_t)stretch * d->stride + cycle] : cycle;
}

/* Several terms a cycle; where outputs follow one another, none crosses from one to the next. */
static void make_groups(struct mp_driver *d)
{
    const struct mp_trace *t = d->trace;
    uint32_t terms = d->bindings->terms;

    d->cycles = t->length;
    if (terms <= 1)
        return;
    d->stride = (size_t)t->length + 1;
    d->groups = mp_alloc(t->stretches * d->stride, sizeof *d->groups);
    for (uint32_t s = 0; s < t->stretches; s++) {
        uint32_t *group = d->groups + s * d->stride, count = 0, next;
        for (uint32_t at = 0; at < t->length; at = next) {
            group[count++] = at;
            for (next = at + 1; next < t->length && next < at + terms; next++)
                if (t->dataflow == MP_OUTPUT_STATIONARY && t->firsts[(size_t)s * t->length + next])
                    break;
        }
        group[count] = t->length;
        d->cycles = count < d->cycles ? count : d->cycles;
    }
}

double mp_operands_terms(const struct mp_bindings *b, const struct mp_trace *trace)
{
    struct mp_driver d = {.bindings = b, .trace = trace};
    uint64_t terms = 0;

    if (b->terms <= 1)
        return 1;
    make_groups(&d);
    for (uint32_t s = 0; s < trace->stretches; s++)
        terms += group_start(&d, s, d.cycles);
    free(d.groups);
    return (double)terms / ((double)d.cycles * trace->stretches);
}

static void apply(struct mp_driver *d, uint32_t at, unsigned bits)
{
    mp_planes_from_codes(d->codes, bits, WORDS, d->inputs + (size_t)at * WORDS);
}

/* Operand `term` of the cycle of every lane; what is not there is zero. */
static void put_operand(struct mp_driver *d, const uint32_t *codes, uint32_t at, unsigned bits,
                        uint32_t term)
{
    memset(d->codes, 0, sizeof d->codes);
    for (uint32_t l = 0; l < d->lanes; l++) {
        uint32_t s = d->stretch[l], c = d->cycle[l];
        if (c == MP_NONE)
            continue;
        uint32_t i = group_start(d, s, c) + term;
        if (term == 0 || i < group_start(d, s, c + 1))
            d->codes[l] = codes[(size_t)s * d->trace->length + i];
    }
    apply(d, at, bits);
}

/* What the unit answered in the cycle before. */
static void put_addend(struct mp_driver *d, uint32_t at, const struct mp_binding *p)
{
    for (uint32_t half = 0; half * 64 < p->width; half++) {
        const uint64_t *codes = d->addends.codes[p->constant][half];
        memset(d->codes, 0, sizeof d->codes);
        for (uint32_t l = 0; l < d->lanes; l++)
            if (d->cycle[l] != MP_NONE)
                d->codes[l] = codes[(size_t)d->cycle[l] * d->addends.stretches + d->stretch[l]];
        apply(d, at + 64 * half, p->width - 64 * half < 64 ? p->width - 64 * half : 64);
    }
}

bool mp_driver_begins(const struct mp_driver *d, uint32_t stretch, uint32_t cycle)
{
    return d->trace->firsts[(size_t)stretch * d->trace->length + group_start(d, stretch, cycle)];
}

static void put_first(struct mp_driver *d, uint32_t at)
{
    memset(d->codes, 0, sizeof d->codes);
    for (uint32_t l = 0; l < d->lanes; l++)
        if (d->cycle[l] != MP_NONE)
            d->codes[l] = d->trace->firsts[(size_t)d->stretch[l] * d->trace->length +
                                           group_start(d, d->stretch[l], d->cycle[l])];
    apply(d, at, 1);
}

static void put_random(struct mp_driver *d, uint32_t port, bool hold)
{
    const struct mp_binding *p = &d->bindings->ports[port];

    for (uint32_t bit = 0; bit < p->width; bit += 64) {
        uint32_t bits = p->width - bit < 64 ? p->width - bit : 64;
        uint64_t key = mix(mix(mix(d->trace->seed) + port) + bit);
        memset(d->codes, 0, sizeof d->codes);
        for (uint32_t l = 0; l < d->lanes; l++)
            if (d->cycle[l] != MP_NONE)
                d->codes[l] = mix(key + ((uint64_t)d->stretch[l] << 32 | (hold ? 0 : d->cycle[l])));
        apply(d, d->at[port] + bit, bits);
    }
}

static void put_constant(struct mp_driver *d, uint32_t at, const struct mp_binding *p)
{
    for (uint32_t bit = 0; bit < p->width; bit++) {
        bool one = bit < 64 ? (p->constant >> bit & 1) != 0 : p->fill;
        memset(d->inputs + (size_t)(at + bit) * WORDS, one ? 0xff : 0, WORDS * sizeof(uint64_t));
    }
}

static void put_reset(struct mp_driver *d, uint32_t at, const struct mp_binding *p)
{
    for (uint32_t bit = 0; bit < p->width; bit++)
        for (unsigned w = 0; w < WORDS; w++)
            d->inputs[(size_t)(at + bit) * WORDS + w] =
                p->active_low ? ~d->in_reset[w] : d->in_reset[w];
}

static void put_port(struct mp_driver *d, uint32_t port)
{
    const struct mp_binding *p = &d->bindings->ports[port];
    bool is_weight = p->role == MP_ROLE_WEIGHT;
    uint32_t at = d->at[port];
    unsigned bits = is_weight ? d->trace->weight.bits : d->trace->activation.bits;

    switch (p->role) {
    case MP_ROLE_ACTIVATION:
    case MP_ROLE_WEIGHT:
        for (uint32_t k = 0; k < p->operands; k++)
            put_operand(d, is_weight ? d->trace->weights : d->trace->activations, at + k * bits,
                        bits, p->first_term + k);
        break;
    case MP_ROLE_FIRST:
        put_first(d, at);
        break;
    case MP_ROLE_ADDEND:
        put_addend(d, at, p);
        break;
    case MP_ROLE_RANDOM:
        put_random(d, port, false);
        break;
    case MP_ROLE_HOLD:
        put_random(d, port, true);
        break;
    case MP_ROLE_CONSTANT:
        put_constant(d, at, p);
        break;
    case MP_ROLE_RESET:
        put_reset(d, at, p);
        break;
    case MP_ROLE_NONE:
    case MP_ROLE_CLOCK:
        break;
    }
}

const uint64_t *mp_driver_inputs(struct mp_driver *d, uint32_t lanes, const uint32_t *stretch,
                                 const uint32_t *cycle)
{
    uint32_t resets = d->bindings->reset_cycles;

    d->lanes = lanes;
    d->stretch = stretch;
    memset(d->in_reset, 0, sizeof d->in_reset);
    for (uint32_t l = 0; l < lanes; l++) {
        if (cycle[l] < resets) { /* operands wait for the end of the reset */
            d->in_reset[l / 64] |= (uint64_t)1 << (l % 64);
            d->cycle[l] = 0;
        } else {
            d->cycle[l] = cycle[l] - resets < d->cycles ? cycle[l] - resets : MP_NONE;
        }
    }
    for (uint32_t i = 0; i < d->bindings->count; i++)
        if (d->at[i] != MP_NONE)
            put_port(d, i);
    return d->inputs;
}

uint32_t mp_driver_cycles(const struct mp_driver *d)
{
    return d->bindings->reset_cycles + d->cycles;
}

uint32_t mp_driver_uncounted(const struct mp_driver *d)
{
    return d->bindings->reset_cycles + d->bindings->warmup_cycles;
}

static int check_length(const struct mp_driver *d, struct mp_error *err)
{
    if (d->cycles > d->bindings->warmup_cycles)
        return MP_OK;
    return mp_fail(err, MP_E_INPUT,
                   "stretches of %u cycles: more than the %u that fill the registers are needed",
                   d->cycles, d->bindings->warmup_cycles);
}

/* Where each port is, and whether its operands are as wide as the trace's. */
static int place_ports(struct mp_driver *d, const struct mp_netlist *n,
                       const struct mp_simulator *simulator, struct mp_error *err)
{
    for (uint32_t i = 0; i < d->bindings->count; i++) {
        const struct mp_binding *p = &d->bindings->ports[i];
        const struct mp_format *f =
            p->role == MP_ROLE_WEIGHT ? &d->trace->weight : &d->trace->activation;
        uint32_t port = mp_netlist_port(n, p->port);
        d->at[i] = p->role == MP_ROLE_CLOCK ? MP_NONE : mp_simulator_input(simulator, p->port);
        if (port == MP_NONE || n->ports[port].width != p->width ||
            (d->at[i] == MP_NONE && p->role != MP_ROLE_CLOCK))
            return mp_fail(err, MP_E_INPUT, "module %s has no input `%s` of %u bits", n->name,
                           p->port, p->width);
        if ((p->role == MP_ROLE_WEIGHT || p->role == MP_ROLE_ACTIVATION) &&
            p->width != p->operands * f->bits)
            return mp_fail(err, MP_E_INPUT, "module %s has no input `%s` of the trace's %u bits",
                           n->name, p->port, f->bits);
    }
    return MP_OK;
}

static bool has_addends(const struct mp_bindings *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        if (b->ports[i].role == MP_ROLE_ADDEND)
            return true;
    return false;
}

int mp_driver_create(struct mp_driver **out, const struct mp_netlist *n,
                     const struct mp_simulator *simulator, const struct mp_bindings *b,
                     const struct mp_trace *trace, struct mp_error *err)
{
    struct mp_driver *d = mp_alloc(1, sizeof *d);
    int rc;

    d->bindings = b;
    d->trace = trace;
    d->at = mp_alloc(b->count + 1, sizeof *d->at);
    d->inputs = mp_alloc((size_t)mp_simulator_input_count(simulator) * WORDS + 1, sizeof(uint64_t));
    make_groups(d);
    *out = NULL;
    if ((rc = check_length(d, err)) < 0 || (rc = place_ports(d, n, simulator, err)) < 0 ||
        (has_addends(b) && (rc = mp_addends_find(&d->addends, d, n, b, trace, err)) < 0))
        mp_driver_destroy(d);
    else
        *out = d;
    return rc;
}

void mp_driver_destroy(struct mp_driver *d)
{
    if (d == NULL)
        return;
    mp_addends_release(&d->addends);
    free(d->at);
    free(d->groups);
    free(d->inputs);
    free(d);
}

/* All stretches, LANES at a time; timed NULL: the functional pass alone. */
static int run_trace(struct mp_driver *d, struct mp_simulator *simulator, struct mp_timed *timed,
                     struct mp_error *err)
{
    uint32_t stretches = d->trace->stretches, stretch[LANES], cycle[LANES];
    uint64_t mask[WORDS];
    int rc = MP_OK;

    for (uint32_t base = 0; base < stretches; base += LANES) {
        uint32_t lanes = stretches - base < LANES ? stretches - base : LANES;
        memset(mask, 0, sizeof mask);
        for (uint32_t l = 0; l < lanes; l++) {
            stretch[l] = base + l;
            mask[l / 64] |= (uint64_t)1 << (l % 64);
        }
        mp_simulator_reset(simulator);
        for (uint32_t t = 0; t < mp_driver_cycles(d) && rc == MP_OK; t++) {
            const uint64_t *counted = t < mp_driver_uncounted(d) ? NULL : mask, *inputs;
            for (uint32_t l = 0; l < lanes; l++)
                cycle[l] = t;
            inputs = mp_driver_inputs(d, lanes, stretch, cycle);
            if (timed != NULL)
                rc = mp_timed_step(timed, inputs, counted, err);
            else
                mp_simulator_step(simulator, inputs, counted);
        }
    }
    return rc;
}

int mp_operands_activity_bound(struct mp_activity *out, const struct mp_netlist *n,
                               const struct mp_bindings *b, const struct mp_trace *trace,
                               struct mp_error *err)
{
    struct mp_simulator *simulator = NULL;
    struct mp_driver *d = NULL;
    int rc;

    if ((rc = mp_simulator_create(&simulator, n, WORDS, MP_KERNEL_AUTO, err)) == MP_OK &&
        (rc = mp_driver_create(&d, n, simulator, b, trace, err)) == MP_OK &&
        (rc = run_trace(d, simulator, NULL, err)) == MP_OK)
        mp_simulator_activity(simulator, out);
    mp_driver_destroy(d);
    mp_simulator_destroy(simulator);
    return rc;
}

int mp_operands_timed_bound(struct mp_timed_result *out, const struct mp_netlist *n,
                            const struct mp_sdf *sdf, const struct mp_bindings *b,
                            const struct mp_trace *trace, const struct mp_timed_options *options,
                            struct mp_error *err)
{
    struct mp_timed *timed = NULL;
    struct mp_driver *d = NULL;
    int rc;

    if ((rc = mp_timed_create(&timed, n, sdf, WORDS, options, err)) == MP_OK &&
        (rc = mp_driver_create(&d, n, mp_timed_simulator(timed), b, trace, err)) == MP_OK &&
        (rc = run_trace(d, mp_timed_simulator(timed), timed, err)) == MP_OK)
        rc = mp_timed_finish(timed, out, err);
    mp_driver_destroy(d);
    mp_timed_destroy(timed);
    return rc;
}

int mp_operands_activity(struct mp_activity *out, const struct mp_netlist *n,
                         const struct mp_trace *trace, struct mp_error *err)
{
    struct mp_bindings b = {0};
    int rc = mp_bindings_generated(&b, n, &trace->weight, &trace->activation, err);

    if (rc == MP_OK)
        rc = mp_operands_activity_bound(out, n, &b, trace, err);
    mp_bindings_release(&b);
    return rc;
}

int mp_operands_timed(struct mp_timed_result *out, const struct mp_netlist *n,
                      const struct mp_sdf *sdf, const struct mp_trace *trace, double period_s,
                      unsigned threads, struct mp_error *err)
{
    const struct mp_timed_options options = {.period_s = period_s, .threads = threads};
    struct mp_bindings b = {0};
    int rc = mp_bindings_generated(&b, n, &trace->weight, &trace->activation, err);

    if (rc == MP_OK)
        rc = mp_operands_timed_bound(out, n, sdf, &b, trace, &options, err);
    mp_bindings_release(&b);
    return rc;
}
