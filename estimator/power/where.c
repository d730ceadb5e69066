#include "estimator/power/where.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    struct mp_where *w;
    const struct mp_where_input *in;
    const struct mp_netlist *n;
    const struct mp_power *exact; /* NULL: not shown */
    uint32_t row_count;
    uint32_t *row_of_cell; /* [cell]; by group: the group of what is not on a clock pin */
    uint32_t *row_of_net;  /* [net], MP_NONE: constants */
    uint32_t no_net;       /* row of cells without a connected output */
};

static const char *const by_names[MP_WHERE_COUNT] = {"block", "cell", "net", "kind", "group"};

const char *mp_where_by_name(enum mp_where_by by)
{
    return (unsigned)by < MP_WHERE_COUNT ? by_names[by] : "unknown";
}

int mp_where_by_parse(enum mp_where_by *by, const char *name, struct mp_error *err)
{
    for (unsigned k = 0; k < MP_WHERE_COUNT; k++)
        if (strcmp(name, by_names[k]) == 0) {
            *by = (enum mp_where_by)k;
            return MP_OK;
        }
    return mp_fail(err, MP_E_USAGE,
                   "power by `%s` is not known: take block, group, kind, cell or net", name);
}

static const struct mp_lib_cell *type_of(const struct mp_netlist *n, uint32_t cell)
{
    return &n->library->cells[n->cell_type[cell]];
}

/* The net of an output pin, MP_NONE for other pins and without a net. */
static uint32_t output_net(const struct mp_netlist *n, uint32_t pin)
{
    uint32_t net = n->pin_net[pin];
    return net != MP_NONE && n->net_driver[net] == pin ? net : MP_NONE;
}

static void add_parts(struct mp_power_parts *to, double internal_w, double switching_w,
                      double leakage_w)
{
    to->internal_w += internal_w;
    to->switching_w += switching_w;
    to->leakage_w += leakage_w;
}

/* One cell's power to its nets and the clock's. */
static void spread_cell_on_nets(const struct builder *b, const struct mp_power *p, uint32_t cell,
                                struct mp_power_parts *rows)
{
    const struct mp_netlist *n = b->n;
    uint32_t outputs = 0;
    double rest_w = 0;
    for (uint32_t pin = n->cell_first_pin[cell]; pin < n->cell_first_pin[cell + 1]; pin++) {
        uint32_t net = output_net(n, pin);
        outputs += net != MP_NONE;
        if (net != MP_NONE)
            add_parts(&rows[b->row_of_net[net]], p->pin_internal_w[pin], p->pin_switching_w[pin],
                      0);
        else if (n->pin_net[pin] != MP_NONE && n->pin_net[pin] == n->clock_net)
            add_parts(&rows[b->row_of_net[n->clock_net]], p->pin_internal_w[pin], 0, 0);
        else
            rest_w += p->pin_internal_w[pin];
    }
    double leakage_w = p->cells[cell].leakage_w;
    if (outputs == 0)
        add_parts(&rows[b->no_net], rest_w, 0, leakage_w);
    for (uint32_t pin = n->cell_first_pin[cell]; pin < n->cell_first_pin[cell + 1]; pin++)
        if (output_net(n, pin) != MP_NONE)
            add_parts(&rows[b->row_of_net[n->pin_net[pin]]], rest_w / outputs, 0,
                      leakage_w / outputs);
}

/* What of a power is in each row; rows are zero before. */
static void spread(const struct builder *b, const struct mp_power *p, struct mp_power_parts *rows)
{
    if (b->w->by == MP_WHERE_GROUP) {
        for (uint32_t g = 0; g < MP_GROUP_COUNT; g++)
            rows[g] = p->group[g];
        return;
    }
    for (uint32_t c = 0; c < b->n->cell_count; c++) {
        const struct mp_power_parts *parts = &p->cells[c];
        if (b->w->by == MP_WHERE_NET)
            spread_cell_on_nets(b, p, c, rows);
        else
            add_parts(&rows[b->row_of_cell[c]], parts->internal_w, parts->switching_w,
                      parts->leakage_w);
    }
}

