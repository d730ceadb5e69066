#include "estimator/cli/study_tables.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(x)                                                                                    \
    {                                                                                              \
        .text = (x), .is_null = (x) == NULL                                                        \
    }
#define NUMBER(x)                                                                                  \
    {                                                                                              \
        .number = isfinite(x) ? (x) : 0, .is_null = !isfinite(x)                                   \
    }

/* The claims in the order of the tables. */
enum { STORAGE, RANGE, EXPONENT, POWER, POWER_GIVEN, CLAIMS };
static const char *const claim_names[CLAIMS] = {"36 % less storage", "range matters more",
                                                "E <= 4 is enough", "50 % less power",
                                                "50 % less power, formats given"};

/* One claim about one network. */
struct answer {
    int claim;
    const struct mp_study_network *network;
    const char *scope, *library; /* library NULL: says nothing of hardware */
    bool is_synthetic;
    struct mp_claim c;
};

struct answers {
    struct answer *items;
    size_t count, capacity;
};

static void add(struct answers *all, const struct answer *one)
{
    mp_grow(&all->items, all->count, &all->capacity, sizeof *all->items);
    all->items[all->count++] = *one;
}

static void ask_of_formats(struct answers *all, const struct mp_study *s,
                           const struct mp_study_network *n)
{
    void (*const questions[])(struct mp_claim *, const struct mp_claim_formats *) = {
        mp_claim_storage, mp_claim_range, mp_claim_exponent};
    const struct mp_search_point **points = mp_alloc(n->search.point_count + 1, sizeof *points);

    for (uint32_t i = 0; i < n->search.scope_count; i++) {
        enum mp_scope scope = n->search.scopes[i].scope;
        const struct mp_claim_formats f = {.points = points,
                                           .count = mp_study_formats_alone(n, scope, points),
                                           .images = n->search.reference.scored,
                                           .tolerance = s->settings->tolerance};
        for (int k = STORAGE; k <= EXPONENT; k++) {
            struct answer a = {.claim = k, .network = n, .scope = mp_scope_name(scope)};
            questions[k](&a.c, &f);
            add(all, &a);
        }
    }
    free(points);
}

static void ask_of_power(struct answers *all, const struct mp_study *s,
                         const struct mp_study_network *n)
{
    for (size_t i = 0; i < n->design_count; i++) {
        const struct mp_study_design *d = &n->designs[i], *b = mp_study_baseline(s, n, d);
        char weight[MP_FORMAT_NAME_SIZE], baseline[MP_FORMAT_NAME_SIZE], change[192];
        if (b == NULL || d->unit != MP_UNIT_MULTIPLIER || d->weight.kind != MP_FORMAT_FLOAT)
            continue;
        struct answer a = {.claim = d->is_found ? POWER : POWER_GIVEN,
                           .network = n,
                           .scope = mp_scope_name(d->scope),
                           .library = d->library,
                           .is_synthetic = d->is_synthetic};
        mp_claim_power(&a.c,
                       &(struct mp_claim_power){b->total_w, b->total_half_width_w, d->total_w,
                                                d->total_half_width_w},
                       MP_CLAIMED_POWER);
        memcpy(change, a.c.reason, sizeof change);
        snprintf(a.c.reason, sizeof a.c.reason, "%s in place of %s: %.150s",
                 mp_format_name(&d->weight, weight), mp_format_name(&b->weight, baseline), change);
        add(all, &a);
    }
}

static void ask(struct answers *all, const struct mp_study *s)
{
    *all = (struct answers){0};
    for (size_t i = 0; i < s->network_count; i++) {
        if (s->networks[i].has_search)
            ask_of_formats(all, s, &s->networks[i]);
        ask_of_power(all, s, &s->networks[i]);
    }
}

static double claimed(int claim)
{
    switch (claim) {
    case STORAGE:
        return 100 * MP_CLAIMED_STORAGE;
    case RANGE:
        return (double)NAN;
    case EXPONENT:
        return MP_CLAIMED_EXPONENT;
    default:
        return 100 * MP_CLAIMED_POWER;
    }
}

static double factor(int claim)
{
    return claim == EXPONENT ? 1 : 100;
}

struct mp_report *mp_study_table_claims(const struct mp_study *s)
{
    static const struct mp_column columns[] = {
        {"claim", "claim", "", MP_COLUMN_TEXT, 0},
        {"network", "network", "", MP_COLUMN_TEXT, 0},
        {"operands", "operands", "", MP_COLUMN_TEXT, 0},
        {"weight_scope", "one scale a", "", MP_COLUMN_TEXT, 0},
        {"library", "library", "", MP_COLUMN_TEXT, 0},
        {"claimed", "claimed", "", MP_COLUMN_NUMBER, 3},
        {"found", "found", "", MP_COLUMN_NUMBER, 3},
        {"low", "from", "", MP_COLUMN_NUMBER, 3},
        {"high", "to", "", MP_COLUMN_NUMBER, 3},
        {"p", "p", "", MP_COLUMN_NUMBER, 2},
        {"verdict", "verdict", "", MP_COLUMN_TEXT, 0},
        {"reason", "why", "", MP_COLUMN_TEXT, 0},
    };
    struct mp_report *r = mp_report_create("the paper's claims, one by one", columns,
                                           sizeof columns / sizeof *columns);
    struct answers all;

