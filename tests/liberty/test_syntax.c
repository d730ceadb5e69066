/* Lexer and tree: tokens with their lines, groups and attributes, what is not Liberty. */
#include "estimator/liberty/ast.h"

#include "estimator/util/memory.h"
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void test_tokens(void **state)
{
    (void)state;
    static const char text[] = "cell (A2X1) { /* a\n comment */ area : 3.5; // rest\n"
                               "values ( \\\n \"1, 2\", \\  \n \"3\");}";
    static const struct {
        int kind;
        const char *text;
        int line;
    } wanted[] = {{MP_TOKEN_WORD, "cell", 1},
                  {'(', "(", 1},
                  {MP_TOKEN_WORD, "A2X1", 1},
                  {')', ")", 1},
                  {'{', "{", 1},
                  {MP_TOKEN_WORD, "area", 2},
                  {':', ":", 2},
                  {MP_TOKEN_WORD, "3.5", 2},
                  {';', ";", 2},
                  {MP_TOKEN_WORD, "values", 3},
                  {'(', "(", 3},
                  {MP_TOKEN_STRING, "1, 2", 4},
                  {',', ",", 4},
                  {MP_TOKEN_STRING, "3", 5},
                  {')', ")", 5},
                  {';', ";", 5},
                  {'}', "}", 5},
                  {MP_TOKEN_END, "", 5}};
    struct mp_lexer lexer = {text, text + sizeof text - 1, "t", 1};
    struct mp_error err = MP_ERROR_INIT;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct mp_token t;
        assert_int_equal(mp_lexer_next(&lexer, &t, &err), MP_OK);
        assert_int_equal(t.kind, wanted[i].kind);
        assert_true(mp_slice_is(t.text, wanted[i].text));
        assert_int_equal(t.line, wanted[i].line);
    }
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value;
    } cases[] = {{" !RN ;", "!RN"},        {" A * (B + C')\n", "A * (B + C')"},
                 {" \"x y\" ;", "x y"},    {"1.5}", "1.5"},
                 {"true/* c */;", "true"}, {" \\\n \"far\";", "far"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_lexer lexer = {cases[i].text, cases[i].text + strlen(cases[i].text), "t", 1};
        struct mp_token t;
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(mp_lexer_value(&lexer, &t, &err), MP_OK);
        assert_true(mp_slice_is(t.text, cases[i].value));
    }
}

static void test_tree(void **state)
{
    (void)state;
    static const char text[] = "library (l) {\n  area : 3\n  unit (1, \"pf\");\n"
                               "  pin (A, B) { clock : true; }\n  cell(C){}\n}\n";
    struct mp_ast ast;
    struct mp_error err = MP_ERROR_INIT;
    double x;
    assert_int_equal(mp_ast_parse(&ast, text, sizeof text - 1, "t", &err), MP_OK);
    uint32_t lib = mp_ast_child(&ast, 0, "library");
    assert_int_equal(mp_ast_number(&ast, mp_ast_attribute(&ast, lib, "area"), &x, &err), MP_OK);
    assert_true(x == 3);
    uint32_t unit = mp_ast_child(&ast, lib, "unit");
    assert_int_equal(ast.nodes[unit].kind, MP_AST_COMPLEX);
    assert_int_equal(ast.nodes[unit].line, 3);
    assert_true(mp_slice_is(mp_ast_value(&ast, unit, 1)->text, "pf"));
    assert_null(mp_ast_value(&ast, unit, 2));
    uint32_t pin = mp_ast_child(&ast, lib, "pin");
    assert_int_equal(ast.nodes[pin].value_count, 2);
    assert_true(mp_ast_flag(&ast, pin, "clock"));
    assert_int_equal(ast.nodes[ast.nodes[pin].next].line, 5);
    mp_ast_release(&ast);
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
        const char *part;
    } cases[] = {{"library (l) {\n a : 1;\n", 3, "inside the group 'library' of line 1"},
                 {"library (l) { }\n}\n", 2, "closes no group"},
                 {"library (l) {\n a : \"x;\n}\n", 2, "no closing quote"},
                 {"library (l) {\n /* a : 1;\n}\n", 2, "no end"},
                 {"library (l) {\n a 1;\n}\n", 2, "expected ':' or '(', found '1'"},
                 {"library (l) {\n a : ;\n}\n", 2, "a value"},
                 {"library (l) {\n a : b\"c;\n}\n", 2, "0x22"},
                 {"library (l {\n", 1, "an argument or ')'"},
                 {"\x7f"
                  "ELF",
                  1, "0x7f"},
                 {"a, b", 1, "expected ':' or '('"},
                 {"module m; endmodule", 1, "found 'm'"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_ast ast;
        struct mp_error err = MP_ERROR_INIT;
        int rc = mp_ast_parse(&ast, cases[i].text, strlen(cases[i].text), "t.lib", &err);
        mp_ast_release(&ast);
        assert_int_equal(rc, MP_E_INPUT);
        assert_int_equal(err.line, cases[i].line);
        assert_string_equal(err.file, "t.lib");
        assert_non_null(strstr(err.message, cases[i].part));
    }
}

static void test_depth(void **state)
{
    (void)state;
    struct mp_text deep = {0};
    struct mp_ast ast;
    struct mp_error err = MP_ERROR_INIT;
    for (int i = 0; i < 100000; i++)
        mp_text_add(&deep, "a(){");
    assert_int_equal(mp_ast_parse(&ast, deep.data, deep.size, "t", &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "deeper"));
    mp_ast_release(&ast);
    mp_text_release(&deep);
}

/* Exactly what the C library makes of them, on the fast path and off it. */
static void test_numbers(void **state)
{
    (void)state;
    static const char *const texts[] = {"0",
                                        "-0.5",
                                        "1",
                                        "0.0129077",
                                        "1e-3",
                                        "1.0000000000",
                                        "7.10712e-05",
                                        "123456789012345678901234567890",
                                        "0.1234567890123456789012",
                                        "9007199254740993",
                                        "4.9406564584124654e-324",
                                        "1.7976931348623157e308",
                                        "+3.5E+2",
                                        ".5",
                                        "5.",
                                        "0.00000000000000000000000000000000001",
                                        "1e22",
                                        "1e23",
                                        "0e999"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *p = texts[i];
        double x = -1;
        assert_true(mp_slice_scan_number(&p, texts[i] + strlen(texts[i]), &x));
        assert_ptr_equal(p, texts[i] + strlen(texts[i]));
        assert_true(x == strtod(texts[i], NULL));
    }
    static const char *const bad[] = {"", "-", ".", "x", "nan", "inf", "1e999", "e5", "1e+"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_ast ast = {.file = "t"};
        struct mp_ast_value v = {{bad[i], (uint32_t)strlen(bad[i])}, 4, true};
        struct mp_error err = MP_ERROR_INIT;
        double x;
        assert_int_equal(mp_ast_number(&ast, &v, &x, &err), MP_E_INPUT);
        assert_int_equal(err.line, 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens), cmocka_unit_test(test_values),
        cmocka_unit_test(test_tree),   cmocka_unit_test(test_errors),
        cmocka_unit_test(test_depth),  cmocka_unit_test(test_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
