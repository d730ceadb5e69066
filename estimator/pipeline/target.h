/*
 * A cell library as one run uses it: read once, its roles found, its prepared copy for the tools
 * written into the run's private folder.
 */
#ifndef MP_PIPELINE_TARGET_H
#define MP_PIPELINE_TARGET_H

#include "estimator/liberty/library.h"
#include "libs/descriptor.h"

struct mp_target {
    char *name; /* the descriptor's, or the library's own */
    char *corner;
    char hash[MP_HASH_SIZE]; /* files, cells not to use, driving cell: what results depend on */
    double default_clock_s;  /* 0: none known */
    struct mp_library library;
    struct mp_library_roles roles;
    char *prepared_path; /* in temp_dir; NULL without one */
};

/* Zero-initialise; release frees. By descriptor (with its files found) or by Liberty files alone. A
 * library without a plain flip-flop, inverter, buffer or NAND is MP_E_UNSUPPORTED. temp_dir: where
 * the prepared copy is written; NULL: nothing is going to be mapped to the library, which then
 * needs none of these cells. */
int mp_target_open(struct mp_target *t, const struct mp_descriptor *d, const char *temp_dir,
                   struct mp_error *err);
int mp_target_open_files(struct mp_target *t, const char *const *files, size_t file_count,
                         const char *temp_dir, struct mp_error *err);
void mp_target_release(struct mp_target *t);

/* Those of an experiment: by descriptor, then the one of its Liberty files. Zero-initialise, but
 * for as_given where netlists are mapped already; release frees, after a failure too. */
struct mp_experiment;
struct mp_targets {
    struct mp_target *items;
    size_t count;
    bool as_given;
};
int mp_targets_open(struct mp_targets *t, const struct mp_experiment *e, const char *temp_dir,
                    struct mp_error *err);
void mp_targets_release(struct mp_targets *t);

#endif
