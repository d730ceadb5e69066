#include "estimator/activity/kernel.h"
#include "estimator/activity/simulator.h"
#include "estimator/netlist/gates.h"
#include "estimator/util/random.h"
#include "tests/activity/random_netlist.h"
#include "tests/netlist/golden_files.h"
#include "tests/netlist/small_library.h"
#include "tests/util/cmocka_all.h"
#include <string.h>

#define CYCLES 40u

/* What the reference says of `lanes` random stretches: nets[lane][cycle][net]. */
struct truth {
    const struct mp_netlist *n;
    unsigned lanes;
    uint32_t inputs;
    uint8_t *in;   /* [lane][cycle][input] */
    uint8_t *nets; /* [lane][cycle][net] */
    uint64_t *transitions, *ones;
};

static uint8_t net_value(const struct truth *t, unsigned lane, unsigned cycle, uint32_t net)
{
    return t->nets[((size_t)lane * CYCLES + cycle) * t->n->net_count + net];
}

static void make_truth(struct truth *t, const struct mp_netlist *n, unsigned lanes)
{
    struct mp_simulator *s;
    struct mp_random random;
    struct mp_error err = MP_ERROR_INIT;
    mp_random_seed(&random, 7);
    if (mp_simulator_create(&s, n, 1, MP_KERNEL_PLAIN, &err) < 0)
        fail_msg("%s", err.message);
    *t = (struct truth){.n = n, .lanes = lanes, .inputs = mp_simulator_input_count(s)};
    mp_simulator_destroy(s);
    t->in = mp_alloc((size_t)lanes * CYCLES * t->inputs + 1, 1);
    t->nets = mp_alloc((size_t)lanes * CYCLES * n->net_count, 1);
    t->transitions = mp_alloc(n->net_count, sizeof *t->transitions);
    t->ones = mp_alloc(n->net_count, sizeof *t->ones);
    for (size_t i = 0; i < (size_t)lanes * CYCLES * t->inputs; i++)
        t->in[i] = (uint8_t)(mp_random_u64(&random) >> 63);
    for (unsigned lane = 0; lane < lanes; lane++) {
        struct mp_activity a;
        assert_int_equal(
            mp_reference_simulate(n, CYCLES, 1, t->in + (size_t)lane * CYCLES * t->inputs, &a,
                                  t->nets + (size_t)lane * CYCLES * n->net_count, &err),
            MP_OK);
        for (uint32_t i = 0; i < n->net_count; i++) {
            t->transitions[i] += a.transitions[i];
            t->ones[i] += a.ones[i];
        }
        mp_activity_release(&a);
    }
}

static void drop_truth(struct truth *t)
{
    free(t->in);
    free(t->nets);
    free(t->transitions);
    free(t->ones);
}

static void pack_inputs(const struct truth *t, unsigned cycle, unsigned words, uint64_t *out)
{
    memset(out, 0, (size_t)t->inputs * words * sizeof *out);
    for (unsigned lane = 0; lane < words * 64; lane++)
        for (uint32_t i = 0; i < t->inputs; i++)
            out[i * words + lane / 64] |=
                (uint64_t)t->in[((size_t)lane * CYCLES + cycle) * t->inputs + i] << lane % 64;
}

