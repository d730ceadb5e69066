#include "estimator/activity/program.h"
#include <stdlib.h>
#include <string.h>

#define KEYS (MP_OP_COUNT * 2)

struct scheduler {
    const struct mp_drafts *drafts;
    uint32_t *maker;      /* [virtual row] draft of this section that writes it */
    uint32_t *waiting;    /* [draft] inputs that are not made yet */
    uint32_t *user_first; /* [draft + 1] into users */
    uint32_t *users;
    uint32_t *next;        /* [draft] in the ready list of its key */
    uint32_t ready[KEYS];  /* head of each list */
    uint32_t length[KEYS]; /* of each list */
};

static unsigned key_of(const struct mp_draft *d)
{
    return d->opcode * 2u + d->is_counted;
}

static void push(struct scheduler *s, uint32_t i)
{
    unsigned key = key_of(&s->drafts->items[i]);
    s->next[i] = s->ready[key];
    s->ready[key] = i;
    s->length[key]++;
}

/* The draft that has to run before draft i for its input k; MP_NONE: none in this section. */
static uint32_t source(const struct scheduler *s, uint32_t i, unsigned k)
{
    const struct mp_draft *d = &s->drafts->items[i];
    uint32_t m = k < mp_opcode_arity(d->opcode) ? s->maker[d->in[k]] : MP_NONE;
    return m == i ? MP_NONE : m;
}

static void link_users(struct scheduler *s)
{
    uint32_t count = (uint32_t)s->drafts->count;
    for (uint32_t i = 0; i < count; i++)
        for (unsigned k = 0; k < 3; k++)
            if (source(s, i, k) != MP_NONE) {
                s->user_first[source(s, i, k) + 1]++;
                s->waiting[i]++;
            }
    for (uint32_t i = 0; i < count; i++)
        s->user_first[i + 1] += s->user_first[i];
    s->users = mp_alloc((size_t)s->user_first[count] + 1, sizeof *s->users);
    uint32_t *at = mp_alloc((size_t)count + 1, sizeof *at);
    memcpy(at, s->user_first, count * sizeof *at);
    for (uint32_t i = 0; i < count; i++)
        for (unsigned k = 0; k < 3; k++)
            if (source(s, i, k) != MP_NONE)
                s->users[at[source(s, i, k)]++] = i;
    free(at);
}

/* Stay with one opcode as long as something of it is ready, then take the one that has most. */
static uint32_t order(struct scheduler *s, uint32_t *out)
{
    uint32_t placed = 0;
    unsigned key = 0;
    for (uint32_t i = 0; i < s->drafts->count; i++)
        if (s->waiting[i] == 0)
            push(s, i);
    for (;;) {
        if (s->length[key] == 0)
            for (unsigned k = 0; k < KEYS; k++)
                if (s->length[k] > s->length[key])
                    key = k;
        if (s->length[key] == 0)
            return placed;
        uint32_t i = s->ready[key];
        s->ready[key] = s->next[i];
        s->length[key]--;
        out[placed++] = i;
        for (uint32_t u = s->user_first[i]; u < s->user_first[i + 1]; u++)
            if (--s->waiting[s->users[u]] == 0)
                push(s, s->users[u]);
    }
}

/* Sort one section's drafts in place. maker is all MP_NONE before and after. */
static int sort_section(struct mp_drafts *drafts, uint32_t *maker, uint32_t first_state,
                        uint32_t end_state, bool reads_old_state, struct mp_error *err)
{
    size_t count = drafts->count;
    struct scheduler s = {.drafts = drafts, .maker = maker};
    uint32_t *sorted = mp_alloc(count + 1, sizeof *sorted);
    struct mp_draft *copy = mp_alloc(count + 1, sizeof *copy);
    s.waiting = mp_alloc(count + 1, sizeof *s.waiting);
    s.user_first = mp_alloc(count + 2, sizeof *s.user_first);
    s.next = mp_alloc(count + 1, sizeof *s.next);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t out = drafts->items[i].out;
        if (!(reads_old_state && out >= first_state && out < end_state))
            maker[out] = i;
    }
    link_users(&s);
    uint32_t placed = order(&s, sorted);
    for (uint32_t i = 0; i < count; i++)
        maker[drafts->items[i].out] = MP_NONE;
    for (uint32_t i = 0; i < placed; i++)
        copy[i] = drafts->items[sorted[i]];
    if (placed > 0)
        memcpy(drafts->items, copy, placed * sizeof *copy);
    free(s.users);
    free(s.next);
    free(s.user_first);
    free(s.waiting);
    free(copy);
    free(sorted);
    return placed == count ? MP_OK
                           : mp_fail(err, MP_E_UNSUPPORTED,
                                     "combinational loop through a register's clear or "
                                     "preset; it cannot be simulated");
}

/* Rows of temporaries, reused after their last reader. final[] gets the row of each; returns how
 * many rows are needed. */
