/*
 * Records with plausible values, made from a number: the same number gives the same keys. Strings
 * are static or live in the caller's struct sample.
 */
#ifndef MP_TESTS_STORE_SAMPLE_H
#define MP_TESTS_STORE_SAMPLE_H

#include "estimator/store/store.h"
#include <stdio.h>
#include <string.h>

struct sample {
    struct mp_store_context context;
    struct mp_ppa_record ppa;
    struct mp_trace_record trace;
    struct mp_accuracy_record accuracy;
    struct mp_estimate_record estimate;
    struct mp_power_row rows[7];
    char design[64];
};

static inline void sample_key(char out[MP_HASH_SIZE], char kind, unsigned n)
{
    snprintf(out, MP_HASH_SIZE, "%c%031x", kind, n);
}

static inline void sample_power(struct sample *s, unsigned n)
{
    static const struct {
        const char *scope, *name;
        double internal_w, switching_w, leakage_w, glitch_w;
    } rows[5] = {{"group", "sequential", 2e-5, 1e-5, 1e-7, 0},
                 {"group", "combinational", 4e-5, 6e-5, 2e-7, 3e-5},
                 {"block", "multiplier", 3e-5, 5e-5, 1.5e-7, 2e-5},
                 {"block", "shifter", 1e-5, 1e-5, 0.5e-7, 1e-5},
                 {"block", "input registers", 2e-5, 1e-5, 1e-7, 0}};
    mp_estimate_record_init(&s->estimate);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mp_power_row *r = &s->rows[i];
        mp_power_row_init(r);
        r->scope = rows[i].scope;
        r->name = rows[i].name;
        r->internal_w = rows[i].internal_w;
        r->switching_w = rows[i].switching_w;
        r->leakage_w = rows[i].leakage_w;
        r->glitch_w = rows[i].glitch_w;
    }
    s->estimate.rows = s->rows;
    s->estimate.row_count = 5;
    s->estimate.cycles = 64 * 1000;
    s->estimate.annotated_share = 1;
    s->estimate.internal_w = 6e-5;
    s->estimate.switching_w = 7e-5;
    s->estimate.leakage_w = 3e-7;
    s->estimate.glitch_w = 3e-5;
    s->estimate.energy_per_mac_j = 2e-13 + 1e-16 * n;
    s->estimate.power_mode = "compatible";
}

/* All that an estimate may leave unknown: exact mode, intervals, a second engine, and two kinds of
 * cells (what the gates and the registers of the groups are). */
static inline void sample_complete(struct sample *s)
{
    struct mp_estimate_record *e = &s->estimate;
    for (int i = 0; i < 7; i++) {
        struct mp_power_row *r = &s->rows[i];
        if (i >= 5) {
            *r = s->rows[i - 5];
            r->scope = "kind";
            r->name = i == 5 ? "DFF_X1" : "NAND2_X1";
        }
        r->exact_internal_w = r->internal_w * 1.25;
        r->exact_leakage_w = r->leakage_w * 0.5;
        r->exact_glitch_w = r->glitch_w * 1.5;
        r->half_width_w = 1e-6;
        r->cell_count = 10 + (uint32_t)i;
    }
    e->row_count = 7;
    e->unsettled_cycles = 640;
    e->propagated_share = 0.25;
    e->exact_internal_w = 7.5e-5;
    e->exact_leakage_w = 1.5e-7;
    e->exact_glitch_w = 4.5e-5;
    e->batches = 64;
    e->power_half_width_w = 1e-6;
    e->glitch_half_width_w = 2e-6;
    e->energy_half_width_j = 3e-15;
    e->total_half_width_w = 4e-6;
    e->engine = "OpenSTA 2.0.17";
    e->engine_internal_w = 6.6e-5;
    e->engine_switching_w = 7e-5;
    e->engine_leakage_w = 2.7e-7;
}

