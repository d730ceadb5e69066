/*
 * Random graphs of all kinds of nodes, in blocks, with registers and enables, as Verilog through
 * Icarus: the same as the simulation of the graph, cycle by cycle. And a text by hand.
 */
#include "estimator/util/file.h"
#include "estimator/util/process.h"
#include "estimator/util/random.h"
#include "netlists/graph_simulate.h"
#include "netlists/graph_verilog.h"

#include "tests/util/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRAPHS = 60, CYCLES = 40, INPUT_BITS = 12, REGISTERS = 10, NODES = 60, OUTPUT_BITS = 20 };

static uint32_t pick(struct mp_random *r, const uint32_t *pool, unsigned count)
{
    return mp_lit_not_if(pool[mp_random_below(r, count)], mp_random_below(r, 2));
}

static void add_node(struct mp_graph *g, struct mp_random *r, uint32_t *pool, unsigned *count)
{
    static const char *const blocks[] = {"", "multiplier", "shifter", "accumulator_adder"};
    uint32_t in[6], second = MP_LIT_FALSE, first;
    uint32_t before = mp_graph_block(g, blocks[mp_random_below(r, 4)]);

    for (unsigned k = 0; k < 6; k++)
        in[k] = pick(r, pool, *count);
    switch (mp_random_below(r, 12)) {
    case 0:
        first = mp_graph_and(g, in[0], in[1]);
        break;
    case 1:
        first = mp_graph_and3(g, in[0], in[1], in[2]);
        break;
    case 2:
        first = mp_graph_and4(g, in[0], in[1], in[2], in[3]);
        break;
    case 3:
        first = mp_graph_xor(g, in[0], in[1]);
        break;
    case 4:
        first = mp_graph_xor3(g, in[0], in[1], in[2]);
        break;
    case 5:
        first = mp_graph_mux(g, in[0], in[1], in[2]);
        break;
    case 6:
        first = mp_graph_maj(g, in[0], in[1], in[2]);
        break;
    case 7:
        first = mp_graph_ao21(g, in[0], in[1], in[2]);
        break;
    case 8:
        first = mp_graph_and_or(g, 2 + (unsigned)mp_random_below(r, 2), in, in + 3);
        break;
    case 9:
        mp_graph_half_adder(g, 0, 0, in[0], in[1], &first, &second);
        break;
    case 10:
        mp_graph_full_adder(g, 0, 0, in[0], in[1], MP_LIT_TRUE, &first, &second);
        break;
    default:
        mp_graph_full_adder(g, 0, 0, in[0], in[1], in[2], &first, &second);
        break;
    }
    if (mp_random_below(r, 2))
        mp_graph_name(g, first, "s%u", (unsigned)mp_random_below(r, 10));
    mp_graph_block_return(g, before);
    pool[(*count)++] = first;
    if (second != MP_LIT_FALSE)
        pool[(*count)++] = second;
}

static void make_graph(struct mp_graph *g, struct mp_random *r, unsigned number)
{
    uint32_t pool[INPUT_BITS + REGISTERS + 2 * NODES], q[REGISTERS], out[OUTPUT_BITS];
    const uint32_t *bits;
    unsigned count = 0;
    char name[32];

    snprintf(name, sizeof name, "dut%u", number);
    mp_graph_init(g, name);
    bits = mp_graph_input(g, "weight", INPUT_BITS - 1);
    for (unsigned i = 0; i < INPUT_BITS - 1; i++)
        pool[count++] = bits[i];
    pool[count++] = mp_graph_input(g, "first", 1)[0];
    for (unsigned i = 0; i < REGISTERS; i++) {
        pool[count++] = q[i] = mp_graph_register(g);
        if (i < 4)
            mp_graph_name(g, q[i], "weight_q[%u]", i);
        else if (i < 7)
            mp_graph_name(g, q[i], "clk");
    }
    for (unsigned i = 0; i < NODES; i++)
        add_node(g, r, pool, &count);
    for (unsigned i = 0; i < REGISTERS; i++)
        mp_graph_register_set(g, q[i], pick(r, pool, count),
                              i % 3 != 1 ? MP_LIT_TRUE : pick(r, pool, count));
    for (unsigned i = 0; i < OUTPUT_BITS; i++)
        out[i] = i == 3 ? MP_LIT_TRUE : pick(r, pool, count);
    mp_graph_output(g, "product", OUTPUT_BITS, out);
    mp_graph_output(g, "accumulator", 3, q + 7);
    mp_graph_sweep(g);
    assert_int_equal(mp_graph_check(g, NULL), MP_OK);
}

