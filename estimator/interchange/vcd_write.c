#include "estimator/interchange/vcd_writer.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Does the first register store when its clock pin rises? */
static bool stores_at_rise(const struct mp_netlist *n)
{
    if (n->register_count == 0)
        return true;
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[n->registers[0]]];
    return mp_expr_eval(&type->clocked_on, mp_expr_support(&type->clocked_on));
}

int mp_vcd_writer_create(struct mp_vcd_writer **out, const struct mp_netlist *n, const char *path,
                         const struct mp_vcd_write_options *options, struct mp_error *err)
{
    struct mp_vcd_writer *w = mp_alloc(1, sizeof *w);
    *out = NULL;
    w->n = n;
    w->options = *options;
    int rc = mp_tick_choose(&w->tick, options->period_s,
                            options->tick_s > 0 ? options->tick_s : 1e-12, err);
    if (rc == MP_OK && options->words > 64)
        rc = mp_fail(err, MP_E_USAGE, "a simulator has 64 words at most, not %u", options->words);
    if (rc == MP_OK && options->lane != MP_NONE && options->words > 0 &&
        options->lane >= options->words * 64)
        rc = mp_fail(err, MP_E_USAGE, "lane %u is not one of %u", options->lane,
                     options->words * 64);
    if (rc == MP_OK)
        rc = mp_sink_open(&w->sink, path, err);
    if (rc < 0) {
        mp_vcd_writer_destroy(w);
        return rc;
    }
    w->active = stores_at_rise(n);
    w->value = mp_alloc(n->net_count, 1);
    w->scratch = mp_alloc(n->net_count, 1);
    mp_vcd_writer_declare(w);
    *out = w;
    return MP_OK;
}

void mp_vcd_writer_destroy(struct mp_vcd_writer *w)
{
    if (w == NULL)
        return;
    mp_sink_close(w->sink, false, NULL);
    mp_vcd_writer_drop_lanes(w);
    free(w->vars);
    free(w->var_nets);
    free(w->net_first);
    free(w->net_vars);
    free(w->scalar);
    free(w->dirty);
    free(w->value);
    free(w->scratch);
    free(w);
}

static void put_value(struct mp_vcd_writer *w, const struct mp_vcd_var *v, bool is_known)
{
    char text[256];
    size_t at = 0;
    const uint32_t *nets = w->var_nets + v->first_net;
    if (v->width > 1)
        mp_sink_bytes(w->sink, "b", 1);
    for (uint32_t k = 0; k < v->width; k++) {
        text[at++] = !is_known ? 'x' : w->value[nets[k]] ? '1' : '0';
        if (at == sizeof text - MP_VCD_CODE - 2) {
            mp_sink_bytes(w->sink, text, at);
            at = 0;
        }
    }
    if (v->width > 1)
        text[at++] = ' ';
    for (const char *c = v->code; *c; c++)
        text[at++] = *c;
    text[at++] = '\n';
    mp_sink_bytes(w->sink, text, at);
}

static void put_time(struct mp_vcd_writer *w, uint64_t tick)
{
    char text[24];
    size_t at = sizeof text;
    text[--at] = '\n';
    do
        text[--at] = (char)('0' + tick % 10);
    while ((tick /= 10) > 0);
    text[--at] = '#';
    mp_sink_bytes(w->sink, text + at, sizeof text - at);
}

static void put_all(struct mp_vcd_writer *w, const char *section, bool is_known)
{
    mp_sink_text(w->sink, section);
    for (size_t v = 0; v < w->var_count; v++)
        put_value(w, &w->vars[v], is_known);
    mp_sink_text(w->sink, "$end\n");
}

static void put_dirty(struct mp_vcd_writer *w)
{
    if (w->dirty_count == 0)
        return;
    put_time(w, w->now);
    for (uint32_t i = 0; i < w->dirty_count; i++) {
        w->vars[w->dirty[i]].is_dirty = false;
        put_value(w, &w->vars[w->dirty[i]], true);
    }
    w->dirty_count = 0;
}

