#include "estimator/cnn/synthetic.h"
#include "estimator/images/image_list.h"
#include "estimator/pipeline/record_layers.h"
#include "estimator/pipeline/workload_parts.h"
#include <stdlib.h>
#include <string.h>

/* IDX files with labels by their content; else every file of the list, as the network sees it. */
static int hash_images(char out[MP_HASH_SIZE], const struct mp_experiment *e, const char *images,
                       const char *labels, const struct mp_split *split, struct mp_error *err)
{
    struct mp_hash *h = mp_hash_create();
    struct mp_image_list list = {0};
    struct mp_arena arena = {0};
    char one[MP_HASH_SIZE];
    int rc;

    mp_preprocess_hash(&e->preprocess, h);
    if (labels != NULL) {
        if ((rc = mp_hash_file(images, one, err)) == MP_OK) {
            mp_hash_string(h, one);
            rc = mp_hash_file(labels, one, err);
        }
        mp_hash_string(h, one);
        if (rc < 0)
            mp_error_context(err, "images of the experiment (Debian's default set is the package "
                                  "dataset-fashion-mnist)");
    } else if ((rc = mp_image_list_read(&list, &arena, images, e->image_folder, 0, err)) == MP_OK) {
        for (uint32_t i = 0; i < list.count && rc == MP_OK; i++) {
            /* A file that is missing is the reader's to report, or to leave out. */
            if (mp_hash_file(list.paths[i], one, NULL) < 0)
                one[0] = '\0';
            mp_hash_string(h, one);
            mp_hash_u64(h, list.labels[i]);
        }
    }
    mp_hash_u64(h, e->allow_damaged);
    mp_split_hash(split, h);
    mp_hash_digest(h, out);
    mp_hash_destroy(h);
    mp_image_list_release(&list);
    mp_arena_release(&arena);
    return rc;
}

static int hash_network_files(struct mp_workload *w, struct mp_error *err)
{
    const struct mp_experiment *e = w->experiment;
    struct mp_hash *h;
    char weights[MP_HASH_SIZE];
    int rc = mp_hash_file(e->network, w->network_hash, err);

    if (rc == MP_OK && e->network_weights != NULL &&
        (rc = mp_hash_file(e->network_weights, weights, err)) == MP_OK) {
        h = mp_hash_create();
        mp_hash_string(h, w->network_hash);
        mp_hash_string(h, weights);
        mp_hash_digest(h, w->network_hash);
        mp_hash_destroy(h);
    }
    if (rc < 0)
        mp_error_context(err, "network of the experiment");
    return rc;
}

int mp_workload_open(struct mp_workload *w, const struct mp_experiment *e, struct mp_error *err)
{
    int rc;

    w->experiment = e;
    pthread_mutex_init(&w->lock, NULL);
    w->has_network = e->network != NULL;
    if (e->trace_file != NULL && (rc = mp_hash_file(e->trace_file, w->trace_hash, err)) < 0)
        return rc;
    if (!w->has_network)
        return MP_OK;
    const struct mp_split kept = {e->calibration_every, MP_PART_KEPT};
    const struct mp_split apart = {e->calibration_every, MP_PART_SET_APART};
    if ((rc = hash_network_files(w, err)) < 0 ||
        (rc = hash_images(w->test_hash, e, e->test_images, e->test_labels, &kept, err)) < 0)
        return rc;
    if (e->calibration_every > 0)
        return hash_images(w->calibration_hash, e, e->test_images, e->test_labels, &apart, err);
    return e->calibration_images == NULL
               ? MP_OK
               : hash_images(w->calibration_hash, e, e->calibration_images, e->calibration_labels,
                             &(struct mp_split){0}, err);
}

void mp_workload_release(struct mp_workload *w)
{
    if (w->experiment != NULL)
        pthread_mutex_destroy(&w->lock);
    mp_quantisation_release(&w->quantisation);
    mp_calibration_data_release(&w->calibrated);
    mp_network_release(&w->network);
    mp_dataset_release(&w->test);
    mp_dataset_release(&w->calibration);
    memset(w, 0, sizeof *w);
}

static int load_images(struct mp_dataset *d, const struct mp_workload *w, const char *images,
                       const char *labels, const struct mp_split *split, uint32_t limit,
                       struct mp_error *err)
{
    const struct mp_experiment *e = w->experiment;
    const struct mp_image_options o = {.path = images,
                                       .folder = e->image_folder,
                                       .split = *split,
                                       .limit = limit,
                                       .allow_damaged = e->allow_damaged,
                                       .threads = e->threads};
    int rc;

    if (labels == NULL)
        return mp_dataset_open_images(d, &o, &e->preprocess,
                                      &w->network.shapes[w->network.input_tensor], err);
    if ((rc = mp_dataset_read_idx_part(d, images, labels, split, limit, err)) < 0)
        return rc;
    return e->has_preprocess ? mp_dataset_set_values(d, &e->preprocess, err) : MP_OK;
}

