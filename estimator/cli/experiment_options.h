/*
 * The options by which commands without a config file describe an experiment: formats, units,
 * library, clock, workload. One table for `estimate`, `accuracy` and `trace`.
 */
#ifndef MP_CLI_EXPERIMENT_OPTIONS_H
#define MP_CLI_EXPERIMENT_OPTIONS_H

#include "estimator/cli/options.h"
#include "estimator/pipeline/pipeline.h"

#define MP_OPTION_NOT_GIVEN UINT64_MAX
/* Counts start as MP_OPTION_NOT_GIVEN (0 is a value of its own), the rest as zero. */
#define MP_EXPERIMENT_OPTIONS_INIT                                                                 \
    {                                                                                              \
        .accumulator_bits = MP_OPTION_NOT_GIVEN, .runs = MP_OPTION_NOT_GIVEN,                      \
        .stretches = MP_OPTION_NOT_GIVEN, .length = MP_OPTION_NOT_GIVEN,                           \
        .seed = MP_OPTION_NOT_GIVEN, .threads = MP_OPTION_NOT_GIVEN,                               \
        .allow_damaged = MP_OPTION_NOT_GIVEN                                                       \
    }
struct mp_experiment_options {
    const char *workload; /* a config file whose network and trace settings are used */
    struct mp_option_list weights, activations, units, multipliers, libraries, liberty;
    const char *operands, *dataflow, *trace_file, *blocks, *baseline;
    const char *wire_load, *precision, *power_engine;
    /* A network without a config file. */
    const char *network, *network_weights, *images, *labels, *calibration_images,
        *calibration_labels, *preset;
    uint64_t allow_damaged;
    uint64_t accumulator_bits, runs, stretches, length, seed, threads;
    double clock_s;
};

/* Fill e (initialised here; release it) from the options; what is not given keeps the workload's or
 * the default value. Neither --library nor --liberty: osu018, the library that Debian packages. */
int mp_experiment_from_options(struct mp_experiment *e, const struct mp_experiment_options *o,
                               struct mp_error *err);

#endif
