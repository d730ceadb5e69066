/*
 * The layers of an accuracy record: what each one's weights weigh (cnn/storage.h), its formats,
 * unit exponents and accumulator.
 */
#ifndef MP_PIPELINE_RECORD_LAYERS_H
#define MP_PIPELINE_RECORD_LAYERS_H

#include "estimator/cnn/quantise.h"
#include "estimator/store/store.h"

/* Sets layers and layer_count of out, which owns them (mp_accuracy_record_release()). q: of this
 * network; NULL: float32 as it is. Quantises all weights once more (20 ms a million), so leave it
 * out for a look that was stopped early. */
void mp_record_layers(struct mp_accuracy_record *out, const struct mp_network *n,
                      const struct mp_quantisation *q);

#endif
