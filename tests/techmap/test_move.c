#include "estimator/techmap/move.h"
#include "estimator/techmap/resize.h"
#include "estimator/techmap/simulate.h"
#include "tests/techmap/toy.h"
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

#define WORDS 8

struct bench {
    struct toy toy;
    struct mp_mapped m;
    struct mp_objective objective;
    struct mp_anneal *s;
};

static void bench_open(struct bench *b)
{
    const struct mp_mapped_environment environment = {
        .wire = NULL, .driving_cell = MP_NONE, .output_load_f = 1e-15};

    toy_open(&b->toy);
    mp_mapped_init(&b->m, &b->toy.nldm, &environment);
    assert_int_equal(mp_objective_parse(&b->objective, "area*delay", NULL), MP_OK);
    b->s = mp_alloc(1, sizeof *b->s);
    b->s->m = &b->m;
    b->s->families = &b->toy.families;
    b->s->objective = &b->objective;
    b->s->version = 1;
    mp_random_seed(&b->s->random, 1);
}

static void bench_close(struct bench *b)
{
    free(b->s);
    mp_mapped_release(&b->m);
    toy_close(&b->toy);
}

static uint32_t gate(struct bench *b, const char *type, const uint32_t *inputs, uint32_t output)
{
    return mp_mapped_add_gate(&b->m, toy_cell(&b->toy, type), inputs, (uint32_t[]){output});
}

/* Tries until the netlist has this many gates and this area, each failure undone. */
static void try_until(struct bench *b, bool (*try)(struct mp_anneal *), uint32_t gates,
                      double area_um2)
{
    for (unsigned k = 0; k < 5000; k++) {
        uint32_t mark = mp_mapped_checkpoint(&b->m);

        if (try(b->s) && mp_mapped_update(&b->m) == MP_MAPPED_OK && b->m.gate_count == gates &&
            b->m.area_um2 > area_um2 - 1e-6 && b->m.area_um2 < area_um2 + 1e-6) {
            mp_mapped_commit(&b->m, mark);
            b->s->version++;
            return;
        }
        mp_mapped_rollback(&b->m, mark);
    }
    fail_msg("the move never led to %u gates of %g um2", gates, area_um2);
}

static const char *type_of(const struct bench *b, uint32_t g)
{
    return b->toy.library.cells[b->toy.nldm.cells[b->m.gates[g].type].library_cell].name;
}

static void test_families(void **state)
{
    struct toy t;
    uint32_t and2, aoi, count = 0;
    bool has_nand = false, has_nor = false, has_or = false;

    (void)state;
    toy_open(&t);
    and2 = t.nldm.cells[toy_cell(&t, "AND2_X1")].family;
    aoi = t.nldm.cells[toy_cell(&t, "AOI21_X1")].family;
    assert_int_equal(t.families.inverter, t.nldm.cells[toy_cell(&t, "INV_X1")].family);
    assert_int_equal(t.families.buffer, t.nldm.cells[toy_cell(&t, "BUF_X1")].family);
    assert_int_equal(t.families.usable[t.families.inverter], 3); /* X8 is dont_use */
    assert_int_equal(t.families.usable[and2], 3);
    assert_int_equal(t.families.first_order[and2 + 1] - t.families.first_order[and2], 1);
    assert_int_equal(t.families.first_order[aoi + 1] - t.families.first_order[aoi], 1);
    for (uint32_t k = t.families.first_variant[and2]; k < t.families.first_variant[and2 + 1]; k++) {
        const struct mp_family_variant *v = &t.families.variants[k];

        has_nand |= v->family == t.nldm.cells[toy_cell(&t, "NAND2_X1")].family &&
                    v->inverts_output && v->inverted_inputs == 0;
        has_nor |= v->family == t.nldm.cells[toy_cell(&t, "NOR2_X1")].family &&
                   !v->inverts_output && v->inverted_inputs == 3;
        has_or |= v->family == t.nldm.cells[toy_cell(&t, "OR2_X1")].family && v->inverts_output &&
                  v->inverted_inputs == 3;
        count += v->family == t.nldm.cells[toy_cell(&t, "XOR2_X1")].family;
    }
    assert_true(has_nand && has_nor && has_or);
    assert_int_equal(count, 0);
    toy_close(&t);
}

static void test_drive(void **state)
{
    struct bench b;
    uint32_t a, n, y;

    (void)state;
    bench_open(&b);
    a = mp_mapped_add_input(&b.m);
    n = mp_mapped_add_net(&b.m);
    y = mp_mapped_add_net(&b.m);
    gate(&b, "INV_X1", &a, n);
    gate(&b, "INV_X1", &n, y);
    mp_mapped_add_output(&b.m, y);
    assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_OK);
    try_until(&b, mp_move_drive, 2, 2 + 3);     /* one X2 */
    try_until(&b, mp_move_drive_two, 2, 5 + 5); /* both X4, never X8 */
    try_until(&b, mp_move_drive_two, 2, 2 + 2);
    bench_close(&b);
}

