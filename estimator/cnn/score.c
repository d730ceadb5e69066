#include "estimator/cnn/score.h"

#include "estimator/util/memory.h"
#include "estimator/util/parallel.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define HIGHEST_RANK (MP_RANK_NOT_SCORED - 1)

void mp_scores_init(struct mp_scores *s, uint32_t images)
{
    s->images = images;
    s->ranks = mp_alloc(images + (size_t)1, sizeof *s->ranks);
    memset(s->ranks, MP_RANK_NOT_SCORED, images);
}

void mp_scores_release(struct mp_scores *s)
{
    if (s == NULL)
        return;
    free(s->ranks);
    *s = (struct mp_scores){0};
}

uint32_t mp_scores_count(const struct mp_scores *s)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->images; i++)
        count += s->ranks[i] != MP_RANK_NOT_SCORED;
    return count;
}

uint32_t mp_scores_top(const struct mp_scores *s, uint32_t k)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->images; i++)
        count += s->ranks[i] != MP_RANK_NOT_SCORED && s->ranks[i] < k;
    return count;
}

uint8_t mp_score_rank(const float *scores, uint32_t classes, uint32_t label)
{
    uint32_t rank = 0;

    if (isnan(scores[label]))
        rank = classes;
    else
        for (uint32_t c = 0; c < classes; c++)
            rank += scores[c] > scores[label] || isnan(scores[c]) ||
                    (c < label && scores[c] == scores[label]);
    return (uint8_t)(rank < HIGHEST_RANK ? rank : HIGHEST_RANK);
}

struct scoring {
    const struct mp_model *model;
    const struct mp_dataset *dataset;
    uint8_t *ranks;     /* [images of the data set] */
    atomic_uint next;   /* first image of the next batch */
    uint32_t end, step; /* images of a batch */
};

static int score_job(void *context, size_t index, struct mp_error *err)
{
    struct scoring *s = context;
    const struct mp_network *n = s->model->network;
    uint32_t classes = (uint32_t)mp_shape_elements(&n->shapes[n->output_tensor]), first;
    struct mp_workspace w;
    int rc = mp_workspace_init_lean(&w, s->model, err);

    (void)index;
    if (rc < 0)
        return rc;
    while ((first = atomic_fetch_add(&s->next, s->step)) < s->end) {
        uint32_t count = s->end - first < s->step ? s->end - first : s->step;
        rc = mp_workspace_load(&w, s->dataset, 0, first, count, err);
        if (rc < 0)
            break;
        mp_workspace_run(&w, count);
        for (uint32_t i = 0; i < count; i++)
            s->ranks[first + i] = mp_score_rank(w.tensors[n->output_tensor] + (size_t)i * classes,
                                                classes, s->dataset->labels[first + i]);
    }
    mp_workspace_release(&w);
    return rc;
}

static int check_labels(const struct mp_network *n, const struct mp_dataset *d, uint32_t first,
                        uint32_t count, struct mp_error *err)
{
    uint64_t classes = mp_shape_elements(&n->shapes[n->output_tensor]);

    for (uint32_t i = first; i < first + count; i++)
        if (d->labels[i] >= classes)
            return mp_fail(err, MP_E_INPUT,
                           "image %u has label %u, but network %s has %llu classes", i,
                           d->labels[i], n->name, (unsigned long long)classes);
    return MP_OK;
}

int mp_model_score(struct mp_scores *s, const struct mp_model *m, const struct mp_dataset *d,
                   uint32_t first, uint32_t count, unsigned threads, struct mp_error *err)
{
    struct scoring job = {.model = m, .dataset = d, .ranks = s->ranks, .end = first + count};
    uint32_t share;
    int rc = mp_infer_check(m->network, d, err);

    assert(s->images == d->count && first <= d->count && count <= d->count - first);
    if (rc == MP_OK)
        rc = mp_network_check_complete(m->network, err);
    if (rc == MP_OK)
        rc = check_labels(m->network, d, first, count, err);
    if (rc < 0 || count == 0)
        return rc;
    threads = threads == 0 ? mp_core_count() : threads;
    threads = threads < count ? threads : count;
    share = (count - 1) / threads + 1;
    job.step = mp_infer_batch(m->network);
    job.step = job.step < share ? job.step : share;
    atomic_init(&job.next, first);
    return mp_parallel_for(threads, threads, score_job, &job, err);
}
