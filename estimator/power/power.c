#include "estimator/power/power.h"
#include "estimator/power/exact_cell.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One calculation: the input, the types met so far, and what is fixed by constants. */
struct work {
    const struct mp_power_input *in;
    const struct mp_netlist *n;
    struct mp_power_type *types;  /* [library cell] */
    uint8_t *constant;            /* [net] enum mp_power_constant */
    double *load_f;               /* [net] */
    const struct mp_cases *cases; /* NULL: compatible mode */
    double unmatched_w;
    struct mp_arena arena;
};

const char *mp_power_group_name(enum mp_power_group g)
{
    static const char *const names[MP_GROUP_COUNT] = {"sequential", "clock pins", "combinational"};
    return (unsigned)g < MP_GROUP_COUNT ? names[g] : "unknown";
}

static void add(struct mp_power_parts *to, const struct mp_power_parts *p)
{
    to->internal_w += p->internal_w;
    to->switching_w += p->switching_w;
    to->leakage_w += p->leakage_w;
}

static uint32_t local_count(const struct mp_netlist *n, uint32_t cell)
{
    return n->cell_first_pin[cell + 1] - n->cell_first_pin[cell];
}

static const struct mp_lib_pin *library_pins(const struct mp_netlist *n, uint32_t cell)
{
    return n->library->pins + n->library->cells[n->cell_type[cell]].first_pin;
}

double mp_power_net_load_f(const struct mp_netlist *n, uint32_t net, const double *wire_cap_f)
{
    double rise_f = 0.0, fall_f = 0.0;
    for (uint32_t i = n->net_fanout_first[net]; i < n->net_fanout_first[net + 1]; i++) {
        uint32_t pin = n->net_fanout[i], cell = n->pin_cell[pin];
        const struct mp_lib_pin *lp = library_pins(n, cell) + (pin - n->cell_first_pin[cell]);
        rise_f += lp->rise_capacitance_f;
        fall_f += lp->fall_capacitance_f;
    }
    return fmax(rise_f, fall_f) + (wire_cap_f ? wire_cap_f[net] : 0.0);
}

static int check_input(const struct mp_power_input *in, struct mp_error *err)
{
    const struct mp_library *lib = in->netlist->library;
    if (!(in->period_s > 0.0) || !isfinite(in->period_s))
        return mp_fail(err, MP_E_INPUT, "the clock period must be above 0 for power");
    if (!(lib->voltage_v > 0.0) || !isfinite(lib->voltage_v))
        return mp_fail(err, MP_E_INPUT,
                       "library %s names no supply voltage (nom_voltage, voltage_map or operating "
                       "conditions); power needs it",
                       lib->name ? lib->name : "");
    return MP_OK;
}

static bool activity_is_given(const struct work *w, uint32_t net)
{
    return net < 2 || net == w->n->clock_net;
}

/* Every net that a cell touches needs both figures; constants and the clock are known. */
static int check_net(const struct work *w, uint32_t net, uint32_t cell, uint32_t pin,
                     struct mp_error *err)
{
    if (activity_is_given(w, net))
        return MP_OK;
    double transitions = w->in->transitions_per_cycle[net], duty = w->in->duty[net];
    const char *what = NULL;
    if (!isfinite(transitions) || transitions < 0.0)
        what = "transitions per cycle";
    else if (!(duty >= 0.0 && duty <= 1.0))
        what = "duty";
    else if (!isfinite(w->load_f[net]) || w->load_f[net] < 0.0)
        what = "load";
    if (!what)
        return MP_OK;
    return mp_fail(
        err, MP_E_INPUT, "cell %s pin %s: net %s has no usable %s (%g); simulate the whole netlist",
        w->n->cell_name[cell], library_pins(w->n, cell)[pin].name, w->n->net_name[net], what,
        what[0] == 't'   ? transitions
        : what[0] == 'd' ? duty
                         : w->load_f[net]);
}

static double constant_probability(enum mp_power_constant c)
{
    return c == MP_CONSTANT_ZERO ? 0.0 : c == MP_CONSTANT_ONE ? 1.0 : 0.5;
}

static enum mp_power_constant constant_of(double probability)
{
    return probability == 0.0   ? MP_CONSTANT_ZERO
           : probability == 1.0 ? MP_CONSTANT_ONE
                                : MP_NOT_CONSTANT;
}