static int load_both(struct mp_workload *w, struct mp_error *err)
{
    const struct mp_experiment *e = w->experiment;
    const struct mp_split kept = {e->calibration_every, MP_PART_KEPT};
    const struct mp_split apart = {e->calibration_every, MP_PART_SET_APART};
    int rc = load_images(&w->test, w, e->test_images, e->test_labels, &kept, 0, err);

    if (rc < 0)
        return rc;
    if (e->calibration_every > 0)
        return load_images(&w->calibration, w, e->test_images, e->test_labels, &apart,
                           e->calibration_count, err);
    return e->calibration_images == NULL
               ? MP_OK
               : load_images(&w->calibration, w, e->calibration_images, e->calibration_labels,
                             &(struct mp_split){0}, e->calibration_count, err);
}

static void name_damaged(const struct mp_workload *w, const struct mp_dataset *d)
{
    for (uint32_t i = 0; d->images != NULL && i < d->images->damaged_count; i++)
        mp_log_write(w->log, MP_LOG_WARNING, "image %s is left out: %s", d->images->damaged[i].name,
                     d->images->damaged[i].reason);
}

int mp_workload_load(struct mp_workload *w, struct mp_error *err)
{
    const struct mp_experiment *e = w->experiment;
    int rc;

    if (w->loaded)
        return MP_OK;
    const struct mp_network_source source = {
        .weights = e->network_weights, .missing = e->missing, .fill = mp_synthetic_fill};
    if ((rc = mp_network_read(&w->network, e->network, &source, err)) < 0 ||
        (rc = load_both(w, err)) < 0)
        return rc;
    name_damaged(w, &w->test);
    name_damaged(w, &w->calibration);
    w->loaded = true;
    return MP_OK;
}

static struct mp_scheme scheme_of(const struct mp_workload *w, const struct mp_format *weight,
                                  const struct mp_format *activation)
{
    struct mp_scheme s = w->experiment->scheme;

    s.weight = *weight;
    s.activation = *activation;
    return s;
}

void mp_workload_hash(struct mp_hash *h, const struct mp_workload *w,
                      const struct mp_format *weight, const struct mp_format *activation)
{
    struct mp_scheme s = scheme_of(w, weight, activation);

    mp_hash_string(h, w->network_hash);
    mp_hash_string(h, w->test_hash);
    mp_hash_u64(h, w->experiment->missing);
    if (w->experiment->missing == MP_MISSING_FILLED)
        mp_hash_u64(h, MP_SYNTHETIC_VERSION);
    if (mp_scheme_is_reference(&s))
        return;
    mp_scheme_hash(&s, h);
    mp_hash_string(h, w->calibration_hash);
    mp_hash_u64(h, w->experiment->calibration_count);
}

void mp_workload_accuracy_key(const struct mp_workload *w, const struct mp_format *weight,
                              const struct mp_format *activation, char key[MP_HASH_SIZE])
{
    struct mp_hash *h = mp_hash_create();

    mp_hash_string(h, "accuracy");
    mp_hash_u64(h, MP_WORKLOAD_VERSION);
    mp_workload_hash(h, w, weight, activation);
    mp_hash_digest(h, key);
    mp_hash_destroy(h);
}

/* Weights alone need no images, activations do. */
int mp_workload_make_quantisation(struct mp_workload *w, const struct mp_format *weight,
                                  const struct mp_format *activation, struct mp_quantisation *q,
                                  struct mp_error *err)
{
    const struct mp_scheme s = scheme_of(w, weight, activation);
    int rc;

