#include "estimator/pipeline/prove.h"
#include "estimator/activity/simulator.h"
#include "estimator/pipeline/planes.h"
#include "estimator/util/random.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS = 8,
    LANES = 64 * WORDS,
    SCAN_LANES = LANES / 2, /* of a mac: lanes that scan all operand combinations */
    DELAY = MP_UNIT_LATENCY + 1,
    MAX_CORNERS = 96,
    /* Walks of a mac at least this long: its accumulator, made for some 1000 terms, overflows. */
    WALK_CYCLES = 8192,
    SHUFFLE_CYCLES = 64,
    STATE_ROUNDS = 1024, /* times that a mac's registers are filled at random */
    STATE_CYCLES = 4     /* terms added after that */
};
#define VECTORS ((uint64_t)1 << 24)

/* Operand codes worth trying: ends of the range, single bits, alternating bits. */
struct corners {
    uint32_t code[MAX_CORNERS];
    unsigned count;
    uint32_t largest, smallest; /* codes of the largest and the most negative value */
    uint32_t tiny[2];           /* codes of the values next to zero, above and below */
};

struct prover {
    const struct mp_design *design;
    const struct mp_netlist *netlist;
    struct mp_simulator *simulator;
    unsigned weight_bits, activation_bits, result_bits;
    const uint32_t *result_nets;
    uint32_t weight_at, activation_at, first_at; /* first input bit of each port */
    bool is_mac;
    struct corners weights, activations;
    struct mp_random random;
    uint64_t *inputs; /* [input][WORDS] */
    uint64_t weight[LANES], activation[LANES], first[LANES];
    uint64_t operands[LANES]; /* first | activation | weight */
    uint64_t planes[64][WORDS];
    mp_u128 accumulator[LANES];
    uint64_t low[LANES], high[LANES];     /* expected result, bits 0-63 and above */
    uint64_t expected[DELAY][128][WORDS]; /* planes, by cycle modulo DELAY */
    uint64_t seen[DELAY][3][LANES];       /* operands, for the message */
};

static void find_corners(struct corners *c, const struct mp_format *f)
{
    uint32_t mask = (uint32_t)(((uint64_t)1 << f->bits) - 1);
    double best_high = -INFINITY, best_low = INFINITY, above = INFINITY, below = -INFINITY;

    c->code[c->count++] = 0;
    c->code[c->count++] = mask;
    c->code[c->count++] = 0x55555555u & mask;
    c->code[c->count++] = 0xaaaaaaaau & mask;
    for (unsigned b = 0; b < f->bits; b++) {
        c->code[c->count++] = 1u << b;
        c->code[c->count++] = mask ^ (1u << b);
        c->code[c->count++] = mask >> b;
    }
    c->tiny[0] = c->tiny[1] = 0;
    for (uint64_t code = 0; code <= mask; code++) {
        double v = mp_format_decode(f, 0, (uint32_t)code);
        if (v > best_high) {
            best_high = v;
            c->largest = (uint32_t)code;
        }
        if (v < best_low) {
            best_low = v;
            c->smallest = (uint32_t)code;
        }
        if (v > 0 && v < above) {
            above = v;
            c->tiny[0] = (uint32_t)code;
        }
        if (v < 0 && v > below) {
            below = v;
            c->tiny[1] = (uint32_t)code;
        }
    }
    if (best_low >= 0)
        c->tiny[1] = c->tiny[0];
}

/* A code from 32 random bits: every fourth time a corner. */
static uint32_t pick(uint32_t x, const struct corners *c, unsigned bits)
{
    if (x >> 30 == 0)
        return c->code[(x >> 8) % c->count];
    return x & (uint32_t)(((uint64_t)1 << bits) - 1);
}

static void pick_operands(struct prover *p, unsigned lane)
{
    uint64_t x = mp_random_u64(&p->random);

    p->weight[lane] = pick((uint32_t)x, &p->weights, p->weight_bits);
    p->activation[lane] = pick((uint32_t)(x >> 32), &p->activations, p->activation_bits);
}

