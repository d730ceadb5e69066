#include "estimator/network/prototxt.h"
#include "tests/util/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void parse(struct mp_prototxt *p, const char *text)
{
    struct mp_error err = MP_ERROR_INIT;

    if (mp_prototxt_parse(p, text, strlen(text), "a.prototxt", &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
}

/* Every form of the text format in one file. */
static void forms(void **state)
{
    (void)state;
    static const char text[] = "# a comment: { [\n"
                               "name: \"Le\" 'Net' # pieces\n"
                               "layer { name : 'a\\n\\\"\\x41\\101' top: \"b\", top: \"c\"; }\n"
                               "layer: < type: MAX ratio: -1.5e-1f n: 0x10 o: 010 neg: - 3 >\n"
                               "dim: [ 1, 3 ,227]\n"
                               "empty: []\n"
                               "many: [ { a: 1 }, { a: 2 } ]\n"
                               "yes: true no: false\n";
    struct mp_prototxt p;
    const char *s;
    int64_t i;
    double d;
    bool b;

    parse(&p, text);
    assert_int_equal(mp_prototxt_string(&p, 0, "name", "", &s, NULL), MP_OK);
    assert_string_equal(s, "LeNet");
    uint32_t layer = mp_prototxt_first(&p, 0, "layer");
    assert_int_equal(mp_prototxt_string(&p, layer, "name", "", &s, NULL), MP_OK);
    assert_string_equal(s, "a\n\"AA");
    assert_int_equal(mp_prototxt_count(&p, layer, "top"), 2);
    assert_int_equal(mp_prototxt_string(&p, layer, "top", "", &s, NULL), MP_OK);
    assert_string_equal(s, "c");
    layer = mp_prototxt_next(&p, layer);
    assert_int_equal(mp_prototxt_word(&p, layer, "type", "", &s, NULL), MP_OK);
    assert_string_equal(s, "MAX");
    assert_int_equal(mp_prototxt_number(&p, layer, "ratio", 0, &d, NULL), MP_OK);
    assert_true(d <= -0.15 && d >= -0.15);
    assert_int_equal(mp_prototxt_integer(&p, layer, "n", 0, 100, 0, &i, NULL), MP_OK);
    assert_int_equal(i, 16);
    assert_int_equal(mp_prototxt_integer(&p, layer, "o", 0, 100, 0, &i, NULL), MP_OK);
    assert_int_equal(i, 8);
    assert_int_equal(mp_prototxt_integer(&p, layer, "neg", -5, 5, 0, &i, NULL), MP_OK);
    assert_int_equal(i, -3);
    assert_int_equal(mp_prototxt_next(&p, layer), MP_PROTOTXT_NONE);
    assert_int_equal(mp_prototxt_count(&p, 0, "dim"), 3);
    assert_int_equal(mp_prototxt_count(&p, 0, "empty"), 0);
    assert_int_equal(mp_prototxt_count(&p, 0, "many"), 2);
    assert_int_equal(mp_prototxt_bool(&p, 0, "yes", false, &b, NULL), MP_OK);
    assert_true(b);
    assert_int_equal(mp_prototxt_bool(&p, 0, "no", true, &b, NULL), MP_OK);
    assert_false(b);
    assert_int_equal(mp_prototxt_bool(&p, 0, "not_there", true, &b, NULL), MP_OK);
    assert_true(b);
    mp_prototxt_release(&p);
}

/* Texts that are refused: the line and a part of the message. */
static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
        int line;
    } cases[] = {
        {"a: 1\nlayer {\n b: 2\n", "`layer` is opened here and never closed", 2},
        {"a: 1\n}", "`}` where the name of a field", 2},
        {"a: \"xy\nz\"", "a string has no end", 1},
        {"a: \"x", "a string has no end", 1},
        {"a: \"\\q\"", "known escape", 1},
        {"\n\na 5", "`:` or `{`", 3},
        {"a:", "the end where a value", 1},
        {"a: ]", "`]` where a value", 1},
        {"a: [1, 2", "`,` or `]`", 1},
        {"[x.y]: 1", "extensions", 1},
        {"a: \"\\0\"", "zero byte", 1},
        {"layer < a: 1 }", "`}` where the name", 1},
        {"a: \001", "a byte where a value", 1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_error err = MP_ERROR_INIT;
        struct mp_prototxt p;
        int rc = mp_prototxt_parse(&p, cases[i].text, strlen(cases[i].text), "a.prototxt", &err);
        if (rc == MP_OK || err.line != cases[i].line || strcmp(err.file, "a.prototxt") != 0 ||
            strstr(err.message, cases[i].message) == NULL)
            fail_msg("case %zu: %d, line %d: %s", i, rc, err.line, err.message);
    }
}

static void deep_nesting(void **state)
{
    (void)state;
    struct mp_text text = {0};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_prototxt p;

    for (int i = 0; i < 100000; i++)
        mp_text_add(&text, "a{");
    assert_int_equal(mp_prototxt_parse(&p, text.data, text.size, "a", &err), MP_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, "100 deep"));
    mp_text_release(&text);
}

