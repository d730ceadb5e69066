/* The search as a whole: better than its start, the same for the same seed, read back and proven.
 */
#include "estimator/netlist/netlist.h"
#include "estimator/techmap/techmap.h"
#include "netlists/architecture.h"
#include "tests/fake_tools/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

#define BITS 4

static void make_graph(struct mp_graph *g, const char *architecture, bool has_registers)
{
    uint32_t *x, *y, sum[2 * BITS];
    struct mp_columns *c;

    mp_graph_init(g, "product");
    x = mp_graph_input(g, "x", BITS);
    y = mp_graph_input(g, "y", BITS);
    c = mp_columns_create(g, 2 * BITS);
    mp_graph_block(g, "multiplier");
    mp_architecture_write(g, mp_architecture_find(architecture), NULL,
                          &(struct mp_operands){x, y, BITS, BITS, false, false}, c, sum);
    mp_graph_block(g, "");
    for (unsigned i = 0; i < 2 * BITS && has_registers; i++) {
        uint32_t q = mp_graph_register(g);
        mp_graph_name(g, q, "product_q[%u]", i);
        mp_graph_register_set(g, q, sum[i], i % 2 == 0 ? MP_LIT_TRUE : x[0]);
        sum[i] = q;
    }
    mp_graph_output(g, "p", 2 * BITS, sum);
    mp_columns_destroy(c);
    mp_graph_sweep(g);
}

static struct mp_techmap_result search(const struct mp_techmap_job *job)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_techmap_result r;

    if (mp_techmap_search(&r, job, &err) < 0)
        fail_msg("%s", err.message);
    return r;
}

/* Every product, through the reader that the pipeline takes. */
static void check_products(const struct mp_library *lib, const char *verilog)
{
    struct mp_netlist n;
    struct mp_error err = MP_ERROR_INIT;

    if (mp_netlist_read_text(&n, lib, verilog, strlen(verilog), "found.v", NULL, &err) < 0 ||
        mp_netlist_levelise(&n, &err) < 0)
        fail_msg("%s", err.message);
    for (unsigned v = 0; v < 1u << 2 * BITS; v++) {
        bool *value = mp_alloc(n.net_count, sizeof *value);
        unsigned product = 0;

        value[1] = true;
        for (unsigned p = 0; p < 2; p++)
            for (unsigned i = 0; i < BITS; i++)
                value[n.ports[p].nets[i]] = v >> (p * BITS + i) & 1;
        for (uint32_t i = 0; i < n.order_count; i++) {
            uint32_t c = n.order[i];
            const struct mp_lib_cell *cell = &lib->cells[n.cell_type[c]];
            uint64_t pins = 0;

            for (uint32_t k = 0; k < cell->pin_count; k++) {
                uint32_t net = n.pin_net[n.cell_first_pin[c] + k];
                if (net != MP_NONE && lib->pins[cell->first_pin + k].direction == MP_DIR_INPUT)
                    pins |= (uint64_t)value[net] << k;
            }
            for (uint32_t k = 0; k < cell->pin_count; k++) {
                uint32_t net = n.pin_net[n.cell_first_pin[c] + k];
                if (net != MP_NONE && lib->pins[cell->first_pin + k].direction == MP_DIR_OUTPUT)
                    value[net] = mp_expr_eval(&lib->pins[cell->first_pin + k].function, pins);
            }
            assert_non_null(strstr(n.cell_name[c], "multiplier."));
        }
        for (unsigned i = 0; i < 2 * BITS; i++)
            product |= (unsigned)value[n.ports[2].nets[i]] << i;
        assert_int_equal(product, (v & 15) * (v >> BITS));
        free(value);
    }
    mp_netlist_release(&n);
}

struct bench {
    struct fixture f;
    struct mp_nldm nldm;
    struct mp_graph graphs[3];
    struct mp_techmap_variant variants[3];
    struct mp_techmap_job job;
};

