#include "estimator/pipeline/point_search.h"
#include "estimator/pipeline/point_power.h"
#include "estimator/pipeline/prove.h"
#include "estimator/techmap/techmap.h"
#include "estimator/util/parallel.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SEED   1
#define FRONT_A_SEED 12 /* points kept of each seed */
#define FRONT_MOST   24 /* of all of them: each is timed by OpenSTA and proven */
/* Cells of a graph's node on average, each about a NAND2: wire loads may depend on the area. */
#define CELLS_A_NODE 3

struct variant {
    struct mp_design design;
    char name[MP_DESIGN_NAME_SIZE];
    struct mp_graph graph;
};

struct seeker {
    const struct mp_point *point;
    const struct mp_synthesis *how;
    struct mp_mapping mapping;
    struct mp_objective objective;
    struct variant *variants;
    struct mp_techmap_variant *rows; /* of them, as the search takes them */
    uint32_t count;
    struct mp_techmap_result *results; /* [runs] */
    /* Where the objective needs power. */
    struct mp_techmap_energies energies;
    struct mp_techmap_operands operands;
    struct mp_techmap_power power;
    struct mp_power_source source;
    /* Progress of all seeds. */
    pthread_mutex_t lock;
    double start_s, told_s;
    unsigned done;
    struct mp_measures best;
    bool has_best;
};

/* ---- what may be built */

static int add_variant(struct seeker *s, const char *multiplier, struct mp_error *err)
{
    struct variant *v = &s->variants[s->count];
    int rc;

    v->design = s->point->design;
    if (multiplier != NULL)
        v->design.multiplier = multiplier;
    if ((rc = mp_design_resolve(&v->design, err)) < 0 ||
        (rc = mp_design_graph(&v->design, &v->graph, err)) < 0)
        return rc;
    mp_design_name(&v->design, v->name);
    s->rows[s->count++] = (struct mp_techmap_variant){v->design.multiplier, &v->graph};
    return MP_OK;
}

/* The design's architecture, or all that can make it. */
static int make_variants(struct seeker *s, struct mp_error *err)
{
    size_t count = mp_architecture_count();

    s->variants = mp_alloc(count + 1, sizeof *s->variants);
    s->rows = mp_alloc(count + 1, sizeof *s->rows);
    if (!s->point->any_multiplier)
        return add_variant(s, NULL, err);
    for (size_t i = 0; i < count; i++) {
        int rc = add_variant(s, mp_architecture_at(i)->name, err);
        if (rc == MP_E_UNSUPPORTED || rc == MP_E_USAGE)
            mp_graph_release(&s->variants[s->count].graph);
        else if (rc < 0)
            return rc;
    }
    return s->count > 0 ? MP_OK : add_variant(s, NULL, err);
}

static double guess_area_um2(const struct seeker *s)
{
    const struct mp_target *t = s->how->target;

    return CELLS_A_NODE * t->library.cells[t->roles.nand2].area_um2 *
           s->variants[0].graph.node_count;
}

static int make_power(struct seeker *s, const char *temp_dir, double *tool_wall_s,
                      struct mp_error *err)
{
    int rc = mp_point_operands(&s->operands, s->point, &s->variants[0].design,
                               &s->variants[0].graph, temp_dir, tool_wall_s, err);

    if (rc == MP_OK &&
        (rc = mp_techmap_energies_make(&s->energies, &s->mapping.nldm, err)) == MP_OK)
        s->objective.power =
            mp_techmap_power_source(&s->source, &s->power, &s->energies, &s->operands);
    return rc;
}

static int make_objective(struct seeker *s, const char *temp_dir, double *tool_wall_s,
                          struct mp_error *err)
{
    const struct mp_way *way = &s->point->way;
    int rc = mp_objective_parse(&s->objective, way->objective, err);

    if (rc < 0)
        return rc;
    s->objective.max_delay_s = way->max_delay_s;
    s->objective.max_area_um2 = way->max_area_um2;
    s->objective.max_power_w = way->max_power_w;
    if (mp_way_needs_operands(way) && (rc = make_power(s, temp_dir, tool_wall_s, err)) < 0)
        return rc;
    return mp_objective_check(&s->objective, err);
}

/* ---- seeds */

