#include "estimator/store/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 0 is no limit. */
static void bind_limit(struct mp_bound *b, const char *field, double x)
{
    mp_bind_known_real(b, field, x != 0 ? x : NAN);
}

static void bind_way(struct mp_bound *b, const struct mp_ppa_record *r)
{
    mp_bind_text(b, "implementation", r->implementation ? r->implementation : "yosys");
    mp_bind_plain_text(b, "objective", r->objective);
    bind_limit(b, "max_delay_s", r->max_delay_s);
    bind_limit(b, "max_area_um2", r->max_area_um2);
    bind_limit(b, "max_power_w", r->max_power_w);
    bind_limit(b, "budget_s", r->budget_s);
    mp_bind_known_count(b, "evaluations", r->evaluations > 0 ? r->evaluations : MP_UNKNOWN_COUNT);
    mp_bind_count(b, "resized", r->is_resized);
    mp_bind_plain_text(b, "driving_cell", r->driving_cell);
    mp_bind_real(b, "output_load_f", r->output_load_f);
}

static void bind_ppa(struct mp_bound *b, const struct mp_ppa_record *r, const int64_t ids[3])
{
    mp_bind_text(b, "key", r->key);
    for (int i = 0; i < 3; i++)
        mp_bind_id(b, ids[i]);
    mp_bind_real(b, "clock_period_s", r->clock_period_s);
    mp_bind_text(b, "wire_load", r->wire_load);
    mp_bind_text(b, "recipe", r->recipe);
    mp_bind_count(b, "keep_blocks", r->keep_blocks);
    mp_bind_count(b, "synthesis_runs", r->synthesis_runs);
    mp_bind_count(b, "best_variant", r->best_variant);
    mp_bind_real(b, "area_um2", r->area_um2);
    mp_bind_real(b, "critical_path_s", r->critical_path_s);
    mp_bind_real(b, "slack_s", r->slack_s);
    mp_bind_real(b, "area_median_um2", r->area_median_um2);
    mp_bind_real(b, "area_max_um2", r->area_max_um2);
    mp_bind_real(b, "critical_path_median_s", r->critical_path_median_s);
    mp_bind_real(b, "critical_path_max_s", r->critical_path_max_s);
    mp_bind_count(b, "cell_count", r->cell_count);
    mp_bind_count(b, "register_count", r->register_count);
    mp_bind_text(b, "proof_rtl", r->proof_rtl);
    mp_bind_text(b, "proof_netlist", r->proof_netlist);
    mp_bind_count(b, "proof_rtl_vectors", r->proof_rtl_vectors);
    mp_bind_count(b, "proof_netlist_vectors", r->proof_netlist_vectors);
    mp_bind_text(b, "equivalence", r->equivalence);
    mp_bind_real(b, "yosys_wall_s", r->yosys_wall_s);
    mp_bind_real(b, "opensta_wall_s", r->opensta_wall_s);
    mp_bind_text(b, "block_origin", r->block_origin);
    bind_way(b, r);
}

static int insert_ppa_text(struct mp_store *s, int64_t ppa, const struct mp_ppa_record *r,
                           struct mp_error *err)
{
    unsigned char *verilog = NULL, *netlist = NULL;
    size_t verilog_size = 0, netlist_size = 0;
    struct mp_bound b;
    if (!r->verilog || !r->netlist)
        return mp_fail(err, MP_E_DATABASE, "%s: PPA point: %s is missing; the result is not stored",
                       s->path, r->verilog ? "netlist" : "verilog");
    int rc = mp_blob_compress(r->verilog, &verilog, &verilog_size, err);
    if (rc == MP_OK)
        rc = mp_blob_compress(r->netlist, &netlist, &netlist_size, err);
    if (rc != MP_OK)
        goto out;
    mp_bound_init(&b, s, MP_SQL_INSERT_PPA_TEXT, "PPA point", err);
    mp_bind_id(&b, ppa);
    mp_bind_count(&b, "verilog_bytes", strlen(r->verilog));
    mp_bind_blob(&b, verilog, verilog_size);
    mp_bind_count(&b, "netlist_bytes", strlen(r->netlist));
    mp_bind_blob(&b, netlist, netlist_size);
    rc = mp_bound_run(&b);
out:
    free(verilog);
    free(netlist);
    return rc;
}

