/* Matching, templates and the state that binds graph and netlist, on every library: cells compute
 * what matches say, and random moves, kept or taken back, change no function. */
#include "estimator/techmap/move.h"
#include "estimator/techmap/move_structure.h"
#include "estimator/techmap/techmap_parts.h"
#include "netlists/architecture.h"
#include "tests/fake_tools/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

#define MOVES 1500

/* Every pinning of every match, computed at every point. */
static void check_matches(const struct mp_matcher *m)
{
    for (unsigned function = MP_NODE_AND2; function < MP_FUNCTION_COUNT; function++) {
        const struct mp_node_kind_info *f = mp_function_info(function);

        for (uint32_t i = m->first[function]; i < m->first[function + 1]; i++) {
            const struct mp_match *match = &m->matches[i];
            const struct mp_nldm_cell *cell =
                &m->nldm->cells[m->nldm->family_cells[m->nldm->family_first[match->family]]];

            assert_false(cell->dont_use);
            for (uint32_t p = 0; p < match->pinning_count; p++)
                for (unsigned point = 0; point < 1u << f->inputs; point++) {
                    const uint8_t *pin = m->pinnings[match->first_pinning + p].pin;
                    unsigned at = 0;

                    for (unsigned k = 0; k < f->inputs; k++)
                        at |= ((point ^ match->wants_inverted) >> k & 1u) << pin[k];
                    for (unsigned o = 0; o < f->outputs; o++)
                        assert_int_equal(cell->outputs[match->output[o]].truth >> at & 1,
                                         (f->truth[o] >> point & 1) ^
                                             (match->gives_inverted >> o & 1u));
                }
        }
    }
}

static void check_templates(const struct mp_templates *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const struct mp_node_kind_info *f = mp_function_info(t->items[i].function);
        uint64_t truth[MP_GRAPH_OUTPUTS];
        uint64_t mask = f->inputs == 6 ? UINT64_MAX : (UINT64_C(1) << (1u << f->inputs)) - 1;

        mp_template_truth(&t->items[i], truth);
        for (unsigned o = 0; o < f->outputs; o++)
            if (((truth[o] ^ f->truth[o]) & mask) != 0)
                fail_msg("template %s of %s is wrong", t->items[i].name, f->name);
    }
}

static void make_graph(struct mp_graph *g, const char *architecture, unsigned bits, bool is_signed)
{
    uint32_t *x, *y, sum[64];
    struct mp_columns *c;

    mp_graph_init(g, "product");
    x = mp_graph_input(g, "x", bits);
    y = mp_graph_input(g, "y", bits);
    c = mp_columns_create(g, 2 * bits);
    mp_graph_block(g, "multiplier");
    mp_architecture_write(g, mp_architecture_find(architecture), NULL,
                          &(struct mp_operands){x, y, bits, bits, is_signed, is_signed}, c, sum);
    mp_graph_output(g, "p", 2 * bits, sum);
    mp_columns_destroy(c);
    mp_graph_sweep(g);
}

/* Random moves without regard to what they cost: two of three are taken back. */
static void shake(struct mp_state *s, struct mp_mapped *m, const struct mp_families *families)
{
    struct mp_anneal *a = mp_alloc(1, sizeof *a);
    struct mp_error err = MP_ERROR_INIT;
    unsigned kept[16] = {0};

    a->m = m;
    a->structure = s;
    a->families = families;
    mp_random_seed(&a->random, 7);
    for (unsigned i = 0; i < MOVES; i++) {
        size_t k = mp_random_below(&a->random, mp_techmap_kind_count);
        const struct mp_move_kind *kind = &mp_techmap_kinds[k];
        uint32_t mark = mp_mapped_checkpoint(m);
        double area = m->area_um2;
        float delay = m->delay_s;
        bool is_done = kind->try(a);

        if (is_done && mp_mapped_update(m) == MP_MAPPED_OK && i % 3 == 0) {
            mp_mapped_commit(m, mark);
            kept[k]++;
        } else {
            mp_mapped_rollback(m, mark);
            if (is_done && kind->undo != NULL)
                kind->undo(a);
            assert_true(area == m->area_um2 && delay == m->delay_s);
        }
        a->version++;
        if (mp_state_check(s, &err) < 0 || (i % 100 == 0 && mp_state_prove(s, 512, i, &err) < 0))
            fail_msg("move %u, %s: %s", i, kind->name, err.message);
    }
    if (mp_mapped_check(m, &err) < 0 || mp_state_prove(s, 1u << 16, 1, &err) < 0)
        fail_msg("%s", err.message);
    for (size_t k = 0; k < mp_techmap_kind_count; k++)
        print_message("  %s: %u kept\n", mp_techmap_kinds[k].name, kept[k]);
    free(a);
}

