/* What queries and views say about exact mode, intervals, engines, kinds of cells, modules, and
 * which estimates they compare. */
#include "tests/store/ask.h"

#include <math.h>

static void put(struct fixture *f, const struct sample *s)
{
    int rc = sample_put(f->store, s, &f->err);
    if (rc != MP_OK)
        print_error("%s\n", f->err.message);
    assert_int_equal(rc, MP_OK);
}

static int setup_open(void **state)
{
    if (setup(state) != 0)
        return -1;
    open_writer(*state);
    return 0;
}

static void modes(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    struct seen seen;
    sample_init(&s, "int8", 1);
    sample_complete(&s);
    put(f, &s);
    ask(f, &seen, "modes", NULL);
    assert_int_equal(seen.rows, 1);
    assert_value(&seen, "design", "mac_int8_uint8_dadda");
    assert_value(&seen, "library", "nangate45");
    assert_value(&seen, "clock_s", "2e-09");
    assert_value(&seen, "power_w", "0.0001303");
    assert_value(&seen, "glitch_w", "3e-05");
    assert_value(&seen, "exact_power_w", "0.00014515");
    assert_value(&seen, "exact_glitch_w", "4.5e-05");
    assert_value(&seen, "exact_difference_percent", "18.621335");
    assert_value(&seen, "half_width_percent", "2.49532127");
    assert_value(&seen, "unsettled_percent", "1");
    sample_init(&s, "int9", 2);
    put(f, &s);
    ask(f, &seen, "modes", "design=mac_int9_uint8_dadda");
    assert_int_equal(seen.rows, 1);
    assert_value(&seen, "power_w", "0.0001303");
    const char *const unknown[] = {"exact_power_w", "exact_glitch_w", "exact_difference_percent",
                                   "half_width_percent", "unsettled_percent"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_value(&seen, unknown[i], "NULL");
}

static void engines(void **state)
{
    static const char *const rows[] = {
        "mac_int8_uint8_dadda|nangate45|yosys default|2e-09|OpenSTA 2.0.17|internal|",
        "mac_int8_uint8_dadda|nangate45|yosys default|2e-09|OpenSTA 2.0.17|switching|",
        "mac_int8_uint8_dadda|nangate45|yosys default|2e-09|OpenSTA 2.0.17|leakage|",
        "mac_int8_uint8_dadda|nangate45|yosys default|2e-09|OpenSTA 2.0.17|total|"};
    static const char *const limits[] = {"10", "0", "-10", "4.58173446"};
    struct fixture *f = *state;
    struct sample s;
    struct seen seen;
    sample_init(&s, "int9", 1);
    put(f, &s);
    ask(f, &seen, "engines", NULL);
    assert_int_equal(seen.rows, 0);
    sample_init(&s, "int8", 2);
    sample_complete(&s);
    put(f, &s);
    ask(f, &seen, "engines", NULL);
    assert_int_equal(seen.rows, 4);
    for (int i = 0; i < 4; i++) {
        seen = (struct seen){.skip = i};
        assert_int_equal(mp_store_query(f->store, "engines", NULL, 0, see, &seen, &f->err), MP_OK);
        assert_non_null(strstr(seen.values, rows[i]));
        assert_value(&seen, "difference_percent", limits[i]);
    }
    /* A part that the engine does not tell, and so no total. */
    sample_init(&s, "int7", 3);
    sample_complete(&s);
    s.estimate.engine_internal_w = NAN;
    put(f, &s);
    ask(f, &seen, "engines", "design=mac_int7_uint8_dadda");
    assert_int_equal(seen.rows, 4);
    assert_value(&seen, "own_w", "6e-05");
    assert_value(&seen, "engine_w", "NULL");
    assert_value(&seen, "difference_percent", "NULL");
}

static void kinds_and_parts(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    struct seen seen;
    sample_init(&s, "int8", 1);
    sample_complete(&s);
    put(f, &s);
    ask(f, &seen, "kinds", NULL);
    assert_int_equal(seen.rows, 2);
    assert_value(&seen, "cell", "NAND2_X1");
    assert_value(&seen, "cell_count", "16");
    assert_value(&seen, "power_w", "0.0001002");
    assert_value(&seen, "exact_power_w", "0.0001101");
    assert_value(&seen, "exact_glitch_w", "4.5e-05");
    assert_value(&seen, "half_width_w", "1e-06");
    ask(f, &seen, "kinds", "estimate=2");
    assert_int_equal(seen.rows, 0);
    ask(f, &seen, "blocks", "estimate=1");
    assert_int_equal(seen.rows, 3);
    assert_value(&seen, "block_origin", "apart");
    assert_value(&seen, "cell_count", "12");
    assert_value(&seen, "exact_power_w", "8.7575e-05");
    ask(f, &seen, "groups", "estimate=1");
    assert_int_equal(seen.rows, 2);
    assert_value(&seen, "exact_glitch_w", "0");
    assert_value(&seen, "half_width_w", "1e-06");
    /* Views of the same, in microwatts; each scope sums up. */
    assert_sql(f, "SELECT round(sum(power_percent), 6) FROM v_power_by_kind", "100");
    assert_sql(f, "SELECT round(sum(exact_power_uw), 6) FROM v_power_by_kind", "145.15");
    assert_sql(f, "SELECT round(sum(exact_power_uw), 6) FROM v_power_by_group", "145.15");
    assert_sql(f, "SELECT round(sum(exact_glitch_uw), 6) FROM v_power_by_block", "45");
    assert_sql(f, "SELECT sum(cell_count) || ' ' || sum(half_width_uw) FROM v_power_by_kind",
               "31 2.0");
    assert_sql(f,
               "SELECT round(exact_power_uw, 6) || ' ' || round(exact_glitch_uw, 6) || ' ' ||"
               " round(power_half_width_uw, 6) || ' ' || round(glitch_half_width_uw, 6) || ' ' ||"
               " round(energy_half_width_fj, 6) || ' ' || round(total_half_width_uw, 6) || ' ' ||"
               " batches || ' ' || unsettled_percent || ' ' || round(engine_internal_uw, 6) || ' '"
               " || round(engine_switching_uw, 6) || ' ' || round(engine_leakage_uw, 6) || ' ' ||"
               " calibration || ' ' || block_origin FROM v_estimate",
               "145.15 45.0 1.0 2.0 3.0 4.0 64 1.0 66.0 70.0 0.27 maximum apart");
}

/* Only what differs in nothing but the design is compared. */
static void conditions(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    struct seen seen;
    sample_init(&s, "int11", 1);
    sample_complete(&s);
    put(f, &s);
    sample_init(&s, "e4m2", 2);
    sample_complete(&s);
    s.estimate.internal_w /= 2;
    s.estimate.exact_internal_w = 6e-5;
    put(f, &s);
    ask(f, &seen, "reduction", NULL);
    assert_int_equal(seen.rows, 1);
    assert_value(&seen, "power_reduction", "0.230237913");
    assert_value(&seen, "energy_with_glitches_reduction", "0.187149095");
    assert_value(&seen, "exact_energy_reduction", "0.103341371");
    assert_sql(f,
               "SELECT round(energy_with_glitches_reduction_percent, 6) || ' ' ||"
               " round(exact_energy_reduction_percent, 6) FROM v_reduction"
               " WHERE baseline_weight_format = 'int11'",
               "18.71491 10.334137");
    for (unsigned n = 3; n < 9; n++) {
        sample_init(&s, "e4m2", n);
        switch (n) {
        case 3:
            s.accuracy.calibration = "percentile";
            break;
        case 4:
            s.accuracy.dataset_hash = "d2";
            break;
        case 5:
            s.accuracy.images = 9999;
            break;
        case 6:
            s.estimate.activity_source = "vcd";
            break;
        case 7:
            s.ppa.wire_load = "5K_hvratio_1_1";
            break;
        default:
            s.estimate.accuracy_key[0] = '\0';
            break;
        }
        put(f, &s);
    }
    ask(f, &seen, "reduction", NULL);
    assert_int_equal(seen.rows, 1);
    assert_sql(f, "SELECT count(*) FROM v_reduction WHERE baseline_weight_format = 'int11'", "1");
    /* The newest e4m2 and the one with another wire load; neither has a baseline. */
    ask(f, &seen, "comparison", "baseline=int11");
    assert_int_equal(seen.rows, 3);
    assert_value(&seen, "weight", "e4m2");
    assert_value(&seen, "energy_reduction", "NULL");
    /* Without accuracy on both sides is alike again. */
    sample_init(&s, "int11", 20);
    s.estimate.accuracy_key[0] = '\0';
    put(f, &s);
    ask(f, &seen, "reduction", NULL);
    assert_int_equal(seen.rows, 2);
}

static void unknown_is_empty_in_comparison(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    struct seen seen;
    sample_init(&s, "-", 1);
    s.ppa.design = "my_alu";
    s.ppa.unit = "module";
    s.ppa.activation_format = s.ppa.multiplier = "-";
    s.ppa.weight_bits = s.ppa.activation_bits = s.ppa.accumulator_bits = 0;
    s.ppa.block_origin = "none";
    s.estimate.activity_source = "saif";
    s.estimate.glitch_w = NAN;
    s.estimate.accuracy_key[0] = '\0';
    put(f, &s);
    ask(f, &seen, "comparison", "baseline=my_alu");
    assert_int_equal(seen.rows, 1);
    assert_value(&seen, "unit", "module");
    assert_value(&seen, "power_w", "0.0001303");
    assert_value(&seen, "energy_reduction", "0");
    struct seen modules;
    ask(f, &modules, "modules", NULL);
    assert_int_equal(modules.rows, 1);
    assert_value(&modules, "design", "my_alu");
    assert_value(&modules, "total_w", "0.0001303");
    assert_value(&modules, "glitch_w", "NULL");
    assert_value(&modules, "activity_source", "saif");
    const char *const empty[] = {
        "weight",           "activation",       "multiplier",
        "accumulator_bits", "weight_bits",      "glitch_w",
        "accuracy_share",   "wire_load",        "energy_with_glitches_reduction",
        "clock_missed_s",   "storage_reduction"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        assert_value(&seen, empty[i], "NULL");
}

/* Without a run the newest of each, in a run what belongs to it, baselines too. */
static void comparison_of_a_run(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    struct seen seen = {0};
    int64_t run = -1;
    for (unsigned n = 0; n < 6; n++) {
        sample_init(&s, n % 2 ? "e4m2" : "int11", n);
        s.estimate.energy_per_mac_j = (n + 1) * 1e-13;
        put(f, &s);
        if (n == 0)
            assert_int_equal(mp_store_run_begin(f->store, "a", "b", &s.context, &run, &f->err),
                             MP_OK);
        if (n < 3)
            assert_int_equal(mp_store_run_add(f->store, run, s.estimate.key, &f->err), MP_OK);
    }
    ask(f, &seen, "comparison", "baseline=int11");
    assert_int_equal(seen.rows, 2);
    assert_value(&seen, "weight", "e4m2");
    assert_value(&seen, "energy_per_mac_j", "6e-13");
    assert_value(&seen, "energy_reduction", "-0.2");
    const char *const parameters[] = {"run=1", "baseline=int11", "only=e4m2"};
    seen = (struct seen){0};
    assert_int_equal(mp_store_query(f->store, "comparison", parameters, 2, see, &seen, &f->err),
                     MP_OK);
    assert_int_equal(seen.rows, 3);
    assert_value(&seen, "weight", "int11");
    assert_value(&seen, "energy_per_mac_j", "3e-13");
    assert_value(&seen, "energy_reduction", "-2");
    seen = (struct seen){0};
    assert_int_equal(mp_store_query(f->store, "comparison", parameters, 3, see, &seen, &f->err),
                     MP_OK);
    assert_int_equal(seen.rows, 1);
    assert_value(&seen, "energy_reduction", "-1");
}

/* How SQLite goes about a named query. */
static void plan_of(struct fixture *f, const char *name, struct mp_text *plan)
{
    size_t i = 0;
    sqlite3_stmt *statement;
    while (strcmp(mp_store_query_name(i), name) != 0)
        i++;
    char *sql = mp_asprintf("EXPLAIN QUERY PLAN\n%s", mp_store_query_text(i));
    assert_int_equal(sqlite3_prepare_v2(f->store->db, sql, -1, &statement, NULL), SQLITE_OK);
    mp_text_printf(plan, "%s\n", name);
    while (sqlite3_step(statement) == SQLITE_ROW)
        mp_text_printf(plan, "%s\n", (const char *)sqlite3_column_text(statement, 3));
    sqlite3_finalize(statement);
    free(sql);
}

/* No table is read through but the one that gives the order of the answer, so that LIMIT ends it;
 * nothing is sorted as a whole, or indexed on the way but the few rows of baselines. */
static void plans_use_indexes(void **state)
{
    static const struct {
        const char *query, *must;
    } plans[] = {{"modes", "SCAN e\n"},
                 {"engines", "SCAN e USING INDEX estimate_by_engine\n"},
                 {"kinds", "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)\n"},
                 {"kinds", "SEARCH r USING PRIMARY KEY (estimate_id=?)\n"},
                 {"blocks", "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)\n"},
                 {"groups", "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)\n"},
                 {"provenance", "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)\n"},
                 {"comparison", "SCAN k USING COVERING INDEX"},
                 {"comparison", "SEARCH e USING INTEGER PRIMARY KEY (rowid=?)\n"},
                 {"reduction", "SCAN k USING COVERING INDEX"}};
    static const char *const never[] = {"SCAN p",
                                        "SCAN d",
                                        "SCAN l\n",
                                        "SCAN t",
                                        "SCAN r",
                                        "SCAN q",
                                        "SCAN a",
                                        "FOR ORDER BY\n",
                                        "SCAN o",
                                        "SCAN n",
                                        "SEARCH d USING AUTOMATIC",
                                        "SEARCH e USING AUTOMATIC"};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        struct mp_text plan = {0};
        plan_of(f, plans[i].query, &plan);
        if (!strstr(plan.data, plans[i].must))
            fail_msg("%s: no %s in\n%s", plans[i].query, plans[i].must, plan.data);
        for (size_t j = 0; j < sizeof never / sizeof *never; j++)
            if (strstr(plan.data, never[j]))
                fail_msg("%s: %s in\n%s", plans[i].query, never[j], plan.data);
        mp_text_release(&plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(modes, setup_open, teardown),
        cmocka_unit_test_setup_teardown(engines, setup_open, teardown),
        cmocka_unit_test_setup_teardown(kinds_and_parts, setup_open, teardown),
        cmocka_unit_test_setup_teardown(conditions, setup_open, teardown),
        cmocka_unit_test_setup_teardown(unknown_is_empty_in_comparison, setup_open, teardown),
        cmocka_unit_test_setup_teardown(comparison_of_a_run, setup_open, teardown),
        cmocka_unit_test_setup_teardown(plans_use_indexes, setup_open, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
