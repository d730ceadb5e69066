#include "estimator/techmap/family.h"

#include <stdlib.h>
#include <string.h>

#define VARIANT_INPUTS 4 /* with inversions, at most */

/* Bit i of the result: t at the index whose bit pin[k] is bit k of i ^ mask. */
static uint64_t reorder(uint64_t t, unsigned inputs, const struct mp_pin_order *order,
                        unsigned mask)
{
    uint64_t out = 0;

    for (unsigned i = 0; i < 1u << inputs; i++) {
        unsigned from = 0;

        for (unsigned k = 0; k < inputs; k++)
            from |= ((i ^ mask) >> k & 1u) << order->pin[k];
        out |= (t >> from & 1u) << i;
    }
    return out;
}

/* The next permutation in lexicographic order; false after the last. */
static bool next_order(struct mp_pin_order *order, unsigned inputs)
{
    uint8_t *p = order->pin;
    unsigned k, i;

    if (inputs < 2)
        return false;
    for (k = inputs - 1; k > 0 && p[k - 1] >= p[k]; k--)
        continue;
    if (k == 0)
        return false;
    for (i = inputs - 1; p[i] <= p[k - 1]; i--)
        continue;
    uint8_t t = p[i];
    p[i] = p[k - 1];
    p[k - 1] = t;
    for (unsigned a = k, b = inputs - 1; a < b; a++, b--) {
        t = p[a];
        p[a] = p[b];
        p[b] = t;
    }
    return true;
}

static struct mp_pin_order identity(void)
{
    struct mp_pin_order order;

    for (uint8_t k = 0; k < MP_NLDM_INPUTS; k++)
        order.pin[k] = k;
    return order;
}

static const struct mp_nldm_cell *first_cell(const struct mp_nldm *nldm, uint32_t family)
{
    return &nldm->cells[nldm->family_cells[nldm->family_first[family]]];
}

static uint64_t truth_mask(unsigned inputs)
{
    return inputs >= 6 ? UINT64_MAX : (UINT64_C(1) << (1u << inputs)) - 1;
}

static void find_orders(struct mp_families *f, uint32_t family)
{
    const struct mp_nldm_cell *cell = first_cell(f->nldm, family);
    struct mp_pin_order order = identity();

    if (cell->kind != MP_NLDM_GATE)
        return;
    while (next_order(&order, cell->input_count)) {
        bool is_same = true;

        for (unsigned o = 0; o < cell->output_count && is_same; o++) {
            uint64_t t = cell->outputs[o].truth & truth_mask(cell->input_count);
            is_same = reorder(t, cell->input_count, &order, 0) == t;
        }
        if (!is_same)
            continue;
        mp_grow(&f->orders, f->order_count, &f->order_capacity, sizeof *f->orders);
        f->orders[f->order_count++] = order;
    }
}

/* How `other` can do what `family` does: one way for each choice of inversions. */
static void find_variants(struct mp_families *f, uint32_t family, uint32_t other)
{
    const struct mp_nldm_cell *a = first_cell(f->nldm, family), *b = first_cell(f->nldm, other);
    unsigned inputs = a->input_count;
    uint64_t all = truth_mask(inputs), want = a->outputs[0].truth & all,
             have = b->outputs[0].truth & all;
    bool is_found[2][1u << VARIANT_INPUTS] = {{false}};
    unsigned masks = inputs <= VARIANT_INPUTS ? 1u << inputs : 1;
    struct mp_pin_order order = identity();

    do {
        for (unsigned mask = 0; mask < masks; mask++) {
            uint64_t t = reorder(have, inputs, &order, mask);
            bool inverts = t != want;

            if ((t != want && t != (want ^ all)) || is_found[inverts][mask] ||
                (inverts && masks == 1) || (family == other && mask == 0))
                continue;
            is_found[inverts][mask] = true;
            mp_grow(&f->variants, f->variant_count, &f->variant_capacity, sizeof *f->variants);
            f->variants[f->variant_count++] =
                (struct mp_family_variant){other, order, (uint8_t)mask, inverts};
        }
    } while (next_order(&order, inputs));
}

static bool can_vary(const struct mp_nldm_cell *cell)
{
    return cell->kind == MP_NLDM_GATE && cell->output_count == 1 && cell->input_count >= 2;
}

static void find_roles(struct mp_families *f)
{
    for (uint32_t k = 0; k < f->nldm->family_count; k++) {
        const struct mp_nldm_cell *cell = first_cell(f->nldm, k);

        if (cell->kind != MP_NLDM_GATE || cell->input_count != 1 || cell->output_count != 1 ||
            f->usable[k] == 0)
            continue;
        if ((cell->outputs[0].truth & 3) == 1 && f->inverter == MP_NONE)
            f->inverter = k;
        if ((cell->outputs[0].truth & 3) == 2 && f->buffer == MP_NONE)
            f->buffer = k;
    }
}

void mp_families_init(struct mp_families *f, const struct mp_nldm *nldm)
{
    *f = (struct mp_families){.nldm = nldm, .inverter = MP_NONE, .buffer = MP_NONE};
    f->usable = mp_alloc(nldm->family_count, sizeof *f->usable);
    f->first_order = mp_alloc((size_t)nldm->family_count + 1, sizeof *f->first_order);
    f->first_variant = mp_alloc((size_t)nldm->family_count + 1, sizeof *f->first_variant);
    for (uint32_t k = 0; k < nldm->family_count; k++)
        for (uint32_t i = nldm->family_first[k]; i < nldm->family_first[k + 1]; i++)
            f->usable[k] += !nldm->cells[nldm->family_cells[i]].dont_use;
    find_roles(f);
    mp_rewrites_init(&f->rewrites, nldm, f->usable);
    for (uint32_t k = 0; k < nldm->family_count; k++) {
        const struct mp_nldm_cell *cell = first_cell(nldm, k);

        find_orders(f, k);
        for (uint32_t other = 0; other < nldm->family_count && can_vary(cell); other++)
            if (f->usable[other] > 0 && can_vary(first_cell(nldm, other)) &&
                first_cell(nldm, other)->input_count == cell->input_count)
                find_variants(f, k, other);
        f->first_order[k + 1] = (uint32_t)f->order_count;
        f->first_variant[k + 1] = (uint32_t)f->variant_count;
    }
}

void mp_families_release(struct mp_families *f)
{
    mp_rewrites_release(&f->rewrites);
    free(f->usable);
    free(f->first_order);
    free(f->first_variant);
    free(f->orders);
    free(f->variants);
    *f = (struct mp_families){0};
}
