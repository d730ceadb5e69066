/* The activity of a trace, against the plain simulator run over one stretch after another. */
#include "estimator/pipeline/operands.h"

#include "estimator/netlist/gates.h"
#include "estimator/synth/yosys.h"
#include "estimator/util/file.h"
#include "netlists/design.h"
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];

    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

struct bench {
    struct mp_library gates;
    struct mp_netlist netlist;
    struct mp_format weight, activation;
    struct mp_error err;
};

static void open_bench(struct bench *b, const char *weight, const char *activation,
                       enum mp_unit unit)
{
    struct mp_design d = {.unit = unit};
    struct mp_text verilog = {0};
    struct mp_tempdir dir = {0};
    struct mp_yosys_result r = {0};
    char name[MP_DESIGN_NAME_SIZE];

    memset(b, 0, sizeof *b);
    assert_ok(mp_format_parse(&d.weight, weight, &b->err), &b->err);
    assert_ok(mp_format_parse(&d.activation, activation, &b->err), &b->err);
    b->weight = d.weight;
    b->activation = d.activation;
    assert_ok(mp_design_resolve(&d, &b->err), &b->err);
    assert_ok(mp_design_generate(&d, &verilog, &b->err), &b->err);
    assert_ok(mp_tempdir_create(&dir, &b->err), &b->err);
    assert_ok(mp_yosys_elaborate(&r, "yosys", verilog.data, mp_design_name(&d, name), dir.path,
                                 NULL, &b->err),
              &b->err);
    assert_ok(mp_gates_library(&b->gates, &b->err), &b->err);
    assert_ok(mp_netlist_read_text(&b->netlist, &b->gates, r.netlist_verilog,
                                   strlen(r.netlist_verilog), "elaborated.v", name, &b->err),
              &b->err);
    assert_ok(mp_netlist_levelise(&b->netlist, &b->err), &b->err);
    mp_yosys_result_release(&r);
    mp_text_release(&verilog);
    mp_tempdir_remove(&dir);
}

static void close_bench(struct bench *b)
{
    mp_netlist_release(&b->netlist);
    mp_library_release(&b->gates);
}

/* One stretch as the plain simulator reads it: ports in their order, bit 0 first, clk left out. */
static void stretch_inputs(const struct bench *b, const struct mp_trace *t, uint32_t stretch,
                           uint8_t *inputs, size_t input_count)
{
    for (uint32_t c = 0; c < t->length; c++) {
        uint8_t *row = inputs + c * input_count;
        size_t i = (size_t)stretch * t->length + c, k = 0;
        for (uint32_t p = 0; p < b->netlist.port_count; p++) {
            const struct mp_port *port = &b->netlist.ports[p];
            if (port->direction != MP_DIR_INPUT || strcmp(port->name, "clk") == 0)
                continue;
            uint32_t code = strcmp(port->name, "weight") == 0       ? t->weights[i]
                            : strcmp(port->name, "activation") == 0 ? t->activations[i]
                                                                    : t->firsts[i];
            for (uint32_t bit = 0; bit < port->width; bit++)
                row[k++] = (uint8_t)(code >> bit & 1);
        }
        assert_int_equal(k, input_count);
    }
}

