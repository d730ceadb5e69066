/* Blocks by name, by hierarchy and by cone. */
#include "estimator/netlist/cones.h"
#include "tests/netlist/small_library.h"
#include "tests/util/cmocka_all.h"
#include <stdlib.h>
#include <string.h>

struct bench {
    struct mp_library library;
    struct mp_netlist n;
    struct mp_blocks blocks;
};

static void open_bench(struct bench *b, const char *text)
{
    struct mp_error err = MP_ERROR_INIT;
    memset(b, 0, sizeof *b);
    if (mp_library_read_text(&b->library, small_library, strlen(small_library), "small.lib", &err) <
            0 ||
        mp_netlist_read_text(&b->n, &b->library, text, strlen(text), "t.v", "top", &err) < 0 ||
        mp_netlist_levelise(&b->n, &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
    mp_blocks_find(&b->blocks, &b->n);
}

static void close_bench(struct bench *b)
{
    mp_blocks_release(&b->blocks);
    mp_netlist_release(&b->n);
    mp_library_release(&b->library);
}

static void assert_block(const struct bench *b, const char *cell, const char *block)
{
    for (uint32_t c = 0; c < b->n.cell_count; c++)
        if (strcmp(b->n.cell_name[c], cell) == 0) {
            assert_true(b->blocks.of_cell[c] < b->blocks.count);
            if (strcmp(b->blocks.names[b->blocks.of_cell[c]], block) != 0)
                fail_msg("%s is in %s, not in %s", cell, b->blocks.names[b->blocks.of_cell[c]],
                         block);
            return;
        }
    fail_msg("no cell %s", cell);
}

static void own_design_with_blocks_apart(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "module top(input clk, input weight, input activation, output [0:0] product);\n"
                   " wire [0:0] weight_q; wire activation_q, na, x, y; wire \\shifter.t ;\n"
                   " DFF x0(.CK(clk), .D(weight), .Q(weight_q[0]));\n"
                   " DFF x1(.CK(clk), .D(activation), .Q(na));\n"
                   " INV x2(.A(na), .Y(activation_q));\n"
                   " NAND2 \\multiplier.x3 (.A(weight_q), .B(activation_q), .Y(x));\n"
                   " INV x4(.A(x), .Y(\\shifter.t ));\n INV x5(.A(\\shifter.t ), .Y(y));\n"
                   " DFF x6(.CK(clk), .D(y), .Q(product));\nendmodule\n");
    assert_int_equal(b.blocks.origin, MP_BLOCKS_APART);
    assert_block(&b, "x0", "input_registers");
    assert_block(&b, "x1", "input_registers");
    assert_block(&b, "multiplier.x3", "multiplier");
    assert_block(&b, "x4", "shifter");
    assert_block(&b, "x2", "other");
    assert_block(&b, "x5", "other");
    assert_block(&b, "x6", "output_registers");
    assert_int_equal(b.blocks.count, 5);
    close_bench(&b);
}

/* The sign (weight[1]) meets the sum after one gate, the other bits after eight. */
static void own_design_flat(void **state)
{
    (void)state;
    struct bench b;
    open_bench(
        &b, "module top(input clk, input [1:0] weight, input activation, input first,\n"
            "           output accumulator);\n"
            " wire w0, w1, a, f, n0, n1, n2, n3, n4, n5, n6, n7, s, k, d, i;\n"
            " DFF r0(.CK(clk), .D(weight[0]), .Q(w0));\n DFF r1(.CK(clk), .D(weight[1]), .Q(w1));\n"
            " DFF r2(.CK(clk), .D(activation), .Q(a));\n DFF r3(.CK(clk), .D(first), .Q(f));\n"
            " NAND2 m0(.A(w0), .B(a), .Y(n0));\n NAND2 m1(.A(n0), .B(a), .Y(n1));\n"
            " NAND2 m2(.A(n1), .B(w0), .Y(n2));\n NAND2 m3(.A(n2), .B(a), .Y(n3));\n"
            " NAND2 m4(.A(n3), .B(w0), .Y(n4));\n NAND2 m5(.A(n4), .B(a), .Y(n5));\n"
            " NAND2 m6(.A(n5), .B(w0), .Y(n6));\n NAND2 m7(.A(n6), .B(a), .Y(n7));\n"
            " INV v(.A(w1), .Y(i));\n NAND2 negate(.A(n7), .B(i), .Y(s));\n"
            " NAND2 keep(.A(f), .B(accumulator), .Y(k));\n NAND2 sum(.A(s), .B(k), .Y(d));\n"
            " DFF r4(.CK(clk), .D(d), .Q(accumulator));\nendmodule\n");
    assert_int_equal(b.blocks.origin, MP_BLOCKS_CONES);
    static const char *const inputs[] = {"r0", "r1", "r2", "r3"};
    static const char *const products[] = {"m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"};
    static const char *const sums[] = {"v", "negate", "keep", "sum"};
    for (size_t k = 0; k < 4; k++)
        assert_block(&b, inputs[k], "input_registers");
    for (size_t k = 0; k < 8; k++)
        assert_block(&b, products[k], "multiplier");
    for (size_t k = 0; k < 4; k++)
        assert_block(&b, sums[k], "accumulator");
    assert_block(&b, "r4", "output_registers");
    assert_int_equal(b.blocks.count, 4);
    close_bench(&b);
}

static void stranger_by_hierarchy(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b,
               "module leaf(input clk, input [1:0] i, output o);\n wire t;\n"
               " NAND2 g(.A(i[1]), .B(i[0]), .Y(t));\n DFF h(.CK(clk), .D(t), .Q(o));\nendmodule\n"
               "module top(input clk, input [1:0] a, output [1:0] y, output z);\n"
               " leaf multiplier(.clk(clk), .i(a), .o(y[0]));\n leaf \\lane[3] (clk, a, y[1]);\n"
               " INV x(.A(a[0]), .Y(z));\nendmodule\n");
    assert_int_equal(b.blocks.origin, MP_BLOCKS_HIERARCHY);
    assert_block(&b, "multiplier.g", "multiplier");
    assert_block(&b, "multiplier.h", "multiplier");
    assert_block(&b, "lane[3].g", "lane");
    assert_block(&b, "x", "z logic");
    close_bench(&b);
}

