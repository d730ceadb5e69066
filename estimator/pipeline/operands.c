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

int mp_operands_activity(struct mp_activity *out, const struct mp_netlist *n,
                         const struct mp_trace *trace, struct mp_error *err)
{
    struct driver *d = mp_alloc(1, sizeof *d);
    uint64_t mask[WORDS];
    int rc;

    d->trace = trace;
    if (trace->length <= MP_WARMUP_CYCLES) {
        rc = mp_fail(err, MP_E_INPUT,
                     "stretches of %u cycles: more than the %d that fill the registers are needed",
                     trace->length, MP_WARMUP_CYCLES);
        goto out;
    }
    if ((rc = mp_simulator_create(&d->simulator, n, WORDS, MP_KERNEL_AUTO, err)) < 0 ||
        (rc = bind(d, n, err)) < 0)
        goto out;
    for (uint32_t base = 0; base < trace->stretches; base += LANES) {
        uint32_t lanes = trace->stretches - base < LANES ? trace->stretches - base : LANES;
        for (uint32_t w = 0; w < WORDS; w++)
            mask[w] = lanes >= 64 * (w + 1) ? UINT64_MAX
                      : lanes > 64 * w      ? ((uint64_t)1 << (lanes - 64 * w)) - 1
                                            : 0;
        mp_simulator_reset(d->simulator);
        for (uint32_t t = 0; t < trace->length; t++) {
            drive(d, base, lanes, t);
            mp_simulator_step(d->simulator, d->inputs, t < MP_WARMUP_CYCLES ? NULL : mask);
        }
    }
    mp_simulator_activity(d->simulator, out);
out:
    mp_simulator_destroy(d->simulator);
    free(d->inputs);
    free(d);
    return rc;
}
