#include "estimator/activity/timed_model.h"
#include <math.h>
#include <stdlib.h>

static const struct mp_lib_cell *type_of(const struct mp_netlist *n, uint32_t cell)
{
    return &n->library->cells[n->cell_type[cell]];
}

static const char *output_pin_name(const struct mp_netlist *n, uint32_t cell, uint32_t net)
{
    const struct mp_lib_cell *type = type_of(n, cell);
    for (uint32_t k = 0; k < type->pin_count; k++)
        if (n->pin_net[n->cell_first_pin[cell] + k] == net)
            return n->library->pins[type->first_pin + k].name;
    return "?";
}

int mp_timed_fail_missing(const struct mp_timed_model *m, const struct mp_timed_output *o,
                          bool value, struct mp_error *err)
{
    return mp_fail(err, MP_E_INPUT,
                   "cell %s (%s) has no %s delay to pin %s (net %s) in the SDF; write it again for "
                   "this netlist, with every arc",
                   m->n->cell_name[o->cell], type_of(m->n, o->cell)->name, value ? "rise" : "fall",
                   output_pin_name(m->n, o->cell, o->net), m->n->net_name[o->net]);
}

/* A constant, or the output of a cell without inputs. */
static bool is_constant(const struct mp_netlist *n, uint32_t net)
{
    if (net < 2)
        return true;
    if (n->net_driver[net] == MP_NONE)
        return false;
    const struct mp_lib_cell *type = type_of(n, n->pin_cell[n->net_driver[net]]);
    if (type->sequential != MP_COMBINATIONAL)
        return false;
    for (uint32_t k = 0; k < type->pin_count; k++)
        if (n->library->pins[type->first_pin + k].direction == MP_DIR_INPUT)
            return false;
    return true;
}

static bool has_constant_input(const struct mp_netlist *n, uint32_t cell)
{
    const struct mp_lib_cell *type = type_of(n, cell);
    for (uint32_t k = 0; k < type->pin_count; k++)
        if (n->library->pins[type->first_pin + k].direction == MP_DIR_INPUT &&
            is_constant(n, n->pin_net[n->cell_first_pin[cell] + k]))
            return true;
    return false;
}

