#include "estimator/techmap/anneal_parts.h"

#include <math.h>
#include <stdlib.h>

/* Points nearer than this in all measures are one point. */
#define GRAIN 1.005

static bool dominates(const struct mp_measures *a, const struct mp_measures *b, double grain)
{
    return a->area_um2 <= b->area_um2 * grain && a->delay_s <= b->delay_s * grain &&
           a->power_w <= b->power_w * grain;
}

bool mp_anneal_front_wants(const struct mp_anneal_front *f, const struct mp_measures *v)
{
    for (uint32_t k = 0; k < f->count; k++)
        if (dominates(&f->points[k].measures, v, GRAIN))
            return false;
    return f->limit > 0;
}

static double ratio(double a, double b)
{
    return a > 0 && b > 0 ? fabs(log(a / b)) : 0;
}

static double distance(const struct mp_measures *a, const struct mp_measures *b)
{
    return ratio(a->area_um2, b->area_um2) + ratio(a->delay_s, b->delay_s) +
           ratio(a->power_w, b->power_w);
}

/* The point whose nearest neighbour is nearest; the ends of the front are kept. */
static uint32_t most_crowded(const struct mp_anneal_front *f)
{
    uint32_t smallest = 0, fastest = 0, found = 0;
    double nearest = INFINITY;

    for (uint32_t k = 0; k < f->count; k++) {
        if (f->points[k].measures.area_um2 < f->points[smallest].measures.area_um2)
            smallest = k;
        if (f->points[k].measures.delay_s < f->points[fastest].measures.delay_s)
            fastest = k;
    }
    for (uint32_t k = 0; k < f->count; k++) {
        if (k == smallest || k == fastest)
            continue;
        for (uint32_t i = 0; i < f->count; i++) {
            double d = i == k ? INFINITY : distance(&f->points[k].measures, &f->points[i].measures);

            if (d < nearest) {
                nearest = d;
                found = k;
            }
        }
    }
    return found;
}

static void drop(struct mp_anneal_front *f, const struct mp_structure_kind *kind, uint32_t k)
{
    mp_anneal_state_release(kind, &f->points[k]);
    f->points[k] = f->points[--f->count];
}

void mp_anneal_front_add(struct mp_anneal_front *f, const struct mp_structure_kind *kind,
                         struct mp_anneal_state *state)
{
    for (uint32_t k = f->count; k-- > 0;)
        if (dominates(&state->measures, &f->points[k].measures, 1))
            drop(f, kind, k);
    f->points = mp_realloc(f->points, (size_t)f->count + 1, sizeof *f->points);
    f->points[f->count++] = *state;
    if (f->count > f->limit)
        drop(f, kind, most_crowded(f));
}

static int by_delay(const void *a, const void *b)
{
    const struct mp_measures *x = &((const struct mp_anneal_state *)a)->measures;
    const struct mp_measures *y = &((const struct mp_anneal_state *)b)->measures;

    if (x->delay_s != y->delay_s)
        return x->delay_s < y->delay_s ? -1 : 1;
    return x->area_um2 < y->area_um2 ? -1 : x->area_um2 > y->area_um2;
}

void mp_anneal_front_finish(struct mp_anneal_front *f, const struct mp_structure_kind *kind)
{
    for (uint32_t k = f->count; k-- > 0;) {
        bool is_dominated = false;

        for (uint32_t i = 0; i < f->count && !is_dominated; i++)
            is_dominated = i != k && dominates(&f->points[i].measures, &f->points[k].measures, 1);
        if (is_dominated)
            drop(f, kind, k);
    }
    if (f->count > 1)
        qsort(f->points, f->count, sizeof *f->points, by_delay);
}

void mp_anneal_front_release(struct mp_anneal_front *f, const struct mp_structure_kind *kind)
{
    for (uint32_t k = 0; k < f->count; k++)
        mp_anneal_state_release(kind, &f->points[k]);
    free(f->points);
    *f = (struct mp_anneal_front){0};
}
