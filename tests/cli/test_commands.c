/* Every subcommand as a user meets it. */
#include "tests/cli/harness.h"

#include "estimator/util/process.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/util/cmocka_all.h"

static const char *const commands[] = {"run",      "estimate", "compare", "query", "generate",
                                       "accuracy", "trace",    "libs",    "doctor"};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void helps(void **state)
{
    struct session *s = *state;

    RUN(s, "--help");
    assert_status(s, 0);
    for (size_t i = 0; i < COMMANDS; i++)
        assert_out(s, commands[i]);
    for (size_t i = 0; i < COMMANDS; i++) {
        char usage[64];
        snprintf(usage, sizeof usage, "Usage: macppa %s", commands[i]);
        RUN(s, commands[i], "--help");
        assert_status(s, 0);
        assert_out(s, usage);
        if (strcmp(commands[i], "generate") != 0)
            assert_out(s, "--format");
        assert_string_equal(s->err.data, "");
    }
    RUN(s, "--version");
    assert_status(s, 0);
    assert_out(s, "macppa ");
}

static void wrong_usage(void **state)
{
    static const struct {
        const char *arguments[8];
        const char *says;
    } rows[] = {
        {{"estimat"}, "there is no command `estimat`"},
        {{"run"}, "one config file"},
        {{"run", "a", "b"}, "one config file"},
        {{"run", "--thread", "2", "x"}, "did you mean --threads?"},
        {{"run", "--thredas=2", "x"}, "did you mean --threads?"},
        {{"run", "x", "--threads", "two"}, "no whole number"},
        {{"run", "x", "--threads", "-2"}, "no whole number"},
        {{"run", "x", "--threads", "5000"}, "1024"},
        {{"run", "x", "--threads"}, "needs a value"},
        {{"run", "x", "--clock", "2"}, "2ns"},
        {{"run", "x", "--clock", "2nm"}, "2ns"},
        {{"run", "x", "--quiet=1"}, "takes no value"},
        {{"run", "x", "-q"}, "no option -q"},
        {{"run", "x", "--zzzzzzzzzzzz"}, "macppa run --help"},
        {{"estimate"}, "--weight and --activation"},
        {{"estimate", "--weight", "int8", "--activation", "uint8", "x"}, "unexpected argument"},
        {{"generate", "--weight", "int8"}, "--weight and --activation"},
        {{"compare", "int8"}, "at least two"},
        {{"query"}, "name one query"},
        {{"query", "best", "--sql", "select 1"}, "name one query"},
        {{"accuracy"}, "a config with a network"},
        {{"trace"}, "one pair of formats"},
        {{"libs", "--format", "xml"}, "markdown"},
    };
    struct session *s = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        session_run(s, NULL, rows[i].arguments);
        assert_status(s, 2);
        assert_err(s, rows[i].says);
        assert_string_equal(s->out.data, "");
    }
    const char *const none[] = {NULL};
    session_run(s, NULL, none);
    assert_status(s, 2);
    assert_err(s, "Usage");
    assert_false(mp_file_exists(s->db));
}

/* Right usage, wrong matter: exit code 1 and what to do. */
static void errors(void **state)
{
    struct session *s = *state;
    char *config = session_file(s, "bad.yaml", "libraries: [osu018]\nweigths: [int8]\n");
    char *text = session_file(s, "words.db", "this is no database at all, but it is long enough");

    RUN(s, "run", "nowhere.yaml");
    assert_status(s, 1);
    assert_err(s, "nowhere.yaml");
    RUN(s, "run", "bad.yaml");
    assert_status(s, 1);
    assert_err(s, "bad.yaml:2: unknown key 'weigths'; expected one of: ");
    RUN(s, "estimate", "--weight", "int99", "--activation", "uint8");
    assert_true(s->status == 1 || s->status == 2);
    assert_err(s, "int99");
    RUN(s, "estimate", "--weight", "int3", "--activation", "uint3", "--library", "osu999");
    assert_status(s, 1);
    assert_err(s, "osu018");
    RUN(s, "estimate", "--weight", "int3", "--activation", "uint3", "--liberty", "none.lib");
    assert_status(s, 1);
    assert_err(s, "none.lib");
    RUN(s, "estimate", "--weight", "int3", "--activation", "uint3", "--liberty", "bad.yaml");
    assert_status(s, 1);
    assert_err(s, "bad.yaml");
    RUN(s, "estimate", "--weight", "int3", "--activation", "uint3", "--db", "words.db");
    assert_status(s, 1);
    assert_err(s, "words.db");
    RUN(s, "query", "best", "--db", "no.db");
    assert_status(s, 1);
    assert_err(s, "no.db");
    RUN(s, "generate", "--weight", "int3", "--activation", "uint3", "-o", "/nowhere/x.v");
    assert_status(s, 1);
    assert_err(s, "/nowhere/x.v");
    RUN(s, "query", "--describe", "nothing");
    assert_status(s, 1);
    assert_err(s, "--list");
    assert_database(text, "", "");
    free(config);
    free(text);
}