/* Simulate the first words * 64 lanes, the whole of it or random masks counted. */
static void compare(const struct truth *t, const struct mp_kernel_code *code, unsigned words,
                    bool all)
{
    const struct mp_netlist *n = t->n;
    struct mp_simulator *s;
    struct mp_random random;
    struct mp_activity a;
    uint64_t *in = mp_alloc((size_t)t->inputs * words + 1, sizeof *in);
    uint64_t *moved = mp_alloc(n->net_count, sizeof *moved), mask[8], cycles = 0;
    uint64_t *ones = mp_alloc(n->net_count, sizeof *ones);
    mp_random_seed(&random, words);
    assert_int_equal(mp_simulator_create_with(&s, n, words, code, NULL), MP_OK);
    for (unsigned c = 0; c < CYCLES; c++) {
        pack_inputs(t, c, words, in);
        for (unsigned w = 0; w < words; w++) {
            mask[w] = mp_random_u64(&random);
            mask[w] = all ? ~(uint64_t)0 : mask[w] & mp_random_u64(&random);
        }
        mp_simulator_step(s, in, c > 0 ? mask : NULL);
        for (uint32_t net = 0; net < n->net_count; net++) {
            if (net == n->clock_net)
                continue;
            const uint64_t *got = mp_simulator_net(s, net);
            for (unsigned lane = 0; lane < words * 64; lane++) {
                uint8_t want = net_value(t, lane, c, net);
                if ((got[lane / 64] >> lane % 64 & 1) != want)
                    fail_msg("%s, %u words: net %s, cycle %u, lane %u is not %u", code->name, words,
                             n->net_name[net], c, lane, want);
                if (c > 0 && (mask[lane / 64] >> lane % 64 & 1)) {
                    ones[net] += want;
                    moved[net] += want != net_value(t, lane, c - 1, net);
                }
            }
        }
        for (unsigned w = 0; w < words && c > 0; w++)
            cycles += (uint64_t)__builtin_popcountll(mask[w]);
    }
    mp_simulator_activity(s, &a);
    assert_int_equal(a.cycles, cycles);
    for (uint32_t net = 0; net < n->net_count; net++) {
        if (net == n->clock_net) {
            assert_int_equal(a.transitions[net], 2 * cycles);
            continue;
        }
        if (a.transitions[net] != moved[net] || a.ones[net] != ones[net])
            fail_msg("%s, %u words: net %s moved %lu times, had %lu ones; %lu and %lu are right",
                     code->name, words, n->net_name[net], (unsigned long)a.transitions[net],
                     (unsigned long)a.ones[net], (unsigned long)moved[net],
                     (unsigned long)ones[net]);
        if (all && words * 64 == t->lanes) {
            assert_int_equal(a.transitions[net], t->transitions[net]);
            assert_int_equal(a.ones[net], t->ones[net]);
        }
    }
    mp_activity_release(&a);
    mp_simulator_destroy(s);
    free(ones);
    free(moved);
    free(in);
}

static void compare_all(const struct mp_netlist *n, unsigned max_words)
{
    const struct mp_kernel_code *codes[MP_KERNEL_CODE_COUNT];
    unsigned count = mp_kernel_available(codes);
    struct truth t;
    make_truth(&t, n, max_words * 64);
    for (unsigned k = 0; k < count; k++) {
        compare(&t, codes[k], 1, max_words == 1);
        if (max_words >= 3)
            compare(&t, codes[k], 3, false);
        if (max_words >= 8)
            compare(&t, codes[k], 8, true);
    }
    drop_truth(&t);
}

static void random_of(const struct mp_library *lib, const char *name)
{
    struct mp_text text = {0};
    struct mp_netlist n;
    struct mp_error err = MP_ERROR_INIT;
    unsigned cells = random_netlist(&text, lib, 24, 60, 1);
    if (mp_netlist_read_text(&n, lib, text.data, text.size, "random.v", NULL, &err) < 0 ||
        mp_netlist_levelise(&n, &err) < 0)
        fail_msg("%s: line %d: %s", name, err.line, err.message);
    print_message("%s: %u random cells, every usable kind\n", name, cells);
    compare_all(&n, 8);
    mp_netlist_release(&n);
    mp_text_release(&text);
}

static void random_small(void **state)
{
    (void)state;
    struct mp_library lib = {0};
    assert_int_equal(mp_library_read_text(&lib, small_library, strlen(small_library), "s", NULL),
                     MP_OK);
    random_of(&lib, "small");
    mp_library_release(&lib);
}

static void random_gates(void **state)
{
    (void)state;
    struct mp_library lib = {0};
    assert_int_equal(mp_gates_library(&lib, NULL), MP_OK);
    random_of(&lib, "Yosys gates");
    mp_library_release(&lib);
}

static void libraries_and_golden(void **state)
{
    (void)state;
    unsigned done = 0;
    for (size_t l = 0; l < GOLDEN_LIBRARIES; l++) {
        struct mp_library lib = {0};
        if (!golden_read_library(&lib, &golden_libraries[l]))
            continue;
        random_of(&lib, golden_libraries[l].name);
        for (size_t d = 0; d < GOLDEN_DESIGNS; d++) {
            char name[64];
            struct mp_netlist n;
            snprintf(name, sizeof name, "golden/%s.%s.v", golden_libraries[l].name,
                     golden_designs[d]);
            char *path = golden_path(name);
            if (path == NULL)
                continue;
            assert_int_equal(mp_netlist_read(&n, &lib, path, NULL, NULL), MP_OK);
            assert_int_equal(mp_netlist_levelise(&n, NULL), MP_OK);
            compare_all(&n, 1);
            mp_netlist_release(&n);
            free(path);
        }
        mp_library_release(&lib);
        done++;
    }
    if (done == 0)
        skip();
}

