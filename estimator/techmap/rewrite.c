#include "estimator/techmap/rewrite.h"

#include <math.h>
#include <stdlib.h>

#define FUNCTIONS   65536u
#define LARGER_ALSO 1.8f /* times the smallest of its class */

uint16_t mp_rewrite_variable(unsigned k)
{
    static const uint16_t tables[MP_REWRITE_INPUTS] = {0xaaaa, 0xcccc, 0xf0f0, 0xff00};

    return tables[k];
}

uint16_t mp_rewrite_truth(uint64_t truth, unsigned inputs, const uint16_t *values)
{
    uint16_t out = 0;

    for (unsigned i = 0; i < 16; i++) {
        unsigned index = 0;

        for (unsigned k = 0; k < inputs; k++)
            index |= (values[k] >> i & 1u) << k;
        out = (uint16_t)(out | (truth >> index & 1u) << i);
    }
    return out;
}

/* f(x) = r(y) ^ inverts_output, which is the way of f backwards. */
static uint16_t function_of(uint16_t representative, const struct mp_rewrite_way *way)
{
    uint16_t values[MP_REWRITE_INPUTS], out;

    for (unsigned k = 0; k < MP_REWRITE_INPUTS; k++) {
        values[k] = mp_rewrite_variable(way->pin[k]);
        if (way->inverted_inputs >> k & 1u)
            values[k] = (uint16_t)~values[k];
    }
    out = mp_rewrite_truth(representative, MP_REWRITE_INPUTS, values);
    return way->inverts_output ? (uint16_t)~out : out;
}

static unsigned all_orders(uint8_t (*orders)[MP_REWRITE_INPUTS])
{
    unsigned count = 0;

    for (uint8_t a = 0; a < 4; a++)
        for (uint8_t b = 0; b < 4; b++)
            for (uint8_t c = 0; c < 4; c++)
                if (a != b && a != c && b != c) {
                    orders[count][0] = a;
                    orders[count][1] = b;
                    orders[count][2] = c;
                    orders[count++][3] = (uint8_t)(6 - a - b - c);
                }
    return count;
}

static void make_classes(struct mp_rewrites *r)
{
    uint8_t orders[24][MP_REWRITE_INPUTS];
    unsigned order_count = all_orders(orders), classes = 0;
    size_t self_count = 0, self_capacity = 0;
    bool *is_known = mp_alloc(FUNCTIONS, sizeof *is_known);

    r->class_of = mp_alloc(FUNCTIONS, sizeof *r->class_of);
    r->way_of = mp_alloc(FUNCTIONS, sizeof *r->way_of);
    for (unsigned f = 0; f < FUNCTIONS; f++) {
        if (is_known[f])
            continue;
        for (unsigned o = 0; o < order_count; o++)
            for (unsigned code = 0; code < 32; code++) {
                struct mp_rewrite_way way = {
                    {orders[o][0], orders[o][1], orders[o][2], orders[o][3]},
                    (uint8_t)(code & 15),
                    code >> 4 != 0};
                uint16_t g = function_of((uint16_t)f, &way);

                if (g == f) {
                    mp_grow(&r->selves, self_count, &self_capacity, sizeof *r->selves);
                    r->selves[self_count++] = way;
                }
                if (is_known[g])
                    continue;
                is_known[g] = true;
                r->class_of[g] = (uint8_t)classes;
                r->way_of[g] = way;
            }
        r->first_self[++classes] = (uint32_t)self_count;
    }
    free(is_known);
}

struct maker {
    struct mp_rewrites *r;
    const struct mp_nldm *nldm;
    const uint32_t *usable;
    struct mp_rewrite *found;
    uint32_t *class_of; /* [found] */
    size_t count, capacity, class_capacity;
};

static const struct mp_nldm_cell *smallest(const struct maker *m, uint32_t family)
{
    return &m->nldm->cells[m->nldm->family_cells[m->nldm->family_first[family]]];
}

static bool can_be_used(const struct maker *m, uint32_t family)
{
    const struct mp_nldm_cell *cell = smallest(m, family);

    return m->usable[family] > 0 && cell->kind == MP_NLDM_GATE && cell->output_count == 1 &&
           cell->input_count >= 2 && cell->input_count <= MP_REWRITE_INPUTS;
}

static bool depends_on(uint16_t truth, unsigned k)
{
    unsigned step = 1u << k;

    return (((truth >> step) ^ truth) & (uint16_t)~mp_rewrite_variable(k)) != 0;
}

