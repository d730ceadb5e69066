#include "tests/activity/timed_icarus.h"

#include "estimator/util/file.h"
#include "estimator/util/process.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct mp_lib_cell *type_of(const struct mp_netlist *n, uint32_t cell)
{
    return &n->library->cells[n->cell_type[cell]];
}

/* Pins are p0, p1, ...; the state is q. The caller frees. */
static char *expression(const struct mp_expr *e, uint32_t pin_count)
{
    char *stack[64] = {NULL};
    unsigned depth = 0;
    for (uint32_t i = 0; i < e->length; i++) {
        int op = e->code[i];
        if (op >= 0) {
            stack[depth++] = (uint32_t)op < pin_count    ? mp_asprintf("p%d", op)
                             : (uint32_t)op == pin_count ? mp_strdup("q")
                                                         : mp_strdup("(~q)");
        } else if (op == MP_EXPR_ZERO || op == MP_EXPR_ONE) {
            stack[depth++] = mp_strdup(op == MP_EXPR_ONE ? "1'b1" : "1'b0");
        } else if (op == MP_EXPR_NOT) {
            assert(depth >= 1);
            char *a = stack[depth - 1];
            stack[depth - 1] = mp_asprintf("(~%s)", a);
            free(a);
        } else {
            assert(depth >= 2);
            char *b = stack[--depth], *a = stack[depth - 1];
            char sign = op == MP_EXPR_AND ? '&' : op == MP_EXPR_OR ? '|' : '^';
            stack[depth - 1] = mp_asprintf("(%s %c %s)", a, sign, b);
            free(a);
            free(b);
        }
    }
    assert(depth == 1);
    return stack[0];
}

static unsigned ticks(double delay_s)
{
    /* An edge that the arc does not have: later than any other. */
    return isnan(delay_s) ? 1000000 : delay_s < 1e-12 ? 1 : (unsigned)(delay_s * 1e12 + 0.5);
}

static void write_paths(struct mp_text *t, const struct icarus_job *job, uint32_t cell,
                        uint32_t first, uint32_t last)
{
    const struct mp_netlist *n = job->n;
    uint32_t pin_count = type_of(n, cell)->pin_count;
    mp_text_add(t, "specify\n");
    for (uint32_t k = first; k < last; k++) {
        const struct mp_sdf_arc *a = &job->sdf->arcs[k];
        if (n->pin_net[n->cell_first_pin[cell] + a->to_pin] == MP_NONE)
            continue;
        if (a->when.code) {
            char *when = expression(&a->when, pin_count);
            mp_text_printf(t, "if (%s) ", when);
            free(when);
        }
        mp_text_printf(t, "(p%u => p%u) = (%u, %u);\n", a->from_pin, a->to_pin, ticks(a->rise_s),
                       ticks(a->fall_s));
    }
    mp_text_add(t, "endspecify\n");
}

enum { NEVER = 1000000 };

static void write_smaller(struct mp_text *t, const char *name, unsigned than)
{
    if (than < NEVER)
        mp_text_printf(t, "if (%u < %s) %s = %u; ", than, name, name, than);
}

/* What rise<pin> and fall<pin> are for the inputs that moved just now: see timed.h. */
static void write_choice(struct mp_text *t, const struct icarus_job *job, uint32_t cell,
                         uint32_t pin, uint32_t first, uint32_t last)
{
    unsigned rise = NEVER, fall = NEVER;
    mp_text_printf(t, "cr = %d; cf = %d; mr = %d; mf = %d;\n", NEVER, NEVER, NEVER, NEVER);
    for (uint32_t k = first; k < last; k++) {
        const struct mp_sdf_arc *a = &job->sdf->arcs[k];
        unsigned r = ticks(a->rise_s), f = ticks(a->fall_s);
        if (a->to_pin != pin)
            continue;
        rise = r < rise ? r : rise;
        fall = f < fall ? f : fall;
        char *when = a->when.code ? expression(&a->when, type_of(job->n, cell)->pin_count) : NULL;
        mp_text_printf(t, "if (p%u !== l%u) begin ", a->from_pin, a->from_pin);
        write_smaller(t, "mr", r);
        write_smaller(t, "mf", f);
        mp_text_printf(t, "if (%s", when ? when : "1");
        if (a->from_edge)
            mp_text_printf(t, " && p%u == %d", a->from_pin, a->from_edge == 'r');
        mp_text_add(t, ") begin ");
        write_smaller(t, "cr", r);
        write_smaller(t, "cf", f);
        mp_text_add(t, "end end\n");
        free(when);
    }
    mp_text_printf(t, "rise%u = cr < %d ? cr : mr < %d ? mr : %u;\n", pin, NEVER, NEVER, rise);
    mp_text_printf(t, "fall%u = cf < %d ? cf : mf < %d ? mf : %u;\n", pin, NEVER, NEVER, fall);
}

