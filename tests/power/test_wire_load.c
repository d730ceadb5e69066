/*
 * Wire loads with OpenSTA: the capacitance that our switching power is computed with is the one
 * that its delays are computed with, net by net; a library's default model, which OpenSTA applies
 * to the library as it is, gives the same slews and delays as the same model chosen here.
 */
#include "estimator/power/opensta_power.h"
#include "estimator/timing/opensta.h"
#include "estimator/timing/sdf.h"
#include "estimator/util/process.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_tools/fixture.h"
#include "tests/util/cmocka_all.h"

struct bench {
    struct fixture f;
    char *netlist_path, *liberty_path; /* the library as it is */
    struct mp_netlist n;
    struct mp_wire_model wires;
    double *caps; /* of wires */
};

static void check(int rc, const struct mp_error *err)
{
    char text[1400];
    if (rc < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

/* The prepared library once more, with the cells of the netlist that it would leave out. */
static void prepare(const struct bench *b)
{
    struct mp_error err = MP_ERROR_INIT;
    const char *const paths[] = {b->liberty_path};
    const char **keep = mp_alloc(b->n.cell_count, sizeof *keep);
    for (uint32_t c = 0; c < b->n.cell_count; c++)
        keep[c] = b->f.library.cells[b->n.cell_type[c]].name;
    check(mp_library_write_prepared(&b->f.library, paths, 1, b->f.prepared, keep, b->n.cell_count,
                                    &err),
          &err);
    free(keep);
}

/* false: a file is not here, said so. */
static bool open_bench(struct bench *b, size_t library, const char *wire_load)
{
    static const char *const netlists[] = {"tests/power/golden/mul3.osu018.v",
                                           "golden/nangate45.mul_e4m2_u8.v",
                                           "golden/sky130hd.mul_e4m2_u8.v"};
    const char *given = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    char *shared = given ? mp_strdup(given) : mp_path_join(root ? root : ".", "../shared");
    struct mp_error err = MP_ERROR_INIT;
    struct mp_wire_option option;
    char *sta = mp_process_find("sta", &err);
    bool found = sta != NULL;
    free(sta);
    memset(b, 0, sizeof *b);
    b->netlist_path = mp_path_join(library == 0 ? (root ? root : ".") : shared, netlists[library]);
    free(shared);
    if (!found || !mp_file_exists(b->netlist_path)) {
        print_message("skipped: no %s\n", found ? b->netlist_path : "OpenSTA");
        free(b->netlist_path);
        return false;
    }
    fixture_open(&b->f, library);
    b->liberty_path = mp_strdup(b->f.library.files[0]);
    check(mp_netlist_read(&b->n, &b->f.library, b->netlist_path, NULL, &err), &err);
    check(mp_netlist_levelise(&b->n, &err), &err);
    prepare(b);
    check(mp_wire_option_parse(&option, wire_load, &err), &err);
    check(mp_wire_model_choose(&b->wires, &option, &b->f.library, mp_netlist_area_um2(&b->n), &err),
          &err);
    b->caps = mp_wire_caps(&b->wires, &b->n);
    return true;
}

static void close_bench(struct bench *b)
{
    free(b->caps);
    mp_netlist_release(&b->n);
    fixture_close(&b->f);
    free(b->netlist_path);
    free(b->liberty_path);
}

/* C of a net from OpenSTA's switching power of its driver, 2 P / (V^2 D). */
static void same_capacitance(size_t library, const char *wire_load)
{
    struct bench b;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_opensta_power theirs = {0};
    struct mp_power ours;
    double worst = 0, wire_f = 0;
    if (!open_bench(&b, library, wire_load))
        skip();
    double *transitions = mp_alloc(b.n.net_count, sizeof(double));
    double *duty = mp_alloc(b.n.net_count, sizeof(double));
    double *slew = mp_alloc(b.n.pin_count, sizeof(double));
    for (uint32_t i = 0; i < b.n.net_count; i++) {
        transitions[i] = 0.03 + (double)(i * 37 % 101) / 112.0;
        duty[i] = 0.5;
        wire_f += b.caps[i];
    }
    for (uint32_t i = 0; i < b.n.pin_count; i++)
        slew[i] = 50e-12;
    assert_true(wire_f > 0);
    struct mp_power_input in = {.netlist = &b.n,
                                .period_s = 5e-9,
                                .transitions_per_cycle = transitions,
                                .duty = duty,
                                .slew_rise_s = slew,
                                .slew_fall_s = slew,
                                .wire_cap_f = b.caps};
    const char *const paths[] = {b.liberty_path};
    const struct mp_opensta_power_job job = {.program = "sta",
                                             .netlist_path = b.netlist_path,
                                             .liberty_paths = paths,
                                             .liberty_count = 1,
                                             .wire_load = &b.wires,
                                             .in = &in,
                                             .temp_dir = b.f.dir.path};
    check(mp_power_compute(&ours, &in, &err), &err);
    check(mp_opensta_power_run(&theirs, &job, &err), &err);
    for (uint32_t c = 0; c < b.n.cell_count; c++) {
        double expected = theirs.cells[c].switching_w;
        if (expected > 0)
            worst = fmax(worst, fabs(ours.cells[c].switching_w / expected - 1));
        if (fabs(ours.cells[c].switching_w - expected) > 1e-5 * expected + 1e-15)
            fail_msg("cell %s: %g W, OpenSTA says %g W", b.n.cell_name[c],
                     ours.cells[c].switching_w, expected);
    }
    in.wire_cap_f = NULL;
    struct mp_power bare;
    check(mp_power_compute(&bare, &in, &err), &err);
    assert_true(ours.total.switching_w > 1.01 * bare.total.switching_w);
    print_message("%s, %s: switching %+.1f %%, worst deviation of a cell %.2g\n",
                  fixture_library_name(library), b.wires.name,
                  100 * (ours.total.switching_w / bare.total.switching_w - 1), worst);
    mp_power_release(&bare);
    mp_power_release(&ours);
    mp_opensta_power_release(&theirs);
    free(transitions);
    free(duty);
    free(slew);
    close_bench(&b);
}

static void constant_on_osu018(void **state)
{
    (void)state;
    same_capacitance(0, "constant:3fF");
}

static void default_model_of_nangate45(void **state)
{
    (void)state;
    same_capacitance(1, "library");
}

static void a_model_of_sky130hd(void **state)
{
    (void)state;
    same_capacitance(2, "model:Medium");
}

static void run_timing(struct mp_timing *t, const struct bench *b, const char *liberty_path,
                       const struct mp_wire_model *wires)
{
    struct mp_error err = MP_ERROR_INIT;
    const struct mp_opensta_job job = {.program = "sta",
                                       .netlist_path = b->netlist_path,
                                       .netlist = &b->n,
                                       .liberty_path = liberty_path,
                                       .wire_load = wires,
                                       .period_s = 5e-9,
                                       .want_sdf = true,
                                       .temp_dir = b->f.dir.path,
                                       .keep_dir = b->f.kept.path};
    check(mp_opensta_run(t, &job, &err), &err);
}

static void read_sdf(struct mp_sdf *sdf, const struct bench *b, const struct mp_timing *t)
{
    struct mp_error err = MP_ERROR_INIT;
    check(mp_sdf_read_text(sdf, &b->n, t->sdf, strlen(t->sdf), "t.sdf", &err), &err);
}

static void same_number(double a, double b)
{
    if (isnan(a) != isnan(b) || fabs(a - b) > 1e-6 * fabs(b) + 1e-15)
        fail_msg("%.9g instead of %.9g", a, b);
}

/* The original file makes OpenSTA use its default_wire_load. */
static void the_default_is_what_opensta_does(void **state)
{
    (void)state;
    for (size_t library = 1; library < 3; library++) {
        struct bench b;
        struct mp_timing chosen, original, none;
        struct mp_sdf a, o, z;
        double wire_s = 0, slower = 0;
        if (!open_bench(&b, library, "library"))
            skip();
        struct mp_text plain = {0};
        struct mp_error err = MP_ERROR_INIT;
        char *plain_path = mp_path_join(b.f.dir.path, "plain.lib");
        check(mp_file_read(&plain, b.liberty_path, 0, &err), &err);
        check(mp_file_write(plain_path, plain.data, plain.size, &err), &err);
        mp_text_release(&plain);
        run_timing(&chosen, &b, b.f.prepared, &b.wires);
        run_timing(&original, &b, plain_path, NULL);
        run_timing(&none, &b, b.f.prepared, NULL);
        read_sdf(&a, &b, &chosen);
        read_sdf(&o, &b, &original);
        read_sdf(&z, &b, &none);
        assert_int_equal(a.arc_count, o.arc_count);
        assert_int_equal(a.arc_count, z.arc_count);
        for (uint32_t k = 0; k < a.arc_count; k++) {
            same_number(a.arcs[k].rise_s, o.arcs[k].rise_s);
            same_number(a.arcs[k].fall_s, o.arcs[k].fall_s);
            wire_s += isnan(a.arcs[k].rise_s) ? 0 : a.arcs[k].rise_s - z.arcs[k].rise_s;
            slower += !isnan(a.arcs[k].rise_s) && a.arcs[k].rise_s > z.arcs[k].rise_s;
        }
        for (uint32_t p = 0; p < b.n.pin_count; p++)
            same_number(chosen.slew_rise_s[p], original.slew_rise_s[p]);
        same_number(chosen.critical_path_s, original.critical_path_s);
        assert_true(slower > 0.9 * a.arc_count);
        assert_true(chosen.critical_path_s > none.critical_path_s);
        print_message("%s, %s: path %.4g ns, without wires %.4g ns, arcs %.3g ps slower\n",
                      fixture_library_name(library), b.wires.name, chosen.critical_path_s * 1e9,
                      none.critical_path_s * 1e9, wire_s / a.arc_count * 1e12);
        mp_sdf_release(&a);
        mp_sdf_release(&o);
        mp_sdf_release(&z);
        mp_timing_release(&chosen);
        mp_timing_release(&original);
        mp_timing_release(&none);
        free(plain_path);
        close_bench(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_on_osu018),
        cmocka_unit_test(default_model_of_nangate45),
        cmocka_unit_test(a_model_of_sky130hd),
        cmocka_unit_test(the_default_is_what_opensta_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
