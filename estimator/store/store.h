/*
 * The database: SQLite, WAL, foreign keys on, one transaction a result, schema.sql embedded,
 * migrations by user_version. All SQL of the program is in this folder. Strings handed in are
 * copied; records handed out are released with mp_store_record_release functions where said.
 *
 * A result is found again by its key: the hash of all that it depends on (mp_hash), made by the
 * pipeline.
 *
 * Values that may be unknown say so in their comment. Unknown is NaN for a number,
 * MP_UNKNOWN_COUNT for a count, NULL for a text, and is stored as NULL; never as zero. Records with
 * such fields have an init function that sets all of them to unknown.
 */
#ifndef MP_STORE_STORE_H
#define MP_STORE_STORE_H

#include "estimator/util/error.h"
#include "estimator/util/hash.h"
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct mp_store; /* opaque; may be used from several threads, calls are serialised */

/* Open or create. read_only: the file must exist. A foreign SQLite file, a newer schema, a damaged
 * file: MP_E_DATABASE, file unharmed. Waits up to 10 s for another process's lock. */
int mp_store_open(struct mp_store **out, const char *path, bool read_only, struct mp_error *err);
void mp_store_close(struct mp_store *s); /* accepts NULL */
#define MP_SCHEMA_VERSION 4

#define MP_UNKNOWN_COUNT UINT64_MAX

/* Provenance that is the same for every result of a process; rows are shared. */
struct mp_store_context {
    const char *macppa_version, *git_commit, *host, *yosys_version, *opensta_version;
    uint32_t generator_version, recipe_version;
};

/* One of the variants of a synthesis or seeds of a search, timed by OpenSTA. */
struct mp_ppa_run {
    uint64_t seed;
    double area_um2, critical_path_s;
    double power_w, glitch_w; /* functional, and what gate delays add; may be unknown (NaN) */
    uint64_t evaluations;     /* of a search; else unknown */
    double wall_s;
};

/* What a search found that no other point of it beats in area, delay and power at once. */
struct mp_front_point {
    uint64_t seed;
    double area_um2, critical_path_s;
    double power_w;            /* with glitches, as the search estimates it; may be unknown (NaN) */
    bool is_confirmed;         /* timed by OpenSTA, not by the search alone */
    const char *proof_netlist; /* how it was proven */
    const char *netlist;       /* mapped Verilog, compressed inside */
};

/* design x library x clock, by one way: mapped, proven, timed. One row a PPA point. */
struct mp_ppa_record {
    char key[MP_HASH_SIZE];
    const char *design; /* unique name */
    /* unit: "multiplier", "mac", or "module" for the user's own Verilog. A module without formats
     * has
     * "-" for both and bits 0; its multiplier is "-". */
    const char *weight_format, *activation_format, *unit, *multiplier;
    uint32_t weight_bits, activation_bits, accumulator_bits; /* accumulator 0 for multipliers */
    /* Names of the generator's tables; NULL or "": its default of that time. */
    const char *adder, *form, *sign, *shift, *shifter, *alignment, *rounding, *low_power;
    uint32_t terms;        /* products that a cycle adds up; 0 is 1 */
    uint32_t stages;       /* pipeline registers inside */
    uint32_t drop_bits;    /* low bits of the product that are not kept */
    uint32_t guard_bits;   /* of these, until the terms are added */
    bool is_combinational; /* without registers at operands and result */
    const char *library, *library_hash, *corner;
    double voltage_v, temperature_c;
    double clock_period_s;
    const char *wire_load; /* "none" */
    /* "yosys" (NULL is that too), "search" or "given", and what it was told: `recipe` names the
     * script or the search; a search has an objective, others NULL or "". Limits and budget: 0 is
     * none. */
    const char *implementation, *recipe, *objective;
    double max_delay_s, max_area_um2, max_power_w;
    double budget_s;          /* of each seed */
    uint64_t evaluations;     /* of a search in all; 0: not known */
    bool is_resized;          /* drives and pins changed afterwards */
    const char *driving_cell; /* of every input; NULL or "": none */
    double output_load_f;     /* on every output */
    bool keep_blocks;
    /* How cells were given to blocks: "apart" in synthesis, by "cones" between the nets that
     * survived it, by the "hierarchy" of the user's netlist, or "none". */
    const char *block_origin;
    uint32_t synthesis_runs,
        best_variant; /* how many variants or seeds were made, which one this is */
    double area_um2, critical_path_s, slack_s; /* of the best variant */
    double area_median_um2, area_max_um2, critical_path_median_s,
        critical_path_max_s; /* over variants */
    uint32_t cell_count, register_count;
    const char *proof_rtl,
        *proof_netlist; /* "exhaustive", "exhaustive inputs, ...", ... never empty */
    uint64_t proof_rtl_vectors, proof_netlist_vectors;
    const char *equivalence;             /* "equivalent", "undecided", "not run" */
    const char *verilog;                 /* as generated */
    const char *netlist;                 /* mapped Verilog, compressed inside */
    double yosys_wall_s, opensta_wall_s; /* yosys: or the search */
    const struct mp_ppa_run *runs; /* [run_count] in the order of their index; NULL, 0: not known.
                                      Not read back, as the front */
    uint32_t run_count;
    const struct mp_front_point *front; /* [front_count] by rising delay */
    uint32_t front_count;
};
/* Nothing known of power and evaluations, the rest zero. */
void mp_ppa_run_init(struct mp_ppa_run *r);