static int prepare_type(struct work *w, uint32_t cell, struct mp_error *err)
{
    uint32_t id = w->n->cell_type[cell];
    if (w->types[id].ready)
        return MP_OK;
    if (w->n->library->cells[id].pin_count + 2 > MP_POWER_CELL_PINS)
        return mp_fail(err, MP_E_UNSUPPORTED, "cell type %s has too many pins",
                       w->n->library->cells[id].name);
    return mp_power_type_make(&w->types[id], w->n->library, id, &w->arena, err);
}

/* Constants through the logic: a function whose value no unknown input can change. */
static void propagate_constants(struct work *w)
{
    const struct mp_netlist *n = w->n;
    memset(w->constant, MP_NOT_CONSTANT, n->net_count);
    w->constant[0] = MP_CONSTANT_ZERO;
    w->constant[1] = MP_CONSTANT_ONE;
    for (uint32_t i = 0; i < n->order_count; i++) {
        uint32_t cell = n->order[i], first = n->cell_first_pin[cell];
        const struct mp_power_type *type = &w->types[n->cell_type[cell]];
        double value[MP_POWER_CELL_PINS];
        bool any = false, has_input = false;
        for (uint32_t k = 0; k < type->pin_count; k++) {
            uint32_t net = n->pin_net[first + k];
            enum mp_power_constant c = net == MP_NONE ? MP_NOT_CONSTANT : w->constant[net];
            value[k] = constant_probability(c);
            has_input = has_input || type->pins[k].direction == MP_DIR_INPUT;
            any = any || c != MP_NOT_CONSTANT;
        }
        for (uint32_t k = 0; (any || !has_input) && k < type->pin_count; k++) {
            uint32_t net = n->pin_net[first + k];
            const struct mp_truth *f = &type->pins[k].function;
            if (net != MP_NONE && net > 1 && type->pins[k].direction == MP_DIR_OUTPUT && f->bits)
                w->constant[net] = (uint8_t)constant_of(mp_truth_probability(f, value));
        }
    }
}

static void view_connected_pin(const struct work *w, struct mp_power_cell *c, uint32_t k,
                               uint32_t pin)
{
    uint32_t net = w->n->pin_net[pin];
    c->as_constant[k] = constant_probability(w->constant[net]);
    c->any_constant = c->any_constant || w->constant[net] != MP_NOT_CONSTANT;
    c->load_f[k] = c->type->pins[k].direction == MP_DIR_INPUT ? 0.0 : w->load_f[net];
    c->slew_rise_s[k] = w->in->slew_rise_s[pin];
    c->slew_fall_s[k] = w->in->slew_fall_s[pin];
    if (net == w->n->clock_net) {
        c->density[k] = 2.0 / w->in->period_s;
        c->duty[k] = 0.5;
        c->slew_rise_s[k] = c->slew_fall_s[k] = 0.0;
    } else if (net < 2) {
        c->density[k] = 0.0;
        c->duty[k] = (double)net;
    } else {
        c->density[k] = w->in->transitions_per_cycle[net] / w->in->period_s;
        c->duty[k] = w->in->duty[net];
    }
}

static void set_pin(struct mp_power_cell *c, uint32_t k, double density, double duty)
{
    c->density[k] = density;
    c->duty[k] = duty;
    c->as_constant[k] = 0.5;
}

/* IQ and IQN from an output that shows one of them. Without a connected output, from next_state:
 * exact for a plain D register, whose state moves when its data did. */
static bool view_state(struct mp_power_cell *c, const bool *known)
{
    uint32_t iq = c->type->pin_count, iqn = iq + 1;
    for (uint32_t k = 0; k < iq; k++) {
        const struct mp_truth *f = &c->type->pins[k].function;
        if (!known[k] || !f->bits || f->count != 1 || f->variable[0] < iq)
            continue;
        bool shows_iq = (f->variable[0] == iq) == (f->bits[0] == 2);
        double duty = shows_iq ? c->duty[k] : 1.0 - c->duty[k];
        set_pin(c, iq, c->density[k], duty);
        set_pin(c, iqn, c->density[k], 1.0 - duty);
        return true;
    }
    const struct mp_truth *next = &c->type->next_state;
    if (!next->bits || mp_truth_reads(next, iq) || mp_truth_reads(next, iqn))
        return false;
    double duty = mp_truth_probability(next, c->duty);
    set_pin(c, iq, mp_power_density(c, next), duty);
    set_pin(c, iqn, c->density[iq], 1.0 - duty);
    return true;
}

/* An output that drives no net has no simulated activity: it takes that of a connected output with
 * the same or the opposite function, else the transition density of its function. */
