#include "estimator/timing/nldm_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int64_t mp_nldm_cap(double cap_f)
{
    return llround(cap_f / MP_NLDM_CAP_UNIT_F);
}

double mp_nldm_cap_f(int64_t units)
{
    return (double)units * MP_NLDM_CAP_UNIT_F;
}

static uint64_t truth_of(const struct mp_nldm_cell *cell, const struct mp_expr *e)
{
    uint64_t truth = 0;
    for (uint32_t i = 0; e->code && i < 1u << cell->input_count; i++) {
        uint64_t pins = 0;
        for (uint32_t k = 0; k < cell->input_count; k++)
            pins |= (uint64_t)(i >> k & 1) << cell->input_pin[k];
        truth |= (uint64_t)mp_expr_eval(e, pins) << i;
    }
    return truth;
}

/* What a pin of a flip-flop shows of its state: 1 the state, -1 its inverse, 0 neither. */
static int state_shown(const struct mp_expr *e, uint32_t pin_count)
{
    uint64_t iq = UINT64_C(1) << pin_count, iqn = UINT64_C(2) << pin_count;
    uint64_t support = mp_expr_support(e);
    if (support != iq && support != iqn)
        return 0;
    int sign = support == iq ? 1 : -1;
    return mp_expr_eval(e, support) && !mp_expr_eval(e, 0) ? sign : -sign;
}

static bool describe_pins(struct mp_nldm_cell *cell, const struct mp_library *lib)
{
    const struct mp_lib_cell *from = &lib->cells[cell->library_cell];
    for (uint32_t p = 0; p < from->pin_count; p++) {
        const struct mp_lib_pin *pin = &lib->pins[from->first_pin + p];
        if (pin->direction == MP_DIR_INTERNAL)
            continue;
        if (pin->direction == MP_DIR_INOUT || pin->is_three_state)
            return false;
        if (pin->direction == MP_DIR_OUTPUT) {
            if (cell->output_count == MP_NLDM_OUTPUTS || !pin->function.code)
                return false;
            struct mp_nldm_output *out = &cell->outputs[cell->output_count++];
            out->pin = p;
            out->max_load = pin->max_capacitance_f > 0
                                ? (float)(pin->max_capacitance_f / MP_NLDM_CAP_UNIT_F)
                                : INFINITY;
            continue;
        }
        double rise = pin->rise_capacitance_f, fall = pin->fall_capacitance_f;
        double most = INT32_MAX * MP_NLDM_CAP_UNIT_F;
        if (cell->input_count == MP_NLDM_INPUTS || !(rise >= 0 && rise < most && fall < most))
            return false;
        cell->input_pin[cell->input_count] = p;
        cell->cap[cell->input_count][MP_RISE] = (int32_t)mp_nldm_cap(rise);
        cell->cap[cell->input_count++][MP_FALL] = (int32_t)mp_nldm_cap(fall);
    }
    return cell->output_count > 0;
}

static bool describe_flip_flop(struct mp_nldm_cell *cell, const struct mp_library *lib)
{
    const struct mp_lib_cell *from = &lib->cells[cell->library_cell];
    uint64_t support = mp_expr_support(&from->clocked_on);
    cell->kind = MP_NLDM_FLIP_FLOP;
    cell->clock = UINT8_MAX;
    for (uint32_t k = 0; k < cell->input_count; k++)
        if (support == UINT64_C(1) << cell->input_pin[k])
            cell->clock = (uint8_t)k;
    if (cell->clock == UINT8_MAX)
        return false;
    cell->clock_edge = mp_expr_eval(&from->clocked_on, support) ? MP_RISE : MP_FALL;
    uint64_t mask = (UINT64_C(2) << ((1u << cell->input_count) - 1)) - 1;
    for (uint32_t o = 0; o < cell->output_count; o++) {
        struct mp_nldm_output *out = &cell->outputs[o];
        int shown = state_shown(&lib->pins[from->first_pin + out->pin].function, from->pin_count);
        uint64_t truth = truth_of(cell, &from->next_state);
        if (shown == 0)
            return false;
        out->truth = shown > 0 ? truth : ~truth & mask;
    }
    return true;
}

