/*
 * The database: SQLite, WAL, foreign keys on, one transaction a result, schema.sql embedded,
 * migrations by user_version. All SQL of the program is in this folder. Strings handed in are
 * copied; records handed out are released with mp_store_record_release functions where said.
 *
 * A result is found again by its key: the hash of all that it depends on (mp_hash), made by the
 * pipeline.
 */
#ifndef MP_STORE_STORE_H
#define MP_STORE_STORE_H

#include "estimator/util/error.h"
#include "estimator/util/hash.h"
#include <stdbool.h>
#include <stdint.h>

struct mp_store; /* opaque; may be used from several threads, calls are serialised */

/* Open or create. read_only: the file must exist. A foreign SQLite file, a newer schema, a damaged
 * file: MP_E_DATABASE, file unharmed. Waits up to 10 s for another process's lock. */
int mp_store_open(struct mp_store **out, const char *path, bool read_only, struct mp_error *err);
void mp_store_close(struct mp_store *s); /* accepts NULL */
#define MP_SCHEMA_VERSION 1

/* Provenance that is the same for every result of a process; rows are shared. */
struct mp_store_context {
    const char *macppa_version, *git_commit, *host, *yosys_version, *opensta_version;
    uint32_t generator_version, recipe_version;
};

/* design x library x clock: synthesised, proven, timed. One row a PPA point. */
struct mp_ppa_record {
    char key[MP_HASH_SIZE];
    const char *design; /* unique name */
    const char *weight_format, *activation_format, *unit, *multiplier;
    uint32_t weight_bits, activation_bits, accumulator_bits; /* accumulator 0 for multipliers */
    const char *library, *library_hash, *corner;
    double voltage_v, temperature_c;
    double clock_period_s;
    const char *wire_load; /* "none" */
    const char *recipe;    /* synthesis */
    bool keep_blocks;
    uint32_t synthesis_runs,
        best_variant; /* how many variants were synthesised, which one this is */
    double area_um2, critical_path_s, slack_s; /* of the best variant */
    double area_median_um2, area_max_um2, critical_path_median_s,
        critical_path_max_s; /* over variants */
    uint32_t cell_count, register_count;
    const char *proof_rtl,
        *proof_netlist; /* "exhaustive", "exhaustive inputs, ...", ... never empty */
    uint64_t proof_rtl_vectors, proof_netlist_vectors;
    const char *equivalence; /* "equivalent", "undecided", "not run" */
    const char *verilog;     /* as generated */
    const char *netlist;     /* mapped Verilog, compressed inside */
    double yosys_wall_s, opensta_wall_s;
};

struct mp_trace_record {
    char hash[MP_HASH_SIZE];
    const char *source, *dataflow, *weight_format, *activation_format;
    uint64_t seed;
    uint32_t stretches, length;
    double zero_weights, zero_activations;
};

/* accuracy of a format pair on a network; top1 of images. */
struct mp_accuracy_record {
    char key[MP_HASH_SIZE];
    const char *network, *network_hash, *dataset_hash, *weight_format, *activation_format,
        *calibration;
    uint32_t images, top1, top5;
    uint64_t weight_count, weight_bits; /* of the whole network */
    uint32_t
        accumulator_bits; /* that the network needs in these formats; 0: not a fixed-point pair */
};

struct mp_power_row {  /* one group or block of one estimate */
    const char *scope; /* "group" or "block" */
    const char *name;
    double internal_w, switching_w, leakage_w; /* functional */
    double glitch_w;                           /* timed minus functional, internal and switching */
};

/* PPA point x trace. */
struct mp_estimate_record {
    char key[MP_HASH_SIZE];
    char ppa_key[MP_HASH_SIZE];
    char trace_hash[MP_HASH_SIZE];
    char accuracy_key[MP_HASH_SIZE]; /* "" : none */
    uint64_t cycles;                 /* simulated and counted */
    double annotated_share;          /* pins with simulated activity, 0..1 */
    double internal_w, switching_w, leakage_w, energy_per_mac_j; /* functional: zero delay */
    /* What gate delays add to internal and switching power on the same cycles; not in the energy.
     */
    double glitch_w;
    const char *power_mode; /* "compatible" */
    const struct mp_power_row *rows;
    uint32_t row_count;
};

/* A run is one `macppa run`: its configuration, when, and which estimates belong to it. */
int mp_store_run_begin(struct mp_store *s, const char *config_name, const char *config_text,
                       const struct mp_store_context *c, int64_t *run_id, struct mp_error *err);
int mp_store_run_end(struct mp_store *s, int64_t run_id, double wall_s, struct mp_error *err);
int mp_store_run_add(struct mp_store *s, int64_t run_id, const char *estimate_key,
                     struct mp_error *err);

/* Each is one transaction; an equal key that is there already is left alone (MP_OK). context: who
 * made it. */
int mp_store_put_ppa(struct mp_store *s, const struct mp_ppa_record *r,
                     const struct mp_store_context *c, struct mp_error *err);
int mp_store_put_trace(struct mp_store *s, const struct mp_trace_record *r, struct mp_error *err);
int mp_store_put_accuracy(struct mp_store *s, const struct mp_accuracy_record *r,
                          const struct mp_store_context *c, struct mp_error *err);
int mp_store_put_estimate(struct mp_store *s, const struct mp_estimate_record *r,
                          const struct mp_store_context *c, struct mp_error *err);

/* *found false when there is no such key. Strings inside are owned by the record: release it. */
int mp_store_get_ppa(struct mp_store *s, const char *key, struct mp_ppa_record *r, bool *found,
                     struct mp_error *err);
void mp_ppa_record_release(struct mp_ppa_record *r);
int mp_store_get_accuracy(struct mp_store *s, const char *key, struct mp_accuracy_record *r,
                          bool *found, struct mp_error *err);
void mp_accuracy_record_release(struct mp_accuracy_record *r);
int mp_store_has_estimate(struct mp_store *s, const char *key, bool *found, struct mp_error *err);

/* Rows out: called once a row; columns as text, NULL for SQL NULL; return non-zero to stop.
 * types[i] is 'i', 'r', 't' or 'n'. A row function must not call the store that calls it. */
typedef int mp_store_row(void *context, int column_count, const char *const *names,
                         const char *const *values, const char *types);

/* Named questions, each one file store/queries/NAME.sql whose first comment line describes it. */
size_t mp_store_query_count(void);
const char *mp_store_query_name(size_t index);
const char *mp_store_query_summary(size_t index);
/* The whole file: its comments give each parameter with default and meaning, one a line:
 * "-- :limit=200 at most so many rows"; an empty default is "no filter". */
const char *mp_store_query_text(size_t index);
/* Seconds after which a query (named or not) ends with MP_E_TIMEOUT; 30 at opening. */
void mp_store_set_time_limit(struct mp_store *s, double seconds);
/* Run a named query with NAME=VALUE parameters (bound, never pasted). MP_E_NOT_FOUND lists the
 * names. */
int mp_store_query(struct mp_store *s, const char *name, const char *const *parameters,
                   size_t parameter_count, mp_store_row *row, void *context, struct mp_error *err);
/* The user's own SQL, read-only (authorizer: no write, attach, pragma that writes; 30 s limit). */
int mp_store_query_sql(struct mp_store *s, const char *sql, mp_store_row *row, void *context,
                       struct mp_error *err);

#endif
