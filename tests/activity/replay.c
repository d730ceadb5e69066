#include "tests/activity/replay.h"
#include <stdlib.h>
#include <string.h>

const struct replay_rule replay_inertial = {.sends_latest = false},
                         replay_icarus = {.sends_latest = true, .arcs = REPLAY_ICARUS_ARCS},
                         replay_once = {.sends_latest = true, .arcs = REPLAY_ICARUS_SETTLED};

/* Inside, a tick is SLOTS steps: an output without delay moves one step after its cause, in the
 * same tick. */
enum { PINS_MAX = 64, PENDING_MAX = 64, SLOTS = 64 };

struct wave *replay_waves_create(uint32_t net_count)
{
    return mp_alloc(net_count, sizeof(struct wave));
}

void replay_waves_free(struct wave *waves, uint32_t net_count)
{
    for (uint32_t i = 0; waves && i < net_count; i++)
        free(waves[i].times);
    free(waves);
}

void replay_toggle(struct wave *w, uint64_t time)
{
    mp_grow(&w->times, w->count, &w->capacity, sizeof *w->times);
    w->times[w->count++] = time;
}

/* One output on the way through its inputs' waveforms. */
struct gate {
    const struct mp_timed_model *m;
    const struct mp_timed_output *o;
    const struct replay_rule *rule;
    struct wave *out;
    const struct wave *input[PINS_MAX]; /* NULL: not an input */
    size_t at[PINS_MAX];
    int64_t wake[PINS_MAX];
    uint32_t pin_count;
    uint64_t pins, moved, uncovered;
    bool function, value;
    uint64_t pending[PENDING_MAX]; /* ascending */
    unsigned pending_count;
};

static void fire(struct gate *g, uint64_t now)
{
    unsigned done = 0;
    for (; done < g->pending_count && g->pending[done] <= now; done++) {
        if (g->rule->sends_latest && g->value == g->function)
            continue;
        g->value = !g->value;
        replay_toggle(g->out, g->pending[done]);
    }
    g->pending_count -= done;
    memmove(g->pending, g->pending + done, g->pending_count * sizeof *g->pending);
}

static void schedule(struct gate *g, uint64_t time)
{
    unsigned i = g->pending_count++;
    if (i == PENDING_MAX)
        abort();
    for (; i > 0 && g->pending[i - 1] > time; i--)
        g->pending[i] = g->pending[i - 1];
    g->pending[i] = time;
}

static uint64_t icarus_delay(const struct gate *g, uint64_t now)
{
    bool settled = g->rule->arcs == REPLAY_ICARUS_SETTLED;
    uint64_t seen = settled ? g->pins : g->pins ^ g->moved;
    int64_t latest = INT64_MIN, time = (int64_t)now;
    for (uint32_t k = 0; k < g->o->arc_count; k++) {
        const struct mp_timed_arc *a = &g->m->arcs[g->o->first_arc + k];
        int64_t wake = g->wake[a->from];
        if (a->delay[g->function] == MP_NONE || wake < latest ||
            (a->edge && (a->edge == 'r') != (g->pins >> a->from & 1)) ||
            (a->when.code && !mp_expr_eval(&a->when, seen)))
            continue;
        if (wake > latest || wake + a->delay[g->function] < time)
            time = wake + a->delay[g->function];
        latest = wake;
    }
    return time > (int64_t)now ? (uint64_t)time - now : !settled;
}

static void change(struct gate *g, uint64_t now)
{
    uint64_t tick = now / SLOTS, delay;
    if (!g->rule->sends_latest && g->pending_count > 0) {
        g->pending_count--;
        return;
    }
    if (g->rule->arcs == REPLAY_MOVED_NOW)
        delay = mp_timed_delay(g->m, g->o, g->moved, g->pins, g->function, &g->uncovered);
    else
        delay = icarus_delay(g, tick);
    schedule(g, delay ? (tick + delay) * SLOTS : now + 1);
}

