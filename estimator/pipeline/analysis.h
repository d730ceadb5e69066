/*
 * All that is found out about the power of one circuit: functional and with gate delays, in the
 * compatible and the exact mode, with intervals; from simulated operands or from a file that
 * another simulator wrote.
 *
 *     struct mp_analysis a = {0};
 *     mp_analysis_simulate(&a, &circuit, &job, err)     or mp_analysis_read(...)
 *     mp_analysis_opensta(&a, &circuit, &tools, err)    if wanted: a second engine beside ours
 *     mp_analysis_fill(&record, &a, &circuit, &rows)    for the database
 *     mp_analysis_release(&a)
 */
#ifndef MP_PIPELINE_ANALYSIS_H
#define MP_PIPELINE_ANALYSIS_H

#include "estimator/interchange/annotation.h"
#include "estimator/pipeline/circuit.h"
#include "estimator/pipeline/dump.h"
#include "estimator/pipeline/pipeline.h"
#include "estimator/pipeline/sampled.h"
#include "estimator/power/opensta_power.h"
#include "estimator/power/where.h"
#include "estimator/store/store.h"

/* Operands to simulate; everything is borrowed. */
struct mp_analysis_job {
    mp_sampled_trace *trace;
    void *trace_context;
    const struct mp_bindings *bindings; /* NULL: the ports of netlists/design.h */
    struct mp_sampled_plan plan;
    const struct mp_dump *dump; /* NULL: none */
    unsigned threads;           /* 0: all cores */
};

/* Quantities with an interval: these, then functional power by group, then by block. */
enum {
    MP_QUANTITY_TOTAL, /* functional and glitches */
    MP_QUANTITY_FUNCTIONAL,
    MP_QUANTITY_GLITCH,
    MP_QUANTITY_GROUPS,
    MP_QUANTITY_BLOCKS = MP_QUANTITY_GROUPS + MP_GROUP_COUNT
};

struct mp_analysis {
    const char *source;         /* "simulated", "vcd", "saif" */
    uint64_t cycles;            /* counted; of a file: its window in periods, rounded */
    uint64_t unsettled_cycles;  /* MP_UNKNOWN_COUNT: not known */
    double annotated_share;     /* of the connected pins: simulated or in the file */
    double propagated_share;    /* of the connected pins: computed from the others */
    double *transitions, *duty; /* [net] functional, per cycle */
    double *timed_transitions;  /* [net] NULL: not known */
    struct mp_power functional;
    struct mp_power timed;              /* where has_timed */
    struct mp_power exact, exact_timed; /* where has_exact */
    bool has_timed, has_exact;
    char exact_missing[400]; /* why there is no exact mode although operands were simulated; "" */
    struct mp_interval *intervals; /* [interval_count] see above; NULL: none */
    uint32_t interval_count;
    struct mp_sampled_outcome outcome; /* of the sample */
    struct mp_opensta_power opensta;   /* where has_opensta */
    bool has_opensta;
    char opensta_version[40]; /* "OpenSTA 2.0.17" */
};

/* Zero-initialise; release frees. Errors name what is missing; *a then only can be released. */
int mp_analysis_simulate(struct mp_analysis *a, const struct mp_circuit *c,
                         const struct mp_analysis_job *job, struct mp_error *err);
/* Power of a dump's activity. With a clock in a VCD, settled values (activity/settled.h) tell
 * functional power from glitches; otherwise all of it is functional and glitches are not known.
 * Nets that are missing (options->allow_missing) are propagated. No exact mode, no intervals. */
int mp_analysis_read(struct mp_analysis *a, const struct mp_circuit *c, const char *path,
                     const struct mp_annotation_options *options, struct mp_error *err);
/* The functional activity through OpenSTA's power model. */
int mp_analysis_opensta(struct mp_analysis *a, const struct mp_circuit *c,
                        const struct mp_tools *tools, struct mp_error *err);
void mp_analysis_release(struct mp_analysis *a);

/* NaN: not known. */
double mp_analysis_glitch_w(const struct mp_analysis *a);

/* Everything but keys; *rows is what r->rows points to, for the caller to free. Names belong to the
 * netlist's library, to the circuit's blocks or are static. */
void mp_analysis_fill(struct mp_estimate_record *r, const struct mp_analysis *a,
                      const struct mp_circuit *c, struct mp_power_row **rows);
void mp_analysis_where(struct mp_where_input *in, const struct mp_analysis *a,
                       const struct mp_circuit *c);

#endif
