/*
 * Icarus Verilog simulates generated designs and behavioural references on vectors whose results
 * come from the golden model: all of them where there are few, corners and random ones else. One
 * compilation and one simulation for all designs.
 */
#include "estimator/util/file.h"
#include "estimator/util/process.h"
#include "estimator/util/random.h"
#include "netlists/adder.h"
#include "tests/netlists/grid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EXHAUSTIVE_BITS 10
#define RANDOM_VECTORS  200
#define STRIDE          8 /* architectures take turns at the grid */

struct bench {
    struct mp_tempdir dir;
    struct mp_text verilog;
    struct mp_random random;
    bool reference;
    unsigned designs;
};

static void write_file(const struct bench *b, const char *name, const struct mp_text *text)
{
    char *path = mp_path_join(b->dir.path, name);

    assert_int_equal(mp_file_write(path, text->data, text->size, NULL), MP_OK);
    free(path);
}

/* Corners of a code: 0, 1, all ones, the sign alone, the largest; else random. */
static uint32_t pick(struct mp_random *r, unsigned bits)
{
    uint32_t ones = (uint32_t)(((uint64_t)1 << bits) - 1);
    const uint32_t corners[] = {0, 1, ones, ones >> 1, (ones >> 1) + 1};

    if (mp_random_below(r, 4) == 0)
        return corners[mp_random_below(r, 5)];
    return (uint32_t)mp_random_below(r, (uint64_t)ones + 1);
}

/* Lines "first weight activation result"; returns how many. */
static unsigned write_vectors(struct bench *b, const struct mp_design *d, const char *file)
{
    unsigned bits = d->weight.bits + (unsigned)d->activation.bits, count;
    bool exhaustive = bits <= EXHAUSTIVE_BITS;
    struct mp_text t = {0};
    mp_u128 result = 0;

    count = exhaustive ? 1u << bits : RANDOM_VECTORS;
    for (unsigned i = 0; i < count; i++) {
        uint32_t w = exhaustive ? i >> d->activation.bits : pick(&b->random, d->weight.bits);
        uint32_t a = exhaustive ? i & ((1u << d->activation.bits) - 1)
                                : pick(&b->random, d->activation.bits);
        bool first = i == 0 || mp_random_below(&b->random, 8) == 0;

        if (d->unit == MP_UNIT_MULTIPLIER)
            result = mp_golden_product_code(&d->weight, &d->activation, w, a);
        else
            result =
                mp_golden_mac(&d->weight, &d->activation, d->accumulator_bits, result, first, w, a);
        mp_text_printf(&t, "%x%08x%08x%016llx%016llx\n", (unsigned)first, w, a,
                       (unsigned long long)(result >> 64), (unsigned long long)result);
    }
    write_file(b, file, &t);
    mp_text_release(&t);
    return count;
}

static void add_design(struct bench *b, const struct mp_design *d)
{
    char name[MP_DESIGN_NAME_SIZE], file[32];
    bool mac = d->unit == MP_UNIT_MAC;
    unsigned k = b->designs++, count;
    unsigned bits = mac ? d->accumulator_bits : mp_golden_product_bits(&d->weight, &d->activation);

    mp_design_name(d, name);
    snprintf(file, sizeof file, "v%u.hex", k);
    count = write_vectors(b, d, file);
    if (b->reference)
        assert_int_equal(mp_design_reference(d, &b->verilog, NULL), MP_OK);
    else
        assert_int_equal(mp_design_generate(d, &b->verilog, NULL), MP_OK);
    /* The result of vector i - 1 stands after the edge that takes in vector i. */
    mp_text_printf(
        &b->verilog,
        "module tb%u;\n"
        "    reg [195:0] vectors [0:%u];\n    reg [195:0] x;\n    reg clk;\n"
        "    integer i, wrong;\n    wire [%u:0] result;\n"
        "    %s dut (.clk(clk), .weight(x[%u:160]), .activation(x[%u:128]),%s .%s(result));\n"
        "    initial begin\n"
        "        $readmemh(\"%s\", vectors);\n        clk = 0;\n        wrong = 0;\n"
        "        for (i = 0; i <= %u; i = i + 1) begin\n"
        "            x = vectors[i < %u ? i : 0];\n            #1 clk = 1;\n            #1 clk = "
        "0;\n"
        "            if (i > 0 && result !== vectors[i - 1][%u:0]) begin\n"
        "                wrong = wrong + 1;\n"
        "                if (wrong == 1) $display(\"WRONG %s vector %%0d: %%h is %%h\", i - 1,\n"
        "                    vectors[i - 1], result);\n"
        "            end\n        end\n"
        "        if (wrong == 0) $display(\"RIGHT %s\");\n    end\nendmodule\n\n",
        k, count - 1, bits - 1, name, 159 + d->weight.bits, 127 + d->activation.bits,
        mac ? " .first(x[192])," : "", mac ? "accumulator" : "product", file, count, count,
        bits - 1, name, name);
}