static void add_bench(struct mp_text *t, const struct mp_graph *g, struct mp_random *r,
                      unsigned number)
{
    struct mp_graph_simulator s;

    mp_graph_verilog(g, t);
    mp_text_printf(t,
                   "module tb%u;\n    reg clk;\n    reg [%d:0] weight;\n    reg first;\n"
                   "    wire [%d:0] product;\n    wire [2:0] accumulator;\n"
                   "    dut%u dut (.clk(clk), .weight(weight), .first(first), .product(product),\n"
                   "        .accumulator(accumulator));\n    initial begin\n        clk = 0;\n     "
                   "   dut.accumulator = 0;\n",
                   number, INPUT_BITS - 2, OUTPUT_BITS - 1, number);
    mp_graph_simulator_init(&s, g);
    for (unsigned cycle = 0; cycle < CYCLES; cycle++) {
        uint32_t x = (uint32_t)mp_random_below(r, 1u << INPUT_BITS), product = 0, sum = 0;

        for (unsigned i = 0; i < INPUT_BITS; i++) {
            const struct mp_graph_port *p = &g->ports[i == INPUT_BITS - 1];
            mp_graph_simulator_row(&s, p->bits[i % (INPUT_BITS - 1)])[0] = (x >> i) & 1;
        }
        mp_graph_simulator_settle(&s);
        for (unsigned i = 0; i < OUTPUT_BITS + 3; i++) {
            const struct mp_graph_port *p = &g->ports[2 + (i >= OUTPUT_BITS)];
            uint64_t row[MP_GRAPH_WORDS];
            mp_graph_simulator_get(&s, p->bits[i % OUTPUT_BITS], row);
            if (i < OUTPUT_BITS)
                product |= (uint32_t)(row[0] & 1) << i;
            else
                sum |= (uint32_t)(row[0] & 1) << (i - OUTPUT_BITS);
        }
        mp_text_printf(t,
                       "        weight = %u; first = %u;\n        #1 if (product !== %u || "
                       "accumulator !== %u) $display(\"WRONG %u at %u: %%h %%h\", product, "
                       "accumulator);\n        clk = 1;\n        #1 clk = 0;\n",
                       x & ((1u << (INPUT_BITS - 1)) - 1), x >> (INPUT_BITS - 1), product, sum,
                       number, cycle);
        mp_graph_simulator_clock(&s);
    }
    mp_graph_simulator_release(&s);
    mp_text_printf(t, "        $display(\"DONE\");\n    end\nendmodule\n\n");
}

static void run_tool(struct mp_process_result *r, const struct mp_tempdir *dir,
                     const char *const *argv)
{
    struct mp_process_options o = {.argv = argv, .cwd = dir->path, .timeout_s = 100};

    assert_int_equal(mp_process_run(r, &o, NULL), MP_OK);
    if (r->how != MP_EXITED || r->status != 0)
        fail_msg("%s: %s%s", argv[0], r->out.size ? r->out.data : "",
                 r->err.size ? r->err.data : "");
}

/* `initial` values for registers, since Icarus starts them unknown. */
static void start_from_zero(struct mp_text *out, const char *verilog)
{
    for (const char *line = verilog; *line != '\0';) {
        const char *end = strchr(line, '\n') + 1;
        char name[80];
        int high;

        mp_text_add_bytes(out, line, (size_t)(end - line));
        if (sscanf(line, "    reg [%d:0] %79[^;]", &high, name) == 2 ||
            sscanf(line, "    reg %79[^;]", name) == 1) {
            if (strncmp(name, "clk", 4) != 0 && strcmp(name, "first") != 0 &&
                strcmp(name, "weight") != 0)
                mp_text_printf(out, "    initial %s = 0;\n", name);
        }
        line = end;
    }
}