static void set(struct mp_vcd_writer *w, uint32_t net, uint8_t value)
{
    if (w->value[net] == value)
        return;
    w->value[net] = value;
    for (uint32_t i = w->net_first[net]; i < w->net_first[net + 1]; i++) {
        uint32_t var = w->net_vars[i];
        if (!w->vars[var].is_dirty) {
            w->vars[var].is_dirty = true;
            w->dirty[w->dirty_count++] = var;
        }
    }
}

/* To a later tick, by way of the clock's other edge. */
static void go_to(struct mp_vcd_writer *w, uint64_t tick)
{
    if (w->other_edge > 0 && w->other_edge <= tick) {
        if (w->other_edge > w->now) {
            put_dirty(w);
            w->now = w->other_edge;
        }
        set(w, w->n->clock_net, !w->active);
        w->other_edge = 0;
    }
    if (tick > w->now) {
        put_dirty(w);
        w->now = tick;
    }
}

/* The clock edge of the next cycle. */
static void next_edge(struct mp_vcd_writer *w)
{
    uint64_t edge = w->begin + 1 + (uint64_t)w->cycles * w->tick.period;
    go_to(w, edge);
    if (w->n->clock_net != MP_NONE) {
        set(w, w->n->clock_net, w->active);
        w->other_edge = edge + w->tick.period / 2;
    }
    w->cycles++;
}

void mp_vcd_writer_begin(struct mp_vcd_writer *w, const uint8_t *values, size_t first_cycle)
{
    if (w->any) {
        put_all(w, "$dumpoff\n", false);
        w->now += w->tick.period;
    }
    memcpy(w->value, values, w->n->net_count);
    w->value[0] = 0;
    w->value[1] = 1;
    if (w->n->clock_net != MP_NONE)
        w->value[w->n->clock_net] = !w->active;
    put_time(w, w->now);
    put_all(w, w->any ? "$dumpon\n" : "$dumpvars\n", true);
    w->any = w->in_stretch = true;
    w->begin = w->now;
    w->first_cycle = first_cycle;
    w->cycles = 0;
    w->other_edge = 0;
}

void mp_vcd_writer_observe(void *context, size_t cycle, double time_s, uint32_t net, bool value)
{
    struct mp_vcd_writer *w = context;
    double ticks = round(time_s / w->tick.tick_s);
    if (cycle < w->first_cycle || !(ticks >= 0 && ticks < (double)w->tick.period)) {
        w->late_cycle = w->late_cycle ? w->late_cycle : cycle + 1;
        return;
    }
    while (w->cycles <= cycle - w->first_cycle)
        next_edge(w);
    uint64_t edge = w->begin + 1 + (uint64_t)(w->cycles - 1) * w->tick.period;
    go_to(w, edge + (uint64_t)ticks);
    set(w, net, value);
}

void mp_vcd_writer_cycle(struct mp_vcd_writer *w, const uint8_t *values)
{
    next_edge(w);
    for (uint32_t net = 2; net < w->n->net_count; net++)
        if (net != w->n->clock_net)
            set(w, net, values[net]);
}

int mp_vcd_writer_end(struct mp_vcd_writer *w, size_t cycles, struct mp_error *err)
{
    if (!w->in_stretch || cycles < w->cycles || cycles == 0)
        return mp_fail(err, MP_E_USAGE, "a stretch of %zu cycles is ended that has %zu", cycles,
                       w->cycles);
    while (w->cycles < cycles)
        next_edge(w);
    go_to(w, w->begin + (uint64_t)cycles * w->tick.period);
    put_dirty(w);
    put_time(w, w->now);
    w->in_stretch = false;
    if (w->late_cycle)
        return mp_fail(err, MP_E_INPUT,
                       "transitions of cycle %zu come after its end at %g s, so they cannot be "
                       "drawn; simulate with a longer clock period",
                       w->late_cycle - 1, w->options.period_s);
    return MP_OK;
}

int mp_vcd_writer_finish(struct mp_vcd_writer *w, struct mp_error *err)
{
    int rc = mp_vcd_writer_lanes(w, err);
    if (rc < 0)
        return rc;
    if (!w->any || w->in_stretch)
        return mp_fail(err, MP_E_USAGE,
                       w->any ? "the last stretch of the dump was not ended"
                              : "0 cycles were counted; there is nothing to dump");
    struct mp_sink *sink = w->sink;
    w->sink = NULL;
    return mp_sink_close(sink, true, err);
}
