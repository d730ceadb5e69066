#include "estimator/power/propagate.h"
#include "estimator/power/truth.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PINS       64 /* pins, IQ and IQN of a cell: what mp_expr can address */
#define PAIR_VARIABLES 6  /* 4096 pairs of rows */
#define MAX_ROUNDS     500
#define DAMPED         20 /* rounds after which steps are halved, against swinging */
#define SETTLED        1e-9
#define TOLERABLE      1e-4

/* A function and its Boolean differences. */
struct function {
    struct mp_truth truth;       /* bits NULL: none */
    struct mp_truth *difference; /* [truth.count] by variable */
};

struct type {
    bool ready;
    struct function *outputs; /* [pin_count] */
    struct function next;     /* of a register; the rest as well */
    struct mp_truth moves;    /* next xor IQ */
    struct mp_truth clear, preset;
    bool reads_state;
};

struct run {
    const struct mp_netlist *n;
    const bool *known;
    enum mp_propagate_rule rule;
    double *density, *duty; /* [net] */
    struct type *types;     /* [library cell] */
    struct mp_arena arena;
    double change; /* largest of this round, in duty or density of what a register drives */
    unsigned round;
    struct mp_error *err;
};

struct view { /* of an instance, by local pin */
    double duty[MAX_PINS], density[MAX_PINS];
};

const char *mp_origin_name(enum mp_origin o)
{
    static const char *const names[] = {"simulated", "file", "propagated"};
    return names[o];
}

static const struct mp_lib_cell *type_of(const struct run *r, uint32_t cell)
{
    return &r->n->library->cells[r->n->cell_type[cell]];
}

static int make_function(struct run *r, struct function *f, const struct mp_expr *e)
{
    if (e->code == NULL)
        return MP_OK;
    int rc = mp_truth_make(&f->truth, e, &r->arena, r->err);
    if (rc < 0)
        return rc;
    f->difference = mp_arena_alloc(&r->arena, (f->truth.count + 1) * sizeof *f->difference);
    for (uint32_t k = 0; k < f->truth.count; k++)
        mp_truth_difference(&f->difference[k], &f->truth, f->truth.variable[k], &r->arena);
    return MP_OK;
}

/* next xor IQ */
static int make_moves(struct run *r, struct type *t, const struct mp_lib_cell *cell)
{
    struct mp_expr e = {.length = cell->next_state.length + 2};
    int16_t *code = mp_arena_alloc(&r->arena, e.length * sizeof *code);
    memcpy(code, cell->next_state.code, cell->next_state.length * sizeof *code);
    code[e.length - 2] = (int16_t)cell->pin_count;
    code[e.length - 1] = MP_EXPR_XOR;
    e.code = code;
    return mp_truth_make(&t->moves, &e, &r->arena, r->err);
}

static int make_register(struct run *r, struct type *t, const struct mp_lib_cell *cell)
{
    if (cell->next_state.code == NULL)
        return mp_fail(r->err, MP_E_UNSUPPORTED, "register without next_state");
    t->reads_state = mp_expr_support(&cell->next_state) >> cell->pin_count != 0;
    int rc = make_function(r, &t->next, &cell->next_state);
    if (rc == MP_OK)
        rc = make_moves(r, t, cell);
    if (rc == MP_OK && cell->clear.code)
        rc = mp_truth_make(&t->clear, &cell->clear, &r->arena, r->err);
    if (rc == MP_OK && cell->preset.code)
        rc = mp_truth_make(&t->preset, &cell->preset, &r->arena, r->err);
    return rc;
}

static int make_type(struct run *r, uint32_t cell)
{
    struct type *t = &r->types[r->n->cell_type[cell]];
    const struct mp_lib_cell *c = type_of(r, cell);
    int rc = MP_OK;
    if (t->ready)
        return MP_OK;
    t->ready = true;
    t->outputs = mp_arena_alloc(&r->arena, (c->pin_count + 1) * sizeof *t->outputs);
    for (uint32_t k = 0; k < c->pin_count && rc == MP_OK; k++) {
        const struct mp_lib_pin *pin = &r->n->library->pins[c->first_pin + k];
        if (pin->direction == MP_DIR_OUTPUT)
            rc = make_function(r, &t->outputs[k], &pin->function);
    }
    if (rc == MP_OK && c->sequential == MP_FLIP_FLOP)
        rc = make_register(r, t, c);
    if (rc < 0)
        mp_error_context(r->err, "cell %s cannot be propagated through", c->name);
    return rc;
}

