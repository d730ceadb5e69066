/*
 * The proof accepts what is right and refuses every mutant that is not. Whether a mutant that it
 * accepts is indeed equivalent is decided here by another way: both netlists are loaded with the
 * same register contents (all of them where there are few enough) and the same inputs, and must
 * take the same next state.
 */
#include "estimator/pipeline/prove.h"

#include "estimator/activity/simulator.h"
#include "estimator/netlist/gates.h"
#include "estimator/synth/yosys.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_tools/fixture.h"
#include "tests/pipeline/mutants.h"
#include "tests/util/cmocka_all.h"

enum { WORDS = 8, LANES = 64 * WORDS };

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];

    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static void make_design(struct mp_design *d, const char *weight, const char *activation,
                        enum mp_unit unit, unsigned accumulator_bits)
{
    struct mp_error err = MP_ERROR_INIT;

    *d = (struct mp_design){.unit = unit, .accumulator_bits = accumulator_bits};
    assert_ok(mp_format_parse(&d->weight, weight, &err), &err);
    assert_ok(mp_format_parse(&d->activation, activation, &err), &err);
    assert_ok(mp_design_resolve(d, &err), &err);
}

/* Generic gates of the generated Verilog; the caller frees. */
static char *elaborate(const struct mp_design *d, const char *temp_dir)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text verilog = {0};
    struct mp_yosys_result r = {0};
    char name[MP_DESIGN_NAME_SIZE], *out;

    assert_ok(mp_design_generate(d, &verilog, &err), &err);
    assert_ok(mp_yosys_elaborate(&r, "yosys", verilog.data, mp_design_name(d, name), temp_dir, NULL,
                                 &err),
              &err);
    out = r.netlist_verilog;
    r.netlist_verilog = NULL;
    mp_yosys_result_release(&r);
    mp_text_release(&verilog);
    return out;
}

static char *map(const struct mp_design *d, const struct fixture *f)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text verilog = {0};
    struct mp_yosys_result r = {0};
    char name[MP_DESIGN_NAME_SIZE], *out;

    assert_ok(mp_design_generate(d, &verilog, &err), &err);
    struct mp_yosys_job job = {.program = "yosys",
                               .verilog = verilog.data,
                               .top = mp_design_name(d, name),
                               .liberty_path = f->prepared,
                               .library = &f->library,
                               .roles = &f->roles,
                               .clock_period_s = 20e-9,
                               .keep_blocks = true,
                               .temp_dir = f->dir.path};
    assert_ok(mp_yosys_synthesise(&r, &job, &err), &err);
    out = r.netlist_verilog;
    r.netlist_verilog = NULL;
    mp_yosys_result_release(&r);
    mp_text_release(&verilog);
    return out;
}

static int read_text(struct mp_netlist *n, const struct mp_library *lib, const char *text,
                     struct mp_error *err)
{
    int rc = mp_netlist_read_text(n, lib, text, strlen(text), "mutant.v", NULL, err);

    return rc < 0 ? rc : mp_netlist_levelise(n, err);
}

/* ---- what is right ---- */

static void accepts_generated(void **state)
{
    static const struct {
        const char *weight, *activation;
        enum mp_unit unit;
        unsigned accumulator_bits;
        const char *method;
        uint64_t vectors;
    } rows[] = {
        {"int8", "uint8", MP_UNIT_MULTIPLIER, 0, "exhaustive", 1u << 16},
        {"int4", "int5", MP_UNIT_MULTIPLIER, 0, "exhaustive", 1u << 9},
        {"uint3", "uint4", MP_UNIT_MULTIPLIER, 0, "exhaustive", 1u << 7},
        {"e4m2", "uint8", MP_UNIT_MULTIPLIER, 0, "exhaustive", 1u << 15},
        {"e3m1z", "int6", MP_UNIT_MULTIPLIER, 0, "exhaustive", 1u << 11},
        {"e6m10", "uint16", MP_UNIT_MULTIPLIER, 0, "corners and random", 1u << 24},
        {"int4", "uint4", MP_UNIT_MAC, 20, "exhaustive operands, walks", (1u << 22) + (1u << 21)},
        {"e2m1", "int5", MP_UNIT_MAC, 0, "exhaustive operands, walks", (1u << 22) + (1u << 21)},
    };
    struct mp_library gates = {0};
    struct mp_tempdir dir = {0};
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    assert_ok(mp_gates_library(&gates, &err), &err);
    assert_ok(mp_tempdir_create(&dir, &err), &err);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mp_design d;
        struct mp_netlist n = {0};
        struct mp_proof proof = {0};
        make_design(&d, rows[i].weight, rows[i].activation, rows[i].unit, rows[i].accumulator_bits);
        char *text = elaborate(&d, dir.path);
        assert_ok(read_text(&n, &gates, text, &err), &err);
        assert_ok(mp_prove(&proof, &n, &d, &err), &err);
        assert_string_equal(proof.method, rows[i].method);
        assert_int_equal(proof.vectors, rows[i].vectors);
        assert_int_equal(proof.all_operands, strncmp(rows[i].method, "exhaustive", 10) == 0);
        mp_netlist_release(&n);
        free(text);
    }
    mp_tempdir_remove(&dir);
    mp_library_release(&gates);
}

