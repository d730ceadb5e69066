#include "estimator/pipeline/prove.h"
#include "estimator/activity/simulator.h"
#include "estimator/pipeline/planes.h"
#include "estimator/pipeline/prove_vectors.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS = MP_PROVE_WORDS,
    LANES = MP_PROVE_LANES,
    RESULT_BITS = 128,
    DELAY = MP_UNIT_LATENCY + 3 + 1, /* the longest pipeline, and the cycle itself */
    STATE_ROUNDS = 1024,             /* times that a mac's registers are filled at random */
    STATE_CYCLES = 4                 /* terms added after that */
};

/* What a cycle was given and must answer; for a message and for the comparison, latency later. */
struct seen {
    uint64_t weight[MP_TERMS_MAX][LANES], activation[MP_TERMS_MAX][LANES], first[LANES];
    mp_u128 addend[LANES];
    uint64_t expected[RESULT_BITS][WORDS];
};

struct prover {
    const struct mp_design *design;
    struct mp_golden_form golden;
    const struct mp_netlist *netlist;
    struct mp_simulator *simulator;
    unsigned result_bits;
    const uint32_t *result_nets, *carry_nets;    /* carry: of a carry-save unit; else NULL */
    uint32_t weight_at, activation_at, first_at; /* first input bit of each port */
    uint32_t addend_at[2];
    struct mp_vectors vectors;
    uint64_t *inputs; /* [input][WORDS] */
    uint64_t operands[LANES], planes[64][WORDS];
    uint64_t result[RESULT_BITS][WORDS]; /* of the unit in this cycle */
    mp_u128 accumulator[LANES];
    uint64_t low[LANES], high[LANES]; /* expected result, bits 0-63 and above */
    struct seen seen[DELAY];          /* by cycle modulo DELAY */
};

/* ---- expected results */

static mp_u128 addend_of(const struct mp_vectors *v, unsigned lane)
{
    mp_u128 sum = 0;

    for (unsigned a = 0; a < v->addends; a++)
        sum += (mp_u128)v->addend[a][1][lane] << 64 | v->addend[a][0][lane];
    return sum;
}

static mp_u128 golden_result(struct prover *p, unsigned lane, const uint32_t *w, const uint32_t *a)
{
    const struct mp_design *d = p->design;
    const struct mp_vectors *v = &p->vectors;

    if (!v->is_mac)
        return mp_golden_form_product_code(&p->golden, &d->weight, &d->activation, w, a);
    if (!v->has_first)
        return mp_golden_form_mac(&p->golden, &d->weight, &d->activation, d->accumulator_bits,
                                  addend_of(v, lane), false, w, a);
    p->accumulator[lane] =
        mp_golden_form_mac(&p->golden, &d->weight, &d->activation, d->accumulator_bits,
                           p->accumulator[lane], v->first[lane] != 0, w, a);
    return p->accumulator[lane];
}

/* The golden result of this cycle's operands, as planes. */
static void expect(struct prover *p, uint64_t cycle)
{
    const struct mp_vectors *v = &p->vectors;
    struct seen *seen = &p->seen[cycle % DELAY];

    for (unsigned lane = 0; lane < LANES; lane++) {
        uint32_t w[MP_TERMS_MAX], a[MP_TERMS_MAX];
        for (unsigned t = 0; t < v->terms; t++) {
            w[t] = (uint32_t)v->weight[t][lane];
            a[t] = (uint32_t)v->activation[t][lane];
        }
        mp_u128 r = golden_result(p, lane, w, a);
        p->low[lane] = (uint64_t)r;
        p->high[lane] = (uint64_t)(r >> 64);
        if (v->addends > 0)
            seen->addend[lane] = addend_of(v, lane);
    }
    memcpy(seen->weight, v->weight, v->terms * sizeof *v->weight);
    memcpy(seen->activation, v->activation, v->terms * sizeof *v->activation);
    memcpy(seen->first, v->first, sizeof v->first);
    mp_planes_from_codes(p->low, p->result_bits < 64 ? p->result_bits : 64, WORDS,
                         &seen->expected[0][0]);
    if (p->result_bits > 64)
        mp_planes_from_codes(p->high, p->result_bits - 64, WORDS, &seen->expected[64][0]);
}

