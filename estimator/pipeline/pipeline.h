/*
 * The only module that sees every stage. An experiment (a config file or the command line) is
 * planned into PPA points (design x library x clock) and estimates (PPA point x trace); what the
 * database holds already, by the hash of all its inputs, is reused; the rest runs over the cores;
 * every result is stored in a transaction of its own as soon as it is proven and complete.
 *
 *     mp_experiment_read(&e, "configs/quickstart.yaml", err)
 *     mp_tools_find(&tools, NULL, NULL, err)
 *     mp_pipeline_run(&e, &tools, store, log, &summary, err)
 *     mp_experiment_release(&e)
 */
#ifndef MP_PIPELINE_PIPELINE_H
#define MP_PIPELINE_PIPELINE_H

#include "estimator/cnn/trace.h"
#include "estimator/images/preprocess.h"
#include "estimator/pipeline/choices.h"
#include "estimator/pipeline/study_settings.h"
#include "estimator/pipeline/way.h"
#include "estimator/store/store.h"
#include "estimator/timing/wireload.h"
#include "estimator/util/log.h"
#include "netlists/design.h"

/* ---- tools ---- */

/* The programs that are driven and who we are, for provenance. Zero-initialise; release frees. */
struct mp_tools {
    char *yosys, *opensta; /* full paths */
    char yosys_version[32], opensta_version[32];
    char host[96];
};
/* Paths: from the argument, else $MACPPA_YOSYS / $MACPPA_STA, else `yosys` / `sta` on PATH. Runs
 * both for their versions. MP_E_NOT_FOUND says which Debian package has it. */
int mp_tools_find(struct mp_tools *t, const char *yosys, const char *opensta, struct mp_error *err);
/* Yosys alone; opensta stays NULL. */
int mp_tools_find_yosys(struct mp_tools *t, const char *yosys, struct mp_error *err);
void mp_tools_release(struct mp_tools *t);
void mp_tools_context(const struct mp_tools *t, struct mp_store_context *c);

/* Yosys/ABC equivalence of the mapped netlist with a behavioural reference, up to a minute a
 * design. AUTO: where the operands have too many combinations for all of them to be simulated. */
enum mp_equivalence_policy { MP_EQUIVALENCE_NEVER, MP_EQUIVALENCE_AUTO, MP_EQUIVALENCE_ALWAYS };

/* How power is computed from a netlist and its operands. */
struct mp_power_settings {
    struct mp_wire_option wire_load;
    double precision; /* the sample grows until the 95 % interval of power with glitches is no wider
                         than +- this share of it; 0: the trace as it is */
    bool use_opensta; /* OpenSTA's power beside ours */
};
/* "1%" or "0.01", above 0 and below 1. */
bool mp_precision_parse(const char *text, double *out);

/* ---- experiment: configs/NAME.yaml, see docs/config.md ---- */

struct mp_experiment {
    char *path; /* of the config file; "" from the command line */
    char *text; /* the YAML, for provenance */
    char *name;
    char **libraries; /* descriptor names */
    size_t library_count;
    char **liberty; /* Liberty files that make one further library without a descriptor */
    size_t liberty_count;
    double clock_period_s; /* 0: the descriptor's default */
    struct mp_format *weights, *activations;
    size_t weight_count, activation_count;
    enum mp_unit *units;
    size_t unit_count;
    /* Architecture names; "any": the default for Yosys, all of them for searches, which then leave
     * the others to Yosys. */
    char **multipliers;
    size_t multiplier_count;
    char **designs; /* "mac int8 uint8": only these of what is crossed; NULL: all */
    size_t design_count;
    struct mp_design_choices choices; /* further fields of designs, all crossed */
    unsigned accumulator_bits; /* 0: what the network needs (without a network: 1024 terms) */
    struct mp_format baseline; /* weight format that reductions are against */
    bool has_baseline;

    char *network;         /* ONNX or prototxt; NULL: random operands, no accuracy */
    char *network_weights; /* caffemodel of a prototxt; NULL: none */
    char *preset;          /* name or path of a network preset; NULL: none */
    char *network_name;    /* the preset's; NULL: that of the file */
    char *network_notes;   /* what results must say, e.g. "pruned"; NULL: nothing */
    /* IDX files with their labels, or (labels NULL) a list of JPEG files or a folder of them
     * (cnn/image_set.h); calibration_images NULL: float32 alone can be scored. */
    char *test_images, *test_labels, *calibration_images, *calibration_labels;
    struct mp_preprocess preprocess; /* of both */
    bool has_preprocess;             /* false: bytes of IDX files to 0..1 */
    char *image_folder;              /* of a list's files; NULL: the list's own */
    uint32_t allow_damaged;
    uint32_t calibration_count;
    /* N: test images N - 1, 2 N - 1, ... are set apart for calibration and never scored; 0: none.
     * At least 2; not with calibration_images. */
    uint32_t calibration_every;
    enum mp_missing_weights missing; /* what a network does without some of its weights */
    struct mp_scheme scheme;       /* its formats are unused: those of each pair take their place */
    struct mp_override *overrides; /* [override_count], owned; the scheme borrows them */
    size_t override_count;
    char *trace_file;              /* operands of a file instead of the network's; NULL: none */
    enum mp_operands operands;     /* without a network */
    struct mp_trace_options trace; /* its layer is `layer` */
    char *layer;                   /* trace this one alone; NULL: the whole network */
    bool each_layer;               /* an estimate for every layer, and one for the whole */