static void run_tool(struct mp_process_result *r, const struct bench *b, const char *const *argv)
{
    struct mp_process_options o = {.argv = argv, .cwd = b->dir.path, .timeout_s = 240};
    struct mp_error err = MP_ERROR_INIT;

    if (mp_process_run(r, &o, &err) < 0)
        fail_msg("%s", err.message);
    if (r->how != MP_EXITED || r->status != 0)
        fail_msg("%s: %s%s", argv[0], r->out.size ? r->out.data : "",
                 r->err.size ? r->err.data : "");
}

static unsigned occurrences(const char *text, const char *word)
{
    unsigned n = 0;

    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        n++;
    return n;
}

static void simulate(struct bench *b)
{
    const char *const compile[] = {"iverilog", "-g2005", "-o", "tb", "tb.v", NULL};
    const char *const run[] = {"vvp", "-n", "tb", NULL};
    struct mp_process_result r = {0};

    write_file(b, "tb.v", &b->verilog);
    run_tool(&r, b, compile);
    mp_process_result_release(&r);
    r = (struct mp_process_result){0};
    run_tool(&r, b, run);
    const char *out = r.out.data ? r.out.data : "no output";
    if (strstr(out, "WRONG") != NULL)
        fail_msg("%s", out);
    assert_int_equal(occurrences(out, "RIGHT "), b->designs);
    print_message("%u designs right\n", b->designs);
    mp_process_result_release(&r);
}

static void open_bench(struct bench *b, bool reference)
{
    char *path = mp_process_find("iverilog", NULL);

    if (path == NULL) {
        print_message("iverilog is not installed: skipped\n");
        skip();
    }
    free(path);
    *b = (struct bench){.reference = reference};
    mp_random_seed(&b->random, 2017);
    assert_int_equal(mp_tempdir_create(&b->dir, NULL), MP_OK);
}

static void close_bench(struct bench *b)
{
    mp_tempdir_remove(&b->dir);
    mp_text_release(&b->verilog);
}

static void add_grid(struct bench *b, enum mp_unit unit, const char *multiplier, unsigned bits)
{
    for (size_t i = 0; i < GRID_COUNT; i++) {
        struct mp_design d;
        assert_true(grid_design(&d, i, unit, multiplier, bits));
        add_design(b, &d);
    }
}

static void multipliers(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, false);
    add_grid(&b, MP_UNIT_MULTIPLIER, NULL, 0);
    for (size_t i = 0; i < mp_architecture_count(); i++)
        for (size_t row = i % STRIDE; row < GRID_COUNT; row += STRIDE) {
            struct mp_design d;
            assert_true(grid_design(&d, row, MP_UNIT_MULTIPLIER, mp_architecture_at(i)->name, 0));
            d.adder = mp_adder_at((i + row) % mp_adder_count())->name;
            add_design(&b, &d);
        }
    simulate(&b);
    close_bench(&b);
}

/* Wide enough, then narrower than some products: sums wrap around. */
static void macs(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, false);
    add_grid(&b, MP_UNIT_MAC, NULL, 0);
    add_grid(&b, MP_UNIT_MAC, NULL, 7);
    simulate(&b);
    close_bench(&b);
}

/* Formats that have a reference whether or not there is a generator. */
static void add_more(struct bench *b, enum mp_unit unit)
{
    static const char *const rows[][2] = {
        {"fp8_e4m3", "uint8"}, {"fp8_e5m2", "int8"}, {"bf16w4", "int4"},  {"bf16", "uint6"},
        {"bf16w64", "int16"},  {"pot2_e1", "uint3"}, {"pot2_e3", "int6"}, {"pot2_e5", "uint16"},
        {"mxfp4", "int8"},     {"mxint8", "uint8"},  {"e2m1", "e2m1"},    {"e4m3", "fp8_e4m3"},
        {"e3m2z", "e0m3"},     {"e5m2", "e5m2"},     {"e2m3", "bf16w8"},  {"bf16", "e1m2z"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mp_design d = {.unit = unit};
        assert_int_equal(mp_format_parse(&d.weight, rows[i][0], NULL), MP_OK);
        assert_int_equal(mp_format_parse(&d.activation, rows[i][1], NULL), MP_OK);
        assert_int_equal(mp_design_resolve(&d, NULL), MP_OK);
        add_design(b, &d);
    }
}

static void references(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, true);
    add_grid(&b, MP_UNIT_MULTIPLIER, NULL, 0);
    add_grid(&b, MP_UNIT_MAC, NULL, 0);
    add_grid(&b, MP_UNIT_MAC, NULL, 7);
    add_more(&b, MP_UNIT_MULTIPLIER);
    add_more(&b, MP_UNIT_MAC);
    simulate(&b);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multipliers),
        cmocka_unit_test(macs),
        cmocka_unit_test(references),
    };

    return cmocka_run_group_tests_name("icarus", tests, NULL, NULL);
}