static void tell(void *context, const struct mp_anneal_progress *p)
{
    struct seeker *s = context;
    const struct mp_way *way = &s->point->way;
    double now = mp_clock_s(), left;
    char name[MP_DESIGN_NAME_SIZE], *doing;

    pthread_mutex_lock(&s->lock);
    if (!s->has_best || mp_objective_better(&s->objective, &p->best, &s->best))
        s->best = p->best;
    s->has_best = true;
    left =
        way->budget_s > 0 ? way->budget_s * (way->runs - s->done) - p->elapsed_s : p->remaining_s;
    doing =
        mp_asprintf("%s: %u of %u seeds after %.0f s, %.0f s of one core left; best so far "
                    "%.1f um2, %.3f ns",
                    mp_design_name(&s->point->design, name), s->done, way->runs, now - s->start_s,
                    left > 0 ? left : 0, s->best.area_um2, 1e9 * s->best.delay_s);
    mp_progress_add(s->point->log, 0, doing);
    if (now - s->told_s >= 10) {
        s->told_s = now;
        mp_log_write(s->point->log, MP_LOG_DEBUG, "%s", doing);
    }
    free(doing);
    pthread_mutex_unlock(&s->lock);
}

static int search_seed(void *context, size_t index, struct mp_error *err)
{
    struct seeker *s = context;
    const struct mp_way *way = &s->point->way;
    const struct mp_techmap_job job = {.variants = s->rows,
                                       .variant_count = s->count,
                                       .nldm = &s->mapping.nldm,
                                       .environment = s->mapping.environment,
                                       .objective = s->objective,
                                       .seed = FIRST_SEED + index,
                                       .runs = 1,
                                       .evaluations = way->evaluations,
                                       .seconds = way->budget_s,
                                       .threads = 1,
                                       .front_points = FRONT_A_SEED,
                                       .progress = tell,
                                       .context = s};
    int rc = mp_techmap_search(&s->results[index], &job, err);

    pthread_mutex_lock(&s->lock);
    s->done++;
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/* mp_synthesis_map: the netlist of a seed. */
static int map_seed(void *context, unsigned index, struct mp_variant *out, struct mp_error *err)
{
    const struct seeker *s = context;
    const struct mp_techmap_result *r = &s->results[index];

    (void)err;
    out->verilog = mp_strdup(r->best.verilog);
    out->seed = r->best.seed;
    out->wall_s = r->wall_s;
    out->evaluations = r->evaluations;
    return MP_OK;
}

static struct mp_measures measures_of(const struct mp_variant *v)
{
    return (struct mp_measures){.area_um2 = v->area_um2,
                                .delay_s = v->critical_path_s,
                                .power_w = isnan(v->power_w) ? 0 : v->power_w + v->glitch_w};
}

/* Glitches by the timed simulator: those of the search are an estimate. */
static int measure(const void *context, struct mp_variant *v, const struct mp_netlist *n,
                   const struct mp_timing *timing, struct mp_error *err)
{
    const struct seeker *s = context;

    return mp_point_measure(v, s->point, s->how, &s->point->design, n, timing, err);
}

/* By OpenSTA's delay. */
static bool is_better(const void *context, const struct mp_variant *a, const struct mp_variant *b)
{
    const struct seeker *s = context;
    const struct mp_measures x = measures_of(a), y = measures_of(b);

    return mp_objective_better(&s->objective, &x, &y);
}

/* ---- the front of all seeds */

static bool is_dominated(const struct mp_measures *a, const struct mp_measures *by)
{
    return by->area_um2 <= a->area_um2 && by->delay_s <= a->delay_s && by->power_w <= a->power_w;
}

static int by_delay(const void *a, const void *b)
{
    const struct mp_techmap_point *x = *(const struct mp_techmap_point *const *)a;
    const struct mp_techmap_point *y = *(const struct mp_techmap_point *const *)b;

    if (x->measures.delay_s != y->measures.delay_s)
        return x->measures.delay_s < y->measures.delay_s ? -1 : 1;
    return (x->measures.area_um2 > y->measures.area_um2) -
           (x->measures.area_um2 < y->measures.area_um2);
}

/* Points of all seeds that no other beats, by rising delay, evenly thinned; the caller frees. */
static const struct mp_techmap_point **merge_fronts(const struct seeker *s, uint32_t *count)
{
    const struct mp_techmap_point **all, **kept;
    size_t total = 0, n = 0;

    for (unsigned k = 0; k < s->point->way.runs; k++)
        total += s->results[k].front_count + 1u;
    all = mp_alloc(total, sizeof *all);
    kept = mp_alloc(total, sizeof *kept);
    for (unsigned k = 0; k < s->point->way.runs; k++) {
        all[n++] = &s->results[k].best;
        for (uint32_t i = 0; i < s->results[k].front_count; i++)
            all[n++] = &s->results[k].front[i];
    }
    qsort(all, n, sizeof *all, by_delay);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_beaten = false;
        for (uint32_t k = 0; k < *count && !is_beaten; k++)
            is_beaten = is_dominated(&all[i]->measures, &kept[k]->measures);
        if (!is_beaten)
            kept[(*count)++] = all[i];
    }
    free(all);
    if (*count > FRONT_MOST) {
        for (uint32_t i = 0; i < FRONT_MOST; i++)
            kept[i] = kept[i * (*count - 1) / (FRONT_MOST - 1)];
        *count = FRONT_MOST;
    }
    return kept;
}