static void open_gate(struct gate *g, const struct wave *waves)
{
    const struct mp_netlist *n = g->m->n;
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[g->o->cell]];
    g->pin_count = type->pin_count;
    for (uint32_t k = 0; k < g->pin_count; k++) {
        uint32_t net = n->pin_net[n->cell_first_pin[g->o->cell] + k];
        g->wake[k] = INT64_MIN / 2;
        if (n->library->pins[type->first_pin + k].direction != MP_DIR_INPUT || net == MP_NONE)
            continue;
        g->input[k] = &waves[net];
        g->pins |= (uint64_t)waves[net].first << k;
    }
    g->function = g->value = mp_expr_eval(&g->o->function, g->pins);
    g->out->first = g->value;
}

/* Takes the next time at which an input toggles; false: none does any more. */
static bool next_move(struct gate *g, uint64_t *now)
{
    *now = UINT64_MAX;
    for (uint32_t k = 0; k < g->pin_count; k++)
        if (g->input[k] && g->at[k] < g->input[k]->count && g->input[k]->times[g->at[k]] < *now)
            *now = g->input[k]->times[g->at[k]];
    return *now != UINT64_MAX;
}

static void move(struct gate *g, uint64_t now)
{
    g->moved = 0;
    for (uint32_t k = 0; k < g->pin_count; k++)
        while (g->input[k] && g->at[k] < g->input[k]->count &&
               g->input[k]->times[g->at[k]] == now) {
            g->moved ^= (uint64_t)1 << k;
            g->wake[k] = (int64_t)(now / SLOTS);
            g->at[k]++;
        }
    g->pins ^= g->moved;
}

/* Waves in steps. */
static void run_gate(const struct mp_timed_model *m, uint32_t output,
                     const struct replay_rule *rule, const struct wave *waves, struct wave *out)
{
    struct gate g = {.m = m, .o = &m->outputs[output], .rule = rule, .out = out};
    uint64_t now;
    open_gate(&g, waves);
    while (next_move(&g, &now)) {
        fire(&g, now);
        move(&g, now);
        bool value = mp_expr_eval(&g.o->function, g.pins);
        if (value != g.function) {
            g.function = value;
            change(&g, now);
        }
    }
    fire(&g, UINT64_MAX);
}

static struct wave to_steps(const struct wave *w)
{
    struct wave c = {.first = w->first};
    for (size_t i = 0; i < w->count; i++)
        replay_toggle(&c, w->times[i] * SLOTS);
    return c;
}

/* Two toggles in one tick are none. */
static void to_ticks(struct wave *w)
{
    size_t count = 0;
    for (size_t i = 0; i < w->count; i++) {
        uint64_t tick = w->times[i] / SLOTS;
        if (count > 0 && w->times[count - 1] == tick)
            count--;
        else
            w->times[count++] = tick;
    }
    w->count = count;
}

void replay_gate(const struct mp_timed_model *m, uint32_t output, const struct replay_rule *rule,
                 const struct wave *waves, struct wave *out)
{
    const struct mp_netlist *n = m->n;
    struct wave *steps = replay_waves_create(n->net_count);
    uint32_t cell = m->outputs[output].cell;
    for (uint32_t p = n->cell_first_pin[cell]; p < n->cell_first_pin[cell + 1]; p++) {
        uint32_t net = n->pin_net[p];
        if (net != MP_NONE && !steps[net].times)
            steps[net] = to_steps(&waves[net]);
    }
    run_gate(m, output, rule, steps, out);
    to_ticks(out);
    replay_waves_free(steps, n->net_count);
}

struct wave *replay_netlist(const struct mp_timed_model *m, const struct wave *sources,
                            const struct replay_rule *const *rules)
{
    uint32_t nets = m->n->net_count;
    struct wave *waves = replay_waves_create(nets);
    bool *made = mp_alloc(nets, sizeof *made);
    for (uint32_t i = 0; i < m->output_count; i++)
        made[m->outputs[i].net] = !m->outputs[i].is_register;
    for (uint32_t net = 0; net < nets; net++)
        if (!made[net])
            waves[net] = to_steps(&sources[net]);
    for (uint32_t i = 0; i < m->output_count; i++)
        if (!m->outputs[i].is_register)
            run_gate(m, i, rules[m->outputs[i].cell], waves, &waves[m->outputs[i].net]);
    for (uint32_t net = 0; net < nets; net++)
        to_ticks(&waves[net]);
    free(made);
    return waves;
}