static int insert_ppa(struct mp_store *s, const struct mp_ppa_record *r,
                      const struct mp_store_context *c, struct mp_error *err)
{
    int64_t ids[3], ppa;
    int rc = mp_find_key(s, MP_SQL_FIND_PPA, "PPA point", r->key, &ppa, err);
    if (rc != MP_OK || ppa >= 0)
        return rc;
    rc = mp_intern_design(s, r, &ids[0], err);
    if (rc == MP_OK)
        rc = mp_intern_library(s, r, &ids[1], err);
    if (rc == MP_OK)
        rc = mp_intern_context(s, c, &ids[2], err);
    if (rc != MP_OK)
        return rc;
    struct mp_bound b;
    mp_bound_init(&b, s, MP_SQL_INSERT_PPA, "PPA point", err);
    bind_ppa(&b, r, ids);
    rc = mp_bound_find(&b, &ppa);
    if (rc == MP_OK)
        rc = insert_ppa_text(s, ppa, r, err);
    return rc == MP_OK ? mp_store_put_runs(s, ppa, r, err) : rc;
}

static int intern_trace_network(struct mp_store *s, const struct mp_trace_record *r,
                                int64_t *network, struct mp_error *err)
{
    *network = -1;
    if (r->network)
        return mp_intern_network(s, r->network, r->network_hash, network, err);
    if (r->layer && *r->layer)
        return mp_fail(err, MP_E_DATABASE,
                       "%s: trace: layer %s is of no network; the result is not stored", s->path,
                       r->layer);
    return MP_OK;
}

static void bind_origin(struct mp_bound *b, const struct mp_trace_record *r, int64_t network)
{
    mp_bind_id(b, network);
    mp_bind_text(b, "layer", r->layer ? r->layer : "");
    mp_bind_known_count(b, "macs", r->macs > 0 ? r->macs : MP_UNKNOWN_COUNT);
    mp_bind_known_real(b, "mac_share", r->mac_share != 0 ? r->mac_share : NAN);
    mp_bind_count(b, "synthetic", r->synthetic);
    mp_bind_known_text(b, "weight_scope", r->weight_scope);
    mp_bind_known_text(b, "activation_scope", r->activation_scope);
}

/* A trace that was stored before its network was. */
static int complete_trace(struct mp_store *s, const struct mp_trace_record *r, int64_t network,
                          struct mp_error *err)
{
    struct mp_bound b;
    if (network < 0)
        return MP_OK;
    mp_bound_init(&b, s, MP_SQL_COMPLETE_TRACE, "trace", err);
    bind_origin(&b, r, network);
    mp_bind_text(&b, "hash", r->hash);
    return mp_bound_run(&b);
}

static int insert_trace(struct mp_store *s, const struct mp_trace_record *r, struct mp_error *err)
{
    int64_t id, network;
    int rc = mp_find_key(s, MP_SQL_FIND_TRACE, "trace", r->hash, &id, err);
    if (rc == MP_OK)
        rc = intern_trace_network(s, r, &network, err);
    if (rc != MP_OK)
        return rc;
    if (id >= 0)
        return complete_trace(s, r, network, err);
    struct mp_bound b;
    mp_bound_init(&b, s, MP_SQL_INSERT_TRACE, "trace", err);
    mp_bind_text(&b, "hash", r->hash);
    mp_bind_text(&b, "source", r->source);
    mp_bind_text(&b, "dataflow", r->dataflow);
    mp_bind_text(&b, "weight_format", r->weight_format);
    mp_bind_text(&b, "activation_format", r->activation_format);
    mp_bind_bits(&b, r->seed);
    mp_bind_count(&b, "stretches", r->stretches);
    mp_bind_count(&b, "length", r->length);
    mp_bind_known_real(&b, "zero_weights", r->zero_weights);
    mp_bind_known_real(&b, "zero_activations", r->zero_activations);
    bind_origin(&b, r, network);
    return mp_bound_run(&b);
}