/* A netlist of other formats than the design's is no proof failure but a wrong input. */
static void refuses_other_ports(void **state)
{
    struct mp_library gates = {0};
    struct mp_tempdir dir = {0};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_netlist n = {0};
    struct mp_proof proof;
    struct mp_design made, other;

    (void)state;
    assert_ok(mp_gates_library(&gates, &err), &err);
    assert_ok(mp_tempdir_create(&dir, &err), &err);
    make_design(&made, "int3", "uint3", MP_UNIT_MULTIPLIER, 0);
    char *text = elaborate(&made, dir.path);
    assert_ok(read_text(&n, &gates, text, &err), &err);
    make_design(&other, "int4", "uint3", MP_UNIT_MULTIPLIER, 0);
    assert_int_equal(mp_prove(&proof, &n, &other, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "no port `weight` of 4 bits"));
    make_design(&other, "int3", "uint3", MP_UNIT_MAC, 0);
    assert_int_equal(mp_prove(&proof, &n, &other, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "`first`"));
    /* Same widths, other meaning: an unsigned weight. */
    make_design(&other, "uint3", "int3", MP_UNIT_MULTIPLIER, 0);
    assert_int_equal(mp_prove(&proof, &n, &other, &err), MP_E_PROOF);
    assert_non_null(strstr(err.message, "weight 0x"));
    mp_netlist_release(&n);
    free(text);
    mp_tempdir_remove(&dir);
    mp_library_release(&gates);
}

/* ---- mutants ---- */

/* Two netlists with the same registers in the same order, side by side. */
struct pair {
    struct mp_simulator *a, *b;
    const struct mp_netlist *na, *nb;
    uint32_t inputs, registers;
    uint64_t *state, *input; /* [..][WORDS] */
    const struct mp_design *design;
};

/* The output port's and the registers' values agree. */
static bool same_now(const struct pair *p)
{
    for (uint32_t i = 0; i < p->na->port_count; i++) {
        const struct mp_port *port = &p->na->ports[i];
        for (uint32_t b = 0; port->direction == MP_DIR_OUTPUT && b < port->width; b++)
            if (memcmp(mp_simulator_net(p->a, port->nets[b]),
                       mp_simulator_net(p->b, p->nb->ports[i].nets[b]), WORDS * 8) != 0)
                return false;
    }
    return true;
}

/* Put bits 0..registers-1 of code to the registers, the rest to the inputs. */
static void set_lane(struct pair *p, unsigned lane, uint64_t code, uint64_t more)
{
    for (uint32_t i = 0; i < p->registers + p->inputs; i++) {
        uint64_t *row = i < p->registers ? p->state + (size_t)i * WORDS
                                         : p->input + (size_t)(i - p->registers) * WORDS;
        uint64_t bit = i < 64 ? code >> i & 1 : more >> (i - 64) & 1;
        row[lane / 64] = (row[lane / 64] & ~((uint64_t)1 << (lane % 64))) | bit << (lane % 64);
    }
}

/* From the same state with the same inputs for three cycles: outputs equal in each. All states
 * and inputs where they are up to 2^22, else 2^22 random ones. */
static bool equivalent(const struct mp_netlist *na, const struct mp_netlist *nb,
                       const struct mp_design *design)
{
    struct mp_error err = MP_ERROR_INIT;
    struct pair p = {.na = na, .nb = nb, .design = design};
    struct mp_random r;
    uint64_t total = (uint64_t)1 << 22;
    bool same = na->register_count == nb->register_count, all;

    assert_true(same);
    assert_ok(mp_simulator_create(&p.a, na, WORDS, MP_KERNEL_AUTO, &err), &err);
    assert_ok(mp_simulator_create(&p.b, nb, WORDS, MP_KERNEL_AUTO, &err), &err);
    p.inputs = mp_simulator_input_count(p.a);
    p.registers = na->register_count;
    p.state = mp_alloc((size_t)p.registers * WORDS, 8);
    p.input = mp_alloc((size_t)p.inputs * WORDS, 8);
    all = p.inputs + p.registers <= 22;
    if (all)
        total = (uint64_t)1 << (p.inputs + p.registers);
    mp_random_seed(&r, 11);
    for (uint64_t v = 0; v < total && same; v += LANES) {
        for (unsigned lane = 0; lane < LANES; lane++)
            set_lane(&p, lane, all ? v + lane : mp_random_u64(&r), mp_random_u64(&r));
        mp_simulator_load(p.a, p.state, p.input);
        mp_simulator_load(p.b, p.state, p.input);
        for (int cycle = 0; cycle < 4 && same; cycle++) {
            same = same_now(&p);
            mp_simulator_step(p.a, p.input, NULL);
            mp_simulator_step(p.b, p.input, NULL);
        }
    }
    mp_simulator_destroy(p.a);
    mp_simulator_destroy(p.b);
    free(p.state);
    free(p.input);
    return same;
}

