#include "estimator/netlist/netlist.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A name that needs no escape; keywords of Verilog do not occur where tools name things, but a
 * user may, so only names with a capital, a digit or an underscore are taken as they are. */
static bool is_plain(const char *name)
{
    bool distinct = false;

    if (!isalpha((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (const char *c = name; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && *c != '_')
            return false;
        distinct =
            distinct || *c == '_' || isdigit((unsigned char)*c) || isupper((unsigned char)*c);
    }
    return distinct;
}

static void add_name(struct mp_text *out, const char *name)
{
    mp_text_printf(out, is_plain(name) ? "%s" : "\\%s ", name);
}

/* Where a net is named: a bit of a port, or by itself. */
struct place {
    uint32_t port, bit; /* port MP_NONE: by its own name */
};

static void add_port_bit(struct mp_text *out, const struct mp_port *p, uint32_t bit)
{
    add_name(out, p->name);
    if (p->is_vector)
        mp_text_printf(out, "[%u]", bit);
}

static void add_net(struct mp_text *out, const struct mp_netlist *n, const struct place *places,
                    uint32_t net)
{
    if (net < 2)
        mp_text_add(out, net == 0 ? "1'b0" : "1'b1");
    else if (places[net].port != MP_NONE)
        add_port_bit(out, &n->ports[places[net].port], places[net].bit);
    else
        add_name(out, n->net_name[net]);
}

/* Input ports name their nets first, then outputs. */
static void place_nets(struct place *places, const struct mp_netlist *n)
{
    for (uint32_t i = 0; i < n->net_count; i++)
        places[i] = (struct place){MP_NONE, 0};
    for (unsigned pass = 0; pass < 2; pass++)
        for (uint32_t p = 0; p < n->port_count; p++) {
            const struct mp_port *port = &n->ports[p];
            for (uint32_t b = 0; b < port->width; b++)
                if ((port->direction == MP_DIR_INPUT) == (pass == 0) &&
                    places[port->nets[b]].port == MP_NONE)
                    places[port->nets[b]] = (struct place){p, b};
        }
}

static void add_ports(struct mp_text *out, const struct mp_netlist *n)
{
    mp_text_add(out, "module ");
    add_name(out, n->name);
    mp_text_add(out, "(");
    for (uint32_t p = 0; p < n->port_count; p++) {
        mp_text_add(out, p > 0 ? ", " : "");
        add_name(out, n->ports[p].name);
    }
    mp_text_add(out, ");\n");
    for (uint32_t p = 0; p < n->port_count; p++) {
        const struct mp_port *port = &n->ports[p];
        mp_text_add(out, port->direction == MP_DIR_INPUT ? "  input " : "  output ");
        if (port->is_vector)
            mp_text_printf(out, "[%u:0] ", port->width - 1);
        add_name(out, port->name);
        mp_text_add(out, ";\n");
    }
}

static void add_cells(struct mp_text *out, const struct mp_netlist *n, const struct place *places)
{
    for (uint32_t c = 0; c < n->cell_count; c++) {
        const struct mp_lib_cell *type = &n->library->cells[n->cell_type[c]];
        bool first = true;
        mp_text_add(out, "  ");
        add_name(out, type->name);
        mp_text_add(out, " ");
        add_name(out, n->cell_name[c]);
        mp_text_add(out, " (");
        for (uint32_t k = 0; k < type->pin_count; k++) {
            uint32_t net = n->pin_net[n->cell_first_pin[c] + k];
            if (net == MP_NONE)
                continue;
            mp_text_add(out, first ? "." : ", .");
            add_name(out, n->library->pins[type->first_pin + k].name);
            mp_text_add(out, "(");
            add_net(out, n, places, net);
            mp_text_add(out, ")");
            first = false;
        }
        mp_text_add(out, ");\n");
    }
}

/* Output bits that share their net with another port's bit, or are constant. */
static void add_assigns(struct mp_text *out, const struct mp_netlist *n, const struct place *places)
{
    for (uint32_t p = 0; p < n->port_count; p++) {
        const struct mp_port *port = &n->ports[p];
        for (uint32_t b = 0; port->direction != MP_DIR_INPUT && b < port->width; b++) {
            uint32_t net = port->nets[b];
            if (net >= 2 && places[net].port == p && places[net].bit == b)
                continue;
            mp_text_add(out, "  assign ");
            add_port_bit(out, port, b);
            mp_text_add(out, " = ");
            add_net(out, n, places, net);
            mp_text_add(out, ";\n");
        }
    }
}

void mp_netlist_write(struct mp_text *out, const struct mp_netlist *n)
{
    struct place *places = mp_alloc(n->net_count, sizeof *places);

    place_nets(places, n);
    add_ports(out, n);
    for (uint32_t i = 2; i < n->net_count; i++)
        if (places[i].port == MP_NONE) {
            mp_text_add(out, "  wire ");
            add_name(out, n->net_name[i]);
            mp_text_add(out, ";\n");
        }
    add_cells(out, n, places);
    add_assigns(out, n, places);
    mp_text_add(out, "endmodule\n");
    free(places);
}
