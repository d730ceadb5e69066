#include "tests/techmap/sta.h"

#include "estimator/synth/yosys.h"
#include "estimator/timing/parse.h"
#include "estimator/timing/script.h"
#include "estimator/util/process.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];
    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

char *sta_map_design(struct fixture *f, const char *weight, const char *activation,
                     enum mp_unit unit)
{
    struct mp_error err = MP_ERROR_INIT;
    char name[MP_DESIGN_NAME_SIZE];
    char *verilog = fixture_design(weight, activation, unit, false, name);
    struct mp_yosys_job job = {.program = "yosys",
                               .verilog = verilog,
                               .top = name,
                               .liberty_path = f->prepared,
                               .library = &f->library,
                               .roles = &f->roles,
                               .temp_dir = f->dir.path};
    struct mp_yosys_result mapped;
    assert_ok(mp_yosys_synthesise(&mapped, &job, &err), &err);
    char *path = mp_path_join(f->dir.path, "mapped_design.v");
    assert_ok(mp_file_write(path, mapped.netlist_verilog, strlen(mapped.netlist_verilog), &err),
              &err);
    mp_yosys_result_release(&mapped);
    free(verilog);
    return path;
}

static void replace(struct mp_text *out, const char *text, const char *from, const char *to)
{
    for (const char *at; (at = strstr(text, from)) != NULL; text = at + strlen(from)) {
        mp_text_add_bytes(out, text, (size_t)(at - text));
        mp_text_add(out, to);
    }
    mp_text_add(out, text);
}

/* The script of mp_opensta_run with arrivals where it prints slews. */
static void run_arrivals(double *rise_s, double *fall_s, const struct mp_opensta_job *job)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text script = {0}, a = {0}, b = {0};
    double slack;
    char *path = mp_path_join(job->temp_dir, "arrivals.tcl");
    assert_ok(mp_opensta_script(&script, job, job->liberty_path, job->netlist_path, &err), &err);
    const char *edge = strstr(script.data, "-clock_fall") ? "fall" : "rise";
    char *proc = mp_asprintf("proc arrivals {vertex edge} {\n"
                             "  set a [$vertex arrivals_clk $edge [get_clocks macppa_clock] %s]\n"
                             "  set x [lindex $a 1]\n"
                             "  if {![string is double -strict $x] || $x < 0} { set x 0 }\n"
                             "  return [list 0 $x]\n}\n",
                             edge);
    replace(&a, script.data, "[$vertex slews ", "[arrivals $vertex ");
    mp_text_add(&b, proc);
    mp_text_add(&b, a.data);
    assert_ok(mp_file_write(path, b.data, b.size, &err), &err);
    const char *const argv[] = {"sta", "-no_splash", "-no_init", "-exit", path, NULL};
    struct mp_process_options o = {.argv = argv, .cwd = job->temp_dir, .timeout_s = 120};
    struct mp_process_result r = {0};
    assert_ok(mp_process_run(&r, &o, &err), &err);
    assert_ok(mp_opensta_parse(&slack, rise_s, fall_s, job->netlist, r.out.data, r.out.size, &err),
              &err);
    mp_process_result_release(&r);
    mp_text_release(&script);
    mp_text_release(&a);
    mp_text_release(&b);
    free(proc);
    free(path);
}

static void note(double *apart_s, double *apart, double own_s, double opensta_s)
{
    double d = fabs(own_s - opensta_s);
    *apart_s = fmax(*apart_s, d);
    if (opensta_s > 10e-12)
        *apart = fmax(*apart, d / opensta_s);
}

