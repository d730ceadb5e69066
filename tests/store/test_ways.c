/* Ways to a netlist: what tells points apart, their runs and fronts, and peers. */
#include "tests/store/ask.h"

#include <math.h>

static void put(struct fixture *f, const struct sample *s)
{
    if (sample_put(f->store, s, &f->err) != MP_OK)
        fail_msg("%s", f->err.message);
}

/* Four runs whose areas x delays are 2000, 1000, 1500 and 1600 um2 ns. */
static void add_runs(struct sample *s, struct mp_ppa_run runs[4])
{
    static const double area[] = {1000, 500, 1000, 800}, path_s[] = {2e-9, 2e-9, 1.5e-9, 2e-9};
    for (int i = 0; i < 4; i++) {
        mp_ppa_run_init(&runs[i]);
        runs[i].seed = UINT64_MAX - (unsigned)i;
        runs[i].area_um2 = area[i];
        runs[i].critical_path_s = path_s[i];
        runs[i].wall_s = 2;
    }
    s->ppa.runs = runs;
    s->ppa.run_count = 4;
}

static void make_search(struct sample *s, unsigned n)
{
    sample_init(s, "int8", n);
    s->ppa.implementation = "search";
    s->ppa.recipe = "anneal";
    s->ppa.objective = "power";
    s->ppa.max_delay_s = 1.2e-9;
    s->ppa.budget_s = 10;
    s->ppa.evaluations = 123456;
    s->ppa.driving_cell = "BUF_X1";
    s->ppa.output_load_f = 3.898e-15;
}

static void round_trip(void **state)
{
    struct fixture *f = *state;
    struct mp_ppa_record r;
    struct sample s;
    bool found;
    open_writer(f);
    make_search(&s, 1);
    s.ppa.adder = "sklansky";
    s.ppa.form = "merged";
    s.ppa.sign = "negate-first";
    s.ppa.shift = "one-hot";
    s.ppa.low_power = "isolate";
    s.ppa.terms = 4;
    s.ppa.shifter = "log-fine";
    s.ppa.alignment = "shared";
    s.ppa.rounding = "nearest";
    s.ppa.drop_bits = 5;
    s.ppa.guard_bits = 3;
    s.ppa.stages = 2;
    s.ppa.is_combinational = true;
    s.ppa.max_area_um2 = 400;
    s.ppa.max_power_w = 5e-5;
    s.ppa.is_resized = true;
    put(f, &s);
    assert_int_equal(mp_store_get_ppa(f->store, s.ppa.key, &r, &found, &f->err), MP_OK);
    assert_true(found);
    assert_string_equal(r.implementation, "search");
    assert_string_equal(r.objective, "power");
    assert_string_equal(r.recipe, "anneal");
    assert_string_equal(r.adder, "sklansky");
    assert_string_equal(r.form, "merged");
    assert_string_equal(r.sign, "negate-first");
    assert_string_equal(r.shift, "one-hot");
    assert_string_equal(r.low_power, "isolate");
    assert_int_equal(r.terms, 4);
    assert_string_equal(r.shifter, "log-fine");
    assert_string_equal(r.alignment, "shared");
    assert_string_equal(r.rounding, "nearest");
    assert_int_equal(r.drop_bits, 5);
    assert_int_equal(r.guard_bits, 3);
    assert_int_equal(r.stages, 2);
    assert_true(r.is_combinational && r.is_resized);
    assert_int_equal(r.evaluations, 123456);
    assert_string_equal(r.driving_cell, "BUF_X1");
    assert_true(r.output_load_f == 3.898e-15 && r.max_delay_s == 1.2e-9 && r.budget_s == 10);
    assert_true(r.max_area_um2 == 400 && r.max_power_w == 5e-5);
    mp_ppa_record_release(&r);
    assert_sql(f, "SELECT way FROM v_estimate",
               "search power, at most 1.2 ns, at most 400 um2, at most 50 uW, resized");
    assert_sql(f, "SELECT registers || guard_bits || stages || output_load_ff FROM v_estimate",
               "0323.898");
}

/* Of one name, designs that differ in anything are rows of their own. */
static void designs_are_told_apart(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    open_writer(f);
    for (unsigned n = 0; n < 8; n++) {
        sample_init(&s, "int8", n);
        s.ppa.adder = n == 1 ? "ripple" : NULL;
        s.ppa.terms = n == 2 ? 2 : n == 7; /* 1 and 0 are the same */
        s.ppa.drop_bits = n == 3 || n == 4;
        s.ppa.guard_bits = n == 4;
        s.ppa.is_combinational = n == 5;
        s.ppa.low_power = n == 6 ? "gate" : "";
        put(f, &s);
    }
    assert_sql(f, "SELECT count(*) FROM design", "7");
    assert_sql(f, "SELECT count(*) FROM ppa_point", "8");
}

