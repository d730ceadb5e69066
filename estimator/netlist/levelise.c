#include "estimator/netlist/netlist.h"
#include <stdlib.h>
#include <string.h>

struct leveliser {
    struct mp_netlist *n;
    uint32_t *waiting; /* [cell] inputs that are not settled yet */
    uint32_t *queue;   /* [cell] */
    struct mp_error *err;
};

static const struct mp_lib_cell *type_of(const struct mp_netlist *n, uint32_t cell)
{
    return &n->library->cells[n->cell_type[cell]];
}

static const struct mp_lib_pin *lib_pin(const struct mp_netlist *n, uint32_t cell, uint32_t k)
{
    return &n->library->pins[type_of(n, cell)->first_pin + k];
}

static const char *output_net(const struct mp_netlist *n, uint32_t cell)
{
    for (uint32_t k = 0; k < type_of(n, cell)->pin_count; k++) {
        uint32_t net = n->pin_net[n->cell_first_pin[cell] + k];
        if (lib_pin(n, cell, k)->direction == MP_DIR_OUTPUT && net != MP_NONE)
            return n->net_name[net];
    }
    return "(none)";
}

static int refuse(const struct leveliser *l, uint32_t cell, const char *why)
{
    return mp_fail(l->err, MP_E_UNSUPPORTED, "instance %s (%s) driving net %s %s",
                   l->n->cell_name[cell], type_of(l->n, cell)->name, output_net(l->n, cell), why);
}

static int check_cell(const struct leveliser *l, uint32_t cell)
{
    const struct mp_netlist *n = l->n;
    const struct mp_lib_cell *type = type_of(n, cell);
    if (type->sequential == MP_LATCH)
        return refuse(l, cell, "is a latch; only flip-flops of one clock can be simulated");
    if (type->sequential == MP_STATE_TABLE)
        return refuse(l, cell,
                      "is described by a statetable (a clock gate?); only flip-flops can "
                      "be simulated");
    for (uint32_t k = 0; k < type->pin_count; k++) {
        const struct mp_lib_pin *pin = lib_pin(n, cell, k);
        if (pin->direction != MP_DIR_OUTPUT || n->pin_net[n->cell_first_pin[cell] + k] == MP_NONE)
            continue;
        if (pin->is_three_state)
            return refuse(l, cell, "is a three-state driver, which cannot be simulated");
        if (pin->function.code == NULL)
            return refuse(l, cell, "has no function in the library");
        if (type->pin_count > 62)
            return refuse(l, cell, "has more than 62 pins");
    }
    return MP_OK;
}

/* Ids in range and both directions of every link equal: what every later stage relies on. */
static int check_graph(const struct mp_netlist *n, struct mp_error *err)
{
    for (uint32_t c = 0; c < n->cell_count; c++)
        if (n->cell_type[c] >= n->library->cell_count ||
            n->cell_first_pin[c + 1] - n->cell_first_pin[c] != type_of(n, c)->pin_count)
            return mp_fail(err, MP_E_INPUT, "netlist: cell %u does not match its type", c);
    if (n->cell_first_pin[n->cell_count] != n->pin_count)
        return mp_fail(err, MP_E_INPUT, "netlist: pins and cells do not add up");
    for (uint32_t p = 0; p < n->pin_count; p++) {
        uint32_t c = n->pin_cell[p], net = n->pin_net[p];
        if (c >= n->cell_count || p < n->cell_first_pin[c] || p >= n->cell_first_pin[c + 1])
            return mp_fail(err, MP_E_INPUT, "netlist: pin %u is not among its cell's", p);
        bool is_output = lib_pin(n, c, p - n->cell_first_pin[c])->direction == MP_DIR_OUTPUT;
        bool is_input = lib_pin(n, c, p - n->cell_first_pin[c])->direction == MP_DIR_INPUT;
        if ((net != MP_NONE && net >= n->net_count) || (net == MP_NONE && is_input) ||
            (net != MP_NONE && is_output && n->net_driver[net] != p))
            return mp_fail(err, MP_E_INPUT, "netlist: pin %u of cell %s is not linked rightly", p,
                           n->cell_name[c]);
    }
    for (uint32_t i = 0; i < n->net_count; i++)
        for (uint32_t k = n->net_fanout_first[i]; k < n->net_fanout_first[i + 1]; k++)
            if (n->net_fanout[k] >= n->pin_count || n->pin_net[n->net_fanout[k]] != i)
                return mp_fail(err, MP_E_INPUT, "netlist: fan-out of net %s is wrong",
                               n->net_name[i]);
    return MP_OK;
}

