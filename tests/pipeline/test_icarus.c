/*
 * The transitions of every net, functional and timed, against Icarus Verilog: int8, int11 and e4m2
 * x uint8, multiplier and MAC, as the program makes them, under uniform operands and such as a CNN
 * has (a weight held for 8 cycles, 55 % of the activations zero).
 *
 *     test_pipeline_icarus CYCLES LIBRARY...     prints a table of what was found
 */
#include "estimator/interchange/annotation.h"
#include "estimator/pipeline/point.h"
#include "estimator/util/file.h"
#include "estimator/util/process.h"
#include "estimator/util/random.h"
#include "tests/activity/judge.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

/* Registers hold x until the first operands have come through; `first` is set every SUM cycles, so
 * the accumulator is known in the second one after the first. */
enum { WARMUP = 40, SUM = 32 };

/* What is left under Icarus's rule: the reference knows no order inside of a time slot (judge.h).
 * It came to 0.14 % on e4m2 multipliers of gf180, 0.12 % on int8 ones of nangate45, CNN-like. */
static const double PATH_RULE_LIMIT = 0.002;

static const char *const weights[] = {"int8", "int11", "e4m2"};
enum { WEIGHTS = sizeof weights / sizeof *weights };

/* From the command line. */
struct matrix {
    size_t cycles; /* counted ones */
    const char *const *libraries;
    size_t library_count;
};

struct unit {
    struct mp_tempdir dir;
    struct mp_point_result point;
    struct mp_sdf sdf;
    uint8_t *inputs; /* [cycle][input_count] */
    uint32_t input_count;
    size_t cycles; /* with the warm-up */
};

