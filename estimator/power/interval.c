#include "estimator/power/interval.h"
#include "estimator/util/memory.h"
#include <math.h>
#include <stdlib.h>

double mp_interval_relative(const struct mp_interval *i)
{
    if (i->half_width == 0.0)
        return 0.0;
    return i->value == 0.0 ? (double)INFINITY : i->half_width / fabs(i->value);
}

/* P(|T| <= t) by the finite series for whole degrees. */
static double student_within(double t, uint32_t degrees)
{
    double angle = atan2(t, sqrt(degrees)), sine = sin(angle), cosine = cos(angle);
    double term = degrees % 2 ? cosine : 1.0, sum = degrees == 1 ? 0.0 : term;

    for (uint32_t k = degrees % 2 ? 3 : 2; k + 1 < degrees; k += 2) {
        term *= (double)(k - 1) / k * cosine * cosine;
        sum += term;
    }
    return degrees % 2 ? 2.0 / acos(-1.0) * (angle + sine * sum) : sine * sum;
}

double mp_interval_student_95(uint32_t degrees)
{
    double low = 1.9, high = 13.0; /* of infinitely many degrees and of one */

    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high);
        if (student_within(middle, degrees) < 0.95)
            low = middle;
        else
            high = middle;
    }
    return high;
}

void mp_interval_pseudo_values(double *values, double all, const double *without, uint32_t count)
{
    /* all + (n - 1) * (all - without): exactly `all` where the batch changes nothing. */
    for (uint32_t b = 0; b < count; b++)
        values[b] = all + (count - 1) * (all - without[b]);
}

int mp_interval_make(struct mp_interval *out, double value, const double *values, uint32_t count,
                     struct mp_error *err)
{
    double mean = 0.0, squares = 0.0;

    if (count < 2)
        return mp_fail(err, MP_E_INPUT, "an interval from %u batches; it takes two", count);
    for (uint32_t b = 0; b < count; b++)
        mean += (values[b] - mean) / (b + 1);
    for (uint32_t b = 0; b < count; b++)
        squares += (values[b] - mean) * (values[b] - mean);
    if (!isfinite(value) || !isfinite(squares))
        return mp_fail(err, MP_E_INPUT, "an interval of values that are not numbers");
    *out = (struct mp_interval){.value = value,
                                .half_width = mp_interval_student_95(count - 1) *
                                              sqrt(squares / (count - 1) / count),
                                .batches = count};
    return MP_OK;
}

static int check_pair(const struct mp_interval *a, const struct mp_interval *b,
                      struct mp_error *err)
{
    if (a->batches == b->batches)
        return MP_OK;
    return mp_fail(err, MP_E_INPUT,
                   "a comparison of %u batches with %u: both need the same batches of operands",
                   a->batches, b->batches);
}

int mp_interval_difference(struct mp_interval *out, const struct mp_interval *a,
                           const double *a_values, const struct mp_interval *b,
                           const double *b_values, struct mp_error *err)
{
    int rc = check_pair(a, b, err);

    if (rc < 0)
        return rc;
    double *values = mp_alloc(a->batches, sizeof *values);
    for (uint32_t i = 0; i < a->batches; i++)
        values[i] = a_values[i] - b_values[i];
    rc = mp_interval_make(out, a->value - b->value, values, a->batches, err);
    free(values);
    return rc;
}

int mp_interval_reduction(struct mp_interval *out, const struct mp_interval *a,
                          const double *a_values, const struct mp_interval *b,
                          const double *b_values, struct mp_error *err)
{
    double ratio = a->value / b->value;
    int rc = check_pair(a, b, err);

    if (rc < 0)
        return rc;
    if (!isfinite(ratio))
        return mp_fail(err, MP_E_INPUT, "a reduction against a power of %g", b->value);
    /* What a batch adds to the ratio, to first order (Cochran, section 6.4). */
    double *values = mp_alloc(a->batches, sizeof *values);
    for (uint32_t i = 0; i < a->batches; i++)
        values[i] = 1.0 - ratio - (a_values[i] - ratio * b_values[i]) / b->value;
    rc = mp_interval_make(out, 1.0 - ratio, values, a->batches, err);
    free(values);
    return rc;
}