static void random_graphs(void **state)
{
    const char *const compile[] = {"iverilog", "-g2005", "-Wall", "-Wno-timescale",
                                   "-o",       "tb",     "tb.v",  NULL};
    const char *const run[] = {"vvp", "-n", "tb", NULL};
    struct mp_tempdir dir = {0};
    struct mp_process_result r = {0};
    struct mp_text text = {0}, started = {0};
    struct mp_random random;
    unsigned done = 0;
    char *path = mp_process_find("iverilog", NULL);

    (void)state;
    if (path == NULL) {
        print_message("iverilog is not installed: skipped\n");
        skip();
    }
    free(path);
    mp_random_seed(&random, 1);
    for (unsigned i = 0; i < GRAPHS; i++) {
        struct mp_graph g;
        make_graph(&g, &random, i);
        add_bench(&text, &g, &random, i);
        mp_graph_release(&g);
    }
    start_from_zero(&started, text.data);
    assert_int_equal(mp_tempdir_create(&dir, NULL), MP_OK);
    path = mp_path_join(dir.path, "tb.v");
    assert_int_equal(mp_file_write(path, started.data, started.size, NULL), MP_OK);
    run_tool(&r, &dir, compile);
    mp_process_result_release(&r);
    r = (struct mp_process_result){0};
    run_tool(&r, &dir, run);
    assert_non_null(r.out.data);
    if (strstr(r.out.data, "WRONG") != NULL)
        fail_msg("%s", r.out.data);
    for (const char *at = r.out.data; (at = strstr(at, "DONE")) != NULL; at++)
        done++;
    assert_int_equal(done, GRAPHS);
    mp_process_result_release(&r);
    mp_text_release(&text);
    mp_text_release(&started);
    mp_tempdir_remove(&dir);
    free(path);
}

static void by_hand(void **state)
{
    static const char expected[] = "module m_adder (\n"
                                   "    input wire [2:1] x,\n"
                                   "    input wire [0:0] q,\n"
                                   "    output wire [0:0] out\n"
                                   ");\n"
                                   "    wire g = x[1] & ~x[2];\n"
                                   "    wire n8 = g & q[0];\n"
                                   "\n"
                                   "    assign out[0] = ~n8;\n"
                                   "endmodule\n"
                                   "\n"
                                   "module m (\n"
                                   "    input wire clk,\n"
                                   "    input wire [2:0] x,\n"
                                   "    output reg [1:0] sum,\n"
                                   "    output wire [2:0] pair\n"
                                   ");\n"
                                   "    reg [0:0] q;\n"
                                   "    wire [0:0] adder_out;\n"
                                   "    m_adder adder (\n"
                                   "        .x(x[2:1]), .q(q[0:0]), .out(adder_out));\n"
                                   "\n"
                                   "    always @(posedge clk) begin\n"
                                   "        q <= x[0];\n"
                                   "        if (x[2]) sum <= {adder_out[0], x[1]};\n"
                                   "    end\n"
                                   "    assign pair = {1'b1, ~x[0], adder_out[0]};\n"
                                   "endmodule\n";
    struct mp_graph g;
    struct mp_text t = {0};
    uint32_t *x, q, sum[2], pair[3], n;

    (void)state;
    mp_graph_init(&g, "m");
    x = mp_graph_input(&g, "x", 3);
    q = mp_graph_register(&g);
    mp_graph_name(&g, q, "q[0]");
    mp_graph_register_set(&g, q, x[0], MP_LIT_TRUE);
    sum[0] = mp_graph_register(&g);
    sum[1] = mp_graph_register(&g);
    mp_graph_block(&g, "adder");
    n = mp_graph_and(&g, x[1], mp_lit_not(x[2]));
    mp_graph_name(&g, n, "g");
    n = mp_graph_and(&g, n, q);
    mp_graph_register_set(&g, sum[0], x[1], x[2]);
    mp_graph_register_set(&g, sum[1], mp_lit_not(n), x[2]);
    pair[0] = mp_lit_not(n);
    pair[1] = mp_lit_not(x[0]);
    pair[2] = MP_LIT_TRUE;
    mp_graph_output(&g, "sum", 2, sum);
    mp_graph_output(&g, "pair", 3, pair);
    mp_graph_sweep(&g);
    assert_int_equal(mp_graph_check(&g, NULL), MP_OK);
    mp_graph_verilog(&g, &t);
    assert_string_equal(t.data, expected);
    mp_text_release(&t);
    mp_graph_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(random_graphs),
    };

    return cmocka_run_group_tests_name("graph_verilog", tests, NULL, NULL);
}
