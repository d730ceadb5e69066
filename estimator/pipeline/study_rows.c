#include "estimator/pipeline/study_parts.h"
#include "estimator/util/number.h"
#include <math.h>
#include <string.h>

static const char *column(int count, const char *const *names, const char *const *values,
                          const char *key)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], key) == 0)
            return values[i];
    return NULL;
}

static double number(int count, const char *const *names, const char *const *values,
                     const char *key)
{
    const char *text = column(count, names, values, key);
    double x = 0;

    return text != NULL && mp_parse_double(text, &x) ? x : 0;
}

/* The design of that library, unit and weight format, made where it is not there yet. */
static struct mp_study_design *design_of(struct mp_study_rows *r, const char *library,
                                         enum mp_unit unit, const struct mp_format *weight)
{
    struct mp_study_network *n = r->network;
    struct mp_study_design *d;

    for (size_t i = r->first; i < n->design_count; i++)
        if (n->designs[i].unit == unit && mp_format_equal(&n->designs[i].weight, weight) &&
            strcmp(n->designs[i].library, library) == 0)
            return &n->designs[i];
    mp_grow(&n->designs, n->design_count, &n->design_capacity, sizeof *n->designs);
    d = &n->designs[n->design_count++];
    *d = (struct mp_study_design){.unit = unit,
                                  .scope = r->scope,
                                  .weight = *weight,
                                  .activation = r->activation,
                                  .is_found = mp_format_equal(weight, &r->found[0]) ||
                                              mp_format_equal(weight, &r->found[1])};
    for (size_t i = 0; i < r->study->library_count; i++)
        if (strcmp(r->study->libraries[i], library) == 0)
            d->library = r->study->libraries[i];
    return d;
}

/* Sums for now; finish_designs() makes averages of them. Rows come by falling share. */
int mp_study_take_row(void *context, int count, const char *const *names, const char *const *values,
                      const char *types)
{
    struct mp_study_rows *r = context;
    const char *layer = column(count, names, values, "layer");
    struct mp_format weight;
    enum mp_unit unit;

    (void)types;
    if ((layer != NULL && layer[0] != '\0') ||
        mp_format_parse(&weight, column(count, names, values, "weight_format"), NULL) < 0 ||
        mp_unit_parse(&unit, column(count, names, values, "unit"), NULL) < 0)
        return 0;
    struct mp_study_design *d =
        design_of(r, column(count, names, values, "library"), unit, &weight);
    double share = number(count, names, values, "mac_share");
    double half = number(count, names, values, "power_half_width_w");
    double total_half = number(count, names, values, "total_half_width_w");
    if (d->area_um2 <= 0) {
        d->area_um2 = number(count, names, values, "area_um2");
        d->critical_path_s = number(count, names, values, "critical_path_s");
        d->clock_period_s = number(count, names, values, "clock_period_s");
        d->accumulator_bits = (uint32_t)number(count, names, values, "accumulator_bits");
    }
    d->mac_share += share;
    d->macs += number(count, names, values, "macs");
    d->functional_w += share * number(count, names, values, "power_w");
    d->total_w += share * number(count, names, values, "total_w");
    d->functional_half_width_w = hypot(d->functional_half_width_w, share * half);
    d->total_half_width_w = hypot(d->total_half_width_w, share * total_half);
    d->is_synthetic |= number(count, names, values, "synthetic") > 0;
    return 0;
}

int mp_study_finish_rows(struct mp_study_rows *r, struct mp_error *err)
{
    struct mp_study_network *n = r->network;

    for (size_t i = r->first; i < n->design_count; i++) {
        struct mp_study_design *d = &n->designs[i];
        if (!(d->mac_share > 0) || d->library == NULL || !(d->functional_w > 0) ||
            !(d->total_w > 0))
            return mp_fail(err, MP_E_DATABASE,
                           "the database does not say the power of an estimate of %s, or what "
                           "share of the network it is of",
                           n->preset);
        d->functional_w /= d->mac_share;
        d->total_w /= d->mac_share;
        d->functional_half_width_w /= d->mac_share;
        d->total_half_width_w /= d->mac_share;
    }
    return MP_OK;
}