static void what_contradicts_is_refused(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    open_writer(f);
    sample_init(&s, "int8", 1);
    s.ppa.objective = "area"; /* of Yosys */
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_E_DATABASE);
    make_search(&s, 1);
    s.ppa.objective = NULL;
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_E_DATABASE);
    make_search(&s, 1);
    s.ppa.implementation = "guess";
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_E_DATABASE);
    make_search(&s, 1);
    s.ppa.max_delay_s = NAN;
    s.ppa.output_load_f = INFINITY;
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_E_DATABASE);
    /* A run or a front that is wrong takes the point with it. */
    struct mp_ppa_run runs[4];
    make_search(&s, 1);
    add_runs(&s, runs);
    runs[3].area_um2 = 0;
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_E_DATABASE);
    make_search(&s, 1);
    const struct mp_front_point point = {
        .area_um2 = 1, .critical_path_s = 1e-9, .power_w = NAN, .proof_netlist = "exhaustive"};
    s.ppa.front = &point;
    s.ppa.front_count = 1;
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_E_DATABASE);
    assert_message(f, "netlist is missing");
    assert_sql(f, "SELECT count(*) FROM ppa_point", "0");
    assert_sql(f, "SELECT count(*) FROM ppa_run", "0");
}

static void runs_and_front(void **state)
{
    struct fixture *f = *state;
    struct mp_ppa_run runs[4];
    struct sample s;
    struct seen seen;
    const struct mp_front_point front[] = {{.seed = 7,
                                            .area_um2 = 900,
                                            .critical_path_s = 1e-9,
                                            .power_w = 4e-5,
                                            .is_confirmed = true,
                                            .proof_netlist = "exhaustive",
                                            .netlist = "module fast; endmodule\n"},
                                           {.seed = 8,
                                            .area_um2 = 500,
                                            .critical_path_s = 2e-9,
                                            .power_w = NAN,
                                            .proof_netlist = "exhaustive",
                                            .netlist = "module small; endmodule\n"}};
    open_writer(f);
    make_search(&s, 1);
    add_runs(&s, runs);
    runs[1].power_w = 3e-5;
    runs[1].evaluations = 99;
    s.ppa.front = front;
    s.ppa.front_count = 2;
    put(f, &s);
    assert_sql(f,
               "SELECT count(*) FROM ppa_run WHERE power_w IS NULL AND evaluations IS NULL"
               " AND glitch_w IS NULL",
               "3");
    assert_sql(f, "SELECT group_concat(seed) FROM ppa_run", "-1,-2,-3,-4");
    ask(f, &seen, "front", NULL);
    assert_int_equal(seen.rows, 2);
    assert_value(&seen, "area_path", "900");
    assert_value(&seen, "way", "search power, at most 1.2 ns");
    assert_value(&seen, "confirmed", "1");
    assert_sql(f, "SELECT sqlar_uncompress(netlist_zlib, netlist_bytes) FROM front WHERE seed = 8",
               "module small; endmodule\n");
    ask(f, &seen, "spread", NULL);
    assert_value(&seen, "best_area_path", "1000");
    assert_value(&seen, "median_area_path", "1550");
    assert_value(&seen, "area_path_spread", "1");
    assert_value(&seen, "wall_s", "8");
    assert_int_equal(
        sqlite3_exec(f->store->db, "DELETE FROM estimate; DELETE FROM ppa_point", NULL, NULL, NULL),
        SQLITE_OK);
    assert_sql(f, "SELECT (SELECT count(*) FROM ppa_run) + (SELECT count(*) FROM front)", "0");
}

