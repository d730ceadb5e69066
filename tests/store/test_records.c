#include "tests/store/fixture.h"

#include <math.h>
#include <stddef.h>

static void assert_same_ppa(const struct mp_ppa_record *a, const struct mp_ppa_record *b)
{
    assert_string_equal(a->key, b->key);
    assert_string_equal(a->design, b->design);
    assert_string_equal(a->weight_format, b->weight_format);
    assert_string_equal(a->activation_format, b->activation_format);
    assert_string_equal(a->unit, b->unit);
    assert_string_equal(a->multiplier, b->multiplier);
    assert_string_equal(a->library, b->library);
    assert_string_equal(a->library_hash, b->library_hash);
    assert_string_equal(a->corner, b->corner);
    assert_string_equal(a->wire_load, b->wire_load);
    assert_string_equal(a->recipe, b->recipe);
    assert_string_equal(a->proof_rtl, b->proof_rtl);
    assert_string_equal(a->proof_netlist, b->proof_netlist);
    assert_string_equal(a->equivalence, b->equivalence);
    assert_string_equal(a->block_origin, b->block_origin);
    assert_string_equal(a->verilog, b->verilog);
    assert_string_equal(a->netlist, b->netlist);
    assert_int_equal(a->weight_bits, b->weight_bits);
    assert_int_equal(a->activation_bits, b->activation_bits);
    assert_int_equal(a->accumulator_bits, b->accumulator_bits);
    assert_int_equal(a->keep_blocks, b->keep_blocks);
    assert_int_equal(a->synthesis_runs, b->synthesis_runs);
    assert_int_equal(a->best_variant, b->best_variant);
    assert_int_equal(a->cell_count, b->cell_count);
    assert_int_equal(a->register_count, b->register_count);
    assert_int_equal(a->proof_rtl_vectors, b->proof_rtl_vectors);
    assert_int_equal(a->proof_netlist_vectors, b->proof_netlist_vectors);
    const double x[] = {a->voltage_v,
                        a->temperature_c,
                        a->clock_period_s,
                        a->area_um2,
                        a->critical_path_s,
                        a->slack_s,
                        a->area_median_um2,
                        a->area_max_um2,
                        a->critical_path_median_s,
                        a->critical_path_max_s,
                        a->yosys_wall_s,
                        a->opensta_wall_s};
    const double y[] = {b->voltage_v,
                        b->temperature_c,
                        b->clock_period_s,
                        b->area_um2,
                        b->critical_path_s,
                        b->slack_s,
                        b->area_median_um2,
                        b->area_max_um2,
                        b->critical_path_median_s,
                        b->critical_path_max_s,
                        b->yosys_wall_s,
                        b->opensta_wall_s};
    assert_memory_equal(x, y, sizeof x);
}

static void ppa_round_trip(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    struct mp_ppa_record r;
    bool found;
    sample_init(&s, "e4m2", 1);
    s.ppa.clock_period_s = 0.1 + 0.2;
    s.ppa.slack_s = -1e-12;
    s.ppa.best_variant = 7;
    s.ppa.block_origin = "cones";
    s.ppa.yosys_wall_s = 7.25;
    s.ppa.proof_rtl_vectors = (uint64_t)1 << 40;
    open_writer(f);
    assert_int_equal(mp_store_put_ppa(f->store, &s.ppa, &s.context, &f->err), MP_OK);
    close_store(f);
    assert_int_equal(mp_store_open(&f->store, f->path, true, &f->err), MP_OK);
    assert_int_equal(mp_store_get_ppa(f->store, s.ppa.key, &r, &found, &f->err), MP_OK);
    assert_true(found);
    assert_same_ppa(&r, &s.ppa);
    mp_ppa_record_release(&r);
    assert_int_equal(mp_store_get_ppa(f->store, "none", &r, &found, &f->err), MP_OK);
    assert_false(found);
    mp_ppa_record_release(&r);
    assert_sql(f, "SELECT sqlar_uncompress(netlist_zlib, netlist_bytes) FROM ppa_text",
               s.ppa.netlist);
    /* A reader cannot write. */
    assert_int_equal(mp_store_put_trace(f->store, &s.trace, &f->err), MP_E_DATABASE);
    assert_message(f, "permission");
}

