#include "estimator/module/prove.h"
#include "estimator/module/stimulus.h"
#include "estimator/netlist/gates.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS = MP_STIMULUS_WORDS,
    LANES = MP_STIMULUS_LANES,
    RESET_CYCLES = 4,
    SLOTS = MP_PROOF_MAX_LATENCY + 1,
    SEARCH_CYCLES = 96, /* of random vectors, in which the latency shows */
    SHUFFLE_CYCLES = 64
};
#define VECTORS ((uint64_t)1 << 24)
/* Cells times words times cycles; about 4 s. */
#define WORK ((uint64_t)1 << 32)

/* Cycles of random vectors: fewer where the netlists are large. */
static uint64_t random_cycles(const struct mp_netlist *a, const struct mp_netlist *b)
{
    uint64_t cells = (uint64_t)a->cell_count + b->cell_count + 1, most = WORK / (cells * WORDS);

    most = most < VECTORS / LANES ? most : VECTORS / LANES;
    return most > 256 ? most : 256;
}

static bool is_clocked(const struct mp_netlist *n)
{
    return n->register_count > 0;
}

/* ---- golden */

struct golden {
    const struct mp_golden_job *job;
    char *output;           /* name; owned */
    const char *expression; /* into the job's */
    const struct mp_port *found, *expected;
    struct mp_library gates;
    struct mp_netlist reference;
    struct mp_stimulus stimulus;
    struct mp_side module, golden;
    uint64_t *seen;   /* [SLOTS][row_count][WORDS] */
    uint64_t *wanted; /* [SLOTS][width][WORDS] */
    uint64_t matches[SLOTS];
    uint32_t latency;
};

static int fail_output(const struct golden *g, const char *what, struct mp_error *err)
{
    const struct mp_netlist *n = g->job->rtl;
    struct mp_text all = {0};

    mp_text_add(&all, "");
    for (uint32_t p = 0; p < n->port_count; p++)
        if (n->ports[p].direction == MP_DIR_OUTPUT)
            mp_text_printf(&all, "%s%s", all.size > 0 ? ", " : "", n->ports[p].name);
    mp_fail(err, MP_E_USAGE, "golden expression \"%s\": %s; the outputs of %s are %s",
            g->job->expression, what, n->name, all.data);
    mp_text_release(&all);
    return MP_E_USAGE;
}

/* "z = x * y" or "x * y". */
static int split_expression(struct golden *g, struct mp_error *err)
{
    const struct mp_netlist *n = g->job->rtl;
    const char *at = g->job->expression;
    uint32_t outputs = 0;

    at += strspn(at, " \t");
    size_t size = 0;
    while (isalnum((unsigned char)at[size]) || at[size] == '_' || at[size] == '$')
        size++;
    size_t equals = size + strspn(at + size, " \t");
    if (size > 0 && at[equals] == '=' && at[equals + 1] != '=') {
        g->output = mp_strndup(at, size);
        g->expression = at + equals + 1;
    } else {
        g->expression = at;
        for (uint32_t p = 0; p < n->port_count; p++)
            if (n->ports[p].direction == MP_DIR_OUTPUT && outputs++ == 0)
                g->output = mp_strdup(n->ports[p].name);
        if (outputs != 1)
            return fail_output(g, "say which output it is for, as in \"z = x * y\"", err);
    }
    uint32_t port = mp_netlist_port(n, g->output);
    if (port == MP_NONE || n->ports[port].direction != MP_DIR_OUTPUT)
        return fail_output(g, "there is no such output", err);
    if (strpbrk(g->expression, ";`\n\r\\\"") != NULL ||
        strspn(g->expression, " \t") == strlen(g->expression))
        return mp_fail(err, MP_E_USAGE, "golden expression \"%s\" is no Verilog expression",
                       g->job->expression);
    g->found = &n->ports[port];
    return MP_OK;
}