static void test_overload(void **state)
{
    struct bench b;
    uint32_t a, n, g;

    (void)state;
    bench_open(&b);
    a = mp_mapped_add_input(&b.m);
    n = mp_mapped_add_net(&b.m);
    g = gate(&b, "INV_X2", &a, n);
    for (unsigned k = 0; k < 35; k++) { /* 70 fF: X1 may drive 60 */
        uint32_t y = mp_mapped_add_net(&b.m);

        gate(&b, "DFF_X1", (uint32_t[]){a, n}, y);
        gate(&b, "DFF_X1", (uint32_t[]){a, n}, mp_mapped_add_net(&b.m));
    }
    assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_OK);
    for (unsigned k = 0; k < 2000; k++) {
        uint32_t mark = mp_mapped_checkpoint(&b.m);

        if (mp_move_drive(b.s))
            assert_string_not_equal(type_of(&b, g), "INV_X1");
        mp_mapped_rollback(&b.m, mark);
    }
    bench_close(&b);
}

static void test_pins(void **state)
{
    struct bench b;
    uint32_t in[3], n, y, inner, outer;
    bool is_seen = false;

    (void)state;
    bench_open(&b);
    for (unsigned k = 0; k < 3; k++)
        in[k] = mp_mapped_add_input(&b.m);
    n = mp_mapped_add_net(&b.m);
    y = mp_mapped_add_net(&b.m);
    inner = gate(&b, "AND2_X1", (uint32_t[]){in[0], in[1]}, n);
    outer = gate(&b, "NAND2_X1", (uint32_t[]){n, in[2]}, y);
    mp_mapped_add_output(&b.m, y);
    assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_OK);
    try_until(&b, mp_move_pins, 2, 7);
    assert_true(b.m.gates[inner].inputs[0] == in[1] || b.m.gates[outer].inputs[0] == in[2]);
    for (unsigned k = 0; k < 50 && !is_seen; k++) {
        try_until(&b, mp_move_pins_two, 2, 7);
        is_seen = b.m.gates[inner].inputs[0] == in[2] || b.m.gates[inner].inputs[1] == in[2];
    }
    assert_true(is_seen);
    /* NOR behind AND is no symmetric function of all three. */
    mp_mapped_set_type(&b.m, outer, toy_cell(&b.toy, "NOR2_X1"));
    assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_OK);
    for (unsigned k = 0; k < 500; k++) {
        uint32_t mark = mp_mapped_checkpoint(&b.m);

        assert_false(mp_move_pins_two(b.s));
        mp_mapped_rollback(&b.m, mark);
    }
    bench_close(&b);
}

static void test_buffers(void **state)
{
    struct bench b;
    uint32_t a, n;

    (void)state;
    bench_open(&b);
    a = mp_mapped_add_input(&b.m);
    n = mp_mapped_add_net(&b.m);
    gate(&b, "INV_X1", &a, n);
    for (unsigned k = 0; k < 4; k++) {
        uint32_t y = mp_mapped_add_net(&b.m);

        gate(&b, "INV_X1", &n, y);
        mp_mapped_add_output(&b.m, y);
    }
    assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_OK);
    try_until(&b, mp_move_buffer, 6, 10 + 3);
    try_until(&b, mp_move_bypass, 5, 10);
    try_until(&b, mp_move_clone, 6, 12);
    try_until(&b, mp_move_join, 5, 10);
    /* The four inverters are one, then the pair is nothing: the outputs are the input. */
    try_until(&b, mp_move_join, 4, 8);
    try_until(&b, mp_move_join, 3, 6);
    try_until(&b, mp_move_join, 2, 4);
    try_until(&b, mp_move_bypass, 0, 0);
    for (uint32_t k = 0; k < 4; k++)
        assert_int_equal(b.m.outputs[k], a);
    bench_close(&b);
}

static void test_polarity(void **state)
{
    struct bench b;
    uint32_t in[2], n, y;

    (void)state;
    bench_open(&b);
    in[0] = mp_mapped_add_input(&b.m);
    in[1] = mp_mapped_add_input(&b.m);
    n = mp_mapped_add_net(&b.m);
    y = mp_mapped_add_net(&b.m);
    gate(&b, "NAND2_X1", in, n);
    gate(&b, "INV_X1", &n, y);
    mp_mapped_add_output(&b.m, y);
    assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_OK);
    try_until(&b, mp_move_polarity, 1, 4);         /* AND2 */
    try_until(&b, mp_move_polarity, 3, 3 + 2 + 2); /* NOR2 of two inverters */
    try_until(&b, mp_move_polarity, 1, 4);
    try_until(&b, mp_move_polarity, 2, 3 + 2);
    assert_int_equal(mp_mapped_check(&b.m, NULL), MP_OK);
    bench_close(&b);
}