static uint32_t new_row(struct builder *b, const char *name)
{
    struct mp_where_row *r = &b->w->rows[b->row_count];
    *r = (struct mp_where_row){
        .name = name, .timed_transitions = b->in->timed ? 0 : NAN, .exact_w = NAN};
    return b->row_count++;
}

static double transitions_of(const struct builder *b, uint32_t net, const double *per_net)
{
    return net == b->n->clock_net ? 2 : per_net[net];
}

static void add_net(const struct builder *b, struct mp_where_row *r, uint32_t net)
{
    r->transitions += transitions_of(b, net, b->in->transitions);
    if (b->in->timed)
        r->timed_transitions += transitions_of(b, net, b->in->timed_transitions);
    r->load_f += mp_power_net_load_f(b->n, net, b->in->wire_cap_f);
}

static void add_cell(const struct builder *b, struct mp_where_row *r, uint32_t cell)
{
    const struct mp_netlist *n = b->n;
    r->cells++;
    r->area_um2 += mp_netlist_cell_area_um2(n, cell);
    for (uint32_t pin = n->cell_first_pin[cell]; pin < n->cell_first_pin[cell + 1]; pin++)
        if (output_net(n, pin) != MP_NONE)
            add_net(b, r, n->pin_net[pin]);
}

static const char *block_of(const struct builder *b, uint32_t cell)
{
    return b->in->blocks ? b->in->blocks->names[b->in->blocks->of_cell[cell]] : NULL;
}

static void name_rows_by_group(struct builder *b)
{
    const struct mp_netlist *n = b->n;
    for (uint32_t g = 0; g < MP_GROUP_COUNT; g++)
        new_row(b, mp_power_group_name((enum mp_power_group)g));
    for (uint32_t c = 0; c < n->cell_count; c++)
        b->row_of_cell[c] = type_of(n, c)->sequential == MP_COMBINATIONAL ? MP_GROUP_COMBINATIONAL
                                                                          : MP_GROUP_SEQUENTIAL;
    if (n->clock_net != MP_NONE)
        add_net(b, &b->w->rows[MP_GROUP_CLOCK_PINS], n->clock_net);
}

static void name_rows_by_kind(struct builder *b)
{
    const struct mp_netlist *n = b->n;
    uint32_t *row = mp_alloc((size_t)n->library->cell_count + 1, sizeof *row);
    for (uint32_t c = 0; c < n->cell_count; c++) {
        uint32_t type = n->cell_type[c];
        if (row[type] == 0) {
            row[type] = new_row(b, type_of(n, c)->name) + 1;
            b->w->rows[row[type] - 1].kind = type_of(n, c)->name;
        }
        b->row_of_cell[c] = row[type] - 1;
    }
    free(row);
}

static void name_rows_by_cell(struct builder *b)
{
    for (uint32_t c = 0; c < b->n->cell_count; c++) {
        struct mp_where_row *r = &b->w->rows[b->row_of_cell[c] = new_row(b, b->n->cell_name[c])];
        r->kind = type_of(b->n, c)->name;
        r->block = block_of(b, c);
    }
}

static void name_rows_by_block(struct builder *b)
{
    const struct mp_blocks *blocks = b->in->blocks;
    for (uint32_t k = 0; k < blocks->count; k++)
        b->w->rows[new_row(b, blocks->names[k])].block = blocks->names[k];
    for (uint32_t c = 0; c < b->n->cell_count; c++)
        b->row_of_cell[c] = blocks->of_cell[c];
}

static void describe_driver(const struct builder *b, struct mp_where_row *r, uint32_t driver)
{
    const struct mp_netlist *n = b->n;
    uint32_t cell = n->pin_cell[driver], first = n->cell_first_pin[cell];
    r->kind = type_of(n, cell)->name;
    r->driver = n->cell_name[cell];
    r->block = block_of(b, cell);
    while (output_net(n, first) == MP_NONE)
        first++;
    if (first == driver) {
        r->cells = 1;
        r->area_um2 = mp_netlist_cell_area_um2(n, cell);
    }
}