static void look(const struct run *r, uint32_t cell, struct view *v)
{
    uint32_t first = r->n->cell_first_pin[cell], count = type_of(r, cell)->pin_count;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t net = r->n->pin_net[first + k];
        v->duty[k] = net == MP_NONE ? 0 : r->duty[net];
        v->density[k] = net == MP_NONE ? 0 : r->density[net];
    }
    v->duty[count] = v->duty[count + 1] = 0.5;
    v->density[count] = v->density[count + 1] = 0;
}

/* How likely an input is 0 or 1 in this cycle and the next: [before][after]. */
struct pairs {
    double p[2][2];
};

/* Sum over all pairs of rows in which F differs; the variables from k on are still open. */
static double pair_sum(const struct mp_truth *t, const struct pairs *pairs, uint32_t k,
                       uint32_t before, uint32_t after)
{
    if (k == t->count)
        return (t->bits[0] >> before ^ t->bits[0] >> after) & 1 ? 1 : 0;
    double sum = 0;
    for (uint32_t x = 0; x < 4; x++) {
        double p = pairs[k].p[x & 1][x >> 1];
        if (p > 0)
            sum += p * pair_sum(t, pairs, k + 1, before | (x & 1) << k, after | (x >> 1) << k);
    }
    return sum;
}

static double functional_density(const struct mp_truth *t, const struct view *v)
{
    struct pairs pairs[PAIR_VARIABLES];
    for (uint32_t k = 0; k < t->count; k++) {
        double d = v->duty[t->variable[k]];
        double half = fmin(v->density[t->variable[k]] / 2, fmin(d, 1 - d));
        pairs[k] = (struct pairs){{{1 - d - half, half}, {half, d - half}}};
    }
    return pair_sum(t, pairs, 0, 0, 0);
}

static double density_of(const struct run *r, const struct function *f, const struct view *v)
{
    double sum = 0;
    bool is_functional = r->rule == MP_PROPAGATE_FUNCTIONAL;
    if (is_functional && f->truth.count <= PAIR_VARIABLES)
        return functional_density(&f->truth, v);
    for (uint32_t k = 0; k < f->truth.count; k++) {
        double density = v->density[f->truth.variable[k]];
        if (density != 0)
            sum += density * mp_truth_probability(&f->difference[k], v->duty);
    }
    if (is_functional) {
        double duty = mp_truth_probability(&f->truth, v->duty);
        sum = fmin(sum, 2 * duty * (1 - duty));
    }
    return sum;
}

static int no_function(const struct run *r, uint32_t cell, uint32_t pin)
{
    return mp_fail(r->err, MP_E_UNSUPPORTED,
                   "instance %s (%s): output %s has no function to propagate through; give "
                   "activity for its net %s",
                   r->n->cell_name[cell], type_of(r, cell)->name,
                   r->n->library->pins[type_of(r, cell)->first_pin + pin].name,
                   r->n->net_name[r->n->pin_net[r->n->cell_first_pin[cell] + pin]]);
}

/* The outputs that are not known. */
static int drive(struct run *r, uint32_t cell, const struct view *v)
{
    const struct type *t = &r->types[r->n->cell_type[cell]];
    uint32_t first = r->n->cell_first_pin[cell];
    for (uint32_t k = 0; k < type_of(r, cell)->pin_count; k++) {
        uint32_t net = r->n->pin_net[first + k];
        if (net == MP_NONE || r->n->net_driver[net] != first + k || r->known[net])
            continue;
        if (t->outputs[k].truth.bits == NULL)
            return no_function(r, cell, k);
        double duty = mp_truth_probability(&t->outputs[k].truth, v->duty);
        double density = density_of(r, &t->outputs[k], v);
        if (t->next.truth.bits) /* a register: what it drives is looked at in the next round */
            r->change =
                fmax(r->change, fmax(fabs(duty - r->duty[net]), fabs(density - r->density[net])));
        r->duty[net] = duty;
        r->density[net] = density;
    }
    return MP_OK;
}

