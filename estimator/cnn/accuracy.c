#include "estimator/cnn/infer.h"
#include "estimator/util/parallel.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

struct scoring {
    const struct mp_model *model;
    const struct mp_dataset *dataset;
    atomic_uint next;           /* first image of the next batch */
    struct mp_accuracy *scores; /* [thread] */
};

/* How many classes come before the label: larger, or equal with a smaller index. A label whose
 * score is no number comes last. */
static uint32_t rank_of(const float *scores, uint32_t classes, uint32_t label)
{
    uint32_t rank = 0;

    if (isnan(scores[label]))
        return classes;
    for (uint32_t c = 0; c < classes; c++)
        rank += scores[c] > scores[label] || isnan(scores[c]) ||
                (c < label && scores[c] == scores[label]);
    return rank;
}

static int score_job(void *context, size_t index, struct mp_error *err)
{
    struct scoring *s = context;
    const struct mp_network *n = s->model->network;
    const struct mp_dataset *d = s->dataset;
    struct mp_accuracy *a = &s->scores[index];
    struct mp_workspace w;
    uint32_t classes = (uint32_t)mp_shape_elements(&n->shapes[n->output_tensor]), first;
    int rc = mp_workspace_init_lean(&w, s->model, err);

    if (rc < 0)
        return rc;
    while ((first = atomic_fetch_add(&s->next, w.batch)) < d->count) {
        uint32_t count = d->count - first < w.batch ? d->count - first : w.batch;
        rc = mp_workspace_load(&w, d, 0, first, count, err);
        if (rc < 0)
            break;
        mp_workspace_run(&w, count);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t rank = rank_of(w.tensors[n->output_tensor] + (size_t)i * classes, classes,
                                    d->labels[first + i]);
            a->images++;
            a->top1 += rank < 1;
            a->top5 += rank < 5;
        }
    }
    mp_workspace_release(&w);
    return rc;
}

static int check_labels(const struct mp_network *n, const struct mp_dataset *d,
                        struct mp_error *err)
{
    uint64_t classes = mp_shape_elements(&n->shapes[n->output_tensor]);

    for (uint32_t i = 0; i < d->count; i++)
        if (d->labels[i] >= classes)
            return mp_fail(err, MP_E_INPUT,
                           "image %u has label %u, but network %s has %llu classes", i,
                           d->labels[i], n->name, (unsigned long long)classes);
    return MP_OK;
}

int mp_model_accuracy(struct mp_accuracy *a, const struct mp_model *m, const struct mp_dataset *d,
                      unsigned threads, struct mp_error *err)
{
    struct scoring s = {.model = m, .dataset = d};
    int rc = mp_infer_check(m->network, d, err);

    *a = (struct mp_accuracy){0, 0, 0};
    if (rc == MP_OK)
        rc = mp_network_check_complete(m->network, err);
    if (rc == MP_OK)
        rc = check_labels(m->network, d, err);
    if (rc < 0)
        return rc;
    threads = threads == 0 ? mp_core_count() : threads;
    s.scores = mp_alloc(threads, sizeof *s.scores);
    rc = mp_parallel_for(threads, threads, score_job, &s, err);
    for (unsigned t = 0; t < threads && rc == MP_OK; t++) {
        a->images += s.scores[t].images;
        a->top1 += s.scores[t].top1;
        a->top5 += s.scores[t].top5;
    }
    free(s.scores);
    return rc;
}

int mp_network_accuracy(struct mp_accuracy *a, const struct mp_network *n,
                        const struct mp_quantisation *q, const struct mp_dataset *d,
                        unsigned threads, struct mp_error *err)
{
    struct mp_model model;

    mp_model_init(&model, n, q);
    int rc = mp_model_accuracy(a, &model, d, threads, err);
    mp_model_release(&model);
    return rc;
}