/* ---- the unit */

static uint64_t *input(struct prover *p, uint32_t at)
{
    return p->inputs + (size_t)at * WORDS;
}

static void apply_addend(struct prover *p, unsigned a)
{
    const struct mp_vectors *v = &p->vectors;
    unsigned bits = v->accumulator_bits;

    mp_planes_from_codes(v->addend[a][0], bits < 64 ? bits : 64, WORDS, input(p, p->addend_at[a]));
    if (bits > 64)
        mp_planes_from_codes(v->addend[a][1], bits - 64, WORDS, input(p, p->addend_at[a] + 64));
}

/* The operands to the simulator's inputs. */
static void apply(struct prover *p)
{
    const struct mp_vectors *v = &p->vectors;
    unsigned wb = v->weight_bits, ab = v->activation_bits;

    for (unsigned t = 0; t < v->terms; t++) {
        bool has_first = v->has_first && t == 0;
        /* One transposition for all of a term: it is what costs most here. */
        for (unsigned lane = 0; lane < LANES; lane++)
            p->operands[lane] = v->weight[t][lane] | v->activation[t][lane] << wb |
                                (has_first ? v->first[lane] << (wb + ab) : 0);
        mp_planes_from_codes(p->operands, wb + ab + has_first, WORDS, &p->planes[0][0]);
        memcpy(input(p, p->weight_at + t * wb), p->planes[0], wb * sizeof p->planes[0]);
        memcpy(input(p, p->activation_at + t * ab), p->planes[wb], ab * sizeof p->planes[0]);
        if (has_first)
            memcpy(input(p, p->first_at), p->planes[wb + ab], sizeof p->planes[0]);
    }
    for (unsigned a = 0; a < v->addends; a++)
        apply_addend(p, a);
}

static void step(struct prover *p)
{
    apply(p);
    mp_simulator_step(p->simulator, p->inputs, NULL);
}

/* What the unit says: its result port, or the sum of its two rows. */
static void read_result(struct prover *p)
{
    uint64_t carry[WORDS] = {0};

    for (unsigned b = 0; b < p->result_bits; b++) {
        const uint64_t *x = mp_simulator_net(p->simulator, p->result_nets[b]);
        if (p->carry_nets == NULL) {
            memcpy(p->result[b], x, sizeof p->result[b]);
            continue;
        }
        const uint64_t *y = mp_simulator_net(p->simulator, p->carry_nets[b]);
        for (unsigned w = 0; w < WORDS; w++) {
            p->result[b][w] = x[w] ^ y[w] ^ carry[w];
            carry[w] = (x[w] & y[w]) | (carry[w] & (x[w] | y[w]));
        }
    }
}

/* ---- comparison */

static mp_u128 lane_value(uint64_t planes[][WORDS], unsigned bits, unsigned lane)
{
    mp_u128 v = 0;

    for (unsigned b = 0; b < bits; b++)
        v |= (mp_u128)((planes[b][lane / 64] >> (lane % 64)) & 1) << b;
    return v;
}

static void print_value(char out[40], mp_u128 v)
{
    if (v >> 64 != 0)
        snprintf(out, 40, "0x%llx%016llx", (unsigned long long)(v >> 64), (unsigned long long)v);
    else
        snprintf(out, 40, "0x%llx", (unsigned long long)v);
}

static int fail_difference(struct prover *p, struct seen *seen, unsigned lane, struct mp_error *err)
{
    struct mp_text operands = {0};
    char want[40], have[40], addend[40];
    int rc;

    for (unsigned t = 0; t < p->vectors.terms; t++)
        mp_text_printf(&operands, "%sweight 0x%llx, activation 0x%llx", t > 0 ? "; " : "",
                       (unsigned long long)seen->weight[t][lane],
                       (unsigned long long)seen->activation[t][lane]);
    print_value(addend, seen->addend[lane]);
    if (p->vectors.has_first)
        mp_text_printf(&operands, ", first %d", seen->first[lane] != 0);
    if (p->vectors.addends > 0)
        mp_text_printf(&operands, ", addend %s", addend);
    print_value(want, lane_value(seen->expected, p->result_bits, lane));
    print_value(have, lane_value(p->result, p->result_bits, lane));
    rc = mp_fail(err, MP_E_PROOF,
                 "module %s differs from the golden model: %s: expected %s, found %s",
                 p->netlist->name, operands.data, want, have);
    mp_text_release(&operands);
    return rc;
}