static void accuracy_round_trip(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    struct mp_accuracy_record r;
    bool found;
    sample_init(&s, "int8", 1);
    open_writer(f);
    assert_int_equal(mp_store_put_accuracy(f->store, &s.accuracy, &s.context, &f->err), MP_OK);
    assert_int_equal(mp_store_get_accuracy(f->store, s.accuracy.key, &r, &found, &f->err), MP_OK);
    assert_true(found);
    assert_string_equal(r.key, s.accuracy.key);
    assert_string_equal(r.network, "fashion_lenet");
    assert_string_equal(r.network_hash, "n1");
    assert_string_equal(r.dataset_hash, "d1");
    assert_string_equal(r.weight_format, "int8");
    assert_string_equal(r.activation_format, "uint8");
    assert_string_equal(r.calibration, "maximum");
    assert_int_equal(r.images, 10000);
    assert_int_equal(r.top1, 9150);
    assert_int_equal(r.top5, 9990);
    assert_int_equal(r.weight_count, 61706);
    assert_int_equal(r.weight_bits, 61706 * 8);
    mp_accuracy_record_release(&r);
    assert_int_equal(mp_store_get_accuracy(f->store, s.ppa.key, &r, &found, &f->err), MP_OK);
    assert_false(found);
}

static void estimate_and_rows(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    bool found;
    sample_init(&s, "int8", 1);
    open_writer(f);
    assert_int_equal(mp_store_has_estimate(f->store, s.estimate.key, &found, &f->err), MP_OK);
    assert_false(found);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_int_equal(mp_store_has_estimate(f->store, s.estimate.key, &found, &f->err), MP_OK);
    assert_true(found);
    assert_sql(f, "SELECT count(*) FROM power_row", "5");
    assert_sql(f, "SELECT round(power_uw, 6) FROM v_estimate", "130.3");
    assert_sql(f, "SELECT accuracy_percent FROM v_estimate", "91.5");
    assert_sql(f, "SELECT round(energy_per_mac_fj, 6) FROM v_estimate", "200.1");
    assert_sql(f, "SELECT seed FROM trace", "-1");
    assert_sql(f, "SELECT round(sum(power_percent), 6) FROM v_power_by_group", "100");
    assert_sql(f, "SELECT created_unix_s BETWEEN 1.6e9 AND unixepoch() FROM estimate", "1");
    /* Without accuracy. */
    sample_init(&s, "int8", 2);
    s.estimate.accuracy_key[0] = '\0';
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_sql(f, "SELECT accuracy_percent FROM v_estimate ORDER BY estimate_id DESC", "NULL");
}

/* The user's own Verilog: no formats, no widths. */
static void modules(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    struct mp_ppa_record r;
    bool found;
    sample_init(&s, "-", 1);
    s.ppa.design = "my_alu";
    s.ppa.unit = "module";
    s.ppa.activation_format = s.ppa.multiplier = "-";
    s.ppa.weight_bits = s.ppa.activation_bits = s.ppa.accumulator_bits = 0;
    s.ppa.block_origin = "hierarchy";
    s.ppa.wire_load = "5K_hvratio_1_1";
    open_writer(f);
    assert_int_equal(mp_store_put_ppa(f->store, &s.ppa, &s.context, &f->err), MP_OK);
    assert_int_equal(mp_store_get_ppa(f->store, s.ppa.key, &r, &found, &f->err), MP_OK);
    assert_true(found);
    assert_same_ppa(&r, &s.ppa);
    mp_ppa_record_release(&r);
    /* A multiplier has operands. */
    s.ppa.unit = "multiplier";
    s.ppa.key[0] = 'x';
    assert_int_equal(mp_store_put_ppa(f->store, &s.ppa, &s.context, &f->err), MP_E_DATABASE);
    assert_message(f, "weight_bits > 0");
    s.ppa.weight_bits = 8;
    assert_int_equal(mp_store_put_ppa(f->store, &s.ppa, &s.context, &f->err), MP_E_DATABASE);
    assert_message(f, "activation_bits > 0");
}

