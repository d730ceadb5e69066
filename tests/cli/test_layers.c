/*
 * Power layer by layer and of whole inferences, as a user asks for it: the default network, and
 * AlexNet with a part of its weights from ../shared.
 */
#include "tests/cli/harness.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define FASHION "/usr/share/datasets/fashion-mnist/"

static const char fashion[] = "name: layers\n"
                              "libraries: [osu018]\n"
                              "weights: [int3]\n"
                              "activations: [fixed3]\n"
                              "network:\n"
                              "  model: %s\n"
                              "  test_images: " FASHION "t10k-images-idx3-ubyte.gz\n"
                              "  test_labels: " FASHION "t10k-labels-idx1-ubyte.gz\n"
                              "  calibration_every: 100\n"
                              "  calibration_count: 20\n"
                              "  layers: [{layer: first, weights: int4}]\n"
                              "trace: {layer: %s, stretches: 64, length: 32, seed: %s}\n"
                              "synthesis: {runs: 1}\n";

static char *write_config(const struct session *s, const char *name, const char *layer,
                          const char *seed)
{
    char *model = source_path("configs/networks/fashion_lenet.onnx");
    char *text = mp_asprintf(fashion, model, layer, seed);
    char *path = session_file(s, name, text);

    free(text);
    free(model);
    return path;
}

static bool has_fashion(void)
{
    if (mp_file_exists(FASHION "t10k-images-idx3-ubyte.gz"))
        return true;
    print_message("no " FASHION "t10k-images-idx3-ubyte.gz: skipped\n");
    return false;
}

/* The first layer has a design of its own; every layer drives the design of its formats, and the
 * whole of these layers too. */
static void default_network(void **state)
{
    struct session *s = *state;

    if (!has_fashion()) {
        skip();
        return;
    }
    char *config = write_config(s, "each.yaml", "each", "1");
    RUN(s, "run", config);
    assert_status(s, 0);
    assert_err(s, "int3 x uint3 is for 3 layers with 94.1 % of the MACs");
    assert_err(s, "int4 x uint3 is for 1 layer with 5.9 % of the MACs");
    assert_out(s, "one inference");
    assert_out(s, "6 estimates (0 reused)");
    assert_database(s->db,
                    "select design, layer, round(mac_share, 4), t.stretches, t.synthetic"
                    " from estimate join trace t using (trace_id) join ppa_point using (ppa_id)"
                    " join design using (design_id) order by design desc, mac_share, layer",
                    "multiplier_int4_uint3_dadda||0.058599999999999999|64|0|\n"
                    "multiplier_int4_uint3_dadda|conv1|0.058599999999999999|64|0|\n"
                    "multiplier_int3_uint3_dadda|fc|0.0030000000000000001|64|0|\n"
                    "multiplier_int3_uint3_dadda|conv2|0.46920000000000001|64|0|\n"
                    "multiplier_int3_uint3_dadda|conv3|0.46920000000000001|64|0|\n"
                    "multiplier_int3_uint3_dadda||0.94140000000000001|64|0|\n");
    /* The sum over layers and the one trace of them are two samples of the same. */
    assert_database(s->db,
                    "select abs(x.energy - w.energy) < 2 * (x.half + w.half), x.half > 0 from"
                    " (select sum(macs * energy_per_mac_j) energy,"
                    "   sum(macs * energy_half_width_j) half from estimate join trace"
                    "   using (trace_id) where layer <> '' and weight_format = 'int3') x,"
                    " (select macs * energy_per_mac_j energy, macs * energy_half_width_j half"
                    "   from estimate join trace using (trace_id)"
                    "   where layer = '' and weight_format = 'int3') w",
                    "1|1|\n");
    assert_database(s->db, "select count(*), count(distinct seed) from trace", "6|5|\n");
    /* A layer alone, with the seed that it had, is the same trace. */
    char *seed = database_text(s->db, "select seed from trace where layer = 'conv2'");
    *strchr(seed, '|') = '\0';
    char *alone = write_config(s, "alone.yaml", "conv2", seed);
    RUN(s, "run", alone, "--format", "csv");
    assert_status(s, 0);
    assert_database(s->db, "select count(*) from trace where layer = 'conv2'", "1|\n");
    char *wrong = write_config(s, "wrong.yaml", "conv9", "1");
    RUN(s, "run", wrong);
    assert_status(s, 2);
    assert_err(s, "has no layer `conv9` with weights; it has conv1, conv2, conv3, fc");
    free(wrong);
    RUN(s, "run", config);
    assert_out(s, "6 estimates (6 reused)");
    free(seed);
    free(alone);
    free(config);
}