/* The one pin and the edge that an expression like CK or !CK names. */
static bool clock_pin(const struct mp_expr *e, uint32_t pin_count, uint32_t *pin, bool *rising)
{
    uint64_t support = e->code ? mp_expr_support(e) : 0;
    if (support == 0 || (support & (support - 1)) != 0)
        return false;
    *pin = (uint32_t)__builtin_ctzll(support);
    *rising = mp_expr_eval(e, support);
    return *pin < pin_count;
}

static int find_clock(struct leveliser *l)
{
    struct mp_netlist *n = l->n;
    bool rising = true;
    n->clock_net = MP_NONE;
    n->uses_both_edges = false;
    for (uint32_t i = 0; i < n->register_count; i++) {
        uint32_t c = n->registers[i], k = 0;
        bool edge = true;
        if (!clock_pin(&type_of(n, c)->clocked_on, type_of(n, c)->pin_count, &k, &edge))
            return refuse(l, c, "has no single clock pin in the library");
        uint32_t net = n->pin_net[n->cell_first_pin[c] + k];
        if (i == 0) {
            n->clock_net = net;
            rising = edge;
        }
        if (net != n->clock_net)
            return mp_fail(l->err, MP_E_UNSUPPORTED,
                           "two clocks: instance %s is clocked by net %s, instance %s by %s; one "
                           "ungated clock is supported",
                           n->cell_name[n->registers[0]], n->net_name[n->clock_net],
                           n->cell_name[c], n->net_name[net]);
        if (edge != rising && !n->allows_both_edges)
            return refuse(l, c,
                          "uses the other clock edge than the registers before it; one edge "
                          "is supported, but for activity from a file");
        n->uses_both_edges = n->uses_both_edges || edge != rising;
    }
    if (n->clock_net == MP_NONE)
        return MP_OK;
    if (n->net_driver[n->clock_net] != MP_NONE || n->clock_net < 2) {
        uint32_t d = n->net_driver[n->clock_net];
        return mp_fail(l->err, MP_E_UNSUPPORTED,
                       "clock net %s is driven by %s; a gated, buffered or derived clock is not "
                       "supported, clock the registers from an input port",
                       n->net_name[n->clock_net],
                       d == MP_NONE ? "a constant" : n->cell_name[n->pin_cell[d]]);
    }
    return MP_OK;
}

static int check_clock_loads(struct leveliser *l)
{
    struct mp_netlist *n = l->n;
    if (n->clock_net == MP_NONE)
        return MP_OK;
    for (uint32_t i = n->net_fanout_first[n->clock_net]; i < n->net_fanout_first[n->clock_net + 1];
         i++) {
        uint32_t p = n->net_fanout[i], c = n->pin_cell[p], k = 0;
        bool edge;
        if (type_of(n, c)->sequential == MP_FLIP_FLOP &&
            clock_pin(&type_of(n, c)->clocked_on, type_of(n, c)->pin_count, &k, &edge) &&
            p - n->cell_first_pin[c] == k)
            continue;
        return mp_fail(l->err, MP_E_UNSUPPORTED,
                       "clock net %s also goes to pin %s of instance %s, which is no clock pin of "
                       "a flip-flop",
                       n->net_name[n->clock_net], lib_pin(n, c, p - n->cell_first_pin[c])->name,
                       n->cell_name[c]);
    }
    return MP_OK;
}

/* Pins of a cell that its outputs follow at once: all of a gate's, clear and preset of a register.
 */
