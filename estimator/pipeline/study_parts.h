/*
 * Inside of a study: reading what a run measured, and weighing formats.
 */
#ifndef MP_PIPELINE_STUDY_PARTS_H
#define MP_PIPELINE_STUDY_PARTS_H

#include "estimator/pipeline/study.h"

struct mp_study_work {
    struct mp_study *study;
    const struct mp_experiment *experiment;
    const struct mp_tools *tools;
    struct mp_store *store;
    struct mp_log *log;
};

/* Rows of the query `run_designs`, becoming designs of a network. */
struct mp_study_rows {
    struct mp_study *study;
    struct mp_study_network *network;
    enum mp_scope scope;
    struct mp_format activation;
    const struct mp_format *found; /* [2] formats that the search found; kind FLOAT32: none */
    size_t first;                  /* design of this run */
};

/* An mp_store_row; context: struct mp_study_rows. Adds to sums, which mp_study_finish_rows() makes
 * averages of; MP_E_DATABASE where the database does not say what share a row is of. */
int mp_study_take_row(void *context, int count, const char *const *names, const char *const *values,
                      const char *types);
int mp_study_finish_rows(struct mp_study_rows *r, struct mp_error *err);

/* The scope that formats which were not searched for are estimated in: a layer's, if asked for. */
enum mp_scope mp_study_main_scope(const struct mp_study_settings *s);
/* n->storage from the accuracies of a searched network's formats. */
int mp_study_weigh(const struct mp_study_work *w, struct mp_study_network *n,
                   struct mp_experiment *e, struct mp_error *err);

#endif
