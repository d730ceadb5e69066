#include "tests/netlists/unit_check.h"

#include "estimator/util/random.h"
#include "netlists/graph_simulate.h"

#include <stdlib.h>
#include <string.h>

#define LANES       MP_GRAPH_LANES
#define LATENCY_MAX 6

struct checker {
    const struct mp_design *design;
    const struct mp_graph *graph;
    struct mp_golden_form golden;
    struct mp_graph_simulator simulator;
    struct mp_random random;
    bool is_mac, is_registered, exhaustive;
    unsigned terms, result_bits;
    uint32_t weight[LANES][MP_TERMS_MAX], activation[LANES][MP_TERMS_MAX];
    mp_u128 expected[LATENCY_MAX][LANES];
    bool known[LANES]; /* the accumulator: `first` was there */
    bool compared[LATENCY_MAX][LANES];
    mp_u128 accumulator[LANES];
    uint32_t seen[LATENCY_MAX][LANES][2];
};

static const struct mp_graph_port *port_of(const struct mp_graph *g, const char *name)
{
    for (uint32_t i = 0; i < g->port_count; i++)
        if (strcmp(g->ports[i].name, name) == 0)
            return &g->ports[i];
    return NULL;
}

static uint32_t pick(struct checker *c, unsigned bits)
{
    uint64_t x = mp_random_u64(&c->random);
    uint32_t mask = (uint32_t)(((uint64_t)1 << bits) - 1);

    switch (x >> 60) {
    case 0:
    case 1:
    case 2:
        return 0;
    case 3:
        return mask;
    case 4:
        return 1u << (bits - 1);
    case 5:
        return mask >> 1;
    default:
        return (uint32_t)x & mask;
    }
}

static void choose(struct checker *c, uint64_t cycle)
{
    unsigned wb = c->design->weight.bits, ab = c->design->activation.bits;

    for (unsigned lane = 0; lane < LANES; lane++) {
        uint64_t v = cycle * LANES + lane;
        /* Registered units: an order in which neighbours differ in all bits. */
        if (c->exhaustive)
            v = v * 0x9e3779b97f4a7c15u;
        for (unsigned t = 0; t < c->terms; t++) {
            if (c->exhaustive) {
                c->weight[lane][t] = (uint32_t)(v & ((1u << wb) - 1));
                v >>= wb;
                c->activation[lane][t] = (uint32_t)(v & ((1u << ab) - 1));
                v >>= ab;
            } else {
                c->weight[lane][t] = pick(c, wb);
                c->activation[lane][t] = pick(c, ab);
            }
        }
    }
}

static void set_bits(struct checker *c, const char *port, unsigned at, unsigned bits, unsigned lane,
                     mp_u128 value)
{
    const struct mp_graph_port *p = port_of(c->graph, port);

    for (unsigned i = 0; i < bits; i++) {
        uint64_t *row = mp_graph_simulator_row(&c->simulator, p->bits[at + i]);
        uint64_t bit = (uint64_t)1 << (lane % 64);
        row[lane / 64] = (value >> i) & 1 ? row[lane / 64] | bit : row[lane / 64] & ~bit;
    }
}

static mp_u128 keep(mp_u128 x, unsigned bits)
{
    return bits >= 128 ? x : x & (((mp_u128)1 << bits) - 1);
}

static mp_u128 random_wide(struct checker *c)
{
    return (mp_u128)mp_random_u64(&c->random) << 64 | mp_random_u64(&c->random);
}

/* The accumulator or addend that this cycle starts from, and its inputs. */
static mp_u128 start_from(struct checker *c, unsigned lane, uint64_t cycle, bool *first)
{
    const struct mp_design *d = c->design;
    mp_u128 a, b = 0;

    *first = false;
    if (c->is_registered) {
        *first = cycle == 0 || (mp_random_u64(&c->random) & 15) == 0;
        set_bits(c, "first", 0, 1, lane, *first);
        c->known[lane] = c->known[lane] || *first;
        return c->accumulator[lane];
    }
    a = keep(random_wide(c), d->accumulator_bits);
    set_bits(c, "addend", 0, d->accumulator_bits, lane, a);
    if (d->form == MP_FORM_CARRY_SAVE) {
        b = keep(random_wide(c), d->accumulator_bits);
        set_bits(c, "addend_carry", 0, d->accumulator_bits, lane, b);
    }
    return keep(a + b, d->accumulator_bits);
}