static int check(struct prover *p, uint64_t cycle, struct mp_error *err)
{
    struct seen *seen = &p->seen[cycle % DELAY];

    read_result(p);
    for (unsigned b = 0; b < p->result_bits; b++)
        for (unsigned w = 0; w < WORDS; w++) {
            uint64_t wrong = p->result[b][w] ^ seen->expected[b][w];
            if (wrong != 0)
                return fail_difference(p, seen, 64 * w + (unsigned)__builtin_ctzll(wrong), err);
        }
    return MP_OK;
}

/* ---- ports */

static int find_port(const struct prover *p, const char *name, unsigned width, uint32_t *at,
                     struct mp_error *err)
{
    uint32_t port = mp_netlist_port(p->netlist, name);

    if (port == MP_NONE || p->netlist->ports[port].width != width)
        return mp_fail(err, MP_E_INPUT, "module %s has no port `%s` of %u bits", p->netlist->name,
                       name, width);
    *at = mp_simulator_input(p->simulator, name);
    if (*at == MP_NONE && p->netlist->ports[port].direction == MP_DIR_INPUT)
        return mp_fail(err, MP_E_INPUT, "port `%s` of module %s is no data input", name,
                       p->netlist->name);
    return MP_OK;
}

static int find_output(const struct prover *p, const char *name, const uint32_t **nets,
                       struct mp_error *err)
{
    uint32_t unused;
    int rc = find_port(p, name, p->result_bits, &unused, err);

    if (rc == MP_OK)
        *nets = p->netlist->ports[mp_netlist_port(p->netlist, name)].nets;
    return rc;
}

static int bind(struct prover *p, struct mp_error *err)
{
    static const char *const addends[] = {"addend", "addend_carry"};
    const struct mp_design *d = p->design;
    const struct mp_vectors *v = &p->vectors;
    bool has_rows = v->is_mac && p->golden.is_carry_save;
    int rc;

    p->result_bits = v->is_mac
                         ? d->accumulator_bits
                         : mp_golden_form_product_bits(&p->golden, &d->weight, &d->activation);
    if ((rc = find_port(p, "weight", v->terms * v->weight_bits, &p->weight_at, err)) < 0 ||
        (rc = find_port(p, "activation", v->terms * v->activation_bits, &p->activation_at, err)) <
            0 ||
        (v->has_first && (rc = find_port(p, "first", 1, &p->first_at, err)) < 0))
        return rc;
    for (unsigned a = 0; a < v->addends; a++)
        if ((rc = find_port(p, addends[a], v->accumulator_bits, &p->addend_at[a], err)) < 0)
            return rc;
    if ((rc = find_output(p,
                          !v->is_mac ? "product"
                          : has_rows ? "sum"
                                     : "accumulator",
                          &p->result_nets, err)) < 0 ||
        (has_rows && (rc = find_output(p, "carry", &p->carry_nets, err)) < 0))
        return rc;
    p->inputs = mp_alloc((size_t)mp_simulator_input_count(p->simulator) * WORDS, sizeof(uint64_t));
    return MP_OK;
}

/* Random contents of all registers; by lane: any, mostly ones, mostly zeros (both carry far), ones
 * up to some register and zeros from there. */
static void scatter(struct prover *p, uint64_t *state)
{
    uint32_t count = p->netlist->register_count;

    for (uint32_t i = 0; i < count; i++)
        for (unsigned w = 0; w < WORDS; w++) {
            uint64_t x = mp_random_u64(&p->vectors.random), y = mp_random_u64(&p->vectors.random);
            uint64_t rare = x & y & (x >> 7 | x << 57) & (y >> 13 | y << 51);
            uint64_t *word = &state[(size_t)i * WORDS + w];
            switch (w % 4) {
            case 0:
                *word = x;
                break;
            case 1:
                *word = ~rare;
                break;
            case 2:
                *word = rare;
                break;
            default:
                *word = i == 0 ? x : state[(size_t)(i - 1) * WORDS + w] ^ rare;
                break;
            }
        }
}