static bool view_unconnected(struct mp_power_cell *c, uint32_t k, const bool *known)
{
    const struct mp_truth *f = &c->type->pins[k].function;
    if (!f->bits)
        return c->type->pins[k].energy_count == 0;
    for (uint32_t j = 0; j < c->type->pin_count; j++) {
        int relation = known[j] ? mp_truth_compare(f, &c->type->pins[j].function) : 0;
        if (relation != 0) {
            set_pin(c, k, c->density[j], relation > 0 ? c->duty[j] : 1.0 - c->duty[j]);
            return true;
        }
    }
    set_pin(c, k, mp_power_density(c, f), mp_truth_probability(f, c->duty));
    return true;
}

static int view_cell(const struct work *w, struct mp_power_cell *c, uint32_t cell,
                     struct mp_error *err)
{
    const struct mp_netlist *n = w->n;
    uint32_t first = n->cell_first_pin[cell], count = local_count(n, cell);
    bool known[MP_POWER_CELL_PINS] = {false}, all_known = true;
    c->type = &w->types[n->cell_type[cell]];
    c->any_constant = false;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t net = n->pin_net[first + k];
        c->load_f[k] = 0.0;
        c->supply_v[k] = library_pins(n, cell)[k].supply_v;
        c->slew_rise_s[k] = c->slew_fall_s[k] = NAN;
        set_pin(c, k, 0.0, 0.5);
        if (net == MP_NONE) {
            all_known = all_known && c->type->pins[k].direction != MP_DIR_OUTPUT;
            continue;
        }
        int rc = check_net(w, net, cell, k, err);
        if (rc < 0)
            return rc;
        view_connected_pin(w, c, k, first + k);
        known[k] = true;
    }
    set_pin(c, count, 0.0, 0.5);
    set_pin(c, count + 1, 0.0, 0.5);
    bool state_known = !c->type->is_sequential || view_state(c, known);
    for (uint32_t k = 0; !all_known && k < count; k++) {
        if (known[k] || c->type->pins[k].direction != MP_DIR_OUTPUT)
            continue;
        if (!state_known || !view_unconnected(c, k, known))
            return mp_fail(err, MP_E_INPUT,
                           "cell %s: the activity of its unconnected output %s cannot be told; "
                           "remove the cell or connect the pin",
                           n->cell_name[cell], library_pins(n, cell)[k].name);
    }
    return MP_OK;
}

/* Internal power of a pin, by the mode. */
static int internal_w(double *out, struct work *w, const struct mp_power_cell *c,
                      const struct mp_exact_cell *exact, uint32_t pin,
                      const struct mp_lib_pin *lib_pins, struct mp_error *err)
{
    enum mp_direction direction = c->type->pins[pin].direction;
    *out = 0.0;
    if (direction == MP_DIR_INPUT)
        return exact->cases ? mp_exact_input_internal_w(out, exact, pin, err)
                            : mp_power_input_internal_w(out, c, pin, lib_pins, err);
    if (direction == MP_DIR_OUTPUT)
        return exact->cases ? mp_exact_output_internal_w(out, &w->unmatched_w, exact, pin, err)
                            : mp_power_output_internal_w(out, c, pin, lib_pins, err);
    return MP_OK;
}

/* All parts of one cell; clock_w: what its clock pins take of the internal power. */
static int compute_cell(struct work *w, uint32_t cell, struct mp_power *power, double *clock_w,
                        struct mp_error *err)
{
    const struct mp_netlist *n = w->n;
    struct mp_power_parts *out = &power->cells[cell];
    uint32_t first = n->cell_first_pin[cell];
    const struct mp_lib_pin *lib_pins = library_pins(n, cell);
    struct mp_power_cell c;
    struct mp_error cause = MP_ERROR_INIT;
    struct mp_exact_cell exact = {.cases = NULL};
    int rc = view_cell(w, &c, cell, err);
    *clock_w = 0.0;
    if (rc == MP_OK && w->cases)
        rc = mp_exact_cell_make(&exact, &c, w->in, w->cases, cell, err);
    if (rc < 0)
        return rc;
    for (uint32_t k = 0; k < c.type->pin_count; k++) {
        double pin_w = 0.0, switching_w = 0.0;
        enum mp_direction direction = c.type->pins[k].direction;
        if ((rc = internal_w(&pin_w, w, &c, &exact, k, lib_pins, &cause)) < 0)
            return mp_fail(err, (enum mp_code)rc, "cell %s (%s): %s", n->cell_name[cell],
                           n->library->cells[n->cell_type[cell]].name, cause.message);
        if (direction == MP_DIR_OUTPUT)
            switching_w = mp_power_switching_w(&c, k);
        out->switching_w += switching_w;
        out->internal_w += pin_w;
        power->pin_switching_w[first + k] = switching_w;
        power->pin_internal_w[first + k] = pin_w;
        if (direction == MP_DIR_INPUT && c.type->is_sequential &&
            n->pin_net[first + k] == n->clock_net)
            *clock_w += pin_w;
    }
    out->leakage_w = w->cases ? mp_exact_leakage_w(&exact) : mp_power_leakage_w(&c);
    if (!isfinite(mp_power_total(out)))
        return mp_fail(err, MP_E_INPUT, "cell %s (%s): its power is not a number",
                       n->cell_name[cell], n->library->cells[n->cell_type[cell]].name);
    return MP_OK;
}

