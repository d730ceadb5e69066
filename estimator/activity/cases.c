#include "estimator/activity/cases_plan.h"
#include <stdlib.h>
#include <string.h>

struct mp_cases *mp_cases_create(const struct mp_cases_plan *p, uint64_t cycles)
{
    struct mp_cases *c = mp_alloc(1, sizeof *c);
    c->cell_count = p->n->cell_count;
    c->cycles = cycles;
    c->count = p->count;
    c->cells = mp_alloc((size_t)c->cell_count + 1, sizeof *c->cells);
    if (c->cell_count > 0)
        memcpy(c->cells, p->cells, c->cell_count * sizeof *c->cells);
    c->counts = mp_alloc(c->count + 1, sizeof *c->counts);
    return c;
}

void mp_cases_destroy(struct mp_cases *c)
{
    if (c == NULL)
        return;
    free(c->cells);
    free(c->counts);
    free(c);
}