/* All of a combinational cell. After #0 everything of this time has moved. */
static void write_inertial(struct mp_text *t, const struct icarus_job *job, uint32_t cell,
                           uint32_t first, uint32_t last)
{
    const struct mp_netlist *n = job->n;
    const struct mp_lib_cell *type = type_of(n, cell);
    struct mp_text body = {0}, watched = {0};
    mp_text_add(t, "integer cr, cf, mr, mf;\n");
    for (uint32_t k = 0; k < type->pin_count; k++) {
        const struct mp_lib_pin *pin = &n->library->pins[type->first_pin + k];
        if (pin->direction != MP_DIR_OUTPUT) {
            mp_text_printf(t, "reg l%u;\n", k);
            mp_text_printf(&watched, "%sp%u", watched.size ? " or " : "", k);
        } else if (n->pin_net[n->cell_first_pin[cell] + k] != MP_NONE) {
            char *function = expression(&pin->function, type->pin_count);
            mp_text_printf(t, "reg [19:0] rise%u, fall%u;\nreg f%u;\n", k, k, k);
            mp_text_printf(t, "assign #(rise%u, fall%u) p%u = f%u;\n", k, k, k, k);
            write_choice(&body, job, cell, k, first, last);
            mp_text_printf(&body, "f%u = %s;\n", k, function);
            free(function);
        }
    }
    for (uint32_t k = 0; k < type->pin_count; k++)
        if (n->library->pins[type->first_pin + k].direction != MP_DIR_OUTPUT)
            mp_text_printf(&body, "l%u = p%u; ", k, k);
    mp_text_printf(t, "always begin #0\n%s\n@(%s);\nend\n", body.data, watched.data);
    mp_text_release(&watched);
    mp_text_release(&body);
}

/* As write_functions(), evaluated after #0. */
static void write_once(struct mp_text *t, const struct mp_netlist *n, uint32_t cell)
{
    const struct mp_lib_cell *type = type_of(n, cell);
    struct mp_text body = {0}, watched = {0};
    for (uint32_t k = 0; k < type->pin_count; k++) {
        const struct mp_lib_pin *pin = &n->library->pins[type->first_pin + k];
        if (pin->direction != MP_DIR_OUTPUT) {
            mp_text_printf(&watched, "%sp%u", watched.size ? " or " : "", k);
        } else if (n->pin_net[n->cell_first_pin[cell] + k] != MP_NONE) {
            char *function = expression(&pin->function, type->pin_count);
            mp_text_printf(t, "reg f%u;\nassign p%u = f%u;\n", k, k, k);
            mp_text_printf(&body, "f%u = %s;\n", k, function);
            free(function);
        }
    }
    mp_text_printf(t, "always begin #0\n%s@(%s);\nend\n", body.data, watched.data);
    mp_text_release(&watched);
    mp_text_release(&body);
}

