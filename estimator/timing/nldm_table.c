#include "estimator/timing/nldm_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAME_POINT   1e-4 /* relative: printed with fewer digits elsewhere in the same library */
#define MERGED_ERROR 1e-3
#define GROUPS       64 /* most timing groups of one pin pair */

struct points {
    uint32_t count;
    double x[MP_NLDM_POINTS];
};

/* One timing group for one pair of edges. */
struct group {
    const struct mp_table *delay, *slew;
};
struct groups {
    uint32_t count;
    struct group group[GROUPS];
};

/* A table on the common grid: [slew][load][delay, slew]. */
struct grid {
    double value[MP_NLDM_POINTS][MP_NLDM_POINTS][2];
};

static bool add_point(struct points *p, double x)
{
    uint32_t at = 0;
    while (at < p->count && p->x[at] < x)
        at++;
    bool same = (at < p->count && p->x[at] - x <= SAME_POINT * fabs(p->x[at])) ||
                (at > 0 && x - p->x[at - 1] <= SAME_POINT * fabs(x));
    if (same)
        return true;
    if (p->count == MP_NLDM_POINTS)
        return false;
    memmove(&p->x[at + 1], &p->x[at], (p->count - at) * sizeof *p->x);
    p->x[at] = x;
    p->count++;
    return true;
}

static bool add_axis(struct points *p, const struct mp_table *t, enum mp_axis axis)
{
    bool ok = true;
    for (uint32_t k = 0; t->axis1 == axis && k < t->index1_count; k++)
        ok = ok && add_point(p, t->index1[k]);
    for (uint32_t k = 0; t->axis2 == axis && k < t->index2_count; k++)
        ok = ok && add_point(p, t->index2[k]);
    return ok;
}

/* Two points at least, so that there is a segment. */
static void complete(struct points *p, double first, double second)
{
    if (p->count == 0)
        p->x[p->count++] = first;
    if (p->count == 1) {
        p->x[1] = p->x[0] + second;
        p->count = 2;
    }
}

static bool is_same(const struct mp_nldm_axis *a, const struct points *p, double unit)
{
    if (a->count != p->count)
        return false;
    for (uint32_t k = 0; k < p->count; k++)
        if (fabs(a->points[k] - p->x[k] / unit) > SAME_POINT * fabs(p->x[k] / unit))
            return false;
    return true;
}

static uint32_t axis_id(struct mp_nldm_builder *b, const struct points *p, double unit)
{
    struct mp_nldm *n = b->n;
    for (uint32_t k = 0; k < n->axis_count; k++)
        if (is_same(&n->axes[k], p, unit))
            return k;
    mp_grow(&n->axes, n->axis_count, &b->axis_capacity, sizeof *n->axes);
    mp_grow(&b->axis_uses, n->axis_count, &b->axis_uses_capacity, sizeof *b->axis_uses);
    b->axis_uses[n->axis_count] = 0;
    struct mp_nldm_axis *a = &n->axes[n->axis_count];
    *a = (struct mp_nldm_axis){.count = p->count, .inner_padded = (p->count - 2 + 3) / 4 * 4};
    for (uint32_t k = 0; k < MP_NLDM_POINTS; k++)
        a->inner[k] = INFINITY;
    for (uint32_t k = 0; k < p->count; k++) {
        a->points[k] = (float)(p->x[k] / unit);
        if (k > 0)
            a->inverse[k - 1] = (float)(unit / (p->x[k] - p->x[k - 1]));
        if (k > 0 && k + 1 < p->count)
            a->inner[k - 1] = a->points[k];
    }
    return n->axis_count++;
}

static void fill(struct grid *g, const struct group *from, const struct points *slews,
                 const struct points *loads)
{
    for (uint32_t i = 0; i < slews->count; i++)
        for (uint32_t j = 0; j < loads->count; j++) {
            g->value[i][j][0] = mp_table_lookup(from->delay, slews->x[i], loads->x[j]);
            g->value[i][j][1] = mp_table_lookup(from->slew, slews->x[i], loads->x[j]);
        }
}

