#include "estimator/techmap/move.h"

#define PATH_BIAS 112

/* Changes the drive unless that overloads something; false: not changed. */
static bool change_drive(struct mp_anneal *s, uint32_t gate)
{
    struct mp_mapped *m = s->m;
    const struct mp_nldm_cell *cell = mp_move_cell(s, gate), *other;
    uint32_t type = mp_move_type(s, cell->family, m->gates[gate].type);

    if (type == MP_NONE)
        return false;
    other = &m->nldm->cells[type];
    for (unsigned k = 0; k < cell->output_count; k++) {
        uint32_t net = m->gates[gate].outputs[k];
        double load = net == MP_NONE ? 0 : mp_mapped_load_f(m, net, MP_RISE);

        if (load > mp_move_load_limit_f(other, k) &&
            other->outputs[k].max_load < cell->outputs[k].max_load)
            return false;
    }
    mp_mapped_set_type(m, gate, type);
    return true;
}

/* Whether no driver of the gate's inputs drives more than it may. */
static bool inputs_are_fine(const struct mp_anneal *s, uint32_t gate, const double *before)
{
    for (unsigned k = 0; k < mp_move_cell(s, gate)->input_count; k++) {
        double load = mp_move_overload(s->m, s->m->gates[gate].inputs[k]);

        if (load > 1 && load > before[k])
            return false;
    }
    return true;
}

static bool change_checked(struct mp_anneal *s, uint32_t gate)
{
    uint32_t type = s->m->gates[gate].type;
    double before[MP_NLDM_INPUTS];

    for (unsigned k = 0; k < mp_move_cell(s, gate)->input_count; k++)
        before[k] = mp_move_overload(s->m, s->m->gates[gate].inputs[k]);
    if (!change_drive(s, gate))
        return false;
    if (inputs_are_fine(s, gate, before))
        return true;
    mp_mapped_set_type(s->m, gate, type);
    return false;
}

bool mp_move_drive(struct mp_anneal *s)
{
    uint32_t gate = mp_anneal_gate(s, PATH_BIAS);

    return gate != MP_NONE && change_checked(s, gate);
}

bool mp_move_drive_two(struct mp_anneal *s)
{
    uint32_t gate = mp_anneal_gate(s, PATH_BIAS), driver;
    const struct mp_nldm_cell *cell;
    bool is_changed;

    if (gate == MP_NONE)
        return false;
    cell = mp_move_cell(s, gate);
    if (cell->input_count == 0)
        return false;
    driver = s->m->nets[s->m->gates[gate].inputs[mp_move_draw(s, cell->input_count)]].driver;
    is_changed = change_checked(s, gate);
    if (driver == MP_NONE || driver / 2 == gate)
        return is_changed;
    return change_checked(s, driver / 2) || is_changed;
}