static void architectures_beside_peers(void **state)
{
    struct fixture *f = *state;
    struct mp_ppa_run runs[4];
    struct sample s;
    struct seen seen;
    struct mp_peer_record peers[5];
    static const struct {
        const char *peer, *library;
        uint32_t bits;
        bool is_combinational;
        double area_um2, path_s;
    } all[5] = {{"Yosys 0.55 booth", "nangate45", 26, false, 1000, 2e-9},
                {"by hand", "nangate45", 26, false, 800, 1.5e-9},
                {"another function", "nangate45", 27, false, 1, 1e-9},
                {"without registers", "nangate45", 26, true, 1, 1e-9},
                {"another library", "sky130hd", 26, false, 1, 1e-9}};
    for (int i = 0; i < 5; i++)
        peers[i] = (struct mp_peer_record){.peer = all[i].peer,
                                           .library = all[i].library,
                                           .unit = "mac",
                                           .weight_format = "int8",
                                           .activation_format = "uint8",
                                           .accumulator_bits = all[i].bits,
                                           .terms = i < 4,
                                           .is_combinational = all[i].is_combinational,
                                           .area_um2 = all[i].area_um2,
                                           .critical_path_s = all[i].path_s,
                                           .power_w = NAN,
                                           .runs = i == 1 ? 3 : 0,
                                           .median_area_path = i == 1 ? 1300 : NAN,
                                           .worst_area_path = i == 1 ? 1800 : NAN};
    open_writer(f);
    make_search(&s, 1);
    add_runs(&s, runs);
    put(f, &s);
    sample_init(&s, "int8", 2); /* no driving cells, no runs that are known */
    put(f, &s);
    assert_int_equal(mp_store_put_peers(f->store, peers, 5, &f->err), MP_OK);
    ask(f, &seen, "architectures", NULL);
    /* Ours and two peers of the same function, by area x delay. */
    assert_int_equal(seen.rows, 4);
    assert_value(&seen, "implementation", "search");
    assert_value(&seen, "recipe", "power");
    assert_value(&seen, "runs", "4");
    assert_value(&seen, "best_area_path", "1000");
    assert_value(&seen, "area_um2", "500");
    assert_value(&seen, "critical_path_s", "2e-09");
    assert_value(&seen, "median_area_path", "1550");
    assert_value(&seen, "area_path_spread", "1");
    assert_value(&seen, "peer", "by hand");
    assert_value(&seen, "peer_area_path", "1200");
    assert_value(&seen, "peer_reduction", "0.166666667");
    memset(&seen, 0, sizeof seen);
    seen.skip = 1;
    assert_int_equal(mp_store_query(f->store, "architectures", NULL, 0, see, &seen, &f->err),
                     MP_OK);
    assert_value(&seen, "implementation", "peer");
    assert_value(&seen, "way", "by hand");
    assert_value(&seen, "best_area_path", "1200");
    assert_value(&seen, "median_area_path", "1300");
    assert_value(&seen, "area_path_spread", "0.5");
    assert_value(&seen, "runs", "3");
    assert_value(&seen, "peer_reduction", "NULL");
    ask(f, &seen, "architectures", "implementation=peer");
    assert_int_equal(seen.rows, 2);
    ask(f, &seen, "architectures", "implementation=yosys");
    assert_int_equal(seen.rows, 1);
    assert_value(&seen, "peer", "NULL");
    assert_value(&seen, "median_area_path", "NULL");
    assert_value(&seen, "runs", "5");
    /* Measured again: replaced, not added. */
    peers[1].area_um2 = 400;
    assert_int_equal(mp_store_put_peers(f->store, peers, 5, &f->err), MP_OK);
    assert_sql(f, "SELECT count(*) FROM peer", "5");
    ask(f, &seen, "architectures", "implementation=search");
    assert_value(&seen, "peer_area_path", "600");
    /* All or none. */
    peers[0].peer = "first";
    peers[4].critical_path_s = 0;
    assert_int_equal(mp_store_put_peers(f->store, peers, 5, &f->err), MP_E_DATABASE);
    assert_sql(f, "SELECT count(*) FROM peer", "5");
}

/* By another way, with other loads or without registers, nothing is a baseline. */
static void other_ways_are_no_baseline(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    struct seen seen;
    open_writer(f);
    make_search(&s, 1);
    put(f, &s);
    sample_init(&s, "int11", 2);
    put(f, &s);
    make_search(&s, 3);
    s.ppa.weight_format = "int11";
    s.ppa.driving_cell = "";
    put(f, &s);
    make_search(&s, 4);
    s.ppa.weight_format = "int11";
    s.ppa.is_combinational = true;
    put(f, &s);
    ask(f, &seen, "reduction", "weight=int8");
    assert_int_equal(seen.rows, 0);
    assert_sql(f, "SELECT count(*) FROM v_reduction WHERE weight_format = 'int8'", "0");
    ask(f, &seen, "comparison", "baseline=int11");
    assert_int_equal(seen.rows, 4);
    ask(f, &seen, "ways", "weight=int11");
    assert_int_equal(seen.rows, 3);
    make_search(&s, 5);
    s.ppa.weight_format = "int11";
    memcpy(s.trace.hash, "b", 1);
    put(f, &s);
    ask(f, &seen, "reduction", "weight=int8");
    assert_int_equal(seen.rows, 1);
    assert_value(&seen, "way", "search power, at most 1.2 ns");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(designs_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(what_contradicts_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(runs_and_front, setup, teardown),
        cmocka_unit_test_setup_teardown(architectures_beside_peers, setup, teardown),
        cmocka_unit_test_setup_teardown(other_ways_are_no_baseline, setup, teardown),
    };
    return cmocka_run_group_tests_name("ways", tests, NULL, NULL);
}