/* Every kind on random netlists: undone to the bit, and what is kept computes the same. */
static void check_random(uint64_t seed, uint32_t flops, uint64_t *done)
{
    struct bench b;
    struct mp_mapped start, before;
    uint64_t *words_start, *words;
    struct mp_error err = MP_ERROR_INIT;
    size_t count;
    const struct mp_move_kind *kinds = mp_resize_kinds(&count);

    bench_open(&b);
    mp_mapped_release(&b.m);
    toy_random(&b.m, &b.toy, seed, 6, 60, flops);
    mp_mapped_copy(&start, &b.m);
    words_start = mp_mapped_simulate(&start, seed, WORDS);
    mp_random_seed(&b.s->random, seed);
    for (unsigned step = 0; step < 3000; step++) {
        size_t k = step % count;
        uint32_t mark;
        bool is_kept = mp_move_draw(b.s, 3) == 0;

        mp_mapped_copy(&before, &b.m);
        mark = mp_mapped_checkpoint(&b.m);
        if (kinds[k].try(b.s) && mp_mapped_update(&b.m) == MP_MAPPED_OK && is_kept &&
            b.m.gate_count < 120) {
            mp_mapped_commit(&b.m, mark);
            b.s->version++;
            done[k]++;
        } else {
            mp_mapped_rollback(&b.m, mark);
            toy_assert_same(&before, &b.m);
        }
        mp_mapped_release(&before);
        if (step % 100 != 99)
            continue;
        if (mp_mapped_check(&b.m, &err) < 0)
            fail_msg("%s", err.message);
        words = mp_mapped_simulate(&b.m, seed, WORDS);
        if (mp_mapped_compare(&start, words_start, &b.m, words, WORDS, &err) < 0)
            fail_msg("seed %llu step %u: %s", (unsigned long long)seed, step, err.message);
        free(words);
    }
    free(words_start);
    mp_mapped_release(&start);
    bench_close(&b);
}

/* Each kind was seen to do something. */
static void check_done(const uint64_t *done)
{
    size_t count;
    const struct mp_move_kind *kinds = mp_resize_kinds(&count);

    for (size_t k = 0; k < count; k++)
        if (done[k] == 0)
            fail_msg("nothing was ever done by '%s'", kinds[k].name);
}

static void test_random(void **state)
{
    uint64_t done[16] = {0};

    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++)
        check_random(seed, 0, done);
    check_done(done);
}

static void test_random_flops(void **state)
{
    uint64_t done[16] = {0};

    (void)state;
    for (uint64_t seed = 11; seed <= 14; seed++)
        check_random(seed, 8, done);
    check_done(done);
}

/* XNOR2 is AOI21 behind NOR2 among the toy's cells, and every item computes its class. */
static void test_rewrites(void **state)
{
    struct toy t;
    const struct mp_rewrites *r;
    unsigned class;
    bool is_seen = false;

    (void)state;
    toy_open(&t);
    r = &t.families.rewrites;
    class = r->class_of[0x6666];
    assert_int_equal(class, r->class_of[0x9999]);
    assert_int_equal(r->class_of[0x8888], r->class_of[0x7777]); /* AND2, NAND2 */
    assert_int_equal(r->class_of[0x8888], r->class_of[0xfcfc]); /* OR2 of others */
    assert_int_not_equal(class, r->class_of[0x8888]);
    for (uint32_t k = r->first[class]; k < r->first[class + 1]; k++)
        is_seen |= r->items[k].outer == t.nldm.cells[toy_cell(&t, "AOI21_X1")].family &&
                   r->items[k].inner == t.nldm.cells[toy_cell(&t, "NOR2_X1")].family;
    assert_true(is_seen);
    for (unsigned f = 0; f < 65536; f += 7) { /* the way leads to one representative a class */
        const struct mp_rewrite_way *way = &r->way_of[f];
        uint16_t values[4], back;

        for (unsigned k = 0; k < 4; k++)
            values[way->pin[k]] = way->inverted_inputs >> k & 1u ? (uint16_t)~mp_rewrite_variable(k)
                                                                 : mp_rewrite_variable(k);
        back = mp_rewrite_truth(f, 4, values);
        back = way->inverts_output ? (uint16_t)~back : back;
        assert_int_equal(r->class_of[back], r->class_of[f]);
        assert_int_equal(r->way_of[back].inverted_inputs, 0);
        assert_false(r->way_of[back].inverts_output);
    }
    toy_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_families),    cmocka_unit_test(test_drive),
        cmocka_unit_test(test_overload),    cmocka_unit_test(test_pins),
        cmocka_unit_test(test_buffers),     cmocka_unit_test(test_polarity),
        cmocka_unit_test(test_rewrites),    cmocka_unit_test(test_random),
        cmocka_unit_test(test_random_flops)};
    return cmocka_run_group_tests_name("move", tests, NULL, NULL);
}
