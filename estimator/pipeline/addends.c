#include "estimator/pipeline/addends.h"
#include <stdlib.h>
#include <string.h>

enum { LANES = MP_DRIVER_LANES };

/* The port whose value comes back, by addend. */
static const uint32_t *result_nets(const struct mp_netlist *n, const struct mp_bindings *b,
                                   const struct mp_binding *p)
{
    bool has_rows = false;
    const char *name = "accumulator";
    uint32_t port;

    for (uint32_t i = 0; i < b->count; i++)
        has_rows |= b->ports[i].role == MP_ROLE_ADDEND && b->ports[i].constant == 1;
    if (has_rows)
        name = p->constant == 1 ? "carry" : "sum";
    port = mp_netlist_port(n, name);
    return port != MP_NONE && n->ports[port].width == p->width ? n->ports[port].nets : NULL;
}

static uint64_t read_code(const struct mp_simulator *simulator, const uint32_t *nets, uint32_t bits,
                          uint32_t lane)
{
    uint64_t code = 0;

    for (uint32_t b = 0; b < bits; b++)
        code |= (mp_simulator_net(simulator, nets[b])[lane / 64] >> (lane % 64) & 1) << b;
    return code;
}

/* Results of cycle c - 1 as addends of cycle c. */
static void keep(struct mp_addends *a, const struct mp_driver *d,
                 const struct mp_simulator *simulator, const struct mp_binding *p,
                 const uint32_t *nets, uint32_t c, uint32_t base, uint32_t lanes)
{
    for (uint32_t half = 0; half * 64 < p->width; half++) {
        uint32_t bits = p->width - 64 * half < 64 ? p->width - 64 * half : 64;
        uint64_t *codes = a->codes[p->constant][half] + (size_t)c * a->stretches + base;
        for (uint32_t l = 0; l < lanes; l++)
            codes[l] = mp_driver_begins(d, base + l, c)
                           ? 0
                           : read_code(simulator, nets + 64 * half, bits, l);
    }
}

static int find(struct mp_addends *a, struct mp_driver *d, struct mp_simulator *simulator,
                const struct mp_netlist *n, const struct mp_bindings *b, struct mp_error *err)
{
    const uint32_t *nets[MP_ADDENDS_MOST] = {NULL};
    uint32_t stretch[LANES], cycle[LANES];

    for (uint32_t i = 0; i < b->count; i++)
        if (b->ports[i].role == MP_ROLE_ADDEND &&
            (nets[b->ports[i].constant] = result_nets(n, b, &b->ports[i])) == NULL)
            return mp_fail(err, MP_E_INPUT, "module %s has no result as wide as its port `%s`",
                           n->name, b->ports[i].port);
    for (uint32_t base = 0; base < a->stretches; base += LANES) {
        uint32_t lanes = a->stretches - base < LANES ? a->stretches - base : LANES;
        for (uint32_t c = 0; c + 1 < a->cycles; c++) {
            for (uint32_t l = 0; l < lanes; l++) {
                stretch[l] = base + l;
                cycle[l] = c;
            }
            mp_simulator_step(simulator, mp_driver_inputs(d, lanes, stretch, cycle), NULL);
            for (uint32_t i = 0; i < b->count; i++)
                if (b->ports[i].role == MP_ROLE_ADDEND)
                    keep(a, d, simulator, &b->ports[i], nets[b->ports[i].constant], c + 1, base,
                         lanes);
        }
    }
    return MP_OK;
}

int mp_addends_find(struct mp_addends *out, struct mp_driver *d, const struct mp_netlist *n,
                    const struct mp_bindings *b, const struct mp_trace *trace, struct mp_error *err)
{
    struct mp_simulator *simulator = NULL;
    int rc;

    out->cycles = mp_driver_cycles(d);
    out->stretches = trace->stretches;
    for (uint32_t i = 0; i < b->count; i++)
        for (uint32_t half = 0; b->ports[i].role == MP_ROLE_ADDEND && half * 64 < b->ports[i].width;
             half++)
            out->codes[b->ports[i].constant][half] =
                mp_alloc((size_t)out->cycles * out->stretches + 1, sizeof(uint64_t));
    if ((rc = mp_simulator_create(&simulator, n, MP_DRIVER_WORDS, MP_KERNEL_AUTO, err)) == MP_OK)
        rc = find(out, d, simulator, n, b, err);
    mp_simulator_destroy(simulator);
    return rc;
}

void mp_addends_release(struct mp_addends *a)
{
    for (unsigned i = 0; i < MP_ADDENDS_MOST; i++)
        for (unsigned half = 0; half < 2; half++)
            free(a->codes[i][half]);
    memset(a, 0, sizeof *a);
}