static unsigned operand_bits(const struct prover *p)
{
    return p->weight_bits + p->activation_bits + (p->is_mac ? 1 : 0);
}

/* Operand combination number v, in an order that leaves mixed values in the accumulator. */
static void set_combination(struct prover *p, unsigned lane, uint64_t v)
{
    unsigned bits = operand_bits(p);
    uint64_t mask = ((uint64_t)1 << bits) - 1;

    if (p->is_mac)
        v = v * 0x9e3779b97f4a7c15u; /* odd, so this permutes the combinations */
    v &= mask;
    p->weight[lane] = v & (((uint64_t)1 << p->weight_bits) - 1);
    p->activation[lane] = (v >> p->weight_bits) & (((uint64_t)1 << p->activation_bits) - 1);
    p->first[lane] = v >> (p->weight_bits + p->activation_bits);
}

static void fill_multiplier(struct prover *p, uint64_t cycle, bool exhaustive)
{
    for (unsigned lane = 0; lane < LANES; lane++) {
        uint64_t v = cycle * LANES + lane;
        if (exhaustive && v < (uint64_t)1 << operand_bits(p)) {
            set_combination(p, lane, v);
        } else if (!exhaustive && v < (uint64_t)p->weights.count * p->activations.count) {
            p->weight[lane] = p->weights.code[v % p->weights.count];
            p->activation[lane] = p->activations.code[v / p->weights.count];
        } else {
            pick_operands(p, lane);
        }
    }
}

/* A walk of one lane: up to the largest sums, down to the smallest, around zero, or at random. */
static void walk(struct prover *p, unsigned lane)
{
    uint64_t x = mp_random_u64(&p->random);
    bool stray = (x & 63) == 0;

    pick_operands(p, lane);
    p->first[lane] = ((x >> 8) & 16383) == 0;
    switch (lane & 3) {
    case 0:
    case 1:
        if (!stray) {
            p->weight[lane] = (lane & 1) != 0 ? p->weights.smallest : p->weights.largest;
            p->activation[lane] = p->activations.largest;
        }
        break;
    case 2:
        p->weight[lane] = p->weights.tiny[(x >> 24) & 1];
        p->activation[lane] = ((x >> 25) & 1) != 0 ? p->activations.tiny[(x >> 26) & 1] : 0;
        p->first[lane] = ((x >> 32) & 255) == 0;
        break;
    default:
        break;
    }
}

static void fill_mac(struct prover *p, uint64_t cycle, bool exhaustive)
{
    for (unsigned lane = 0; lane < LANES; lane++) {
        if (exhaustive && lane < SCAN_LANES)
            set_combination(p, lane, cycle * SCAN_LANES + lane);
        else
            walk(p, lane);
        if (cycle == 0)
            p->first[lane] = 1;
    }
}

/* The golden result of this cycle's operands, as planes. */
static void expect(struct prover *p, uint64_t cycle)
{
    const struct mp_design *d = p->design;
    unsigned slot = (unsigned)(cycle % DELAY);

    for (unsigned lane = 0; lane < LANES; lane++) {
        uint32_t w = (uint32_t)p->weight[lane], a = (uint32_t)p->activation[lane];
        mp_u128 r;
        if (p->is_mac) {
            r = mp_golden_mac(&d->weight, &d->activation, d->accumulator_bits, p->accumulator[lane],
                              p->first[lane] != 0, w, a);
            p->accumulator[lane] = r;
        } else {
            r = mp_golden_product_code(&d->weight, &d->activation, w, a);
        }
        p->low[lane] = (uint64_t)r;
        p->high[lane] = (uint64_t)(r >> 64);
    }
    memcpy(p->seen[slot][0], p->weight, sizeof p->weight);
    memcpy(p->seen[slot][1], p->activation, sizeof p->activation);
    memcpy(p->seen[slot][2], p->first, sizeof p->first);
    mp_planes_from_codes(p->low, p->result_bits < 64 ? p->result_bits : 64, WORDS,
                         &p->expected[slot][0][0]);
    if (p->result_bits > 64)
        mp_planes_from_codes(p->high, p->result_bits - 64, WORDS, &p->expected[slot][64][0]);
}

