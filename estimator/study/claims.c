#include "estimator/study/claims.h"

#include <math.h>
#include <stdio.h>

#define SIGNIFICANT 0.05

const char *mp_verdict_name(enum mp_verdict v)
{
    static const char *const names[] = {"not tested", "holds", "does not hold", "undecided"};

    return names[v];
}

static void clear(struct mp_claim *c)
{
    *c = (struct mp_claim){.verdict = MP_VERDICT_NOT_TESTED,
                           .value = (double)NAN,
                           .low = (double)NAN,
                           .high = (double)NAN,
                           .p = (double)NAN};
}

static bool keeps(const struct mp_search_point *p)
{
    return p->is_complete && p->kept.by_count;
}

/* The better of two of one width: by the share that is right where both were scored. */
static bool is_better(const struct mp_search_point *a, const struct mp_search_point *b,
                      uint32_t images)
{
    struct mp_paired pair;

    mp_paired_compare(&pair, b->ranks, a->ranks, images, 1);
    return pair.difference > 0;
}

const struct mp_search_point *mp_claim_narrowest(const struct mp_claim_formats *f,
                                                 enum mp_format_kind kind, unsigned exponent_most)
{
    const struct mp_search_point *best = NULL;

    for (size_t i = 0; i < f->count; i++) {
        const struct mp_search_point *p = f->points[i];
        const struct mp_format *w = &p->scheme.weight;
        if (w->kind != kind || (kind == MP_FORMAT_FLOAT && w->exponent_bits > exponent_most) ||
            !keeps(p))
            continue;
        if (best == NULL || w->bits < best->scheme.weight.bits ||
            (w->bits == best->scheme.weight.bits && is_better(p, best, f->images)))
            best = p;
    }
    return best;
}

/* The best of a kind of low..high bits, whether it keeps the accuracy or not; NULL: none measured.
 */
static const struct mp_search_point *best_of(const struct mp_claim_formats *f,
                                             enum mp_format_kind kind, unsigned low, unsigned high)
{
    const struct mp_search_point *best = NULL;

    for (size_t i = 0; i < f->count; i++) {
        const struct mp_search_point *p = f->points[i];
        if (p->scheme.weight.kind == kind && p->scheme.weight.bits >= low &&
            p->scheme.weight.bits <= high && (best == NULL || is_better(p, best, f->images)))
            best = p;
    }
    return best;
}

void mp_claim_storage(struct mp_claim *c, const struct mp_claim_formats *f)
{
    const struct mp_search_point *fixed = mp_claim_narrowest(f, MP_FORMAT_INT, 0);
    const struct mp_search_point *floating = mp_claim_narrowest(f, MP_FORMAT_FLOAT, 8);
    char fixed_name[MP_FORMAT_NAME_SIZE], float_name[MP_FORMAT_NAME_SIZE];

    clear(c);
    if (fixed == NULL || floating == NULL) {
        snprintf(c->reason, sizeof c->reason, "no %s format that was tried keeps the accuracy",
                 fixed == NULL ? "fixed-point" : "floating-point");
        return;
    }
    c->value = 1 - (double)floating->weight_bits / (double)fixed->weight_bits;
    mp_format_name(&fixed->scheme.weight, fixed_name);
    unsigned most = (unsigned)floor((1 - MP_CLAIMED_STORAGE) * fixed->scheme.weight.bits + 1e-9);
    const struct mp_search_point *candidate =
        floating->scheme.weight.bits <= most ? floating : best_of(f, MP_FORMAT_FLOAT, 2, most);
    if (candidate == NULL) {
        c->verdict = MP_VERDICT_UNDECIDED;
        snprintf(c->reason, sizeof c->reason, "%s needs a float of %u bits, and none was measured",
                 fixed_name, most);
        return;
    }
    mp_format_name(&candidate->scheme.weight, float_name);
    c->p = candidate->paired.p;
    c->verdict = keeps(candidate)                         ? MP_VERDICT_HOLDS
                 : candidate->kept.surely == MP_KEEPS_NOT ? MP_VERDICT_HOLDS_NOT
                                                          : MP_VERDICT_UNDECIDED;
    snprintf(c->reason, sizeof c->reason,
             "fixed point needs %s; the best float of %u bits, %s, changes top-1 by %+.1f points "
             "(%+.1f to %+.1f)",
             fixed_name, candidate->scheme.weight.bits, float_name,
             100 * candidate->paired.difference, 100 * candidate->paired.low,
             100 * candidate->paired.high);
}

