#include "estimator/pipeline/synthesis.h"
#include "estimator/util/file.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

int mp_synthesis_read(struct mp_netlist *n, const struct mp_synthesis *s, const char *verilog,
                      const char *name, struct mp_error *err)
{
    int rc = mp_netlist_read_text(n, &s->target->library, verilog, strlen(verilog), "mapped.v",
                                  name, err);

    n->allows_both_edges = s->allows_both_edges;
    return rc < 0 ? rc : mp_netlist_levelise(n, err);
}

static int choose_wires(struct mp_wire_model *wires, const struct mp_synthesis *s,
                        const struct mp_netlist *n, struct mp_error *err)
{
    const struct mp_wire_option none = {.kind = MP_WIRE_NONE};

    return mp_wire_model_choose(wires, s->wire_load != NULL ? s->wire_load : &none,
                                &s->target->library, mp_netlist_area_um2(n), err);
}

static int choose_boundary(struct mp_boundary *b, const struct mp_synthesis *s,
                           struct mp_error *err)
{
    return mp_boundary_choose(b, s->boundary, &s->target->library, &s->target->roles, err);
}

/* Each output port adds its load to its net; constants have none. */
static void add_output_loads(double *cap_f, const struct mp_netlist *n, double load_f)
{
    for (uint32_t i = 0; i < n->port_count; i++)
        for (uint32_t b = 0; n->ports[i].direction == MP_DIR_OUTPUT && b < n->ports[i].width; b++)
            if (n->ports[i].nets[b] > 1)
                cap_f[n->ports[i].nets[b]] += load_f;
}

int mp_synthesis_caps(double **cap_f, struct mp_wire_model *wires, const struct mp_synthesis *s,
                      const struct mp_netlist *n, struct mp_error *err)
{
    struct mp_boundary boundary;
    int rc = choose_wires(wires, s, n, err);

    *cap_f = NULL;
    if (rc < 0 || (rc = choose_boundary(&boundary, s, err)) < 0)
        return rc;
    *cap_f = mp_wire_caps(wires, n);
    if (boundary.output_load_f > 0) {
        if (*cap_f == NULL)
            *cap_f = mp_alloc(n->net_count, sizeof **cap_f);
        add_output_loads(*cap_f, n, boundary.output_load_f);
    }
    return MP_OK;
}

int mp_synthesis_wires(struct mp_point_result *r, const struct mp_synthesis *s,
                       struct mp_error *err)
{
    struct mp_boundary boundary;
    int rc = mp_synthesis_caps(&r->wire_cap_f, &r->wire_load, s, &r->netlist, err);

    if (rc < 0 || (rc = choose_boundary(&boundary, s, err)) < 0)
        return rc;
    r->record.wire_load = r->wire_load.name;
    r->record.driving_cell = boundary.driving_cell;
    r->record.output_load_f = boundary.output_load_f;
    return MP_OK;
}

int mp_synthesis_time(struct mp_timing *timing, const struct mp_synthesis *s,
                      const struct mp_netlist *n, const char *verilog, const char *temp_dir,
                      struct mp_error *err)
{
    char *path = mp_path_join(temp_dir, "mapped.v");
    struct mp_opensta_job job = {.program = s->tools->opensta,
                                 .netlist_path = path,
                                 .netlist = n,
                                 .liberty_path = s->liberty_path != NULL ? s->liberty_path
                                                                         : s->target->prepared_path,
                                 .period_s = s->clock_period_s,
                                 .want_sdf = true,
                                 .temp_dir = temp_dir};
    struct mp_wire_model wires;
    struct mp_boundary boundary = {0};
    int rc = choose_wires(&wires, s, n, err);

    job.wire_load = &wires;
    if (rc == MP_OK)
        rc = choose_boundary(&boundary, s, err);
    job.driving_cell = boundary.driving_cell;
    job.output_load_f = boundary.output_load_f;
    if (rc == MP_OK)
        rc = mp_file_write(path, verilog, strlen(verilog), err);
    if (rc == MP_OK)
        rc = mp_opensta_run(timing, &job, err);
    free(path);
    return rc;
}

/* What makes a variant; borrowed. */
struct maker {
    const struct mp_synthesis *synthesis;
    const char *top, *temp_dir;
    mp_synthesis_map *map;
    void *context;
};

