/*
 * The options by which commands without a config file describe an experiment: formats, units,
 * library, clock, workload. One table for `estimate`, `accuracy` and `trace`.
 */
#ifndef MP_CLI_EXPERIMENT_OPTIONS_H
#define MP_CLI_EXPERIMENT_OPTIONS_H

#include "estimator/cli/way_options.h"
#include "estimator/pipeline/pipeline.h"

#define MP_OPTION_NOT_GIVEN UINT64_MAX
/* Counts start as MP_OPTION_NOT_GIVEN (0 is a value of its own), the rest as zero. */
#define MP_EXPERIMENT_OPTIONS_INIT                                                                 \
    {                                                                                              \
        .accumulator_bits = MP_OPTION_NOT_GIVEN, .runs = MP_OPTION_NOT_GIVEN,                      \
        .stretches = MP_OPTION_NOT_GIVEN, .length = MP_OPTION_NOT_GIVEN,                           \
        .seed = MP_OPTION_NOT_GIVEN, .threads = MP_OPTION_NOT_GIVEN,                               \
        .allow_damaged = MP_OPTION_NOT_GIVEN, .calibration_every = MP_OPTION_NOT_GIVEN,            \
        .trace_images = MP_OPTION_NOT_GIVEN                                                        \
    }
struct mp_experiment_options {
    const char *workload; /* a config file whose network and trace settings are used */
    struct mp_option_list weights, activations, units, multipliers, libraries, liberty;
    const char *operands, *dataflow, *trace_file, *blocks, *baseline;
    const char *wire_load, *precision, *power_engine;
    /* A network without a config file. */
    const char *network, *network_weights, *images, *labels, *calibration_images,
        *calibration_labels, *preset, *missing, *weight_calibration, *activation_calibration,
        *weight_scope, *activation_scope;
    struct mp_way_options ways;
    struct mp_choice_options choices;
    uint64_t allow_damaged, calibration_every;
    uint64_t accumulator_bits, runs, stretches, length, trace_images, seed, threads;
    double clock_s;
};

/* Rows of a command's table of options, for a network that no config file names and how it is
 * quantised: `const struct mp_option options[] = {MP_NETWORK_OPTIONS(o), ...}`. */
#define MP_NETWORK_OPTIONS(o)                                                                      \
    {"network", "NAME", MP_OPTION_TEXT, &(o).network,                                              \
     "this network instead of a config's: a preset (macppa doctor lists them), .onnx, or "         \
     ".prototxt with --weights"},                                                                  \
        {"weights", "FILE", MP_OPTION_TEXT, &(o).network_weights, "caffemodel of a prototxt"},     \
        {"missing", "HOW", MP_OPTION_TEXT, &(o).missing,                                           \
         "layers without weights: refuse (default), cut (run as far as weights go) or synthetic "  \
         "(made-up weights, for power alone)"},                                                    \
        {"images", "PATH", MP_OPTION_TEXT, &(o).images,                                            \
         "its images: a folder of JPEG files with a labels.txt, a list of lines `file class`, or " \
         "an IDX file with --labels"},                                                             \
        {"labels", "FILE", MP_OPTION_TEXT, &(o).labels, "IDX file of their classes"},              \
        {"preset", "NAME", MP_OPTION_TEXT, &(o).preset,                                            \
         "how images become inputs, see docs/config.md (default: caffe for a prototxt, "           \
         "torchvision-224 for an ONNX file, unit for IDX files)"},                                 \
        {"allow-damaged", "N", MP_OPTION_COUNT, &(o).allow_damaged,                                \
         "images that may be damaged or missing (default: 0)"},                                    \
        {"calibration-images", "PATH", MP_OPTION_TEXT, &(o).calibration_images,                    \
         "images that scales of activations are chosen on, never scored"},                         \
        {"calibration-labels", "FILE", MP_OPTION_TEXT, &(o).calibration_labels, "as --labels"},    \
        {"calibration-every", "N", MP_OPTION_COUNT, &(o).calibration_every,                        \
         "instead: one image in N is set apart for this and never scored (default: 6)"},           \
        {"weight-scope", "SCOPE", MP_OPTION_TEXT, &(o).weight_scope,                               \
         "weights that share a scale: network, layer (default) or channel"},                       \
        {"activation-scope", "SCOPE", MP_OPTION_TEXT, &(o).activation_scope,                       \
         "activations that share a scale: network or layer (default)"},                            \
        {"weight-calibration", "HOW", MP_OPTION_TEXT, &(o).weight_calibration,                     \
         "how scales of weights are chosen: max, mse (default), percentile:99.9 or none"},         \
    {                                                                                              \
        "activation-calibration", "HOW", MP_OPTION_TEXT, &(o).activation_calibration,              \
            "the same of activations"                                                              \
    }

/* Fill e (initialised here; release it) from the options; what is not given keeps the workload's or
 * the default value. Neither --library nor --liberty: osu018, the library that Debian packages. */
int mp_experiment_from_options(struct mp_experiment *e, const struct mp_experiment_options *o,
                               struct mp_error *err);
/* For operands of a network that an option names: without calibration images a part of its images
 * is set apart, as `accuracy` does, and log says so. A config says itself. */
void mp_experiment_options_set_apart(struct mp_experiment *e, const struct mp_experiment_options *o,
                                     struct mp_log *log);

#endif