/* What a simulation must know, and a file with activity may not. */
static void bind_glitch(struct mp_bound *b, const struct mp_estimate_record *e, double glitch_w)
{
    if (e->activity_source && strcmp(e->activity_source, "simulated") == 0)
        mp_bind_real(b, "glitch_w", glitch_w);
    else
        mp_bind_known_real(b, "glitch_w", glitch_w);
}

static int insert_power_row(struct mp_store *s, int64_t estimate,
                            const struct mp_estimate_record *e, const struct mp_power_row *r,
                            struct mp_error *err)
{
    int64_t part;
    int rc = mp_intern_part(s, r, &part, err);
    if (rc != MP_OK)
        return rc;
    struct mp_bound b;
    mp_bound_init(&b, s, MP_SQL_INSERT_POWER_ROW, "power row", err);
    mp_bind_id(&b, estimate);
    mp_bind_id(&b, part);
    mp_bind_real(&b, "internal_w", r->internal_w);
    mp_bind_real(&b, "switching_w", r->switching_w);
    mp_bind_real(&b, "leakage_w", r->leakage_w);
    bind_glitch(&b, e, r->glitch_w);
    mp_bind_known_real(&b, "exact_internal_w", r->exact_internal_w);
    mp_bind_known_real(&b, "exact_leakage_w", r->exact_leakage_w);
    mp_bind_known_real(&b, "exact_glitch_w", r->exact_glitch_w);
    mp_bind_known_real(&b, "half_width_w", r->half_width_w);
    mp_bind_known_count(&b, "cell_count", r->cell_count > 0 ? r->cell_count : MP_UNKNOWN_COUNT);
    return mp_bound_run(&b);
}

/* What an estimate refers to must be there; ids: point, trace, accuracy (-1: none). */
static int find_inputs(struct mp_store *s, const struct mp_estimate_record *r, int64_t ids[3],
                       struct mp_error *err)
{
    int rc = mp_find_key(s, MP_SQL_FIND_PPA, "estimate", r->ppa_key, &ids[0], err);
    if (rc == MP_OK && ids[0] < 0)
        return mp_fail(err, MP_E_DATABASE, "%s: estimate: there is no PPA point %s; store it first",
                       s->path, r->ppa_key);
    if (rc == MP_OK)
        rc = mp_find_key(s, MP_SQL_FIND_TRACE, "estimate", r->trace_hash, &ids[1], err);
    if (rc == MP_OK && ids[1] < 0)
        return mp_fail(err, MP_E_DATABASE, "%s: estimate: there is no trace %s; store it first",
                       s->path, r->trace_hash);
    ids[2] = -1;
    if (rc == MP_OK && r->accuracy_key[0])
        rc = mp_find_key(s, MP_SQL_FIND_ACCURACY, "estimate", r->accuracy_key, &ids[2], err);
    if (rc == MP_OK && r->accuracy_key[0] && ids[2] < 0)
        return mp_fail(err, MP_E_DATABASE, "%s: estimate: there is no accuracy %s; store it first",
                       s->path, r->accuracy_key);
    return rc;
}

static void bind_estimate(struct mp_bound *b, const struct mp_estimate_record *r)
{
    mp_bind_count(b, "cycles", r->cycles);
    mp_bind_known_count(b, "unsettled_cycles", r->unsettled_cycles);
    mp_bind_text(b, "activity_source", r->activity_source);
    mp_bind_real(b, "annotated_share", r->annotated_share);
    mp_bind_known_real(b, "propagated_share", r->propagated_share);
    mp_bind_real(b, "internal_w", r->internal_w);
    mp_bind_real(b, "switching_w", r->switching_w);
    mp_bind_real(b, "leakage_w", r->leakage_w);
    bind_glitch(b, r, r->glitch_w);
    mp_bind_real(b, "energy_per_mac_j", r->energy_per_mac_j);
    mp_bind_text(b, "power_mode", r->power_mode);
    mp_bind_known_real(b, "exact_internal_w", r->exact_internal_w);
    mp_bind_known_real(b, "exact_leakage_w", r->exact_leakage_w);
    mp_bind_known_real(b, "exact_glitch_w", r->exact_glitch_w);
    mp_bind_known_count(b, "batches", r->batches > 0 ? r->batches : MP_UNKNOWN_COUNT);
    mp_bind_known_real(b, "power_half_width_w", r->power_half_width_w);
    mp_bind_known_real(b, "glitch_half_width_w", r->glitch_half_width_w);
    mp_bind_known_real(b, "energy_half_width_j", r->energy_half_width_j);
    mp_bind_known_real(b, "total_half_width_w", r->total_half_width_w);
    mp_bind_known_text(b, "engine", r->engine);
    mp_bind_known_real(b, "engine_internal_w", r->engine_internal_w);
    mp_bind_known_real(b, "engine_switching_w", r->engine_switching_w);
    mp_bind_known_real(b, "engine_leakage_w", r->engine_leakage_w);
}