/* The state as a known output shows it: Q, or QN turned over. */
static bool state_from_output(const struct run *r, uint32_t cell, struct view *v)
{
    const struct mp_lib_cell *c = type_of(r, cell);
    const struct type *t = &r->types[r->n->cell_type[cell]];
    uint32_t first = r->n->cell_first_pin[cell];
    for (uint32_t k = 0; k < c->pin_count; k++) {
        uint32_t net = r->n->pin_net[first + k];
        const struct mp_truth *f = &t->outputs[k].truth;
        if (net == MP_NONE || f->bits == NULL || !r->known[net] || f->count != 1 ||
            f->variable[0] < c->pin_count)
            continue;
        bool follows = (f->bits[0] & 3) == 2; /* 1 where its variable is */
        bool is_iq = follows == (f->variable[0] == c->pin_count);
        v->duty[c->pin_count] = is_iq ? r->duty[net] : 1 - r->duty[net];
        v->density[c->pin_count] = r->density[net];
        return true;
    }
    return false;
}

static double step(const struct run *r, double from, double to)
{
    return r->round > DAMPED ? (from + to) / 2 : to;
}

/* state[2]: duty and density of IQ, kept from round to round. */
static int clock_register(struct run *r, uint32_t cell, double *state)
{
    const struct mp_lib_cell *c = type_of(r, cell);
    const struct type *t = &r->types[r->n->cell_type[cell]];
    struct view v;
    uint32_t iq = c->pin_count;
    look(r, cell, &v);
    if (!state_from_output(r, cell, &v)) {
        v.duty[iq] = state[0];
        v.duty[iq + 1] = 1 - state[0];
        double next = mp_truth_probability(&t->next.truth, v.duty);
        double moves = mp_truth_probability(&t->moves, v.duty);
        if (!t->reads_state) {
            double density = density_of(r, &t->next, &v);
            moves = r->rule == MP_PROPAGATE_FUNCTIONAL ? density : fmin(moves, density);
        }
        double clear = t->clear.bits ? mp_truth_probability(&t->clear, v.duty) : 0;
        double preset = t->preset.bits ? mp_truth_probability(&t->preset, v.duty) : 0;
        next = (1 - clear) * (preset + (1 - preset) * next);
        state[0] = step(r, state[0], next);
        state[1] = step(r, state[1], moves * (1 - clear) * (1 - preset));
        v.duty[iq] = state[0];
        v.density[iq] = state[1];
    }
    v.duty[iq + 1] = 1 - v.duty[iq];
    v.density[iq + 1] = v.density[iq];
    return drive(r, cell, &v);
}

/* Registers drive what they hold, the logic follows, registers take it in; until nothing changes.
 */
static int settle(struct run *r)
{
    const struct mp_netlist *n = r->n;
    double(*state)[2] = mp_alloc((size_t)n->register_count + 1, sizeof *state);
    int rc = MP_OK;
    for (uint32_t i = 0; i < n->register_count; i++) {
        state[i][0] = 0.5;
        state[i][1] = 0.5;
    }
    for (uint32_t net = 2; net < n->net_count; net++)
        if (!r->known[net]) /* inputs without a driver have no load either, see check_inputs() */
            r->duty[net] = r->density[net] = n->net_driver[net] == MP_NONE ? 0 : 0.5;
    if (n->clock_net != MP_NONE && !r->known[n->clock_net]) {
        r->duty[n->clock_net] = 0.5;
        r->density[n->clock_net] = 2;
    }
    for (r->round = 1; r->round <= MAX_ROUNDS && rc == MP_OK; r->round++) {
        r->change = 0;
        for (uint32_t i = 0; i < n->order_count && rc == MP_OK; i++) {
            struct view v;
            look(r, n->order[i], &v);
            rc = drive(r, n->order[i], &v);
        }
        for (uint32_t i = 0; i < n->register_count && rc == MP_OK; i++)
            rc = clock_register(r, n->registers[i], state[i]);
        if (r->change <= SETTLED)
            break;
    }
    free(state);
    if (rc == MP_OK && r->change > TOLERABLE)
        return mp_fail(r->err, MP_E_INPUT,
                       "activity does not settle in the feedback of the registers (%g after %d "
                       "rounds); give activity for their outputs",
                       r->change, MAX_ROUNDS);
    return rc;
}