static int take_point(struct mp_front_point *out, const struct seeker *s,
                      const struct mp_techmap_point *found, const char *temp_dir,
                      struct mp_error *err)
{
    struct mp_netlist n = {0};
    struct mp_timing timing = {0};
    struct mp_proof proof = {0};
    int rc;

    if ((rc = mp_synthesis_read(&n, s->how, found->verilog, NULL, err)) < 0 ||
        (rc = mp_prove(&proof, &n, &s->variants[found->variant].design, err)) < 0 ||
        (rc = mp_synthesis_time(&timing, s->how, &n, found->verilog, temp_dir, err)) < 0)
        goto out;
    *out = (struct mp_front_point){.seed = found->seed,
                                   .area_um2 = mp_netlist_area_um2(&n),
                                   .critical_path_s = timing.critical_path_s,
                                   .power_w =
                                       s->objective.power != NULL ? found->measures.power_w : NAN,
                                   .is_confirmed = true,
                                   .proof_netlist = proof.method,
                                   .netlist = mp_strdup(found->verilog)};
out:
    mp_timing_release(&timing);
    mp_netlist_release(&n);
    return rc;
}

static int front_by_delay(const void *a, const void *b)
{
    const struct mp_front_point *x = a, *y = b;

    return (x->critical_path_s > y->critical_path_s) - (x->critical_path_s < y->critical_path_s);
}

static int make_front(struct mp_point_result *r, const struct seeker *s, const char *temp_dir,
                      struct mp_error *err)
{
    uint32_t count = 0;
    const struct mp_techmap_point **points = merge_fronts(s, &count);
    int rc = MP_OK;

    r->front = mp_alloc((size_t)count + 1, sizeof *r->front);
    for (uint32_t i = 0; i < count && rc == MP_OK; i++) {
        rc = take_point(&r->front[i], s, points[i], temp_dir, err);
        r->front_count += rc == MP_OK;
    }
    qsort(r->front, r->front_count, sizeof *r->front, front_by_delay);
    r->record.front = r->front;
    r->record.front_count = r->front_count;
    free(points);
    return rc;
}

/* ---- all */

static int search(struct seeker *s, struct mp_point_result *r, struct mp_design *design,
                  const char *temp_dir, struct mp_error *err)
{
    const struct mp_point *p = s->point;
    struct mp_synthesis how = *s->how;
    int rc;

    if ((rc = make_variants(s, err)) < 0 ||
        (rc = mp_mapping_open(&s->mapping, &how, guess_area_um2(s), err)) < 0 ||
        (rc = make_objective(s, temp_dir, &r->tool_wall_s, err)) < 0)
        return rc;
    s->results = mp_alloc(p->way.runs, sizeof *s->results);
    s->start_s = s->told_s = mp_clock_s();
    how.better = is_better;
    how.better_context = s;
    how.measure = s->objective.power != NULL ? measure : NULL;
    if ((rc = mp_parallel_for(p->way.runs, p->threads, search_seed, s, err)) < 0 ||
        (rc = mp_synthesis_run(r, &how, NULL, map_seed, s, temp_dir, err)) < 0 ||
        (rc = make_front(r, s, temp_dir, err)) < 0)
        return rc;
    *design = s->variants[s->results[r->record.best_variant].best.variant].design;
    for (unsigned k = 0; k < p->way.runs; k++)
        r->record.evaluations += s->results[k].evaluations;
    return MP_OK;
}

int mp_point_search(struct mp_point_result *r, const struct mp_point *p,
                    const struct mp_synthesis *how, struct mp_design *design, const char *temp_dir,
                    struct mp_error *err)
{
    struct seeker s = {.point = p, .how = how};
    int rc;

    pthread_mutex_init(&s.lock, NULL);
    rc = search(&s, r, design, temp_dir, err);
    for (unsigned k = 0; s.results != NULL && k < p->way.runs; k++)
        mp_techmap_result_release(&s.results[k]);
    for (uint32_t i = 0; i < s.count; i++)
        mp_graph_release(&s.variants[i].graph);
    free(s.results);
    free(s.operands.bits);
    mp_techmap_energies_release(&s.energies);
    free(s.variants);
    free(s.rows);
    mp_mapping_release(&s.mapping);
    pthread_mutex_destroy(&s.lock);
    return rc;
}
