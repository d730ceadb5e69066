#include "reports/noise.h"

#include "estimator/util/memory.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *mp_noise_verdict_name(enum mp_noise_verdict v)
{
    static const char *const names[] = {"undecided", "less", "more"};
    return names[v];
}

struct ranked {
    double value;
    bool of_a;
    uint32_t rank2; /* twice its rank; ties share the mean of theirs */
};

static int by_value(const void *x, const void *y)
{
    double a = ((const struct ranked *)x)->value, b = ((const struct ranked *)y)->value;
    return (a > b) - (a < b);
}

static struct ranked *rank(const double *a, uint32_t a_count, const double *b, uint32_t b_count)
{
    uint32_t n = a_count + b_count;
    struct ranked *r = mp_alloc(n + 1u, sizeof *r);
    for (uint32_t k = 0; k < n; k++)
        r[k] = (struct ranked){k < a_count ? a[k] : b[k - a_count], k < a_count, 0};
    qsort(r, n, sizeof *r, by_value);
    for (uint32_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && r[end].value <= r[first].value;)
            end++;
        for (uint32_t k = first; k < end; k++)
            r[k].rank2 = first + end + 1;
    }
    return r;
}

/* P(|sum of ranks - its mean| >= distance2 / 2) over all ways to choose a's runs among all. */
static double exact_p(const struct ranked *r, uint32_t n, uint32_t chosen, double distance2)
{
    uint32_t top = n * (n + 1);
    /* ways[c][s]: so many subsets of c runs have twice a rank sum of s. */
    double *ways = mp_alloc((size_t)(chosen + 1) * (top + 1), sizeof *ways);
    ways[0] = 1;
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t c = k + 1 < chosen ? k + 1 : chosen; c >= 1; c--)
            for (uint32_t s = r[k].rank2; s <= top; s++)
                ways[(size_t)c * (top + 1) + s] +=
                    ways[(size_t)(c - 1) * (top + 1) + s - r[k].rank2];
    double mean2 = (double)chosen * (n + 1), far = 0, all = 0;
    for (uint32_t s = 0; s <= top; s++) {
        double w = ways[(size_t)chosen * (top + 1) + s];
        all += w;
        if (fabs(s - mean2) >= distance2 - 0.5)
            far += w;
    }
    free(ways);
    return far / all;
}

static double normal_p(const struct ranked *r, uint32_t n, uint32_t chosen, double distance2)
{
    double ties = 0, other = n - chosen;
    for (uint32_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && r[end].rank2 == r[first].rank2;)
            end++;
        double t = end - first;
        ties += t * t * t - t;
    }
    double variance = chosen * other / 12 * (n + 1 - ties / ((double)n * (n - 1)));
    if (variance <= 0)
        return 1;
    double z = fmax(0, distance2 / 2 - 0.5) / sqrt(variance);
    return erfc(z / sqrt(2));
}

static int ascending(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static void summarise(const double *x, uint32_t count, double *median, double *spread)
{
    *median = *spread = NAN;
    if (!count)
        return;
    double *sorted = mp_alloc(count, sizeof *sorted);
    memcpy(sorted, x, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, ascending);
    *median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    if (fabs(sorted[0]) > 0)
        *spread = (sorted[count - 1] - sorted[0]) / fabs(sorted[0]);
    free(sorted);
}

/* 2 / (n choose k): both ends of all ways to choose. */
static double least_p(uint32_t n, uint32_t k)
{
    double ways = 1;
    for (uint32_t i = 1; i <= k; i++)
        ways = ways * (n - k + i) / i;
    return fmin(1, 2 / ways);
}

void mp_noise_compare(struct mp_noise *out, const double *a, uint32_t a_count, const double *b,
                      uint32_t b_count, double alpha)
{
    double median_a, median_b;
    *out = (struct mp_noise){.p = 1, .p_least = 1, .chance = NAN};
    summarise(a, a_count, &median_a, &out->spread_a);
    summarise(b, b_count, &median_b, &out->spread_b);
    out->shift = fabs(median_b) > 0 ? (median_a - median_b) / fabs(median_b) : NAN;
    if (!a_count || !b_count)
        return;
    uint32_t n = a_count + b_count;
    struct ranked *r = rank(a, a_count, b, b_count);
    double sum2 = 0;
    for (uint32_t k = 0; k < n; k++)
        sum2 += r[k].of_a ? r[k].rank2 : 0;
    double offset2 = sum2 - (double)a_count * (n + 1);
    out->chance = 0.5 - offset2 / 2 / ((double)a_count * b_count);
    out->p_least = least_p(n, a_count);
    out->p = n <= MP_NOISE_EXACT ? exact_p(r, n, a_count, fabs(offset2))
                                 : normal_p(r, n, a_count, fabs(offset2));
    if (out->p <= alpha)
        out->verdict = offset2 < 0 ? MP_NOISE_LESS : MP_NOISE_MORE;
    free(r);
}
