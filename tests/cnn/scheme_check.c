#include "tests/cnn/scheme_check.h"

#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

struct mp_scheme scheme_of(const char *weight, const char *activation, const char *how)
{
    struct mp_scheme s = MP_SCHEME_INIT;

    assert_int_equal(mp_format_parse(&s.weight, weight, NULL), MP_OK);
    assert_int_equal(mp_format_parse(&s.activation, activation, NULL), MP_OK);
    assert_int_equal(mp_calibration_parse(&s.weight_calibration, how, NULL), MP_OK);
    s.activation_calibration = s.weight_calibration;
    return s;
}

void scheme_apply(struct mp_quantisation *q, const struct mp_network *n, const struct mp_dataset *d,
                  uint32_t images, const struct mp_scheme *s)
{
    struct mp_calibration_data c;
    struct mp_error err = MP_ERROR_INIT;

    if (mp_calibration_data_collect(&c, n, d, images, 0, &err) < 0 ||
        mp_quantisation_make(q, n, s, &c, &err) < 0)
        fail_msg("%s", err.message);
    mp_calibration_data_release(&c);
}

void quantise_by_hand(struct mp_quantisation *q, const struct mp_network *n, const char *weight,
                      const char *activation, int weight_unit, int activation_unit)
{
    struct mp_scheme s = scheme_of(weight, activation, "max");
    size_t outputs = 0;

    *q = (struct mp_quantisation){.layer_count = n->layer_count, .weight_scope = MP_SCOPE_LAYER};
    q->layers = mp_alloc(n->layer_count, sizeof *q->layers);
    for (uint32_t l = 0; l < n->layer_count; l++)
        outputs = n->layers[l].out_count > outputs ? n->layers[l].out_count : outputs;
    q->unit_exponents = mp_alloc(outputs + 1, sizeof *q->unit_exponents);
    for (size_t o = 0; o < outputs; o++)
        q->unit_exponents[o] = weight_unit;
    for (uint32_t l = 0; l < n->layer_count; l++)
        q->layers[l] = (struct mp_integer_codes){.weight = s.weight,
                                                 .activation = s.activation,
                                                 .weight_unit_exponents = q->unit_exponents,
                                                 .activation_unit_exponent = activation_unit};
}
