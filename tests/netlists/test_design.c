/* Names, refusals, determinism, the whole of the formats' range, and a golden file. */
#include "estimator/util/file.h"
#include "tests/netlists/grid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void names(void **state)
{
    struct mp_design d;
    char name[MP_DESIGN_NAME_SIZE];

    (void)state;
    assert_true(grid_design(&d, 14, MP_UNIT_MULTIPLIER, NULL, 99));
    assert_int_equal(d.accumulator_bits, 0);
    assert_string_equal(mp_design_name(&d, name), "multiplier_e4m2_uint8_dadda");
    assert_true(grid_design(&d, 8, MP_UNIT_MAC, "array", 0));
    assert_string_equal(mp_design_name(&d, name), "mac_int11_uint8_array_acc29");
}

static void refusals(void **state)
{
    struct mp_design d = {.unit = MP_UNIT_MAC, .multiplier = "magic"};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text t = {0};

    (void)state;
    mp_format_parse(&d.weight, "int8", NULL);
    mp_format_parse(&d.activation, "int8", NULL);
    assert_int_equal(mp_design_resolve(&d, &err), MP_E_USAGE);
    assert_non_null(strstr(err.message, "dadda"));
    assert_int_equal(mp_design_generate(&d, &t, &err), MP_E_USAGE);
    d.multiplier = NULL;
    d.accumulator_bits = 129;
    assert_int_equal(mp_design_resolve(&d, &err), MP_E_UNSUPPORTED);
    d.accumulator_bits = 0;
    mp_format_parse(&d.weight, "int17", NULL);
    assert_int_equal(mp_design_resolve(&d, &err), MP_E_UNSUPPORTED);
    assert_int_equal(mp_design_reference(&d, &t, &err), MP_E_UNSUPPORTED);
    assert_null(t.data);
}

static void generate_both(const struct mp_design *design)
{
    struct mp_design d = *design;
    struct mp_text a = {0}, b = {0};

    assert_int_equal(mp_design_resolve(&d, NULL), MP_OK);
    assert_int_equal(mp_design_generate(&d, &a, NULL), MP_OK);
    assert_int_equal(mp_design_generate(design, &b, NULL), MP_OK);
    assert_string_equal(a.data, b.data);
    mp_text_release(&a);
    assert_int_equal(mp_design_reference(&d, &a, NULL), MP_OK);
    mp_text_release(&a);
    mp_text_release(&b);
}

/* Every format that is promised can be generated, twice the same. */
static void whole_range(void **state)
{
    struct mp_design d = {.unit = MP_UNIT_MAC};

    (void)state;
    for (size_t arch = 0; arch < mp_architecture_count(); arch++)
        for (uint8_t a = 2; a <= 16; a = (uint8_t)(a + (a < 4 ? 1 : 4))) {
            d.multiplier = mp_architecture_at(arch)->name;
            d.activation =
                (struct mp_format){.kind = a & 1 ? MP_FORMAT_INT : MP_FORMAT_UINT, .bits = a};
            for (uint8_t w = 2; w <= 16; w++) {
                d.weight =
                    (struct mp_format){.kind = w & 2 ? MP_FORMAT_INT : MP_FORMAT_UINT, .bits = w};
                generate_both(&d);
            }
            for (int e = 0; e <= 6; e++)
                for (int m = e == 0; m <= 10; m++) {
                    d.weight = (struct mp_format){.kind = MP_FORMAT_FLOAT,
                                                  .bits = (uint8_t)(1 + e + m),
                                                  .exponent_bits = (uint8_t)e,
                                                  .mantissa_bits = (uint8_t)m,
                                                  .no_subnormals = (e + m + a) & 1};
                    generate_both(&d);
                }
        }
}

/* MP_UPDATE_GOLDEN=1 writes the file anew; look at the difference before committing it. */
static void golden_file(void **state)
{
    const char *root = getenv("MACPPA_SOURCE_ROOT"), *update = getenv("MP_UPDATE_GOLDEN");
    struct mp_text generated = {0}, expected = {0};
    struct mp_design d = {.unit = MP_UNIT_MAC};
    char *path;

    (void)state;
    path = mp_path_join(root ? root : ".", "tests/netlists/golden/mac_e2m1_uint3.v");
    mp_format_parse(&d.weight, "e2m1", NULL);
    mp_format_parse(&d.activation, "uint3", NULL);
    d.accumulator_bits = 8;
    assert_int_equal(mp_design_generate(&d, &generated, NULL), MP_OK);
    if (update != NULL)
        assert_int_equal(mp_file_write(path, generated.data, generated.size, NULL), MP_OK);
    assert_int_equal(mp_file_read(&expected, path, 0, NULL), MP_OK);
    assert_string_equal(generated.data, expected.data);
    mp_text_release(&expected);
    mp_text_release(&generated);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(refusals),
        cmocka_unit_test(whole_range),
        cmocka_unit_test(golden_file),
    };

    return cmocka_run_group_tests_name("design", tests, NULL, NULL);
}
