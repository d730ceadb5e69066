#include "estimator/techmap/resize.h"
#include "tests/techmap/toy.h"
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

/* Slow where it is watched: weak drives before a large load, a buffer without use, a block. */
static const char text[] =
    "module top(clk, a, b, \\c[x] , q, y, z, one);\n"
    "input clk; input [3:0] a; input b; input \\c[x] ; output [1:0] q; output y, z, one;\n"
    "wire n1, n2, n3, n4, \\mul.n ;\n"
    "AND2_X4 \\mul.first (.A(a[0]), .B(a[1]), .Y(n1));\n"
    "BUF_X1 idle (.A(n1), .Y(n2));\n"
    "AND2_X1 \\mul.second (.A(n2), .B(a[2]), .Y(\\mul.n ));\n"
    "INV_X1 third (.A(\\mul.n ), .Y(n3));\n"
    "DFF_X1 r0 (.CK(clk), .D(n3), .Q(q[0]));\n"
    "DFF_X2 r1 (.CK(clk), .D(q[0]), .Q(q[1]));\n"
    "FA_X1 add (.A(a[3]), .B(b), .C(\\c[x] ), .S(n4), .CO());\n"
    "XOR2_X4 last (.A(n4), .B(q[1]), .Y(y));\n"
    "assign z = a[3]; assign one = 1'b1;\n"
    "endmodule\n";

struct fixture {
    struct toy toy;
    struct mp_netlist netlist;
    struct mp_mapped_environment environment;
    struct mp_resize_options options;
};