/* Activity that a file brought: no operands, no glitches. */
static void activity_from_a_file(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    sample_init(&s, "-", 1);
    s.trace.source = "a.saif 0123";
    s.trace.dataflow = s.trace.activation_format = "-";
    s.trace.seed = 0;
    s.trace.stretches = 1;
    s.trace.zero_weights = s.trace.zero_activations = NAN;
    s.estimate.activity_source = "saif";
    s.estimate.accuracy_key[0] = '\0';
    s.estimate.annotated_share = 0.75;
    s.estimate.propagated_share = 0.125;
    s.estimate.glitch_w = NAN;
    for (uint32_t i = 0; i < s.estimate.row_count; i++)
        s.rows[i].glitch_w = NAN;
    open_writer(f);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_sql(f,
               "SELECT glitch_uw IS NULL AND power_uw > 0 AND annotated_percent = 75"
               " AND propagated_percent = 12.5 AND activity_source = 'saif'"
               " AND trace_source = 'a.saif 0123' AND dataflow = '-' FROM v_estimate",
               "1");
    assert_sql(f, "SELECT count(*) FROM power_row WHERE glitch_w IS NULL", "5");
    assert_sql(f,
               "SELECT count(*) FROM trace WHERE zero_weights_share IS NULL"
               " AND zero_activations_share IS NULL",
               "1");
    sample_init(&s, "int8", 2);
    s.estimate.activity_source = "vcd";
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_sql(f, "SELECT glitch_uw FROM v_estimate WHERE activity_source = 'vcd'", "30");
}

/* Every field that may be unknown, in the order of the columns. */
struct optional {
    const char *column;
    size_t offset;
    const char *value; /* of sample_complete */
};

#define ESTIMATE(field, value)                                                                     \
    {                                                                                              \
#field, offsetof(struct mp_estimate_record, field), value                                  \
    }
static const struct optional of_estimate[] = {
    ESTIMATE(propagated_share, "0.25"),     ESTIMATE(exact_glitch_w, "4.5e-05"),
    ESTIMATE(power_half_width_w, "1e-06"),  ESTIMATE(glitch_half_width_w, "2e-06"),
    ESTIMATE(energy_half_width_j, "3e-15"), ESTIMATE(total_half_width_w, "4e-06"),
    ESTIMATE(engine_internal_w, "6.6e-05"), ESTIMATE(engine_switching_w, "7e-05"),
    ESTIMATE(engine_leakage_w, "2.7e-07"),  ESTIMATE(exact_internal_w, "7.5e-05"),
    ESTIMATE(exact_leakage_w, "1.5e-07")};

#define ROW(field, value)                                                                          \
    {                                                                                              \
#field, offsetof(struct mp_power_row, field), value                                        \
    }
static const struct optional of_row[] = {
    ROW(exact_internal_w, "2.5e-05"), ROW(exact_leakage_w, "5e-08"), ROW(exact_glitch_w, "4.5e-05"),
    ROW(half_width_w, "1e-06")};

static double *field_of(void *record, const struct optional *o)
{
    return (double *)(void *)((char *)record + o->offset);
}

static void assert_column(struct fixture *f, const char *from, const char *column,
                          const char *expected)
{
    char *sql = mp_asprintf("SELECT %s FROM %s ORDER BY estimate_id DESC LIMIT 1", column, from);
    assert_sql(f, sql, expected);
    free(sql);
}

