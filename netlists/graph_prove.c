/* Vectors through a graph, 512 at a time, against the function it claims to be. */
#include "estimator/util/random.h"
#include "netlists/graph_simulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS = MP_GRAPH_WORDS,
    LANES = MP_GRAPH_LANES,
    DEFAULT_EXHAUSTIVE_BITS = 24,
    BITS_MAX = 128
};
#define DEFAULT_VECTORS ((uint64_t)1 << 20)

struct prover {
    const struct mp_claim *claim;
    struct mp_graph_simulator simulator;
    struct mp_random random;
    mp_u128 in[MP_CLAIM_BUSES][LANES], out[MP_CLAIM_BUSES][LANES];
    uint64_t rows[BITS_MAX][WORDS];
};

int mp_claim_of_ports(struct mp_claim *claim, const struct mp_graph *g, struct mp_error *err)
{
    *claim = (struct mp_claim){0};
    for (uint32_t i = 0; i < g->port_count; i++) {
        const struct mp_graph_port *p = &g->ports[i];
        uint32_t *count = p->is_output ? &claim->out_count : &claim->in_count;

        if (*count == MP_CLAIM_BUSES || p->width > BITS_MAX)
            return mp_fail(err, MP_E_UNSUPPORTED,
                           "%s: port %s of %u bits: a proof takes %d ports of up to %d bits",
                           g->name, p->name, p->width, MP_CLAIM_BUSES, BITS_MAX);
        (p->is_output ? claim->out : claim->in)[(*count)++] =
            (struct mp_claim_bus){.name = p->name, .width = p->width, .bits = p->bits};
    }
    return MP_OK;
}

/* Bits j.. of the lower rows change places with bits 0.. of the upper ones (Warren, Hacker's
 * Delight, 7-3). */
static inline void swap_halves(uint64_t a[64], unsigned j, uint64_t mask)
{
    for (unsigned base = 0; base < 64; base += 2 * j)
        for (unsigned k = base; k < base + j; k++) {
            uint64_t t = ((a[k] >> j) ^ a[k + j]) & mask;
            a[k] ^= t << j;
            a[k + j] ^= t;
        }
}

/* Rows become columns. */
static void transpose(uint64_t a[64])
{
    swap_halves(a, 32, 0x00000000ffffffffu);
    swap_halves(a, 16, 0x0000ffff0000ffffu);
    swap_halves(a, 8, 0x00ff00ff00ff00ffu);
    swap_halves(a, 4, 0x0f0f0f0f0f0f0f0fu);
    swap_halves(a, 2, 0x3333333333333333u);
    swap_halves(a, 1, 0x5555555555555555u);
}

/* rows[width][WORDS] of the bits of LANES numbers. */
static void spread(uint64_t (*rows)[WORDS], unsigned width, const mp_u128 *numbers)
{
    uint64_t block[64];

    for (unsigned w = 0; w < WORDS; w++)
        for (unsigned low = 0; low < width; low += 64) {
            for (unsigned i = 0; i < 64; i++)
                block[i] = (uint64_t)(numbers[w * 64 + i] >> low);
            transpose(block);
            for (unsigned i = 0; i < 64 && low + i < width; i++)
                rows[low + i][w] = block[i];
        }
}

static mp_u128 mask_of(unsigned width)
{
    return width >= 128 ? ~(mp_u128)0 : ((mp_u128)1 << width) - 1;
}

/* Ends of the range, single bits and the others of one bit, ones from some bit up or down,
 * alternating. */
static mp_u128 pick_corner(struct mp_random *r, unsigned width)
{
    mp_u128 mask = mask_of(width), bit = (mp_u128)1 << mp_random_below(r, width);
    mp_u128 fives = ((mp_u128)0x5555555555555555u << 64 | 0x5555555555555555u) & mask;

    switch (mp_random_below(r, 8)) {
    case 0:
        return 0;
    case 1:
        return mask;
    case 2:
        return bit;
    case 3:
        return mask ^ bit;
    case 4:
        return bit - 1;
    case 5:
        return mask ^ (bit - 1);
    case 6:
        return fives;
    default:
        return mask ^ fives;
    }
}

static void pick_vectors(struct prover *p)
{
    for (uint32_t b = 0; b < p->claim->in_count; b++) {
        unsigned width = p->claim->in[b].width;
        for (unsigned lane = 0; lane < LANES; lane++)
            p->in[b][lane] =
                mp_random_below(&p->random, 3) == 0
                    ? pick_corner(&p->random, width)
                    : ((mp_u128)mp_random_u64(&p->random) << 64 | mp_random_u64(&p->random)) &
                          mask_of(width);
    }
}

/* Vector number v is all buses' bits, the first bus lowest. */
static void count_vectors(struct prover *p, uint64_t first)
{
    unsigned shift = 0;

    for (uint32_t b = 0; b < p->claim->in_count; b++) {
        unsigned width = p->claim->in[b].width;
        for (unsigned lane = 0; lane < LANES; lane++)
            p->in[b][lane] = ((first + lane) >> shift) & (uint64_t)mask_of(width);
        shift += width;
    }
}

