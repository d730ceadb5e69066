/* Which of the crossed designs a run has: `designs:` and the multiplier `any`. */
#include "estimator/pipeline/run_plan.h"
#include "estimator/util/file.h"
#include "estimator/util/log.h"
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

#define HEAD                                                                                       \
    "libraries: [osu018]\nweights: [int8, e4m2z, uint4]\nactivations: [uint8, int8]\n"             \
    "units: [multiplier, mac]\n"

static struct mp_tempdir dir;

static int read_config(struct mp_experiment *e, const char *text, struct mp_error *err)
{
    char *path = mp_path_join(dir.path, "config.yaml");
    int rc = mp_file_write(path, text, strlen(text), err);

    if (rc == MP_OK)
        rc = mp_experiment_read(e, path, err);
    free(path);
    return rc;
}

/* "mac int8 uint8 dadda/yosys balanced": how many jobs of the plan are that. */
static unsigned count_of(const struct mp_run_plan *p, const char *wanted)
{
    unsigned count = 0;

    for (size_t i = 0; i < p->job_count; i++) {
        const struct mp_point *q = &p->jobs[i].point;
        char weight[MP_FORMAT_NAME_SIZE], activation[MP_FORMAT_NAME_SIZE];
        char *name =
            mp_asprintf("%s %s %s %s/%s", mp_unit_name(q->design.unit),
                        mp_format_name(&q->design.weight, weight),
                        mp_format_name(&q->design.activation, activation),
                        q->any_multiplier ? "any" : q->design.multiplier,
                        q->way.implementation == MP_BY_SEARCH ? "search" : mp_way_recipe(&q->way));
        count += strcmp(name, wanted) == 0;
        free(name);
    }
    return count;
}

static void plan(struct mp_run_plan *p, struct mp_experiment *e, const struct mp_tools *tools,
                 const char *text)
{
    struct mp_error err = MP_ERROR_INIT;
    char message[1400];

    *p = (struct mp_run_plan){.experiment = e, .tools = tools};
    if (read_config(e, text, &err) < 0 || mp_run_plan_make(p, dir.path, &err) < 0)
        fail_msg("%s", mp_error_text(&err, message, sizeof message));
}

static void only_named(void **state)
{
    const struct mp_tools tools = {0};
    struct mp_experiment e;
    struct mp_run_plan p;

    (void)state;
    plan(&p, &e, &tools,
         HEAD "designs: [ multiplier  e4m2z uint8, mac int8 int8]\nmultipliers: [array, dadda]\n");
    assert_int_equal(p.job_count, 4);
    assert_int_equal(count_of(&p, "multiplier e4m2z uint8 array/auto"), 1);
    assert_int_equal(count_of(&p, "mac int8 int8 dadda/auto"), 1);
    mp_run_plan_release(&p);
    mp_experiment_release(&e);
}

static void any_multiplier(void **state)
{
    const struct mp_tools tools = {0};
    struct mp_experiment e;
    struct mp_run_plan p;

    (void)state;
    plan(&p, &e, &tools,
         HEAD "designs: [multiplier int8 uint8]\nmultipliers: [any, array, dadda]\n"
              "implementations: [yosys, search]\nrecipes: [area, speed]\n");
    assert_int_equal(p.job_count, 5);
    assert_int_equal(count_of(&p, "multiplier int8 uint8 any/search"), 1);
    assert_int_equal(count_of(&p, "multiplier int8 uint8 array/area"), 1);
    assert_int_equal(count_of(&p, "multiplier int8 uint8 dadda/speed"), 1);
    mp_run_plan_release(&p);
    mp_experiment_release(&e);
    /* Alone it is what a config without the key has. */
    plan(&p, &e, &tools,
         HEAD "designs: [multiplier int8 uint8]\nmultipliers: [any]\n"
              "implementations: [yosys, search]\n");
    assert_int_equal(p.job_count, 2);
    assert_int_equal(count_of(&p, "multiplier int8 uint8 any/auto"), 1);
    mp_run_plan_release(&p);
    mp_experiment_release(&e);
}

static void refused(void **state)
{
    static const char *const bad[] = {"[multiplier int8]", "[multiplier int8 uint8 dadda]",
                                      "[adder int8 uint8]", "[multiplier int9 uint8]",
                                      "[multiplier int8 int4]"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_experiment e;
        struct mp_error err = MP_ERROR_INIT;
        char *text = mp_asprintf("%sdesigns: %s\n", HEAD, bad[i]);
        assert_true(read_config(&e, text, &err) < 0);
        assert_non_null(strstr(err.message, "designs"));
        assert_int_equal(err.line, 5);
        mp_experiment_release(&e);
        free(text);
    }
}

static int set_up(void **state)
{
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    return mp_tempdir_create(&dir, &err);
}
static int tear_down(void **state)
{
    (void)state;
    mp_tempdir_remove(&dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_named),
                                       cmocka_unit_test(any_multiplier), cmocka_unit_test(refused)};

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
