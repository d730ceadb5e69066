/* SDF as OpenSTA writes it, cut off, corrupt, and its conditions. */
#include "estimator/timing/sdf.h"

#include "estimator/timing/sdf_condition.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/timing/small.h"
#include "tests/util/cmocka_all.h"

static const char sdf_text[] =
    "(DELAYFILE\n"
    " (SDFVERSION \"3.0\")\n"
    " (VERSION \"2.0 (17)\")\n"
    " (DIVIDER /)\n"
    " (PROCESS \"1.000::1.000\")\n"
    " (TIMESCALE 100 ps)\n"
    " (CELL (CELLTYPE \"m\") (INSTANCE)\n"
    "  (DELAY (ABSOLUTE (INTERCONNECT clk r/CK (0.000::0.000)))))\n"
    " (CELL (CELLTYPE \"DFF\") (INSTANCE r)\n"
    "  (DELAY (ABSOLUTE (IOPATH (posedge CK) Q (1.0::2.0) (3::4:))))\n"
    "  (TIMINGCHECK (SETUP (posedge D) (posedge CK) (0.199219::0.199219))))\n"
    " (CELL (CELLTYPE \"INV\") (INSTANCE a\\.b\\[3\\])\n"
    "  (DELAY (ABSOLUTE\n"
    "   (COND (A == 1'b1) && !(A == 0) (IOPATH A Y (0.5) ()))\n"
    "   (IOPATH A Y (0.25::0.75)))))\n"
    ")\n";

static void test_golden(void **state)
{
    (void)state;
    struct small s;
    struct mp_sdf sdf;
    struct mp_error err = MP_ERROR_INIT;
    small_open(&s);
    int code = mp_sdf_read_text(&sdf, &s.netlist, sdf_text, strlen(sdf_text), "x.sdf", &err);
    assert_string_equal(err.message, "");
    assert_int_equal(code, MP_OK);
    assert_int_equal(sdf.arc_count, 3);
    const struct mp_sdf_arc *a = sdf.arcs;
    /* Sorted by cell: the inverter's two, in the order of the file, then the register's. */
    assert_int_equal(a[0].cell, 0);
    assert_non_null(a[0].when.code);
    assert_true(mp_expr_eval(&a[0].when, 1) && !mp_expr_eval(&a[0].when, 0));
    assert_true(fabs(a[0].rise_s - 50e-12) < 1e-20 && isnan(a[0].fall_s));
    assert_null(a[1].when.code);
    assert_true(fabs(a[1].rise_s - 75e-12) < 1e-20 && fabs(a[1].fall_s - 75e-12) < 1e-20);
    assert_int_equal(a[2].cell, 1);
    assert_int_equal(a[2].from_edge, 'r');
    assert_int_equal(a[2].from_pin, 0);
    assert_int_equal(a[2].to_pin, 2);
    assert_true(fabs(a[2].rise_s - 200e-12) < 1e-20 && fabs(a[2].fall_s - 400e-12) < 1e-20);
    mp_sdf_release(&sdf);
    small_close(&s);
}

/* INTERCONNECT delays go into the arcs behind them, but not into those of the ideal clock. */
static void test_wires(void **state)
{
    (void)state;
    static const char wires[] = "(INTERCONNECT a a\\.b\\[3\\]/A (0.1::0.2) (0.3))\n"
                                "(INTERCONNECT r/Q q (9)) (INTERCONNECT clk r/CK (9))";
    struct small s;
    struct mp_sdf sdf;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text text = {0};
    const char *at = strstr(sdf_text, "(INTERCONNECT clk"), *rest = strstr(at, "))");
    small_open(&s);
    mp_text_add_bytes(&text, sdf_text, (size_t)(at - sdf_text));
    mp_text_add(&text, wires);
    mp_text_add(&text, rest + 2);
    int code = mp_sdf_read_text(&sdf, &s.netlist, text.data, text.size, "x.sdf", &err);
    assert_string_equal(err.message, "");
    assert_int_equal(code, MP_OK);
    const struct mp_sdf_arc *a = sdf.arcs;
    assert_true(fabs(a[0].rise_s - 80e-12) < 1e-20 && isnan(a[0].fall_s));
    assert_true(fabs(a[1].rise_s - 105e-12) < 1e-20 && fabs(a[1].fall_s - 105e-12) < 1e-20);
    assert_true(fabs(a[2].rise_s - 200e-12) < 1e-20 && fabs(a[2].fall_s - 400e-12) < 1e-20);
    mp_sdf_release(&sdf);
    char *slash = strstr(text.data, "/A ");
    slash[1] = 'B';
    assert_int_equal(mp_sdf_read_text(&sdf, &s.netlist, text.data, text.size, "x.sdf", &err),
                     MP_E_INPUT);
    assert_non_null(strstr(err.message, "pin B of a.b[3]"));
    mp_text_release(&text);
    small_close(&s);
}