static bool is_signed(const struct golden *g, const struct mp_binding *b)
{
    const struct mp_module_port *p =
        g->job->module != NULL ? mp_module_port(g->job->module, b->port) : NULL;

    if (p != NULL)
        return p->is_signed;
    if (b->operands != 1 || g->job->module != NULL)
        return false;
    return (b->role == MP_ROLE_WEIGHT && g->job->bindings->weight.kind == MP_FORMAT_INT) ||
           (b->role == MP_ROLE_ACTIVATION && g->job->bindings->activation.kind == MP_FORMAT_INT);
}

static char *reference_text(const struct golden *g)
{
    const struct mp_bindings *b = g->job->bindings;
    struct mp_text t = {0};

    mp_text_add(&t, "`default_nettype none\nmodule golden_reference(");
    for (uint32_t i = 0; i < b->count; i++)
        if (b->ports[i].role != MP_ROLE_CLOCK)
            mp_text_printf(&t, "input wire %s[%u:0] \\%s , ",
                           is_signed(g, &b->ports[i]) ? "signed " : "", b->ports[i].width - 1,
                           b->ports[i].port);
    mp_text_printf(&t, "output wire [%u:0] \\%s );\nassign \\%s = %s ;\nendmodule\n",
                   g->found->width - 1, g->output, g->output, g->expression);
    return t.data;
}

/* What Yosys says of the expression, and what there is to write it with. */
static int fail_expression(const struct golden *g, const char *message, struct mp_error *err)
{
    const struct mp_bindings *b = g->job->bindings;
    struct mp_text all = {0};

    mp_text_add(&all, "");
    for (uint32_t i = 0; i < b->count; i++)
        if (b->ports[i].role != MP_ROLE_CLOCK)
            mp_text_printf(&all, "%s%s", all.size > 0 ? ", " : "", b->ports[i].port);
    mp_fail(err, MP_E_USAGE, "golden expression \"%s\": %s; %s is an expression of its inputs %s",
            g->job->expression, message, g->output, all.data);
    mp_text_release(&all);
    return MP_E_USAGE;
}

static int make_reference(struct golden *g, struct mp_error *err)
{
    char *text = reference_text(g);
    const struct mp_module_file file = {"--golden.v", text};
    const struct mp_module_job job = {.program = g->job->program,
                                      .files = &file,
                                      .file_count = 1,
                                      .top = "golden_reference",
                                      .temp_dir = g->job->temp_dir,
                                      .keep_dir = g->job->keep_dir};
    struct mp_module m = {0};
    struct mp_error own = MP_ERROR_INIT;
    int rc = mp_module_read(&m, &job, &own);

    if (rc == MP_E_TOOL || rc == MP_E_TIMEOUT) {
        if (err != NULL)
            *err = own;
        goto out;
    }
    if (rc < 0) {
        rc = fail_expression(g, own.message, err);
        goto out;
    }
    if ((rc = mp_gates_library(&g->gates, err)) < 0 ||
        (rc = mp_netlist_read_text(&g->reference, &g->gates, m.rtl_verilog, strlen(m.rtl_verilog),
                                   "golden.v", m.top, err)) < 0 ||
        (rc = mp_netlist_levelise(&g->reference, err)) < 0)
        goto out;
    g->expected = &g->reference.ports[mp_netlist_port(&g->reference, g->output)];
out:
    mp_module_release(&m);
    free(text);
    return rc;
}

static uint64_t *wanted(const struct golden *g, uint64_t cycle)
{
    return g->wanted + cycle % SLOTS * g->found->width * WORDS;
}

static uint64_t *seen(const struct golden *g, uint64_t cycle)
{
    return g->seen + cycle % SLOTS * g->stimulus.row_count * WORDS;
}