static int insert_estimate(struct mp_store *s, const struct mp_estimate_record *r,
                           const struct mp_store_context *c, struct mp_error *err)
{
    int64_t id, inputs[3], context;
    int rc = mp_find_key(s, MP_SQL_FIND_ESTIMATE, "estimate", r->key, &id, err);
    if (rc != MP_OK || id >= 0)
        return rc;
    rc = find_inputs(s, r, inputs, err);
    if (rc == MP_OK)
        rc = mp_intern_context(s, c, &context, err);
    if (rc != MP_OK)
        return rc;
    struct mp_bound b;
    mp_bound_init(&b, s, MP_SQL_INSERT_ESTIMATE, "estimate", err);
    mp_bind_text(&b, "key", r->key);
    for (int i = 0; i < 3; i++)
        mp_bind_id(&b, inputs[i]);
    mp_bind_id(&b, context);
    bind_estimate(&b, r);
    rc = mp_bound_find(&b, &id);
    for (uint32_t i = 0; rc == MP_OK && i < r->row_count; i++)
        rc = insert_power_row(s, id, r, &r->rows[i], err);
    return rc;
}

void mp_power_row_init(struct mp_power_row *r)
{
    *r = (struct mp_power_row){.glitch_w = NAN,
                               .exact_internal_w = NAN,
                               .exact_leakage_w = NAN,
                               .exact_glitch_w = NAN,
                               .half_width_w = NAN};
}

void mp_estimate_record_init(struct mp_estimate_record *r)
{
    *r = (struct mp_estimate_record){.unsettled_cycles = MP_UNKNOWN_COUNT,
                                     .activity_source = "simulated",
                                     .propagated_share = NAN,
                                     .glitch_w = NAN,
                                     .exact_internal_w = NAN,
                                     .exact_leakage_w = NAN,
                                     .exact_glitch_w = NAN,
                                     .power_half_width_w = NAN,
                                     .glitch_half_width_w = NAN,
                                     .energy_half_width_j = NAN,
                                     .total_half_width_w = NAN,
                                     .engine_internal_w = NAN,
                                     .engine_switching_w = NAN,
                                     .engine_leakage_w = NAN};
}

int mp_store_put_ppa(struct mp_store *s, const struct mp_ppa_record *r,
                     const struct mp_store_context *c, struct mp_error *err)
{
    pthread_mutex_lock(&s->mutex);
    int rc = mp_store_begin(s, err);
    if (rc == MP_OK)
        rc = mp_store_end(s, insert_ppa(s, r, c, err), err);
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

int mp_store_put_trace(struct mp_store *s, const struct mp_trace_record *r, struct mp_error *err)
{
    pthread_mutex_lock(&s->mutex);
    int rc = mp_store_begin(s, err);
    if (rc == MP_OK)
        rc = mp_store_end(s, insert_trace(s, r, err), err);
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

int mp_store_put_estimates(struct mp_store *s, const struct mp_estimate_record *records,
                           size_t count, const struct mp_store_context *c, struct mp_error *err)
{
    pthread_mutex_lock(&s->mutex);
    int rc = mp_store_begin(s, err);
    if (rc == MP_OK) {
        for (size_t i = 0; rc == MP_OK && i < count; i++)
            rc = insert_estimate(s, &records[i], c, err);
        rc = mp_store_end(s, rc, err);
    }
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

int mp_store_put_estimate(struct mp_store *s, const struct mp_estimate_record *r,
                          const struct mp_store_context *c, struct mp_error *err)
{
    return mp_store_put_estimates(s, r, 1, c, err);
}