static void shake_graph(const struct mp_nldm *nldm, const struct mp_techmap_library *l,
                        const char *architecture, bool is_signed)
{
    const struct mp_mapped_environment environment = {.driving_cell = MP_NONE,
                                                      .output_load_f = 4e-15};
    struct mp_graph g;
    struct mp_mapped m;
    struct mp_state s;
    struct mp_random random;
    struct mp_error err = MP_ERROR_INIT;

    mp_random_seed(&random, 1);
    make_graph(&g, architecture, 6, is_signed);
    mp_mapped_init(&m, nldm, &environment);
    if (mp_state_init(&s, &m, &g, &l->matcher, &l->templates,
                      &(struct mp_state_options){.random = &random, .use_cells = true}, &err) < 0 ||
        mp_state_check(&s, &err) < 0 || mp_state_prove(&s, 1u << 16, 1, &err) < 0)
        fail_msg("%s: %s", architecture, err.message);
    shake(&s, &m, &l->families);
    mp_state_release(&s);
    mp_mapped_release(&m);
    mp_graph_release(&g);
}

static void run_on(size_t k)
{
    struct fixture f;
    struct mp_nldm nldm;
    struct mp_techmap_library l;
    struct mp_error err = MP_ERROR_INIT;

    fixture_open(&f, k);
    assert_int_equal(mp_nldm_compile(&nldm, &f.library, &err), MP_OK);
    if (mp_techmap_library_init(&l, &nldm, &err) < 0)
        fail_msg("%s", err.message);
    print_message("%s: %u matches, %u pinnings, %u templates\n", fixture_library_name(k),
                  l.matcher.match_count, l.matcher.pinning_count, l.templates.count);
    check_matches(&l.matcher);
    check_templates(&l.templates);
    shake_graph(&nldm, &l, "tdm", false);
    shake_graph(&nldm, &l, "booth4", true);
    mp_techmap_library_release(&l);
    mp_nldm_release(&nldm);
    fixture_close(&f);
}

static void test_osu018(void **state)
{
    (void)state;
    run_on(0);
}
static void test_nangate45(void **state)
{
    (void)state;
    run_on(1);
}
static void test_sky130hd(void **state)
{
    (void)state;
    run_on(2);
}
static void test_gf180(void **state)
{
    (void)state;
    run_on(3);
}

static void test_bad_templates(void **state)
{
    static const char *const bad[] = {"",
                                      "s=XOR2(a,b)",
                                      "s=XOR2(a,b) co=AND2(a,z)",
                                      "s=XOR2(a,b) co=AND9(a,b)",
                                      "s=XOR2(a",
                                      "s",
                                      "s,co=XOR2(a,b)",
                                      "s=XOR2(a,b) s=AND2(a,b)",
                                      "s=XOR2(a,b) co=AND2(a,)",
                                      "s=XOR2(~,b) co=AND2(a,b)",
                                      "=AND2(a,b)",
                                      "a=XOR2(a,b) co=AND2(a,b)",
                                      "longername=XOR2(a,b)"};
    struct mp_template t;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(mp_template_parse(&t, MP_NODE_HALF_ADDER, "bad", bad[i], &err),
                         MP_E_INPUT);
        assert_non_null(strstr(err.message, "template bad"));
    }
    assert_int_equal(
        mp_template_parse(&t, MP_NODE_HALF_ADDER, "good", "co=AND2(a,b) s=OA21(a,b,~co)", NULL),
        MP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_templates), cmocka_unit_test(test_osu018),
        cmocka_unit_test(test_nangate45),     cmocka_unit_test(test_sky130hd),
        cmocka_unit_test(test_gf180),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