/* One cycle of both, and what is expected of it in `latency` cycles. */
static void step(struct golden *g, uint64_t cycle)
{
    mp_stimulus_resets(&g->stimulus, cycle < RESET_CYCLES ? MP_RESET_ACTIVE : MP_RESET_OFF);
    mp_side_step(&g->golden, &g->stimulus);
    mp_side_step(&g->module, &g->stimulus);
    memcpy(seen(g, cycle), g->stimulus.rows, (size_t)g->stimulus.row_count * WORDS * 8);
    for (uint32_t b = 0; b < g->found->width; b++)
        memcpy(wanted(g, cycle) + (size_t)b * WORDS,
               mp_simulator_net(g->golden.simulator, g->expected->nets[b]), WORDS * 8);
}

/* Lanes that differ from what was expected of the operands `latency` cycles ago. */
static void differences(const struct golden *g, uint64_t cycle, uint32_t latency,
                        uint64_t out[WORDS])
{
    const uint64_t *want = wanted(g, cycle - latency);

    memset(out, 0, WORDS * sizeof *out);
    for (uint32_t b = 0; b < g->found->width; b++) {
        const uint64_t *got = mp_simulator_net(g->module.simulator, g->found->nets[b]);
        for (unsigned w = 0; w < WORDS; w++)
            out[w] |= got[w] ^ want[(size_t)b * WORDS + w];
    }
}

static int check(const struct golden *g, uint64_t cycle, struct mp_error *err)
{
    uint64_t wrong[WORDS];
    struct mp_text operands = {0}, want = {0}, have = {0};
    unsigned lane = 0;

    differences(g, cycle, g->latency, wrong);
    while (lane < LANES && (wrong[lane / 64] >> (lane % 64) & 1) == 0)
        lane++;
    if (lane == LANES)
        return MP_OK;
    mp_stimulus_print(&g->stimulus, seen(g, cycle - g->latency), lane, &operands);
    mp_text_add(&want, "0x");
    for (uint32_t digit = (g->found->width + 3) / 4; digit-- > 0;) {
        unsigned x = 0;
        for (uint32_t k = 0; k < 4 && 4 * digit + k < g->found->width; k++)
            x |=
                (unsigned)(wanted(g, cycle -
                                         g->latency)[(size_t)(4 * digit + k) * WORDS + lane / 64] >>
                               (lane % 64) &
                           1)
                << k;
        mp_text_printf(&want, "%x", x);
    }
    mp_side_print(&g->module, g->found, lane, &have);
    mp_fail(err, MP_E_PROOF, "module %s: %s is not %s%s: %s: expected %s, found %s",
            g->job->rtl->name, g->output, g->expression + strspn(g->expression, " "),
            !is_clocked(g->job->rtl) ? ""
            : g->job->latency >= 0   ? " after the cycles that were given"
                                     : " after any number of cycles (the best is shown)",
            operands.data != NULL ? operands.data : "no operands", want.data, have.data);
    mp_text_release(&operands);
    mp_text_release(&want);
    mp_text_release(&have);
    return MP_E_PROOF;
}

/* Random vectors; *cycle: where the proof goes on. */
static void find_latency(struct golden *g, uint64_t *cycle)
{
    uint64_t wrong[WORDS], most = 0;

    for (; *cycle < RESET_CYCLES + SLOTS + SEARCH_CYCLES; ++*cycle) {
        mp_stimulus_random(&g->stimulus);
        step(g, *cycle);
        for (uint32_t l = 0; l < SLOTS && *cycle >= RESET_CYCLES + SLOTS; l++) {
            differences(g, *cycle, l, wrong);
            for (unsigned w = 0; w < WORDS; w++)
                g->matches[l] += (uint64_t)__builtin_popcountll(~wrong[w]);
        }
    }
    for (uint32_t l = 0; l < SLOTS; l++)
        if (g->matches[l] > most) {
            most = g->matches[l];
            g->latency = l;
        }
}

