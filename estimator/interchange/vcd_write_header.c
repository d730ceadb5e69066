#include "estimator/interchange/names.h"
#include "estimator/interchange/vcd_writer.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static uint32_t add_var(struct mp_vcd_writer *w, const uint32_t *nets, uint32_t width)
{
    mp_grow(&w->vars, w->var_count, &w->var_capacity, sizeof *w->vars);
    struct mp_vcd_var *v = &w->vars[w->var_count];
    *v = (struct mp_vcd_var){.first_net = (uint32_t)w->net_count, .width = width};
    size_t number = w->var_count, length = 0;
    do {
        v->code[length++] = (char)('!' + number % 94);
        number /= 94;
    } while (number-- > 0 && length < MP_VCD_CODE - 1);
    for (uint32_t k = width; k-- > 0;) {
        mp_grow(&w->var_nets, w->net_count, &w->net_capacity, sizeof *w->var_nets);
        w->var_nets[w->net_count++] = nets[k];
    }
    return (uint32_t)w->var_count++;
}

/* Verilog's escaped name where it has to be one. */
static void put_name(struct mp_sink *sink, const char *name)
{
    bool is_plain = !isdigit((unsigned char)name[0]);
    for (const char *c = name; *c; c++)
        is_plain = is_plain && (isalnum((unsigned char)*c) || *c == '_' || *c == '$');
    mp_sink_text(sink, is_plain ? "" : "\\");
    mp_sink_text(sink, name);
}

static void put_var(struct mp_vcd_writer *w, uint32_t var, const char *name)
{
    mp_sink_printf(w->sink, "$var wire %u %s ", w->vars[var].width, w->vars[var].code);
    put_name(w->sink, name);
}

static void put_vector(struct mp_vcd_writer *w, const struct mp_port *port, bool *is_named)
{
    int32_t left, right;
    mp_names_port_range(w->n, port, &left, &right);
    uint32_t var = add_var(w, port->nets, port->width);
    if (port->width == 1)
        w->scalar[port->nets[0]] = var;
    put_var(w, var, port->name);
    mp_sink_printf(w->sink, " [%d:%d] $end\n", left, right);
    struct mp_text bit = {0};
    for (uint32_t b = 0; b < port->width; b++) {
        bit.size = 0;
        mp_text_printf(&bit, "%s[%d]", port->name,
                       left >= right ? right + (int32_t)b : right - (int32_t)b);
        if (strcmp(bit.data, w->n->net_name[port->nets[b]]) == 0)
            is_named[port->nets[b]] = true;
    }
    mp_text_release(&bit);
}

static void put_scalar(struct mp_vcd_writer *w, const char *name, uint32_t net)
{
    if (w->scalar[net] == MP_NONE)
        w->scalar[net] = add_var(w, &net, 1);
    put_var(w, w->scalar[net], name);
    mp_sink_text(w->sink, " $end\n");
}

static void put_nets(struct mp_vcd_writer *w)
{
    const struct mp_netlist *n = w->n;
    bool *is_named = mp_alloc(n->net_count, sizeof *is_named);
    for (uint32_t p = 0; p < n->port_count; p++) {
        const struct mp_port *port = &n->ports[p];
        if (port->is_vector) {
            put_vector(w, port, is_named);
            continue;
        }
        put_scalar(w, port->name, port->nets[0]);
        if (strcmp(port->name, n->net_name[port->nets[0]]) == 0)
            is_named[port->nets[0]] = true;
    }
    for (uint32_t net = 2; net < n->net_count; net++)
        if (!is_named[net])
            put_scalar(w, n->net_name[net], net);
    free(is_named);
}

static void put_pins(struct mp_vcd_writer *w)
{
    const struct mp_netlist *n = w->n;
    for (uint32_t c = 0; c < n->cell_count; c++) {
        mp_sink_text(w->sink, "$scope module ");
        put_name(w->sink, n->cell_name[c]);
        mp_sink_text(w->sink, " $end\n");
        for (uint32_t p = n->cell_first_pin[c]; p < n->cell_first_pin[c + 1]; p++)
            if (n->pin_net[p] != MP_NONE)
                put_scalar(w, mp_names_pin(n, p), n->pin_net[p]);
        mp_sink_text(w->sink, "$upscope $end\n");
    }
}

static unsigned open_scopes(struct mp_vcd_writer *w, const char *scope)
{
    unsigned levels = 0;
    while (*scope) {
        size_t length = strcspn(scope, "./");
        char *part = mp_strndup(scope, length);
        mp_sink_text(w->sink, "$scope module ");
        put_name(w->sink, part);
        mp_sink_text(w->sink, " $end\n");
        free(part);
        levels++;
        scope += length + (scope[length] != '\0');
    }
    return levels;
}

/* The variables of each net. */
static void index_vars(struct mp_vcd_writer *w)
{
    uint32_t nets = w->n->net_count;
    w->net_first = mp_alloc((size_t)nets + 2, sizeof *w->net_first);
    w->net_vars = mp_alloc(w->net_count + 1, sizeof *w->net_vars);
    for (size_t i = 0; i < w->net_count; i++)
        w->net_first[w->var_nets[i] + 2]++;
    for (uint32_t net = 0; net < nets; net++)
        w->net_first[net + 2] += w->net_first[net + 1];
    for (uint32_t var = 0; var < w->var_count; var++)
        for (uint32_t k = 0; k < w->vars[var].width; k++) {
            uint32_t net = w->var_nets[w->vars[var].first_net + k];
            w->net_vars[w->net_first[net + 1]++] = var;
        }
}

void mp_vcd_writer_declare(struct mp_vcd_writer *w)
{
    const char *scope = w->options.scope;
    w->scalar = mp_alloc(w->n->net_count, sizeof *w->scalar);
    for (uint32_t net = 0; net < w->n->net_count; net++)
        w->scalar[net] = MP_NONE;
    mp_sink_printf(w->sink, "$version macppa $end\n$timescale %s $end\n", w->tick.name);
    unsigned levels = scope && *scope ? open_scopes(w, scope) : 1;
    if (!scope || !*scope) {
        mp_sink_text(w->sink, "$scope module ");
        put_name(w->sink, w->n->name);
        mp_sink_text(w->sink, " $end\n");
    }
    put_nets(w);
    if (w->options.with_pins)
        put_pins(w);
    while (levels-- > 0)
        mp_sink_text(w->sink, "$upscope $end\n");
    mp_sink_text(w->sink, "$enddefinitions $end\n");
    index_vars(w);
    w->dirty = mp_alloc(w->var_count + 1, sizeof *w->dirty);
}