struct tally {
    unsigned refused, unreadable, equivalent;
};

static void try_mutant(struct tally *t, const struct mp_netlist *original, const char *text,
                       const char *what, const struct mp_design *d)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_netlist n = {0};
    struct mp_proof proof;
    char name[MP_DESIGN_NAME_SIZE];

    if (read_text(&n, original->library, text, &err) < 0) {
        t->unreadable++; /* a loop, mostly */
    } else {
        int rc = mp_prove(&proof, &n, d, &err);
        if (rc == MP_E_PROOF) {
            assert_non_null(strstr(err.message, "expected 0x"));
            t->refused++;
        } else {
            assert_ok(rc, &err);
            if (!equivalent(original, &n, d))
                fail_msg("%s: a mutant was proven: %s", mp_design_name(d, name), what);
            t->equivalent++;
        }
    }
    mp_netlist_release(&n);
}

static void try_mutants(const struct mp_design *d, const struct mp_library *lib, const char *text,
                        unsigned count)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_netlist original = {0};
    struct mutants m;
    struct mp_random r;
    struct tally t = {0};
    char name[MP_DESIGN_NAME_SIZE];

    assert_ok(read_text(&original, lib, text, &err), &err);
    mutants_open(&m, text, lib);
    assert_int_equal(m.instance_count, original.cell_count);
    mp_random_seed(&r, 1234);
    for (unsigned i = 0; i < count; i++) {
        char what[300];
        char *mutant =
            mutants_make(&m, (enum mutant_kind)(i % MUTANT_KINDS), &r, what, sizeof what);
        assert_non_null(mutant);
        try_mutant(&t, &original, mutant, what, d);
        free(mutant);
    }
    print_message("%s, %u cells: %u mutants: %u refused, %u unreadable, %u equivalent\n",
                  mp_design_name(d, name), original.cell_count, count, t.refused, t.unreadable,
                  t.equivalent);
    assert_true(t.refused > count / 2);
    mutants_close(&m);
    mp_netlist_release(&original);
}

static const struct {
    const char *weight, *activation;
    enum mp_unit unit;
    unsigned accumulator_bits, mutants;
} mutated[] = {
    {"int3", "uint3", MP_UNIT_MULTIPLIER, 0, 150}, {"e2m1", "int3", MP_UNIT_MULTIPLIER, 0, 150},
    {"int8", "uint8", MP_UNIT_MULTIPLIER, 0, 150}, {"e4m2", "uint8", MP_UNIT_MULTIPLIER, 0, 150},
    {"int2", "uint2", MP_UNIT_MAC, 6, 60},         {"e2m1", "uint3", MP_UNIT_MAC, 0, 45},
    {"int8", "uint8", MP_UNIT_MAC, 24, 45},        {"int4", "uint4", MP_UNIT_MAC, 40, 90},
    {"e2m1", "int3", MP_UNIT_MAC, 90, 60},
};

static void refuses_mutants_of_gates(void **state)
{
    struct mp_library gates = {0};
    struct mp_tempdir dir = {0};
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    assert_ok(mp_gates_library(&gates, &err), &err);
    assert_ok(mp_tempdir_create(&dir, &err), &err);
    for (size_t i = 0; i < sizeof mutated / sizeof *mutated; i++) {
        struct mp_design d;
        make_design(&d, mutated[i].weight, mutated[i].activation, mutated[i].unit,
                    mutated[i].accumulator_bits);
        char *text = elaborate(&d, dir.path);
        try_mutants(&d, &gates, text, mutated[i].mutants);
        free(text);
    }
    mp_tempdir_remove(&dir);
    mp_library_release(&gates);
}

static void refuses_mutants_of_mapped(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f, 0);
    for (size_t i = 0; i < sizeof mutated / sizeof *mutated; i++) {
        struct mp_design d;
        make_design(&d, mutated[i].weight, mutated[i].activation, mutated[i].unit,
                    mutated[i].accumulator_bits);
        char *text = map(&d, &f);
        try_mutants(&d, &f.library, text, mutated[i].mutants);
        free(text);
    }
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_generated),
        cmocka_unit_test(refuses_other_ports),
        cmocka_unit_test(refuses_mutants_of_gates),
        cmocka_unit_test(refuses_mutants_of_mapped),
    };

    return cmocka_run_group_tests_name("prove", tests, NULL, NULL);
}