/* " #(rise, fall)" of a register: its smallest, one that no arc has never comes. */
static void write_clock_delay(struct mp_text *t, const struct icarus_job *job, uint32_t pin,
                              uint32_t first, uint32_t last)
{
    unsigned rise = NEVER, fall = NEVER;
    for (uint32_t k = first; k < last; k++) {
        const struct mp_sdf_arc *a = &job->sdf->arcs[k];
        if (a->to_pin != pin)
            continue;
        rise = ticks(a->rise_s) < rise ? ticks(a->rise_s) : rise;
        fall = ticks(a->fall_s) < fall ? ticks(a->fall_s) : fall;
    }
    mp_text_printf(t, " #(%u, %u)", rise, fall);
}

static void write_functions(struct mp_text *t, const struct icarus_job *job, uint32_t cell,
                            uint32_t first, uint32_t last)
{
    const struct mp_netlist *n = job->n;
    const struct mp_lib_cell *type = type_of(n, cell);
    if (type->sequential == MP_FLIP_FLOP) {
        char *next = expression(&type->next_state, type->pin_count);
        char *clock = expression(&type->clocked_on, type->pin_count);
        mp_text_printf(t, "reg q%s;\nwire ck = %s;\nalways @(posedge ck) q <= %s;\n",
                       job->unknown_registers ? "" : " = 0", clock, next);
        free(clock);
        free(next);
    }
    for (uint32_t k = 0; k < type->pin_count; k++) {
        const struct mp_lib_pin *pin = &n->library->pins[type->first_pin + k];
        if (pin->direction != MP_DIR_OUTPUT || n->pin_net[n->cell_first_pin[cell] + k] == MP_NONE)
            continue;
        char *function = expression(&pin->function, type->pin_count);
        mp_text_add(t, "assign");
        if (job->delays == ICARUS_INERTIAL && type->sequential == MP_FLIP_FLOP)
            write_clock_delay(t, job, k, first, last);
        mp_text_printf(t, " p%u = %s;\n", k, function);
        free(function);
    }
}

static void write_cell(struct mp_text *t, const struct icarus_job *job, uint32_t cell,
                       uint32_t first, uint32_t last)
{
    const struct mp_netlist *n = job->n;
    const struct mp_lib_cell *type = type_of(n, cell);
    const char *comma = "";
    mp_text_printf(t, "module cell%u(", cell);
    for (uint32_t k = 0; k < type->pin_count; k++) {
        bool output = n->library->pins[type->first_pin + k].direction == MP_DIR_OUTPUT;
        mp_text_printf(t, "%s%s p%u", comma, output ? "output" : "input", k);
        comma = ", ";
    }
    mp_text_add(t, ");\n");
    bool has_delay = type->sequential == MP_COMBINATIONAL && last > first;
    if (job->delays == ICARUS_INERTIAL && has_delay)
        write_inertial(t, job, cell, first, last);
    else if (job->delays == ICARUS_PATHS_ONCE && has_delay)
        write_once(t, n, cell);
    else
        write_functions(t, job, cell, first, last);
    if (last > first && job->delays != ICARUS_INERTIAL)
        write_paths(t, job, cell, first, last);
    mp_text_add(t, "endmodule\n");
}

static bool is_input(const struct mp_netlist *n, uint32_t p, uint32_t b)
{
    return n->ports[p].direction == MP_DIR_INPUT && n->ports[p].nets[b] != n->clock_net;
}

static void write_top(struct mp_text *t, const struct icarus_job *job)
{
    const struct mp_netlist *n = job->n;
    uint32_t count = 0;
    mp_text_printf(t, "module dut(input w%u, input [%zu:0] in);\n", n->clock_net, (size_t)1023);
    for (uint32_t net = 0; net < n->net_count; net++)
        if (net != n->clock_net)
            mp_text_printf(t, "wire w%u%s;\n", net,
                           net == 0   ? " = 1'b0"
                           : net == 1 ? " = 1'b1"
                                      : "");
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t b = 0; b < n->ports[p].width; b++)
            if (is_input(n, p, b))
                mp_text_printf(t, "assign w%u = in[%u];\n", n->ports[p].nets[b], count++);
    for (uint32_t c = 0; c < n->cell_count; c++) {
        uint32_t first = n->cell_first_pin[c];
        mp_text_printf(t, "cell%u i%u(", c, c);
        for (uint32_t k = first; k < n->cell_first_pin[c + 1]; k++) {
            mp_text_add(t, k > first ? ", " : "");
            if (n->pin_net[k] != MP_NONE)
                mp_text_printf(t, "w%u", n->pin_net[k]);
        }
        mp_text_add(t, ");\n");
    }
    mp_text_add(t, "endmodule\n");
}