static void unknown_is_null(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    open_writer(f);
    sample_init(&s, "int8", 1);
    sample_complete(&s);
    /* Row 1, combinational, in a value of its own for each field. */
    s.rows[1].exact_internal_w = 2.5e-5;
    s.rows[1].exact_leakage_w = 5e-8;
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    const char *row = "power_row JOIN part USING (part_id) WHERE part = 'combinational'";
    for (size_t i = 0; i < sizeof of_estimate / sizeof *of_estimate; i++)
        assert_column(f, "estimate", of_estimate[i].column, of_estimate[i].value);
    for (size_t i = 0; i < sizeof of_row / sizeof *of_row; i++)
        assert_column(f, row, of_row[i].column, of_row[i].value);
    assert_column(f, row, "cell_count", "11");
    assert_column(f, "estimate", "unsettled_cycles || ' ' || batches || ' ' || engine",
                  "640 64 OpenSTA 2.0.17");
    assert_column(f, "estimate", "round(1e6 * exact_power_w, 6)", "145.15");
    assert_column(f, "estimate", "activity_source", "simulated");
    /* None of it. */
    sample_init(&s, "int8", 2);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    for (size_t i = 0; i < sizeof of_estimate / sizeof *of_estimate; i++)
        assert_column(f, "estimate", of_estimate[i].column, "NULL");
    for (size_t i = 0; i < sizeof of_row / sizeof *of_row; i++)
        assert_column(f, row, of_row[i].column, "NULL");
    assert_column(f, row, "cell_count", "NULL");
    assert_column(f, "estimate", "coalesce(unsettled_cycles, batches, engine)", "NULL");
    assert_column(f, "estimate", "exact_power_w", "NULL");
    /* One missing, the others known; exact_internal_w and _leakage_w go together. */
    for (unsigned i = 0; i < 9; i++) {
        sample_init(&s, "int8", 10 + i);
        sample_complete(&s);
        *field_of(&s.estimate, &of_estimate[i]) = NAN;
        assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
        for (unsigned j = 0; j < 9; j++)
            assert_column(f, "estimate", of_estimate[j].column,
                          j == i ? "NULL" : of_estimate[j].value);
    }
}

/* The first result of a key stays; rows that results share are stored once. */
static void equal_keys_are_left_alone(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    open_writer(f);
    sample_init(&s, "int8", 1);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    s.ppa.area_um2 = 1;
    s.trace.zero_weights = 0.9;
    s.accuracy.top1 = 1;
    s.estimate.leakage_w = 1;
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_sql(f, "SELECT area_um2 FROM ppa_point", "1234.5");
    assert_sql(f, "SELECT count(*) FROM estimate WHERE leakage_w < 1e-6", "1");
    assert_sql(f, "SELECT top1 FROM accuracy", "9150");
    assert_sql(f, "SELECT count(*) FROM power_row", "5");
    sample_init(&s, "int8", 2);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_sql(f,
               "SELECT (SELECT count(*) FROM design) || (SELECT count(*) FROM library) ||"
               " (SELECT count(*) FROM context) || (SELECT count(*) FROM network) ||"
               " (SELECT count(*) FROM part) || (SELECT count(*) FROM estimate)",
               "111152");
    /* The same name with other content is another row, in no one's way. */
    sample_init(&s, "int8", 3);
    s.ppa.accumulator_bits = 30;
    s.ppa.library_hash = "5678";
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_sql(f, "SELECT count(DISTINCT library_id) || count(DISTINCT design_id) FROM ppa_point",
               "22");
}