/* A value of another type than the one asked for. */
static void wrong_types(void **state)
{
    (void)state;
    static const char text[] = "s: \"x\"\nw: MAX\nn: 1.5\nm { }\nbig: 99999999999999999999\n"
                               "inf: inf\nm2 { a: 1 }\nm2 { a: 2 }\n";
    struct mp_error err = MP_ERROR_INIT;
    struct mp_prototxt p;
    const char *s;
    uint32_t m;
    int64_t i;
    double d;
    bool b;

    parse(&p, text);
    assert_int_equal(mp_prototxt_integer(&p, 0, "s", 0, 9, 0, &i, &err), MP_E_INPUT);
    assert_int_equal(err.line, 1);
    assert_string_equal(err.message, "`s` is `x`, but must be a whole number of 0 to 9");
    assert_int_equal(mp_prototxt_string(&p, 0, "w", "", &s, &err), MP_E_INPUT);
    assert_int_equal(err.line, 2);
    assert_int_equal(mp_prototxt_word(&p, 0, "s", "", &s, &err), MP_E_INPUT);
    assert_int_equal(mp_prototxt_integer(&p, 0, "n", 0, 9, 0, &i, &err), MP_E_INPUT);
    assert_int_equal(mp_prototxt_integer(&p, 0, "big", 0, INT64_MAX, 0, &i, &err), MP_E_INPUT);
    assert_int_equal(mp_prototxt_integer(&p, 0, "m", 0, 9, 0, &i, &err), MP_E_INPUT);
    assert_int_equal(err.line, 4);
    assert_int_equal(mp_prototxt_number(&p, 0, "inf", 0, &d, &err), MP_E_INPUT);
    assert_int_equal(mp_prototxt_number(&p, 0, "m", 0, &d, &err), MP_E_INPUT);
    assert_int_equal(mp_prototxt_bool(&p, 0, "w", false, &b, &err), MP_E_INPUT);
    assert_int_equal(mp_prototxt_message(&p, 0, "w", &m, &err), MP_E_INPUT);
    assert_int_equal(mp_prototxt_message(&p, 0, "m2", &m, &err), MP_E_UNSUPPORTED);
    assert_int_equal(err.line, 8);
    assert_int_equal(
        mp_prototxt_check_names(&p, 0, (const char *const[]){"s", "w", "n", NULL}, &err),
        MP_E_UNSUPPORTED);
    assert_int_equal(err.line, 4);
    assert_non_null(strstr(err.message, "`m`"));
    mp_prototxt_release(&p);
}

/* Any cut, and any byte changed, is read or refused, never more. */
static void damaged(void **state)
{
    (void)state;
    static const char text[] =
        "name: \"x\" layer { a: [1, 2] b < c: 'd\\n' > } # end\nlayer { e: -1.5f }";
    static const char bytes[] = "{}[]<>:\"\\\n#,-a";
    char copy[sizeof text];
    struct mp_prototxt p;

    for (size_t i = 0; i < sizeof text - 1; i++) {
        mp_prototxt_parse(&p, text, i, "t", NULL);
        mp_prototxt_release(&p);
        for (size_t k = 0; k < sizeof bytes; k++) {
            memcpy(copy, text, sizeof text);
            copy[i] = bytes[k];
            mp_prototxt_parse(&p, copy, sizeof text - 1, "t", NULL);
            mp_prototxt_release(&p);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),       cmocka_unit_test(refused), cmocka_unit_test(deep_nesting),
        cmocka_unit_test(wrong_types), cmocka_unit_test(damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