static void take_worst(struct grid *worst, const struct grid *g, const struct points *slews,
                       const struct points *loads)
{
    for (uint32_t i = 0; i < slews->count; i++)
        for (uint32_t j = 0; j < loads->count; j++)
            for (uint32_t k = 0; k < 2; k++)
                worst->value[i][j][k] = fmax(worst->value[i][j][k], g->value[i][j][k]);
}

static uint32_t segment_of(const struct points *p, double x)
{
    uint32_t s = 0;
    while (s + 2 < p->count && p->x[s + 1] <= x)
        s++;
    return s;
}

static double lookup(const struct grid *g, const struct points *slews, const struct points *loads,
                     double slew, double load, uint32_t k)
{
    uint32_t i = segment_of(slews, slew), j = segment_of(loads, load);
    double u = (slew - slews->x[i]) / (slews->x[i + 1] - slews->x[i]);
    double v = (load - loads->x[j]) / (loads->x[j + 1] - loads->x[j]);
    double a = g->value[i][j][k] + v * (g->value[i][j + 1][k] - g->value[i][j][k]);
    double b = g->value[i + 1][j][k] + v * (g->value[i + 1][j + 1][k] - g->value[i + 1][j][k]);
    return a + u * (b - a);
}

/* Sample q of 4 a segment, from 0 to half a segment beyond the end. */
static bool sample(const struct points *p, uint32_t q, double *x)
{
    if (q == 0) {
        *x = 0;
        return true;
    }
    uint32_t s = (q - 1) / 4, last = p->count - 2;
    double fraction = 0.25 * ((q - 1) % 4);
    if (s > last) {
        s = last;
        fraction += 1;
    }
    *x = p->x[s] + fraction * (p->x[s + 1] - p->x[s]);
    return q - 1 < 4 * p->count - 1;
}

static bool is_close(const struct grid *merged, const struct group *members, uint32_t count,
                     const struct points *slews, const struct points *loads)
{
    double x, y;
    for (uint32_t p = 0; sample(slews, p, &x); p++)
        for (uint32_t q = 0; sample(loads, q, &y); q++) {
            double worst[2] = {-INFINITY, -INFINITY};
            for (uint32_t m = 0; m < count; m++) {
                worst[0] = fmax(worst[0], mp_table_lookup(members[m].delay, x, y));
                worst[1] = fmax(worst[1], mp_table_lookup(members[m].slew, x, y));
            }
            for (uint32_t k = 0; k < 2; k++)
                if (fabs(lookup(merged, slews, loads, x, y, k) - worst[k]) >
                    MERGED_ERROR * fabs(worst[k]))
                    return false;
        }
    return true;
}

/* Puts groups that one table can stand for side by side: class_end[c] is the end of class c. */
static uint32_t classify(struct groups *g, uint32_t class_end[GROUPS], const struct points *slews,
                         const struct points *loads)
{
    struct grid merged, next;
    uint32_t done = 0, classes = 0;
    while (done < g->count) {
        uint32_t first = done++;
        fill(&merged, &g->group[first], slews, loads);
        for (uint32_t k = done; k < g->count; k++) {
            struct grid tried = merged;
            struct group candidate = g->group[k];
            fill(&next, &candidate, slews, loads);
            take_worst(&tried, &next, slews, loads);
            g->group[k] = g->group[done];
            g->group[done] = candidate;
            if (is_close(&tried, &g->group[first], done + 1 - first, slews, loads)) {
                merged = tried;
                done++;
            }
        }
        class_end[classes++] = done;
    }
    return classes;
}

