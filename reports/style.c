#include "reports/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_DIGITS 3
#define MOST_DECIMALS  6

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sizes of a column's values other than zero, sorted; the caller frees. */
static double *sorted_sizes(const struct mp_report *r, size_t column, size_t *count)
{
    double *sizes = mp_alloc(r->row_count + 1, sizeof *sizes);
    *count = 0;
    for (size_t row = 0; row < r->row_count; row++) {
        double x = fabs(r->cells[row * r->column_count + column].number);
        if (x > 0)
            sizes[(*count)++] = x;
    }
    qsort(sizes, *count, sizeof *sizes, compare);
    return sizes;
}

static int order_of(double x)
{
    return (int)floor(log10(x));
}

/* The SI prefix in which `x` has one to three digits before the point. */
static void choose_prefix(const char *unit, double x, struct mp_column_style *style)
{
    static const char prefixes[] = "afpnum kMGT";
    int step = (int)floor(log10(x) / 3);
    step = step < -6 ? -6 : step > 4 ? 4 : step;
    style->factor = pow(10, -3 * step);
    if (step == 0)
        snprintf(style->unit, sizeof style->unit, "%s", unit);
    else
        snprintf(style->unit, sizeof style->unit, "%c%s", prefixes[step + 6], unit);
}

static bool is_scaled(const char *unit)
{
    return strcmp(unit, "W") == 0 || strcmp(unit, "J") == 0 || strcmp(unit, "s") == 0 ||
           strcmp(unit, "F") == 0;
}

/* Enough decimals for `digits` digits of the median, and up to two more where they show two digits
 * (or at least one) of the smallest value. */
static int choose_decimals(double median, double smallest, int digits)
{
    int decimals = digits - 1 - order_of(median);
    int wanted = 1 - order_of(smallest);
    decimals = decimals < 0 ? 0 : decimals;
    if (wanted > decimals && wanted - 1 <= decimals + 2)
        decimals = wanted < decimals + 2 ? wanted : decimals + 2;
    return decimals > MOST_DECIMALS ? MOST_DECIMALS : decimals;
}

void mp_report_style(const struct mp_report *r, size_t column, struct mp_column_style *style)
{
    const struct mp_column *c = &r->columns[column];
    *style = (struct mp_column_style){.factor = 1};
    if (c->kind == MP_COLUMN_PERCENT || c->kind == MP_COLUMN_SHARE) {
        *style = (struct mp_column_style){100, "%", c->digits ? c->digits : 1};
        if (c->unit && *c->unit) /* points: a difference of two shares */
            snprintf(style->unit, sizeof style->unit, "%s", c->unit);
        return;
    }
    snprintf(style->unit, sizeof style->unit, "%s", c->unit ? c->unit : "");
    if (c->kind != MP_COLUMN_NUMBER)
        return;
    size_t count;
    double *sizes = sorted_sizes(r, column, &count);
    if (count > 0) {
        double median = sizes[count / 2];
        if (is_scaled(style->unit))
            choose_prefix(c->unit, median, style);
        style->decimals = choose_decimals(median * style->factor, sizes[0] * style->factor,
                                          c->digits ? c->digits : DEFAULT_DIGITS);
    }
    free(sizes);
}

void mp_report_cell(const struct mp_report *r, size_t row, size_t column,
                    const struct mp_column_style *style, struct mp_text *out)
{
    const struct mp_value *v = &r->cells[row * r->column_count + column];
    enum mp_column_kind kind = r->columns[column].kind;
    if (v->is_null) {
        mp_text_add(out, "-");
        return;
    }
    if (kind == MP_COLUMN_TEXT) {
        mp_text_add(out, v->text);
        return;
    }
    double x = v->number * style->factor;
    /* What would round to zero without being zero keeps its size; "-0.0" is nobody's wish. */
    bool vanishes = fabs(x) < 0.5 * pow(10, -style->decimals);
    if (vanishes && x != 0 && kind == MP_COLUMN_NUMBER)
        mp_text_printf(out, "%.1e", x);
    else if (kind == MP_COLUMN_PERCENT && !vanishes)
        mp_text_printf(out, "%+.*f", style->decimals, x);
    else
        mp_text_printf(out, "%.*f", style->decimals, vanishes ? 0.0 : x);
}
