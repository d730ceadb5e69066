#include "estimator/interchange/names.h"
#include "estimator/interchange/saif.h"
#include "estimator/interchange/sink.h"
#include "estimator/interchange/tick.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    struct mp_sink *sink;
    const struct mp_netlist *n;
    const struct mp_activity *activity;
    uint64_t period, duration; /* ticks */
};

/* Everything but letters, digits and '_' is escaped, so '.' and '/' in a name divide nothing. */
static void put_name(struct mp_sink *sink, const char *name)
{
    for (const char *c = name; *c; c++) {
        char escaped[2] = {'\\', *c};
        bool is_plain = isalnum((unsigned char)*c) || *c == '_';
        mp_sink_bytes(sink, escaped + is_plain, (size_t)2 - is_plain);
    }
}

static void put_entry(struct writer *w, const char *indent, const char *name, uint32_t net)
{
    uint64_t high = w->activity->ones[net] * w->period;
    if (net == w->n->clock_net && w->n->register_count > 0)
        high = w->duration / 2;
    if (net == 1)
        high = w->duration;
    mp_sink_text(w->sink, indent);
    mp_sink_text(w->sink, "(");
    put_name(w->sink, name);
    mp_sink_printf(w->sink, " (T0 %llu) (T1 %llu) (TX 0) (TC %llu))\n",
                   (unsigned long long)(w->duration - high), (unsigned long long)high,
                   (unsigned long long)w->activity->transitions[net]);
}

static void put_ports(struct writer *w)
{
    const struct mp_netlist *n = w->n;
    struct mp_text name = {0};
    mp_sink_text(w->sink, "  (PORT\n");
    for (uint32_t p = 0; p < n->port_count; p++) {
        const struct mp_port *port = &n->ports[p];
        int32_t left, right;
        mp_names_port_range(n, port, &left, &right);
        for (uint32_t b = 0; b < port->width; b++) {
            name.size = 0;
            mp_text_add(&name, port->name);
            if (port->is_vector)
                mp_text_printf(&name, "[%d]",
                               left >= right ? right + (int32_t)b : right - (int32_t)b);
            put_entry(w, "    ", name.data, port->nets[b]);
        }
    }
    mp_text_release(&name);
    mp_sink_text(w->sink, "  )\n");
}

static void put_cells(struct writer *w)
{
    const struct mp_netlist *n = w->n;
    for (uint32_t c = 0; c < n->cell_count; c++) {
        mp_sink_text(w->sink, "  (INSTANCE ");
        put_name(w->sink, n->cell_name[c]);
        mp_sink_text(w->sink, "\n    (NET\n");
        for (uint32_t p = n->cell_first_pin[c]; p < n->cell_first_pin[c + 1]; p++)
            if (n->pin_net[p] != MP_NONE)
                put_entry(w, "      ", mp_names_pin(n, p), n->pin_net[p]);
        mp_sink_text(w->sink, "    )\n  )\n");
    }
}

/* Levels of "tb.dut"; returns how many. */
static unsigned open_instances(struct writer *w, const char *scope)
{
    unsigned levels = 0;
    while (*scope) {
        size_t length = strcspn(scope, "./");
        char *part = mp_strndup(scope, length);
        mp_sink_text(w->sink, "(INSTANCE ");
        put_name(w->sink, part);
        mp_sink_text(w->sink, "\n");
        free(part);
        levels++;
        scope += length + (scope[length] != '\0');
    }
    return levels;
}

static void put_file(struct writer *w, const struct mp_saif_options *options, const char *unit)
{
    const struct mp_netlist *n = w->n;
    mp_sink_text(w->sink, "(SAIFILE\n(SAIFVERSION \"2.0\")\n(DIRECTION \"backward\")\n(DESIGN \"");
    put_name(w->sink, n->name);
    mp_sink_printf(w->sink,
                   "\")\n(VENDOR \"macppa\")\n(PROGRAM_NAME \"macppa\")\n(DIVIDER / )\n"
                   "(TIMESCALE 1 %s)\n(DURATION %llu)\n",
                   unit, (unsigned long long)w->duration);
    unsigned levels = options->scope && *options->scope ? open_instances(w, options->scope) : 1;
    if (!options->scope || !*options->scope) {
        mp_sink_text(w->sink, "(INSTANCE ");
        put_name(w->sink, n->name);
        mp_sink_text(w->sink, "\n");
    }
    put_ports(w);
    mp_sink_text(w->sink, "  (NET\n");
    for (uint32_t net = 2; net < n->net_count; net++)
        put_entry(w, "    ", n->net_name[net], net);
    mp_sink_text(w->sink, "  )\n");
    if (options->with_pins)
        put_cells(w);
    while (levels-- > 0)
        mp_sink_text(w->sink, ")\n");
    mp_sink_text(w->sink, ")\n");
}

int mp_saif_write(const char *path, const struct mp_netlist *n, const struct mp_activity *activity,
                  const struct mp_saif_options *options, struct mp_error *err)
{
    struct writer w = {.n = n, .activity = activity};
    struct mp_tick tick;
    int rc = mp_tick_choose(&tick, options->period_s, 1e-12, err);
    if (rc < 0)
        return rc;
    if (activity->cycles == 0)
        return mp_fail(err, MP_E_USAGE,
                       "0 clock cycles were counted; there is no activity to write");
    if (activity->cycles > ((uint64_t)1 << 53) / tick.period)
        return mp_fail(
            err, MP_E_USAGE, "%llu cycles of %llu %s are more than a SAIF can hold exactly (2^53)",
            (unsigned long long)activity->cycles, (unsigned long long)tick.period, tick.name);
    w.period = tick.period;
    w.duration = activity->cycles * tick.period;
    rc = mp_sink_open(&w.sink, path, err);
    if (rc < 0)
        return rc;
    put_file(&w, options, tick.unit);
    return mp_sink_close(w.sink, true, err);
}
