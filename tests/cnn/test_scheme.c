/* Schemes: names, what tells them apart, and what does not. */
#include "tests/cnn/scheme_check.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void scopes(void **state)
{
    static const char *const names[] = {"network", "layer", "channel"};
    struct mp_error err = MP_ERROR_INIT;
    enum mp_scope s;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(mp_scope_parse(&s, names[i], NULL), MP_OK);
        assert_int_equal(s, i);
        assert_string_equal(mp_scope_name(s), names[i]);
    }
    assert_int_equal(mp_scope_parse(&s, "kernel", &err), MP_E_USAGE);
    assert_non_null(strstr(err.message, "channel"));
}

static void hash(const struct mp_scheme *s, char out[MP_HASH_SIZE])
{
    struct mp_hash *h = mp_hash_create();

    mp_scheme_hash(s, h);
    mp_hash_digest(h, out);
    mp_hash_destroy(h);
}

static bool same(const struct mp_scheme *a, const struct mp_scheme *b)
{
    char x[MP_HASH_SIZE], y[MP_HASH_SIZE];

    hash(a, x);
    hash(b, y);
    return strcmp(x, y) == 0;
}

static void hashes(void **state)
{
    struct mp_scheme a = scheme_of("int8", "float32", "mse"), b = a;

    (void)state;
    assert_true(same(&a, &b));
    b.weight_scope = MP_SCOPE_CHANNEL;
    assert_false(same(&a, &b));
    b = a;
    b.weight_calibration.kind = MP_CALIBRATE_MAX;
    assert_false(same(&a, &b));
    b.weight_calibration = (struct mp_calibration){MP_CALIBRATE_PERCENTILE, 99};
    a.weight_calibration = (struct mp_calibration){MP_CALIBRATE_PERCENTILE, 99.9};
    assert_false(same(&a, &b));
    /* Nothing of float32 activations matters. */
    b = a;
    b.activation_scope = MP_SCOPE_NETWORK;
    b.activation_calibration.kind = MP_CALIBRATE_MAX;
    assert_true(same(&a, &b));
    /* But it does where a layer has others. */
    struct mp_override o = {.layer = (char *)"first", .has_activation = true};
    mp_format_parse(&o.activation, "int8", NULL);
    a.overrides = b.overrides = &o;
    a.override_count = b.override_count = 1;
    assert_false(same(&a, &b));
    b = a;
    b.override_count = 0;
    assert_false(same(&a, &b));
    /* A table has a scope, and no calibration. */
    a = b = scheme_of("lut4", "float32", "mse");
    b.weight_calibration.kind = MP_CALIBRATE_MAX;
    assert_true(same(&a, &b));
    b.weight_scope = MP_SCOPE_NETWORK;
    assert_false(same(&a, &b));
    a = scheme_of("float32", "fixed8", "mse");
    b = scheme_of("float32", "int8", "mse");
    assert_false(same(&a, &b));
}

static void overrides(void **state)
{
    struct mp_override o[2] = {
        {.layer = (char *)"conv1", .has_weight = true, .has_activation = true},
        {.layer = (char *)"fc", .has_weight = true}};
    struct mp_scheme s = MP_SCHEME_INIT;
    char *text = mp_scheme_overrides_text(&s);

    (void)state;
    assert_string_equal(text, "");
    free(text);
    assert_true(mp_scheme_is_reference(&s));
    mp_format_parse(&o[0].weight, "int11", NULL);
    mp_format_parse(&o[0].activation, "int8", NULL);
    mp_format_parse(&o[1].weight, "e4m3", NULL);
    s.overrides = o;
    s.override_count = 2;
    text = mp_scheme_overrides_text(&s);
    assert_string_equal(text, "conv1: weights int11, activations int8; fc: weights e4m3");
    free(text);
    assert_false(mp_scheme_is_reference(&s));
    o[0].has_weight = false;
    text = mp_scheme_overrides_text(&s);
    assert_string_equal(text, "conv1: activations int8; fc: weights e4m3");
    free(text);
    s.weight = o[1].weight;
    s.override_count = 0;
    assert_false(mp_scheme_is_reference(&s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scopes),
        cmocka_unit_test(hashes),
        cmocka_unit_test(overrides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
