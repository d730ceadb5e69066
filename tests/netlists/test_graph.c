/* The arithmetic graph: every function that makes nodes, over all choices of its inputs. */
#include "netlists/graph.h"

#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define INPUTS 3 /* of the test graph; literals 0, 1, and both polarities of each */
#define CHOICE (2 + 2 * INPUTS)

/* Value of every signal for input bits `x`. */
static void evaluate(const struct mp_graph *g, unsigned x, bool *value)
{
    unsigned input = 0;

    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];
        const struct mp_node_kind_info *info = mp_node_kind_info(n->kind);
        unsigned row = 0;

        if (n->kind == MP_NODE_INPUT) {
            value[n->out] = (x >> input++) & 1;
            continue;
        }
        for (unsigned k = 0; k < info->inputs; k++)
            row |= (unsigned)(value[mp_lit_signal(n->in[k])] != mp_lit_inverted(n->in[k])) << k;
        for (unsigned k = 0; k < info->outputs; k++)
            value[n->out + k] = (info->truth[k] >> row) & 1;
    }
}

static bool value_of(const bool *value, uint32_t literal)
{
    return value[mp_lit_signal(literal)] != mp_lit_inverted(literal);
}

enum function { AND, OR, AND3, AND4, XOR, XOR3, MUX, MAJ, AO21, AO22, HALF, FULL, FUNCTIONS };
static const unsigned arity[FUNCTIONS] = {2, 2, 3, 4, 2, 3, 3, 3, 3, 4, 2, 3};

static unsigned expected(enum function f, const bool *v)
{
    switch (f) {
    case AND:
        return v[0] && v[1];
    case OR:
        return v[0] || v[1];
    case AND3:
        return v[0] && v[1] && v[2];
    case AND4:
        return v[0] && v[1] && v[2] && v[3];
    case XOR:
        return v[0] != v[1];
    case XOR3:
        return (v[0] + v[1] + v[2]) & 1;
    case MUX:
        return v[0] ? v[1] : v[2];
    case MAJ:
        return v[0] + v[1] + v[2] >= 2;
    case AO21:
        return (v[0] && v[1]) || v[2];
    case AO22:
        return (v[0] && v[1]) || (v[2] && v[3]);
    case HALF:
        return (unsigned)v[0] + v[1];
    default:
        return (unsigned)v[0] + v[1] + v[2];
    }
}

/* One or two literals. */
static void make(struct mp_graph *g, enum function f, const uint32_t *l, uint32_t *out)
{
    out[1] = MP_LIT_FALSE;
    switch (f) {
    case AND:
        out[0] = mp_graph_and(g, l[0], l[1]);
        break;
    case OR:
        out[0] = mp_graph_or(g, l[0], l[1]);
        break;
    case AND3:
        out[0] = mp_graph_and3(g, l[0], l[1], l[2]);
        break;
    case AND4:
        out[0] = mp_graph_and4(g, l[0], l[1], l[2], l[3]);
        break;
    case XOR:
        out[0] = mp_graph_xor(g, l[0], l[1]);
        break;
    case XOR3:
        out[0] = mp_graph_xor3(g, l[0], l[1], l[2]);
        break;
    case MUX:
        out[0] = mp_graph_mux(g, l[0], l[1], l[2]);
        break;
    case MAJ:
        out[0] = mp_graph_maj(g, l[0], l[1], l[2]);
        break;
    case AO21:
        out[0] = mp_graph_ao21(g, l[0], l[1], l[2]);
        break;
    case AO22:
        out[0] = mp_graph_ao22(g, l[0], l[1], l[2], l[3]);
        break;
    case HALF:
        mp_graph_half_adder(g, 1, 0, l[0], l[1], &out[0], &out[1]);
        break;
    default:
        mp_graph_full_adder(g, 1, 0, l[0], l[1], l[2], &out[0], &out[1]);
    }
}

static void check_choice(enum function f, const uint32_t *l)
{
    struct mp_graph g;
    struct mp_error err = {0};
    uint32_t out[2];
    bool value[32], in[4];

    mp_graph_init(&g, "t");
    mp_graph_input(&g, "x", INPUTS);
    mp_graph_tree(&g);
    make(&g, f, l, out);
    mp_graph_output(&g, "y", 2, out);
    if (mp_graph_check(&g, &err) < 0)
        fail_msg("%s", err.message);
    for (unsigned x = 0; x < 1u << INPUTS; x++) {
        evaluate(&g, x, value);
        for (unsigned k = 0; k < arity[f]; k++)
            in[k] = value_of(value, l[k]);
        assert_int_equal((unsigned)value_of(value, out[0]) + 2u * value_of(value, out[1]),
                         expected(f, in));
    }
    mp_graph_release(&g);
}

/* Inputs are signals 1..3, so that literals 0..7 are the constants and every input, both ways. */
static void test_every_choice_of_inputs(void **state)
{
    (void)state;
    for (int f = 0; f < FUNCTIONS; f++) {
        unsigned count = 1;

        for (unsigned k = 0; k < arity[f]; k++)
            count *= CHOICE;
        for (unsigned choice = 0; choice < count; choice++) {
            uint32_t l[4] = {choice % CHOICE, choice / CHOICE % CHOICE,
                             choice / CHOICE / CHOICE % CHOICE,
                             choice / CHOICE / CHOICE / CHOICE % CHOICE};
            check_choice(f, l);
        }
    }
}