    struct mp_power_settings power;
    struct mp_study_settings *study; /* owned; NULL: a plain experiment, else see study.h */

    struct mp_way_settings ways; /* to a netlist; all of them */
    char *peers;                 /* CSV file of what others reach (peers.h); NULL: none */
    unsigned synthesis_runs;     /* variants a design of Yosys, the best is kept */
    bool keep_blocks;
    enum mp_equivalence_policy equivalence;
    unsigned threads; /* 0: all cores */
};
/* "refuse", "cut", "synthetic". */
int mp_missing_weights_parse(enum mp_missing_weights *m, const char *word, struct mp_error *err);
/* What shares a scale: names of mp_scope_parse(), NULL: as it is. Activations: no channel. */
int mp_experiment_set_scopes(struct mp_experiment *e, const char *weight, const char *activation,
                             struct mp_error *err);
/* Defaults without a file. */
void mp_experiment_init(struct mp_experiment *e);
/* Wrong key, type or value: MP_E_INPUT with file and line, what was expected. Paths in the file are
 * relative to the file's folder. */
int mp_experiment_read(struct mp_experiment *e, const char *path, struct mp_error *err);
void mp_experiment_release(struct mp_experiment *e);
/* Command-line overrides: one library by name, replacing those of the file. */
void mp_experiment_set_library(struct mp_experiment *e, const char *name);
/* A network by the name of its file (.onnx, .prototxt), or of a preset (network_preset.h). What the
 * experiment's options say afterwards comes on top; then mp_experiment_check_network(), which asks
 * for what a preset did not find. */
int mp_experiment_set_network(struct mp_experiment *e, const char *name, struct mp_error *err);
int mp_experiment_check_network(const struct mp_experiment *e, struct mp_error *err);
/* What is traced: a layer's name, or "each". */
void mp_experiment_set_layer(struct mp_experiment *e, const char *name);

/* ---- running ---- */

struct mp_run_summary {
    int64_t run_id;
    size_t points, points_reused, estimates, estimates_reused;
    double wall_s, tool_wall_s; /* tool: Yosys, ABC and OpenSTA, all workers added up */
    double worker_s;            /* time of all workers added up: what tool_wall_s is a share of */
};
/* Run or resume. db holds every result that was finished even when this fails. MP_E_CANCELLED after
 * a signal. */
int mp_pipeline_run(const struct mp_experiment *e, const struct mp_tools *tools,
                    struct mp_store *store, struct mp_log *log, struct mp_run_summary *summary,
                    struct mp_error *err);

/* The same, with a look at every estimate: those that the database holds are computed again (not
 * stored again), since it does not keep power by cell and net. `see` is called by one thread at a
 * time; what it is shown (pipeline/estimate.h) is gone afterwards. */
struct mp_estimate;
struct mp_dump;
struct mp_pipeline_watch {
    /* NULL: nothing to look at, but something to dump */
    int (*see)(void *context, const char *design, const struct mp_estimate *e,
               struct mp_error *err);
    void *context;
    const struct mp_dump *dump; /* of the one design that there then is; NULL: none */
};
int mp_pipeline_run_watched(const struct mp_experiment *e, const struct mp_tools *tools,
                            struct mp_store *store, struct mp_log *log,
                            struct mp_run_summary *summary, const struct mp_pipeline_watch *watch,
                            struct mp_error *err);

/* One design's Verilog, proven against the golden model when `tools` is not NULL (elaborated by
 * Yosys into generic gates, simulated here). verilog is appended to; proof text ("exhaustive, 32768
 * vectors") into proof. */
int mp_pipeline_generate(const struct mp_design *design, const struct mp_tools *tools,
                         struct mp_text *verilog, char *proof, size_t proof_size,
                         struct mp_error *err);

/* A network's accuracy in one format pair, from the store or computed and stored. Of tools only
 * the versions are used. Release out with mp_accuracy_record_release(). */
int mp_pipeline_accuracy(const struct mp_experiment *e, const struct mp_format *weight,
                         const struct mp_format *activation, struct mp_store *store,
                         const struct mp_tools *tools, struct mp_log *log,
                         struct mp_accuracy_record *out, struct mp_error *err);

/* The same of a MAC of another form (unit: its fields from adder on), whose sums may be cut: by the
 * integer engine, product by product, and not stored. Forms that these formats have not: as
 * mp_design_resolve. */
int mp_pipeline_form_accuracy(const struct mp_experiment *e, const struct mp_design *unit,
                              const struct mp_format *weight, const struct mp_format *activation,
                              struct mp_log *log, struct mp_accuracy_record *out,
                              struct mp_error *err);

/* The operand trace of an experiment for one format pair. Images that are left out are named in
 * log. */
int mp_pipeline_trace(const struct mp_experiment *e, const struct mp_format *weight,
                      const struct mp_format *activation, struct mp_log *log, struct mp_trace *out,
                      struct mp_error *err);

#endif