/* The operands to the simulator's inputs. */
static void apply(struct prover *p)
{
    unsigned wb = p->weight_bits, ab = p->activation_bits;

    /* One transposition for all operands: it is what costs most here. */
    for (unsigned lane = 0; lane < LANES; lane++)
        p->operands[lane] =
            p->weight[lane] | p->activation[lane] << wb | p->first[lane] << (wb + ab);
    mp_planes_from_codes(p->operands, operand_bits(p), WORDS, &p->planes[0][0]);
    memcpy(p->inputs + (size_t)p->weight_at * WORDS, p->planes[0], wb * sizeof p->planes[0]);
    memcpy(p->inputs + (size_t)p->activation_at * WORDS, p->planes[wb], ab * sizeof p->planes[0]);
    if (p->is_mac)
        memcpy(p->inputs + (size_t)p->first_at * WORDS, p->planes[wb + ab], sizeof p->planes[0]);
}

static void step(struct prover *p)
{
    apply(p);
    mp_simulator_step(p->simulator, p->inputs, NULL);
}

/* Bits of one lane's result, most significant first, as hexadecimal. */
static void print_result(char out[40], const struct prover *p, unsigned lane, unsigned slot,
                         bool expected)
{
    mp_u128 v = 0;

    for (unsigned b = 0; b < p->result_bits; b++) {
        const uint64_t *row =
            expected ? p->expected[slot][b] : mp_simulator_net(p->simulator, p->result_nets[b]);
        v |= (mp_u128)((row[lane / 64] >> (lane % 64)) & 1) << b;
    }
    if (v >> 64 != 0)
        snprintf(out, 40, "0x%llx%016llx", (unsigned long long)(v >> 64), (unsigned long long)v);
    else
        snprintf(out, 40, "0x%llx", (unsigned long long)v);
}

static int check(const struct prover *p, uint64_t cycle, struct mp_error *err)
{
    unsigned slot = (unsigned)(cycle % DELAY);

    for (unsigned b = 0; b < p->result_bits; b++) {
        const uint64_t *got = mp_simulator_net(p->simulator, p->result_nets[b]);
        for (unsigned w = 0; w < WORDS; w++) {
            uint64_t wrong = got[w] ^ p->expected[slot][b][w];
            if (wrong != 0) {
                unsigned lane = 64 * w + (unsigned)__builtin_ctzll(wrong);
                char want[40], have[40];
                print_result(want, p, lane, slot, true);
                print_result(have, p, lane, slot, false);
                return mp_fail(err, MP_E_PROOF,
                               "module %s differs from the golden model: weight 0x%llx, "
                               "activation 0x%llx%s: expected %s, found %s",
                               p->netlist->name, (unsigned long long)p->seen[slot][0][lane],
                               (unsigned long long)p->seen[slot][1][lane],
                               p->is_mac ? (p->seen[slot][2][lane] != 0 ? ", first 1" : ", first 0")
                                         : "",
                               want, have);
            }
        }
    }
    return MP_OK;
}

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