void mp_claim_range(struct mp_claim *c, const struct mp_claim_formats *f)
{
    const struct mp_search_point *fixed = mp_claim_narrowest(f, MP_FORMAT_INT, 0);
    const struct mp_search_point *floating = mp_claim_narrowest(f, MP_FORMAT_FLOAT, 8);
    char fixed_name[MP_FORMAT_NAME_SIZE], float_name[MP_FORMAT_NAME_SIZE];
    struct mp_paired pair;
    unsigned bits;

    clear(c);
    if (fixed == NULL && floating == NULL) {
        snprintf(c->reason, sizeof c->reason, "no format that was tried keeps the accuracy");
        return;
    }
    bits = fixed == NULL                                              ? floating->scheme.weight.bits
           : floating == NULL                                         ? fixed->scheme.weight.bits
           : floating->scheme.weight.bits < fixed->scheme.weight.bits ? floating->scheme.weight.bits
                                                                      : fixed->scheme.weight.bits;
    fixed = best_of(f, MP_FORMAT_INT, bits, bits);
    floating = best_of(f, MP_FORMAT_FLOAT, bits, bits);
    if (fixed == NULL || floating == NULL) {
        c->verdict = MP_VERDICT_UNDECIDED;
        snprintf(c->reason, sizeof c->reason, "no %s format of %u bits was measured",
                 fixed == NULL ? "fixed-point" : "floating-point", bits);
        return;
    }
    mp_paired_compare(&pair, fixed->ranks, floating->ranks, f->images, 1);
    c->value = pair.difference;
    c->low = pair.low;
    c->high = pair.high;
    c->p = pair.p;
    c->verdict = pair.p >= SIGNIFICANT ? MP_VERDICT_UNDECIDED
                 : pair.difference > 0 ? MP_VERDICT_HOLDS
                                       : MP_VERDICT_HOLDS_NOT;
    snprintf(c->reason, sizeof c->reason, "%s against %s on %u images: %u more and %u fewer right",
             mp_format_name(&floating->scheme.weight, float_name),
             mp_format_name(&fixed->scheme.weight, fixed_name), pair.images, pair.won, pair.lost);
}

void mp_claim_exponent(struct mp_claim *c, const struct mp_claim_formats *f)
{
    const struct mp_search_point *any = mp_claim_narrowest(f, MP_FORMAT_FLOAT, 8);
    const struct mp_search_point *moderate =
        mp_claim_narrowest(f, MP_FORMAT_FLOAT, MP_CLAIMED_EXPONENT);
    char any_name[MP_FORMAT_NAME_SIZE], moderate_name[MP_FORMAT_NAME_SIZE];

    clear(c);
    if (any == NULL) {
        snprintf(c->reason, sizeof c->reason,
                 "no floating-point format that was tried keeps the accuracy");
        return;
    }
    c->value = any->scheme.weight.exponent_bits;
    mp_format_name(&any->scheme.weight, any_name);
    if (moderate != NULL && moderate->scheme.weight.bits == any->scheme.weight.bits) {
        c->verdict = MP_VERDICT_HOLDS;
        snprintf(c->reason, sizeof c->reason, "%s is as narrow as any that keeps the accuracy",
                 mp_format_name(&moderate->scheme.weight, moderate_name));
        return;
    }
    c->verdict = MP_VERDICT_HOLDS_NOT;
    snprintf(c->reason, sizeof c->reason, "%s is narrower than the narrowest with E <= %d, %s",
             any_name, MP_CLAIMED_EXPONENT,
             moderate != NULL ? mp_format_name(&moderate->scheme.weight, moderate_name)
                              : "of which none keeps the accuracy");
}

void mp_claim_power(struct mp_claim *c, const struct mp_claim_power *power, double claimed)
{
    clear(c);
    if (!(power->fixed > 0) || !(power->floating > 0)) {
        snprintf(c->reason, sizeof c->reason, "no power of both");
        return;
    }
    double ratio = power->floating / power->fixed;
    double half_width = ratio * hypot(power->fixed_half_width / power->fixed,
                                      power->floating_half_width / power->floating);
    c->value = 1 - ratio;
    c->low = c->value - half_width;
    c->high = c->value + half_width;
    c->verdict = c->low >= claimed   ? MP_VERDICT_HOLDS
                 : c->high < claimed ? MP_VERDICT_HOLDS_NOT
                                     : MP_VERDICT_UNDECIDED;
    snprintf(c->reason, sizeof c->reason, "%+.1f %% (%+.1f to %+.1f)", -100 * c->value,
             -100 * c->high, -100 * c->low);
}