    ask(&all, s);
    for (int claim = 0; claim < CLAIMS; claim++)
        for (size_t i = 0; i < all.count; i++) {
            const struct answer *a = &all.items[i];
            double f = factor(claim);
            if (a->claim != claim)
                continue;
            const struct mp_value row[] = {
                TEXT(claim_names[claim]),
                TEXT(a->network->preset),
                {.text = a->is_synthetic ? "synthetic" : NULL, .is_null = !a->is_synthetic},
                TEXT(a->scope),
                TEXT(a->library),
                NUMBER(claimed(claim)),
                NUMBER(f * a->c.value),
                NUMBER(f * a->c.low),
                NUMBER(f * a->c.high),
                NUMBER(a->c.p),
                TEXT(mp_verdict_name(a->c.verdict)),
                {.text = a->c.reason},
            };
            mp_report_add_row(r, row);
        }
    free(all.items);
    mp_report_add_note(r, "claimed and found: percent (storage, power), points of top-1 (range), "
                          "bits of exponent; from, to: 95 %% interval; p: of no difference "
                          "between two formats on the same images");
    mp_report_add_note(r, "storage, range and exponent: weights alone; power: of the multiplier, "
                          "with glitches");
    return r;
}

/* Of a claim "up to", one network that reaches it is enough; the others are for each network. */
static enum mp_verdict overall(int claim, const size_t verdicts[4])
{
    bool up_to = claim != RANGE && claim != EXPONENT;
    size_t holds = verdicts[MP_VERDICT_HOLDS], fails = verdicts[MP_VERDICT_HOLDS_NOT];

    if (holds + fails + verdicts[MP_VERDICT_UNDECIDED] == 0)
        return MP_VERDICT_NOT_TESTED;
    if (up_to && holds > 0)
        return MP_VERDICT_HOLDS;
    if (holds == 0 && verdicts[MP_VERDICT_UNDECIDED] == 0)
        return MP_VERDICT_HOLDS_NOT;
    return fails == 0 && verdicts[MP_VERDICT_UNDECIDED] == 0 ? MP_VERDICT_HOLDS
                                                             : MP_VERDICT_UNDECIDED;
}

static void add_verdict(struct mp_report *r, const struct answers *all, int claim)
{
    size_t verdicts[4] = {0};
    const struct answer *best = NULL;
    char *where = NULL;

    for (size_t i = 0; i < all->count; i++) {
        const struct answer *a = &all->items[i];
        if (a->claim != claim || a->is_synthetic)
            continue;
        verdicts[a->c.verdict]++;
        if (isfinite(a->c.value) && (best == NULL || a->c.value > best->c.value))
            best = a;
    }
    if (best != NULL)
        where = mp_asprintf("%s, one scale a %s%s%s", best->network->preset, best->scope,
                            best->library != NULL ? ", " : "",
                            best->library != NULL ? best->library : "");
    const struct mp_value row[] = {
        TEXT(claim_names[claim]),
        NUMBER(claimed(claim)),
        NUMBER(best != NULL ? factor(claim) * best->c.value : (double)NAN),
        TEXT(where),
        {.number = (double)verdicts[MP_VERDICT_HOLDS]},
        {.number = (double)verdicts[MP_VERDICT_HOLDS_NOT]},
        {.number = (double)verdicts[MP_VERDICT_UNDECIDED]},
        TEXT(mp_verdict_name(overall(claim, verdicts))),
    };
    mp_report_add_row(r, row);
    free(where);
}

struct mp_report *mp_study_table_verdicts(const struct mp_study *s)
{
    static const struct mp_column columns[] = {
        {"claim", "claim", "", MP_COLUMN_TEXT, 0},
        {"claimed", "claimed", "", MP_COLUMN_NUMBER, 3},
        {"most", "most found", "", MP_COLUMN_NUMBER, 3},
        {"where", "where", "", MP_COLUMN_TEXT, 0},
        {"holds", "holds", "", MP_COLUMN_INTEGER, 0},
        {"does_not_hold", "does not hold", "", MP_COLUMN_INTEGER, 0},
        {"undecided", "undecided", "", MP_COLUMN_INTEGER, 0},
        {"verdict", "over all", "", MP_COLUMN_TEXT, 0},
    };
    struct mp_report *r = mp_report_create("the paper's claims over all networks", columns,
                                           sizeof columns / sizeof *columns);
    struct answers all;

    ask(&all, s);
    for (int claim = 0; claim < CLAIMS; claim++)
        add_verdict(r, &all, claim);
    free(all.items);
    mp_report_add_note(r,
                       "counts: of networks x scopes of a scale (x libraries), without synthetic "
                       "ones; \"up to\" claims (storage, power) hold when one of them reaches "
                       "the figure, the others when all do");
    return r;
}