static void name_rows_by_net(struct builder *b)
{
    const struct mp_netlist *n = b->n;
    b->row_of_net[0] = b->row_of_net[1] = MP_NONE;
    for (uint32_t net = 2; net < n->net_count; net++) {
        struct mp_where_row *r = &b->w->rows[b->row_of_net[net] = new_row(b, n->net_name[net])];
        r->loads = n->net_fanout_first[net + 1] - n->net_fanout_first[net];
        if (n->net_driver[net] != MP_NONE)
            describe_driver(b, r, n->net_driver[net]);
        else
            r->kind = net == n->clock_net ? "clock" : "input port";
        add_net(b, r, net);
    }
    uint32_t lone = 0;
    double area_um2 = 0;
    for (uint32_t c = 0; c < n->cell_count; c++) {
        bool drives = false;
        for (uint32_t pin = n->cell_first_pin[c]; pin < n->cell_first_pin[c + 1]; pin++)
            drives = drives || output_net(n, pin) != MP_NONE;
        lone += !drives;
        area_um2 += drives ? 0 : mp_netlist_cell_area_um2(n, c);
    }
    if (lone == 0)
        return;
    b->no_net = new_row(b, "(no net)");
    b->w->rows[b->no_net].cells = lone;
    b->w->rows[b->no_net].area_um2 = area_um2;
}

static void name_rows(struct builder *b)
{
    const struct mp_netlist *n = b->n;
    size_t most = (size_t)n->cell_count + n->net_count + MP_GROUP_COUNT + 2;
    b->w->rows = mp_alloc(most, sizeof *b->w->rows);
    switch (b->w->by) {
    case MP_WHERE_BLOCK:
        name_rows_by_block(b);
        break;
    case MP_WHERE_CELL:
        name_rows_by_cell(b);
        break;
    case MP_WHERE_KIND:
        name_rows_by_kind(b);
        break;
    case MP_WHERE_GROUP:
        name_rows_by_group(b);
        break;
    case MP_WHERE_NET:
    case MP_WHERE_COUNT:
        name_rows_by_net(b);
        return;
    }
    for (uint32_t c = 0; c < n->cell_count; c++)
        add_cell(b, &b->w->rows[b->row_of_cell[c]], c);
}

static void fill_power(struct builder *b)
{
    const struct mp_where_input *in = b->in;
    size_t count = (size_t)b->row_count + 1;
    struct mp_power_parts *functional = mp_alloc(count, sizeof *functional);
    struct mp_power_parts *timed = mp_alloc(count, sizeof *timed);
    struct mp_power_parts *other = mp_alloc(count, sizeof *other);
    spread(b, in->functional, functional);
    spread(b, in->timed ? in->timed : in->functional, timed);
    if (b->exact)
        spread(b, b->exact, other);
    for (uint32_t i = 0; i < b->row_count; i++) {
        struct mp_where_row *r = &b->w->rows[i];
        r->functional = functional[i];
        r->total_w = mp_power_total(&timed[i]);
        r->glitch_w = in->timed ? r->total_w - mp_power_total(&functional[i]) : 0;
        r->share = b->w->total.total_w > 0 ? r->total_w / b->w->total.total_w : 0;
        r->exact_w = b->exact ? mp_power_total(&other[i]) : NAN;
    }
    free(functional);
    free(timed);
    free(other);
}

static void fill_total(struct builder *b)
{
    const struct mp_where_input *in = b->in;
    struct mp_where_row *t = &b->w->total;
    *t = (struct mp_where_row){.name = "total", .timed_transitions = in->timed ? 0 : NAN};
    for (uint32_t c = 0; c < b->n->cell_count; c++)
        add_cell(b, t, c);
    t->functional = in->functional->total;
    t->total_w = mp_power_total(in->timed ? &in->timed->total : &in->functional->total);
    t->glitch_w = in->timed ? t->total_w - mp_power_total(&t->functional) : 0;
    t->share = 1;
    t->exact_w = b->exact ? mp_power_total(&b->exact->total) : NAN;
}

