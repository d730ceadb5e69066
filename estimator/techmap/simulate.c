#include "estimator/techmap/simulate.h"
#include "estimator/util/random.h"

#include <stdlib.h>
#include <string.h>

/* A source's values depend on its kind and number only. */
static void random_words(uint64_t *out, uint32_t count, uint64_t seed, uint64_t source)
{
    struct mp_random r;

    mp_random_seed(&r, seed ^ source * UINT64_C(0x9e3779b97f4a7c15));
    for (uint32_t w = 0; w < count; w++)
        out[w] = mp_random_u64(&r);
    out[0] = (out[0] & ~UINT64_C(3)) | 2;
}

/* One word of a gate's output: the truth table folded input by input. */
static uint64_t evaluate(uint64_t truth, unsigned inputs, const uint64_t *in)
{
    uint64_t leaf[1u << MP_NLDM_INPUTS];

    for (unsigned i = 0; i < 1u << inputs; i++)
        leaf[i] = truth >> i & 1u ? UINT64_MAX : 0;
    for (unsigned k = inputs; k-- > 0;)
        for (unsigned i = 0; i < 1u << k; i++)
            leaf[i] = (leaf[i] & ~in[k]) | (leaf[i + (1u << k)] & in[k]);
    return leaf[0];
}

static void simulate_gate(const struct mp_mapped *m, uint32_t gate, uint64_t *words, uint32_t count)
{
    const struct mp_mapped_gate *g = &m->gates[gate];
    const struct mp_nldm_cell *cell = &m->nldm->cells[g->type];

    for (unsigned o = 0; o < cell->output_count; o++) {
        uint64_t *out;

        if (g->outputs[o] == MP_NONE)
            continue;
        out = words + (size_t)g->outputs[o] * count;
        for (uint32_t w = 0; w < count; w++) {
            uint64_t in[MP_NLDM_INPUTS];

            for (unsigned k = 0; k < cell->input_count; k++)
                in[k] = words[(size_t)g->inputs[k] * count + w];
            out[w] = evaluate(cell->outputs[o].truth, cell->input_count, in);
        }
    }
}

/* All outputs of a register are its state, or its opposite where the function says so. */
static void cut_flop(const struct mp_mapped *m, uint32_t gate, uint64_t *words, uint32_t count,
                     uint64_t seed)
{
    const struct mp_mapped_gate *g = &m->gates[gate];
    const struct mp_nldm_cell *cell = &m->nldm->cells[g->type];

    for (unsigned o = 0; o < cell->output_count; o++) {
        uint64_t *out;

        if (g->outputs[o] == MP_NONE)
            continue;
        out = words + (size_t)g->outputs[o] * count;
        random_words(out, count, seed, (UINT64_C(1) << 32) + gate);
        for (uint32_t w = 0; w < count && cell->outputs[o].truth != cell->outputs[0].truth; w++)
            out[w] = ~out[w];
    }
}

uint64_t *mp_mapped_simulate(const struct mp_mapped *m, uint64_t seed, uint32_t count)
{
    uint64_t *words = mp_alloc((size_t)m->net_limit * count, sizeof *words);
    uint32_t *order = mp_alloc((size_t)m->gate_count + 1, sizeof *order);

    memset(words + (size_t)MP_MAPPED_ONE * count, 0xff, count * sizeof *words);
    for (uint32_t k = 0; k < m->input_count; k++)
        random_words(words + (size_t)m->inputs[k] * count, count, seed, k);
    mp_mapped_order(m, order);
    for (uint32_t k = 0; k < m->gate_count; k++)
        if (m->nldm->cells[m->gates[order[k]].type].kind == MP_NLDM_FLIP_FLOP)
            cut_flop(m, order[k], words, count, seed);
    for (uint32_t k = 0; k < m->gate_count; k++)
        if (m->nldm->cells[m->gates[order[k]].type].kind != MP_NLDM_FLIP_FLOP)
            simulate_gate(m, order[k], words, count);
    free(order);
    return words;
}

static bool is_equal(const uint64_t *a, uint32_t net_a, const uint64_t *b, uint32_t net_b,
                     uint32_t count)
{
    return memcmp(a + (size_t)net_a * count, b + (size_t)net_b * count, count * sizeof *a) == 0;
}

int mp_mapped_compare(const struct mp_mapped *a, const uint64_t *words_a, const struct mp_mapped *b,
                      const uint64_t *words_b, uint32_t count, struct mp_error *err)
{
    if (a->input_count != b->input_count || a->output_count != b->output_count)
        return mp_fail(err, MP_E_PROOF, "the netlists have not the same ports");
    for (uint32_t k = 0; k < a->output_count; k++)
        if (!is_equal(words_a, a->outputs[k], words_b, b->outputs[k], count))
            return mp_fail(err, MP_E_PROOF, "bit %u of the outputs is not the same function", k);
    for (uint32_t g = 0; g < a->gate_limit; g++) {
        const struct mp_nldm_cell *cell;

        if (a->gates[g].type == MP_NONE ||
            a->nldm->cells[a->gates[g].type].kind != MP_NLDM_FLIP_FLOP)
            continue;
        cell = &a->nldm->cells[a->gates[g].type];
        if (g >= b->gate_limit || b->gates[g].type == MP_NONE ||
            b->nldm->cells[b->gates[g].type].family != cell->family)
            return mp_fail(err, MP_E_PROOF, "flip-flop %u is not there any more", g);
        for (unsigned k = 0; k < cell->input_count; k++)
            if (!is_equal(words_a, a->gates[g].inputs[k], words_b, b->gates[g].inputs[k], count))
                return mp_fail(err, MP_E_PROOF, "input %u of flip-flop %u is not the same function",
                               k, g);
    }
    return MP_OK;
}
