#include "estimator/techmap/export.h"
#include "estimator/netlist/netlist.h"

#include <stdlib.h>
#include <string.h>

struct build {
    const struct mp_mapped *m;
    const struct mp_export_names *names;
    struct mp_netlist n;
    struct mp_map used;    /* names of everything in the module */
    uint32_t *net_of;      /* [mapped net] */
    struct mp_arena arena; /* of the netlist's arrays and names */
};

/* A name nobody has: prefix, letter, number, and underscores until it is new. */
static const char *make_name(struct build *b, const char *prefix, char letter, uint32_t number)
{
    struct mp_text t = {0};
    const char *name;

    mp_text_printf(&t, "%s%c%u", prefix != NULL ? prefix : "", letter, number);
    while (mp_map_get(&b->used, t.data) != MP_MAP_NONE)
        mp_text_add(&t, "_");
    mp_map_put(&b->used, t.data, 1);
    name = mp_arena_strdup(&b->arena, t.data);
    mp_text_release(&t);
    return name;
}

static void reserve_names(struct build *b)
{
    const struct mp_export_names *names = b->names;

    for (uint32_t p = 0; p < names->port_count; p++)
        mp_map_put(&b->used, names->ports[p].name, 1);
    for (uint32_t g = 0; names->gates != NULL && g < b->m->gate_limit; g++)
        if (names->gates[g] != NULL)
            mp_map_put(&b->used, names->gates[g], 1);
    for (uint32_t k = 0; names->nets != NULL && k < b->m->net_limit; k++)
        if (names->nets[k] != NULL)
            mp_map_put(&b->used, names->nets[k], 1);
}

static void add_nets(struct build *b)
{
    const struct mp_mapped *m = b->m;

    b->net_of = mp_arena_alloc(&b->arena, m->net_limit * sizeof *b->net_of);
    b->n.net_name = mp_arena_alloc(&b->arena, m->net_limit * sizeof *b->n.net_name);
    b->net_of[MP_MAPPED_ONE] = 1;
    b->n.net_name[0] = b->n.net_name[1] = "";
    b->n.net_count = 2;
    for (uint32_t k = 2; k < m->net_limit; k++) {
        const char *given = b->names->nets != NULL ? b->names->nets[k] : NULL;

        b->net_of[k] = MP_NONE;
        if (!m->nets[k].is_used)
            continue;
        b->net_of[k] = b->n.net_count;
        b->n.net_name[b->n.net_count++] = given != NULL ? given : make_name(b, NULL, 'n', k);
    }
}

static void add_cells(struct build *b)
{
    const struct mp_mapped *m = b->m;
    const struct mp_library *lib = m->nldm->library;
    uint32_t pins = 0;

    for (uint32_t g = 0; g < m->gate_limit; g++)
        if (m->gates[g].type != MP_NONE)
            pins += lib->cells[m->nldm->cells[m->gates[g].type].library_cell].pin_count;
    b->n.cell_type = mp_arena_alloc(&b->arena, m->gate_count * sizeof *b->n.cell_type);
    b->n.cell_name = mp_arena_alloc(&b->arena, m->gate_count * sizeof *b->n.cell_name);
    b->n.cell_first_pin =
        mp_arena_alloc(&b->arena, (m->gate_count + (size_t)1) * sizeof *b->n.cell_first_pin);
    b->n.pin_net = mp_arena_alloc(&b->arena, pins * sizeof *b->n.pin_net);
    for (uint32_t g = 0; g < m->gate_limit; g++) {
        const struct mp_mapped_gate *gate = &m->gates[g];
        const char *given = b->names->gates != NULL ? b->names->gates[g] : NULL;
        const char *prefix = b->names->prefixes != NULL ? b->names->prefixes[g] : NULL;
        const struct mp_nldm_cell *cell;
        uint32_t c = b->n.cell_count, *net = b->n.pin_net + b->n.pin_count;

        if (gate->type == MP_NONE)
            continue;
        cell = &m->nldm->cells[gate->type];
        b->n.cell_type[c] = cell->library_cell;
        b->n.cell_name[c] = given != NULL ? given : make_name(b, prefix, 'g', g);
        b->n.cell_first_pin[c] = b->n.pin_count;
        b->n.pin_count += lib->cells[cell->library_cell].pin_count;
        for (uint32_t k = 0; k < lib->cells[cell->library_cell].pin_count; k++)
            net[k] = MP_NONE;
        for (unsigned k = 0; k < cell->input_count; k++)
            net[cell->input_pin[k]] = b->net_of[gate->inputs[k]];
        for (unsigned k = 0; k < cell->output_count; k++)
            if (gate->outputs[k] != MP_NONE)
                net[cell->outputs[k].pin] = b->net_of[gate->outputs[k]];
        b->n.cell_count++;
        b->n.cell_first_pin[b->n.cell_count] = b->n.pin_count;
    }
}

static int add_ports(struct build *b, struct mp_error *err)
{
    const struct mp_export_names *names = b->names;
    const struct mp_mapped *m = b->m;
    uint32_t at[2] = {0, 0}, have[2] = {m->input_count, m->output_count};

    b->n.ports = mp_arena_alloc(&b->arena, names->port_count * sizeof *b->n.ports);
    b->n.port_count = names->port_count;
    for (uint32_t p = 0; p < names->port_count; p++) {
        const struct mp_export_port *port = &names->ports[p];
        const uint32_t *from = port->is_output ? m->outputs : m->inputs;
        uint32_t *nets = mp_arena_alloc(&b->arena, port->width * sizeof *nets);

        if (port->width > have[port->is_output] - at[port->is_output])
            return mp_fail(err, MP_E_INPUT,
                           "port '%s' of '%s' has more bits than the netlist has left", port->name,
                           names->module);
        for (uint32_t k = 0; k < port->width; k++)
            nets[k] = b->net_of[from[at[port->is_output]++]];
        b->n.ports[p] =
            (struct mp_port){.name = port->name,
                             .direction = port->is_output ? MP_DIR_OUTPUT : MP_DIR_INPUT,
                             .is_vector = port->is_vector,
                             .width = port->width,
                             .nets = nets};
    }
    if (at[0] != have[0] || at[1] != have[1])
        return mp_fail(err, MP_E_INPUT, "the ports of '%s' have fewer bits than the netlist",
                       names->module);
    return MP_OK;
}

int mp_techmap_export(struct mp_text *out, const struct mp_mapped *m,
                      const struct mp_export_names *names, struct mp_error *err)
{
    struct build b = {.m = m, .names = names};
    int rc;

    b.n.library = m->nldm->library;
    b.n.name = names->module;
    reserve_names(&b);
    add_nets(&b);
    add_cells(&b);
    if ((rc = add_ports(&b, err)) == MP_OK)
        mp_netlist_write(out, &b.n);
    mp_map_release(&b.used);
    mp_arena_release(&b.arena);
    return rc;
}