    if (w->calibration.count > 0 && !w->is_calibrated) {
        if ((rc = mp_calibration_data_collect(&w->calibrated, &w->network, &w->calibration,
                                              w->calibration.count, w->experiment->threads, err)) <
            0)
            return rc;
        w->is_calibrated = true;
    }
    rc = mp_quantisation_make(q, &w->network, &s, w->is_calibrated ? &w->calibrated : NULL, err);
    return rc;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

const char *mp_workload_network_name(const struct mp_workload *w)
{
    const struct mp_experiment *e = w->experiment;

    return e->network_name != NULL ? e->network_name : base_name(e->network);
}

static void name(const struct mp_workload *w, const struct mp_format *weight,
                 const struct mp_format *activation, struct mp_accuracy_record *out)
{
    const struct mp_experiment *e = w->experiment;
    char text[MP_FORMAT_NAME_SIZE], how[2][MP_CALIBRATION_NAME_SIZE];

    mp_workload_accuracy_key(w, weight, activation, out->key);
    out->network = mp_strdup(mp_workload_network_name(w));
    out->network_hash = mp_strdup(w->network_hash);
    out->dataset_hash = mp_strdup(w->test_hash);
    out->weight_format = mp_strdup(mp_format_name(weight, text));
    out->activation_format = mp_strdup(mp_format_name(activation, text));
    out->weight_scope = mp_strdup(mp_scope_name(e->scheme.weight_scope));
    out->activation_scope = mp_strdup(mp_scope_name(e->scheme.activation_scope));
    out->weight_calibration = mp_strdup(mp_calibration_name(&e->scheme.weight_calibration, how[0]));
    out->activation_calibration =
        mp_strdup(mp_calibration_name(&e->scheme.activation_calibration, how[1]));
    out->overrides = mp_scheme_overrides_text(&e->scheme);
    out->calibration = mp_asprintf("weights %s, activations %s, %u images",
                                   mp_calibration_name(&e->scheme.weight_calibration, how[0]),
                                   mp_calibration_name(&e->scheme.activation_calibration, how[1]),
                                   e->calibration_count);
}

static uint8_t *copy_ranks(const struct mp_scores *s)
{
    uint8_t *ranks = mp_alloc(s->images, 1);

    memcpy(ranks, s->ranks, s->images);
    return ranks;
}

void mp_workload_record(const struct mp_workload *w, const struct mp_format *weight,
                        const struct mp_format *activation, const struct mp_quantisation *q,
                        const struct mp_scores *scores, bool is_integer,
                        struct mp_accuracy_record *out)
{
    memset(out, 0, sizeof *out);
    out->images = mp_scores_count(scores);
    out->planned_images = scores->images;
    out->top1 = mp_scores_top(scores, 1);
    out->top5 = mp_scores_top(scores, 5);
    out->ranks = copy_ranks(scores);
    out->engine = mp_strdup(q == NULL ? "float32" : is_integer ? "integer" : "fake");
    out->weight_count = mp_network_weight_count(&w->network);
    out->weight_bits =
        q != NULL ? mp_quantisation_weight_bits(q, &w->network) : 32 * out->weight_count;
    /* Formats that no netlist has are scored all the same. */
    if (q == NULL ||
        mp_quantisation_accumulator_bits(q, &w->network, NULL, &out->accumulator_bits, NULL) < 0)
        out->accumulator_bits = 0;
    name(w, weight, activation, out);
    /* Nobody asks what the layers weigh in a format that was given up. */
    if (out->images == out->planned_images)
        mp_record_layers(out, &w->network, q);
}

static int score(struct mp_workload *w, const struct mp_quantisation *q, struct mp_scores *scores,
                 struct mp_error *err)
{
    struct mp_model model;
    int rc;

    mp_model_init(&model, &w->network, q);
    rc = mp_model_score(scores, &model, &w->test, 0, w->test.count, w->experiment->threads, err);
    mp_model_release(&model);
    return rc;
}

int mp_workload_accuracy(struct mp_workload *w, const struct mp_format *weight,
                         const struct mp_format *activation, struct mp_log *log,
                         struct mp_accuracy_record *out, struct mp_error *err)
{
    const struct mp_scheme s = scheme_of(w, weight, activation);
    bool is_reference = mp_scheme_is_reference(&s);
    struct mp_quantisation q = {0};
    struct mp_scores scores = {0};
    int rc;

    memset(out, 0, sizeof *out);
    if ((rc = mp_workload_load(w, err)) < 0)
        return rc;
    if (!is_reference && (rc = mp_workload_make_quantisation(w, weight, activation, &q, err)) < 0)
        goto out;
    if (q.clipped_negative > 0)
        mp_log_write(
            log, MP_LOG_WARNING,
            "%.2f %% of the calibration inputs are negative and an unsigned activation "
            "format sets them to 0; use fixed<W>, which is signed where that is so, or int<W>",
            100.0 * (double)q.clipped_negative / (double)q.calibration_values);
    mp_scores_init(&scores, w->test.count);
    if ((rc = score(w, is_reference ? NULL : &q, &scores, err)) == MP_OK)
        mp_workload_record(w, weight, activation, is_reference ? NULL : &q, &scores, false, out);
out:
    mp_scores_release(&scores);
    mp_quantisation_release(&q);
    return rc;
}

int mp_workload_quantise(struct mp_workload *w, const struct mp_format *weight,
                         const struct mp_format *activation, struct mp_error *err)
{
    int rc;

    if (w->is_quantised && mp_format_equal(&w->quantised_weight, weight) &&
        mp_format_equal(&w->quantised_activation, activation))
        return MP_OK;
    mp_quantisation_release(&w->quantisation);
    w->is_quantised = false;
    if ((rc = mp_workload_load(w, err)) < 0 ||
        (rc = mp_workload_make_quantisation(w, weight, activation, &w->quantisation, err)) < 0)
        return rc;
    w->quantised_weight = *weight;
    w->quantised_activation = *activation;
    w->is_quantised = true;
    return MP_OK;
}

int mp_workload_put_network(struct mp_workload *w, struct mp_store *store, struct mp_error *err)
{
    int rc = mp_workload_load(w, err);
    const struct mp_network_record record = {.network = mp_workload_network_name(w),
                                             .network_hash = w->network_hash,
                                             .whole_macs = w->network.whole_macs,
                                             .weight_count = mp_network_weight_count(&w->network),
                                             .note = w->experiment->network_notes};

    return rc < 0 ? rc : mp_store_put_network(store, &record, err);
}