static void stranger_by_cones(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b,
               "module top(input clk, input [1:0] a, input b, output [1:0] y, output z);\n"
               " wire [1:0] count; wire _1_, _2_, n3, n4, n5, n6, n7, n8, _9_, n10, n11, flag;\n"
               " DFF _0_(.CK(clk), .D(_1_), .Q(count[0]));\n"
               " DFF \\total_reg[7] (.CK(clk), .D(n3), .QN(n4));\n"
               " DFF _3_(.CK(clk), .D(n5), .Q(n6));\n INV _4_(.A(n6), .Y(flag));\n"
               " DFF _5_(.CK(clk), .D(a[1]), .Q(n7));\n"
               " INV only_count(.A(n7), .Y(_1_));\n"
               " NAND2 total_and_flag(.A(count[0]), .B(n8), .Y(_2_));\n"
               " INV to_total(.A(_2_), .Y(n3));\n INV to_flag(.A(_2_), .Y(n5));\n"
               " NAND2 wide(.A(a[0]), .B(b), .Y(n8));\n"
               " NAND2 to_y(.A(n8), .B(flag), .Y(y[0]));\n INV to_y_1(.A(n8), .Y(y[1]));\n"
               " NAND2 to_z(.A(n8), .B(n4), .Y(z));\n INV dead(.A(b), .Y(_9_));\nendmodule\n");
    assert_int_equal(b.blocks.origin, MP_BLOCKS_CONES);
    assert_block(&b, "_0_", "count registers");
    assert_block(&b, "total_reg[7]", "total_reg registers"); /* no net has a name */
    assert_block(&b, "_3_", "flag registers");               /* behind an inverter */
    assert_block(&b, "_5_", "a registers");                  /* before it */
    assert_block(&b, "only_count", "count logic");
    assert_block(&b, "total_and_flag", "shared: total_reg, flag");
    assert_block(&b, "to_total", "total_reg logic");
    assert_block(&b, "wide", "shared");
    assert_block(&b, "to_y", "y logic");
    assert_block(&b, "to_y_1", "y logic");
    assert_block(&b, "_4_", "y logic");
    assert_block(&b, "to_z", "z logic");
    assert_block(&b, "dead", "unused");
    close_bench(&b);
}

static void many_blocks_are_limited(void **state)
{
    (void)state;
    struct mp_text text = {0};
    struct bench b;
    mp_text_add(&text, "module top(input clk, input a, output o);\n INV x(.A(a), .Y(o));\n"
                       " INV y(.A(a), .Y());\n INV z(.A(a), .Y());\n");
    for (int k = 0; k < 200; k++)
        mp_text_printf(&text, " wire q_%d_; DFF f%d(.CK(clk), .D(a), .Q(q_%d_));\n", k, k, k);
    mp_text_add(&text, "endmodule\n");
    open_bench(&b, text.data);
    assert_int_equal(b.blocks.count, MP_BLOCKS_LIMIT);
    assert_block(&b, "y", "unused"); /* the largest */
    assert_block(&b, "x", "o logic");
    assert_block(&b, "f0", "q_0_ registers");
    assert_block(&b, "f199", "other blocks");
    uint32_t last = 0;
    for (uint32_t c = 0; c < b.n.cell_count; c++)
        last += b.blocks.of_cell[c] == MP_BLOCKS_LIMIT - 1;
    assert_int_equal(last, 200 - (MP_BLOCKS_LIMIT - 1 - 2));
    close_bench(&b);
    mp_text_release(&text);
}

static void a_netlist_without_cells(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "module top(input a, output o);\n assign o = a;\nendmodule\n");
    assert_int_equal(b.blocks.count, 0);
    close_bench(&b);
    mp_blocks_release(NULL);
}

static void names_without_meaning(void **state)
{
    (void)state;
    static const char *const anonymous[] = {"_0_", "_123_", "n5", "N17", "net3", "U9", "$abc$1"};
    static const char *const named[] = {"n", "n5[3]", "count", "q1", "_a_", "nnn1", "net", "_", ""};
    for (size_t k = 0; k < sizeof anonymous / sizeof *anonymous; k++)
        assert_true(mp_name_is_anonymous(anonymous[k]));
    for (size_t k = 0; k < sizeof named / sizeof *named; k++)
        assert_false(mp_name_is_anonymous(named[k]));
    assert_string_equal(mp_blocks_origin_name(MP_BLOCKS_CONES), "cones");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_design_with_blocks_apart), cmocka_unit_test(own_design_flat),
        cmocka_unit_test(stranger_by_hierarchy),        cmocka_unit_test(stranger_by_cones),
        cmocka_unit_test(many_blocks_are_limited),      cmocka_unit_test(a_netlist_without_cells),
        cmocka_unit_test(names_without_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