static uint32_t store(struct mp_nldm_builder *b, const struct grid *g, const struct points *slews,
                      const struct points *loads)
{
    struct mp_nldm *n = b->n;
    uint32_t at = (uint32_t)n->value_count;
    for (uint32_t i = 0; i < slews->count; i++)
        for (uint32_t j = 0; j < loads->count; j++)
            for (uint32_t k = 0; k < 2; k++) {
                mp_grow(&n->values, n->value_count, &b->value_capacity, sizeof *n->values);
                n->values[n->value_count++] = (float)g->value[i][j][k];
            }
    return at;
}

/* Delay by load, ohm, in the segment that begins at load j. */
static double driver_ohm(const struct grid *g, const struct points *loads, uint32_t i, uint32_t j)
{
    double rise = g->value[i][j + 1][0] - g->value[i][j][0];
    return fabs(rise) / (loads->x[j + 1] - loads->x[j]);
}

/* Slews of the fitted waveform instead of the table's; the resistance at a load is between those of
 * the segments beside it. */
static void make_wired(struct grid *to, const struct grid *g, const struct mp_nldm_curve *curve,
                       double derate, const struct points *slews, const struct points *loads)
{
    *to = *g;
    for (uint32_t i = 0; i < slews->count; i++)
        for (uint32_t j = 0; j < loads->count; j++) {
            uint32_t left = j > 0 ? j - 1 : 0, right = j + 1 < loads->count ? j : j - 1;
            double ohm = (driver_ohm(g, loads, i, left) + driver_ohm(g, loads, i, right)) / 2;
            to->value[i][j][1] =
                mp_nldm_curve_slew(curve, g->value[i][j][1] * derate, ohm * loads->x[j]) / derate;
        }
}

static void store_arc(struct mp_nldm_builder *b, struct mp_nldm_arc arc, enum mp_edge to,
                      const struct grid *g, const struct points *slews, const struct points *loads)
{
    struct mp_nldm *n = b->n;
    struct grid wired;
    make_wired(&wired, g, &b->curve[to], n->library->slew_derate, slews, loads);
    arc.table = store(b, g, slews, loads);
    arc.wired = store(b, &wired, slews, loads);
    /* One place in the middle stands for all. */
    uint32_t i = slews->count / 3, j = (loads->count - 1) / 2;
    double ohm = driver_ohm(g, loads, i, j > 0 ? j - 1 : 0);
    arc.wired_ohm = (float)(1e-3 * ohm);
    mp_nldm_curve_shield(&b->curve[to], g->value[i][j][1] * n->library->slew_derate,
                         ohm * loads->x[j], arc.shield);
    arc.shield[1] /= (float)n->library->slew_derate;
    if (arc.wired_ohm < 1e-5f)
        arc.wired_ohm = INFINITY;
    mp_grow(&n->arcs, n->arc_count, &b->arc_capacity, sizeof *n->arcs);
    n->arcs[n->arc_count++] = arc;
    b->axis_uses[arc.slew_axis]++;
}

static bool add_arcs(struct mp_nldm_builder *b, struct groups *g, struct mp_nldm_arc arc,
                     enum mp_edge to, const struct points *loads)
{
    struct mp_nldm *n = b->n;
    struct points slews = {0};
    uint32_t class_end[GROUPS];
    for (uint32_t k = 0; k < g->count; k++)
        if (!add_axis(&slews, g->group[k].delay, MP_AXIS_SLEW) ||
            !add_axis(&slews, g->group[k].slew, MP_AXIS_SLEW))
            return false;
    complete(&slews, 0, 1e-9);
    uint32_t axis = axis_id(b, &slews, 1), classes = classify(g, class_end, &slews, loads);
    if (axis > UINT8_MAX)
        return false;
    n->merged_count += g->count > classes;
    n->kept_count += classes > 1;
    arc.slew_axis = (uint8_t)axis;
    arc.stride = (uint8_t)loads->count;
    for (uint32_t c = 0, k = 0; c < classes; c++) {
        struct grid merged, next;
        fill(&merged, &g->group[k++], &slews, loads);
        for (; k < class_end[c]; k++) {
            fill(&next, &g->group[k], &slews, loads);
            take_worst(&merged, &next, &slews, loads);
        }
        store_arc(b, arc, to, &merged, &slews, loads);
    }
    return true;
}