static uint32_t place_temporaries(const struct mp_drafts *d, uint32_t first_temporary,
                                  uint32_t temporary_count, uint32_t base, uint32_t *final)
{
    uint32_t *last = mp_alloc((size_t)temporary_count + 1, sizeof *last);
    uint32_t *free_rows = mp_alloc((size_t)temporary_count + 1, sizeof *free_rows);
    uint32_t free_count = 0, used = 0;
    for (uint32_t i = 0; i < d->count; i++)
        for (unsigned k = 0; k < mp_opcode_arity(d->items[i].opcode); k++)
            if (d->items[i].in[k] >= first_temporary)
                last[d->items[i].in[k] - first_temporary] = i;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct mp_draft *x = &d->items[i];
        for (unsigned k = 0; k < mp_opcode_arity(x->opcode); k++) {
            bool again = false;
            for (unsigned j = 0; j < k; j++)
                again |= x->in[j] == x->in[k];
            if (!again && x->in[k] >= first_temporary && last[x->in[k] - first_temporary] == i)
                free_rows[free_count++] = final[x->in[k]];
        }
        if (x->out >= first_temporary)
            final[x->out] = free_count ? free_rows[--free_count] : base + used++;
    }
    free(free_rows);
    free(last);
    return used;
}

static void write_section(struct mp_section *s, const struct mp_drafts *d, const uint32_t *final)
{
    s->operations = mp_alloc(d->count + 1, sizeof *s->operations);
    s->runs = mp_alloc(d->count + 1, sizeof *s->runs);
    for (uint32_t i = 0; i < d->count; i++) {
        const struct mp_draft *x = &d->items[i];
        unsigned arity = mp_opcode_arity(x->opcode);
        s->operations[s->operation_count++] =
            (struct mp_operation){.out = final[x->out],
                                  .a = final[x->in[0]],
                                  .b = arity > 1 ? final[x->in[1]] : 0,
                                  .c = arity > 2 ? final[x->in[2]] : 0};
        const struct mp_run *last = s->runs + s->run_count - (s->run_count > 0);
        if (s->run_count == 0 || last->opcode != x->opcode || last->is_counted != x->is_counted)
            s->runs[s->run_count++] =
                (struct mp_run){.opcode = x->opcode, .is_counted = x->is_counted};
        s->runs[s->run_count - 1].count++;
    }
}

/* Nets in the order in which they are written, then what is never written (the clock). */
static uint32_t number_nets(const struct mp_drafts drafts[MP_SECTION_COUNT], uint32_t net_count,
                            uint32_t *final)
{
    uint32_t row = 2;
    final[0] = 0;
    final[1] = 1;
    for (int s = MP_SECTION_COMMIT; s < MP_SECTION_COUNT; s++)
        for (uint32_t i = 0; i < drafts[s].count; i++)
            if (drafts[s].items[i].is_counted)
                final[drafts[s].items[i].out] = row++;
    for (uint32_t net = 2; net < net_count; net++)
        if (final[net] == MP_NONE)
            final[net] = row++;
    return row;
}

int mp_program_schedule(struct mp_program *p, struct mp_drafts drafts[MP_SECTION_COUNT],
                        const struct mp_draft_rows *rows, struct mp_error *err)
{
    uint32_t first_state = rows->net_count, first_input = first_state + rows->state_count;
    uint32_t first_temporary = first_input + rows->input_count;
    size_t total = (size_t)first_temporary + rows->temporary_count;
    uint32_t *maker = mp_alloc(total + 1, sizeof *maker);
    uint32_t *final = mp_alloc(total + 1, sizeof *final);
    uint32_t most = 0;
    int rc = MP_OK;
    for (size_t i = 0; i < total; i++)
        maker[i] = final[i] = MP_NONE;
    for (int s = 0; s < MP_SECTION_COUNT && rc == MP_OK; s++)
        rc = sort_section(&drafts[s], maker, first_state, first_input, s == MP_SECTION_NEXT, err);
    if (rc < 0)
        goto out;
    p->counted_rows = number_nets(drafts, rows->net_count, final);
    for (uint32_t i = first_state; i < first_temporary; i++)
        final[i] = p->counted_rows + (i - first_state);
    p->first_state_row = p->counted_rows;
    p->first_input_row = p->counted_rows + rows->state_count;
    uint32_t base = p->counted_rows + rows->state_count + rows->input_count;
    for (int s = 0; s < MP_SECTION_COUNT; s++) {
        uint32_t used =
            place_temporaries(&drafts[s], first_temporary, rows->temporary_count, base, final);
        most = used > most ? used : most;
        write_section(&p->sections[s], &drafts[s], final);
    }
    p->row_count = base + most;
    p->net_row = mp_alloc((size_t)rows->net_count + 1, sizeof *p->net_row);
    memcpy(p->net_row, final, rows->net_count * sizeof *p->net_row);
out:
    free(final);
    free(maker);
    return rc;
}
