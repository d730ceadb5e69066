#include "estimator/pipeline/operands.h"
#include "estimator/pipeline/planes.h"
#include <stdlib.h>
#include <string.h>

enum { WORDS = 8, LANES = 64 * WORDS };

struct driver {
    struct mp_simulator *simulator;
    const struct mp_trace *trace;
    uint32_t weight_at, activation_at, first_at; /* MP_NONE: the unit has no `first` */
    uint64_t *inputs;                            /* [input][WORDS] */
    uint64_t codes[LANES];
};

static void apply(struct driver *d, uint32_t at, unsigned bits)
{
    mp_planes_from_codes(d->codes, bits, WORDS, d->inputs + (size_t)at * WORDS);
}

/* Cycle t of stretches base .. base + lanes - 1; the other lanes see zeros. */
static void drive(struct driver *d, uint32_t base, uint32_t lanes, uint32_t t)
{
    const struct mp_trace *r = d->trace;

    memset(d->codes, 0, sizeof d->codes);
    for (uint32_t l = 0; l < lanes; l++)
        d->codes[l] = r->weights[(size_t)(base + l) * r->length + t];
    apply(d, d->weight_at, r->weight.bits);
    for (uint32_t l = 0; l < lanes; l++)
        d->codes[l] = r->activations[(size_t)(base + l) * r->length + t];
    apply(d, d->activation_at, r->activation.bits);
    if (d->first_at == MP_NONE)
        return;
    for (uint32_t l = 0; l < lanes; l++)
        d->codes[l] = r->firsts[(size_t)(base + l) * r->length + t];
    apply(d, d->first_at, 1);
}

static int bind(struct driver *d, const struct mp_netlist *n, struct mp_error *err)
{
    uint32_t weight = mp_netlist_port(n, "weight"), activation = mp_netlist_port(n, "activation");

    if (weight == MP_NONE || n->ports[weight].width != d->trace->weight.bits)
        return mp_fail(err, MP_E_INPUT, "module %s has no input `weight` of the trace's %u bits",
                       n->name, d->trace->weight.bits);
    if (activation == MP_NONE || n->ports[activation].width != d->trace->activation.bits)
        return mp_fail(err, MP_E_INPUT,
                       "module %s has no input `activation` of the trace's %u bits", n->name,
                       d->trace->activation.bits);
    d->weight_at = mp_simulator_input(d->simulator, "weight");
    d->activation_at = mp_simulator_input(d->simulator, "activation");
    d->first_at = mp_simulator_input(d->simulator, "first");
    d->inputs = mp_alloc((size_t)mp_simulator_input_count(d->simulator) * WORDS, sizeof(uint64_t));
    return MP_OK;
}

/* All stretches, LANES at a time; timed NULL: the functional pass alone. */
static int run_trace(struct driver *d, struct mp_timed *timed, struct mp_error *err)
{
    const struct mp_trace *trace = d->trace;
    uint64_t mask[WORDS];
    int rc = MP_OK;

    for (uint32_t base = 0; base < trace->stretches; base += LANES) {
        uint32_t lanes = trace->stretches - base < LANES ? trace->stretches - base : LANES;
        for (uint32_t w = 0; w < WORDS; w++)
            mask[w] = lanes >= 64 * (w + 1) ? UINT64_MAX
                      : lanes > 64 * w      ? ((uint64_t)1 << (lanes - 64 * w)) - 1
                                            : 0;
        mp_simulator_reset(d->simulator);
        for (uint32_t t = 0; t < trace->length && rc == MP_OK; t++) {
            const uint64_t *counted = t < MP_WARMUP_CYCLES ? NULL : mask;
            drive(d, base, lanes, t);
            if (timed != NULL)
                rc = mp_timed_step(timed, d->inputs, counted, err);
            else
                mp_simulator_step(d->simulator, d->inputs, counted);
        }
    }
    return rc;
}

static int check_length(const struct mp_trace *trace, struct mp_error *err)
{
    if (trace->length > MP_WARMUP_CYCLES)
        return MP_OK;
    return mp_fail(err, MP_E_INPUT,
                   "stretches of %u cycles: more than the %d that fill the registers are needed",
                   trace->length, MP_WARMUP_CYCLES);
}

int mp_operands_activity(struct mp_activity *out, const struct mp_netlist *n,
                         const struct mp_trace *trace, struct mp_error *err)
{
    struct driver *d = mp_alloc(1, sizeof *d);
    int rc;

    d->trace = trace;
    if ((rc = check_length(trace, err)) == MP_OK &&
        (rc = mp_simulator_create(&d->simulator, n, WORDS, MP_KERNEL_AUTO, err)) == MP_OK &&
        (rc = bind(d, n, err)) == MP_OK && (rc = run_trace(d, NULL, err)) == MP_OK)
        mp_simulator_activity(d->simulator, out);
    mp_simulator_destroy(d->simulator);
    free(d->inputs);
    free(d);
    return rc;
}

int mp_operands_timed(struct mp_timed_result *out, const struct mp_netlist *n,
                      const struct mp_sdf *sdf, const struct mp_trace *trace, double period_s,
                      unsigned threads, struct mp_error *err)
{
    const struct mp_timed_options options = {.period_s = period_s, .threads = threads};
    struct driver *d = mp_alloc(1, sizeof *d);
    struct mp_timed *timed = NULL;
    int rc;

    d->trace = trace;
    if ((rc = check_length(trace, err)) < 0 ||
        (rc = mp_timed_create(&timed, n, sdf, WORDS, &options, err)) < 0)
        goto out;
    d->simulator = mp_timed_simulator(timed);
    if ((rc = bind(d, n, err)) == MP_OK && (rc = run_trace(d, timed, err)) == MP_OK)
        rc = mp_timed_finish(timed, out, err);
out:
    mp_timed_destroy(timed);
    free(d->inputs);
    free(d);
    return rc;
}
