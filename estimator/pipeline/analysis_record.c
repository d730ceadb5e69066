#include "estimator/pipeline/analysis.h"
#include <math.h>
#include <stdlib.h>

double mp_analysis_glitch_w(const struct mp_analysis *a)
{
    return a->has_timed ? mp_power_total(&a->timed.total) - mp_power_total(&a->functional.total)
                        : NAN;
}

/* One part in the four powers; what was not computed is NULL. */
struct part {
    const struct mp_power_parts *functional, *timed, *exact, *exact_timed;
};

static void fill_row(struct mp_power_row *row, const char *scope, const char *name,
                     const struct part *p)
{
    mp_power_row_init(row);
    row->scope = scope;
    row->name = name;
    row->internal_w = p->functional->internal_w;
    row->switching_w = p->functional->switching_w;
    row->leakage_w = p->functional->leakage_w;
    if (p->timed != NULL)
        row->glitch_w = mp_power_total(p->timed) - mp_power_total(p->functional);
    if (p->exact != NULL) {
        row->exact_internal_w = p->exact->internal_w;
        row->exact_leakage_w = p->exact->leakage_w;
        row->exact_glitch_w = mp_power_total(p->exact_timed) - mp_power_total(p->exact);
    }
}

static bool is_empty(const struct mp_power_row *row)
{
    return row->internal_w == 0 && row->switching_w == 0 && row->leakage_w == 0;
}

/* Cells of each group and block, where they are whole cells: clock pins are not. */
static uint32_t count_cells(const struct mp_circuit *c, unsigned group)
{
    uint32_t registers = c->netlist->register_count;

    return group == MP_GROUP_SEQUENTIAL      ? registers
           : group == MP_GROUP_COMBINATIONAL ? c->netlist->cell_count - registers
                                             : 0;
}

static uint32_t count_block(const struct mp_circuit *c, uint32_t block)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < c->netlist->cell_count; i++)
        count += c->blocks->of_cell[i] == block;
    return count;
}

static void add_groups(struct mp_estimate_record *r, struct mp_power_row *rows,
                       const struct mp_analysis *a, const struct mp_circuit *c)
{
    for (unsigned g = 0; g < MP_GROUP_COUNT; g++) {
        const struct part p = {&a->functional.group[g], a->has_timed ? &a->timed.group[g] : NULL,
                               a->has_exact ? &a->exact.group[g] : NULL, &a->exact_timed.group[g]};
        struct mp_power_row *row = &rows[r->row_count];
        fill_row(row, "group", mp_power_group_name((enum mp_power_group)g), &p);
        row->cell_count = count_cells(c, g);
        if (a->intervals != NULL)
            row->half_width_w = a->intervals[MP_QUANTITY_GROUPS + g].half_width;
        r->row_count += !is_empty(row);
    }
}

static void add_blocks(struct mp_estimate_record *r, struct mp_power_row *rows,
                       const struct mp_analysis *a, const struct mp_circuit *c)
{
    for (uint32_t b = 0; b < a->functional.block_count; b++) {
        const struct part p = {&a->functional.block[b], a->has_timed ? &a->timed.block[b] : NULL,
                               a->has_exact ? &a->exact.block[b] : NULL, &a->exact_timed.block[b]};
        struct mp_power_row *row = &rows[r->row_count];
        fill_row(row, "block", c->blocks->names[b], &p);
        row->cell_count = count_block(c, b);
        if (a->intervals != NULL)
            row->half_width_w = a->intervals[MP_QUANTITY_BLOCKS + b].half_width;
        r->row_count += !is_empty(row);
    }
}

static void add_parts(struct mp_power_parts *to, const struct mp_power_parts *p)
{
    to->internal_w += p->internal_w;
    to->switching_w += p->switching_w;
    to->leakage_w += p->leakage_w;
}