/* What others reach for the same function under the same conditions; delay with the area of the
 * same circuit. Unit, formats, accumulator_bits (0 for multipliers), terms and registers say which
 * function. */
struct mp_peer_record {
    const char *peer, *library, *unit, *weight_format, *activation_format;
    uint32_t accumulator_bits, terms;
    bool is_combinational;
    double area_um2, critical_path_s;
    double power_w;                           /* may be unknown (NaN) */
    uint32_t runs;                            /* 0: not known */
    double median_area_path, worst_area_path; /* um2 x ns over the runs; may be unknown */
};

/* Activity from a file is a trace as well: source is the file's name and hash, dataflow and formats
 * are "-", seed 0, one stretch as long as its cycles, shares of zeros unknown. */
struct mp_trace_record {
    char hash[MP_HASH_SIZE];
    const char *source, *dataflow, *weight_format, *activation_format;
    uint64_t seed;
    uint32_t stretches, length;
    double zero_weights, zero_activations; /* shares 0..1, may be unknown */
    /* Where the operands are a network's; all NULL, 0 or false without one. layer NULL or "": the
     * whole network. Scopes: "network", "layer", "channel"; NULL: not known. */
    const char *network, *network_hash, *layer, *weight_scope, *activation_scope;
    uint64_t macs;    /* of one image in what is traced; 0: not known */
    double mac_share; /* the same of the whole architecture, above 0 and up to 1; 0: not known */
    bool synthetic;   /* an operand is computed with weights that were made up */
};

/* What is known of a network beside its name. Files and quantised results refer to it by name and
 * hash, and make the row where it is not there yet. */
struct mp_network_record {
    const char *network, *network_hash;
    uint64_t whole_macs;   /* of one image in the whole architecture */
    uint64_t weight_count; /* of the weights that are there, without biases */
    const char *note;      /* "pruned and clustered"; NULL or "": nothing */
};

/* A layer with weights under one quantisation. Bits as storage.h counts them. */
struct mp_accuracy_layer {
    uint32_t index; /* among the network's layers, rising */
    const char *layer, *kind, *weight_format, *activation_format;
    uint64_t weight_count, zero_weights;
    uint64_t distinct_weights; /* values that occur; may be unknown */
    uint64_t code_bits, scale_bits, table_bits;
    /* Of the code that skips zeros in place of code_bits, with indices of so many bits. Both may be
     * unknown. */
    uint64_t zero_skipping_bits, skipping_index_bits;
    uint64_t macs; /* of one image */
    /* MP_UNKNOWN_EXPONENT for float32; smallest and largest differ by channel only. */
    int smallest_weight_unit_exponent, largest_weight_unit_exponent, activation_unit_exponent;
    uint32_t accumulator_bits; /* 0: not a fixed-point pair */
};
#define MP_UNKNOWN_EXPONENT INT_MIN
/* All unknown, the rest zero. */
void mp_accuracy_layer_init(struct mp_accuracy_layer *l);

