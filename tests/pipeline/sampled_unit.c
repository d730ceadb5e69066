#include "tests/pipeline/sampled_unit.h"
#include "estimator/power/power.h"
#include "estimator/synth/yosys.h"
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];

    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

void unit_open(struct unit *u, const char *weight, const char *activation, enum mp_unit kind)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_yosys_result mapped = {0};
    char name[MP_DESIGN_NAME_SIZE];

    *u = (struct unit){0};
    fixture_open(&u->f, 0);
    char *verilog = fixture_design(weight, activation, kind, false, name);
    char *path = mp_path_join(u->f.dir.path, "netlist.v");
    struct mp_yosys_job synthesis = {.program = "yosys",
                                     .verilog = verilog,
                                     .top = name,
                                     .liberty_path = u->f.prepared,
                                     .library = &u->f.library,
                                     .roles = &u->f.roles,
                                     .clock_period_s = UNIT_PERIOD_S,
                                     .temp_dir = u->f.dir.path};
    struct mp_opensta_job sta = {.program = "sta",
                                 .netlist_path = path,
                                 .netlist = &u->netlist,
                                 .liberty_path = u->f.prepared,
                                 .period_s = UNIT_PERIOD_S,
                                 .want_sdf = true,
                                 .temp_dir = u->f.dir.path};
    assert_ok(mp_yosys_synthesise(&mapped, &synthesis, &err), &err);
    assert_ok(mp_file_write(path, mapped.netlist_verilog, strlen(mapped.netlist_verilog), &err),
              &err);
    assert_ok(mp_netlist_read(&u->netlist, &u->f.library, path, NULL, &err), &err);
    assert_ok(mp_netlist_levelise(&u->netlist, &err), &err);
    assert_ok(mp_opensta_run(&u->timing, &sta, &err), &err);
    assert_ok(mp_sdf_read_text(&u->sdf, &u->netlist, u->timing.sdf, strlen(u->timing.sdf),
                               "delays.sdf", &err),
              &err);
    u->job = (struct mp_sampled_job){&u->netlist, &u->sdf, UNIT_PERIOD_S, .threads = 1};
    mp_yosys_result_release(&mapped);
    free(path);
    free(verilog);
}

void unit_close(struct unit *u)
{
    mp_sdf_release(&u->sdf);
    mp_timing_release(&u->timing);
    mp_netlist_release(&u->netlist);
    fixture_close(&u->f);
}

static int total_w(double *out, const struct unit *u, const struct mp_activity *a,
                   struct mp_error *err)
{
    double *transitions = mp_alloc(a->net_count, sizeof *transitions);
    double *duty = mp_alloc(a->net_count, sizeof *duty);
    struct mp_power power = {0};

    for (uint32_t i = 0; i < a->net_count; i++) {
        transitions[i] = (double)a->transitions[i] / (double)a->cycles;
        duty[i] = (double)a->ones[i] / (double)a->cycles;
    }
    const struct mp_power_input in = {.netlist = &u->netlist,
                                      .period_s = UNIT_PERIOD_S,
                                      .transitions_per_cycle = transitions,
                                      .duty = duty,
                                      .slew_rise_s = u->timing.slew_rise_s,
                                      .slew_fall_s = u->timing.slew_fall_s};
    int rc = mp_power_compute(&power, &in, err);
    *out = mp_power_total(&power.total);
    mp_power_release(&power);
    free(transitions);
    free(duty);
    return rc;
}

int unit_values(void *context, const struct mp_timed_result *activity, double *values,
                struct mp_error *err)
{
    const struct unit *u = context;
    int rc = total_w(&values[UNIT_FUNCTIONAL], u, &activity->functional, err);

    if (rc == MP_OK)
        rc = total_w(&values[UNIT_TOTAL], u, &activity->timed, err);
    values[UNIT_GLITCH] = values[UNIT_TOTAL] - values[UNIT_FUNCTIONAL];
    values[UNIT_ENERGY] = values[UNIT_TOTAL] * UNIT_PERIOD_S;
    return rc;
}
