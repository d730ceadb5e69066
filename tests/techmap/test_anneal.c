#include "estimator/techmap/anneal.h"
#include "estimator/techmap/move.h"
#include "estimator/techmap/resize.h"
#include "tests/techmap/toy.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static struct mp_objective objective_of(const char *name)
{
    struct mp_objective o;

    assert_int_equal(mp_objective_parse(&o, name, NULL), MP_OK);
    return o;
}

static void test_objective(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_objective o;
    struct mp_measures a = {100, 1e-9, 0}, b = {101, 1e-9, 0}, late = {50, 2e-9, 0};

    (void)state;
    assert_int_equal(mp_objective_parse(&o, "speed", &err), MP_E_USAGE);
    assert_non_null(strstr(err.message, "area*delay"));
    o = objective_of("power");
    assert_int_equal(mp_objective_check(&o, &err), MP_E_USAGE);
    o = objective_of("area*delay");
    assert_int_equal(mp_objective_check(&o, &err), MP_OK);
    assert_true(fabs(mp_objective_cost(&o, &b) - mp_objective_cost(&o, &a) - log(1.01)) < 1e-12);
    assert_true(mp_objective_better(&o, &a, &b));
    o.max_power_w = 1;
    assert_int_equal(mp_objective_check(&o, &err), MP_E_USAGE);
    o = objective_of("area");
    assert_true(mp_objective_better(&o, &late, &a));
    o.max_delay_s = 1e-9;
    assert_true(mp_objective_excess(&o, &a) == 0);
    assert_true(fabs(mp_objective_excess(&o, &late) - log(2)) < 1e-8);
    assert_true(mp_objective_better(&o, &a, &late));
    assert_true(mp_objective_cost(&o, &a) < mp_objective_cost(&o, &late));
}

/* At the limit the cost is what was asked for, below it less, above it more. */
static void test_delay_limit(void **state)
{
    static const char *const names[] = {"area", "delay", "area*delay"};

    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (unsigned limited = 0; limited < 2; limited++)
            for (int step = -30; step <= 30; step++) {
                struct mp_objective o = objective_of(names[k]);
                struct mp_measures v = {100, 1.1e-9, 0};
                double cost = mp_objective_cost(&o, &v) + 0.1 * step, limit;

                o.max_delay_s = limited ? 1e-9 : 0;
                limit = mp_objective_delay_limit(&o, 100, 0, cost);
                if (limit < 1e-17 || limit > 1e3)
                    continue;
                v.delay_s = limit;
                assert_true(fabs(mp_objective_cost(&o, &v) - cost) < 1e-6);
            }
}

/* A chain of inverters before a heavy load, which is drives and nothing else. */
static void make_chain(struct mp_mapped *m, const struct toy *t, unsigned length, double load_f)
{
    const struct mp_mapped_environment environment = {
        .wire = NULL, .driving_cell = MP_NONE, .output_load_f = load_f};
    uint32_t net;

    mp_mapped_init(m, &t->nldm, &environment);
    net = mp_mapped_add_input(m);
    for (unsigned k = 0; k < length; k++) {
        uint32_t next = mp_mapped_add_net(m);

        mp_mapped_add_gate(m, toy_cell(t, "INV_X1"), &net, &next);
        net = next;
    }
    mp_mapped_add_output(m, net);
    assert_int_equal(mp_mapped_update(m), MP_MAPPED_OK);
}

static double best_of_all(struct mp_mapped *m, const struct toy *t, const struct mp_objective *o,
                          unsigned length)
{
    const char *const drives[] = {"INV_X1", "INV_X2", "INV_X4"};
    double best = INFINITY;
    unsigned count = 1;

    for (unsigned k = 0; k < length; k++)
        count *= 3;
    for (unsigned code = 0; code < count; code++) {
        for (unsigned k = 0, rest = code; k < length; k++, rest /= 3)
            mp_mapped_set_type(m, k, toy_cell(t, drives[rest % 3]));
        assert_int_equal(mp_mapped_update(m), MP_MAPPED_OK);
        struct mp_measures v = {m->area_um2, (double)m->delay_s, 0};
        best = fmin(best, mp_objective_cost(o, &v));
    }
    return best;
}