static int check_known(const struct run *r)
{
    const struct mp_netlist *n = r->n;
    for (uint32_t net = 0; net < n->net_count; net++) {
        double duty = r->duty[net], density = r->density[net];
        if (r->known[net] && (!(duty >= 0 && duty <= 1) || !(density >= 0) || !isfinite(density)))
            return mp_fail(r->err, MP_E_INPUT,
                           "net %s has a duty of %g and %g transitions per cycle, which cannot be",
                           n->net_name[net], duty, density);
    }
    return MP_OK;
}

static int check_inputs(const struct run *r)
{
    const struct mp_netlist *n = r->n;
    char names[200] = "";
    size_t length = 0;
    unsigned missing = 0;
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t b = 0; b < n->ports[p].width; b++) {
            uint32_t net = n->ports[p].nets[b];
            if (n->ports[p].direction != MP_DIR_INPUT || r->known[net] || net == n->clock_net ||
                n->net_fanout_first[net] == n->net_fanout_first[net + 1])
                continue;
            if (missing++ < 5 && length < sizeof names - 1) {
                int more = snprintf(names + length, sizeof names - length, "%s%s",
                                    length ? ", " : "", n->net_name[net]);
                length += more > 0 ? (size_t)more : 0;
            }
        }
    if (missing == 0)
        return MP_OK;
    return mp_fail(r->err, MP_E_INPUT,
                   "%u bits of input ports have no activity (%s%s); nothing is assumed for inputs, "
                   "give a file that has them",
                   missing, names, missing > 5 ? ", ..." : "");
}

static int check_result(const struct run *r)
{
    for (uint32_t net = 2; net < r->n->net_count; net++)
        if (!isfinite(r->density[net]) || !isfinite(r->duty[net]))
            return mp_fail(r->err, MP_E_INPUT,
                           "the propagated activity of net %s is above all numbers; give activity "
                           "for nets before it",
                           r->n->net_name[net]);
    return MP_OK;
}

static void count_origins(struct mp_propagation *out, const struct run *r, enum mp_origin known)
{
    const struct mp_netlist *n = r->n;
    out->origin = mp_alloc(n->net_count, sizeof *out->origin);
    for (uint32_t net = 0; net < n->net_count; net++) {
        bool is_known = net < 2 || r->known[net];
        out->origin[net] = is_known ? known : MP_ORIGIN_PROPAGATED;
        out->nets[out->origin[net]] += net >= 2;
    }
    for (uint32_t p = 0; p < n->pin_count; p++)
        if (n->pin_net[p] != MP_NONE)
            out->pins[out->origin[n->pin_net[p]]]++;
}

int mp_power_propagate(struct mp_propagation *out, const struct mp_netlist *n, const bool *known,
                       enum mp_origin known_origin, enum mp_propagate_rule rule,
                       double *transitions_per_cycle, double *duty, struct mp_error *err)
{
    struct run r = {.n = n,
                    .known = known,
                    .rule = rule,
                    .density = transitions_per_cycle,
                    .duty = duty,
                    .err = err};
    *out = (struct mp_propagation){0};
    r.types = mp_alloc(n->library->cell_count, sizeof *r.types);
    duty[0] = transitions_per_cycle[0] = transitions_per_cycle[1] = 0;
    duty[1] = 1;
    int rc = check_known(&r);
    if (rc == MP_OK)
        rc = check_inputs(&r);
    for (uint32_t c = 0; c < n->cell_count && rc == MP_OK; c++)
        rc = make_type(&r, c);
    if (rc == MP_OK)
        rc = settle(&r);
    if (rc == MP_OK)
        rc = check_result(&r);
    if (rc == MP_OK) {
        count_origins(out, &r, known_origin);
        out->rounds = r.round;
    }
    mp_arena_release(&r.arena);
    free(r.types);
    return rc;
}

void mp_propagation_release(struct mp_propagation *p)
{
    free(p->origin);
    *p = (struct mp_propagation){0};
}