static uint64_t through_pins(const struct mp_netlist *n, uint32_t cell)
{
    const struct mp_lib_cell *type = type_of(n, cell);
    uint64_t pins = 0;
    if (type->sequential == MP_FLIP_FLOP) {
        pins |= type->clear.code ? mp_expr_support(&type->clear) : 0;
        pins |= type->preset.code ? mp_expr_support(&type->preset) : 0;
    } else {
        for (uint32_t k = 0; k < type->pin_count; k++)
            if (lib_pin(n, cell, k)->direction == MP_DIR_INPUT)
                pins |= (uint64_t)1 << k;
    }
    return pins;
}

static int report_loop(const struct leveliser *l)
{
    const struct mp_netlist *n = l->n;
    uint32_t c = 0;
    while (l->waiting[c] == 0)
        c++;
    for (uint32_t step = 0; step < n->cell_count; step++) { /* backwards ends up on the loop */
        for (uint32_t k = 0; k < type_of(n, c)->pin_count; k++) {
            uint32_t net = n->pin_net[n->cell_first_pin[c] + k];
            uint32_t d = net == MP_NONE ? MP_NONE : n->net_driver[net];
            if (lib_pin(n, c, k)->direction == MP_DIR_INPUT && (through_pins(n, c) >> k & 1) &&
                d != MP_NONE && l->waiting[n->pin_cell[d]] > 0) {
                c = n->pin_cell[d];
                break;
            }
        }
    }
    return refuse(l, c, "is part of a combinational loop");
}

/* Kahn's algorithm; registers with clear or preset take part so that what follows them waits. */
static int sort(struct leveliser *l)
{
    struct mp_netlist *n = l->n;
    uint32_t head = 0, tail = 0, placed = 0;
    for (uint32_t c = 0; c < n->cell_count; c++) {
        uint64_t through = through_pins(n, c);
        for (uint32_t k = 0; k < type_of(n, c)->pin_count; k++) {
            uint32_t net = n->pin_net[n->cell_first_pin[c] + k];
            if ((through >> k & 1) && net != MP_NONE && n->net_driver[net] != MP_NONE)
                l->waiting[c]++;
        }
        if (l->waiting[c] == 0)
            l->queue[tail++] = c;
    }
    while (head < tail) {
        uint32_t c = l->queue[head++];
        placed++;
        if (type_of(n, c)->sequential == MP_COMBINATIONAL)
            n->order[n->order_count++] = c;
        for (uint32_t k = 0; k < type_of(n, c)->pin_count; k++) {
            uint32_t net = n->pin_net[n->cell_first_pin[c] + k];
            if (lib_pin(n, c, k)->direction != MP_DIR_OUTPUT || net == MP_NONE)
                continue;
            for (uint32_t i = n->net_fanout_first[net]; i < n->net_fanout_first[net + 1]; i++) {
                uint32_t p = n->net_fanout[i], to = n->pin_cell[p];
                if ((through_pins(n, to) >> (p - n->cell_first_pin[to]) & 1) &&
                    --l->waiting[to] == 0)
                    l->queue[tail++] = to;
            }
        }
    }
    return placed == n->cell_count ? MP_OK : report_loop(l);
}

int mp_netlist_levelise(struct mp_netlist *n, struct mp_error *err)
{
    struct leveliser l = {.n = n, .err = err};
    int rc = check_graph(n, err);
    if (rc < 0)
        return rc;
    l.waiting = mp_alloc(n->cell_count + 1, sizeof *l.waiting);
    l.queue = mp_alloc(n->cell_count + 1, sizeof *l.queue);
    n->order = mp_arena_alloc(&n->arena, (n->cell_count + 1) * sizeof *n->order);
    n->registers = mp_arena_alloc(&n->arena, (n->cell_count + 1) * sizeof *n->registers);
    n->order_count = n->register_count = 0;
    for (uint32_t c = 0; c < n->cell_count; c++) {
        if ((rc = check_cell(&l, c)) < 0)
            goto out;
        if (type_of(n, c)->sequential == MP_FLIP_FLOP)
            n->registers[n->register_count++] = c;
    }
    if ((rc = find_clock(&l)) < 0 || (rc = check_clock_loads(&l)) < 0)
        goto out;
    rc = sort(&l);
out:
    free(l.queue);
    free(l.waiting);
    return rc;
}