static void open_bench(struct bench *b)
{
    static const char *const names[] = {"dadda", "tdm", "booth4"};
    struct mp_error err = MP_ERROR_INIT;

    fixture_open(&b->f, 0);
    assert_int_equal(mp_nldm_compile(&b->nldm, &b->f.library, &err), MP_OK);
    for (unsigned k = 0; k < 3; k++) {
        make_graph(&b->graphs[k], names[k], false);
        b->variants[k] = (struct mp_techmap_variant){names[k], &b->graphs[k]};
    }
    b->job = (struct mp_techmap_job){.variants = b->variants,
                                     .variant_count = 3,
                                     .nldm = &b->nldm,
                                     .environment = {.driving_cell = MP_NONE},
                                     .seed = 3,
                                     .runs = 2,
                                     .evaluations = 4000,
                                     .threads = 1,
                                     .front_points = 4};
    assert_int_equal(mp_objective_parse(&b->job.objective, "area*delay", &err), MP_OK);
}

static void close_bench(struct bench *b)
{
    for (unsigned k = 0; k < 3; k++)
        mp_graph_release(&b->graphs[k]);
    mp_nldm_release(&b->nldm);
    fixture_close(&b->f);
}

static void test_repeats(void **state)
{
    struct bench b;
    struct mp_techmap_result one, two;

    (void)state;
    open_bench(&b);
    one = search(&b.job);
    b.job.threads = 2;
    two = search(&b.job);
    assert_string_equal(one.best.verilog, two.best.verilog);
    assert_int_equal(one.front_count, two.front_count);
    assert_int_equal(one.evaluations, two.evaluations);
    assert_int_equal(one.run_count, 2);
    assert_true(one.front_count > 0);
    check_products(&b.f.library, one.best.verilog);
    for (uint32_t i = 0; i < one.front_count; i++) {
        check_products(&b.f.library, one.front[i].verilog);
        if (i > 0) {
            assert_true(one.front[i].measures.delay_s > one.front[i - 1].measures.delay_s);
            assert_true(one.front[i].measures.area_um2 < one.front[i - 1].measures.area_um2);
        }
    }
    mp_techmap_result_release(&one);
    mp_techmap_result_release(&two);
    close_bench(&b);
}

static void test_limits(void **state)
{
    struct bench b;
    struct mp_techmap_result fast, small;
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    open_bench(&b);
    assert_int_equal(mp_objective_parse(&b.job.objective, "delay", &err), MP_OK);
    fast = search(&b.job);
    assert_int_equal(mp_objective_parse(&b.job.objective, "area", &err), MP_OK);
    b.job.objective.max_delay_s = fast.best.measures.delay_s * 1.3;
    small = search(&b.job);
    assert_true(small.is_within_limits);
    assert_true(small.best.measures.delay_s <= b.job.objective.max_delay_s * 1.000001);
    assert_true(small.best.measures.area_um2 < fast.best.measures.area_um2);
    mp_techmap_result_release(&fast);
    mp_techmap_result_release(&small);
    close_bench(&b);
}

static void test_registers(void **state)
{
    struct bench b;
    struct mp_graph g;
    struct mp_techmap_result r;
    struct mp_netlist n;
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    open_bench(&b);
    make_graph(&g, "dadda", true);
    b.job.variants = &(struct mp_techmap_variant){"registers", &g};
    b.job.variant_count = 1;
    r = search(&b.job);
    assert_int_equal(mp_netlist_read_text(&n, &b.f.library, r.best.verilog, strlen(r.best.verilog),
                                          "found.v", NULL, &err),
                     MP_OK);
    assert_int_equal(mp_netlist_levelise(&n, &err), MP_OK);
    assert_int_equal(n.register_count, 2 * BITS);
    assert_string_equal(mp_netlist_clock_port(&n), "clk");
    mp_netlist_release(&n);
    mp_techmap_result_release(&r);
    mp_graph_release(&g);
    close_bench(&b);
}

static void test_no_graph(void **state)
{
    struct bench b;
    struct mp_techmap_result r;
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    open_bench(&b);
    b.job.variant_count = 0;
    assert_int_equal(mp_techmap_search(&r, &b.job, &err), MP_E_USAGE);
    b.job.variant_count = 3;
    b.job.evaluations = 0;
    assert_int_equal(mp_techmap_search(&r, &b.job, &err), MP_E_USAGE);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_registers),
        cmocka_unit_test(test_no_graph),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