/* Does exchanging inputs a and b leave the function as it is? */
static bool is_symmetric(uint64_t truth, uint32_t inputs, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0; i < 1u << inputs; i++) {
        uint32_t x = i >> a & 1, y = i >> b & 1;
        uint32_t j = (i & ~(1u << a | 1u << b)) | y << a | x << b;
        if ((truth >> i & 1) != (truth >> j & 1))
            return false;
    }
    return true;
}

static void find_symmetric(struct mp_nldm_cell *cell)
{
    for (uint32_t a = 0; a < cell->input_count; a++)
        for (uint32_t b = 0; b < cell->input_count; b++) {
            bool same = a == b || cell->kind != MP_NLDM_FLIP_FLOP;
            for (uint32_t o = 0; o < cell->output_count && same && a != b; o++)
                same = is_symmetric(cell->outputs[o].truth, cell->input_count, a, b);
            cell->symmetric[a] = (uint8_t)(cell->symmetric[a] | same << b);
        }
}

static bool describe(struct mp_nldm_builder *b, struct mp_nldm_cell *cell, uint32_t id)
{
    const struct mp_library *lib = b->n->library;
    const struct mp_lib_cell *from = &lib->cells[id];
    *cell = (struct mp_nldm_cell){.library_cell = id,
                                  .area_um2 = (float)from->area_um2,
                                  .dont_use = from->dont_use || from->is_pad_or_macro};
    if (from->is_scan || from->refused || isnan(from->area_um2) || !describe_pins(cell, lib))
        return false;
    for (uint32_t k = 0; k < MP_NLDM_INPUTS; k++)
        cell->setup[k][MP_RISE] = cell->setup[k][MP_FALL] = MP_NONE;
    if (from->sequential == MP_FLIP_FLOP) {
        if (!describe_flip_flop(cell, lib) || !mp_nldm_build_setup(b, cell))
            return false;
    } else if (from->sequential == MP_COMBINATIONAL) {
        cell->kind = cell->input_count > 0 ? MP_NLDM_GATE : MP_NLDM_TIE;
        for (uint32_t o = 0; o < cell->output_count; o++)
            cell->outputs[o].truth =
                truth_of(cell, &lib->pins[from->first_pin + cell->outputs[o].pin].function);
    } else {
        return false;
    }
    for (uint32_t o = 0; o < cell->output_count; o++)
        if (!mp_nldm_build_output(b, cell, &cell->outputs[o]))
            return false;
    find_symmetric(cell);
    return true;
}

static bool is_family(const struct mp_nldm *n, const struct mp_nldm_cell *a,
                      const struct mp_nldm_cell *b)
{
    bool same = a->kind == b->kind && a->input_count == b->input_count &&
                a->output_count == b->output_count && a->clock == b->clock &&
                a->clock_edge == b->clock_edge;
    for (uint32_t o = 0; o < a->output_count && same; o++)
        same = a->outputs[o].truth == b->outputs[o].truth;
    if (!same || a->kind != MP_NLDM_FLIP_FLOP)
        return same;
    const struct mp_lib_cell *x = &n->library->cells[a->library_cell];
    const struct mp_lib_cell *y = &n->library->cells[b->library_cell];
    return !x->clear.code == !y->clear.code && !x->preset.code == !y->preset.code &&
           truth_of(a, &x->clear) == truth_of(b, &y->clear) &&
           truth_of(a, &x->preset) == truth_of(b, &y->preset) &&
           x->clear_preset_iq == y->clear_preset_iq && x->clear_preset_iqn == y->clear_preset_iqn;
}

/* Choosable first, then by area, by drive, by id. */
static bool is_before(const struct mp_nldm *n, uint32_t a, uint32_t b)
{
    const struct mp_nldm_cell *x = &n->cells[a], *y = &n->cells[b];
    if (x->dont_use != y->dont_use)
        return y->dont_use;
    if (x->area_um2 < y->area_um2 || x->area_um2 > y->area_um2)
        return x->area_um2 < y->area_um2;
    float u = x->outputs[0].max_load, v = y->outputs[0].max_load;
    return u < v || (!(u > v) && a < b);
}