static void generates(void **state)
{
    static const struct {
        const char *weight, *activation, *unit, *name, *proof;
    } rows[] = {
        {"e4m2", "uint8", "multiplier", "multiplier_e4m2_uint8", "exhaustive, 32768 vectors"},
        {"int5", "int4", "multiplier", "multiplier_int5_int4", "exhaustive, 512 vectors"},
        {"int3", "uint3", "mac", "mac_int3_uint3", "exhaustive operands, walks"},
    };
    struct session *s = *state;
    struct mp_text file = {0}, again = {0};
    char *path = mp_path_join(s->dir.path, "x.v");

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char module[80];
        RUN(s, "generate", "--weight", rows[i].weight, "--activation", rows[i].activation, "--unit",
            rows[i].unit, "--check", "-o", "x.v");
        assert_status(s, 0);
        assert_err(s, rows[i].proof);
        assert_string_equal(s->out.data, "");
        snprintf(module, sizeof module, "module %s", rows[i].name);
        assert_int_equal(mp_file_read(&file, path, 0, NULL), MP_OK);
        assert_non_null(strstr(file.data, module));
        mp_text_release(&file);
    }
    assert_int_equal(session_leftovers(s), 0);

    /* To stdout: the same text; and it does not need Yosys without --check. */
    const char *const no_tools[] = {"PATH=/nowhere", NULL};
    RUN_ENV(s, no_tools, "generate", "--weight=int3", "--activation=uint3", "--unit=mac");
    assert_status(s, 0);
    assert_int_equal(mp_file_read(&again, path, 0, NULL), MP_OK);
    assert_string_equal(s->out.data, again.data);
    assert_string_equal(s->err.data, "");
    mp_text_release(&again);
    RUN_ENV(s, no_tools, "generate", "--weight=int3", "--activation=uint3", "--check");
    assert_status(s, 1);
    assert_err(s, "package yosys");
    assert_string_equal(s->out.data, "");
    RUN(s, "generate", "--weight", "int3", "--activation", "uint3", "--reference");
    assert_status(s, 0);
    assert_out(s, "*");
    free(path);
}

static void full_device(void **state)
{
    struct session *s = *state;

    RUN(s, "generate", "--weight", "int8", "--activation", "uint8", "-o", "/dev/full");
    assert_status(s, 1);
    assert_err(s, "No space left");
    RUN(s, "generate", "--weight", "int8", "--activation", "uint8", "-o", "/dev/null");
    assert_status(s, 0);
    /* Results on a full stdout are not lost in silence. */
    const char *const argv[] = {"/bin/sh", "-c", "exec \"$MACPPA_PROGRAM\" libs >/dev/full", NULL};
    struct mp_process_options o = {.argv = argv};
    struct mp_process_result r = {0};
    assert_int_equal(mp_process_run(&r, &o, NULL), MP_OK);
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.err.data, "No space left"));
    mp_process_result_release(&r);
}

static json_t *parse(const struct session *s)
{
    json_error_t error;
    json_t *root = json_loads(s->out.data, 0, &error);

    if (root == NULL)
        fail_msg("line %d: %s\n%s", error.line, error.text, s->out.data);
    return root;
}

static double number(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    if (!json_is_number(value))
        fail_msg("%s is no number", key);
    return json_number_value(value);
}

static void check_row(const json_t *row)
{
    static const char *const positive[] = {"clock_s",    "area_um2",        "critical_path_s",
                                           "internal_w", "switching_w",     "leakage_w",
                                           "power_w",    "energy_per_mac_j"};

    for (size_t i = 0; i < sizeof positive / sizeof *positive; i++)
        if (!(number(row, positive[i]) > 0 && isfinite(number(row, positive[i]))))
            fail_msg("%s is %g", positive[i], number(row, positive[i]));
    assert_true(fabs(number(row, "internal_w") + number(row, "switching_w") +
                     number(row, "leakage_w") - number(row, "power_w")) <
                1e-9 * number(row, "power_w"));
    assert_true(fabs(number(row, "power_w") * number(row, "clock_s") -
                     number(row, "energy_per_mac_j")) < 1e-9 * number(row, "energy_per_mac_j"));
}