static void add_to_groups(struct mp_power *p, const struct work *w, uint32_t cell, double clock_w)
{
    const struct mp_power_parts *parts = &p->cells[cell];
    const struct mp_power_parts clock = {.internal_w = clock_w};
    struct mp_power_parts rest = *parts;
    rest.internal_w -= clock_w;
    bool sequential = w->types[w->n->cell_type[cell]].is_sequential;
    add(&p->group[MP_GROUP_CLOCK_PINS], &clock);
    add(&p->group[sequential ? MP_GROUP_SEQUENTIAL : MP_GROUP_COMBINATIONAL], &rest);
    if (w->in->blocks)
        add(&p->block[w->in->blocks->of_cell[cell]], parts);
    add(&p->total, parts);
}

/* A netlist whose gates all stand still was not simulated. Loads may well be 0: of output ports. */
static int check_movement(const struct work *w, struct mp_error *err)
{
    const struct mp_netlist *n = w->n;
    for (uint32_t net = 2; net < n->net_count; net++)
        if (n->net_driver[net] != MP_NONE && w->in->transitions_per_cycle[net] > 0.0)
            return MP_OK;
    return mp_fail(err, MP_E_INPUT,
                   "nothing switches in netlist %s: no output of a cell has transitions; was the "
                   "trace simulated?",
                   n->name);
}

static int compute(struct mp_power *out, struct work *w, struct mp_error *err)
{
    const struct mp_netlist *n = w->n;
    for (uint32_t cell = 0; cell < n->cell_count; cell++) {
        int rc = prepare_type(w, cell, err);
        if (rc < 0)
            return rc;
    }
    for (uint32_t net = 0; net < n->net_count; net++)
        w->load_f[net] = mp_power_net_load_f(n, net, w->in->wire_cap_f);
    propagate_constants(w);
    for (uint32_t cell = 0; cell < n->cell_count; cell++) {
        double clock_w = 0.0;
        int rc = compute_cell(w, cell, out, &clock_w, err);
        if (rc < 0)
            return rc;
        add_to_groups(out, w, cell, clock_w);
    }
    return check_movement(w, err);
}

int mp_power_compute_with(struct mp_power *out, const struct mp_power_input *in,
                          const struct mp_cases *cases, struct mp_error *err)
{
    struct work w = {.in = in, .n = in->netlist, .cases = cases};
    *out = (struct mp_power){0};
    int rc = check_input(in, err);
    if (rc < 0)
        return rc;
    out->cell_count = w.n->cell_count;
    out->cells = mp_alloc((size_t)w.n->cell_count + 1, sizeof *out->cells);
    out->pin_internal_w = mp_alloc((size_t)w.n->pin_count + 1, sizeof *out->pin_internal_w);
    out->pin_switching_w = mp_alloc((size_t)w.n->pin_count + 1, sizeof *out->pin_switching_w);
    out->block_count = in->blocks ? in->blocks->count : 0;
    out->block = mp_alloc((size_t)out->block_count + 1, sizeof *out->block);
    w.types = mp_alloc((size_t)w.n->library->cell_count + 1, sizeof *w.types);
    w.constant = mp_alloc((size_t)w.n->net_count + 2, sizeof *w.constant);
    w.load_f = mp_alloc((size_t)w.n->net_count + 1, sizeof *w.load_f);
    rc = compute(out, &w, err);
    out->unmatched_w = w.unmatched_w;
    free(w.load_f);
    free(w.constant);
    free(w.types);
    mp_arena_release(&w.arena);
    if (rc < 0)
        mp_power_release(out);
    return rc;
}

int mp_power_compute(struct mp_power *out, const struct mp_power_input *in, struct mp_error *err)
{
    return mp_power_compute_with(out, in, NULL, err);
}

void mp_power_release(struct mp_power *p)
{
    if (!p)
        return;
    free(p->cells);
    free(p->pin_internal_w);
    free(p->pin_switching_w);
    free(p->block);
    *p = (struct mp_power){0};
}
