/*
 * The paper's experiment (Lai, Suda, Chandra, arXiv 1703.03073) over several networks: the
 * narrowest fixed-point and floating-point weights that keep each network's accuracy, and what the
 * multipliers and MACs of both need under that network's operands. Everything that takes time is
 * found in the database when it was done before, so a second study takes seconds.
 *
 * Networks whose weights are all there are searched first. One with a part of its weights, or none,
 * has no accuracy; it is estimated in the formats asked for and in the widest that the others
 * needed.
 *
 *     mp_study_run(&study, &experiment, &tools, store, log, err)     (experiment.study is set)
 *     ... study_tables.h prints it ...
 *     mp_study_release(&study)
 */
#ifndef MP_PIPELINE_STUDY_H
#define MP_PIPELINE_STUDY_H

#include "estimator/pipeline/pipeline.h"
#include "estimator/study/claims.h"

enum mp_study_state {
    MP_STUDY_COMPLETE,  /* searched and estimated */
    MP_STUDY_PARTIAL,   /* estimated as far as its weights go, and no further */
    MP_STUDY_SYNTHETIC, /* estimated, some or all weights made up */
    MP_STUDY_MISSING    /* files are missing: see wanted */
};
/* "complete", "partial", "synthetic", "missing" */
const char *mp_study_state_name(enum mp_study_state s);

/* One weight format in one unit on one library, over the layers of a network: all designs that the
 * network's activations ask for (uint<W> and int<W> of a fixed<W>), weighted with the MACs that
 * each serves. */
struct mp_study_design {
    const char *library; /* of the experiment */
    enum mp_unit unit;
    enum mp_scope scope; /* of the weights' scales */
    struct mp_format weight, activation;
    bool is_found; /* by the search; else a format of the settings */
    /* Of the design that serves most MACs. */
    double area_um2, critical_path_s, clock_period_s;
    uint32_t accumulator_bits;
    /* Averages over the MACs covered; half widths of 95 % intervals, 0: unknown. total: functional
     * with glitches. */
    double functional_w, total_w, functional_half_width_w, total_half_width_w;
    double mac_share; /* of the architecture's MACs */
    double macs;      /* of one inference, in the layers covered */
    bool is_synthetic;
};

/* A weight format's storage over all layers, scales a layer (of the main scope), weights alone. */
struct mp_study_storage {
    struct mp_format weight;
    bool keeps; /* the accuracy, by count */
    uint64_t weight_count, zero_weights, weight_bits;
    uint64_t zero_skipping_bits; /* the same with a code that skips zeros, layers that gain alone */
};

struct mp_study_network {
    char *preset, *title, *notes; /* notes: what results must say, or NULL */
    enum mp_study_state state;
    char *wanted; /* which files are missing and from where to get them; NULL */
    bool has_search;
    struct mp_search_result search;
    struct mp_format activation; /* without a search: that of its designs */
    struct mp_study_design *designs;
    size_t design_count, design_capacity;
    /* The narrowest int<W>, e<E>m<M> and lut<B> that keep the accuracy. */
    struct mp_study_storage storage[3];
    size_t storage_count;
    int64_t layers_run_id; /* run with an estimate of every layer (query `layers`); 0: none */
};

struct mp_study {
    const struct mp_study_settings *settings; /* of the experiment */
    struct mp_study_network *networks;        /* [network_count] in the order of the settings */
    size_t network_count;
    char **libraries; /* [library_count] those that are here; borrowed */
    size_t library_count;
    char *libraries_missing; /* one line of those that are not; NULL: none */
    double wall_s;
};

/* MP_E_USAGE when no library of the experiment is here. A network that fails is an error; one whose
 * files are missing is not. */
int mp_study_run(struct mp_study *s, const struct mp_experiment *e, const struct mp_tools *tools,
                 struct mp_store *store, struct mp_log *log, struct mp_error *err);
void mp_study_release(struct mp_study *s); /* accepts NULL and zeroes */

/* A network's design of a format on a library; NULL: not estimated. */
const struct mp_study_design *mp_study_find(const struct mp_study_network *n, const char *library,
                                            enum mp_unit unit, enum mp_scope scope,
                                            const struct mp_format *weight, bool is_synthetic);
/* Points of one scope with float32 activations, fixed and float: what claims ask. Points go into
 * *out [search.point_count], whose number is returned. */
size_t mp_study_formats_alone(const struct mp_study_network *n, enum mp_scope scope,
                              const struct mp_search_point **out);

#endif