/* Two designs; then all that reads the database. */
static void estimates(void **state)
{
    struct session *s = *state;
    json_t *root;

    RUN(s, "estimate", "--weight", "int3", "--weight", "e2m0", "--activation", "uint3", "--runs",
        "1", "--baseline", "int3", "--format", "json");
    assert_status(s, 0);
    assert_int_equal(session_leftovers(s), 0);
    root = parse(s);
    const json_t *rows = json_object_get(root, "rows");
    assert_int_equal(json_array_size(rows), 2);
    for (size_t i = 0; i < 2; i++)
        check_row(json_array_get(rows, i));
    json_decref(root);
    assert_true(mp_file_exists(s->db));

    RUN(s, "compare", "int3", "e2m0", "--format", "json");
    assert_status(s, 0);
    root = parse(s);
    rows = json_object_get(root, "rows");
    assert_int_equal(json_array_size(rows), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *row = json_array_get(rows, i);
        const char *weight = json_string_value(json_object_get(row, "weight"));
        double other = number(json_array_get(rows, 1 - i), "area_um2");
        double own = number(row, "area_um2"), reduction = number(row, "area_reduction");
        if (strcmp(weight, "int3") == 0)
            assert_true(reduction == 0);
        else
            assert_true(fabs(reduction - (1 - own / other)) < 1e-9);
    }
    json_decref(root);
    RUN(s, "compare", "int3", "e3m1");
    assert_status(s, 1);
    assert_err(s, "nothing is stored of `e3m1`");
    RUN(s, "compare", "int3", "e2m0", "--unit", "mac");
    assert_status(s, 1);
    assert_err(s, "nothing is stored of `int3` with these options");

    RUN(s, "query", "--sql", "select design, power_uw from v_estimate", "--format", "csv");
    assert_status(s, 0);
    assert_int_equal(strncmp(s->out.data, "design,power_uw", 15), 0);
    assert_out(s, "\nmultiplier_int3_uint3_dadda,");
    RUN(s, "query", "estimates", "--format", "markdown");
    assert_status(s, 0);
    assert_out(s, "| multiplier_int3_uint3_dadda |");
    RUN(s, "query", "best");
    assert_status(s, 0);
    assert_out(s, "(no rows)"); /* there is no accuracy without a network */
    RUN(s, "query", "--list");
    assert_status(s, 0);
    RUN(s, "query", "best", "no_such=1");
    assert_true(s->status == 1 || s->status == 2);
    assert_err(s, "no_such");
    RUN(s, "query", "bst");
    assert_true(s->status == 1 || s->status == 2);
    assert_err(s, "best");
}

static void refuses_writes(void **state)
{
    static const char *const statements[] = {
        "delete from estimate",
        "drop table estimate",
        "insert into part (scope, part) values ('group', 'x')",
        "update ppa_point set area_um2 = 1",
        "pragma user_version = 9",
        "pragma journal_mode = delete",
        "attach 'other.db' as other",
        "vacuum into 'copy.db'",
        "create temp table t (x)",
        "select 1; delete from estimate",
    };
    struct session *s = *state;
    char *other = mp_path_join(s->dir.path, "other.db"),
         *copy = mp_path_join(s->dir.path, "copy.db");
    char *before;

    RUN(s, "estimate", "--weight", "int2", "--activation", "uint2", "--runs", "1", "--quiet");
    assert_status(s, 0);
    before = database_text(s->db, database_results);
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        RUN(s, "query", "--sql", statements[i]);
        if (s->status <= 0)
            fail_msg("%s: exit code %d, %s%s", statements[i], s->status, s->out.data, s->err.data);
    }
    assert_false(mp_file_exists(other));
    assert_false(mp_file_exists(copy));
    assert_database(s->db, database_results, before);
    assert_database(s->db, "pragma user_version", "4|\n");
    free(before);
    free(other);
    free(copy);
}

static void databases(void **state)
{
    struct session *s = *state;
    char *here = mp_path_join(s->dir.path, "macppa.db"), *given = mp_path_join(s->dir.path, "g.db");
    char *locked = mp_path_join(s->dir.path, "locked");
    const char *const no_variable[] = {"MACPPA_DB=", NULL};

    RUN_ENV(s, no_variable, "estimate", "--weight=int2", "--activation=uint2", "--runs=1");
    assert_status(s, 0);
    assert_out(s, "operands: random, weights normal");
    assert_out(s, "1 estimate (0 reused)");
    assert_out(s, "stored in macppa.db");
    assert_null(strstr(s->out.data, "reductions"));
    assert_null(strstr(s->out.data, "CLOCK NOT MET"));
    assert_true(mp_file_exists(here));
    assert_false(mp_file_exists(s->db));
    RUN(s, "estimate", "--weight=int2", "--activation=uint2", "--runs=1", "--db", "g.db",
        "--clock=300ps");
    assert_status(s, 0);
    assert_out(s, "CLOCK NOT MET in 1 of 1 rows");
    assert_true(mp_file_exists(given));
    assert_false(mp_file_exists(s->db));

    /* A folder that cannot be written: root may write everywhere but in /proc. */
    assert_int_equal(mp_mkdirs(locked, NULL), MP_OK);
    assert_int_equal(chmod(locked, 0500), 0);
    RUN(s, "estimate", "--weight=int2", "--activation=uint2", "--runs=1", "--db",
        geteuid() == 0 ? "/proc/x.db" : "locked/x.db");
    assert_status(s, 1);
    assert_err(s, "x.db");
    /* Reading needs no right to write. */
    assert_int_equal(chmod(given, 0400), 0);
    RUN(s, "query", "runs", "--db", "g.db");
    assert_status(s, 0);
    assert_int_equal(chmod(locked, 0700), 0);
    free(here);
    free(given);
    free(locked);
}