static void references_must_be_there(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    sample_init(&s, "int8", 1);
    open_writer(f);
    assert_int_equal(mp_store_put_estimate(f->store, &s.estimate, &s.context, &f->err),
                     MP_E_DATABASE);
    assert_message(f, "no PPA point a000");
    assert_int_equal(mp_store_put_ppa(f->store, &s.ppa, &s.context, &f->err), MP_OK);
    assert_int_equal(mp_store_put_estimate(f->store, &s.estimate, &s.context, &f->err),
                     MP_E_DATABASE);
    assert_message(f, "no trace b000");
    assert_int_equal(mp_store_put_trace(f->store, &s.trace, &f->err), MP_OK);
    assert_int_equal(mp_store_put_estimate(f->store, &s.estimate, &s.context, &f->err),
                     MP_E_DATABASE);
    assert_message(f, "no accuracy c000");
    assert_sql(f, "SELECT count(*) FROM estimate", "0");
}

/* What is refused leaves nothing behind, and the store works on. */
static void assert_refused(struct fixture *f, const struct sample *s, const char *message)
{
    assert_int_equal(sample_put(f->store, s, &f->err), MP_E_DATABASE);
    assert_message(f, message);
    assert_message(f, f->path);
    assert_sql(f, "SELECT (SELECT count(*) FROM estimate) || (SELECT count(*) FROM power_row)",
               "00");
}

#define REFUSED(field, value, message)                                                             \
    do {                                                                                           \
        struct sample s;                                                                           \
        sample_init(&s, "int8", n++);                                                              \
        s.field = (value);                                                                         \
        assert_refused(f, &s, message);                                                            \
    } while (0)

static void nonsense_is_refused(void **state)
{
    struct fixture *f = *state;
    unsigned n = 1;
    open_writer(f);
    REFUSED(ppa.area_um2, 0, "area_um2 > 0");
    REFUSED(ppa.area_um2, (double)NAN, "area_um2 is not a number");
    REFUSED(ppa.slack_s, -(double)INFINITY, "slack_s is infinite");
    REFUSED(ppa.proof_netlist, "", "proof_netlist");
    REFUSED(ppa.proof_rtl, NULL, "proof_rtl is missing");
    REFUSED(ppa.netlist, NULL, "netlist is missing");
    REFUSED(ppa.unit, "adder", "unit IN");
    REFUSED(ppa.cell_count, 0, "cell_count > 0");
    REFUSED(ppa.proof_rtl_vectors, UINT64_MAX, "proof_rtl_vectors is above 2^63-1");
    REFUSED(ppa.clock_period_s, -1e-9, "clock_period_s > 0");
    REFUSED(ppa.key[31], '\0', "length(ppa_key) = 32");
    REFUSED(context.host, NULL, "host is missing");
    REFUSED(trace.zero_activations, 1.5, "zero_activations_share");
    REFUSED(trace.source, "", "source");
    REFUSED(accuracy.top1, 10001, "top1");
    REFUSED(accuracy.top5, 5, "top5");
    REFUSED(estimate.annotated_share, 1.001, "annotated_share");
    REFUSED(estimate.annotated_share, (double)NAN, "annotated_share is not a number");
    REFUSED(estimate.internal_w, -1e-9, "internal_w >= 0");
    REFUSED(estimate.switching_w, -1e-9, "switching_w >= 0");
    REFUSED(estimate.leakage_w, (double)INFINITY, "leakage_w is infinite");
    REFUSED(estimate.energy_per_mac_j, (double)NAN, "energy_per_mac_j is not a number");
    REFUSED(estimate.cycles, 0, "cycles > 0");
    REFUSED(estimate.glitch_w, (double)NAN, "glitch_w is not a number");
    REFUSED(rows[4].leakage_w, (double)NAN, "power row: leakage_w is not a number");
    REFUSED(rows[4].scope, "colour", "scope IN");
    REFUSED(rows[4].name, "shifter", "UNIQUE");
    REFUSED(ppa.block_origin, NULL, "block_origin is missing");
    REFUSED(ppa.block_origin, "guessed", "block_origin IN");
    REFUSED(ppa.weight_bits, 0, "weight_bits > 0");
    REFUSED(trace.zero_weights, (double)INFINITY, "zero_weights is infinite");
    REFUSED(estimate.activity_source, NULL, "activity_source is missing");
    REFUSED(estimate.activity_source, "guessed", "activity_source IN");
    REFUSED(estimate.unsettled_cycles, 64001, "unsettled_cycles BETWEEN 0 AND cycles");
    REFUSED(estimate.unsettled_cycles, UINT64_MAX - 1, "unsettled_cycles is above 2^63-1");
    REFUSED(estimate.propagated_share, 1.001, "propagated_share");
    REFUSED(estimate.exact_internal_w, 1e-5, "exact_is_whole");
    REFUSED(estimate.exact_leakage_w, 1e-9, "exact_is_whole");
    REFUSED(estimate.exact_glitch_w, 1e-5, "exact_is_whole");
    REFUSED(estimate.power_half_width_w, 1e-6, "half_width_has_batches");
    REFUSED(estimate.total_half_width_w, 1e-6, "half_width_has_batches");
    REFUSED(estimate.engine_leakage_w, 1e-6, "engine_has_name");
    REFUSED(estimate.engine, "", "engine <> ''");
    REFUSED(rows[0].glitch_w, (double)NAN, "power row: glitch_w is not a number");
    REFUSED(rows[0].exact_leakage_w, -1e-9, "exact_leakage_w >= 0");
    for (size_t i = 0; i < sizeof of_estimate / sizeof *of_estimate; i++) {
        struct sample s;
        sample_init(&s, "int8", n++);
        sample_complete(&s);
        *field_of(&s.estimate, &of_estimate[i]) = INFINITY;
        assert_refused(f, &s, "is infinite");
        assert_message(f, of_estimate[i].column);
    }
    for (size_t i = 0; i < sizeof of_row / sizeof *of_row; i++) {
        struct sample s;
        sample_init(&s, "int8", n++);
        sample_complete(&s);
        *field_of(&s.rows[6], &of_row[i]) = -INFINITY;
        assert_refused(f, &s, "is infinite");
        assert_message(f, of_row[i].column);
    }
    struct sample good;
    sample_init(&good, "int8", 1000);
    assert_int_equal(sample_put(f->store, &good, &f->err), MP_OK);
}