/* Does this timing group lead from an edge at its pin to an edge at the output? */
static bool leads(const struct mp_arc *arc, enum mp_edge from, enum mp_edge to)
{
    if ((to == MP_RISE ? arc->cell_rise : arc->cell_fall) == MP_NONE ||
        (to == MP_RISE ? arc->rise_transition : arc->fall_transition) == MP_NONE)
        return false;
    if (strcmp(arc->type, "rising_edge") == 0)
        return from == MP_RISE;
    if (strcmp(arc->type, "falling_edge") == 0)
        return from == MP_FALL;
    if (strcmp(arc->type, "combinational_rise") == 0 && to != MP_RISE)
        return false;
    if (strcmp(arc->type, "combinational_fall") == 0 && to != MP_FALL)
        return false;
    if (strncmp(arc->type, "combinational", 13) != 0)
        return false;
    return arc->sense == MP_UNATE_NONE || (from == to) == (arc->sense == MP_UNATE_POSITIVE);
}

static bool find_groups(struct groups *g, const struct mp_library *lib,
                        const struct mp_lib_pin *pin, uint32_t related, enum mp_edge from,
                        enum mp_edge to)
{
    g->count = 0;
    for (uint32_t k = 0; k < pin->arc_count; k++) {
        const struct mp_arc *arc = &lib->arcs[pin->first_arc + k];
        if (arc->related_pin != related || !leads(arc, from, to))
            continue;
        if (g->count == GROUPS)
            return false;
        uint32_t delay = to == MP_RISE ? arc->cell_rise : arc->cell_fall;
        uint32_t slew = to == MP_RISE ? arc->rise_transition : arc->fall_transition;
        g->group[g->count++] = (struct group){&lib->tables[delay], &lib->tables[slew]};
    }
    return true;
}

static bool find_loads(struct points *loads, const struct mp_library *lib,
                       const struct mp_lib_pin *pin)
{
    *loads = (struct points){0};
    for (uint32_t k = 0; k < pin->arc_count; k++) {
        const struct mp_arc *arc = &lib->arcs[pin->first_arc + k];
        const uint32_t ids[] = {arc->cell_rise, arc->cell_fall, arc->rise_transition,
                                arc->fall_transition};
        for (uint32_t i = 0; i < 4; i++)
            if (ids[i] != MP_NONE && (leads(arc, MP_RISE, i & 1) || leads(arc, MP_FALL, i & 1)) &&
                !add_axis(loads, &lib->tables[ids[i]], MP_AXIS_LOAD))
                return false;
    }
    complete(loads, 0, 1e-12);
    return true;
}

bool mp_nldm_build_output(struct mp_nldm_builder *b, const struct mp_nldm_cell *cell,
                          struct mp_nldm_output *out)
{
    struct mp_nldm *n = b->n;
    const struct mp_library *lib = n->library;
    const struct mp_lib_pin *pin = &lib->pins[lib->cells[cell->library_cell].first_pin + out->pin];
    struct points loads;
    struct groups g;
    if (!find_loads(&loads, lib, pin))
        return false;
    out->load_axis = axis_id(b, &loads, MP_NLDM_CAP_UNIT_F);
    out->first_arc = n->arc_count;
    for (uint32_t to = MP_RISE; to <= MP_FALL; to++) {
        if (to == MP_FALL)
            out->fall_arc = n->arc_count;
        for (uint32_t input = 0; input < cell->input_count; input++)
            for (uint32_t from = MP_RISE; from <= MP_FALL; from++) {
                struct mp_nldm_arc arc = {.input = (uint8_t)input,
                                          .from = (uint8_t)from,
                                          .cap = (float)cell->cap[input][from]};
                if (!find_groups(&g, lib, pin, cell->input_pin[input], from, to) ||
                    (g.count > 0 && !add_arcs(b, &g, arc, to, &loads)))
                    return false;
            }
    }
    out->end_arc = n->arc_count;
    return cell->kind == MP_NLDM_TIE ||
           (out->fall_arc > out->first_arc && out->end_arc > out->fall_arc);
}

