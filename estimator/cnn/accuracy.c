#include "estimator/cnn/score.h"

int mp_model_accuracy(struct mp_accuracy *a, const struct mp_model *m, const struct mp_dataset *d,
                      unsigned threads, struct mp_error *err)
{
    struct mp_scores s;
    int rc;

    *a = (struct mp_accuracy){0, 0, 0};
    mp_scores_init(&s, d->count);
    rc = mp_model_score(&s, m, d, 0, d->count, threads, err);
    if (rc == MP_OK) {
        a->images = mp_scores_count(&s);
        a->top1 = mp_scores_top(&s, 1);
        a->top5 = mp_scores_top(&s, 5);
    }
    mp_scores_release(&s);
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
