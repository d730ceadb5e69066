/* Networks, accuracies and what their layers weigh: written and read. */
#include "estimator/store/internal.h"
#include "estimator/util/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int mp_store_put_network(struct mp_store *s, const struct mp_network_record *r,
                         struct mp_error *err)
{
    struct mp_bound b;
    pthread_mutex_lock(&s->mutex);
    mp_bound_init(&b, s, MP_SQL_PUT_NETWORK, "network", err);
    mp_bind_text(&b, "network", r->network);
    mp_bind_text(&b, "network_hash", r->network_hash);
    mp_bind_count(&b, "whole_macs", r->whole_macs);
    mp_bind_count(&b, "weight_count", r->weight_count);
    mp_bind_text(&b, "note", r->note ? r->note : "");
    int rc = mp_bound_run(&b);
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

void mp_accuracy_layer_init(struct mp_accuracy_layer *l)
{
    *l = (struct mp_accuracy_layer){.distinct_weights = MP_UNKNOWN_COUNT,
                                    .zero_skipping_bits = MP_UNKNOWN_COUNT,
                                    .skipping_index_bits = MP_UNKNOWN_COUNT,
                                    .smallest_weight_unit_exponent = MP_UNKNOWN_EXPONENT,
                                    .largest_weight_unit_exponent = MP_UNKNOWN_EXPONENT,
                                    .activation_unit_exponent = MP_UNKNOWN_EXPONENT};
}

static int check_ranks(const struct mp_store *s, const struct mp_accuracy_record *r,
                       struct mp_error *err)
{
    uint32_t scored = 0, top1 = 0, top5 = 0;
    if (!r->ranks)
        return MP_OK;
    for (uint32_t i = 0; i < r->planned_images; i++) {
        scored += r->ranks[i] != 255;
        top1 += r->ranks[i] < 1;
        top5 += r->ranks[i] < 5;
    }
    if (scored == r->images && top1 == r->top1 && top5 == r->top5)
        return MP_OK;
    return mp_fail(err, MP_E_DATABASE,
                   "%s: accuracy: ranks say %u images, %u top-1, %u top-5, and the record %u, %u, "
                   "%u; the result is not stored",
                   s->path, scored, top1, top5, r->images, r->top1, r->top5);
}

/* *replace: there is a row that knows less. *keep: there is one that does not. */
static int compare_known(struct mp_store *s, const struct mp_accuracy_record *r, bool *replace,
                         bool *keep, struct mp_error *err)
{
    struct mp_bound b;
    bool found;
    *replace = *keep = false;
    mp_bound_init(&b, s, MP_SQL_KNOWN_ACCURACY, "accuracy", err);
    mp_bind_text(&b, "key", r->key);
    int rc = mp_bound_step(&b, &found);
    if (found) {
        int64_t images = sqlite3_column_int64(b.statement, 1);
        bool has_ranks = sqlite3_column_int(b.statement, 2) != 0;
        bool has_layers = sqlite3_column_int(b.statement, 3) != 0;
        bool adds = (r->ranks && !has_ranks) || (r->layer_count > 0 && !has_layers);
        bool lacks = (!r->ranks && has_ranks) || (r->layer_count == 0 && has_layers);
        *replace = r->images > images || (r->images == images && adds && !lacks);
        *keep = !*replace;
    }
    mp_bound_reset(&b);
    return rc;
}

static int write_row(struct mp_store *s, enum mp_statement statement,
                     const struct mp_accuracy_record *r, const int64_t ids[2], int64_t *id,
                     struct mp_error *err)
{
    struct mp_bound b;
    mp_bound_init(&b, s, statement, "accuracy", err);
    mp_bind_text(&b, "key", r->key);
    mp_bind_id(&b, ids[0]);
    mp_bind_id(&b, ids[1]);
    mp_bind_text(&b, "dataset_hash", r->dataset_hash);
    mp_bind_text(&b, "weight_format", r->weight_format);
    mp_bind_text(&b, "activation_format", r->activation_format);
    mp_bind_text(&b, "weight_scope", r->weight_scope);
    mp_bind_text(&b, "activation_scope", r->activation_scope);
    mp_bind_text(&b, "calibration", r->calibration);
    mp_bind_text(&b, "weight_calibration", r->weight_calibration);
    mp_bind_text(&b, "activation_calibration", r->activation_calibration);
    mp_bind_text(&b, "overrides", r->overrides);
    mp_bind_text(&b, "engine", r->engine);
    mp_bind_count(&b, "images", r->images);
    mp_bind_count(&b, "planned_images", r->planned_images);
    mp_bind_count(&b, "top1", r->top1);
    mp_bind_count(&b, "top5", r->top5);
    mp_bind_count(&b, "weight_count", r->weight_count);
    mp_bind_count(&b, "weight_bits", r->weight_bits);
    mp_bind_count(&b, "accumulator_bits", r->accumulator_bits);
    if (r->ranks)
        mp_bind_blob(&b, r->ranks, r->planned_images);
    else
        mp_bind_id(&b, -1);
    return mp_bound_find(&b, id);
}

static int insert_layer(struct mp_store *s, int64_t accuracy, const struct mp_accuracy_layer *l,
                        struct mp_error *err)
{
    struct mp_bound b;
    mp_bound_init(&b, s, MP_SQL_INSERT_LAYER, "layer of an accuracy", err);
    mp_bind_id(&b, accuracy);
    mp_bind_count(&b, "index", l->index);
    mp_bind_text(&b, "layer", l->layer);
    mp_bind_text(&b, "kind", l->kind);
    mp_bind_text(&b, "weight_format", l->weight_format);
    mp_bind_text(&b, "activation_format", l->activation_format);
    mp_bind_count(&b, "weight_count", l->weight_count);
    mp_bind_count(&b, "zero_weights", l->zero_weights);
    mp_bind_known_count(&b, "distinct_weights", l->distinct_weights);
    mp_bind_count(&b, "code_bits", l->code_bits);
    mp_bind_count(&b, "scale_bits", l->scale_bits);
    mp_bind_count(&b, "table_bits", l->table_bits);
    mp_bind_known_count(&b, "zero_skipping_bits", l->zero_skipping_bits);
    mp_bind_known_count(&b, "skipping_index_bits", l->skipping_index_bits);
    mp_bind_count(&b, "macs", l->macs);
    mp_bind_known_exponent(&b, l->smallest_weight_unit_exponent);
    mp_bind_known_exponent(&b, l->largest_weight_unit_exponent);
    mp_bind_known_exponent(&b, l->activation_unit_exponent);
    mp_bind_known_count(&b, "accumulator_bits",
                        l->accumulator_bits > 0 ? l->accumulator_bits : MP_UNKNOWN_COUNT);
    return mp_bound_run(&b);
}

static int delete_layers(struct mp_store *s, int64_t accuracy, struct mp_error *err)
{
    struct mp_bound b;
    mp_bound_init(&b, s, MP_SQL_DELETE_LAYERS, "layers of an accuracy", err);
    mp_bind_id(&b, accuracy);
    return mp_bound_run(&b);
}

static int put_accuracy(struct mp_store *s, const struct mp_accuracy_record *r,
                        const struct mp_store_context *c, struct mp_error *err)
{
    int64_t id, ids[2];
    bool replace = false, keep = false;
    int rc = check_ranks(s, r, err);
    if (rc == MP_OK)
        rc = compare_known(s, r, &replace, &keep, err);
    if (rc != MP_OK || keep)
        return rc;
    rc = mp_intern_network(s, r->network, r->network_hash, &ids[0], err);
    if (rc == MP_OK)
        rc = mp_intern_context(s, c, &ids[1], err);
    if (rc == MP_OK)
        rc = write_row(s, replace ? MP_SQL_UPDATE_ACCURACY : MP_SQL_INSERT_ACCURACY, r, ids, &id,
                       err);
    if (rc == MP_OK && replace)
        rc = delete_layers(s, id, err);
    for (uint32_t i = 0; rc == MP_OK && i < r->layer_count; i++)
        rc = insert_layer(s, id, &r->layers[i], err);
    return rc;
}

int mp_store_put_accuracy(struct mp_store *s, const struct mp_accuracy_record *r,
                          const struct mp_store_context *c, struct mp_error *err)
{
    pthread_mutex_lock(&s->mutex);
    int rc = mp_store_begin(s, err);
    if (rc == MP_OK)
        rc = mp_store_end(s, put_accuracy(s, r, c, err), err);
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

static char *text_at(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return mp_strdup(text ? text : "");
}

static uint64_t count_at(sqlite3_stmt *statement, int column)
{
    return (uint64_t)sqlite3_column_int64(statement, column);
}

static uint64_t known_count_at(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL ? MP_UNKNOWN_COUNT
                                                                 : count_at(statement, column);
}

static int exponent_at(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? MP_UNKNOWN_EXPONENT
               : sqlite3_column_int(statement, column);
}

static const uint8_t *ranks_at(sqlite3_stmt *statement, int column, uint32_t planned_images)
{
    const void *blob = sqlite3_column_blob(statement, column);
    if (!blob || (uint32_t)sqlite3_column_bytes(statement, column) != planned_images)
        return NULL;
    uint8_t *ranks = mp_alloc(planned_images, 1);
    memcpy(ranks, blob, planned_images);
    return ranks;
}

static void read_row(sqlite3_stmt *statement, struct mp_accuracy_record *r)
{
    const char **strings[] = {&r->network,
                              &r->network_hash,
                              &r->dataset_hash,
                              &r->weight_format,
                              &r->activation_format,
                              &r->weight_scope,
                              &r->activation_scope,
                              &r->calibration,
                              &r->weight_calibration,
                              &r->activation_calibration,
                              &r->overrides,
                              &r->engine};
    uint32_t *numbers[] = {&r->images, &r->planned_images, &r->top1, &r->top5};
    int column = 0;
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        *strings[i] = text_at(statement, column++);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = (uint32_t)count_at(statement, column++);
    r->weight_count = count_at(statement, column++);
    r->weight_bits = count_at(statement, column++);
    r->accumulator_bits = (uint32_t)count_at(statement, column++);
    r->ranks = ranks_at(statement, column, r->planned_images);
}

static void read_layer(sqlite3_stmt *statement, struct mp_accuracy_layer *l)
{
    uint64_t accumulator = known_count_at(statement, 17);
    mp_accuracy_layer_init(l);
    l->index = (uint32_t)count_at(statement, 0);
    l->layer = text_at(statement, 1);
    l->kind = text_at(statement, 2);
    l->weight_format = text_at(statement, 3);
    l->activation_format = text_at(statement, 4);
    l->weight_count = count_at(statement, 5);
    l->zero_weights = count_at(statement, 6);
    l->distinct_weights = known_count_at(statement, 7);
    l->code_bits = count_at(statement, 8);
    l->scale_bits = count_at(statement, 9);
    l->table_bits = count_at(statement, 10);
    l->zero_skipping_bits = known_count_at(statement, 11);
    l->skipping_index_bits = known_count_at(statement, 12);
    l->macs = count_at(statement, 13);
    l->smallest_weight_unit_exponent = exponent_at(statement, 14);
    l->largest_weight_unit_exponent = exponent_at(statement, 15);
    l->activation_unit_exponent = exponent_at(statement, 16);
    l->accumulator_bits = accumulator == MP_UNKNOWN_COUNT ? 0 : (uint32_t)accumulator;
}

static int read_layers(struct mp_store *s, struct mp_accuracy_record *r, struct mp_error *err)
{
    struct mp_accuracy_layer *layers = NULL;
    uint32_t capacity = 0;
    struct mp_bound b;
    bool found;
    mp_bound_init(&b, s, MP_SQL_GET_LAYERS, "layers of an accuracy", err);
    mp_bind_text(&b, "key", r->key);
    int rc = mp_bound_step(&b, &found);
    for (; found; rc = mp_bound_step(&b, &found)) {
        if (r->layer_count == capacity) {
            capacity = capacity > 0 ? 2 * capacity : 16;
            layers = mp_realloc(layers, capacity, sizeof *layers);
            r->layers = layers;
        }
        assert(layers != NULL);
        read_layer(b.statement, &layers[r->layer_count++]);
    }
    mp_bound_reset(&b);
    return rc;
}

int mp_store_get_accuracy(struct mp_store *s, const char *key, struct mp_accuracy_record *r,
                          bool *found, struct mp_error *err)
{
    struct mp_bound b;
    memset(r, 0, sizeof *r);
    pthread_mutex_lock(&s->mutex);
    mp_bound_init(&b, s, MP_SQL_GET_ACCURACY, "accuracy", err);
    mp_bind_text(&b, "key", key);
    int rc = mp_bound_step(&b, found);
    if (*found) {
        memcpy(r->key, key, strnlen(key, MP_HASH_SIZE - 1));
        read_row(b.statement, r);
    }
    /* Before the reset: both statements so see the same moment. */
    if (*found)
        rc = read_layers(s, r, err);
    mp_bound_reset(&b);
    pthread_mutex_unlock(&s->mutex);
    if (rc != MP_OK) {
        *found = false;
        mp_accuracy_record_release(r);
    }
    return rc;
}

/* Records that come from the store own what they point to; const is for the callers' sake. */
void mp_accuracy_record_release(struct mp_accuracy_record *r)
{
    const char *strings[] = {r->network,
                             r->network_hash,
                             r->dataset_hash,
                             r->weight_format,
                             r->activation_format,
                             r->weight_scope,
                             r->activation_scope,
                             r->calibration,
                             r->weight_calibration,
                             r->activation_calibration,
                             r->overrides,
                             r->engine};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        free((void *)strings[i]);
    for (uint32_t i = 0; i < r->layer_count; i++) {
        free((void *)r->layers[i].layer);
        free((void *)r->layers[i].kind);
        free((void *)r->layers[i].weight_format);
        free((void *)r->layers[i].activation_format);
    }
    free((void *)r->layers);
    free((void *)r->ranks);
    memset(r, 0, sizeof *r);
}