static int compare(struct golden *g, struct mp_module_proof *out, struct mp_error *err)
{
    uint64_t cycle = 0, start, main_cycles, total = 0;
    bool all = g->stimulus.free_bits <= MP_STIMULUS_ALL_BITS;
    int rc = MP_OK;

    if (is_clocked(g->job->rtl) && g->job->latency < 0)
        find_latency(g, &cycle);
    else
        g->latency = g->job->latency > 0 ? (uint32_t)g->job->latency : 0;
    while (cycle < RESET_CYCLES + MP_PROOF_MAX_LATENCY) { /* what was before the reset is gone */
        mp_stimulus_random(&g->stimulus);
        step(g, cycle++);
    }
    start = cycle;
    total = all ? (uint64_t)1 << g->stimulus.free_bits : 0;
    main_cycles = all ? (total + LANES - 1) / LANES + (is_clocked(g->job->rtl) ? SHUFFLE_CYCLES : 0)
                      : random_cycles(g->job->rtl, &g->reference);
    for (; cycle < start + main_cycles + g->latency && rc == MP_OK; cycle++) {
        uint64_t first = (cycle - start) * LANES;
        if (all && first < total)
            mp_stimulus_combinations(&g->stimulus, first);
        else
            mp_stimulus_random(&g->stimulus);
        step(g, cycle);
        if (cycle >= start + g->latency)
            rc = check(g, cycle, err);
    }
    *out = (struct mp_module_proof){.method = all ? "exhaustive" : "corners and random",
                                    .all_operands = all,
                                    .vectors = all ? total : main_cycles * LANES,
                                    .latency = g->latency};
    return rc;
}

int mp_prove_golden(struct mp_module_proof *out, const struct mp_golden_job *job,
                    struct mp_error *err)
{
    struct golden *g = mp_alloc(1, sizeof *g);
    int rc;

    g->job = job;
    if (job->latency > MP_PROOF_MAX_LATENCY) {
        rc = mp_fail(err, MP_E_USAGE, "a latency of %d cycles: up to %d are possible", job->latency,
                     MP_PROOF_MAX_LATENCY);
        goto out;
    }
    if ((rc = split_expression(g, err)) < 0 || (rc = make_reference(g, err)) < 0)
        goto out;
    mp_stimulus_create(&g->stimulus, job->rtl, job->bindings, false);
    if ((rc = mp_side_create(&g->module, job->rtl, &g->stimulus, err)) < 0 ||
        (rc = mp_side_create(&g->golden, &g->reference, &g->stimulus, err)) < 0)
        goto out;
    g->seen = mp_alloc((size_t)SLOTS * g->stimulus.row_count * WORDS + 1, 8);
    g->wanted = mp_alloc((size_t)SLOTS * g->found->width * WORDS + 1, 8);
    rc = compare(g, out, err);
out:
    mp_side_release(&g->module);
    mp_side_release(&g->golden);
    mp_stimulus_release(&g->stimulus);
    mp_netlist_release(&g->reference);
    mp_library_release(&g->gates);
    free(g->seen);
    free(g->wanted);
    free(g->output);
    free(g);
    return rc;
}

/* ---- mapped against Verilog */

static int check_same(const struct mp_side *mapped, const struct mp_side *rtl,
                      const struct mp_stimulus *s, uint64_t cycle, struct mp_error *err)
{
    for (uint32_t p = 0; p < rtl->netlist->port_count; p++) {
        const struct mp_port *want = &rtl->netlist->ports[p];
        if (want->direction != MP_DIR_OUTPUT)
            continue;
        const struct mp_port *have =
            &mapped->netlist->ports[mp_netlist_port(mapped->netlist, want->name)];
        for (uint32_t b = 0; b < want->width; b++) {
            const uint64_t *x = mp_simulator_net(mapped->simulator, have->nets[b]);
            const uint64_t *y = mp_simulator_net(rtl->simulator, want->nets[b]);
            for (unsigned lane = 0; lane < LANES; lane++) {
                struct mp_text t = {0};
                if (x[lane / 64] == y[lane / 64]) {
                    lane |= 63;
                    continue;
                }
                if (((x[lane / 64] ^ y[lane / 64]) >> (lane % 64) & 1) == 0)
                    continue;
                mp_stimulus_print(s, s->rows, lane, &t);
                mp_text_add(&t, ": expected ");
                mp_side_print(rtl, want, lane, &t);
                mp_text_add(&t, ", found ");
                mp_side_print(mapped, have, lane, &t);
                mp_fail(err, MP_E_PROOF,
                        "mapped netlist of %s: output %s differs from the Verilog in cycle %llu "
                        "with %s",
                        rtl->netlist->name, want->name, (unsigned long long)cycle, t.data);
                mp_text_release(&t);
                return MP_E_PROOF;
            }
        }
    }
    return MP_OK;
}