/* weight: e.g. "int11"; n makes the keys. */
static inline void sample_init(struct sample *s, const char *weight, unsigned n)
{
    memset(s, 0, sizeof *s);
    snprintf(s->design, sizeof s->design, "mac_%s_uint8_dadda", weight);
    s->context = (struct mp_store_context){"0.1.0", "abcdef", "host", "0.23", "2.0.17", 1, 1};
    s->ppa = (struct mp_ppa_record){.design = s->design,
                                    .weight_format = weight,
                                    .activation_format = "uint8",
                                    .unit = "mac",
                                    .multiplier = "dadda",
                                    .weight_bits = 8,
                                    .activation_bits = 8,
                                    .accumulator_bits = 26,
                                    .library = "nangate45",
                                    .library_hash = "1234",
                                    .corner = "typical",
                                    .voltage_v = 1.1,
                                    .temperature_c = 25,
                                    .clock_period_s = 2e-9,
                                    .wire_load = "none",
                                    .recipe = "default",
                                    .keep_blocks = true,
                                    .block_origin = "apart",
                                    .synthesis_runs = 5,
                                    .best_variant = 3,
                                    .area_um2 = 1234.5,
                                    .critical_path_s = 1.5e-9,
                                    .slack_s = 0.4e-9,
                                    .area_median_um2 = 1250,
                                    .area_max_um2 = 1300,
                                    .critical_path_median_s = 1.6e-9,
                                    .critical_path_max_s = 1.7e-9,
                                    .cell_count = 700,
                                    .register_count = 43,
                                    .proof_rtl = "exhaustive inputs",
                                    .proof_netlist = "exhaustive",
                                    .proof_rtl_vectors = 65536,
                                    .proof_netlist_vectors = 65536,
                                    .equivalence = "not run",
                                    .verilog = "module m; endmodule\n",
                                    .netlist = "module m; // mapped\nendmodule\n",
                                    .yosys_wall_s = 1.5,
                                    .opensta_wall_s = 0.5};
    s->trace = (struct mp_trace_record){.source = "fashion_lenet",
                                        .dataflow = "output-stationary",
                                        .weight_format = weight,
                                        .activation_format = "uint8",
                                        .seed = UINT64_MAX,
                                        .stretches = 64,
                                        .length = 1000,
                                        .zero_weights = 0.1,
                                        .zero_activations = 0.55};
    s->accuracy = (struct mp_accuracy_record){.network = "fashion_lenet",
                                              .network_hash = "n1",
                                              .dataset_hash = "d1",
                                              .weight_format = weight,
                                              .activation_format = "uint8",
                                              .weight_scope = "layer",
                                              .activation_scope = "layer",
                                              .calibration = "maximum",
                                              .weight_calibration = "max",
                                              .activation_calibration = "max",
                                              .overrides = "",
                                              .engine = "fake",
                                              .images = 10000,
                                              .planned_images = 10000,
                                              .top1 = 9150,
                                              .top5 = 9990,
                                              .weight_count = 61706,
                                              .weight_bits = 61706 * 8};
    sample_key(s->ppa.key, 'a', n);
    sample_key(s->trace.hash, 'b', n);
    sample_key(s->accuracy.key, 'c', n);
    sample_power(s, n);
    sample_key(s->estimate.key, 'd', n);
    memcpy(s->estimate.ppa_key, s->ppa.key, MP_HASH_SIZE);
    memcpy(s->estimate.trace_hash, s->trace.hash, MP_HASH_SIZE);
    memcpy(s->estimate.accuracy_key, s->accuracy.key, MP_HASH_SIZE);
}

/* All four records in the order that references ask for. */
static inline int sample_put(struct mp_store *store, const struct sample *s, struct mp_error *err)
{
    int rc = mp_store_put_ppa(store, &s->ppa, &s->context, err);
    if (rc == MP_OK)
        rc = mp_store_put_trace(store, &s->trace, err);
    if (rc == MP_OK)
        rc = mp_store_put_accuracy(store, &s->accuracy, &s->context, err);
    return rc == MP_OK ? mp_store_put_estimate(store, &s->estimate, &s->context, err) : rc;
}

#endif