static void test_optimum(void **state)
{
    static const struct mp_move_kind kinds[] = {{"drive", mp_move_drive, NULL, NULL, 1},
                                                {"drive-two", mp_move_drive_two, NULL, NULL, 1}};
    static const char *const names[] = {"area", "delay", "area*delay"};
    struct toy t;

    (void)state;
    toy_open(&t);
    for (size_t k = 0; k < 6; k++) {
        struct mp_objective o = objective_of(names[k % 3]);
        struct mp_anneal_options options = {
            .seed = k, .evaluations = 4000, .runs = 4, .threads = 1, .families = &t.families};
        struct mp_anneal_result r;
        struct mp_mapped m;
        struct mp_error err = MP_ERROR_INIT;
        double best;

        o.max_delay_s = k >= 3 ? 125e-12 : 0;
        make_chain(&m, &t, 6, 30e-15);
        assert_int_equal(mp_anneal_search(&r, &m, NULL, NULL, kinds, sizeof kinds / sizeof *kinds,
                                          &o, &options, &err),
                         MP_OK);
        best = best_of_all(&m, &t, &o, 6);
        assert_true(r.is_within_limits);
        if (fabs(mp_objective_cost(&o, &r.best.measures) - best) > 1e-6)
            fail_msg("%s: %g, and the best is %g", o.name, mp_objective_cost(&o, &r.best.measures),
                     best);
        mp_anneal_result_release(&r);
        mp_mapped_release(&m);
    }
    toy_close(&t);
}

static void test_deterministic(void **state)
{
    struct toy t;
    struct mp_mapped m;
    struct mp_objective o = objective_of("area*delay");
    struct mp_anneal_result r[2];
    size_t count;
    const struct mp_move_kind *kinds = mp_resize_kinds(&count);

    (void)state;
    toy_open(&t);
    toy_random(&m, &t, 5, 8, 80, 0);
    for (unsigned k = 0; k < 2; k++) {
        struct mp_anneal_options options = {.seed = 7,
                                            .evaluations = 5000,
                                            .runs = 3,
                                            .threads = 1 + k,
                                            .restarts = 1,
                                            .front_points = 8,
                                            .families = &t.families};

        assert_int_equal(mp_anneal_search(&r[k], &m, NULL, NULL, kinds, count, &o, &options, NULL),
                         MP_OK);
    }
    toy_assert_same(&r[0].best.mapped, &r[1].best.mapped);
    assert_int_equal(r[0].run_count, 3);
    for (unsigned k = 0; k < 3; k++) {
        assert_int_equal(r[0].runs[k].evaluations, r[1].runs[k].evaluations);
        assert_memory_equal(&r[0].runs[k].best, &r[1].runs[k].best, sizeof r[0].runs[k].best);
        assert_true(r[0].runs[k].best.area_um2 * r[0].runs[k].best.delay_s >=
                    r[0].best.measures.area_um2 * r[0].best.measures.delay_s * (1 - 1e-12));
    }
    assert_int_equal(r[0].front_count, r[1].front_count);
    assert_true(r[0].front_count > 1);
    for (uint32_t k = 1; k < r[0].front_count; k++) {
        const struct mp_anneal_state *p = &r[0].front[k];

        assert_true(p->measures.delay_s > p[-1].measures.delay_s);
        assert_true(p->measures.area_um2 < p[-1].measures.area_um2);
        assert_memory_equal(&p->mapped.area_um2, &p->measures.area_um2, sizeof(double));
        assert_true((double)p->mapped.delay_s == p->measures.delay_s);
        assert_memory_equal(&p->measures, &r[1].front[k].measures, sizeof p->measures);
    }
    assert_true(r[0].best.measures.area_um2 * r[0].best.measures.delay_s <
                0.8 * r[0].start.area_um2 * r[0].start.delay_s);
    mp_anneal_result_release(&r[0]);
    mp_anneal_result_release(&r[1]);
    mp_mapped_release(&m);
    toy_close(&t);
}

/* A structure and a power that follow every keep and undo: counted, they must agree. */
struct counter {
    int value, tried;
};

static void *counter_copy(const void *p)
{
    struct counter *c = mp_alloc(1, sizeof *c);

    *c = *(const struct counter *)p;
    return c;
}

static bool count_try(struct mp_anneal *s)
{
    struct counter *c = s->structure;

    if (!mp_move_drive(s))
        return false;
    c->tried = mp_move_draw(s, 2) == 0 ? 1 : -1;
    c->value += c->tried;
    return true;
}

static void count_undo(struct mp_anneal *s)
{
    struct counter *c = s->structure;

    c->value -= c->tried;
    c->tried = 0;
}

static void count_keep(struct mp_anneal *s)
{
    ((struct counter *)s->structure)->tried = 0;
}

struct meter {
    double kept, measured;
};

static void *meter_create(const void *context, const struct mp_mapped *m, const void *structure)
{
    (void)context;
    (void)m;
    (void)structure;
    return mp_alloc(1, sizeof(struct meter));
}

static double meter_measure(void *meter, const struct mp_mapped *m, const void *structure)
{
    struct meter *p = meter;
    const struct counter *c = structure;

    p->measured = 1e-3 * m->area_um2 * (10 + abs(c->value));
    return p->measured;
}

static void meter_keep(void *meter)
{
    ((struct meter *)meter)->kept = ((struct meter *)meter)->measured;
}

