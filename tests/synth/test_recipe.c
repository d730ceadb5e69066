/* Recipe files: their text, and what each of them makes of a design. */
#include "estimator/netlist/netlist.h"
#include "estimator/synth/recipe.h"
#include "estimator/synth/yosys.h"
#include <stdlib.h>
#include <string.h>

#include "tests/fake_tools/fixture.h"
#include "tests/util/cmocka_all.h"

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];
    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

/* Every embedded file parses, is found by name, and says what it is for. */
static void test_table(void **state)
{
    (void)state;
    static const char *const expected[] = {"auto",  "area",  "balanced",
                                           "speed", "power", "yosys-default"};
    struct mp_error err = MP_ERROR_INIT;
    assert_string_equal(mp_synth_recipe_name(), "auto");
    assert_ptr_equal(mp_synth_recipe_find(NULL), mp_synth_recipe_at(0));
    assert_null(mp_synth_recipe_at(mp_synth_recipe_count()));
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++)
        assert_non_null(mp_synth_recipe_find(expected[k]));
    for (size_t k = 0; k < mp_synth_recipe_count(); k++) {
        const struct mp_synth_recipe *r = mp_synth_recipe_at(k);
        struct mp_recipe_plan plan;
        assert_ok(mp_recipe_parse(&plan, r->text, &err), &err);
        assert_true(plan.script_count >= 1 && r->version >= 1 && strlen(r->summary) > 10);
        mp_recipe_release(&plan);
    }
    const struct mp_synth_recipe *r;
    assert_int_equal(mp_synth_recipe_get(&r, "fastest", &err), MP_E_USAGE);
    assert_non_null(strstr(err.message, "yosys-default"));
}

static void digest(const char *name, char out[MP_HASH_SIZE])
{
    struct mp_hash *h = mp_hash_create();
    mp_synth_recipe_hash(h, name);
    mp_hash_digest(h, out);
    mp_hash_destroy(h);
}

static void test_hash(void **state)
{
    (void)state;
    char by_default[MP_HASH_SIZE], by_name[MP_HASH_SIZE], other[MP_HASH_SIZE];
    digest(NULL, by_default);
    digest("auto", by_name);
    digest("area", other);
    assert_string_equal(by_default, by_name);
    assert_string_not_equal(by_name, other);
}

static void test_commands(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_recipe_plan plan;
    struct mp_text out = {0};
    assert_ok(mp_recipe_parse(&plan,
                              "# x 1: a test\n.choose product\n.candidate one adders timed\n"
                              "strash;  dch -f ;map -D {D*1.5}\n\n"
                              " # nothing\n?buffer -c; upsize -D {D}\ntopo\n"
                              ".candidate two half-adders\nstrash\n.candidate three default\n",
                              &err),
              &err);
    assert_int_equal(plan.choice, MP_CHOOSE_PRODUCT);
    assert_int_equal(plan.script_count, 3);
    assert_true(plan.scripts[0].adders && plan.scripts[0].timed && !plan.scripts[0].half_adders);
    assert_true(plan.scripts[1].adders && plan.scripts[1].half_adders && !plan.scripts[1].timed);
    assert_true(plan.scripts[2].is_default);
    mp_recipe_commands(&out, &plan.scripts[0], 2e-9, true);
    assert_string_equal(out.data, "+strash;dch,-f;map,-D,3000;buffer,-c;upsize,-D,2000;topo;");
    mp_text_release(&out);
    mp_recipe_commands(&out, &plan.scripts[0], 2e-9, false);
    assert_string_equal(out.data, "+strash;dch,-f;map,-D,3000;topo;");
    mp_text_release(&out);
    mp_recipe_release(&plan);
}

static void test_hostile(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
    } cases[] = {{"", 0},
                 {"strash\n", 1},
                 {".candidate\nstrash\n", 1},
                 {".candidate a name\nstrash\n", 1},
                 {".candidate a-name-that-is-far-too-long-for-it\nstrash\n", 1},
                 {".choose best\n.candidate a\nstrash\n", 1},
                 {".candidate a\n", 1},
                 {".candidate a\nmap -D {X}\n", 2},
                 {".candidate a\nmap -D {D\n", 2},
                 {".candidate a\nmap -D {D*}\n", 2},
                 {".candidate a timed\nstrash\n", 2},
                 {".candidate a adders\nstrash\n", 2},
                 {".candidate a default\nstrash\n", 2},
                 {".unknown a\n", 1}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct mp_error err = MP_ERROR_INIT;
        struct mp_recipe_plan plan;
        assert_int_equal(mp_recipe_parse(&plan, cases[k].text, &err), MP_E_INPUT);
        assert_int_equal(err.line, cases[k].line);
        mp_recipe_release(&plan);
    }
}

/* Every recipe on a small multiplier: equivalent to its reference. */
static void map_on(size_t library)
{
    struct fixture f;
    struct mp_error err = MP_ERROR_INIT;
    char name[MP_DESIGN_NAME_SIZE];
    fixture_open(&f, library);
    char *verilog = fixture_design("int5", "uint4", MP_UNIT_MULTIPLIER, false, name);
    char *reference = fixture_design("int5", "uint4", MP_UNIT_MULTIPLIER, true, name);
    for (size_t k = 0; k < mp_synth_recipe_count(); k++) {
        struct mp_yosys_job job = {.program = "yosys",
                                   .verilog = verilog,
                                   .top = name,
                                   .liberty_path = f.prepared,
                                   .library = &f.library,
                                   .roles = &f.roles,
                                   .clock_period_s = 1.5e-9,
                                   .recipe = mp_synth_recipe_at(k)->name,
                                   .keep_blocks = true,
                                   .temp_dir = f.dir.path,
                                   .keep_dir = f.kept.path};
        struct mp_yosys_result r;
        enum mp_equivalence verdict;
        assert_ok(mp_yosys_synthesise(&r, &job, &err), &err);
        assert_ok(mp_yosys_equivalence(&verdict, &job, r.netlist_verilog, reference, 60, &err),
                  &err);
        assert_int_equal(verdict, MP_EQUIVALENT);
        print_message("%s %s: %u cells, %.2f s\n", fixture_library_name(library), job.recipe,
                      r.cell_count, r.wall_s);
        mp_yosys_result_release(&r);
    }
    free(verilog);
    free(reference);
    fixture_close(&f);
}
static void test_osu018(void **state)
{
    (void)state;
    map_on(0);
}
static void test_nangate45(void **state)
{
    (void)state;
    map_on(1);
}
static void test_sky130hd(void **state)
{
    (void)state;
    map_on(2);
}
static void test_gf180(void **state)
{
    (void)state;
    map_on(3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),    cmocka_unit_test(test_hash),
        cmocka_unit_test(test_commands), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_osu018),   cmocka_unit_test(test_nangate45),
        cmocka_unit_test(test_sky130hd), cmocka_unit_test(test_gf180)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
