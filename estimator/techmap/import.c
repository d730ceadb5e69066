#include "estimator/techmap/import.h"

#include <stdlib.h>

static int check_cells(const struct mp_netlist *n, const struct mp_nldm *nldm, struct mp_error *err)
{
    for (uint32_t c = 0; c < n->cell_count; c++)
        if (nldm->of_library_cell[n->cell_type[c]] == MP_NONE)
            return mp_fail(
                err, MP_E_UNSUPPORTED,
                "cell %s of %s is a %s, which search and sizing cannot time: more than "
                "%d inputs or %d outputs, a latch, three-state, scan, or without area or "
                "table",
                n->cell_name[c], n->name, n->library->cells[n->cell_type[c]].name, MP_NLDM_INPUTS,
                MP_NLDM_OUTPUTS);
    return MP_OK;
}

static void add_ports(struct mp_mapped *m, uint32_t *net_of, const struct mp_netlist *n,
                      enum mp_direction direction)
{
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t k = 0; k < n->ports[p].width && n->ports[p].direction == direction; k++) {
            uint32_t net = n->ports[p].nets[k];
            if (direction == MP_DIR_INPUT)
                net_of[net] = mp_mapped_add_input(m);
            else
                mp_mapped_add_output(m, net_of[net]);
        }
}

static uint32_t add_cell(struct mp_mapped *m, const uint32_t *net_of, const struct mp_netlist *n,
                         uint32_t c)
{
    uint32_t type = m->nldm->of_library_cell[n->cell_type[c]];
    const struct mp_nldm_cell *cell = &m->nldm->cells[type];
    const uint32_t *nets = &n->pin_net[n->cell_first_pin[c]];
    uint32_t inputs[MP_NLDM_INPUTS], outputs[MP_NLDM_OUTPUTS];
    for (uint32_t k = 0; k < cell->input_count; k++)
        inputs[k] = net_of[nets[cell->input_pin[k]]];
    for (uint32_t k = 0; k < cell->output_count; k++) {
        uint32_t net = nets[cell->outputs[k].pin];
        outputs[k] = net == MP_NONE ? MP_NONE : net_of[net];
    }
    return mp_mapped_add_gate(m, type, inputs, outputs);
}

int mp_techmap_import(struct mp_mapped *m, struct mp_techmap_names *names,
                      const struct mp_netlist *netlist, const struct mp_nldm *nldm,
                      const struct mp_mapped_environment *environment, struct mp_error *err)
{
    *m = (struct mp_mapped){0};
    *names = (struct mp_techmap_names){0};
    int code = check_cells(netlist, nldm, err);
    if (code < 0)
        return code;
    mp_mapped_init(m, nldm, environment);
    names->net_of = mp_alloc(netlist->net_count + 2u, sizeof *names->net_of);
    names->gate_of = mp_alloc(netlist->cell_count + 1u, sizeof *names->gate_of);
    for (uint32_t net = 0; net < netlist->net_count; net++)
        names->net_of[net] = net < 2 ? net : MP_NONE;
    add_ports(m, names->net_of, netlist, MP_DIR_INPUT);
    for (uint32_t net = 2; net < netlist->net_count; net++)
        if (names->net_of[net] == MP_NONE)
            names->net_of[net] = mp_mapped_add_net(m);
    for (uint32_t c = 0; c < netlist->cell_count; c++)
        names->gate_of[c] = add_cell(m, names->net_of, netlist, c);
    add_ports(m, names->net_of, netlist, MP_DIR_OUTPUT);
    if (mp_mapped_update(m) == MP_MAPPED_CYCLE) {
        code = mp_fail(err, MP_E_INPUT, "%s has a combinational loop", netlist->name);
        mp_mapped_release(m);
        mp_techmap_names_release(names);
    }
    return code;
}

void mp_techmap_names_release(struct mp_techmap_names *names)
{
    free(names->net_of);
    free(names->gate_of);
    *names = (struct mp_techmap_names){0};
}