static void test_truncated(void **state)
{
    (void)state;
    struct small s;
    struct mp_sdf sdf;
    small_open(&s);
    for (size_t n = 0; n < strlen(sdf_text) - 2; n++) {
        struct mp_error err = MP_ERROR_INIT;
        char *cut = mp_strndup(sdf_text, n);
        assert_int_equal(mp_sdf_read_text(&sdf, &s.netlist, cut, n, "x.sdf", &err), MP_E_INPUT);
        assert_string_equal(err.file, "x.sdf");
        assert_int_equal(sdf.arc_count, 0);
        free(cut);
    }
    small_close(&s);
}

static void refuse(const char *from, const char *to, int code, const char *why)
{
    struct small s;
    struct mp_sdf sdf;
    struct mp_error err = MP_ERROR_INIT;
    const char *at = strstr(sdf_text, from);
    assert_non_null(at);
    char *text = mp_asprintf("%.*s%s%s", (int)(at - sdf_text), sdf_text, to, at + strlen(from));
    small_open(&s);
    assert_int_equal(mp_sdf_read_text(&sdf, &s.netlist, text, strlen(text), "x.sdf", &err), code);
    if (!strstr(err.message, why))
        fail_msg("\"%s\" without \"%s\"", err.message, why);
    small_close(&s);
    free(text);
}

static void test_corrupt(void **state)
{
    (void)state;
    refuse("(DELAYFILE", "(LIBRARY", MP_E_INPUT, "DELAYFILE");
    refuse("100 ps", "100 parsec", MP_E_INPUT, "TIMESCALE");
    refuse("INSTANCE r", "INSTANCE other", MP_E_INPUT, "other");
    refuse("CK) Q", "CK) X", MP_E_INPUT, "\"X\"");
    refuse("posedge CK", "someedge CK", MP_E_INPUT, "posedge");
    refuse("1.0::2.0", "1.0::fast", MP_E_INPUT, "expected a delay");
    refuse("1.0::2.0", "::", MP_E_INPUT, "expected a delay");
    refuse("A == 1'b1", "Z == 1'b1", MP_E_INPUT, "Z");
    refuse("A == 1'b1", "A == 1'bx", MP_E_INPUT, "condition");
    refuse("(IOPATH A Y (0.25::0.75))", "(CONDELSE (IOPATH A Y (1)))", MP_E_UNSUPPORTED,
           "CONDELSE");
    refuse("(IOPATH (posedge CK) Q (1.0::2.0) (3::4:))", "", MP_E_INPUT, "no delay for cell r");
    refuse("ABSOLUTE (IOPATH", "INCREMENT (IOPATH", MP_E_UNSUPPORTED, "INCREMENT");
}

/* Every operator over both inputs of an XOR gate. */
static void test_conditions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned truth; /* bit A + 2 B */
    } cases[] = {
        {"A", 0xa},
        {"!A", 0x5},
        {"~ ! A", 0xa},
        {"A & B", 0x8},
        {"A && B", 0x8},
        {"A | B", 0xe},
        {"A || B", 0xe},
        {"A ^ B", 0x6},
        {"A == B", 0x9},
        {"A === 1'b0", 0x5},
        {"A != B", 0x6},
        {"A !== 1'b1", 0x5},
        {"(A == 1'b1) && (B == 1'b0)", 0x2},
        {"A == 1'b1 && B == 1'b0", 0x2},
        {"A == 1'b1 & B == 1'b1 | A == 1'b0 & B == 1'b0", 0x9},
        {"!(A & B) ^ 1", 0x8},
        {"\\A |0", 0xa},
        {"1'b1", 0xf},
        {"0", 0x0},
    };
    struct small s;
    small_open(&s);
    uint32_t cell = mp_library_cell(&s.library, "XOR");
    struct mp_arena arena = {0};
    struct mp_expr e;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct mp_error err = MP_ERROR_INIT;
        int code = mp_sdf_condition_parse(&e, &arena, &s.library, cell, cases[k].text,
                                          strlen(cases[k].text), &err);
        assert_string_equal(err.message, "");
        assert_int_equal(code, MP_OK);
        for (unsigned v = 0; v < 4; v++)
            assert_int_equal(mp_expr_eval(&e, v), cases[k].truth >> v & 1);
    }
    static const char *const bad[] = {"", "A &", "(A", "A B", "C", "A == 2", "&A", "A)", "1'bz"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_int_equal(
            mp_sdf_condition_parse(&e, &arena, &s.library, cell, bad[k], strlen(bad[k]), NULL),
            MP_E_INPUT);
    char deep[400];
    memset(deep, '(', sizeof deep);
    assert_int_equal(mp_sdf_condition_parse(&e, &arena, &s.library, cell, deep, sizeof deep, NULL),
                     MP_E_INPUT);
    mp_arena_release(&arena);
    small_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),     cmocka_unit_test(test_wires),
        cmocka_unit_test(test_truncated),  cmocka_unit_test(test_corrupt),
        cmocka_unit_test(test_conditions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