static int make_variant(struct mp_variant *v, struct mp_netlist *n, struct mp_timing *timing,
                        const struct maker *m, unsigned index, struct mp_error *err)
{
    int rc;

    *v = (struct mp_variant){
        .seed = index, .power_w = NAN, .glitch_w = NAN, .evaluations = MP_UNKNOWN_COUNT};
    if ((rc = m->map(m->context, index, v, err)) < 0 ||
        (rc = mp_synthesis_read(n, m->synthesis, v->verilog, m->top, err)) < 0 ||
        (rc = mp_synthesis_time(timing, m->synthesis, n, v->verilog, m->temp_dir, err)) < 0)
        return rc;
    v->area_um2 = mp_netlist_area_um2(n);
    v->critical_path_s = timing->critical_path_s;
    v->slack_s = timing->slack_s;
    v->opensta_wall_s = timing->wall_s;
    return m->synthesis->measure != NULL
               ? m->synthesis->measure(m->synthesis->better_context, v, n, timing, err)
               : MP_OK;
}

/* The smallest that meets the clock; where none does, the fastest. */
static bool is_better(const struct mp_synthesis *s, const struct mp_variant *a,
                      const struct mp_variant *b)
{
    if (s->better != NULL)
        return s->better(s->better_context, a, b);
    if ((a->slack_s >= 0) != (b->slack_s >= 0))
        return a->slack_s >= 0;
    return a->slack_s >= 0 ? a->area_um2 < b->area_um2 : a->critical_path_s < b->critical_path_s;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void spread(double *values, unsigned count, double *median, double *largest)
{
    qsort(values, count, sizeof *values, compare_doubles);
    *median = count % 2 != 0 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
    *largest = values[count - 1];
}

static void summarise(struct mp_point_result *result, const struct mp_variant *variants,
                      unsigned count)
{
    struct mp_ppa_record *r = &result->record;
    double *area = mp_alloc(count, sizeof *area), *path = mp_alloc(count, sizeof *path);

    result->runs = mp_alloc(count, sizeof *result->runs);
    r->yosys_wall_s = r->opensta_wall_s = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct mp_variant *v = &variants[i];
        struct mp_ppa_run *run = &result->runs[i];
        area[i] = v->area_um2;
        path[i] = v->critical_path_s;
        r->yosys_wall_s += v->wall_s;
        r->opensta_wall_s += v->opensta_wall_s;
        mp_ppa_run_init(run);
        run->seed = v->seed;
        run->area_um2 = v->area_um2;
        run->critical_path_s = v->critical_path_s;
        run->power_w = v->power_w;
        run->glitch_w = v->glitch_w;
        run->evaluations = v->evaluations;
        run->wall_s = v->wall_s;
    }
    spread(area, count, &r->area_median_um2, &r->area_max_um2);
    spread(path, count, &r->critical_path_median_s, &r->critical_path_max_s);
    r->synthesis_runs = count;
    r->runs = result->runs;
    r->run_count = count;
    free(area);
    free(path);
}

int mp_synthesis_run(struct mp_point_result *r, const struct mp_synthesis *s, const char *top,
                     mp_synthesis_map *map, void *context, const char *temp_dir,
                     struct mp_error *err)
{
    const struct maker maker = {s, top, temp_dir, map, context};
    struct mp_variant *variants = mp_alloc(s->runs, sizeof *variants);
    unsigned best = 0;
    int rc = MP_OK;

    for (unsigned i = 0; i < s->runs && rc == MP_OK; i++) {
        struct mp_netlist n = {0};
        struct mp_timing timing = {0};
        rc = make_variant(&variants[i], &n, &timing, &maker, i, err);
        if (rc == MP_OK && (i == 0 || is_better(s, &variants[i], &variants[best]))) {
            best = i;
            mp_netlist_release(&r->netlist);
            mp_timing_release(&r->timing);
            r->netlist = n;
            r->timing = timing;
        } else {
            mp_netlist_release(&n);
            mp_timing_release(&timing);
        }
    }
    if (rc == MP_OK) {
        struct mp_ppa_record *record = &r->record;
        summarise(r, variants, s->runs);
        record->best_variant = best;
        record->area_um2 = variants[best].area_um2;
        record->critical_path_s = variants[best].critical_path_s;
        record->slack_s = variants[best].slack_s;
        r->netlist_verilog = variants[best].verilog;
        variants[best].verilog = NULL;
        r->tool_wall_s += record->yosys_wall_s + record->opensta_wall_s;
        rc = mp_synthesis_wires(r, s, err);
    }
    for (unsigned i = 0; i < s->runs; i++)
        free(variants[i].verilog);
    free(variants);
    return rc;
}
