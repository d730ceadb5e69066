/*
 * What an experiment comes to: pairs of formats with their accuracy, the formats that units then
 * really have, the operands of each (of the whole network, and of each layer where that is asked
 * for), and one job a design, library and clock.
 *
 *     struct mp_run_plan plan = {.experiment = e, .tools = tools, .store = store, .log = log};
 *     mp_run_plan_make(&plan, temp_dir, err)
 *     ... plan.jobs[i]: make the point, then an estimate for each of its unit's streams ...
 *     mp_run_plan_release(&plan)
 */
#ifndef MP_PIPELINE_RUN_PLAN_H
#define MP_PIPELINE_RUN_PLAN_H

#include "estimator/pipeline/estimate.h"
#include "estimator/pipeline/workload.h"

#define MP_RUN_PLAN_JOBS_MAX 100000

/* Operands, and their trace once a job has needed it (traces.h). */
struct mp_operands_of {
    struct mp_stream stream;
    char key[MP_HASH_SIZE];
    uint32_t trace_index;    /* of a layer, among mp_workload_layer_traces() */
    bool is_put;             /* its first trace is in the database */
    char hash[MP_HASH_SIZE]; /* of that trace */
};

/* A pair of formats of the experiment: all that depends on the network and not on the hardware. */
struct mp_scheme_work {
    struct mp_format weight, activation;
    struct mp_accuracy_record accuracy; /* key "" without a network, and for one without accuracy */
    uint32_t layer_count;               /* of each block of traces */
    struct mp_trace *layer_traces[MP_SAMPLE_BLOCKS_LIMIT]; /* [block][layer]; NULL: not yet made */
};

/* Formats that a unit is made for. */
struct mp_unit_work {
    struct mp_scheme_work *scheme;
    struct mp_format weight, activation;
    unsigned accumulator_bits; /* 0: not known */
    double mac_share;          /* of the network's MACs, 1 where all layers have these formats */
    struct mp_operands_of *operands; /* the whole first, then each layer */
    uint32_t operands_count;
    bool has_trace;
    struct mp_trace trace; /* of the whole */
};

struct mp_run_plan_job {
    struct mp_point point;
    struct mp_unit_work *unit;
};

struct mp_run_plan {
    const struct mp_experiment *experiment; /* borrowed, as the next three */
    const struct mp_tools *tools;
    struct mp_store *store;
    struct mp_log *log;
    bool has_dump; /* there may be one job only */
    struct mp_store_context context;
    struct mp_targets targets;
    struct mp_workload workload;
    struct mp_scheme_work *schemes;
    size_t scheme_count;
    struct mp_unit_work *units;
    size_t unit_count;
    struct mp_run_plan_job *jobs; /* large ones first */
    size_t job_count;
    pthread_mutex_t traces_lock; /* the caller's; of all traces (traces.h) */
};

/* Opens libraries and workload; computes and stores what accuracies the store does not have. Errors
 * are those of the modules; release in any case. */
int mp_run_plan_make(struct mp_run_plan *p, const char *temp_dir, struct mp_error *err);
void mp_run_plan_release(struct mp_run_plan *p);

/* One accuracy, from the store or computed and stored. */
int mp_run_plan_accuracy(struct mp_workload *w, const struct mp_format *weight,
                         const struct mp_format *activation, struct mp_store *store,
                         const struct mp_store_context *context, struct mp_log *log,
                         struct mp_accuracy_record *out, struct mp_error *err);

/* Our own work does not end by itself after a signal, as that of a tool does: MP_E_CANCELLED. */
int mp_run_plan_check_cancelled(struct mp_error *err);

#endif