static int ticks_of(const struct mp_timed_model *m, const struct mp_sdf_arc *a, double delay_s,
                    uint32_t *out, struct mp_error *err)
{
    *out = MP_NONE;
    if (isnan(delay_s))
        return MP_OK;
    double ticks = delay_s / m->options.tick_s;
    if (!(fabs(ticks) < MP_TIMED_TICKS_MAX))
        return mp_fail(err, MP_E_INPUT,
                       "a delay of %g s of cell %s is more than %u ticks of %g s; is the SDF's "
                       "TIMESCALE right?",
                       delay_s, m->n->cell_name[a->cell], MP_TIMED_TICKS_MAX, m->options.tick_s);
    *out = ticks < 1 ? 1 : (uint32_t)(ticks + 0.5);
    return MP_OK;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Arcs of one output from sdf->arcs[first..last) of its cell. */
static int add_arcs(struct mp_timed_model *m, struct mp_timed_output *o, uint32_t pin,
                    const struct mp_sdf *sdf, uint32_t first, uint32_t last, uint32_t *arc_count,
                    struct mp_error *err)
{
    uint64_t clock = mp_expr_support(&type_of(m->n, o->cell)->clocked_on);
    o->first_arc = *arc_count;
    o->clock_delay[0] = o->clock_delay[1] = MP_NONE;
    for (uint32_t k = first; k < last; k++) {
        const struct mp_sdf_arc *a = &sdf->arcs[k];
        if (a->to_pin != pin)
            continue;
        struct mp_timed_arc *to = &m->arcs[(*arc_count)++];
        *to = (struct mp_timed_arc){
            .from = (uint8_t)a->from_pin, .edge = a->from_edge, .when = a->when};
        int rc = ticks_of(m, a, a->fall_s, &to->delay[0], err);
        if (rc == MP_OK)
            rc = ticks_of(m, a, a->rise_s, &to->delay[1], err);
        if (rc < 0)
            return rc;
        for (int v = 0; v < 2 && clock >> a->from_pin & 1; v++)
            o->clock_delay[v] = smaller(o->clock_delay[v], to->delay[v]);
        o->arc_count++;
    }
    return MP_OK;
}

/* Both edges, and an arc from every input that the function reads. */
static int check_output(const struct mp_timed_model *m, const struct mp_timed_output *o,
                        struct mp_error *err)
{
    uint64_t reads = mp_expr_support(&o->function), covered = 0;
    bool edges[2] = {false, false};
    if (has_constant_input(m->n, o->cell) || (!o->is_register && reads == 0))
        return MP_OK;
    for (uint32_t k = 0; k < o->arc_count; k++) {
        const struct mp_timed_arc *a = &m->arcs[o->first_arc + k];
        covered |= (uint64_t)1 << a->from;
        for (int v = 0; v < 2; v++)
            edges[v] = edges[v] || a->delay[v] != MP_NONE;
    }
    for (int v = 0; v < 2; v++)
        if (o->is_register ? o->clock_delay[v] == MP_NONE : !edges[v])
            return mp_timed_fail_missing(m, o, v, err);
    if (!o->is_register && reads & ~covered) {
        const struct mp_lib_cell *type = type_of(m->n, o->cell);
        uint32_t pin = (uint32_t)__builtin_ctzll(reads & ~covered);
        return mp_fail(err, MP_E_INPUT,
                       "cell %s (%s) has no delay from pin %s in the SDF; write it again for this "
                       "netlist, with every arc",
                       m->n->cell_name[o->cell], type->name,
                       m->n->library->pins[type->first_pin + pin].name);
    }
    return MP_OK;
}

static void find_latest(struct mp_timed_model *m, const struct mp_timed_output *o)
{
    const struct mp_netlist *n = m->n;
    uint32_t from = 0, delay = 0;
    if (o->is_register) {
        for (int v = 0; v < 2; v++)
            if (o->clock_delay[v] != MP_NONE && o->clock_delay[v] > delay)
                delay = o->clock_delay[v];
    } else {
        const struct mp_lib_cell *type = type_of(n, o->cell);
        for (uint32_t k = 0; k < type->pin_count; k++) {
            uint32_t net = n->pin_net[n->cell_first_pin[o->cell] + k];
            if (n->library->pins[type->first_pin + k].direction == MP_DIR_INPUT && net != MP_NONE &&
                m->net_latest[net] > from)
                from = m->net_latest[net];
        }
        for (uint32_t k = 0; k < o->arc_count; k++)
            for (int v = 0; v < 2; v++)
                if (m->arcs[o->first_arc + k].delay[v] != MP_NONE &&
                    m->arcs[o->first_arc + k].delay[v] > delay)
                    delay = m->arcs[o->first_arc + k].delay[v];
    }
    m->net_latest[o->net] = from + delay;
    if (from + delay > m->latest)
        m->latest = from + delay;
}

static int add_cell(struct mp_timed_model *m, uint32_t cell, const struct mp_sdf *sdf,
                    const uint32_t *cell_arcs, uint32_t *arc_count, struct mp_error *err)
{
    const struct mp_netlist *n = m->n;
    const struct mp_lib_cell *type = type_of(n, cell);
    m->cell_first[cell] = m->output_count;
    for (uint32_t k = 0; k < type->pin_count; k++) {
        const struct mp_lib_pin *pin = &n->library->pins[type->first_pin + k];
        uint32_t net = n->pin_net[n->cell_first_pin[cell] + k];
        if (pin->direction != MP_DIR_OUTPUT || net == MP_NONE)
            continue;
        struct mp_timed_output *o = &m->outputs[m->output_count++];
        *o = (struct mp_timed_output){.cell = cell,
                                      .net = net,
                                      .function = pin->function,
                                      .is_register = type->sequential == MP_FLIP_FLOP};
        m->cell_outputs[cell]++;
        int rc = add_arcs(m, o, k, sdf, cell_arcs[cell], cell_arcs[cell + 1], arc_count, err);
        if (rc == MP_OK)
            rc = check_output(m, o, err);
        if (rc < 0)
            return rc;
        find_latest(m, o);
    }
    return MP_OK;
}

static int set_options(struct mp_timed_model *m, const struct mp_timed_options *options,
                       struct mp_error *err)
{
    struct mp_timed_options *o = &m->options;
    *o = *options;
    if (o->tick_s == 0)
        o->tick_s = 1e-12;
    if (!(o->tick_s >= 1e-15 && o->tick_s <= 1e-9))
        return mp_fail(err, MP_E_USAGE, "a tick of %g s; 1e-15 to 1e-9 are possible", o->tick_s);
    double period = o->period_s / o->tick_s, input = o->input_delay_s / o->tick_s;
    if (!(period >= 0 && period < UINT32_MAX))
        return mp_fail(err, MP_E_USAGE, "a period of %g s in ticks of %g s", o->period_s,
                       o->tick_s);
    if (!(input >= 0 && input < MP_TIMED_TICKS_MAX))
        return mp_fail(err, MP_E_USAGE, "an input delay of %g s in ticks of %g s", o->input_delay_s,
                       o->tick_s);
    m->period = o->period_s > 0 ? (uint32_t)(period + 0.5) : UINT32_MAX;
    m->input_delay = (uint32_t)(input + 0.5);
    return MP_OK;
}

/* [cell + 1] into sdf->arcs, which are sorted by cell. */
static uint32_t *index_arcs(const struct mp_netlist *n, const struct mp_sdf *sdf)
{
    uint32_t *first = mp_alloc((size_t)n->cell_count + 1, sizeof *first);
    for (uint32_t k = 0; k < sdf->arc_count; k++)
        first[sdf->arcs[k].cell + 1]++;
    for (uint32_t c = 0; c < n->cell_count; c++)
        first[c + 1] += first[c];
    return first;
}

int mp_timed_model_make(struct mp_timed_model *m, const struct mp_netlist *n,
                        const struct mp_sdf *sdf, const struct mp_timed_options *options,
                        struct mp_error *err)
{
    *m = (struct mp_timed_model){.n = n};
    uint32_t *cell_arcs = index_arcs(n, sdf), arc_count = 0;
    int rc = set_options(m, options, err);
    m->outputs = mp_alloc((size_t)n->pin_count + 1, sizeof *m->outputs);
    m->cell_first = mp_alloc((size_t)n->cell_count + 1, sizeof *m->cell_first);
    m->cell_outputs = mp_alloc((size_t)n->cell_count + 1, sizeof *m->cell_outputs);
    m->arcs = mp_alloc((size_t)sdf->arc_count + 1, sizeof *m->arcs);
    m->net_latest = mp_alloc(n->net_count, sizeof *m->net_latest);
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t b = 0; b < n->ports[p].width && n->ports[p].direction == MP_DIR_INPUT; b++)
            m->net_latest[n->ports[p].nets[b]] = m->input_delay;
    m->latest = m->input_delay;
    for (uint32_t i = 0; i < n->register_count && rc == MP_OK; i++)
        rc = add_cell(m, n->registers[i], sdf, cell_arcs, &arc_count, err);
    for (uint32_t i = 0; i < n->order_count && rc == MP_OK; i++)
        rc = add_cell(m, n->order[i], sdf, cell_arcs, &arc_count, err);
    free(cell_arcs);
    if (rc < 0)
        mp_timed_model_release(m);
    return rc;
}