static void test_and_or_and_all(void **state)
{
    struct mp_graph g;
    struct mp_error err = {0};
    uint32_t *x, select[7], data[7], y[14];
    bool value[256];

    (void)state;
    mp_graph_init(&g, "t");
    x = mp_graph_input(&g, "x", 14);
    for (unsigned i = 0; i < 7; i++) {
        select[i] = mp_lit_not_if(x[i], i % 3 == 1);
        data[i] = i == 5 ? MP_LIT_TRUE : x[7 + i];
    }
    for (unsigned n = 1; n <= 7; n++) {
        y[n - 1] = mp_graph_and_or(&g, n, select, data);
        y[6 + n] = mp_graph_and_all(&g, n + 7, x);
    }
    mp_graph_output(&g, "y", 14, y);
    mp_graph_sweep(&g);
    assert_int_equal(mp_graph_check(&g, &err), MP_OK);
    memcpy(y, g.ports[1].bits, sizeof y);
    for (unsigned v = 0; v < 1u << 14; v++) {
        bool sum = false;

        evaluate(&g, v, value);
        for (unsigned i = 0; i < 7; i++) {
            bool s = ((v >> i) & 1) != (i % 3 == 1), d = i == 5 || ((v >> (7 + i)) & 1);
            unsigned all = (1u << (i + 8)) - 1;

            sum = sum || (s && d);
            assert_int_equal(value_of(value, y[i]), sum);
            assert_int_equal(value_of(value, y[7 + i]), (v & all) == all);
        }
    }
    mp_graph_release(&g);
}

static void test_sweep_keeps_what_is_needed(void **state)
{
    struct mp_graph g;
    struct mp_error err = {0};
    uint32_t *x, q, keep, sum, carry;

    (void)state;
    mp_graph_init(&g, "t");
    x = mp_graph_input(&g, "x", 3);
    mp_graph_and(&g, x[0], x[1]); /* nobody reads it */
    q = mp_graph_register(&g);
    mp_graph_half_adder(&g, 0, 0, q, x[2], &sum, &carry);
    keep = mp_lit_not(mp_graph_xor(&g, carry, x[0]));
    mp_graph_name(&g, keep, "keep%d", 7);
    mp_graph_register_set(&g, q, sum, MP_LIT_TRUE);
    mp_graph_output(&g, "y", 1, &keep);
    assert_int_equal(g.node_count, 8);
    mp_graph_sweep(&g);
    assert_int_equal(g.node_count, 7);
    assert_int_equal(mp_graph_check(&g, &err), MP_OK);
    keep = g.ports[1].bits[0];
    assert_true(mp_lit_inverted(keep));
    assert_string_equal(g.signals[mp_lit_signal(keep)].name, "keep7");
    mp_graph_release(&g);
}

static void test_check_refuses(void **state)
{
    struct mp_graph g;
    struct mp_error err = {0};
    uint32_t *x, q;

    (void)state;
    mp_graph_init(&g, "t");
    x = mp_graph_input(&g, "x", 2);
    q = mp_graph_register(&g);
    mp_graph_output(&g, "y", 1, &q);
    assert_int_equal(mp_graph_check(&g, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "input 0 of register node 3 is not driven"));
    mp_graph_register_set(&g, q, mp_graph_and(&g, x[0], x[1]), MP_LIT_TRUE);
    assert_int_equal(mp_graph_check(&g, &err), MP_OK);
    g.nodes[4].in[1] = MP_LIT_TRUE;
    assert_int_equal(mp_graph_check(&g, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "is a constant"));
    g.nodes[4].in[1] = mp_lit(g.nodes[4].out, false);
    assert_int_equal(mp_graph_check(&g, &err), MP_E_INPUT);
    mp_graph_release(&g);
}

static void test_blocks_and_names(void **state)
{
    struct mp_graph g;
    uint32_t *x, before, p;

    (void)state;
    mp_graph_init(&g, "t");
    x = mp_graph_input(&g, "x", 2);
    before = mp_graph_block(&g, "multiplier");
    p = mp_graph_and(&g, x[0], x[1]);
    mp_graph_name(&g, p, "pp%u_%u", 0u, 1u);
    mp_graph_name(&g, p, "again");
    mp_graph_block_return(&g, before);
    assert_string_equal(g.blocks[g.nodes[3].block].name, "multiplier");
    assert_string_equal(g.signals[3].name, "pp0_1");
    assert_int_equal(mp_graph_block(&g, "multiplier"), 0);
    assert_int_equal(g.block_count, 2);
    mp_graph_release(&g);
    mp_graph_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_choice_of_inputs),     cmocka_unit_test(test_and_or_and_all),
        cmocka_unit_test(test_sweep_keeps_what_is_needed), cmocka_unit_test(test_check_refuses),
        cmocka_unit_test(test_blocks_and_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