static void check(struct bench *b, const struct mp_trace *t)
{
    const struct mp_netlist *n = &b->netlist;
    struct mp_activity fast = {0};
    size_t input_count = 0;
    uint64_t *transitions = mp_alloc(n->net_count, 8), *ones = mp_alloc(n->net_count, 8);
    uint64_t cycles = 0;

    for (uint32_t p = 0; p < n->port_count; p++)
        if (n->ports[p].direction == MP_DIR_INPUT && strcmp(n->ports[p].name, "clk") != 0)
            input_count += n->ports[p].width;
    uint8_t *inputs = mp_alloc(t->length, input_count);
    for (uint32_t s = 0; s < t->stretches; s++) {
        struct mp_activity one = {0};
        stretch_inputs(b, t, s, inputs, input_count);
        assert_ok(
            mp_reference_simulate(n, t->length, MP_WARMUP_CYCLES, inputs, &one, NULL, &b->err),
            &b->err);
        cycles += one.cycles;
        for (uint32_t i = 0; i < n->net_count; i++) {
            transitions[i] += one.transitions[i];
            ones[i] += one.ones[i];
        }
        mp_activity_release(&one);
    }
    assert_ok(mp_operands_activity(&fast, n, t, &b->err), &b->err);
    assert_int_equal(fast.net_count, n->net_count);
    assert_int_equal(fast.cycles, (uint64_t)t->stretches * (t->length - MP_WARMUP_CYCLES));
    assert_int_equal(fast.cycles, cycles);
    for (uint32_t i = 0; i < n->net_count; i++) {
        if (i == n->clock_net)
            continue; /* two transitions a cycle by definition */
        if (fast.transitions[i] != transitions[i] || fast.ones[i] != ones[i])
            fail_msg("net %s: %llu transitions and %llu ones, plain: %llu and %llu", n->net_name[i],
                     (unsigned long long)fast.transitions[i], (unsigned long long)fast.ones[i],
                     (unsigned long long)transitions[i], (unsigned long long)ones[i]);
    }
    assert_int_equal(fast.transitions[n->clock_net], 2 * cycles);
    mp_activity_release(&fast);
    free(inputs);
    free(transitions);
    free(ones);
}

/* A unit without registers gets its own result back in the next cycle, nothing where a sum begins.
 * accumulator = addend ^ (weight & activation), bit by bit, and carry = addend_carry | activation.
 */
static void addends_come_back(void **state)
{
    static const char verilog[] =
        "module t(weight, activation, addend, addend_carry, sum, carry);\n"
        "input [1:0] weight, activation, addend, addend_carry; output [1:0] sum, carry;\n"
        "wire [1:0] p;\n"
        "\\$_AND_ a0 (.A(weight[0]), .B(activation[0]), .Y(p[0]));\n"
        "\\$_AND_ a1 (.A(weight[1]), .B(activation[1]), .Y(p[1]));\n"
        "\\$_XOR_ x0 (.A(p[0]), .B(addend[0]), .Y(sum[0]));\n"
        "\\$_XOR_ x1 (.A(p[1]), .B(addend[1]), .Y(sum[1]));\n"
        "\\$_OR_ o0 (.A(addend_carry[0]), .B(activation[0]), .Y(carry[0]));\n"
        "\\$_OR_ o1 (.A(addend_carry[1]), .B(activation[1]), .Y(carry[1]));\nendmodule\n";
    const struct mp_trace_options o = {
        .dataflow = MP_OUTPUT_STATIONARY, .stretches = 640, .length = 40, .images = 1, .seed = 5};
    struct bench b = {0};
    struct mp_trace t;
    struct mp_activity a;
    uint64_t transitions[4] = {0}, ones[4] = {0};

    (void)state;
    assert_ok(mp_gates_library(&b.gates, &b.err), &b.err);
    assert_ok(
        mp_netlist_read_text(&b.netlist, &b.gates, verilog, sizeof verilog - 1, "t.v", "t", &b.err),
        &b.err);
    assert_ok(mp_netlist_levelise(&b.netlist, &b.err), &b.err);
    assert_ok(mp_format_parse(&b.weight, "uint2", &b.err), &b.err);
    assert_ok(mp_trace_random(&t, &b.weight, &b.weight, MP_OPERANDS_UNIFORM, &o, &b.err), &b.err);
    for (size_t i = 0; i < (size_t)t.stretches * t.length; i++)
        t.firsts[i] = i % 7 == 3;
    for (uint32_t s = 0; s < t.stretches; s++) {
        uint32_t result = 0;
        for (uint32_t c = 0; c < t.length; c++) {
            size_t i = (size_t)s * t.length + c;
            uint32_t before = result, back = t.firsts[i] ? 0 : result;
            result = ((back ^ (t.weights[i] & t.activations[i])) & 3) |
                     ((back | t.activations[i] << 2) & 12);
            for (unsigned k = 0; c >= MP_WARMUP_CYCLES && k < 4; k++) {
                transitions[k] += (before ^ result) >> k & 1;
                ones[k] += result >> k & 1;
            }
        }
    }
    assert_ok(mp_operands_activity(&a, &b.netlist, &t, &b.err), &b.err);
    for (unsigned k = 0; k < 4; k++) {
        uint32_t port = mp_netlist_port(&b.netlist, k < 2 ? "sum" : "carry");
        uint32_t net = b.netlist.ports[port].nets[k % 2];
        assert_int_equal(a.transitions[net], transitions[k]);
        assert_int_equal(a.ones[net], ones[k]);
    }
    mp_activity_release(&a);
    mp_trace_release(&t);
    close_bench(&b);
}

