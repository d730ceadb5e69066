#include "estimator/pipeline/prove_vectors.h"
#include <math.h>
#include <string.h>

enum {
    LANES = MP_PROVE_LANES,
    /* Walks of a mac at least this long: its accumulator, made for some 1000 terms, overflows. */
    WALK_CYCLES = 8192,
    SHUFFLE_CYCLES = 64
};

static void find_corners(struct mp_prove_corners *c, const struct mp_format *f)
{
    uint32_t mask = (uint32_t)(((uint64_t)1 << f->bits) - 1);
    double best_high = -INFINITY, best_low = INFINITY, above = INFINITY, below = -INFINITY;

    c->count = 0;
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

static unsigned operand_bits(const struct mp_vectors *v)
{
    return v->terms * (v->weight_bits + v->activation_bits) + v->has_first;
}

static uint64_t count_cycles(const struct mp_vectors *v)
{
    uint64_t total, scanned;

    if (!v->is_exhaustive)
        return MP_PROVE_VECTORS / LANES / (v->terms > 1 ? 4 : 1);
    total = (uint64_t)1 << operand_bits(v);
    if (!v->has_first)
        /* Combinations in order leave the low bits of a lane as they are: random ones after them
         * show that every operand bit goes through its register. */
        return (total + LANES - 1) / LANES + SHUFFLE_CYCLES;
    /* One more: `first` is forced in the first cycle, so its combinations come again. */
    scanned = total / MP_PROVE_SCAN_LANES + 1;
    return scanned > WALK_CYCLES ? scanned : WALK_CYCLES;
}

void mp_vectors_init(struct mp_vectors *v, const struct mp_design *d)
{
    memset(v, 0, sizeof *v);
    v->terms = d->terms > 0 ? d->terms : 1;
    v->weight_bits = d->weight.bits;
    v->activation_bits = d->activation.bits;
    v->accumulator_bits = d->accumulator_bits;
    v->is_mac = d->unit == MP_UNIT_MAC;
    v->has_first = v->is_mac && d->registers == MP_REGISTERS_BOTH;
    v->addends = !v->is_mac || v->has_first ? 0 : d->form == MP_FORM_CARRY_SAVE ? 2 : 1;
    v->is_exhaustive = operand_bits(v) <= 24;
    v->cycles = count_cycles(v);
    mp_random_seed(&v->random, 1);
    find_corners(&v->weights, &d->weight);
    find_corners(&v->activations, &d->activation);
}

/* A code from 32 random bits: every fourth time a corner. */
static uint32_t pick(uint32_t x, const struct mp_prove_corners *c, unsigned bits)
{
    if (x >> 30 == 0)
        return c->code[(x >> 8) % c->count];
    return x & (uint32_t)(((uint64_t)1 << bits) - 1);
}

static void pick_operands(struct mp_vectors *v, unsigned lane)
{
    for (unsigned t = 0; t < v->terms; t++) {
        uint64_t x = mp_random_u64(&v->random);
        v->weight[t][lane] = pick((uint32_t)x, &v->weights, v->weight_bits);
        v->activation[t][lane] = pick((uint32_t)(x >> 32), &v->activations, v->activation_bits);
    }
}

/* Operand combination number n, in an order that leaves mixed values in the accumulator. */
static void set_combination(struct mp_vectors *v, unsigned lane, uint64_t n)
{
    uint64_t mask = ((uint64_t)1 << operand_bits(v)) - 1;

    if (v->has_first)
        n = n * 0x9e3779b97f4a7c15u; /* odd, so this permutes the combinations */
    n &= mask;
    for (unsigned t = 0; t < v->terms; t++) {
        v->weight[t][lane] = n & (((uint64_t)1 << v->weight_bits) - 1);
        n >>= v->weight_bits;
        v->activation[t][lane] = n & (((uint64_t)1 << v->activation_bits) - 1);
        n >>= v->activation_bits;
    }
    v->first[lane] = n;
}

/* Any, mostly ones, mostly zeros (both carry far), ends of the range. */
static void pick_addend(struct mp_vectors *v, unsigned addend, unsigned lane)
{
    uint64_t x = mp_random_u64(&v->random), y = mp_random_u64(&v->random);
    uint64_t z = mp_random_u64(&v->random), rare = x & y & z & (x >> 9 | x << 55);
    uint64_t top = (uint64_t)1 << ((v->accumulator_bits - 1) % 64);
    bool is_wide = v->accumulator_bits > 64;
    uint64_t low = x, high = y;

    switch (z & 7) {
    case 0:
        low = high = 0;
        break;
    case 1:
        low = high = UINT64_MAX;
        break;
    case 2: /* the most negative */
        low = is_wide ? 0 : top;
        high = is_wide ? top : 0;
        break;
    case 3: /* the largest */
        low = is_wide ? UINT64_MAX : top - 1;
        high = is_wide ? top - 1 : 0;
        break;
    case 4:
        low = rare;
        high = rare >> 3;
        break;
    case 5:
        low = ~rare;
        high = ~(rare >> 3);
        break;
    default:
        break;
    }
    v->addend[addend][0][lane] =
        v->accumulator_bits < 64 ? low & (((uint64_t)1 << v->accumulator_bits) - 1) : low;
    v->addend[addend][1][lane] = !is_wide ? 0
                                 : v->accumulator_bits < 128
                                     ? high & (((uint64_t)1 << (v->accumulator_bits - 64)) - 1)
                                     : high;
}

static void fill_multiplier(struct mp_vectors *v, uint64_t cycle)
{
    for (unsigned lane = 0; lane < LANES; lane++) {
        uint64_t n = cycle * LANES + lane;
        if (v->is_exhaustive && n < (uint64_t)1 << operand_bits(v)) {
            set_combination(v, lane, n);
        } else if (!v->is_exhaustive && n < (uint64_t)v->weights.count * v->activations.count) {
            for (unsigned t = 0; t < v->terms; t++) {
                v->weight[t][lane] = v->weights.code[(n + 7 * t) % v->weights.count];
                v->activation[t][lane] =
                    v->activations.code[(n / v->weights.count + 5 * t) % v->activations.count];
            }
        } else {
            pick_operands(v, lane);
        }
        for (unsigned a = 0; a < v->addends; a++)
            pick_addend(v, a, lane);
    }
}

static void set_all(struct mp_vectors *v, unsigned lane, uint32_t weight, uint32_t activation)
{
    for (unsigned t = 0; t < v->terms; t++) {
        v->weight[t][lane] = weight;
        v->activation[t][lane] = activation;
    }
}

void mp_vectors_walk(struct mp_vectors *v, unsigned lane)
{
    uint64_t x = mp_random_u64(&v->random);
    bool stray = (x & 63) == 0;

    pick_operands(v, lane);
    v->first[lane] = ((x >> 8) & 16383) == 0;
    switch (lane & 3) {
    case 0:
    case 1:
        if (!stray)
            set_all(v, lane, (lane & 1) != 0 ? v->weights.smallest : v->weights.largest,
                    v->activations.largest);
        break;
    case 2:
        set_all(v, lane, v->weights.tiny[(x >> 24) & 1],
                ((x >> 25) & 1) != 0 ? v->activations.tiny[(x >> 26) & 1] : 0);
        v->first[lane] = ((x >> 32) & 255) == 0;
        break;
    default:
        break;
    }
}

static void fill_mac(struct mp_vectors *v, uint64_t cycle)
{
    for (unsigned lane = 0; lane < LANES; lane++) {
        if (v->is_exhaustive && lane < MP_PROVE_SCAN_LANES)
            set_combination(v, lane, cycle * MP_PROVE_SCAN_LANES + lane);
        else
            mp_vectors_walk(v, lane);
        if (cycle == 0)
            v->first[lane] = 1;
    }
}

void mp_vectors_fill(struct mp_vectors *v, uint64_t cycle)
{
    if (v->has_first)
        fill_mac(v, cycle);
    else
        fill_multiplier(v, cycle);
}
