/*
 * Functional and glitch transitions told apart in a dump with delays: worked by hand for a register
 * and two gates behind it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "estimator/activity/settled.h"
#include "tests/netlist/small_library.h"
#include <stdio.h>
#include <string.h>

struct bench {
    struct mp_library library;
    struct mp_netlist netlist;
    struct mp_settled *settled;
    double share[16];
};

static void create(struct bench *b, const char *flop)
{
    struct mp_error err = MP_ERROR_INIT;
    char text[400];
    snprintf(text, sizeof text,
             "module m(ck, a, q, y); input ck, a; output q, y; wire i;\n"
             " %s r (.D(a), .CK(ck), .Q(q));\n INV u (.A(q), .Y(i));\n"
             " NAND2 v (.A(q), .B(i), .Y(y));\nendmodule\n",
             flop);
    *b = (struct bench){0};
    if (mp_library_read_text(&b->library, small_library, strlen(small_library), "small", &err) <
            0 ||
        mp_netlist_read_text(&b->netlist, &b->library, text, strlen(text), "m.v", NULL, &err) < 0 ||
        mp_netlist_levelise(&b->netlist, &err) < 0)
        fail_msg("%s", err.message);
    assert_true(b->netlist.net_count <= 16);
    b->settled = mp_settled_create(&b->netlist);
}

static void destroy(struct bench *b)
{
    mp_settled_destroy(b->settled);
    mp_netlist_release(&b->netlist);
    mp_library_release(&b->library);
}

static uint32_t net(const struct bench *b, const char *name)
{
    for (uint32_t i = 0; i < b->netlist.net_count; i++)
        if (strcmp(b->netlist.net_name[i], name) == 0)
            return i;
    fail_msg("no net %s", name);
    return 0;
}

static void set(struct bench *b, double time_s, const char *name, int value)
{
    mp_settled_observe(b->settled, time_s, net(b, name), value);
}

/* q rises, falls, rises; y = !(q & !q) glitches to 0 at each rise of q (i is late), except that the
 * last cycle is not whole. */
static void play(struct bench *b, int active)
{
    set(b, 0, "ck", !active), set(b, 0, "a", 1), set(b, 0, "q", 0), set(b, 0, "i", 1);
    set(b, 0, "y", 1);
    for (int cycle = 0; cycle < 5; cycle++) {
        double t = 10 + 10 * cycle;
        int q = cycle % 2 == 0;
        set(b, t, "a", !q); /* with the clock, and before it in the file */
        set(b, t, "ck", active);
        set(b, t + 1, "q", q);
        set(b, t + 2, "i", !q);
        if (q)
            set(b, t + 2, "y", 0), set(b, t + 3, "y", 1);
        set(b, t + 5, "ck", !active);
    }
}

static void glitches_are_told_apart(void **state)
{
    (void)state;
    struct bench b;
    create(&b, "DFF");
    play(&b, 1);
    assert_true(mp_settled_finish(b.settled, b.share));
    assert_true(b.share[net(&b, "y")] == 0);
    assert_true(b.share[net(&b, "q")] == 1);
    assert_true(b.share[net(&b, "i")] == 1);
    assert_true(b.share[net(&b, "a")] == 1);
    assert_true(b.share[net(&b, "ck")] == 1);
    destroy(&b);
}

/* Of three transitions in one cycle one is functional. */
static void a_pulse_before_the_last_value(void **state)
{
    (void)state;
    struct bench b;
    create(&b, "DFF");
    set(&b, 0, "ck", 0), set(&b, 0, "y", 1);
    set(&b, 5, "ck", 1), set(&b, 6, "ck", 0);
    set(&b, 7, "y", 0), set(&b, 8, "y", 1), set(&b, 9, "y", 0);
    set(&b, 15, "ck", 1), set(&b, 16, "ck", 0), set(&b, 25, "ck", 1);
    assert_true(mp_settled_finish(b.settled, b.share));
    assert_true(b.share[net(&b, "y")] == 1.0 / 3);
    destroy(&b);
}

static void the_falling_edge_stores(void **state)
{
    (void)state;
    struct bench b;
    create(&b, "DFFN");
    play(&b, 0);
    assert_true(mp_settled_finish(b.settled, b.share));
    assert_true(b.share[net(&b, "y")] == 0);
    assert_true(b.share[net(&b, "q")] == 1);
    destroy(&b);
}

static void without_cycles_there_is_no_share(void **state)
{
    (void)state;
    struct bench b;
    create(&b, "DFF");
    b.share[3] = 7;
    set(&b, 0, "ck", 0), set(&b, 1, "ck", 1), set(&b, 2, "q", 1);
    assert_false(mp_settled_finish(b.settled, b.share));
    assert_true(b.share[3] == 7);
    destroy(&b);
    mp_settled_destroy(NULL);
}