void mp_timed_model_release(struct mp_timed_model *m)
{
    free(m->outputs);
    free(m->cell_first);
    free(m->cell_outputs);
    free(m->arcs);
    free(m->net_latest);
    *m = (struct mp_timed_model){0};
}

uint32_t mp_timed_delay(const struct mp_timed_model *m, const struct mp_timed_output *o,
                        uint64_t moved, uint64_t pins, bool value, uint64_t *uncovered)
{
    uint32_t covered = MP_NONE, from_moved = MP_NONE, any = MP_NONE;
    for (uint32_t k = 0; k < o->arc_count; k++) {
        const struct mp_timed_arc *a = &m->arcs[o->first_arc + k];
        uint32_t delay = a->delay[value];
        any = smaller(any, delay);
        if (!(moved >> a->from & 1))
            continue;
        from_moved = smaller(from_moved, delay);
        bool has_edge = a->edge == 0 || (a->edge == 'r') == (pins >> a->from & 1);
        if (has_edge && (a->when.code == NULL || mp_expr_eval(&a->when, pins)))
            covered = smaller(covered, delay);
    }
    if (covered != MP_NONE)
        return covered;
    ++*uncovered;
    return from_moved != MP_NONE ? from_moved : any;
}

void mp_timed_result_release(struct mp_timed_result *r)
{
    mp_activity_release(&r->functional);
    mp_activity_release(&r->timed);
    mp_cases_destroy(r->functional_cases);
    mp_cases_destroy(r->timed_cases);
    *r = (struct mp_timed_result){0};
}
