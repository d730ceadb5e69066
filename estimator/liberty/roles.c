#include "estimator/liberty/library.h"

#include <math.h>
#include <string.h>

/* The wired pins of a cell in the order of the file. */
struct shape {
    uint32_t inputs[4], outputs[4]; /* local pins; the first four */
    uint32_t input_count, output_count;
};

static bool shape_of(const struct mp_library *lib, const struct mp_lib_cell *cell,
                     struct shape *shape)
{
    memset(shape, 0, sizeof *shape);
    if (cell->is_pad_or_macro || cell->is_scan || isnan(cell->area_um2))
        return false;
    for (uint32_t k = 0; k < cell->pin_count; k++) {
        const struct mp_lib_pin *pin = &lib->pins[cell->first_pin + k];
        if (pin->direction == MP_DIR_INOUT || pin->is_three_state)
            return false;
        if (pin->direction == MP_DIR_INPUT) {
            if (shape->input_count < 4)
                shape->inputs[shape->input_count] = k;
            shape->input_count++;
        } else if (pin->direction == MP_DIR_OUTPUT) {
            if (!pin->function.code)
                return false;
            if (shape->output_count < 4)
                shape->outputs[shape->output_count] = k;
            shape->output_count++;
        }
    }
    return shape->output_count > 0;
}

/* Truth table of an output over the inputs of a cell with up to three: bit i is its value when
 * input k is bit k of i. */
static unsigned truth(const struct mp_library *lib, const struct mp_lib_cell *cell,
                      const struct shape *shape, uint32_t output)
{
    const struct mp_expr *f = &lib->pins[cell->first_pin + shape->outputs[output]].function;
    unsigned table = 0;
    for (unsigned i = 0; i < 1u << shape->input_count; i++) {
        uint64_t pins = 0;
        for (uint32_t k = 0; k < shape->input_count; k++)
            pins |= (uint64_t)(i >> k & 1) << shape->inputs[k];
        table |= (unsigned)mp_expr_eval(f, pins) << i;
    }
    return table;
}

/* Among equals the shorter name: inv_1 rather than clkinv_1. */
static void take_smaller(const struct mp_library *lib, uint32_t cell, uint32_t *best)
{
    if (*best == MP_NONE) {
        *best = cell;
        return;
    }
    const struct mp_lib_cell *a = &lib->cells[cell], *b = &lib->cells[*best];
    if (a->area_um2 < b->area_um2 ||
        (!(a->area_um2 > b->area_um2) && strlen(a->name) < strlen(b->name)))
        *best = cell;
}

/* A constant that the library marks dont_use (so that no tool picks it unasked, as nangate45 does)
 * is better than none. */
static void take_constant(const struct mp_library *lib, uint32_t cell, uint32_t *best)
{
    if (*best != MP_NONE && lib->cells[*best].dont_use && !lib->cells[cell].dont_use)
        *best = cell;
    else if (*best == MP_NONE || lib->cells[*best].dont_use == lib->cells[cell].dont_use)
        take_smaller(lib, cell, best);
}

static double drive(const struct mp_library *lib, const struct mp_lib_cell *cell)
{
    double most = 0;
    for (uint32_t k = 0; k < cell->pin_count; k++)
        if (lib->pins[cell->first_pin + k].direction == MP_DIR_OUTPUT)
            most = fmax(most, lib->pins[cell->first_pin + k].max_capacitance_f);
    return most;
}

/* By max_capacitance; libraries that give none: by area. */
static void take_stronger(const struct mp_library *lib, uint32_t cell, uint32_t *best)
{
    if (*best == MP_NONE) {
        *best = cell;
        return;
    }
    const struct mp_lib_cell *a = &lib->cells[cell], *b = &lib->cells[*best];
    double da = drive(lib, a), db = drive(lib, b);
    if (da > db || (da == db && da == 0 && a->area_um2 > b->area_um2))
        *best = cell;
}

static void find_combinational(const struct mp_library *lib, uint32_t id, const struct shape *shape,
                               struct mp_library_roles *roles)
{
    const struct mp_lib_cell *cell = &lib->cells[id];
    if (shape->input_count > 3 || shape->output_count > 2 ||
        (cell->dont_use && shape->input_count > 0))
        return;
    unsigned a = truth(lib, cell, shape, 0);
    unsigned b = shape->output_count == 2 ? truth(lib, cell, shape, 1) : a;
    bool one_output = shape->output_count == 1;
    if (shape->input_count == 0) {
        if (a == 0 || b == 0)
            take_constant(lib, id, &roles->constant_zero);
        if (a == 1 || b == 1)
            take_constant(lib, id, &roles->constant_one);
    } else if (shape->input_count == 1 && one_output && a == 0x1) {
        take_smaller(lib, id, &roles->inverter);
    } else if (shape->input_count == 1 && one_output && a == 0x2) {
        take_smaller(lib, id, &roles->buffer);
        take_stronger(lib, id, &roles->buffer_strong);
    } else if (shape->input_count == 2 && one_output && a == 0x7) {
        take_smaller(lib, id, &roles->nand2);
    } else if (shape->input_count == 2 && ((a == 0x6 && b == 0x8) || (a == 0x8 && b == 0x6))) {
        take_smaller(lib, id, &roles->half_adder);
    } else if (shape->input_count == 3 && ((a == 0x96 && b == 0xe8) || (a == 0xe8 && b == 0x96))) {
        take_smaller(lib, id, &roles->full_adder);
    }
}

/* Is e the pin itself, neither inverted nor anything else? */
static bool is_pin(const struct mp_expr *e, uint32_t pin)
{
    return mp_expr_support(e) == UINT64_C(1) << pin && mp_expr_eval(e, UINT64_C(1) << pin) &&
           !mp_expr_eval(e, 0);
}

static bool is_plain_flip_flop(const struct mp_library *lib, const struct mp_lib_cell *cell,
                               const struct shape *shape)
{
    if (shape->input_count != 2 || cell->clear.code || cell->preset.code)
        return false;
    uint32_t a = shape->inputs[0], b = shape->inputs[1];
    if (!(is_pin(&cell->next_state, a) && is_pin(&cell->clocked_on, b)) &&
        !(is_pin(&cell->next_state, b) && is_pin(&cell->clocked_on, a)))
        return false;
    for (uint32_t k = 0; k < shape->output_count && k < 4; k++)
        if (is_pin(&lib->pins[cell->first_pin + shape->outputs[k]].function, cell->pin_count))
            return true;
    return false;
}

void mp_library_roles_find(const struct mp_library *lib, struct mp_library_roles *roles)
{
    *roles = (struct mp_library_roles){MP_NONE, MP_NONE, MP_NONE, MP_NONE, MP_NONE,
                                       MP_NONE, MP_NONE, MP_NONE, MP_NONE};
    for (uint32_t id = 0; id < lib->cell_count; id++) {
        const struct mp_lib_cell *cell = &lib->cells[id];
        struct shape shape;
        if (!shape_of(lib, cell, &shape))
            continue;
        if (cell->sequential == MP_COMBINATIONAL)
            find_combinational(lib, id, &shape, roles);
        else if (cell->sequential == MP_FLIP_FLOP && !cell->dont_use &&
                 is_plain_flip_flop(lib, cell, &shape))
            take_smaller(lib, id, &roles->flip_flop);
    }
}