static void undefined_values_do_not_count(void **state)
{
    (void)state;
    struct bench b;
    create(&b, "DFF");
    set(&b, 0, "ck", 0), set(&b, 0, "q", 2), set(&b, 0, "y", 0);
    set(&b, 5, "ck", 1), set(&b, 6, "ck", 0), set(&b, 7, "q", 1), set(&b, 7, "y", 2);
    set(&b, 15, "ck", 1), set(&b, 16, "ck", 0), set(&b, 17, "q", 0), set(&b, 17, "y", 1);
    set(&b, 25, "ck", 1);
    assert_true(mp_settled_finish(b.settled, b.share));
    assert_true(b.share[net(&b, "q")] == 1);
    assert_true(b.share[net(&b, "y")] == 1);
    destroy(&b);
}

/* Registers of both edges: what follows both moves at each edge, and all of that is functional. */
static void both_edges_store(void **state)
{
    (void)state;
    struct bench b;
    create(&b, "DFF");
    b.netlist.uses_both_edges = true;
    set(&b, 0, "ck", 0), set(&b, 0, "q", 0), set(&b, 0, "i", 1), set(&b, 0, "y", 1);
    for (int cycle = 0; cycle < 5; cycle++) {
        double t = 10 + 10 * cycle;
        set(&b, t, "ck", 1), set(&b, t + 1, "q", 1), set(&b, t + 2, "q", 0), set(&b, t + 2, "y", 0);
        set(&b, t + 5, "ck", 0), set(&b, t + 6, "y", 1);
    }
    assert_true(mp_settled_finish(b.settled, b.share));
    assert_true(b.share[net(&b, "y")] == 1);
    assert_true(b.share[net(&b, "q")] == 0);
    destroy(&b);
}

/* Without delays nothing is a glitch: inputs move half a cycle after the registers (common in test
 * benches), and y follows both. One net that moves by itself makes it a dump with delays. */
static void inputs_may_come_between_the_edges(void **state)
{
    (void)state;
    for (int delayed = 0; delayed < 2; delayed++) {
        struct bench b;
        create(&b, "DFF");
        set(&b, 0, "ck", 0), set(&b, 0, "a", 0), set(&b, 0, "q", 0), set(&b, 0, "y", 1);
        for (int cycle = 0; cycle < 6; cycle++) {
            double t = 10 + 10 * cycle;
            set(&b, t, "y", 0), set(&b, t, "ck", 1), set(&b, t, "q", cycle % 2 == 0);
            set(&b, t + 3, "a", cycle % 2), set(&b, t + 3, "y", 1);
            set(&b, t + 5, "ck", 0);
            if (delayed)
                set(&b, t + 6, "i", cycle % 2);
        }
        assert_true(mp_settled_finish(b.settled, b.share));
        assert_true(b.share[net(&b, "y")] == (delayed ? 0 : 1));
        assert_true(b.share[net(&b, "q")] == 1);
        destroy(&b);
    }
}

/* Two windows with x between them. y glitches in the last cycle of the first, and begins the second
 * with another value; a moves in the last cycle of both. */
static void windows_end_with_a_cycle(void **state)
{
    (void)state;
    struct bench b;
    create(&b, "DFF");
    for (int begin = 0; begin <= 100; begin += 100) {
        double t = begin;
        set(&b, t, "ck", 0), set(&b, t, "a", 0), set(&b, t, "y", begin == 0);
        set(&b, t + 1, "ck", 1), set(&b, t + 6, "ck", 0);
        set(&b, t + 11, "ck", 1), set(&b, t + 16, "ck", 0), set(&b, t + 17, "a", 1);
        if (begin == 0)
            set(&b, t + 17, "y", 0), set(&b, t + 18, "y", 1);
        t += begin == 0 ? 20.9 : 18; /* the second ends too early */
        set(&b, t, "a", 2), set(&b, t, "ck", 2), set(&b, t, "y", 2);
    }
    assert_true(mp_settled_finish(b.settled, b.share));
    assert_true(b.share[net(&b, "y")] == 0);
    assert_true(b.share[net(&b, "a")] == 1);
    destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(glitches_are_told_apart),
                                       cmocka_unit_test(windows_end_with_a_cycle),
                                       cmocka_unit_test(a_pulse_before_the_last_value),
                                       cmocka_unit_test(the_falling_edge_stores),
                                       cmocka_unit_test(without_cycles_there_is_no_share),
                                       cmocka_unit_test(undefined_values_do_not_count),
                                       cmocka_unit_test(inputs_may_come_between_the_edges),
                                       cmocka_unit_test(both_edges_store)};
    return cmocka_run_group_tests_name("activity_settled", tests, NULL, NULL);
}
