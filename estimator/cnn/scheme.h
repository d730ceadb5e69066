/*
 * How a network is quantised after training: which formats, what shares a scale, and how a scale is
 * chosen. A scheme names no network; quantise.h makes codes of a network's layers from it.
 *
 * A scale is a power of two, 2^unit_exponent (format.h); for float formats that is the exponent
 * bias. It may be one for all weights of the network (the plain reading of the paper, where range
 * counts most), one a layer, or one an output channel of a layer.
 */
#ifndef MP_CNN_SCHEME_H
#define MP_CNN_SCHEME_H

#include "estimator/format/format.h"
#include "estimator/util/hash.h"
#include "estimator/util/memory.h"

enum mp_scope { MP_SCOPE_NETWORK, MP_SCOPE_LAYER, MP_SCOPE_CHANNEL };
/* "network", "layer", "channel"; another name is MP_E_USAGE and says these. */
int mp_scope_parse(enum mp_scope *s, const char *name, struct mp_error *err);
const char *mp_scope_name(enum mp_scope s);

/* Formats of one layer that differ from the rest. */
struct mp_override {
    char *layer; /* its name, or "first" or "last": of the layers with weights, in order */
    bool has_weight, has_activation;
    struct mp_format weight, activation;
};

struct mp_scheme {
    struct mp_format weight;     /* float32: as it is */
    struct mp_format activation; /* fixed<W>: by layer, unsigned where no input can be negative */
    enum mp_scope weight_scope;
    enum mp_scope activation_scope; /* network or layer */
    struct mp_calibration weight_calibration, activation_calibration;
    const struct mp_override *overrides; /* [override_count]; later ones win; borrowed */
    uint32_t override_count;
};
/* float32 x float32, scales a layer, least squared error, no overrides. */
#define MP_SCHEME_INIT                                                                             \
    {                                                                                              \
        .weight = {.kind = MP_FORMAT_FLOAT32, .bits = 32},                                         \
        .activation = {.kind = MP_FORMAT_FLOAT32, .bits = 32}, .weight_scope = MP_SCOPE_LAYER,     \
        .activation_scope = MP_SCOPE_LAYER, .weight_calibration = {MP_CALIBRATE_MSE, 0},           \
        .activation_calibration = {                                                                \
            MP_CALIBRATE_MSE,                                                                      \
            0                                                                                      \
        }                                                                                          \
    }

/* Everything that tells one scheme from another; what does not matter (a scope of float32) is left
 * out. */
void mp_scheme_hash(const struct mp_scheme *s, struct mp_hash *h);
/* All formats float32: the reference. */
bool mp_scheme_is_reference(const struct mp_scheme *s);
/* "conv1: weights int11, activations int8; fc: weights e4m3", "" without overrides. Freed by the
 * caller. */
char *mp_scheme_overrides_text(const struct mp_scheme *s);

#endif