static void apply(struct checker *c, uint64_t cycle)
{
    const struct mp_design *d = c->design;
    unsigned slot = (unsigned)(cycle % LATENCY_MAX);

    for (unsigned lane = 0; lane < LANES; lane++) {
        const uint32_t *w = c->weight[lane], *a = c->activation[lane];
        bool first;

        for (unsigned t = 0; t < c->terms; t++) {
            set_bits(c, "weight", t * d->weight.bits, d->weight.bits, lane, w[t]);
            set_bits(c, "activation", t * d->activation.bits, d->activation.bits, lane, a[t]);
        }
        if (c->is_mac) {
            mp_u128 from = start_from(c, lane, cycle, &first);
            c->accumulator[lane] = mp_golden_form_mac(&c->golden, &d->weight, &d->activation,
                                                      d->accumulator_bits, from, first, w, a);
            c->expected[slot][lane] = c->accumulator[lane];
        } else {
            c->expected[slot][lane] =
                mp_golden_form_product_code(&c->golden, &d->weight, &d->activation, w, a);
        }
        c->seen[slot][lane][0] = w[0];
        c->seen[slot][lane][1] = a[0];
    }
}

static void read_port(const struct checker *c, const char *name, mp_u128 out[LANES])
{
    const struct mp_graph_port *p = port_of(c->graph, name);

    memset(out, 0, LANES * sizeof *out);
    for (uint32_t i = 0; i < p->width; i++) {
        uint64_t row[MP_GRAPH_WORDS];
        mp_graph_simulator_get(&c->simulator, p->bits[i], row);
        for (unsigned lane = 0; lane < LANES; lane++)
            out[lane] |= (mp_u128)(row[lane / 64] >> (lane % 64) & 1) << i;
    }
}

static int compare(const struct checker *c, uint64_t cycle, struct mp_error *err)
{
    unsigned slot = (unsigned)(cycle % LATENCY_MAX);
    mp_u128 found[LANES], carry[LANES];
    char name[MP_DESIGN_NAME_SIZE];

    read_port(c, !c->is_mac ? "product" : c->golden.is_carry_save ? "sum" : "accumulator", found);
    if (c->golden.is_carry_save) {
        read_port(c, "carry", carry);
        for (unsigned lane = 0; lane < LANES; lane++)
            found[lane] = keep(found[lane] + carry[lane], c->design->accumulator_bits);
    }
    for (unsigned lane = 0; lane < LANES; lane++)
        if (found[lane] != c->expected[slot][lane])
            return mp_fail(
                err, MP_E_PROOF,
                "%s: weight 0x%x activation 0x%x, cycle %llu: expected "
                "0x%llx%016llx, found 0x%llx%016llx",
                mp_design_name(c->design, name), c->seen[slot][lane][0], c->seen[slot][lane][1],
                (unsigned long long)cycle, (unsigned long long)(c->expected[slot][lane] >> 64),
                (unsigned long long)c->expected[slot][lane],
                (unsigned long long)(found[lane] >> 64), (unsigned long long)found[lane]);
    return MP_OK;
}

static int run(struct checker *c, uint64_t cycles, struct mp_error *err)
{
    unsigned latency = c->golden.latency;

    for (uint32_t i = 0; i < c->graph->node_count; i++)
        for (unsigned w = 0; c->graph->nodes[i].kind == MP_NODE_REGISTER && w < MP_GRAPH_WORDS; w++)
            mp_graph_simulator_row(&c->simulator, mp_lit(c->graph->nodes[i].out, false))[w] =
                mp_random_u64(&c->random);
    for (uint64_t cycle = 0; cycle < cycles; cycle++) {
        choose(c, cycle);
        apply(c, cycle);
        mp_graph_simulator_settle(&c->simulator);
        /* Results that are visible now belong to the operands of `latency` cycles ago. */
        if (cycle >= latency && compare(c, cycle - latency, err) < 0)
            return MP_E_PROOF;
        if (c->is_registered)
            mp_graph_simulator_clock(&c->simulator);
    }
    return MP_OK;
}

int unit_check(struct unit_check *out, const struct mp_design *design, uint64_t cycles,
               struct mp_error *err)
{
    struct checker *c = calloc(1, sizeof *c);
    struct mp_design d = *design;
    struct mp_graph g = {0};
    unsigned bits;
    int rc;

    if ((rc = mp_design_resolve(&d, err)) < 0 || (rc = mp_design_graph(&d, &g, err)) < 0)
        goto out;
    c->design = &d;
    c->graph = &g;
    c->golden = mp_design_golden(&d);
    c->is_mac = d.unit == MP_UNIT_MAC;
    c->is_registered = d.registers == MP_REGISTERS_BOTH;
    c->terms = c->golden.terms;
    bits = c->terms * (d.weight.bits + d.activation.bits);
    c->exhaustive = bits < 40 && (uint64_t)1 << bits <= cycles * LANES;
    if (c->exhaustive)
        cycles = ((uint64_t)1 << bits) / LANES + 8;
    mp_random_seed(&c->random, 7);
    mp_graph_simulator_init(&c->simulator, &g);
    rc = run(c, cycles, err);
    mp_graph_simulator_release(&c->simulator);
    out->exhaustive = c->exhaustive;
    out->vectors = cycles * LANES;
out:
    mp_graph_release(&g);
    free(c);
    return rc;
}