/* Accuracy of a format pair on a network; top1 of images. Never of made-up weights. */
struct mp_accuracy_record {
    char key[MP_HASH_SIZE];
    const char *network, *network_hash, *dataset_hash, *weight_format, *activation_format;
    const char *weight_scope, *activation_scope; /* "network", "layer", "channel" */
    /* In one line with the calibration images, and its two parts: "mse", "percentile:99.9". */
    const char *calibration, *weight_calibration, *activation_calibration;
    const char *overrides; /* mp_scheme_overrides_text(); "": none */
    const char *engine;    /* "float32", "fake", "integer" */
    /* Scored, and how many there are to score: fewer scored is a look that was stopped early. */
    uint32_t images, planned_images, top1, top5;
    uint64_t weight_count, weight_bits; /* of the whole network, scales and tables included */
    uint32_t
        accumulator_bits; /* that the network needs in these formats; 0: not a fixed-point pair */
    /* [planned_images] classes before the right one, 255 not scored (cnn/score.h); NULL: not known.
     * Those below 1, below 5, and other than 255 must be as many as top1, top5, images. */
    const uint8_t *ranks;
    const struct mp_accuracy_layer *layers; /* [layer_count]; NULL and 0: not known */
    uint32_t layer_count;
};

struct mp_power_row {  /* one part of one estimate; each scope sums up to the estimate */
    const char *scope; /* "group", "block", or "kind": by library cell */
    const char *name;
    double internal_w, switching_w, leakage_w; /* functional */
    /* timed minus functional, internal and switching; unknown as in the estimate */
    double glitch_w;
    /* May be unknown: exact mode, where switching is the same; half of the 95 % interval of the
     * functional sum. */
    double exact_internal_w, exact_leakage_w, exact_glitch_w, half_width_w;
    uint32_t cell_count; /* 0: unknown */
};
/* All unknown, the rest zero. */
void mp_power_row_init(struct mp_power_row *r);

/* PPA point x trace. */
struct mp_estimate_record {
    char key[MP_HASH_SIZE];
    char ppa_key[MP_HASH_SIZE];
    char trace_hash[MP_HASH_SIZE];
    char accuracy_key[MP_HASH_SIZE]; /* "" : none */
    uint64_t cycles;                 /* simulated and counted */
    uint64_t unsettled_cycles;       /* with a transition after the clock period; may be unknown */
    const char *activity_source;     /* "simulated", or read from a file: "vcd", "saif" */
    double annotated_share;          /* pins with activity that was simulated or read, 0..1 */
    double propagated_share;         /* pins with activity computed from others; may be unknown */
    /* Functional: zero delay. Energy of a module: per cycle. */
    double internal_w, switching_w, leakage_w, energy_per_mac_j;
    /* What gate delays add to internal and switching power on the same cycles; not in the energy.
     * May be unknown where activity is from a file: simulation without it is refused. */
    double glitch_w;
    const char *power_mode; /* of the figures above: "compatible" */
    /* Exact mode on the same activity; switching is the same in both. Internal and leakage are both
     * known or both not; glitches only with them. */
    double exact_internal_w, exact_leakage_w, exact_glitch_w;
    /* Half widths of 95 % intervals, each may be unknown: functional power, glitches,
     * energy_per_mac, functional power and glitches together. Over so many batches; 0: no
     * intervals. */
    double power_half_width_w, glitch_half_width_w, energy_half_width_j, total_half_width_w;
    uint32_t batches;
    /* A second program on the same netlist and activity, "OpenSTA 2.0.17"; NULL: none. Each part
     * may be unknown. */
    const char *engine;
    double engine_internal_w, engine_switching_w, engine_leakage_w;
    const struct mp_power_row *rows;
    uint32_t row_count;
};
/* Simulated, all that may be unknown unknown, the rest zero. */
void mp_estimate_record_init(struct mp_estimate_record *r);

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
/* Where the network is there: what was not known of it is filled in, and a note replaces its note.
 */
int mp_store_put_network(struct mp_store *s, const struct mp_network_record *r,
                         struct mp_error *err);
/* An equal key whose row knows less gives way: one of fewer images, or of as many that lacks ranks
 * or layers that this one has. What refers to it refers to the new one. */
int mp_store_put_accuracy(struct mp_store *s, const struct mp_accuracy_record *r,
                          const struct mp_store_context *c, struct mp_error *err);
int mp_store_put_estimate(struct mp_store *s, const struct mp_estimate_record *r,
                          const struct mp_store_context *c, struct mp_error *err);
/* Several in one transaction, all or nothing: several times as fast as one by one. */
int mp_store_put_estimates(struct mp_store *s, const struct mp_estimate_record *records,
                           size_t count, const struct mp_store_context *c, struct mp_error *err);

/* All of them in one transaction; a peer that is known for a function and library is replaced. */
int mp_store_put_peers(struct mp_store *s, const struct mp_peer_record *records, size_t count,
                       struct mp_error *err);

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