static void add(struct maker *m, const struct mp_rewrite *item, uint16_t truth, unsigned variables)
{
    struct mp_rewrite *to;

    for (unsigned k = 0; k < variables; k++)
        if (!depends_on(truth, k))
            return;
    mp_grow(&m->found, m->count, &m->capacity, sizeof *m->found);
    mp_grow(&m->class_of, m->count, &m->class_capacity, sizeof *m->class_of);
    to = &m->found[m->count];
    *to = *item;
    to->way = m->r->way_of[truth];
    m->class_of[m->count++] = m->r->class_of[truth];
}

static uint16_t truth_of(const struct maker *m, const struct mp_rewrite *item)
{
    const struct mp_nldm_cell *outer = smallest(m, item->outer);
    uint16_t out[MP_REWRITE_INPUTS], in[MP_REWRITE_INPUTS];
    unsigned slot = 0;

    for (unsigned k = 0; k < outer->input_count; k++)
        if (item->inner == MP_NONE || k != item->at)
            out[k] = mp_rewrite_variable(item->variable[slot++]);
    if (item->inner != MP_NONE) {
        const struct mp_nldm_cell *inner = smallest(m, item->inner);

        for (unsigned k = 0; k < inner->input_count; k++)
            in[k] = mp_rewrite_variable(item->variable[slot++]);
        out[item->at] = mp_rewrite_truth(inner->outputs[0].truth, inner->input_count, in);
    }
    return mp_rewrite_truth(outer->outputs[0].truth, outer->input_count, out);
}

/* All ways in which inputs may meet in variables, each once: a slot takes a variable that is there
 * or the next new one. */
static void add_partitions(struct maker *m, struct mp_rewrite *item, unsigned slots, unsigned slot,
                           unsigned variables)
{
    if (slot == slots) {
        add(m, item, truth_of(m, item), variables);
        return;
    }
    for (unsigned v = 0; v <= variables && v < MP_REWRITE_INPUTS; v++) {
        item->variable[slot] = (uint8_t)v;
        add_partitions(m, item, slots, slot + 1, v == variables ? variables + 1 : variables);
    }
}

static void find_all(struct maker *m)
{
    for (uint32_t o = 0; o < m->nldm->family_count; o++) {
        const struct mp_nldm_cell *outer = smallest(m, o);

        if (!can_be_used(m, o))
            continue;
        struct mp_rewrite one = {.outer = o, .inner = MP_NONE, .area_um2 = outer->area_um2};

        for (unsigned k = 0; k < outer->input_count; k++)
            one.variable[k] = (uint8_t)k;
        add(m, &one, truth_of(m, &one), outer->input_count);
        for (uint32_t i = 0; i < m->nldm->family_count; i++) {
            const struct mp_nldm_cell *inner = smallest(m, i);
            unsigned slots = outer->input_count - 1u + inner->input_count;

            for (uint8_t at = 0;
                 at < outer->input_count && can_be_used(m, i) && slots <= MP_REWRITE_SLOTS; at++) {
                struct mp_rewrite two = {.outer = o,
                                         .inner = i,
                                         .at = at,
                                         .area_um2 = outer->area_um2 + inner->area_um2};

                add_partitions(m, &two, slots, 0, 0);
            }
        }
    }
}

static void sort(struct maker *m)
{
    float least[MP_REWRITE_CLASSES];
    uint32_t kept = 0;

    for (unsigned c = 0; c < MP_REWRITE_CLASSES; c++)
        least[c] = INFINITY;
    for (size_t k = 0; k < m->count; k++)
        least[m->class_of[k]] = fminf(least[m->class_of[k]], m->found[k].area_um2);
    m->r->items = mp_alloc(m->count + 1, sizeof *m->r->items);
    for (unsigned c = 0; c < MP_REWRITE_CLASSES; c++) {
        m->r->first[c] = kept;
        for (size_t k = 0; k < m->count; k++)
            if (m->class_of[k] == c && m->found[k].area_um2 <= LARGER_ALSO * least[c])
                m->r->items[kept++] = m->found[k];
    }
    m->r->first[MP_REWRITE_CLASSES] = kept;
}

void mp_rewrites_init(struct mp_rewrites *r, const struct mp_nldm *nldm, const uint32_t *usable)
{
    struct maker m = {.r = r, .nldm = nldm, .usable = usable};

    *r = (struct mp_rewrites){0};
    make_classes(r);
    find_all(&m);
    sort(&m);
    free(m.found);
    free(m.class_of);
}

void mp_rewrites_release(struct mp_rewrites *r)
{
    free(r->class_of);
    free(r->way_of);
    free(r->selves);
    free(r->items);
    *r = (struct mp_rewrites){0};
}
