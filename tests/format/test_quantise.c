/* The array versions against the scalar ones, bit by bit. */
#include "estimator/format/format.h"
#include "estimator/util/memory.h"
#include "estimator/util/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RANDOM_VALUES 512

struct values {
    float *x;
    size_t count, capacity;
};

static void add(struct values *v, double x)
{
    mp_grow(&v->x, v->count, &v->capacity, sizeof *v->x);
    v->x[v->count++] = (float)x;
}

static void add_around(struct values *v, double x)
{
    add(v, x);
    add(v, (double)nextafterf((float)x, INFINITY));
    add(v, (double)nextafterf((float)x, -INFINITY));
}

/* Values, middles and their neighbours (of all codes if there are few), random ones and the
 * awkward ones. */
static void collect(struct values *v, const struct mp_format *f, int unit, struct mp_random *r)
{
    static const double awkward[] = {0.0, -0.0, 1e-45, -1e-45, 1e-38, 3.4e38, -3.4e38, 1.0, -1.0};
    uint64_t codes = (uint64_t)1 << f->bits;
    uint64_t sampled = codes <= 512 ? codes : 64;

    for (uint64_t i = 0; i < sampled; i++) {
        uint32_t code = (uint32_t)(sampled == codes ? i : mp_random_below(r, codes));
        double a = mp_format_decode(f, unit, code), b = mp_format_decode(f, unit, code + 1);
        add_around(v, a);
        add_around(v, 0.5 * (a + b));
    }
    for (int i = 0; i < RANDOM_VALUES; i++) {
        uint32_t bits = (uint32_t)mp_random_u64(r);
        float any;
        memcpy(&any, &bits, sizeof any);
        add(v, (double)any);
        add(v, ldexp(mp_random_normal(r), unit + (int)mp_random_below(r, 40)));
    }
    for (size_t i = 0; i < sizeof awkward / sizeof *awkward; i++)
        add_around(v, awkward[i]);
    add(v, (double)INFINITY);
    add(v, (double)-INFINITY);
    add(v, (double)NAN);
}

static void check(const struct mp_format *f, int unit, struct mp_random *r)
{
    struct values v = {0};
    float *out;
    uint32_t *codes;

    collect(&v, f, unit, r);
    out = mp_alloc(v.count, sizeof *out);
    codes = mp_alloc(v.count, sizeof *codes);
    mp_format_quantise_array(f, unit, v.count, v.x, out);
    mp_format_encode_array(f, unit, v.count, v.x, codes);
    for (size_t i = 0; i < v.count; i++) {
        float expected = (float)mp_format_quantise(f, unit, (double)v.x[i]);
        assert_int_equal(codes[i], mp_format_encode(f, unit, (double)v.x[i]));
        assert_memory_equal(&out[i], &expected, sizeof expected);
    }
    mp_format_quantise_array(f, unit, v.count, v.x, v.x);
    assert_memory_equal(v.x, out, v.count * sizeof *out);
    free(codes);
    free(out);
    free(v.x);
}

static void check_units(const struct mp_format *f, struct mp_random *r)
{
    static const int units[] = {0, -9, 3, -40, 100, -126, 127, -149, -230, 200};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        check(f, units[i], r);
}

static void fixed_arrays(void **state)
{
    struct mp_random r;

    (void)state;
    mp_random_seed(&r, 7);
    for (uint8_t w = 1; w <= 32; w++) {
        struct mp_format f = {.kind = MP_FORMAT_INT, .bits = w};
        check_units(&f, &r);
        f.kind = MP_FORMAT_UINT;
        check_units(&f, &r);
    }
}

static void float_arrays(void **state)
{
    struct mp_random r;

    (void)state;
    mp_random_seed(&r, 11);
    for (int e = 0; e <= 8; e++)
        for (int m = e == 0; m <= 23; m++)
            for (int z = 0; z < 2; z++) {
                struct mp_format f = {.kind = MP_FORMAT_FLOAT,
                                      .bits = (uint8_t)(1 + e + m),
                                      .exponent_bits = (uint8_t)e,
                                      .mantissa_bits = (uint8_t)m,
                                      .no_subnormals = z};
                check_units(&f, &r);
            }
}

static void named_arrays(void **state)
{
    static const char *const names[] = {"fp8_e4m3", "fp8_e5m2", "bf16w4",    "bf16w8",  "bf16",
                                        "bf16w32",  "bf16w64",  "pot2_e1",   "pot2_e3", "pot2_e5",
                                        "mxfp4",    "mxint8",   "mxfp8_e5m2"};
    struct mp_random r;

    (void)state;
    mp_random_seed(&r, 13);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct mp_format f;
        assert_int_equal(mp_format_parse(&f, names[i], NULL), MP_OK);
        check_units(&f, &r);
    }
}

static void reference_array(void **state)
{
    struct mp_format f = {.kind = MP_FORMAT_FLOAT32, .bits = 32};
    float in[3] = {0.1f, -3.4e38f, 1e-42f}, out[3];

    (void)state;
    mp_format_quantise_array(&f, 4, 3, in, out);
    assert_memory_equal(in, out, sizeof in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_arrays),
        cmocka_unit_test(float_arrays),
        cmocka_unit_test(named_arrays),
        cmocka_unit_test(reference_array),
    };

    return cmocka_run_group_tests_name("quantise", tests, NULL, NULL);
}
