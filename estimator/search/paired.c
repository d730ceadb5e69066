#include "estimator/search/paired.h"
#include "estimator/cnn/score.h"

#include <math.h>
#include <string.h>

/* The normal distribution's 97.5 % quantile. */
static const double z975 = 1.959963984540054;
/* Counts times a decimal tolerance: 0.01 * 300 is 3. */
static const double rounding = 1e-9;

/* lgamma() sets a global sign. */
static double log_gamma(double x)
{
    int sign;

    return lgamma_r(x, &sign);
}

static double log_choose(double n, double k)
{
    return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1);
}

static double sign_test(uint32_t lost, uint32_t won)
{
    uint32_t n = lost + won, least = lost < won ? lost : won;
    bool is_small = n <= 1000; /* 2^-n and its multiples are exact enough */
    double tail = 0, term = is_small ? ldexp(1, -(int)n) : 0;

    if (n - 2 * least <= 1)
        return 1;
    for (uint32_t k = 0; k <= least; k++) {
        if (!is_small)
            term = exp(log_choose(n, k) - n * log(2));
        tail += term;
        term *= (double)(n - k) / (k + 1);
    }
    return fmin(1, 2 * tail);
}

struct wilson {
    double share, low, high;
};

static struct wilson wilson(double right, double n)
{
    double p = right / n, z2 = z975 * z975;
    double middle = right + z2 / 2, half = z975 * sqrt(z2 / 4 + right * (1 - p));

    return (struct wilson){p, (middle - half) / (n + z2), (middle + half) / (n + z2)};
}

/* The correlation of both results, less a continuity correction where it is positive. */
static double correlation(double both, double lost, double won, double neither)
{
    double margins = (both + lost) * (won + neither) * (both + won) * (lost + neither);
    double determinant = both * neither - lost * won;

    if (margins == 0)
        return 0;
    if (determinant > 0)
        determinant = fmax(0, determinant - (both + lost + won + neither) / 2);
    return determinant / sqrt(margins);
}

/* Newcombe's equations for method 10, with the candidate as the first proportion. */
static void set_interval(struct mp_paired *p)
{
    double n = p->images;
    struct wilson c = wilson(p->both + p->won, n), r = wilson(p->both + p->lost, n);
    double phi = correlation(p->both, p->won, p->lost, p->neither);
    double down = c.share - c.low, up = r.high - r.share;
    double low2 = down * down - 2 * phi * down * up + up * up;

    p->low = p->difference - sqrt(fmax(0, low2));
    up = c.high - c.share;
    down = r.share - r.low;
    p->high = p->difference + sqrt(fmax(0, up * up - 2 * phi * up * down + down * down));
}

void mp_paired_from_counts(struct mp_paired *p, uint32_t both, uint32_t lost, uint32_t won,
                           uint32_t neither)
{
    *p = (struct mp_paired){.images = both + lost + won + neither,
                            .both = both,
                            .lost = lost,
                            .won = won,
                            .neither = neither,
                            .low = -1,
                            .high = 1,
                            .p = sign_test(lost, won)};
    if (p->images == 0)
        return;
    p->difference = ((double)won - lost) / p->images;
    set_interval(p);
}

void mp_paired_compare(struct mp_paired *p, const uint8_t *reference, const uint8_t *candidate,
                       uint32_t images, uint32_t k)
{
    uint32_t counts[2][2] = {{0, 0}, {0, 0}}; /* [reference right][candidate right] */

    for (uint32_t i = 0; i < images; i++)
        if (reference[i] != MP_RANK_NOT_SCORED && candidate[i] != MP_RANK_NOT_SCORED)
            counts[reference[i] < k][candidate[i] < k]++;
    mp_paired_from_counts(p, counts[1][1], counts[1][0], counts[0][1], counts[0][0]);
}

static double reference_right(const struct mp_paired *p)
{
    return (double)p->both + p->lost;
}

struct mp_kept mp_paired_keeps(const struct mp_paired *p, double tolerance)
{
    struct mp_kept kept = {false, MP_KEEPS_UNDECIDED};
    double allowed = tolerance * reference_right(p), share;

    if (p->images == 0)
        return kept;
    kept.by_count = (double)p->lost - p->won <= allowed + rounding;
    share = allowed / p->images;
    if (p->low >= -share)
        kept.surely = MP_KEEPS_SURELY;
    else if (p->high < -share)
        kept.surely = MP_KEEPS_NOT;
    return kept;
}

const char *mp_keeps_name(enum mp_keeps k)
{
    static const char *const names[] = {"not", "undecided", "surely"};

    return names[k];
}

static double log_beta(double a, double b)
{
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
}

/* The chance of k of n to come, after `yes` and `no` so far. */
static double predictive(double k, double n, double yes, double no)
{
    double a = yes + 0.5, b = no + 0.5;

    return exp(log_choose(n, k) + log_beta(k + a, n - k + b) - log_beta(a, b));
}

double mp_paired_hope(const struct mp_paired *p, uint32_t left_right, uint32_t left_wrong,
                      double tolerance)
{
    double allowed = floor(tolerance * (reference_right(p) + left_right) + rounding);
    double spare = allowed - p->lost + p->won; /* losses less wins that may still come */
    double hope = 0, few_losses = 0;
    uint32_t losses = 0;

    if (spare + left_wrong < 0)
        return 0;
    for (uint32_t wins = 0; wins <= left_wrong; wins++) {
        for (; losses <= left_right && losses <= spare + wins; losses++)
            few_losses += predictive(losses, left_right, p->lost, p->both);
        hope += few_losses * predictive(wins, left_wrong, p->won, p->neither);
    }
    return fmin(1, hope);
}