static void libs_and_doctor(void **state)
{
    struct session *s = *state;
    json_t *root;
    bool found = false;

    RUN(s, "libs", "--format", "json");
    assert_status(s, 0);
    root = parse(s);
    const json_t *rows = json_object_get(root, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (strcmp(json_string_value(json_object_get(row, "name")), "osu018") == 0)
            found = strcmp(json_string_value(json_object_get(row, "usable")), "yes") == 0;
        assert_true(strlen(json_string_value(json_object_get(row, "where"))) > 0);
    }
    assert_true(found);
    json_decref(root);
    RUN(s, "doctor");
    assert_out(s, "Yosys");
    assert_out(s, "OpenSTA");
    assert_out(s, "multiplier dadda");
    assert_out(s, "osu018");
    const char *const no_tools[] = {"PATH=/nowhere", NULL};
    RUN_ENV(s, no_tools, "doctor");
    assert_status(s, 1);
    assert_out(s, "install Debian's package yosys");
    assert_out(s, "install Debian's package opensta");
    const char *const no_program[] = {"MACPPA_YOSYS=/nowhere/yosys", NULL};
    RUN_ENV(s, no_program, "doctor");
    assert_status(s, 1);
    assert_out(s, "MACPPA_YOSYS");
}

/* Random operands written, read back, and estimated from the file. */
static void traces(void **state)
{
    struct session *s = *state;
    char *first = NULL;

    RUN(s, "trace", "--weight", "int3", "--activation", "uint3", "--stretches", "64", "--length",
        "32", "-o", "x.trace", "--csv", "x.csv");
    assert_status(s, 0);
    RUN(s, "estimate", "--weight", "int3", "--activation", "uint3", "--runs", "1", "--trace",
        "x.trace");
    assert_status(s, 0);
    first = database_text(s->db, "select cycles, energy_per_mac_j from estimate");
    assert_int_equal(strncmp(first, "1856|", 5), 0);
    RUN(s, "estimate", "--weight", "e2m0", "--activation", "uint3", "--runs", "1", "--trace",
        "x.trace");
    assert_status(s, 1);
    assert_err(s, "int3 x uint3");
    RUN(s, "trace", "--weight", "int3", "--activation", "uint3", "--stretches", "65");
    assert_true(s->status == 1 || s->status == 2);
    assert_err(s, "64");
    RUN(s, "trace", "--weight", "int3", "--activation", "uint3", "-o", "/dev/full");
    assert_status(s, 1);
    free(first);
}

/* The default network, where its images are installed. */
static void network(void **state)
{
    struct session *s = *state;
    char *config = source_path("configs/quickstart.yaml");
    json_t *json;

    if (!mp_file_exists("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")) {
        print_message("dataset-fashion-mnist is not installed: skipped\n");
        free(config);
        skip();
        return;
    }
    RUN(s, "accuracy", config, "--weight", "int8", "--format", "json");
    assert_status(s, 0);
    json = parse(s);
    const json_t *rows = json_object_get(json, "rows");
    assert_int_equal(json_array_size(rows), 2);
    for (size_t i = 0; i < 2; i++) {
        double share = number(json_array_get(rows, i), "top1_share");
        assert_true(share > 0.91 && share < 1);
        assert_true(number(json_array_get(rows, i), "images") == 10000);
    }
    json_decref(json);
    assert_database(s->db, "select count(*) from accuracy", "2|\n");
    RUN(s, "accuracy", config, "--weight", "int8", "--format", "json");
    assert_status(s, 0);
    assert_database(s->db, "select count(*) from accuracy", "2|\n");
    RUN(s, "trace", config, "--weight", "e4m2", "--activation", "uint8", "--stretches", "64",
        "--length", "32", "-o", "net.trace", "--format", "json");
    assert_status(s, 0);
    json = parse(s);
    assert_true(json_array_size(json_object_get(json, "rows")) >= 3);
    json_decref(json);
    assert_int_equal(session_leftovers(s), 0);
    free(config);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(helps, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(wrong_usage, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(errors, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(generates, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(full_device, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(estimates, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(refuses_writes, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(databases, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(libs_and_doctor, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(traces, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(network, session_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