static void meter_undo(void *meter)
{
    ((struct meter *)meter)->measured = 0;
}

static void test_structure_and_power(void **state)
{
    static const struct mp_structure_kind structure_kind = {counter_copy, free};
    static const struct mp_move_kind kinds[] = {{"count", count_try, count_undo, count_keep, 1}};
    const struct mp_power_source power = {NULL,          meter_create, free,
                                          meter_measure, meter_keep,   meter_undo};
    struct mp_objective o = objective_of("energy*delay");
    struct counter start = {20, 0};
    struct mp_anneal_result r;
    struct toy t;
    struct mp_mapped m;

    (void)state;
    toy_open(&t);
    toy_random(&m, &t, 9, 4, 30, 0);
    o.power = &power;
    struct mp_anneal_options options = {
        .seed = 3, .evaluations = 4000, .runs = 2, .restarts = 2, .families = &t.families};
    assert_int_equal(mp_anneal_search(&r, &m, &start, &structure_kind, kinds,
                                      sizeof kinds / sizeof *kinds, &o, &options, NULL),
                     MP_OK);
    const struct counter *end = r.best.structure;
    assert_int_equal(end->tried, 0);
    assert_int_equal(end->value, 0);
    assert_true(fabs(r.best.measures.power_w - 1e-2 * r.best.mapped.area_um2) < 1e-12);
    assert_int_equal(start.value, 20);
    mp_anneal_result_release(&r);
    mp_mapped_release(&m);
    toy_close(&t);
}

static void count_progress(void *context, const struct mp_anneal_progress *p)
{
    unsigned *calls = context;

    assert_true(p->share >= 0 && p->share <= 1 + 1e-9);
    assert_true(p->best.area_um2 > 0);
    ++*calls;
}

static void test_hostile(void **state)
{
    static const struct mp_move_kind kinds[] = {{"drive", mp_move_drive, NULL, NULL, 1},
                                                {"drive-two", mp_move_drive_two, NULL, NULL, 1}};
    const struct mp_mapped_environment environment = {.driving_cell = MP_NONE};
    struct mp_objective o = objective_of("area");
    struct mp_anneal_options options = {.seed = 1, .threads = 1};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_anneal_result r;
    struct toy t;
    struct mp_mapped m;
    unsigned calls = 0;

    (void)state;
    toy_open(&t);
    options.families = &t.families;
    mp_mapped_init(&m, &t.nldm, &environment);
    assert_int_equal(mp_mapped_update(&m), MP_MAPPED_OK);
    assert_int_equal(mp_anneal_search(&r, &m, NULL, NULL, kinds, sizeof kinds / sizeof *kinds, &o,
                                      &options, &err),
                     MP_E_USAGE);
    options.evaluations = 100;
    assert_int_equal(mp_anneal_search(&r, &m, NULL, NULL, kinds, 0, &o, &options, &err),
                     MP_E_USAGE);
    /* Nothing to do at all: it ends. */
    options.progress = count_progress;
    options.context = &calls;
    options.progress = NULL;
    assert_int_equal(mp_anneal_search(&r, &m, NULL, NULL, kinds, sizeof kinds / sizeof *kinds, &o,
                                      &options, &err),
                     MP_OK);
    assert_true(r.best.measures.area_um2 == 0);
    mp_anneal_result_release(&r);
    mp_mapped_release(&m);
    toy_random(&m, &t, 2, 4, 20, 0);
    options.progress = count_progress;
    options.schedule = MP_GREEDY;
    options.evaluations = 1000000000; /* a greedy run ends by itself */
    assert_int_equal(mp_anneal_search(&r, &m, NULL, NULL, kinds, sizeof kinds / sizeof *kinds, &o,
                                      &options, &err),
                     MP_OK);
    assert_true(r.runs[0].evaluations < 10000000);
    assert_true(calls > 0);
    assert_true(r.is_within_limits);
    mp_anneal_result_release(&r);
    /* A limit that no netlist keeps: less of an excess, and said. */
    o.max_delay_s = 1e-15;
    options.evaluations = 2000;
    assert_int_equal(mp_anneal_search(&r, &m, NULL, NULL, kinds, sizeof kinds / sizeof *kinds, &o,
                                      &options, &err),
                     MP_OK);
    assert_false(r.is_within_limits);
    assert_true(r.best.measures.delay_s < r.start.delay_s);
    mp_anneal_result_release(&r);
    mp_mapped_release(&m);
    toy_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_objective),
                                       cmocka_unit_test(test_delay_limit),
                                       cmocka_unit_test(test_optimum),
                                       cmocka_unit_test(test_deterministic),
                                       cmocka_unit_test(test_structure_and_power),
                                       cmocka_unit_test(test_hostile)};
    return cmocka_run_group_tests_name("anneal", tests, NULL, NULL);
}