static void equals_plain_simulation(void **state)
{
    static const struct {
        const char *weight, *activation;
        enum mp_unit unit;
        enum mp_operands operands;
        enum mp_dataflow dataflow;
        uint32_t stretches, length;
    } rows[] = {
        {"e2m1", "uint4", MP_UNIT_MULTIPLIER, MP_OPERANDS_NORMAL, MP_OUTPUT_STATIONARY, 64, 40},
        {"int4", "int3", MP_UNIT_MAC, MP_OPERANDS_UNIFORM, MP_OUTPUT_STATIONARY, 192, 16},
        /* More stretches than lanes: a second, partly filled batch. */
        {"e3m0", "uint3", MP_UNIT_MAC, MP_OPERANDS_NORMAL, MP_OUTPUT_STATIONARY, 640, 9},
        {"int3", "uint4", MP_UNIT_MULTIPLIER, MP_OPERANDS_NORMAL, MP_WEIGHT_STATIONARY, 64, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        struct mp_trace t = {0};
        struct mp_trace_options o = {.dataflow = rows[i].dataflow,
                                     .stretches = rows[i].stretches,
                                     .length = rows[i].length,
                                     .seed = i + 1};
        open_bench(&b, rows[i].weight, rows[i].activation, rows[i].unit);
        assert_ok(mp_trace_random(&t, &b.weight, &b.activation, rows[i].operands, &o, &b.err),
                  &b.err);
        check(&b, &t);
        mp_trace_release(&t);
        close_bench(&b);
    }
}

static void refuses(void **state)
{
    struct bench b;
    struct mp_trace t = {0};
    struct mp_activity a = {0};
    struct mp_format other;
    struct mp_trace_options o = {.stretches = 64, .length = 8, .seed = 1};

    (void)state;
    open_bench(&b, "int3", "uint3", MP_UNIT_MULTIPLIER);
    assert_ok(mp_trace_random(&t, &b.weight, &b.activation, MP_OPERANDS_UNIFORM, &o, &b.err),
              &b.err);
    t.length = MP_WARMUP_CYCLES;
    assert_int_equal(mp_operands_activity(&a, &b.netlist, &t, &b.err), MP_E_INPUT);
    assert_non_null(strstr(b.err.message, "stretches of 3 cycles"));
    mp_trace_release(&t);
    assert_ok(mp_format_parse(&other, "int4", &b.err), &b.err);
    assert_ok(mp_trace_random(&t, &other, &b.activation, MP_OPERANDS_UNIFORM, &o, &b.err), &b.err);
    assert_int_equal(mp_operands_activity(&a, &b.netlist, &t, &b.err), MP_E_INPUT);
    assert_non_null(strstr(b.err.message, "`weight` of the trace's 4 bits"));
    mp_trace_release(&t);
    assert_ok(mp_trace_random(&t, &b.weight, &other, MP_OPERANDS_UNIFORM, &o, &b.err), &b.err);
    assert_int_equal(mp_operands_activity(&a, &b.netlist, &t, &b.err), MP_E_INPUT);
    assert_non_null(strstr(b.err.message, "`activation` of the trace's 4 bits"));
    mp_trace_release(&t);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(addends_come_back),
                                       cmocka_unit_test(equals_plain_simulation),
                                       cmocka_unit_test(refuses)};

    return cmocka_run_group_tests_name("operands", tests, NULL, NULL);
}