/* At the outputs of gates: rise_s, fall_s by pin of the netlist. */
static void compare_outputs(struct comparison *c, const struct mp_mapped *m,
                            const struct mp_techmap_names *names, const struct mp_netlist *n,
                            const double *rise_s, const double *fall_s, bool slews)
{
    for (uint32_t cell = 0; cell < n->cell_count; cell++) {
        const struct mp_nldm_cell *type = &m->nldm->cells[m->gates[names->gate_of[cell]].type];
        for (uint32_t o = 0; o < type->output_count; o++) {
            uint32_t pin = n->cell_first_pin[cell] + type->outputs[o].pin;
            if (n->pin_net[pin] == MP_NONE)
                continue;
            const struct mp_mapped_timing *t = &m->timing[names->net_of[n->pin_net[pin]]];
            const double *theirs[2] = {rise_s, fall_s};
            for (uint32_t e = 0; e < 2; e++)
                if (slews)
                    note(&c->slew_apart_s, &c->slew_apart, (double)t->slew_s[e], theirs[e][pin]);
                else if (t->edge[e].arrival_s > -INFINITY)
                    note(&c->arrival_apart_s, &c->arrival_apart, (double)t->edge[e].arrival_s,
                         theirs[e][pin]);
        }
    }
}

void sta_compare(struct comparison *c, struct fixture *f, const struct mp_nldm *nldm,
                 const char *verilog_path, const char *wire_load, const char *driving_cell,
                 double output_load_f, bool compare_arrivals)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_netlist n = {0};
    struct mp_wire_option option;
    struct mp_wire_model wire;
    struct mp_timing t;
    struct mp_mapped m, full;
    struct mp_techmap_names names;
    *c = (struct comparison){0};
    assert_ok(mp_netlist_read(&n, &f->library, verilog_path, NULL, &err), &err);
    assert_ok(mp_netlist_levelise(&n, &err), &err);
    assert_ok(mp_wire_option_parse(&option, wire_load, &err), &err);
    assert_ok(mp_wire_model_choose(&wire, &option, &f->library, mp_netlist_area_um2(&n), &err),
              &err);
    struct mp_mapped_environment env = {
        .wire = &wire, .driving_cell = MP_NONE, .output_load_f = output_load_f};
    if (driving_cell)
        env.driving_cell = nldm->of_library_cell[mp_library_cell(&f->library, driving_cell)];
    /* What the fixture prepares lacks cells that are in use here. */
    const char **used = mp_alloc(n.cell_count + 1u, sizeof *used);
    for (uint32_t k = 0; k < n.cell_count; k++)
        used[k] = f->library.cells[n.cell_type[k]].name;
    assert_ok(mp_library_write_prepared(&f->library, f->library.files, f->library.file_count,
                                        f->prepared, used, n.cell_count, &err),
              &err);
    free(used);
    struct mp_opensta_job job = {.program = "sta",
                                 .netlist_path = verilog_path,
                                 .netlist = &n,
                                 .liberty_path = f->prepared,
                                 .wire_load = &wire,
                                 .period_s = 200e-9,
                                 .driving_cell = driving_cell,
                                 .output_load_f = output_load_f,
                                 .temp_dir = f->dir.path,
                                 .keep_dir = f->kept.path};
    assert_ok(mp_opensta_run(&t, &job, &err), &err);
    assert_ok(mp_techmap_import(&m, &names, &n, nldm, &env, &err), &err);
    assert_ok(mp_mapped_check(&m, &err), &err);
    assert_true(fabs(m.area_um2 - mp_netlist_area_um2(&n)) < 1e-6 * m.area_um2);
    mp_mapped_copy(&full, &m);
    assert_int_equal(mp_mapped_time_full(&full), MP_MAPPED_OK);
    assert_memory_equal(&full.delay_s, &m.delay_s, sizeof m.delay_s);
    c->gates = m.gate_count;
    c->delay_s = (double)m.delay_s;
    c->opensta_s = t.critical_path_s;
    c->delay_apart = fabs(c->delay_s / c->opensta_s - 1);
    compare_outputs(c, &m, &names, &n, t.slew_rise_s, t.slew_fall_s, true);
    if (compare_arrivals) {
        run_arrivals(t.slew_rise_s, t.slew_fall_s, &job);
        compare_outputs(c, &m, &names, &n, t.slew_rise_s, t.slew_fall_s, false);
    }
    mp_timing_release(&t);
    mp_mapped_release(&m);
    mp_mapped_release(&full);
    mp_techmap_names_release(&names);
    mp_netlist_release(&n);
}
