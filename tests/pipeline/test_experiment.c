/* Experiment files: what is read, and that every mistake gets file, line and what was expected. */
#include "estimator/pipeline/pipeline.h"
#include "estimator/util/file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

struct folder {
    struct mp_tempdir dir;
    char *path;
};

static int setup(void **state)
{
    struct folder *f = mp_alloc(1, sizeof *f);

    if (mp_tempdir_create(&f->dir, NULL) < 0)
        return -1;
    f->path = mp_path_join(f->dir.path, "bad one.yaml");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct folder *f = *state;

    mp_tempdir_remove(&f->dir);
    free(f->path);
    free(f);
    return 0;
}

static int read_bytes(const struct folder *f, struct mp_experiment *e, const void *data,
                      size_t size, struct mp_error *err)
{
    assert_int_equal(mp_file_write(f->path, data, size, NULL), MP_OK);
    return mp_experiment_read(e, f->path, err);
}

static int read_text(const struct folder *f, struct mp_experiment *e, const char *text,
                     struct mp_error *err)
{
    return read_bytes(f, e, text, strlen(text), err);
}

#define BASE "libraries: [osu018]\nweights: [int8, e4m3]\nactivations: [uint8]\n"

static void defaults(void **state)
{
    struct folder *f = *state;
    struct mp_experiment e;
    struct mp_error err = MP_ERROR_INIT;

    if (read_text(f, &e, BASE, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(e.text, BASE);
    assert_int_equal(e.library_count, 1);
    assert_string_equal(e.libraries[0], "osu018");
    assert_int_equal(e.weight_count, 2);
    assert_int_equal(e.weights[1].kind, MP_FORMAT_FLOAT);
    assert_int_equal(e.activation_count, 1);
    assert_int_equal(e.unit_count, 1);
    assert_int_equal(e.units[0], MP_UNIT_MULTIPLIER);
    assert_int_equal(e.multiplier_count, 0);
    assert_int_equal(e.accumulator_bits, 0);
    assert_false(e.has_baseline);
    assert_null(e.network);
    assert_null(e.trace_file);
    assert_int_equal(e.operands, MP_OPERANDS_NORMAL);
    assert_true(e.clock_period_s == 0);
    assert_int_equal(e.calibration_count, 1000);
    assert_int_equal(e.trace.stretches, 512);
    assert_int_equal(e.trace.length, 256);
    assert_int_equal(e.trace.images, 64);
    assert_int_equal(e.trace.seed, 1);
    assert_int_equal(e.trace.dataflow, MP_OUTPUT_STATIONARY);
    assert_int_equal(e.synthesis_runs, 3);
    assert_int_equal(mp_way_settings_count(&e.ways), 1);
    assert_string_equal(
        mp_way_recipe(&(struct mp_way){.recipe = mp_way_settings_at(&e.ways, 0, 3).recipe}),
        "auto");
    assert_null(e.peers);
    assert_true(e.keep_blocks);
    assert_int_equal(e.equivalence, MP_EQUIVALENCE_AUTO);
    assert_int_equal(e.threads, 0);
    mp_experiment_release(&e);
}

/* Yosys by two recipes and the search for two objectives: four ways. */
static void assert_ways(const struct mp_way_settings *s)
{
    struct mp_way_settings copy;

    mp_way_settings_copy(&copy, s);
    assert_int_equal(mp_way_settings_count(&copy), 4);
    for (size_t i = 0; i < 2; i++) {
        struct mp_way w = mp_way_settings_at(&copy, i, 5);
        assert_int_equal(w.implementation, MP_BY_YOSYS);
        assert_string_equal(mp_way_recipe(&w), i == 0 ? "area" : "speed");
        assert_int_equal(w.runs, 5);
        assert_true(w.resize);
        assert_null(w.objective);
        assert_true(w.max_delay_s == 0);
        w = mp_way_settings_at(&copy, i + 2, 5);
        assert_int_equal(w.implementation, MP_BY_SEARCH);
        assert_string_equal(w.objective, i == 0 ? "power" : "area*delay");
        assert_int_equal(w.runs, 4);
        assert_int_equal(w.evaluations, 1000);
        assert_true(w.max_delay_s > 1.19e-9 && w.max_delay_s < 1.21e-9);
        assert_true(w.max_area_um2 == 400 && w.budget_s == 2.5);
        assert_true(w.max_power_w > 4.9e-5 && w.max_power_w < 5.1e-5);
    }
    assert_int_equal(copy.boundary.driving, MP_BOUNDARY_LIBRARY);
    assert_int_equal(copy.boundary.load, MP_BOUNDARY_GIVEN);
    mp_way_settings_release(&copy);
}

/* 32 combinations, all different. */
static void assert_choices(const struct mp_design_choices *c)
{
    struct mp_design_choices copy;
    unsigned seen = 0;

    mp_design_choices_copy(&copy, c);
    assert_int_equal(mp_design_choices_count(&copy), 32);
    for (size_t i = 0; i < 32; i++) {
        struct mp_design d = {0};
        assert_int_equal(mp_design_choices_apply(&copy, i, &d, NULL), MP_OK);
        assert_int_equal(d.low_power, MP_LOW_POWER_ISOLATE);
        assert_int_equal(d.sign, MP_SIGN_NEGATE_FIRST);
        assert_int_equal(d.shift, MP_SHIFT_BEFORE);
        assert_int_equal(d.shifter, MP_SHIFTER_ONE_HOT);
        assert_int_equal(d.alignment, MP_ALIGNMENT_SHARED);
        assert_int_equal(d.rounding, MP_ROUNDING_NEAREST);
        assert_true(d.drop_bits == 3 && d.guard_bits == 2);
        assert_true((d.terms == 1 || d.terms == 4) && (d.stages == 0 || d.stages == 2));
        seen ^= 1u << ((strcmp(d.adder, "ripple") == 0) | (d.form == MP_FORM_ROW) << 1 |
                       (d.terms == 4) << 2 | (d.stages == 2) << 3 |
                       (d.registers == MP_REGISTERS_NONE) << 4);
    }
    assert_int_equal(seen, UINT32_MAX);
    mp_design_choices_clear(&copy, "form");
    assert_int_equal(mp_design_choices_count(&copy), 16);
    mp_design_choices_release(&copy);
}

static void everything(void **state)
{
    static const char text[] =
        "name: all of it\nlibraries: [osu018, nangate45]\nliberty: [a.lib, /b/c.lib]\n"
        "clock: 2.5 ns\nweights: [int8]\nactivations: [uint8, int6]\nunits: [mac, multiplier]\n"
        "multipliers: [array, dadda]\naccumulator_bits: 30\nbaseline: int11\noperands: uniform\n"
        "threads: 3\n"
        "network:\n  model: net.onnx\n  test_images: /data/t\n  test_labels: tl\n"
        "  calibration_images: ci\n  calibration_labels: cl\n  calibration_count: 77\n"
        "  weight_calibration: max\n  activation_calibration: mse\n  weights: net.caffemodel\n"
        "  images:\n    mean: 7\n    preset: caffe-227\n    folder: jpeg\n"
        "    allow_damaged: 2\n"
        "power:\n  wire_load: constant:2fF\n  precision: 1%\n  engine: opensta\n"
        "trace:\n  dataflow: weight-stationary\n  stretches: 128\n  length: 32\n  images: 9\n"
        "  seed: 18446744073709551615\n"
        "synthesis:\n  runs: 5\n  blocks: flat\n  equivalence: always\n"
        "implementations: [yosys, search]\nrecipes: [area, speed, area]\n"
        "objectives: [power, area*delay]\nmax_delay: 1.2ns\nmax_area: 400 um2\n"
        "max_power: 50uW\nbudget: 2.5s\nevaluations: 1000\nseeds: 4\nresize: true\n"
        "driving_cell: library\noutput_load: 3.9fF\npeers: others.csv\n"
        "adders: [ripple, sklansky]\nforms: [adder, row]\nterms: [1, 4]\nstages: [0, 2]\n"
        "registers: [true, false]\nlow_power: [isolate]\nsigns: [negate-first]\n"
        "shifts: [before]\nshifters: [one-hot]\nalignments: [shared]\ndrop_bits: [3]\n"
        "guard_bits: [2]\nroundings: [nearest]\n";
    struct folder *f = *state;
    struct mp_experiment e;
    struct mp_error err = MP_ERROR_INIT;
    char *beside = mp_path_join(f->dir.path, "net.onnx");

    if (read_text(f, &e, text, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(e.name, "all of it");
    assert_string_equal(e.path, f->path);
    assert_int_equal(e.library_count, 2);
    assert_int_equal(e.liberty_count, 2);
    assert_string_equal(e.liberty[1], "/b/c.lib");
    assert_true(e.clock_period_s > 2.4999e-9 && e.clock_period_s < 2.5001e-9);
    assert_int_equal(e.unit_count, 2);
    assert_int_equal(e.units[0], MP_UNIT_MAC);
    assert_int_equal(e.multiplier_count, 2);
    assert_int_equal(e.accumulator_bits, 30);
    assert_true(e.has_baseline && e.baseline.bits == 11);
    assert_int_equal(e.operands, MP_OPERANDS_UNIFORM);
    assert_int_equal(e.threads, 3);
    assert_string_equal(e.network, beside);
    assert_string_equal(e.test_images, "/data/t");
    assert_non_null(strstr(e.network_weights, "/net.caffemodel"));
    assert_non_null(strstr(e.image_folder, "/jpeg"));
    assert_int_equal(e.allow_damaged, 2);
    /* The preset comes first, wherever it stands. */
    assert_true(e.has_preprocess && e.preprocess.mean[0] == 7);
    assert_int_equal(e.preprocess.channels, MP_CHANNELS_BGR);
    assert_int_equal(e.power.wire_load.kind, MP_WIRE_CONSTANT);
    assert_true(e.power.wire_load.per_fan_out_f > 1.99e-15);
    assert_true(e.power.precision > 0.0099 && e.power.precision < 0.0101);
    assert_true(e.power.use_opensta);
    assert_int_equal(e.calibration_count, 77);
    assert_int_equal(e.scheme.weight_calibration.kind, MP_CALIBRATE_MAX);
    assert_int_equal(e.trace.dataflow, MP_WEIGHT_STATIONARY);
    assert_int_equal(e.trace.stretches, 128);
    assert_true(e.trace.seed == UINT64_MAX);
    assert_int_equal(e.synthesis_runs, 5);
    assert_false(e.keep_blocks);
    assert_int_equal(e.equivalence, MP_EQUIVALENCE_ALWAYS);
    assert_ways(&e.ways);
    assert_choices(&e.choices);
    assert_non_null(strstr(e.peers, "/others.csv"));
    mp_experiment_set_library(&e, "gf180");
    assert_int_equal(e.library_count, 1);
    assert_int_equal(e.liberty_count, 0);
    assert_string_equal(e.libraries[0], "gf180");
    mp_experiment_release(&e);
    free(beside);
}

/* line 0: the mistake has no line of its own. */
struct mistake {
    const char *text;
    int line;
    const char *says, *says_too;
};

static void schemes(void **state)
{
    static const char text[] =
        BASE "network:\n  model: n\n  test_images: t\n  weight_scope: network\n"
             "  activation_scope: network\n  weight_calibration: percentile:99.5\n  layers:\n"
             "    - {layer: first, weights: int8, activations: uint8}\n"
             "    - layer: conv2/3x3\n      weights: e4m3\n";
    struct folder *f = *state;
    struct mp_experiment e;
    struct mp_error err = MP_ERROR_INIT;

    if (read_text(f, &e, text, &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
    assert_int_equal(e.scheme.weight_scope, MP_SCOPE_NETWORK);
    assert_int_equal(e.scheme.activation_scope, MP_SCOPE_NETWORK);
    assert_int_equal(e.scheme.weight_calibration.kind, MP_CALIBRATE_PERCENTILE);
    assert_int_equal(e.scheme.activation_calibration.kind, MP_CALIBRATE_MSE);
    assert_int_equal(e.scheme.override_count, 2);
    assert_ptr_equal(e.scheme.overrides, e.overrides);
    assert_string_equal(e.overrides[0].layer, "first");
    assert_true(e.overrides[0].has_weight && e.overrides[0].has_activation);
    assert_int_equal(e.overrides[0].activation.kind, MP_FORMAT_UINT);
    assert_string_equal(e.overrides[1].layer, "conv2/3x3");
    assert_true(e.overrides[1].has_weight && !e.overrides[1].has_activation);
    mp_experiment_release(&e);
}

/* Words that stand for more than a value. */
static void network_choices(void **state)
{
    static const char text[] = BASE "network:\n  model: n\n  test_images: t\n  missing: synthetic\n"
                                    "  calibration_every: 6\ntrace:\n  layer: each\n";
    struct folder *f = *state;
    struct mp_experiment e;

    assert_int_equal(read_text(f, &e, text, NULL), MP_OK);
    assert_int_equal(e.missing, MP_MISSING_FILLED);
    assert_int_equal(e.calibration_every, 6);
    assert_true(e.each_layer);
    assert_null(e.layer);
    assert_null(e.trace.layer);
    mp_experiment_set_layer(&e, "conv1");
    assert_false(e.each_layer);
    assert_string_equal(e.trace.layer, "conv1");
    mp_experiment_release(&e);
}

static const struct mistake mistakes[] = {
    {"libraries: [osu018]\nrecipes: [area, speed]\nstudy:\n  networks: [x]\n", 3, "study",
     "one way"},
    {BASE "adders: [ripple, klansky]\n", 4, "adders", "sklansky"},
    {BASE "forms: [rows]\n", 4, "forms", "carry-save"},
    {BASE "terms: [many]\n", 4, "terms", "16"},
    {BASE "stages: [4]\n", 4, "stages", "3"},
    {BASE "registers: [maybe]\n", 4, "registers", "none"},
    {BASE "low_power: off\n", 4, "low_power", ""},
    {BASE "implementations: [yosys, hand]\n", 4, "implementations", "yosys, search"},
    {BASE "recipes: [auto, small]\n", 4, "recipes", "area"},
    {BASE "implementations: [search]\nobjective: energy\n", 5, "objective", "energy*delay"},
    {BASE "implementations: [search]\nobjective: area\nobjectives: [power]\n", 6, "objectives",
     "not both"},
    {BASE "objective: area\n", 4, "objective", "add implementation search"},
    {BASE "implementations: [yosys]\nmax_delay: 1ns\n", 4, "implementations",
     "add implementation search"},
    {BASE "implementations: [search]\nrecipes: [area]\n", 4, "implementations",
     "add implementation yosys"},
    {BASE "implementations: [search]\nmax_delay: 1.2\n", 5, "max_delay", "1.2ns"},
    {BASE "implementations: [search]\nmax_area: wide\n", 5, "max_area", "400um2"},
    {BASE "implementations: [search]\nmax_power: 0W\n", 5, "max_power", "50uW"},
    {BASE "budget: 10\n", 4, "budget", "10s"},
    {BASE "budget: 100000s\n", 4, "budget", "a day"},
    {BASE "evaluations: few\n", 4, "evaluations", "few"},
    {BASE "seeds: 0\n", 4, "seeds", "1..4096"},
    {BASE "resize: yes\n", 4, "resize", "true"},
    {BASE "driving_cell: a b\n", 4, "driving_cell", "library"},
    {BASE "output_load: 4\n", 4, "output_load", "3.9fF"},
    {"", 0, "empty", "empty"},
    {"# only a comment\n", 0, "empty", "empty"},
    {"just words\n", 0, "MAPPING", ""},
    {"- a\n- b\n", 0, "MAPPING", ""},
    {BASE "weigths: [int8]\n", 4, "unknown key 'weigths'", "weights"},
    {BASE "trace:\n  lenght: 7\n", 5, "unknown key 'lenght'", "length"},
    {BASE "synthesis:\n  runs: 2\n  run: 2\n", 6, "unknown key 'run'", "equivalence"},
    {BASE "threads: many\n", 4, "threads", "many"},
    {BASE "threads: -1\n", 4, "threads", "-1"},
    {BASE "threads: 99999999999\n", 4, "threads", ""},
    {BASE "threads: 100000\n", 4, "threads", "1024"},
    {BASE "trace:\n  seed: 1.5\n", 5, "seed", "1.5"},
    {BASE "trace: 7\n", 4, "trace", ""},
    {BASE "trace:\n  stretches: 100\n", 5, "stretches", "64"},
    {BASE "trace:\n  stretches: 0\n", 5, "stretches", "64"},
    {BASE "trace:\n  length: 3\n", 5, "length", "4"},
    {BASE "trace:\n  length: 4000000000\n", 5, "length", "16777216"},
    {BASE "trace:\n  images: 0\n", 5, "images", "1"},
    {BASE "trace:\n  dataflow: sideways\n", 5, "dataflow", "output-stationary"},
    {BASE "operands: gaussian\n", 4, "operands", "uniform, normal"},
    {BASE "clock: 2\n", 4, "clock", "2ns"},
    {BASE "clock: 2nm\n", 4, "clock", "2ns"},
    {BASE "clock: -2ns\n", 4, "clock", "2ns"},
    {BASE "clock: 0ns\n", 4, "clock", "2ns"},
    {BASE "units: [adder]\n", 4, "units", "multiplier"},
    {BASE "multipliers: [wallace9]\n", 4, "multipliers", "dadda"},
    {BASE "baseline: in8\n", 4, "baseline", "in8"},
    {BASE "accumulator_bits: 500\n", 4, "accumulator_bits", "128"},
    {BASE "synthesis:\n  runs: 0\n", 5, "runs", "1..1000"},
    {BASE "synthesis:\n  runs: 1001\n", 5, "runs", "1..1000"},
    {BASE "synthesis:\n  blocks: together\n", 5, "blocks", "flat, apart"},
    {BASE "synthesis:\n  equivalence: yes\n", 5, "equivalence", "never, auto, always"},
    {BASE "threads: 3x\n", 4, "threads", "3x"},
    {BASE "synthesis:\n  runs: 0x10\n", 5, "runs", "0x10"},
    {BASE "network:\n  model: x\n  test_images: y\n  calibration_every: 1\n", 7,
     "calibration_every", "2..1000000"},
    {BASE "network:\n  model: x\n  test_images: y\n  calibration_every: 6\n"
          "  calibration_images: z\n",
     7, "calibration_every", "not both"},
    {BASE "network:\n  model: x\n  test_images: y\n  missing: guess\n", 7, "missing",
     "refuse, cut, synthetic"},
    {BASE "network:\n  model: x\n  test_images: y\n  weight_scope: all\n", 7, "weight_scope",
     "channel"},
    {BASE "network:\n  model: x\n  test_images: y\n  activation_scope: channel\n", 7,
     "activation_scope", "network or a layer"},
    {BASE "network:\n  model: x\n  test_images: y\n  activation_calibration: percentile\n", 7,
     "activation_calibration", "percentile"},
    {BASE "network:\n  model: x\n  test_images: y\n  layers:\n  - layer: first\n", 8, "weights",
     "first"},
    {BASE "network:\n  model: x\n  test_images: y\n  layers:\n  - layer: a\n    weights: int8\n"
          "  - layer: b\n    weights: in8\n",
     11, "weights", "in8"},
    {BASE "network:\n  model: x\n  test_images: y\n  layers:\n  - weights: int8\n", 8, "layer", ""},
    {BASE "network:\n  model: x\n", 4, "`test_images` is missing", "preset"},
    {BASE "network:\n  preset: lenet_nist\n", 5, "lenet_nist", "lenet_mnist"},
    {"libraries: [osu018]\nactivations: [uint8]\n", 0, "`weights` is missing", "int8"},
    {"libraries: [osu018]\nweights: [int8]\n", 0, "`activations` is missing", "uint8"},
    {"weights: [int8]\nactivations: [uint8]\n", 0, "`libraries` is missing", "osu018"},
    {"libraries: [osu018]\nweights: []\nactivations: [uint8]\n", 0, "weights", ""},
    {"libraries: [osu018]\nweights: [int8, e9m1]\nactivations: [uint8]\n", 2, "weights", "e9m1"},
    {"libraries: [osu018]\nweights: int8\nactivations: [uint8]\n", 2, "weights", ""},
    {"libraries: [osu018]\nweights: [int8]\nactivations: [byte]\n", 3, "activations", "byte"},
    {"libraries: [osu018\nweights: [int8]\n", 2, "YAML syntax", ""},
    {"libraries: [osu018]\n\tweights: [int8]\n", 2, "YAML syntax", ""},
    {"libraries: &a [osu018]\nweights: *a\n", 2, "", ""},
};

static void mistakes_are_located(void **state)
{
    struct folder *f = *state;
    unsigned wrong = 0;

    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct mistake *m = &mistakes[i];
        struct mp_experiment e;
        struct mp_error err = MP_ERROR_INIT;
        int rc = read_text(f, &e, m->text, &err);
        if (rc != MP_E_INPUT || strcmp(err.file, f->path) != 0 ||
            (m->line > 0 && err.line != m->line) || strstr(err.message, m->says) == NULL ||
            strstr(err.message, m->says_too) == NULL) {
            print_error("---\n%s---\ncode %d, %s:%d: %s\nwanted line %d, \"%s\" and \"%s\"\n",
                        m->text, rc, err.file, err.line, err.message, m->line, m->says,
                        m->says_too);
            wrong++;
        }
        mp_experiment_release(&e);
    }
    assert_int_equal(wrong, 0);
}

/* What of a network's paths is needed is named where it is missing. Labels are in the list of JPEG
 * files; without calibration only float32 is scored. */
static void missing_network_keys(void **state)
{
    static const char *const keys[] = {"model", "test_images", "calibration_images", "test_labels",
                                       "calibration_labels"};
    struct folder *f = *state;

    for (size_t left_out = 0; left_out < 3; left_out++) {
        struct mp_text t = {0};
        struct mp_experiment e;
        struct mp_error err = MP_ERROR_INIT;
        mp_text_add(&t, BASE "network:\n");
        for (size_t k = 0; k < 5; k++)
            if (k != left_out)
                mp_text_printf(&t, "  %s: x\n", keys[k]);
        assert_int_equal(read_text(f, &e, t.data, &err), MP_E_INPUT);
        if (strstr(err.message, keys[left_out]) == NULL || err.line < 4)
            fail_msg("%s missing: line %d: %s", keys[left_out], err.line, err.message);
        mp_experiment_release(&e);
        mp_text_release(&t);
    }
}

static void garbage(void **state)
{
    struct folder *f = *state;
    struct mp_experiment e;
    struct mp_error err = MP_ERROR_INIT;
    unsigned char bytes[4096];

    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    assert_int_equal(read_bytes(f, &e, bytes, sizeof bytes, &err), MP_E_INPUT);
    assert_string_equal(err.file, f->path);
    mp_experiment_release(&e);
    /* NUL bytes behind a good beginning. */
    char cut[sizeof BASE + 8] = BASE;
    assert_int_equal(read_bytes(f, &e, cut, sizeof cut, &err), MP_E_INPUT);
    mp_experiment_release(&e);
    /* Every beginning of a good file is read or refused, never anything else. */
    for (size_t n = 0; n < sizeof BASE; n++) {
        int rc = read_bytes(f, &e, BASE, n, &err);
        assert_true(rc == MP_OK || rc == MP_E_INPUT);
        mp_experiment_release(&e);
    }
    assert_int_equal(mp_experiment_read(&e, "/nowhere/x.yaml", &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nowhere/x.yaml"));
    mp_experiment_release(&e);
    assert_true(mp_experiment_read(&e, f->dir.path, &err) < 0);
    mp_experiment_release(&e);
}

static void quickstart(void **state)
{
    struct mp_experiment e;
    struct mp_error err = MP_ERROR_INIT;
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_path_join(root != NULL ? root : ".", "configs/quickstart.yaml");

    (void)state;
    if (mp_experiment_read(&e, path, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(e.weight_count, 4);
    assert_true(mp_file_exists(e.network));
    mp_experiment_release(&e);
    free(path);
}

/* The examples of docs/config.md are read. */
static void documented_examples(void **state)
{
    static const char fence[] = "```yaml\n";
    struct folder *f = *state;
    struct mp_text doc = {0};
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_path_join(root != NULL ? root : ".", "docs/config.md");
    unsigned count = 0;

    assert_int_equal(mp_file_read(&doc, path, 0, NULL), MP_OK);
    for (const char *p = doc.data; (p = strstr(p, fence)) != NULL; count++) {
        struct mp_experiment e;
        struct mp_error err = MP_ERROR_INIT;
        p += sizeof fence - 1;
        const char *end = strstr(p, "```");
        assert_non_null(end);
        if (read_bytes(f, &e, p, (size_t)(end - p), &err) < 0)
            fail_msg("line %d: %s", err.line, err.message);
        mp_experiment_release(&e);
        p = end;
    }
    assert_int_equal(count, 2);
    mp_text_release(&doc);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(everything, setup, teardown),
        cmocka_unit_test_setup_teardown(schemes, setup, teardown),
        cmocka_unit_test_setup_teardown(network_choices, setup, teardown),
        cmocka_unit_test_setup_teardown(mistakes_are_located, setup, teardown),
        cmocka_unit_test_setup_teardown(missing_network_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(garbage, setup, teardown),
        cmocka_unit_test(quickstart),
        cmocka_unit_test_setup_teardown(documented_examples, setup, teardown),
    };

    return cmocka_run_group_tests_name("experiment", tests, NULL, NULL);
}