static void write_testbench(struct mp_text *t, const struct icarus_job *job)
{
    const struct mp_netlist *n = job->n;
    unsigned half = job->period_ticks / 2;
    mp_text_printf(t,
                   "module tb;\nreg clk = 0, count = 0;\nreg [1023:0] in = 0;\n"
                   "reg [1023:0] rows [0:%zu];\ninteger i;\ndut d(clk, in);\n",
                   job->cycles - 1);
    for (uint32_t net = 2; net < n->net_count && job->mode == ICARUS_COUNT; net++)
        mp_text_printf(t, "integer c%u = 0; always @(d.w%u) if (count) c%u = c%u + 1;\n", net, net,
                       net, net);
    mp_text_printf(t,
                   "initial begin\n$readmemh(\"inputs.txt\", rows);\n"
                   "#%u for (i = 0; i < %zu; i = i + 1) begin\n"
                   "clk = 1; in <= rows[i];\n#%u clk = 0; #%u;\n",
                   half, job->cycles, half, half - 1);
    if (job->mode == ICARUS_VCD)
        mp_text_printf(t, "if (i == %zu) begin $dumpfile(\"out.vcd\"); $dumpvars(1, d); end\n",
                       job->warmup - 1);
    mp_text_printf(t, "#1 if (i == %zu) count = 1;\nend\n", job->warmup - 1);
    for (uint32_t net = 2; net < n->net_count && job->mode == ICARUS_COUNT; net++)
        mp_text_printf(t, "$display(\"%u %%0d\", c%u);\n", net, net);
    mp_text_add(t, "$finish;\nend\nendmodule\n");
}

static void write_inputs(struct mp_text *t, const struct icarus_job *job, uint32_t count)
{
    for (size_t c = 0; c < job->cycles; c++) {
        for (uint32_t digit = (count + 3) / 4; digit-- > 0;) {
            unsigned x = 0;
            for (uint32_t b = 0; b < 4 && 4 * digit + b < count; b++)
                x |= (unsigned)job->inputs[c * count + 4 * digit + b] << b;
            mp_text_printf(t, "%x", x);
        }
        mp_text_add(t, count ? "\n" : "0\n");
    }
}

static int write_files(const struct icarus_job *job, struct mp_error *err)
{
    const struct mp_netlist *n = job->n;
    struct mp_text verilog = {0}, inputs = {0};
    uint32_t at = 0, count = 0;
    mp_text_add(&verilog, "`timescale 1ps/1ps\n");
    for (uint32_t c = 0; c < n->cell_count; c++) {
        uint32_t first = at;
        while (at < job->sdf->arc_count && job->sdf->arcs[at].cell == c)
            at++;
        write_cell(&verilog, job, c, first, at);
    }
    write_top(&verilog, job);
    write_testbench(&verilog, job);
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t b = 0; b < n->ports[p].width; b++)
            count += is_input(n, p, b);
    write_inputs(&inputs, job, count);
    char *path = mp_path_join(job->folder, "timed.v"),
         *rows = mp_path_join(job->folder, "inputs.txt");
    int rc = mp_file_write(path, verilog.data, verilog.size, err);
    if (rc == MP_OK)
        rc = mp_file_write(rows, inputs.data, inputs.size, err);
    free(rows);
    free(path);
    mp_text_release(&inputs);
    mp_text_release(&verilog);
    return rc;
}

static int run(const struct icarus_job *job, const char *const *argv, struct mp_process_result *r,
               struct mp_error *err)
{
    struct mp_process_options o = {.argv = argv, .cwd = job->folder, .timeout_s = 600};
    int rc = mp_process_run(r, &o, err);
    if (rc == MP_OK && (r->how != MP_EXITED || r->status != 0))
        rc = mp_process_fail(r, argv[0], job->folder, err);
    return rc;
}

