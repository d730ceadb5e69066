/*
 * Which test images a model gets right, image by image, so that two models are compared on the same
 * images (search/paired.h) and a hopeless one is stopped early.
 *
 *     mp_scores_init(&scores, dataset.count);
 *     mp_model_score(&scores, &model, &dataset, 0, 60, 0, err)     (a first look)
 *     mp_model_score(&scores, &model, &dataset, 60, 240, 0, err)   (the rest)
 *     mp_scores_top(&scores, 1)
 */
#ifndef MP_CNN_SCORE_H
#define MP_CNN_SCORE_H

#include "estimator/cnn/infer.h"

#define MP_RANK_NOT_SCORED 255 /* a rank of 254 stands for that and more */

struct mp_scores {
    uint32_t images;
    uint8_t *ranks; /* [images] classes before the right one: 0 is top-1, below 5 top-5 */
};
void mp_scores_init(struct mp_scores *s, uint32_t images); /* all not scored */
void mp_scores_release(struct mp_scores *s);
/* Images scored, and those with a rank below k. */
uint32_t mp_scores_count(const struct mp_scores *s);
uint32_t mp_scores_top(const struct mp_scores *s, uint32_t k);
/* How many classes come before the label: larger scores, equal ones with a smaller index, and those
 * that are no number. A label whose score is no number comes last. */
uint8_t mp_score_rank(const float *scores, uint32_t classes, uint32_t label);
/* Score images first .. first + count - 1 of d, with whichever engine m has. threads 0: all cores.
 * s has as many images as d; ranks of images outside stay. MP_E_INPUT for images that are not what
 * the network takes, and for labels, of these images, that are no class of it;
 * MP_E_UNSUPPORTED as mp_network_check_complete; fails as mp_dataset_load, and then the ranks of
 * these images are as they were or scored. */
int mp_model_score(struct mp_scores *s, const struct mp_model *m, const struct mp_dataset *d,
                   uint32_t first, uint32_t count, unsigned threads, struct mp_error *err);

#endif
