#include "estimator/store/internal.h"
#include "estimator/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* Reads columns from left to right. */
struct columns {
    sqlite3_stmt *statement;
    int next;
};

static char *next_text(struct columns *c)
{
    const char *text = (const char *)sqlite3_column_text(c->statement, c->next++);
    return mp_strdup(text ? text : "");
}

static uint64_t next_u64(struct columns *c)
{
    return (uint64_t)sqlite3_column_int64(c->statement, c->next++);
}

static uint32_t next_u32(struct columns *c)
{
    return (uint32_t)next_u64(c);
}

static double next_real(struct columns *c)
{
    return sqlite3_column_double(c->statement, c->next++);
}

static int next_blob(struct columns *c, const char **text, struct mp_error *err)
{
    char *expanded;
    size_t size = (size_t)next_u64(c);
    const void *blob = sqlite3_column_blob(c->statement, c->next);
    size_t blob_size = (size_t)sqlite3_column_bytes(c->statement, c->next++);
    int rc = mp_blob_expand(blob, blob_size, size, &expanded, err);
    *text = expanded;
    return rc;
}

static int read_ppa(struct columns *c, struct mp_ppa_record *r, struct mp_error *err)
{
    const char **strings[] = {&r->design,       &r->weight_format,  &r->activation_format,
                              &r->unit,         &r->multiplier,     &r->library,
                              &r->library_hash, &r->corner,         &r->wire_load,
                              &r->recipe,       &r->proof_rtl,      &r->proof_netlist,
                              &r->equivalence,  &r->block_origin,   &r->adder,
                              &r->form,         &r->sign,           &r->shift,
                              &r->shifter,      &r->alignment,      &r->rounding,
                              &r->low_power,    &r->implementation, &r->objective,
                              &r->driving_cell};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        *strings[i] = next_text(c);
    r->weight_bits = next_u32(c);
    r->activation_bits = next_u32(c);
    r->accumulator_bits = next_u32(c);
    r->terms = next_u32(c);
    r->stages = next_u32(c);
    r->drop_bits = next_u32(c);
    r->guard_bits = next_u32(c);
    r->is_combinational = next_u32(c) != 0;
    r->evaluations = next_u64(c);
    r->is_resized = next_u32(c) != 0;
    r->keep_blocks = next_u32(c) != 0;
    r->synthesis_runs = next_u32(c);
    r->best_variant = next_u32(c);
    r->cell_count = next_u32(c);
    r->register_count = next_u32(c);
    r->proof_rtl_vectors = next_u64(c);
    r->proof_netlist_vectors = next_u64(c);
    r->voltage_v = next_real(c);
    r->temperature_c = next_real(c);
    r->clock_period_s = next_real(c);
    r->area_um2 = next_real(c);
    r->critical_path_s = next_real(c);
    r->slack_s = next_real(c);
    r->area_median_um2 = next_real(c);
    r->area_max_um2 = next_real(c);
    r->critical_path_median_s = next_real(c);
    r->critical_path_max_s = next_real(c);
    r->yosys_wall_s = next_real(c);
    r->opensta_wall_s = next_real(c);
    r->max_delay_s = next_real(c);
    r->max_area_um2 = next_real(c);
    r->max_power_w = next_real(c);
    r->budget_s = next_real(c);
    r->output_load_f = next_real(c);
    int rc = next_blob(c, &r->verilog, err);
    return rc == MP_OK ? next_blob(c, &r->netlist, err) : rc;
}

int mp_store_get_ppa(struct mp_store *s, const char *key, struct mp_ppa_record *r, bool *found,
                     struct mp_error *err)
{
    struct mp_bound b;
    memset(r, 0, sizeof *r);
    pthread_mutex_lock(&s->mutex);
    mp_bound_init(&b, s, MP_SQL_GET_PPA, "PPA point", err);
    mp_bind_text(&b, "key", key);
    int rc = mp_bound_step(&b, found);
    if (*found) {
        struct columns c = {b.statement, 0};
        memcpy(r->key, key, strnlen(key, MP_HASH_SIZE - 1));
        rc = read_ppa(&c, r, err);
    }
    mp_bound_reset(&b);
    pthread_mutex_unlock(&s->mutex);
    if (rc != MP_OK) {
        *found = false;
        mp_ppa_record_release(r);
    }
    return rc;
}

int mp_store_has_estimate(struct mp_store *s, const char *key, bool *found, struct mp_error *err)
{
    int64_t id;
    pthread_mutex_lock(&s->mutex);
    int rc = mp_find_key(s, MP_SQL_FIND_ESTIMATE, "estimate", key, &id, err);
    pthread_mutex_unlock(&s->mutex);
    *found = rc == MP_OK && id >= 0;
    return rc;
}

/* Records that come from the store own their strings; const is for the callers' sake. */
static void release(const char *const *strings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)strings[i]);
}

void mp_ppa_record_release(struct mp_ppa_record *r)
{
    const char *strings[] = {r->design,         r->weight_format, r->activation_format,
                             r->unit,           r->multiplier,    r->library,
                             r->library_hash,   r->corner,        r->wire_load,
                             r->recipe,         r->proof_rtl,     r->proof_netlist,
                             r->equivalence,    r->verilog,       r->netlist,
                             r->block_origin,   r->adder,         r->form,
                             r->sign,           r->shift,         r->shifter,
                             r->alignment,      r->rounding,      r->low_power,
                             r->implementation, r->objective,     r->driving_cell};
    release(strings, sizeof strings / sizeof *strings);
    memset(r, 0, sizeof *r);
}