/* $var wire 1 ! w12 $end: ids of one to four characters, printable, to a table. */
enum { ID_MAX = 95 * 95 * 95 };

static size_t id_of(const char *p, size_t length)
{
    size_t id = 0;
    for (size_t i = 0; i < length; i++)
        id = (i ? (id + 1) * 94 : 0) + (size_t)(p[i] - '!');
    return id < ID_MAX ? id : ID_MAX - 1;
}

static void declare(const char *line, uint32_t *net_of, uint32_t net_count)
{
    char id[8], name[32];
    if (sscanf(line, "$var %*s 1 %7s %31s", id, name) != 2 || name[0] != 'w')
        return;
    unsigned long net = strtoul(name + 1, NULL, 10);
    if (net < net_count)
        net_of[id_of(id, strlen(id))] = (uint32_t)net;
}

static int change(struct wave *w, char value, bool is_first, uint64_t now, struct mp_error *err)
{
    if (value != '0' && value != '1')
        return mp_fail(err, MP_E_INPUT, "a net is %c at %lu ps", value, (unsigned long)now);
    uint8_t bit = (uint8_t)(value - '0');
    if (is_first)
        w->first = bit;
    else if ((w->first ^ (w->count & 1)) != bit)
        replay_toggle(w, now);
    return MP_OK;
}

static int read_dump(char *text, uint32_t net_count, struct wave *waves, struct mp_error *err)
{
    uint32_t *net_of = mp_alloc(ID_MAX, sizeof *net_of);
    uint64_t now = 0, times = 0;
    int rc = MP_OK;
    memset(net_of, 0xff, ID_MAX * sizeof *net_of);
    for (char *line = text, *next; line && *line && rc == MP_OK; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        if (*line == '#') {
            now = strtoull(line + 1, NULL, 10);
            times++;
        } else if (*line == '$') {
            declare(line, net_of, net_count);
        } else if (*line == '0' || *line == '1' || *line == 'x' || *line == 'z') {
            uint32_t net = net_of[id_of(line + 1, strlen(line + 1))];
            if (net != UINT32_MAX)
                rc = change(&waves[net], *line, times <= 1, now, err);
        }
    }
    free(net_of);
    return rc;
}

int icarus_read_waves(const struct icarus_job *job, struct wave *waves, struct mp_error *err)
{
    struct mp_text dump = {0};
    char *path = mp_path_join(job->folder, "out.vcd");
    int rc = mp_file_read(&dump, path, 0, err);
    if (rc == MP_OK)
        rc = read_dump(dump.data, job->n->net_count, waves, err);
    mp_text_release(&dump);
    free(path);
    return rc;
}

int icarus_run(const struct icarus_job *job, uint64_t *transitions, double *wall_s,
               struct mp_error *err)
{
    static const char *const compile[] = {"iverilog", "-g2005",  "-gspecify", "-o",
                                          "sim",      "timed.v", NULL};
    static const char *const simulate[] = {"vvp", "-n", "sim", NULL};
    struct mp_process_result made = {0}, ran = {0};
    int rc = write_files(job, err);
    if (rc == MP_OK)
        rc = run(job, compile, &made, err);
    if (rc == MP_OK)
        rc = run(job, simulate, &ran, err);
    if (rc == MP_OK && transitions) {
        uint32_t found = 2;
        for (char *p = ran.out.data; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
            char *end;
            unsigned long net = strtoul(p, &end, 10);
            if (net < job->n->net_count && net >= 2 && *end == ' ' && net == found) {
                transitions[net] = strtoul(end, NULL, 10);
                found++;
            }
        }
        if (found != job->n->net_count)
            rc = mp_fail(err, MP_E_TOOL, "vvp printed %u of %u nets", found, job->n->net_count);
    }
    if (wall_s)
        *wall_s = ran.wall_s;
    mp_process_result_release(&ran);
    mp_process_result_release(&made);
    return rc;
}