/* What the accumulators hold, from the output ports. */
static void read_accumulators(struct prover *p)
{
    read_result(p);
    memset(p->accumulator, 0, sizeof p->accumulator);
    for (unsigned b = 0; b < p->result_bits; b++)
        for (unsigned lane = 0; lane < LANES; lane++)
            p->accumulator[lane] |= (mp_u128)(p->result[b][lane / 64] >> (lane % 64) & 1) << b;
}

/*
 * A mac from accumulators that no walk reaches: upper bits of a wide one follow the sign in every
 * walk, so that faults between them would not be seen. What the random contents of the registers
 * mean does not matter: after latency - 1 steps the registers before the accumulator hold this
 * round's operands and what is made of them, and the accumulator is read from the ports.
 */
static int prove_states(struct prover *p, struct mp_error *err)
{
    uint64_t *state = mp_alloc((size_t)p->netlist->register_count * WORDS, sizeof *state);
    int rc = MP_OK;

    for (unsigned round = 0; round < STATE_ROUNDS && rc == MP_OK; round++) {
        for (unsigned lane = 0; lane < LANES; lane++) {
            mp_vectors_walk(&p->vectors, lane);
            p->vectors.first[lane] = (mp_random_u64(&p->vectors.random) & 31) == 0;
        }
        scatter(p, state);
        apply(p);
        mp_simulator_load(p->simulator, state, p->inputs);
        for (unsigned k = 1; k < p->golden.latency; k++)
            step(p);
        read_accumulators(p);
        for (unsigned cycle = 0; cycle < STATE_CYCLES && rc == MP_OK; cycle++) {
            expect(p, cycle);
            step(p);
            rc = check(p, cycle, err);
        }
    }
    free(state);
    return rc;
}

/* Every cycle of the vectors, each answer latency later. */
static int prove_vectors(struct prover *p, struct mp_error *err)
{
    unsigned latency = p->golden.latency;
    int rc = MP_OK;

    for (uint64_t cycle = 0; cycle < p->vectors.cycles + latency && rc == MP_OK; cycle++) {
        if (cycle < p->vectors.cycles) {
            mp_vectors_fill(&p->vectors, cycle);
            expect(p, cycle);
        }
        step(p);
        if (cycle >= latency)
            rc = check(p, cycle - latency, err);
    }
    return rc;
}

static void describe(struct mp_proof *out, const struct mp_vectors *v)
{
    bool all = v->is_exhaustive;

    out->all_operands = all;
    out->vectors = v->cycles * LANES;
    if (!v->is_mac && all)
        out->vectors = (uint64_t)1 << v->terms * (v->weight_bits + v->activation_bits);
    if (v->has_first)
        out->vectors += STATE_ROUNDS * STATE_CYCLES * LANES;
    if (v->has_first)
        out->method = all ? "exhaustive operands, walks" : "corners and random, walks";
    else if (v->is_mac)
        out->method = all ? "exhaustive operands, addends" : "corners and random, addends";
    else
        out->method = all ? "exhaustive" : "corners and random";
}

int mp_prove(struct mp_proof *out, const struct mp_netlist *n, const struct mp_design *design,
             struct mp_error *err)
{
    struct prover *p = mp_alloc(1, sizeof *p);
    int rc;

    p->design = design;
    p->golden = mp_design_golden(design);
    p->netlist = n;
    mp_vectors_init(&p->vectors, design);
    if ((rc = mp_simulator_create(&p->simulator, n, WORDS, MP_KERNEL_AUTO, err)) < 0 ||
        (rc = bind(p, err)) < 0 || (rc = prove_vectors(p, err)) < 0 ||
        (p->vectors.has_first && (rc = prove_states(p, err)) < 0))
        goto out;
    describe(out, &p->vectors);
out:
    mp_simulator_destroy(p->simulator);
    free(p->inputs);
    free(p);
    return rc;
}