static void make_families(struct mp_nldm *n)
{
    for (uint32_t c = 0; c < n->cell_count; c++) {
        uint32_t k = 0;
        while (k < c && !is_family(n, &n->cells[k], &n->cells[c]))
            k++;
        n->cells[c].family = k < c ? n->cells[k].family : n->family_count++;
    }
    n->family_first = mp_alloc(n->family_count + 1u, sizeof *n->family_first);
    n->family_cells = mp_alloc(n->cell_count, sizeof *n->family_cells);
    uint32_t count = 0;
    for (uint32_t f = 0; f < n->family_count; f++) {
        n->family_first[f] = count;
        for (uint32_t c = 0; c < n->cell_count; c++) {
            if (n->cells[c].family != f)
                continue;
            uint32_t at = count++;
            for (; at > n->family_first[f] && is_before(n, c, n->family_cells[at - 1]); at--)
                n->family_cells[at] = n->family_cells[at - 1];
            n->family_cells[at] = c;
        }
    }
    n->family_first[n->family_count] = count;
}

int mp_nldm_compile(struct mp_nldm *n, const struct mp_library *library, struct mp_error *err)
{
    *n = (struct mp_nldm){.library = library};
    struct mp_nldm_builder b = {.n = n};
    int code = MP_OK;
    for (uint32_t edge = MP_RISE; edge <= MP_FALL; edge++)
        mp_nldm_curve_make(&b.curve[edge], &library->thresholds[edge]);
    n->cells = mp_alloc(library->cell_count + 1u, sizeof *n->cells);
    n->of_library_cell = mp_alloc(library->cell_count + 1u, sizeof *n->of_library_cell);
    for (uint32_t id = 0; id < library->cell_count; id++) {
        size_t values = n->value_count;
        uint32_t arcs = n->arc_count;
        n->of_library_cell[id] = MP_NONE;
        if (describe(&b, &n->cells[n->cell_count], id)) {
            n->of_library_cell[id] = n->cell_count++;
        } else {
            n->value_count = values;
            n->arc_count = arcs;
        }
    }
    if (n->cell_count == 0) {
        code = mp_fail_at(err, MP_E_INPUT, library->file_count > 0 ? library->files[0] : NULL, 0,
                          "library %s has no cell with a function and table-lookup timing; search "
                          "and sizing need them",
                          library->name);
        goto out;
    }
    if (n->value_count > UINT32_MAX) {
        code = mp_fail(err, MP_E_MEMORY, "the timing tables of library %s are too large",
                       library->name);
        goto out;
    }
    mp_nldm_sort_axes(&b);
    make_families(n);
out:
    free(b.axis_uses);
    if (code < 0)
        mp_nldm_release(n);
    return code;
}

void mp_nldm_release(struct mp_nldm *n)
{
    free(n->cells);
    free(n->axes);
    free(n->arcs);
    free(n->values);
    free(n->of_library_cell);
    free(n->family_first);
    free(n->family_cells);
    *n = (struct mp_nldm){0};
}

void mp_nldm_arc_value(const struct mp_nldm *n, const struct mp_nldm_output *out,
                       const struct mp_nldm_arc *arc, float slew_s, float load, float *delay_s,
                       float *out_slew_s)
{
    float u, v;
    uint32_t i = mp_nldm_segment(&n->axes[arc->slew_axis], slew_s, &u);
    uint32_t j = mp_nldm_segment(&n->axes[out->load_axis], load, &v);
    const float *row0 = &n->values[arc->table + 2 * (i * arc->stride + j)];
    const float *row1 = row0 + 2 * arc->stride;
    float result[2];
    for (uint32_t k = 0; k < 2; k++) {
        float low = row0[k] + u * (row1[k] - row0[k]);
        float high = row0[2 + k] + u * (row1[2 + k] - row0[2 + k]);
        result[k] = low + v * (high - low);
    }
    *delay_s = result[0];
    *out_slew_s = result[1];
}

float mp_nldm_setup(const struct mp_nldm *n, const struct mp_nldm_cell *cell, uint32_t input,
                    enum mp_edge edge, float slew_s)
{
    if (cell->setup[input][edge] == MP_NONE)
        return 0;
    float u;
    uint32_t i = mp_nldm_segment(&n->axes[cell->setup_axis[input][edge]], slew_s, &u);
    const float *values = &n->values[cell->setup[input][edge] + i];
    return values[0] + u * (values[1] - values[0]);
}