static void check(int rc, const struct mp_error *err)
{
    char text[1400];
    if (rc < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static void make_unit(struct unit *u, const struct mp_target *target, const struct mp_tools *tools,
                      const char *weight, enum mp_unit kind)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_point p = {.target = target,
                         .tools = tools,
                         .design = {.unit = kind},
                         .clock_period_s = target->default_clock_s,
                         .way = {.runs = 1},
                         .keep_blocks = true};
    *u = (struct unit){0};
    check(mp_tempdir_create(&u->dir, &err), &err);
    check(mp_format_parse(&p.design.weight, weight, &err), &err);
    check(mp_format_parse(&p.design.activation, "uint8", &err), &err);
    check(mp_design_resolve(&p.design, &err), &err);
    check(mp_point_make(&u->point, &p, &err), &err);
    assert_true(u->point.timing.slack_s >= 0);
    check(mp_sdf_read_text(&u->sdf, &u->point.netlist, u->point.timing.sdf,
                           strlen(u->point.timing.sdf), "delays.sdf", &err),
          &err);
}

static void release_unit(struct unit *u)
{
    free(u->inputs);
    mp_sdf_release(&u->sdf);
    mp_point_result_release(&u->point);
    mp_tempdir_remove(&u->dir);
}

/* Bits of one cycle, in the order of the ports. */
static void write_row(uint8_t *row, uint8_t *before, const struct mp_netlist *n, size_t cycle,
                      bool like_cnn, struct mp_random *random)
{
    bool zero = like_cnn && mp_random_below(random, 100) < 55;
    uint32_t i = 0;
    for (uint32_t p = 0; p < n->port_count; p++) {
        const struct mp_port *port = &n->ports[p];
        if (port->direction != MP_DIR_INPUT || port->nets[0] == n->clock_net)
            continue;
        for (uint32_t b = 0; b < port->width; b++, i++) {
            bool bit = mp_random_u64(random) & 1;
            if (strcmp(port->name, "first") == 0)
                bit = cycle % SUM == 0;
            else if (strcmp(port->name, "weight") == 0)
                bit = like_cnn && cycle % 8 != 0 ? before[i] : bit;
            else
                bit = bit && !zero;
            row[i] = bit;
        }
    }
}

static void make_operands(struct unit *u, size_t cycles, bool like_cnn)
{
    const struct mp_netlist *n = &u->point.netlist;
    struct mp_random random;
    mp_random_seed(&random, 7);
    u->cycles = WARMUP + cycles;
    u->input_count = 0;
    for (uint32_t p = 0; p < n->port_count; p++)
        if (n->ports[p].direction == MP_DIR_INPUT && n->ports[p].nets[0] != n->clock_net)
            u->input_count += n->ports[p].width;
    free(u->inputs);
    u->inputs = mp_alloc(u->cycles * u->input_count, 1);
    for (size_t c = 0; c < u->cycles; c++) {
        uint8_t *row = u->inputs + c * u->input_count;
        write_row(row, c ? row - u->input_count : row, n, c, like_cnn, &random);
    }
}

static void write_file(const char *folder, const char *name, const char *text)
{
    struct mp_error err = MP_ERROR_INIT;
    char *path = mp_path_join(folder, name);
    check(mp_file_write(path, text, strlen(text), &err), &err);
    free(path);
}

/* False: the tool is not here. */
static bool run_tool(const char *folder, const char *const *argv)
{
    struct mp_process_options o = {.argv = argv, .cwd = folder, .timeout_s = 600};
    struct mp_process_result r = {0};
    struct mp_error err = MP_ERROR_INIT;
    int rc = mp_process_run(&r, &o, &err);
    if (rc == MP_E_NOT_FOUND)
        print_message("skipped: %s is not installed\n", argv[0]);
    else if (rc < 0 || r.how != MP_EXITED || r.status != 0)
        fail_msg("%s: %s %s", argv[0], err.message, r.err.data ? r.err.data : "");
    mp_process_result_release(&r);
    return rc != MP_E_NOT_FOUND;
}

/* models.v: what Yosys takes the library's cells to be. */
static void write_models(const char *folder, const char *liberty)
{
    static const char *const argv[] = {"yosys", "-q", "-s", "models.ys", NULL};
    char *script =
        mp_asprintf("read_liberty -ignore_miss_func %s\nwrite_verilog models.v\n", liberty);
    write_file(folder, "models.ys", script);
    free(script);
    assert_true(run_tool(folder, argv));
}

static char *functional_testbench(const struct unit *u)
{
    const struct mp_netlist *n = &u->point.netlist;
    struct mp_text t = {0};
    uint32_t at = 0;
    mp_text_printf(&t,
                   "`timescale 1ns/1ps\nmodule tb;\nreg clk = 0;\nreg [%u:0] in;\n"
                   "reg [%u:0] rows [0:%zu];\ninteger i;\n%s dut(.clk(clk)",
                   u->input_count - 1, u->input_count - 1, u->cycles - 1, n->name);
    for (uint32_t p = 0; p < n->port_count; p++) {
        const struct mp_port *port = &n->ports[p];
        if (port->direction != MP_DIR_INPUT || port->nets[0] == n->clock_net)
            continue;
        mp_text_printf(&t, ", .%s(in[%u:%u])", port->name, at + port->width - 1, at);
        at += port->width;
    }
    mp_text_printf(&t,
                   ");\ninitial begin\n$readmemb(\"rows.txt\", rows);\n"
                   "for (i = 0; i < %zu; i = i + 1) begin\n"
                   "clk = 1; in <= rows[i];\n#1 clk = 0;\n#0.5\n"
                   "if (i == %d) begin $dumpfile(\"out.vcd\"); $dumpvars(0, dut); end\n"
                   "#0.5;\nend\n$finish;\nend\nendmodule\n",
                   u->cycles, WARMUP - 1);
    return t.data;
}

static void write_rows(const struct unit *u)
{
    struct mp_text t = {0};
    for (size_t c = 0; c < u->cycles; c++) {
        for (uint32_t i = u->input_count; i-- > 0;)
            mp_text_add(&t, u->inputs[c * u->input_count + i] ? "1" : "0");
        mp_text_add(&t, "\n");
    }
    write_file(u->dir.path, "rows.txt", t.data ? t.data : "");
    mp_text_release(&t);
}

/* Without delays, with Yosys's models of the cells: how many nets' transitions differ.
 */
static uint32_t functional(const struct unit *u, const char *models, uint64_t *moves)
{
    const struct mp_netlist *n = &u->point.netlist;
    const char *const iverilog[] = {"iverilog", "-o", "sim", "tb.v", "mapped.v", models, NULL};
    const char *const vvp[] = {"vvp", "-n", "sim", NULL};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_annotation_options o = {.period_s = 2e-9};
    struct mp_annotation dump;
    struct mp_activity ours;
    uint32_t wrong = 0;
    char *testbench = functional_testbench(u);
    write_file(u->dir.path, "tb.v", testbench ? testbench : "");
    write_file(u->dir.path, "mapped.v", u->point.netlist_verilog);
    write_rows(u);
    assert_true(run_tool(u->dir.path, iverilog) && run_tool(u->dir.path, vvp));
    char *path = mp_path_join(u->dir.path, "out.vcd");
    check(mp_annotation_read(&dump, n, path, &o, &err), &err);
    check(mp_reference_simulate(n, u->cycles, WARMUP, u->inputs, &ours, NULL, &err), &err);
    *moves = 0;
    for (uint32_t net = 2; net < n->net_count; net++)
        if (net != n->clock_net) {
            wrong += ours.transitions[net] != dump.activity.transitions[net];
            *moves += dump.activity.transitions[net];
        }
    mp_activity_release(&ours);
    mp_annotation_release(&dump);
    free(path);
    free(testbench);
    return wrong;
}

/* paths, once: Icarus's specify paths, plain and with functions evaluated once (judge.h). Nets over
 * 2 % by the step that they are put down to. */
static const char heading[] =
    "                                          transitions a cycle   nets that differ   "
    "|  against Icarus's specify paths, total and nets over 2 %\n"
    "                                           func.  paths  inert.  func. inert. once "
    "|  Icarus's rule        | inertial\n"
    "library    unit             operands  nets                                         "
    "|   total nets unc. slot |  total  nets worst here before unc. slot unexplained\n";

static void print_row(const char *library, const struct unit *u, const char *operands,
                      uint32_t functional_wrong, const struct judgement *j)
{
    double cycles = (double)(u->cycles - WARMUP);
    const struct judge_comparison *i = &j->inertial, *p = &j->path_rule;
    const char *name = u->point.netlist.name, *end = strstr(name, "_uint8");
    int length = (int)(end ? end - name : (ptrdiff_t)strlen(name));
    print_message("%-10s %-16.*s %-8s %5u %6.1f %6.1f %6.1f  %5u %5u %5u  | %+8.4f %4u %4u %4u "
                  "| %+7.3f %4u %5.1f %4u %6u %4u %4u %4u\n",
                  library, length, name, operands, j->nets, (double)j->functional / cycles,
                  (double)j->paths / cycles, (double)i->transitions / cycles, functional_wrong,
                  j->inertial_wrong, j->once_wrong, 100 * p->total, p->away,
                  p->steps[JUDGE_UNCOVERED], p->steps[JUDGE_SLOT], 100 * i->total, i->away,
                  100 * i->worst, i->steps[JUDGE_RULE_HERE], i->steps[JUDGE_RULE_BEFORE],
                  i->steps[JUDGE_UNCOVERED], i->steps[JUDGE_SLOT],
                  i->steps[JUDGE_UNEXPLAINED] + p->steps[JUDGE_UNEXPLAINED]);
}

static struct icarus_job job_of(const struct unit *u)
{
    return (struct icarus_job){.n = &u->point.netlist,
                               .sdf = &u->sdf,
                               .folder = u->dir.path,
                               .cycles = u->cycles,
                               .warmup = WARMUP,
                               .inputs = u->inputs,
                               .period_ticks =
                                   (unsigned)(u->point.record.clock_period_s * 1e12 + 0.5),
                               .unknown_registers = true};
}

/* The table is to be whole: what is wrong is told, counted, and fails the test at its end. */
static unsigned expect(bool holds, const char *what)
{
    if (!holds)
        print_message("  not as it should be: %s\n", what);
    return !holds;
}

/* Returns what was not as it should be. */
static unsigned judge_unit(struct unit *u, const char *library, const char *models, size_t cycles,
                           bool like_cnn)
{
    struct mp_error err = MP_ERROR_INIT;
    struct judgement j;
    uint64_t moves;
    make_operands(u, cycles, like_cnn);
    struct icarus_job job = job_of(u);
    uint32_t wrong = functional(u, models, &moves);
    check(judge_run(&j, &job, &u->sdf, &err), &err);
    print_row(library, u, like_cnn ? "CNN" : "uniform", wrong, &j);
    return expect(wrong == 0 && j.functional == moves, "functional transitions") +
           expect(j.fast_wrong == 0, "mp_timed_step() against the reference") +
           expect(j.inertial_wrong == 0, "inertial delays") +
           expect(j.once_wrong == 0, "Icarus's rule, functions evaluated once") +
           expect(fabs(j.path_rule.total) < PATH_RULE_LIMIT, "total under Icarus's rule") +
           expect(j.inertial.steps[JUDGE_UNEXPLAINED] == 0, "a net of the inertial run") +
           expect(j.path_rule.steps[JUDGE_UNEXPLAINED] == 0, "a net under Icarus's rule") +
           expect(j.unsettled == 0, "a cycle that does not settle") +
           expect(j.often > j.nets / 4 && j.inertial.transitions > j.functional, "too few moves");
}

/* A wrong delay has to be noticed and cannot be explained away. */
static void judge_notices(const struct unit *u)
{
    struct mp_error err = MP_ERROR_INIT;
    struct judgement j;
    struct icarus_job job = job_of(u);
    struct mp_sdf wrong = u->sdf;
    wrong.arcs = mp_alloc(wrong.arc_count, sizeof *wrong.arcs);
    memcpy(wrong.arcs, u->sdf.arcs, wrong.arc_count * sizeof *wrong.arcs);
    for (uint32_t k = 0; k < wrong.arc_count; k++)
        if (u->point.netlist.library->cells[u->point.netlist.cell_type[wrong.arcs[k].cell]]
                .sequential == MP_COMBINATIONAL)
            wrong.arcs[k].fall_s *= 1.3;
    check(judge_run(&j, &job, &wrong, &err), &err);
    assert_true(j.inertial_wrong > j.nets / 4);
    assert_true(j.once_wrong > j.nets / 4);
    assert_true(j.inertial.steps[JUDGE_UNEXPLAINED] > 0);
    assert_true(j.path_rule.steps[JUDGE_UNEXPLAINED] > 0);
    free(wrong.arcs);
}

static unsigned judge_library(const struct mp_target *target, const struct mp_tools *tools,
                              size_t cycles)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_tempdir dir = {0};
    unsigned bad = 0;
    check(mp_tempdir_create(&dir, &err), &err);
    write_models(dir.path, target->prepared_path);
    char *models = mp_path_join(dir.path, "models.v");
    for (size_t w = 0; w < WEIGHTS; w++)
        for (int k = 0; k < 2; k++) {
            struct unit u;
            make_unit(&u, target, tools, weights[w], k ? MP_UNIT_MAC : MP_UNIT_MULTIPLIER);
            bad += judge_unit(&u, target->name, models, cycles, true);
            bad += judge_unit(&u, target->name, models, cycles, false);
            if (w == WEIGHTS - 1 && k == 0)
                judge_notices(&u);
            release_unit(&u);
        }
    free(models);
    mp_tempdir_remove(&dir);
    return bad;
}