static int bind(struct prover *p, struct mp_error *err)
{
    const struct mp_design *d = p->design;
    const char *result = p->is_mac ? "accumulator" : "product";
    uint32_t unused;
    int rc;

    p->weight_bits = d->weight.bits;
    p->activation_bits = d->activation.bits;
    p->result_bits =
        p->is_mac ? d->accumulator_bits : mp_golden_product_bits(&d->weight, &d->activation);
    if ((rc = find_port(p, "weight", p->weight_bits, &p->weight_at, err)) < 0 ||
        (rc = find_port(p, "activation", p->activation_bits, &p->activation_at, err)) < 0 ||
        (p->is_mac && (rc = find_port(p, "first", 1, &p->first_at, err)) < 0) ||
        (rc = find_port(p, result, p->result_bits, &unused, err)) < 0)
        return rc;
    p->result_nets = p->netlist->ports[mp_netlist_port(p->netlist, result)].nets;
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
            uint64_t x = mp_random_u64(&p->random), y = mp_random_u64(&p->random);
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

/* What the accumulators hold, from the output port. */
static void read_accumulators(struct prover *p)
{
    memset(p->accumulator, 0, sizeof p->accumulator);
    for (unsigned b = 0; b < p->result_bits; b++) {
        const uint64_t *row = mp_simulator_net(p->simulator, p->result_nets[b]);
        for (unsigned lane = 0; lane < LANES; lane++)
            p->accumulator[lane] |= (mp_u128)(row[lane / 64] >> (lane % 64) & 1) << b;
    }
}

/*
 * A mac from accumulators that no walk reaches: upper bits of a wide one follow the sign in every
 * walk, so that faults between them would not be seen. What the random contents of the registers
 * mean does not matter: after one step the operand registers hold this round's operands, and the
 * accumulator is read from the port.
 */
static int prove_states(struct prover *p, struct mp_error *err)
{
    uint64_t *state = mp_alloc((size_t)p->netlist->register_count * WORDS, sizeof *state);
    int rc = MP_OK;

    for (unsigned round = 0; round < STATE_ROUNDS && rc == MP_OK; round++) {
        for (unsigned lane = 0; lane < LANES; lane++) {
            walk(p, lane);
            p->first[lane] = (mp_random_u64(&p->random) & 31) == 0;
        }
        scatter(p, state);
        apply(p);
        mp_simulator_load(p->simulator, state, p->inputs);
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

int mp_prove(struct mp_proof *out, const struct mp_netlist *n, const struct mp_design *design,
             struct mp_error *err)
{
    struct prover *p = mp_alloc(1, sizeof *p);
    uint64_t total, cycles;
    bool all;
    int rc;

    p->design = design;
    p->netlist = n;
    p->is_mac = design->unit == MP_UNIT_MAC;
    mp_random_seed(&p->random, 1);
    find_corners(&p->weights, &design->weight);
    find_corners(&p->activations, &design->activation);
    if ((rc = mp_simulator_create(&p->simulator, n, WORDS, MP_KERNEL_AUTO, err)) < 0 ||
        (rc = bind(p, err)) < 0)
        goto out;

    total = (uint64_t)1 << operand_bits(p);
    all = total <= VECTORS;
    if (!all)
        cycles = VECTORS / LANES;
    else if (!p->is_mac)
        /* Combinations in order leave the low bits of a lane as they are: random ones after them
         * show that every operand bit goes through its register. */
        cycles = (total + LANES - 1) / LANES + SHUFFLE_CYCLES;
    else /* One more: `first` is forced in the first cycle, so its combinations come again. */
        cycles = total / SCAN_LANES + 1 > WALK_CYCLES ? total / SCAN_LANES + 1 : WALK_CYCLES;

    for (uint64_t cycle = 0; cycle < cycles + MP_UNIT_LATENCY; cycle++) {
        if (cycle < cycles) {
            if (p->is_mac)
                fill_mac(p, cycle, all);
            else
                fill_multiplier(p, cycle, all);
            expect(p, cycle);
        }
        step(p);
        if (cycle >= MP_UNIT_LATENCY && (rc = check(p, cycle - MP_UNIT_LATENCY, err)) < 0)
            goto out;
    }
    if (p->is_mac && (rc = prove_states(p, err)) < 0)
        goto out;
    out->all_operands = all;
    out->vectors = !p->is_mac && all ? total : cycles * LANES;
    if (p->is_mac)
        out->vectors += STATE_ROUNDS * STATE_CYCLES * LANES;
    if (p->is_mac)
        out->method = all ? "exhaustive operands, walks" : "corners and random, walks";
    else
        out->method = all ? "exhaustive" : "corners and random";
out:
    mp_simulator_destroy(p->simulator);
    free(p->inputs);
    free(p);
    return rc;
}