static void runs(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    int64_t run, second;
    sample_init(&s, "int8", 1);
    open_writer(f);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_int_equal(
        mp_store_run_begin(f->store, "quickstart", "a: b\n", &s.context, &run, &f->err), MP_OK);
    assert_sql(f, "SELECT state FROM v_run", "not finished");
    assert_int_equal(mp_store_run_add(f->store, run, s.estimate.key, &f->err), MP_OK);
    assert_int_equal(mp_store_run_add(f->store, run, s.estimate.key, &f->err), MP_OK);
    assert_int_equal(mp_store_run_add(f->store, run, s.ppa.key, &f->err), MP_E_DATABASE);
    assert_message(f, "no estimate");
    assert_int_equal(mp_store_run_add(f->store, run + 5, s.estimate.key, &f->err), MP_E_DATABASE);
    assert_message(f, "FOREIGN KEY");
    assert_int_equal(mp_store_run_end(f->store, run, (double)NAN, &f->err), MP_E_DATABASE);
    assert_int_equal(mp_store_run_end(f->store, run, 1.5, &f->err), MP_OK);
    assert_int_equal(mp_store_run_end(f->store, run + 5, 1.5, &f->err), MP_E_DATABASE);
    assert_message(f, "no run");
    assert_sql(f, "SELECT state || estimates || wall_s FROM v_run", "finished11.5");
    assert_int_equal(
        mp_store_run_begin(f->store, "quickstart", "a: b\n", &s.context, &second, &f->err), MP_OK);
    assert_true(second > run);
    assert_sql(f, "SELECT count(DISTINCT run_key) FROM run", "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ppa_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(accuracy_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(estimate_and_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(modules, setup, teardown),
        cmocka_unit_test_setup_teardown(activity_from_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_is_null, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_keys_are_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(references_must_be_there, setup, teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(runs, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