static bool open_target(struct mp_target *target, const struct mp_descriptors *d, const char *name,
                        const char *folder)
{
    struct mp_error err = MP_ERROR_INIT;
    const struct mp_descriptor *found;
    int rc = mp_descriptors_find(d, name, &found, &err);
    if (rc == MP_E_NOT_FOUND)
        print_message("skipped: %s\n", err.message);
    else
        check(rc, &err);
    if (rc == MP_OK)
        check(mp_target_open(target, found, folder, &err), &err);
    return rc == MP_OK;
}

static void use_shared_libraries(void)
{
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    char *path =
        shared ? mp_path_join(shared, "libs") : mp_asprintf("%s/../shared/libs", root ? root : ".");
    if (mp_file_exists(path))
        setenv("MACPPA_LIBS", path, 1);
    free(path);
}

static void every_net(void **state)
{
    const struct matrix *m = *state;
    static const char *const version[] = {"iverilog", "-V", NULL};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_tools tools = {0};
    struct mp_descriptors descriptors;
    size_t done = 0;
    unsigned bad = 0;
    if (!run_tool(NULL, version))
        skip();
    use_shared_libraries();
    check(mp_tools_find(&tools, NULL, NULL, &err), &err);
    check(mp_descriptors_load(&descriptors, &err), &err);
    for (size_t l = 0; l < m->library_count; l++) {
        struct mp_tempdir dir = {0};
        struct mp_target target = {0};
        check(mp_tempdir_create(&dir, &err), &err);
        if (open_target(&target, &descriptors, m->libraries[l], dir.path)) {
            if (done++ == 0)
                print_message("%s", heading);
            bad += judge_library(&target, &tools, m->cycles);
        }
        mp_target_release(&target);
        mp_tempdir_remove(&dir);
    }
    mp_descriptors_release(&descriptors);
    mp_tools_release(&tools);
    assert_int_equal(bad, 0);
    if (done == 0)
        skip();
}

int main(int argc, char **argv)
{
    struct matrix m = {.cycles = argc > 1 ? strtoul(argv[1], NULL, 10) : 0,
                       .libraries = (const char *const *)argv + 2,
                       .library_count = argc > 2 ? (size_t)argc - 2 : 0};
    if (m.cycles == 0 || m.cycles > 100000 || m.library_count == 0) {
        print_message("usage: %s CYCLES LIBRARY...\n", argv[0]);
        return 2;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(every_net, &m)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