/* Sorted by pointer so that equal rows stay in the order of the netlist. */
static int compare_rows(const void *a, const void *b)
{
    const struct mp_where_row *x = *(const struct mp_where_row *const *)a,
                              *y = *(const struct mp_where_row *const *)b;
    if (x->total_w != y->total_w)
        return x->total_w < y->total_w ? 1 : -1;
    return (x > y) - (x < y);
}

static void add_row(struct mp_where_row *to, const struct mp_where_row *r)
{
    to->cells += r->cells;
    to->loads += r->loads;
    to->area_um2 += r->area_um2;
    to->transitions += r->transitions;
    to->timed_transitions += r->timed_transitions;
    to->load_f += r->load_f;
    add_parts(&to->functional, r->functional.internal_w, r->functional.switching_w,
              r->functional.leakage_w);
    to->glitch_w += r->glitch_w;
    to->total_w += r->total_w;
    to->share += r->share;
    to->exact_w += r->exact_w;
}

static void sort_and_cut(struct builder *b, uint32_t top)
{
    struct mp_where *w = b->w;
    const struct mp_where_row **order = mp_alloc((size_t)b->row_count + 1, sizeof *order);
    struct mp_where_row *sorted = mp_alloc((size_t)b->row_count + 1, sizeof *sorted);
    uint32_t kept = top && top < b->row_count ? top : b->row_count;
    for (uint32_t i = 0; i < b->row_count; i++)
        order[i] = &w->rows[i];
    qsort(order, b->row_count, sizeof *order, compare_rows);
    for (uint32_t i = 0; i < kept; i++)
        sorted[i] = *order[i];
    w->count = kept;
    w->others = b->row_count - kept;
    if (w->others) {
        char *name = mp_asprintf("others (%u)", w->others);
        sorted[w->count] = (struct mp_where_row){.name = mp_arena_strdup(&w->arena, name)};
        free(name);
        for (uint32_t i = kept; i < b->row_count; i++)
            add_row(&sorted[w->count], order[i]);
        w->count++;
    }
    free(order);
    free(w->rows);
    w->rows = sorted;
}

static int check(const struct mp_where_input *in, enum mp_where_by by, struct mp_error *err)
{
    const struct mp_power *const powers[] = {in->functional, in->timed, in->exact, in->exact_timed};
    for (size_t k = 0; k < sizeof powers / sizeof *powers; k++)
        if (powers[k] && powers[k]->cell_count != in->netlist->cell_count)
            return mp_fail(err, MP_E_INPUT,
                           "a power of %u cells is not of netlist %s, which has %u",
                           powers[k]->cell_count, in->netlist->name, in->netlist->cell_count);
    if (by == MP_WHERE_BLOCK && !in->blocks)
        return mp_fail(err, MP_E_USAGE, "power by block needs the blocks of the netlist");
    return MP_OK;
}

int mp_where_make(struct mp_where *w, enum mp_where_by by, const struct mp_where_input *in,
                  uint32_t top, struct mp_error *err)
{
    const struct mp_netlist *n = in->netlist;
    const struct mp_power *exact = in->exact_timed ? in->exact_timed : in->exact;
    bool has_exact = exact && (by != MP_WHERE_NET || exact->pin_internal_w);
    struct builder b = {.w = w, .in = in, .n = n, .exact = has_exact ? exact : NULL};
    *w = (struct mp_where){.by = by, .has_timed = in->timed != NULL, .has_exact = has_exact};
    int rc = check(in, by, err);
    if (rc < 0)
        return rc;
    b.row_of_cell = mp_alloc((size_t)n->cell_count + 1, sizeof *b.row_of_cell);
    b.row_of_net = mp_alloc((size_t)n->net_count + 2, sizeof *b.row_of_net);
    fill_total(&b);
    name_rows(&b);
    fill_power(&b);
    sort_and_cut(&b, top);
    free(b.row_of_cell);
    free(b.row_of_net);
    return MP_OK;
}

void mp_where_release(struct mp_where *w)
{
    if (!w)
        return;
    free(w->rows);
    mp_arena_release(&w->arena);
    *w = (struct mp_where){0};
}
