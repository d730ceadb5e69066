/* Every adder of the table against addition, at every width, and the split tables' rules. */
#include "netlists/adder.h"
#include "netlists/graph_simulate.h"

#include "tests/util/cmocka_all.h"

#include <stdlib.h>

struct case_ {
    const struct mp_adder *adder;
    unsigned a_bits, b_bits, bits;
    bool carry_in;
};

static void expect(const void *context, const mp_u128 *in, mp_u128 *out)
{
    const struct case_ *c = context;

    out[0] = in[0] + in[1] + (c->carry_in ? in[2] : 0);
}

static void make(struct mp_graph *g, const struct case_ *c)
{
    uint32_t a[MP_ADDER_BITS_MAX] = {0}, b[MP_ADDER_BITS_MAX] = {0}, sum[MP_ADDER_BITS_MAX];
    const uint32_t *bus;

    mp_graph_init(g, c->adder->name);
    bus = mp_graph_input(g, "a", c->a_bits);
    for (unsigned i = 0; i < c->a_bits; i++)
        a[i] = bus[i];
    bus = mp_graph_input(g, "b", c->b_bits);
    for (unsigned i = 0; i < c->b_bits; i++)
        b[i] = bus[i];
    mp_adder_write(g, c->adder, mp_graph_tree(g), 0, c->bits, a, b,
                   c->carry_in ? mp_graph_input(g, "carry_in", 1)[0] : MP_LIT_FALSE, sum);
    mp_graph_output(g, "sum", c->bits, sum);
    mp_graph_sweep(g);
}

static void prove(const struct case_ *c)
{
    struct mp_graph g;
    struct mp_claim claim;
    struct mp_claim_proof proof;
    struct mp_error err = MP_ERROR_INIT;

    make(&g, c);
    assert_int_equal(mp_claim_of_ports(&claim, &g, &err), MP_OK);
    claim.expect = expect;
    claim.context = c;
    claim.vectors = 4096;
    if (mp_graph_prove(&proof, &g, &claim, &err) < 0)
        fail_msg("%u + %u bits: %s", c->a_bits, c->b_bits, err.message);
    mp_graph_release(&g);
}

static void every_adder(void **state)
{
    static const unsigned wide[] = {13, 18, 23, 31, 32, 64, 128};
    unsigned count = 0;

    (void)state;
    for (size_t i = 0; i < mp_adder_count(); i++)
        for (unsigned carry = 0; carry < 2; carry++) {
            struct case_ c = {.adder = mp_adder_at(i), .carry_in = carry};
            for (c.bits = 1; c.bits <= 7; c.bits++)
                for (c.a_bits = 1; c.a_bits <= c.bits; c.a_bits++)
                    for (c.b_bits = 1; c.b_bits <= c.a_bits; c.b_bits++, count++)
                        prove(&c);
            for (size_t w = 0; w < sizeof wide / sizeof *wide; w++, count += 2) {
                c.bits = c.a_bits = c.b_bits = wide[w];
                prove(&c);
                c.b_bits = wide[w] / 2;
                prove(&c);
            }
        }
    print_message("%u adders\n", count);
}

static void tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < mp_adder_count(); i++) {
        const struct mp_adder *adder = mp_adder_at(i);
        assert_ptr_equal(mp_adder_find(adder->name), adder);
        for (unsigned n = 1; adder->split != NULL && n <= 130; n += n < 40 ? 1 : 30) {
            uint8_t *split = mp_alloc((size_t)n * n, 1);
            uint32_t *arrival = mp_alloc(n, sizeof *arrival);
            for (unsigned k = 0; k < n; k++)
                arrival[k] = k < n / 2 ? k : n - k;
            adder->split(n, n % 2 ? arrival : NULL, split);
            for (unsigned r = 1; r < n; r++)
                for (unsigned c = 0; c < r; c++)
                    assert_true(split[r * n + c] > c && split[r * n + c] <= r);
            free(arrival);
            free(split);
        }
    }
    assert_null(mp_adder_find("magic"));
}

/* Known depths and numbers of nodes of the named graphs, over 16 columns. */
static void shapes(void **state)
{
    static const struct {
        const char *name;
        uint32_t depth, nodes;
    } known[] = {
        /* Depth: generate, prefix levels, sum. Nodes over 15 columns: intervals, and a propagate
         * for each that does not end at column 0 (14 do). */
        {"ripple", 16, 14},        {"sklansky", 6, 28 + 14},      {"kogge-stone", 6, 45 + 31},
        {"brent-kung", 8, 22 + 8}, {"ladner-fischer", 7, 23 + 9},
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct case_ c = {.adder = mp_adder_find(known[i].name), 16, 16, 16, false};
        struct mp_graph g;
        uint32_t *depth, most = 0, nodes = 0;

        make(&g, &c);
        depth = mp_alloc(g.signal_count, sizeof *depth);
        mp_graph_depth(&g, depth);
        for (uint32_t s = 0; s < g.signal_count; s++)
            most = depth[s] > most ? depth[s] : most;
        for (uint32_t n = 0; n < g.node_count; n++)
            nodes += g.nodes[n].prefix != 0;
        print_message("%s: depth %u, %u prefix nodes\n", known[i].name, most, nodes);
        assert_int_equal(most, known[i].depth);
        assert_int_equal(nodes, known[i].nodes);
        free(depth);
        mp_graph_release(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_adder),
        cmocka_unit_test(tables),
        cmocka_unit_test(shapes),
    };

    return cmocka_run_group_tests_name("adder", tests, NULL, NULL);
}