static int check_ports(const struct mp_same_job *job, struct mp_error *err)
{
    for (uint32_t p = 0; p < job->rtl->port_count; p++) {
        const struct mp_port *want = &job->rtl->ports[p];
        uint32_t have = mp_netlist_port(job->mapped, want->name);
        if (have == MP_NONE || job->mapped->ports[have].width != want->width ||
            job->mapped->ports[have].direction != want->direction)
            return mp_fail(err, MP_E_PROOF, "the mapped netlist of %s has another port %s",
                           job->rtl->name, want->name);
    }
    return MP_OK;
}

static int run_same(struct mp_module_proof *out, const struct mp_same_job *job,
                    struct mp_stimulus *s, struct mp_side *mapped, struct mp_side *rtl,
                    struct mp_error *err)
{
    bool clocked = is_clocked(job->rtl) || is_clocked(job->mapped);
    bool all = s->free_bits <= MP_STIMULUS_ALL_BITS && !job->module->has_feedback;
    uint64_t start = clocked ? RESET_CYCLES + job->module->depth + 1 : 0;
    uint64_t total = all ? (uint64_t)1 << s->free_bits : 0;
    uint64_t cycles = all ? (total + LANES - 1) / LANES + (clocked ? SHUFFLE_CYCLES : 0)
                          : random_cycles(job->mapped, job->rtl);
    int rc = MP_OK;

    cycles += clocked ? job->module->depth : 0;
    for (uint64_t cycle = 0; cycle < start + cycles && rc == MP_OK; cycle++) {
        uint64_t first = (cycle - start) * LANES;
        bool counts = cycle >= start && all && first < total;
        if (counts)
            mp_stimulus_combinations(s, first);
        else
            mp_stimulus_random(s);
        mp_stimulus_resets(s, cycle < RESET_CYCLES      ? MP_RESET_ACTIVE
                              : cycle < start || counts ? MP_RESET_OFF
                                                        : MP_RESET_RARE);
        mp_side_step(mapped, s);
        mp_side_step(rtl, s);
        if (cycle >= start)
            rc = check_same(mapped, rtl, s, cycle, err);
    }
    *out = (struct mp_module_proof){.method = all                         ? "exhaustive"
                                              : job->module->has_feedback ? "random sequences"
                                                                          : "corners and random",
                                    .all_operands = all,
                                    .vectors = all ? total : cycles * LANES};
    return rc;
}

int mp_prove_same(struct mp_module_proof *out, const struct mp_same_job *job, struct mp_error *err)
{
    struct mp_stimulus s;
    struct mp_side mapped = {0}, rtl = {0};
    int rc = check_ports(job, err);

    mp_stimulus_create(&s, job->rtl, job->bindings, true);
    if (rc == MP_OK && (rc = mp_side_create(&mapped, job->mapped, &s, err)) == MP_OK &&
        (rc = mp_side_create(&rtl, job->rtl, &s, err)) == MP_OK)
        rc = run_same(out, job, &s, &mapped, &rtl, err);
    mp_side_release(&mapped);
    mp_side_release(&rtl);
    mp_stimulus_release(&s);
    return rc;
}
