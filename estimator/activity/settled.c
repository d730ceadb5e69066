#include "estimator/activity/settled.h"

#include <stdlib.h>

struct change {
    uint32_t net;
    uint8_t value;
};

/* Changes of one time are gathered, since the clock may come after what moves with it. */
struct mp_settled {
    const struct mp_netlist *n;
    bool rising; /* the edge that stores */
    double time_s;
    struct change *changes;
    size_t change_count, change_capacity;
    uint8_t *now;      /* [net] 0, 1, 2 */
    uint8_t *at_edge;  /* [net] before the last edge */
    uint32_t *touched; /* nets that moved since then */
    uint32_t touched_count;
    bool *is_touched; /* [net] */
    /* [net] transitions since the last edge, and of whole cycles: all and functional. */
    uint32_t *pending;
    uint64_t *all, *functional;
    uint64_t edges;
    bool in_cycle; /* since the last edge the clock has been known */
    double edge_s, period_s;
    bool *is_stimulus; /* [net] of an input port */
    bool has_delays;   /* a net moved at a time at which no input port did */
};

/* Does the first register store when its clock pin rises? */
static bool stores_at_rise(const struct mp_netlist *n)
{
    if (n->register_count == 0)
        return true;
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[n->registers[0]]];
    return mp_expr_eval(&type->clocked_on, mp_expr_support(&type->clocked_on));
}

struct mp_settled *mp_settled_create(const struct mp_netlist *n)
{
    struct mp_settled *s = mp_alloc(1, sizeof *s);

    s->n = n;
    s->rising = stores_at_rise(n);
    s->now = mp_alloc(n->net_count, 1);
    s->at_edge = mp_alloc(n->net_count, 1);
    s->touched = mp_alloc(n->net_count, sizeof *s->touched);
    s->is_touched = mp_alloc(n->net_count, sizeof *s->is_touched);
    s->pending = mp_alloc(n->net_count, sizeof *s->pending);
    s->all = mp_alloc(n->net_count, sizeof *s->all);
    s->functional = mp_alloc(n->net_count, sizeof *s->functional);
    s->is_stimulus = mp_alloc(n->net_count, sizeof *s->is_stimulus);
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t k = 0; n->ports[p].direction == MP_DIR_INPUT && k < n->ports[p].width; k++)
            s->is_stimulus[n->ports[p].nets[k]] = true;
    for (uint32_t i = 0; i < n->net_count; i++)
        s->now[i] = s->at_edge[i] = 2;
    return s;
}

void mp_settled_destroy(struct mp_settled *s)
{
    if (s == NULL)
        return;
    free(s->changes);
    free(s->now);
    free(s->at_edge);
    free(s->touched);
    free(s->is_touched);
    free(s->pending);
    free(s->all);
    free(s->functional);
    free(s->is_stimulus);
    free(s);
}

/* What happened before the first edge, or one after a gap, belongs to no whole cycle. */
static void close_cycle(struct mp_settled *s, bool is_whole)
{
    for (uint32_t i = 0; i < s->touched_count; i++) {
        uint32_t net = s->touched[i];
        uint8_t before = s->at_edge[net], now = s->now[net];
        if (is_whole && before < 2 && now < 2) {
            s->all[net] += s->pending[net];
            s->functional[net] += before != now;
        }
        s->at_edge[net] = now;
        s->pending[net] = 0;
        s->is_touched[net] = false;
    }
    s->touched_count = 0;
}

static void see_edge(struct mp_settled *s)
{
    close_cycle(s, s->in_cycle);
    if (s->in_cycle)
        s->period_s = s->time_s - s->edge_s;
    s->in_cycle = true;
    s->edge_s = s->time_s;
    s->edges++;
}

/* The clock is not known any more. A writer that stops after a number of cycles stops where the
 * next edge would be, or just before it. */
static void see_gap(struct mp_settled *s)
{
    close_cycle(s, s->in_cycle && s->period_s > 0 && s->time_s - s->edge_s > 0.98 * s->period_s);
    s->in_cycle = false;
}

static void apply(struct mp_settled *s)
{
    uint32_t clock = s->n->clock_net;
    bool moves = false, stimulus = false;

    for (size_t i = 0; i < s->change_count; i++) {
        const struct change *c = &s->changes[i];
        moves = moves || (s->now[c->net] < 2 && s->now[c->net] != c->value);
        stimulus = stimulus || s->is_stimulus[c->net];
        bool stores = c->value == (s->rising ? 1 : 0) || (s->n->uses_both_edges && c->value < 2);
        if (c->net == clock && stores && s->now[clock] < 2 && s->now[clock] != c->value)
            see_edge(s);
        if (c->net == clock && c->value == 2)
            see_gap(s);
    }
    s->has_delays = s->has_delays || (moves && !stimulus);
    for (size_t i = 0; i < s->change_count; i++) {
        const struct change *c = &s->changes[i];
        if (!s->is_touched[c->net]) {
            s->is_touched[c->net] = true;
            s->touched[s->touched_count++] = c->net;
        }
        s->pending[c->net] += s->now[c->net] < 2 && c->value < 2 && s->now[c->net] != c->value;
        s->now[c->net] = c->value;
    }
    s->change_count = 0;
}

void mp_settled_observe(void *context, double time_s, uint32_t net, int value)
{
    struct mp_settled *s = context;

    if (time_s != s->time_s) {
        apply(s);
        s->time_s = time_s;
    }
    mp_grow(&s->changes, s->change_count, &s->change_capacity, sizeof *s->changes);
    s->changes[s->change_count++] = (struct change){net, (uint8_t)value};
}

bool mp_settled_finish(struct mp_settled *s, double *share)
{
    uint32_t clock = s->n->clock_net;

    apply(s);
    if (clock == MP_NONE || s->edges < 2)
        return false;
    for (uint32_t i = 0; i < s->n->net_count; i++)
        share[i] =
            s->has_delays && s->all[i] > 0 ? (double)s->functional[i] / (double)s->all[i] : 1;
    /* Two transitions a cycle are what a clock is for. */
    share[clock] = 1;
    return true;
}