/* Programs get all rows in one table, by the column `layer`. */
static void for_programs(void **state)
{
    struct session *s = *state;
    unsigned lines = 0;

    if (!has_fashion()) {
        skip();
        return;
    }
    char *config = write_config(s, "each.yaml", "each", "1");
    RUN(s, "run", config, "--format", "csv", "--quiet");
    assert_status(s, 0);
    assert_out(s, ",conv3,");
    for (const char *at = s->out.data; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, 7);
    RUN(s, "query", "inference", "run=1", "--format", "json");
    assert_out(s, "\"layers\": 3");
    free(config);
}

static void needs_a_network(void **state)
{
    struct session *s = *state;

    RUN(s, "estimate", "--weight", "int3", "--activation", "uint3", "--operands", "network:each");
    assert_status(s, 2);
    RUN(s, "estimate", "--weight", "int3", "--activation", "fixed3");
    assert_status(s, 2);
    assert_err(s, "they need a network; without one choose int3 or uint3");
}

static const char alexnet[] = "name: parts\n"
                              "libraries: [osu018]\n"
                              "weights: [int3]\n"
                              "activations: [fixed3]\n"
                              "network:\n"
                              "  preset: alexnet\n"
                              "  calibration_every: 100\n"
                              "  missing: %s\n"
                              "trace: {layer: each, stretches: 64, length: 32, images: 2}\n"
                              "synthesis: {runs: 1}\n";

/* Layers that are there, and the share of the whole network that they are; made-up weights are
 * marked wherever they have a part in the operands. Neither has an accuracy. */
static void partial_network(void **state)
{
    struct session *s = *state;
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    char *networks = shared != NULL ? mp_path_join(shared, "cnn")
                                    : mp_asprintf("%s/../shared/cnn", root != NULL ? root : ".");
    char *env = mp_asprintf("MACPPA_NETWORKS=%s", networks);
    const char *const variables[] = {env, NULL};
    char *cut = mp_asprintf(alexnet, "cut"), *filled = mp_asprintf(alexnet, "synthetic");
    char *a = session_file(s, "cut.yaml", cut), *b = session_file(s, "filled.yaml", filled);
    char *weights = mp_path_join(networks, "alexnet");

    if (!mp_file_exists(weights)) {
        print_message("no %s: skipped\n", weights);
        skip();
        return;
    }
    RUN_ENV(s, variables, "run", a);
    assert_status(s, 0);
    assert_err(s, "no accuracy");
    assert_out(s, "7 estimates");
    RUN_ENV(s, variables, "run", b);
    assert_status(s, 0);
    assert_out(s, "10 estimates");
    assert_out(s, "synthetic");
    assert_database(s->db,
                    "select run_id, sum(mac_share) between 0.9185 and 0.9195,"
                    " abs(sum(mac_share) - 1) < 1e-9, sum(synthetic),"
                    " group_concat(case when synthetic then layer end) from run_estimate"
                    " join estimate using (estimate_id) join trace using (trace_id)"
                    " where layer <> '' group by run_id",
                    "1|1|0|0|(null)|\n2|0|1|3|fc6,fc7,fc8|\n");
    assert_database(s->db, "select count(*) from accuracy", "0|\n");
    /* A trace file keeps both, and hands them on. */
    RUN_ENV(s, variables, "trace", b, "--weight", "int3", "--activation", "uint3", "--layer", "fc7",
            "-o", "fc7.trace");
    assert_status(s, 0);
    assert_out(s, "synthetic");
    RUN_ENV(s, variables, "estimate", "--weight", "int3", "--activation", "uint3", "--runs", "1",
            "--trace", "fc7.trace");
    assert_status(s, 0);
    assert_database(s->db,
                    "select mac_share between 0.0231 and 0.0232, synthetic from estimate join "
                    "trace using (trace_id)"
                    " order by estimate_id desc limit 1",
                    "1|1|\n");
    free(weights);
    free(a);
    free(b);
    free(cut);
    free(filled);
    free(env);
    free(networks);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(default_network, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(for_programs, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(needs_a_network, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(partial_network, session_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests_name("layers", tests, NULL, NULL);
}
