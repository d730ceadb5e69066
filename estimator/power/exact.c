#include "estimator/power/exact.h"
#include "estimator/power/exact_cell.h"

static int fail_other_netlist(const struct mp_netlist *n, struct mp_error *err)
{
    return mp_fail(err, MP_E_INPUT,
                   "the cases are not those of netlist %s; simulate it with mp_timed_options.cases",
                   n->name);
}

/* Same cells, each with the inputs and outputs of its type. */
static int check_cases(const struct mp_netlist *n, const struct mp_cases *cases,
                       struct mp_error *err)
{
    if (cases->cell_count != n->cell_count)
        return fail_other_netlist(n, err);
    if (cases->cycles == 0)
        return mp_fail(err, MP_E_INPUT, "the cases of netlist %s are of no cycle", n->name);
    for (uint32_t cell = 0; cell < n->cell_count; cell++) {
        const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
        const struct mp_cases_cell *x = &cases->cells[cell];
        uint32_t inputs = 0, outputs = 0;
        for (uint32_t k = 0; k < type->pin_count; k++) {
            enum mp_direction direction = n->library->pins[type->first_pin + k].direction;
            if (direction == MP_DIR_INPUT &&
                (inputs == x->input_count || x->variable[inputs++] != k))
                return fail_other_netlist(n, err);
            if (direction == MP_DIR_OUTPUT &&
                (outputs == x->output_count || x->output[outputs++] != k))
                return fail_other_netlist(n, err);
        }
        bool has_state = type->sequential != MP_COMBINATIONAL;
        if (inputs != x->input_count || outputs != x->output_count ||
            x->variable_count != inputs + has_state)
            return fail_other_netlist(n, err);
    }
    return MP_OK;
}

int mp_power_compute_exact(struct mp_power *out, const struct mp_power_input *in,
                           const struct mp_cases *cases, struct mp_error *err)
{
    *out = (struct mp_power){0};
    int rc = check_cases(in->netlist, cases, err);
    return rc < 0 ? rc : mp_power_compute_with(out, in, cases, err);
}