/* One toggle flip-flop with an enable and a clear, by hand. */
static void by_hand(void **state)
{
    (void)state;
    struct mp_library lib = {0};
    struct mp_netlist n;
    struct mp_simulator *s;
    struct mp_activity a;
    static const char text[] =
        "module t(input a, input clk, input rn, output q, output qn);\n"
        " DFFRS f(.CK(clk), .D(qn), .RN(rn), .SN(1'b1), .Q(q), .QN(qn));\nendmodule\n";
    const uint64_t mask = 1;
    const struct {
        uint64_t rn, q;
    } steps[] = {{0, 0}, {1, 1}, {1, 0}, {1, 1}, {0, 0}, {0, 0}, {1, 1}};
    assert_int_equal(mp_library_read_text(&lib, small_library, strlen(small_library), "s", NULL),
                     MP_OK);
    assert_int_equal(mp_netlist_read_text(&n, &lib, text, strlen(text), "t.v", NULL, NULL), MP_OK);
    assert_int_equal(mp_netlist_levelise(&n, NULL), MP_OK);
    assert_int_equal(mp_simulator_create(&s, &n, 1, MP_KERNEL_AUTO, NULL), MP_OK);
    assert_int_equal(mp_simulator_input_count(s), 2);
    assert_int_equal(mp_simulator_input(s, "a"), 0);
    assert_int_equal(mp_simulator_input(s, "rn"), 1);
    assert_int_equal(mp_simulator_input(s, "clk"), MP_NONE);
    assert_int_equal(mp_simulator_input(s, "q"), MP_NONE);
    uint32_t q = n.ports[3].nets[0], qn = n.ports[4].nets[0];
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const uint64_t in[2] = {0, steps[i].rn};
        mp_simulator_step(s, in, &mask);
        assert_int_equal(mp_simulator_net(s, q)[0] & 1, steps[i].q);
        assert_int_equal(mp_simulator_net(s, qn)[0] & 1, !steps[i].q);
    }
    mp_simulator_activity(s, &a);
    assert_int_equal(a.cycles, 7);
    assert_int_equal(a.transitions[q], 5);
    assert_int_equal(a.ones[q], 3);
    assert_int_equal(a.transitions[n.clock_net], 14);
    mp_activity_release(&a);
    mp_simulator_reset(s);
    assert_int_equal(mp_simulator_net(s, q)[0] & 1, 0);
    mp_simulator_destroy(s);
    mp_netlist_release(&n);
    mp_library_release(&lib);
}

static void refusals(void **state)
{
    (void)state;
    struct mp_library lib = {0};
    struct mp_netlist n;
    struct mp_simulator *s;
    static const char text[] = "module t(input a, output y); INV i(.A(a), .Y(y)); endmodule\n";
    assert_int_equal(mp_library_read_text(&lib, small_library, strlen(small_library), "s", NULL),
                     MP_OK);
    assert_int_equal(mp_netlist_read_text(&n, &lib, text, strlen(text), "t.v", NULL, NULL), MP_OK);
    assert_int_equal(mp_netlist_levelise(&n, NULL), MP_OK);
    assert_int_equal(mp_simulator_create(&s, &n, 0, MP_KERNEL_AUTO, NULL), MP_E_USAGE);
    assert_int_equal(mp_simulator_create(&s, &n, 65, MP_KERNEL_AUTO, NULL), MP_E_USAGE);
    assert_int_equal(mp_simulator_create(&s, &n, 1, (enum mp_kernel)9, NULL), MP_E_UNSUPPORTED);
    mp_simulator_destroy(NULL);
    mp_netlist_release(&n);
    mp_library_release(&lib);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(refusals),
        cmocka_unit_test(random_small),
        cmocka_unit_test(random_gates),
        cmocka_unit_test(libraries_and_golden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