static void add_kinds(struct mp_estimate_record *r, struct mp_power_row *rows,
                      const struct mp_analysis *a, const struct mp_circuit *c)
{
    const struct mp_netlist *n = c->netlist;
    uint32_t kinds = n->library->cell_count;
    struct mp_power_parts(*sum)[4] = mp_alloc(kinds, sizeof *sum);
    uint32_t *cells = mp_alloc(kinds, sizeof *cells);

    for (uint32_t i = 0; i < n->cell_count; i++) {
        uint32_t kind = n->cell_type[i];
        cells[kind]++;
        add_parts(&sum[kind][0], &a->functional.cells[i]);
        if (a->has_timed)
            add_parts(&sum[kind][1], &a->timed.cells[i]);
        if (a->has_exact) {
            add_parts(&sum[kind][2], &a->exact.cells[i]);
            add_parts(&sum[kind][3], &a->exact_timed.cells[i]);
        }
    }
    for (uint32_t k = 0; k < kinds; k++) {
        const struct part p = {&sum[k][0], a->has_timed ? &sum[k][1] : NULL,
                               a->has_exact ? &sum[k][2] : NULL, &sum[k][3]};
        struct mp_power_row *row = &rows[r->row_count];
        if (cells[k] == 0)
            continue;
        fill_row(row, "kind", n->library->cells[k].name, &p);
        row->cell_count = cells[k];
        r->row_count += !is_empty(row);
    }
    free(sum);
    free(cells);
}

static void fill_intervals(struct mp_estimate_record *r, const struct mp_analysis *a,
                           double period_s)
{
    const struct mp_interval *i = a->intervals;

    if (i == NULL)
        return;
    r->batches = i[0].batches;
    r->power_half_width_w = i[MP_QUANTITY_FUNCTIONAL].half_width;
    r->glitch_half_width_w = i[MP_QUANTITY_GLITCH].half_width;
    r->total_half_width_w = i[MP_QUANTITY_TOTAL].half_width;
    r->energy_half_width_j = i[MP_QUANTITY_FUNCTIONAL].half_width * period_s;
}

void mp_analysis_fill(struct mp_estimate_record *r, const struct mp_analysis *a,
                      const struct mp_circuit *c, struct mp_power_row **rows_out)
{
    const struct mp_power_parts *f = &a->functional.total;
    size_t most = MP_GROUP_COUNT + a->functional.block_count + c->target->library.cell_count;
    struct mp_power_row *rows = mp_alloc(most, sizeof *rows);

    mp_estimate_record_init(r);
    r->power_mode = "compatible";
    r->activity_source = a->source;
    r->cycles = a->cycles;
    r->unsettled_cycles = a->unsettled_cycles;
    r->annotated_share = a->annotated_share;
    r->propagated_share = a->propagated_share;
    r->internal_w = f->internal_w;
    r->switching_w = f->switching_w;
    r->leakage_w = f->leakage_w;
    r->energy_per_mac_j = mp_power_total(f) * c->clock_period_s;
    r->glitch_w = mp_analysis_glitch_w(a);
    if (a->has_exact) {
        r->exact_internal_w = a->exact.total.internal_w;
        r->exact_leakage_w = a->exact.total.leakage_w;
        r->exact_glitch_w = mp_power_total(&a->exact_timed.total) - mp_power_total(&a->exact.total);
    }
    fill_intervals(r, a, c->clock_period_s);
    if (a->has_opensta) {
        r->engine = a->opensta_version;
        r->engine_internal_w = a->opensta.total.internal_w;
        r->engine_switching_w = a->opensta.total.switching_w;
        r->engine_leakage_w = a->opensta.total.leakage_w;
    }
    add_groups(r, rows, a, c);
    add_blocks(r, rows, a, c);
    add_kinds(r, rows, a, c);
    r->rows = *rows_out = rows;
}

void mp_analysis_where(struct mp_where_input *in, const struct mp_analysis *a,
                       const struct mp_circuit *c)
{
    *in = (struct mp_where_input){.netlist = c->netlist,
                                  .blocks = c->blocks,
                                  .wire_cap_f = c->wire_cap_f,
                                  .functional = &a->functional,
                                  .timed = a->has_timed ? &a->timed : NULL,
                                  .exact = a->has_exact ? &a->exact : NULL,
                                  .exact_timed = a->has_exact ? &a->exact_timed : NULL,
                                  .transitions = a->transitions,
                                  .timed_transitions = a->timed_transitions};
}
