/*
 * The integer engine against the golden MAC, one product after another, and against the float
 * engine; failures end the test.
 */
#ifndef MP_TESTS_CNN_INTEGER_CHECK_H
#define MP_TESTS_CNN_INTEGER_CHECK_H

#include "estimator/cnn/infer.h"
#include "estimator/cnn/integer_kernel.h"
#include "tests/cnn/scheme_check.h"

struct integer_reference {
    const struct mp_network *network;
    const struct mp_quantisation *quantisation;
    uint32_t layer;
    const float *input; /* of one image */
};

/* The accumulator of `bits` bits behind the last product of one output. */
mp_u128 integer_golden(const struct integer_reference *r, unsigned bits, uint32_t channel,
                       uint32_t y, uint32_t x);
/* The same of a unit of another form. */
mp_u128 integer_golden_form(const struct integer_reference *r, const struct mp_golden_form *form,
                            unsigned bits, uint32_t channel, uint32_t y, uint32_t x);
/* By least squared error on the first images of d, at most 100. */
void integer_calibrate(struct mp_quantisation *q, const struct mp_network *n,
                       const struct mp_dataset *d, const char *weight, const char *activation);
/* Both engines over the first images of d: the same classes, and each layer's outputs from the same
 * input no further apart than float32 sums are from exact ones; exact: the network's outputs are
 * the same bits. Elsewhere, where sums round, an activation can fall on the other side of a code's
 * edge in a later layer, so outputs may differ by such a step. */
void integer_compare(const struct mp_network *n, const struct mp_quantisation *q,
                     const struct mp_dataset *d, uint32_t images, bool exact);
/* A thousand dot products of the first `images` images, as many of each layer, at random places:
 * accumulators and those of the golden MAC are the same. */
void integer_check_products(const struct mp_network *n, const struct mp_quantisation *q,
                            const struct mp_dataset *d, uint32_t images);

#endif
