/* Every form of a unit against its golden model, on sampled formats. */
#include "estimator/util/random.h"
#include "netlists/adder.h"
#include "tests/netlists/forms_table.h"
#include "tests/netlists/unit_check.h"

static void forms(void **state)
{
    unsigned exhaustive = 0, failed = 0;
    const char *only = getenv("MP_FORMS_ONLY");

    (void)state;
    for (size_t i = 0; i < FORM_ROWS; i++) {
        struct mp_error err = MP_ERROR_INIT;
        struct unit_check check = {0};
        struct mp_design d;
        char options[256];

        if (only != NULL && strtoul(only, NULL, 10) != i)
            continue;
        form_design(&d, &form_rows[i], options);
        if (unit_check(&check, &d, 256, &err) < 0) {
            print_message("%zu: %s x %s %s %s: %s\n", i, form_rows[i].weight,
                          form_rows[i].activation, form_rows[i].unit, form_rows[i].options,
                          err.message);
            failed++;
        }
        exhaustive += check.exhaustive;
    }
    print_message("%zu designs, %u with all operands\n", FORM_ROWS, exhaustive);
    assert_int_equal(failed, 0);
}

/* A format from a list that every unit can be made of. */
static void pick_format(struct mp_random *r, struct mp_format *f, bool is_weight)
{
    static const char *const weights[] = {
        "int2",  "int3",  "int5", "int8",     "uint2",    "uint4",   "uint7", "e2m1",   "e3m0",
        "e3m2",  "e4m2z", "e4m3", "fp8_e4m3", "fp8_e5m2", "pot2_e2", "e0m3",  "e0m3z",  "e1m2",
        "e4m0z", "mxfp4", "e2m3", "bf16w8",   "e5m2z",    "int11",   "int16", "mxint8", "e6m1"};
    static const char *const activations[] = {"int2",  "int4",  "int8", "uint2", "uint5",
                                              "uint8", "int11", "e2m1", "e3m2",  "uint16"};
    const char *name =
        is_weight ? weights[mp_random_below(r, sizeof weights / sizeof *weights)]
                  : activations[mp_random_below(r, sizeof activations / sizeof *activations)];

    assert_int_equal(mp_format_parse(f, name, NULL), MP_OK);
}

/* Each option is left alone more often than not. */
static void pick_option(struct mp_random *r, struct mp_design *d, const struct mp_design_option *o)
{
    char number[16];

    if (mp_random_below(r, 5) < 3)
        return;
    if (o->choices != NULL) {
        assert_int_equal(
            mp_design_set(d, o->name, o->choices[mp_random_below(r, o->choice_count)].name, NULL),
            MP_OK);
    } else if (o->most > 0) {
        unsigned n = (unsigned)mp_random_below(r, o->most < 12 ? o->most + 1 : 13);
        snprintf(number, sizeof number, "%u", strcmp(o->name, "terms") == 0 ? 1u << n % 5 : n);
        assert_int_equal(mp_design_set(d, o->name, number, NULL), MP_OK);
    } else {
        d->adder = mp_adder_at(mp_random_below(r, mp_adder_count()))->name;
    }
}

/* Of 500 designs drawn from all options and formats, every one that can be made is right; those
 * that cannot say why. */
static void sample(void **state)
{
    struct mp_random random;
    unsigned made = 0, refused = 0, failed = 0;

    (void)state;
    mp_random_seed(&random, 3);
    while (made < 500) {
        struct mp_error err = MP_ERROR_INIT;
        struct unit_check check = {0};
        struct mp_design d = {.unit =
                                  mp_random_below(&random, 2) ? MP_UNIT_MAC : MP_UNIT_MULTIPLIER};

        pick_format(&random, &d.weight, true);
        pick_format(&random, &d.activation, false);
        for (size_t i = 0; i < mp_design_option_count(); i++)
            pick_option(&random, &d, mp_design_option_at(i));
        d.multiplier = mp_architecture_at(mp_random_below(&random, mp_architecture_count()))->name;
        if (mp_design_resolve(&d, &err) < 0) {
            assert_true(strlen(err.message) > 20);
            refused++;
            continue;
        }
        made++;
        if (unit_check(&check, &d, 8, &err) < 0) {
            print_message("%s\n", err.message);
            failed++;
        }
    }
    print_message("%u designs, %u refused\n", made, refused);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(sample),
    };

    return cmocka_run_group_tests_name("forms", tests, NULL, NULL);
}