/* Of several setup groups (under conditions) the longest. */
static bool build_setup(struct mp_nldm_builder *b, struct mp_nldm_cell *cell, uint32_t input,
                        enum mp_edge edge)
{
    struct mp_nldm *n = b->n;
    const struct mp_library *lib = n->library;
    const struct mp_lib_pin *pin =
        &lib->pins[lib->cells[cell->library_cell].first_pin + cell->input_pin[input]];
    const struct mp_table *tables[GROUPS];
    uint32_t count = 0;
    struct points slews = {0};
    cell->setup[input][edge] = MP_NONE;
    for (uint32_t k = 0; k < pin->arc_count; k++) {
        const struct mp_arc *arc = &lib->arcs[pin->first_arc + k];
        uint32_t id = edge == MP_RISE ? arc->rise_constraint : arc->fall_constraint;
        if (id == MP_NONE || arc->related_pin != cell->input_pin[cell->clock])
            continue;
        if (count == GROUPS || !add_axis(&slews, &lib->tables[id], MP_AXIS_SLEW))
            return false;
        tables[count++] = &lib->tables[id];
    }
    if (count == 0)
        return true;
    complete(&slews, 0, 1e-9);
    uint32_t axis = axis_id(b, &slews, 1);
    cell->setup[input][edge] = (uint32_t)n->value_count;
    cell->setup_axis[input][edge] = (uint8_t)axis;
    for (uint32_t i = 0; i < slews.count; i++) {
        double worst = -INFINITY;
        for (uint32_t k = 0; k < count; k++)
            worst = fmax(worst, mp_table_lookup(tables[k], slews.x[i], 0));
        mp_grow(&n->values, n->value_count, &b->value_capacity, sizeof *n->values);
        n->values[n->value_count++] = (float)worst;
    }
    return axis <= UINT8_MAX;
}

bool mp_nldm_build_setup(struct mp_nldm_builder *b, struct mp_nldm_cell *cell)
{
    bool ok = true;
    for (uint32_t input = 0; input < cell->input_count; input++)
        for (uint32_t edge = MP_RISE; edge <= MP_FALL; edge++)
            ok = build_setup(b, cell, input, edge) && ok;
    return ok;
}

static void exchange(uint8_t *axis, uint32_t with)
{
    if (*axis == 0)
        *axis = (uint8_t)with;
    else if (*axis == with)
        *axis = 0;
}

void mp_nldm_sort_axes(struct mp_nldm_builder *b)
{
    struct mp_nldm *n = b->n;
    uint32_t best = 0;
    for (uint32_t k = 1; k < n->axis_count; k++)
        if (b->axis_uses[k] > b->axis_uses[best])
            best = k;
    if (best == 0)
        return;
    struct mp_nldm_axis first = n->axes[0];
    n->axes[0] = n->axes[best];
    n->axes[best] = first;
    for (uint32_t k = 0; k < n->arc_count; k++)
        exchange(&n->arcs[k].slew_axis, best);
    for (uint32_t c = 0; c < n->cell_count; c++) {
        struct mp_nldm_cell *cell = &n->cells[c];
        for (uint32_t o = 0; o < cell->output_count; o++) {
            uint32_t *axis = &cell->outputs[o].load_axis;
            *axis = *axis == 0 ? best : *axis == best ? 0 : *axis;
        }
        for (uint32_t k = 0; k < MP_NLDM_INPUTS; k++)
            for (uint32_t e = 0; e < 2; e++)
                exchange(&cell->setup_axis[k][e], best);
    }
}