static void open(struct fixture *f, const char *verilog)
{
    struct mp_error err = MP_ERROR_INIT;

    *f = (struct fixture){.environment = {.driving_cell = MP_NONE, .output_load_f = 5e-15},
                          .options = {.seed = 1, .evaluations = 5000, .threads = 1}};
    toy_open(&f->toy);
    if (mp_netlist_read_text(&f->netlist, &f->toy.library, verilog, strlen(verilog), "top.v", NULL,
                             &err) < 0 ||
        mp_netlist_levelise(&f->netlist, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(mp_objective_parse(&f->options.objective, "area", NULL), MP_OK);
}

static void close(struct fixture *f)
{
    mp_netlist_release(&f->netlist);
    toy_close(&f->toy);
}

static uint32_t find_cell(const struct mp_netlist *n, const char *name)
{
    for (uint32_t c = 0; c < n->cell_count; c++)
        if (strcmp(n->cell_name[c], name) == 0)
            return c;
    return MP_NONE;
}

static void test_names_and_registers(void **state)
{
    struct fixture f;
    struct mp_resize_result r;
    struct mp_netlist n = {0};
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    open(&f, text);
    if (mp_resize(&r, &f.netlist, &f.toy.nldm, &f.environment, &f.options, &err) < 0)
        fail_msg("%s", err.message);
    assert_true(r.after.area_um2 < r.before.area_um2);
    assert_true(r.gates_after < r.gates_before);
    assert_int_equal(r.run_count, 1);
    if (mp_netlist_read_text(&n, &f.toy.library, r.verilog, strlen(r.verilog), "out.v", "top",
                             &err) < 0 ||
        mp_netlist_levelise(&n, &err) < 0)
        fail_msg("%s\n%s", err.message, r.verilog);
    assert_int_equal(n.port_count, f.netlist.port_count);
    for (uint32_t p = 0; p < n.port_count; p++) {
        assert_string_equal(n.ports[p].name, f.netlist.ports[p].name);
        assert_int_equal(n.ports[p].width, f.netlist.ports[p].width);
        assert_int_equal(n.ports[p].is_vector, f.netlist.ports[p].is_vector);
    }
    if (getenv("SHOW") != NULL)
        print_message("%s", r.verilog);
    assert_int_equal(n.register_count, 2);
    assert_int_not_equal(find_cell(&n, "r0"), MP_NONE);
    assert_int_not_equal(find_cell(&n, "r1"), MP_NONE);
    assert_int_not_equal(find_cell(&n, "add"), MP_NONE);
    assert_int_not_equal(find_cell(&n, "last"), MP_NONE);
    assert_int_equal(find_cell(&n, "idle"), MP_NONE);
    /* AND, AND, INV: as AND2 and NAND2, the least area that there is. */
    assert_true(r.after.area_um2 < 4 + 3 + 11 + 11 + 12 + 6 + 1e-6);
    assert_true(mp_netlist_area_um2(&n) < r.after.area_um2 + 1e-6);
    mp_netlist_release(&n);
    mp_resize_result_release(&r);
    close(&f);
}

static void test_limit(void **state)
{
    struct fixture f;
    struct mp_resize_result small, fast;

    (void)state;
    open(&f, text);
    assert_int_equal(mp_resize(&small, &f.netlist, &f.toy.nldm, &f.environment, &f.options, NULL),
                     MP_OK);
    f.options.objective.max_delay_s = 0.9 * small.after.delay_s;
    assert_int_equal(mp_resize(&fast, &f.netlist, &f.toy.nldm, &f.environment, &f.options, NULL),
                     MP_OK);
    assert_true(fast.is_within_limits);
    assert_true(fast.after.delay_s <= 0.9 * small.after.delay_s * (1 + 1e-6));
    assert_true(fast.after.area_um2 > small.after.area_um2);
    mp_resize_result_release(&small);
    mp_resize_result_release(&fast);
    close(&f);
}

static void test_same_again(void **state)
{
    struct fixture f;
    struct mp_resize_result a, b;

    (void)state;
    open(&f, text);
    f.options.runs = 2;
    assert_int_equal(mp_resize(&a, &f.netlist, &f.toy.nldm, &f.environment, &f.options, NULL),
                     MP_OK);
    f.options.threads = 2;
    assert_int_equal(mp_resize(&b, &f.netlist, &f.toy.nldm, &f.environment, &f.options, NULL),
                     MP_OK);
    assert_string_equal(a.verilog, b.verilog);
    mp_resize_result_release(&a);
    mp_resize_result_release(&b);
    close(&f);
}

static void refuse(const char *verilog, enum mp_code code, const char *words)
{
    struct fixture f;
    struct mp_resize_result r;
    struct mp_error err = MP_ERROR_INIT;

    open(&f, verilog);
    assert_int_equal(mp_resize(&r, &f.netlist, &f.toy.nldm, &f.environment, &f.options, &err),
                     code);
    if (strstr(err.message, words) == NULL)
        fail_msg("no '%s' in: %s", words, err.message);
    mp_resize_result_release(&r);
    close(&f);
}

static void test_hostile(void **state)
{
    struct fixture f;
    struct mp_resize_result r;
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    refuse("module m(a, y); input a; output y; assign y = a; endmodule\n", MP_E_INPUT, "no cells");
    refuse("module m(a, y); input a; output y; SEVEN_X1 u (.A(a), .B(a), .C(a), .D(a), .E(a), "
           ".F(a), .G(a), .Y(y)); endmodule\n",
           MP_E_UNSUPPORTED, "SEVEN_X1");
    open(&f, text);
    f.options.evaluations = 0;
    assert_int_equal(mp_resize(&r, &f.netlist, &f.toy.nldm, &f.environment, &f.options, &err),
                     MP_E_USAGE);
    mp_resize_result_release(&r);
    assert_int_equal(mp_objective_parse(&f.options.objective, "power", NULL), MP_OK);
    f.options.evaluations = 100;
    assert_int_equal(mp_resize(&r, &f.netlist, &f.toy.nldm, &f.environment, &f.options, &err),
                     MP_E_USAGE);
    mp_resize_result_release(&r);
    close(&f);
}

/* A cell that has no other drive, no order of pins and no variant stays what it is. */
static void test_nothing_to_do(void **state)
{
    struct fixture f;
    struct mp_resize_result r;

    (void)state;
    open(&f, "module m(a, y); input [2:0] a; output y; ONLY_X1 u (.A(a[0]), .B(a[1]), .C(a[2]), "
             ".Y(y)); endmodule\n");
    assert_int_equal(mp_resize(&r, &f.netlist, &f.toy.nldm, &f.environment, &f.options, NULL),
                     MP_OK);
    assert_true(r.after.area_um2 == r.before.area_um2);
    assert_non_null(strstr(r.verilog, "ONLY_X1"));
    mp_resize_result_release(&r);
    close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_registers), cmocka_unit_test(test_limit),
        cmocka_unit_test(test_same_again), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_nothing_to_do)};
    return cmocka_run_group_tests_name("resize", tests, NULL, NULL);
}
