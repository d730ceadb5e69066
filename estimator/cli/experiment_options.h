/*
 * The options by which commands without a config file describe an experiment: formats, units,
 * library, clock, workload. One table for `estimate`, `accuracy` and `trace`.
 */
#ifndef MP_CLI_EXPERIMENT_OPTIONS_H
#define MP_CLI_EXPERIMENT_OPTIONS_H

#include "estimator/cli/options.h"
#include "estimator/pipeline/pipeline.h"

struct mp_experiment_options {
    const char *workload; /* a config file whose network and trace settings are used */
    struct mp_option_list weights, activations, units, multipliers, libraries, liberty;
    const char *operands, *dataflow, *trace_file, *blocks, *baseline;
    uint64_t accumulator_bits, runs, stretches, length, seed, threads;
    double clock_s;
};

/* Fill e (initialised here; release it) from the options; what is not given keeps the workload's or
 * the default value. Neither --library nor --liberty: osu018, the library that Debian packages. */
int mp_experiment_from_options(struct mp_experiment *e, const struct mp_experiment_options *o,
                               struct mp_error *err);

#endif