/* Bit number `bit` of the vectors first, first + 1, ...; first is a multiple of LANES. */
static void count_row(uint64_t row[WORDS], unsigned bit, uint64_t first)
{
    static const uint64_t within[] = {0xaaaaaaaaaaaaaaaau, 0xccccccccccccccccu,
                                      0xf0f0f0f0f0f0f0f0u, 0xff00ff00ff00ff00u,
                                      0xffff0000ffff0000u, 0xffffffff00000000u};

    for (unsigned w = 0; w < WORDS; w++)
        row[w] = bit < 6 ? within[bit] : -(((first + w * 64) >> bit) & 1);
}

/* Counted vectors from `first`, else those in p->in. */
static void apply(struct prover *p, bool counts, uint64_t first)
{
    unsigned at = 0;

    for (uint32_t b = 0; b < p->claim->in_count; b++) {
        const struct mp_claim_bus *bus = &p->claim->in[b];

        if (!counts)
            spread(p->rows, bus->width, p->in[b]);
        for (uint32_t i = 0; i < bus->width; i++, at++) {
            uint64_t *row = mp_graph_simulator_row(&p->simulator, bus->bits[i]);
            if (counts)
                count_row(row, at, first);
            else
                memcpy(row, p->rows[i], MP_GRAPH_ROW_BYTES);
        }
    }
    mp_graph_simulator_settle(&p->simulator);
    for (uint32_t i = 0; i < p->claim->clocks; i++)
        mp_graph_simulator_clock(&p->simulator);
}

static void add_number(char *out, size_t size, const char *name, mp_u128 number)
{
    size_t used = strlen(out);
    uint64_t high = (uint64_t)(number >> 64);

    if (high != 0)
        snprintf(out + used, size - used, "%s%s = 0x%llx%016llx", used > 0 ? ", " : "", name,
                 (unsigned long long)high, (unsigned long long)number);
    else
        snprintf(out + used, size - used, "%s%s = 0x%llx", used > 0 ? ", " : "", name,
                 (unsigned long long)number);
}

static int report(struct prover *p, uint32_t bus, unsigned lane, struct mp_error *err)
{
    const struct mp_claim_bus *out = &p->claim->out[bus];
    mp_u128 found = 0;
    char given[400] = "", expected[80] = "", is[80] = "";

    for (uint32_t i = 0; i < out->width; i++) {
        uint64_t row[WORDS];
        mp_graph_simulator_get(&p->simulator, out->bits[i], row);
        found |= (mp_u128)(row[lane / 64] >> (lane % 64) & 1) << i;
    }
    for (uint32_t b = 0; b < p->claim->in_count; b++)
        add_number(given, sizeof given, p->claim->in[b].name, p->in[b][lane]);
    add_number(expected, sizeof expected, out->name, p->out[bus][lane] & mask_of(out->width));
    add_number(is, sizeof is, out->name, found);
    return mp_fail(err, MP_E_PROOF, "%s: with %s, %s was expected, but %s is what it gives",
                   p->simulator.graph->name, given, expected, is);
}

static int compare(struct prover *p, struct mp_error *err)
{
    mp_u128 in[MP_CLAIM_BUSES], out[MP_CLAIM_BUSES] = {0};

    for (unsigned lane = 0; lane < LANES; lane++) {
        for (uint32_t b = 0; b < p->claim->in_count; b++)
            in[b] = p->in[b][lane];
        p->claim->expect(p->claim->context, in, out);
        for (uint32_t b = 0; b < p->claim->out_count; b++)
            p->out[b][lane] = out[b];
    }
    for (uint32_t b = 0; b < p->claim->out_count; b++) {
        const struct mp_claim_bus *bus = &p->claim->out[b];

        spread(p->rows, bus->width, p->out[b]);
        for (uint32_t i = 0; i < bus->width; i++) {
            uint64_t row[WORDS];
            mp_graph_simulator_get(&p->simulator, bus->bits[i], row);
            for (unsigned w = 0; w < WORDS; w++)
                if (row[w] != p->rows[i][w])
                    return report(p, b, w * 64 + (unsigned)__builtin_ctzll(row[w] ^ p->rows[i][w]),
                                  err);
        }
    }
    return MP_OK;
}

int mp_graph_prove(struct mp_claim_proof *proof, const struct mp_graph *g,
                   const struct mp_claim *claim, struct mp_error *err)
{
    struct prover *p;
    uint64_t total, bits = 0;
    int rc = mp_graph_check(g, err);

    if (rc < 0)
        return rc;
    p = mp_alloc(1, sizeof *p);
    p->claim = claim;
    mp_graph_simulator_init(&p->simulator, g);
    mp_random_seed(&p->random, claim->seed);
    for (uint32_t b = 0; b < claim->in_count; b++)
        bits += claim->in[b].width;
    proof->exhaustive =
        bits <= (claim->exhaustive_bits != 0 ? claim->exhaustive_bits : DEFAULT_EXHAUSTIVE_BITS);
    total = proof->exhaustive     ? (uint64_t)1 << bits
            : claim->vectors != 0 ? claim->vectors
                                  : DEFAULT_VECTORS;
    proof->vectors = total;
    /* The last batch may count past the end: bits above the buses are cut off. */
    for (uint64_t done = 0; done < total && rc == MP_OK; done += LANES) {
        if (proof->exhaustive)
            count_vectors(p, done);
        else
            pick_vectors(p);
        apply(p, proof->exhaustive, done);
        rc = compare(p, err);
    }
    mp_graph_simulator_release(&p->simulator);
    free(p);
    return rc;
}
