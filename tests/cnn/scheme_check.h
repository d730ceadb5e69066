/*
 * Schemes by names, and quantisations from them or by hand; failures end the test.
 */
#ifndef MP_TESTS_CNN_SCHEME_CHECK_H
#define MP_TESTS_CNN_SCHEME_CHECK_H

#include "estimator/cnn/quantise.h"

/* Formats and one calibration ("max", "mse", ...) for both, scales a layer. */
struct mp_scheme scheme_of(const char *weight, const char *activation, const char *how);
/* mp_quantisation_make() from the first images of d. */
void scheme_apply(struct mp_quantisation *q, const struct mp_network *n, const struct mp_dataset *d,
                  uint32_t images, const struct mp_scheme *s);
/* Every layer with these formats and unit exponents. */
void quantise_by_hand(struct mp_quantisation *q, const struct mp_network *n, const char *weight,
                      const char *activation, int weight_unit, int activation_unit);

#endif
