#include "estimator/pipeline/sampled_counts.h"
#include "estimator/util/memory.h"
#include <string.h>

static void combine(uint64_t *to, const uint64_t *other, size_t count, bool subtract)
{
    for (size_t i = 0; i < count; i++)
        to[i] += subtract ? 0 - other[i] : other[i];
}

static void combine_activity(struct mp_activity *to, const struct mp_activity *other, bool subtract)
{
    if (to->transitions == NULL) {
        to->net_count = other->net_count;
        to->transitions = mp_alloc(other->net_count, sizeof *to->transitions);
        to->ones = mp_alloc(other->net_count, sizeof *to->ones);
    }
    combine(&to->cycles, &other->cycles, 1, subtract);
    combine(to->transitions, other->transitions, to->net_count, subtract);
    combine(to->ones, other->ones, to->net_count, subtract);
}

static struct mp_cases *empty_cases(const struct mp_cases *like)
{
    struct mp_cases *c = mp_alloc(1, sizeof *c);

    c->cell_count = like->cell_count;
    c->count = like->count;
    c->cells = mp_alloc((size_t)like->cell_count + 1, sizeof *c->cells);
    c->counts = mp_alloc(like->count + 1, sizeof *c->counts);
    memcpy(c->cells, like->cells, like->cell_count * sizeof *c->cells);
    return c;
}

static void combine_cases(struct mp_cases **to, const struct mp_cases *other, bool subtract)
{
    if (other == NULL)
        return;
    if (*to == NULL)
        *to = empty_cases(other);
    combine(&(*to)->cycles, &other->cycles, 1, subtract);
    combine((*to)->counts, other->counts, other->count, subtract);
}

static void combine_results(struct mp_timed_result *to, const struct mp_timed_result *other,
                            bool subtract)
{
    combine_activity(&to->functional, &other->functional, subtract);
    combine_activity(&to->timed, &other->timed, subtract);
    combine_cases(&to->functional_cases, other->functional_cases, subtract);
    combine_cases(&to->timed_cases, other->timed_cases, subtract);
    combine(&to->unsettled_cycles, &other->unsettled_cycles, 1, subtract);
    combine(&to->uncovered, &other->uncovered, 1, subtract);
}

void mp_sampled_counts_add(struct mp_timed_result *to, const struct mp_timed_result *other)
{
    combine_results(to, other, false);
}

void mp_sampled_counts_subtract(struct mp_timed_result *to, const struct mp_timed_result *other)
{
    combine_results(to, other, true);
}
