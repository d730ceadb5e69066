/* Ways to a netlist as a user asks for them: recipes side by side, peers, what is refused. */
#include "tests/cli/harness.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define DESIGN "libraries: [osu018]\nweights: [uint2]\nactivations: [uint2]\noperands: uniform\n"
#define QUICK  "synthesis: {runs: 2}\ntrace: {stretches: 64, length: 32}\n"

static void recipes_beside_peers(void **state)
{
    struct session *s = *state;
    char *peers = session_file(s, "others.csv",
                               "peer,library,unit,weight,activation,registers,area_um2,delay_ns\n"
                               "slow,osu018,multiplier,uint2,uint2,both,9000,9\n"
                               "best known,osu018,multiplier,uint2,uint2,both,9000,1\n"
                               "no registers,osu018,multiplier,uint2,uint2,none,1,1\n");
    char *config = session_file(s, "ways.yaml",
                                DESIGN QUICK "recipes: [area, speed]\ndriving_cell: library\n"
                                             "output_load: library\npeers: others.csv\n");

    RUN(s, "run", config);
    assert_status(s, 0);
    assert_out(s, "yosys area");
    assert_out(s, "yosys speed");
    assert_out(s, "driven by library, load library");
    assert_out(s, "best known");
    assert_database(s->db,
                    "select count(*), count(distinct way), min(output_load_f) > 1e-15,"
                    " min(driving_cell) from ppa_point",
                    "2|2|1|BUFX2|\n");
    assert_database(s->db, "select count(*), count(distinct seed) from ppa_run", "4|2|\n");
    assert_database(s->db, "select count(*) from peer", "3|\n");
    /* Again, from the database; programs get the table of the peers. */
    RUN(s, "run", config, "--format", "csv");
    assert_status(s, 0);
    assert_out(s, "design,implementation,recipe,way,runs,");
    assert_out(s, ",best known,9000");
    assert_database(s->db, "select count(*) from ppa_point", "2|\n");
    RUN(s, "query", "ways");
    assert_status(s, 0);
    assert_out(s, "yosys area");
    /* A difference that five runs a side decide, and one that two do not. */
    for (int runs = 0; runs < 2; runs++) {
        RUN(s, "estimate", "--weight", "int4", "--weight", "int2", "--activation", "uint2",
            "--operands", "uniform", "--recipe", "area", "--runs", runs == 0 ? "2" : "5");
        assert_status(s, 0);
        RUN(s, "compare", "int4", "int2");
        assert_status(s, 0);
        assert_out(s, runs == 0 ? "undecided: too few runs" : "less");
    }
    RUN(s, "compare", "int4", "int2", "--format", "csv");
    assert_status(s, 0);
    assert_null(strstr(s->out.data, "verdict"));
    free(config);
    free(peers);
}

/* Loads and driving cells are part of what a result depends on. */
static void what_is_outside(void **state)
{
    struct session *s = *state;

    RUN(s, "estimate", "--weight", "uint2", "--activation", "uint2", "--operands", "uniform",
        "--runs", "1", "--recipe", "area");
    assert_status(s, 0);
    RUN(s, "estimate", "--weight", "uint2", "--activation", "uint2", "--operands", "uniform",
        "--runs", "1", "--recipe", "area", "--driving-cell", "INVX1", "--output-load", "100fF");
    assert_status(s, 0);
    assert_out(s, "(0 reused)");
    assert_out(s, "driven by INVX1, load 1e-13F");
    assert_database(
        s->db,
        "select a.critical_path_ns <= b.critical_path_ns, a.switching_uw < b.switching_uw"
        " from v_estimate a join v_estimate b on a.driving_cell = ''"
        " and b.driving_cell = 'INVX1'",
        "1|1|\n");
    assert_database(s->db, "select count(*) from v_reduction", "0|\n");
}

/* Other drives and pins: of a generated design, of the user's Verilog, of a mapped netlist. */
static void resizes(void **state)
{
    struct session *s = *state;
    char *plain, *file;

    for (int resized = 0; resized < 2; resized++) {
        RUN(s, "estimate", "--weight", "uint3", "--activation", "uint3", "--operands", "uniform",
            "--runs", "2", "--recipe", "balanced", "--clock", "5ns",
            resized ? "--resize" : "--quiet");
        assert_status(s, 0);
    }
    assert_database(s->db,
                    "select a.area_um2 * a.critical_path_s >= b.area_um2 * b.critical_path_s,"
                    " b.way, b.proof_netlist from ppa_point a, ppa_point b"
                    " where a.resized = 0 and b.resized = 1",
                    "1|yosys balanced, resized|exhaustive|\n");
    assert_database(s->db,
                    "select count(*) from ppa_run r join ppa_point p using (ppa_id)"
                    " where p.resized = 1 and r.evaluations > 0",
                    "2|\n");
    /* What Yosys made, given back as the user's own. */
    RUN(s, "query", "--format", "csv", "--sql",
        "select sqlar_uncompress(netlist_zlib, netlist_bytes) as v"
        " from ppa_text join ppa_point using (ppa_id) where resized = 0");
    assert_status(s, 0);
    assert_non_null(strchr(s->out.data, '"'));
    plain = mp_strdup(strchr(s->out.data, '"') + 1);
    *strrchr(plain, '"') = '\0';
    file = session_file(s, "given.v", plain);
    RUN(s, "estimate", "--verilog", file, "--mapped", "--operands", "uniform", "--clock", "5ns",
        "--golden", "weight*activation", "--resize");
    assert_status(s, 0);
    assert_out(s, "given, resized");
    assert_database(s->db,
                    "select area_um2 <= (select min(area_um2) from ppa_point where resized = 0),"
                    " proof_rtl, proof_netlist, proof_netlist_vectors from ppa_point"
                    " where implementation = 'given'",
                    "1|exhaustive|simulation against the netlist given|16384|\n");
    RUN(s, "estimate", "--verilog", file, "--mapped", "--activity", "x.vcd", "--resize");
    assert_status(s, 2);
    assert_err(s, "--activity");
    free(plain);
    free(file);
}

#define SEARCH                                                                                     \
    "estimate", "--weight", "uint3", "--activation", "uint3", "--operands", "uniform",             \
        "--implementation", "search", "--evaluations", "2000", "--seeds", "3", "--budget", "100s", \
        "--registers", "none", "--driving-cell", "library", "--output-load", "library"

/* The search's netlist goes the way of all others, whatever the number of threads. */
static void searches(void **state)
{
    static const char figures[] =
        "select design, way, objective, area_um2, critical_path_s, evaluations, best_variant,"
        " proof_netlist, synthesis_runs from ppa_point join design using (design_id)";
    struct session *s = *state;
    char *other = mp_path_join(s->dir.path, "other.db");
    char *variable = mp_asprintf("MACPPA_DB=%s", other);
    const char *const env[] = {variable, NULL};
    char *first, *second;

    RUN(s, SEARCH, "--multiplier", "dadda", "--threads", "1");
    assert_status(s, 0);
    assert_out(s, "search area*delay");
    assert_out(s, "architectures");
    assert_out(s, "fronts");
    assert_database(s->db,
                    "select design, proof_rtl, proof_netlist, synthesis_runs, budget_s, registers"
                    " from ppa_point join design using (design_id)",
                    "multiplier_uint3_uint3_dadda_combinational|exhaustive|exhaustive|3|100|0|\n");
    assert_database(s->db,
                    "select count(*), count(distinct seed), min(evaluations) > 0,"
                    " min(area_um2 * critical_path_s)"
                    " = (select area_um2 * critical_path_s from ppa_point) from ppa_run",
                    "3|3|1|1|\n");
    assert_database(s->db,
                    "select count(*) > 0, min(confirmed), group_concat(distinct proof_netlist)"
                    " from front",
                    "1|1|exhaustive|\n");
    /* A front: the faster, the larger. */
    assert_database(s->db,
                    "select count(*) from front a join front b on a.place < b.place"
                    " where a.area_um2 <= b.area_um2 and a.critical_path_s <= b.critical_path_s",
                    "0|\n");
    first = database_text(s->db, figures);
    RUN_ENV(s, env, SEARCH, "--multiplier", "dadda", "--threads", "3");
    assert_status(s, 0);
    second = database_text(other, figures);
    assert_string_equal(first, second);
    /* Found again; any architecture is another question. */
    RUN(s, SEARCH, "--multiplier", "dadda");
    assert_status(s, 0);
    assert_out(s, "(1 reused)");
    RUN(s, SEARCH, "--operands", "normal");
    assert_status(s, 0);
    assert_database(s->db, "select count(*) from ppa_point", "2|\n");
    free(first);
    free(second);
    free(variable);
    free(other);
}

static void mistakes(void **state)
{
#define MULTIPLIER "estimate", "--weight", "uint2", "--activation", "uint2"
    struct session *s = *state;
    char *config = session_file(s, "bad.yaml", DESIGN QUICK "recipes: [tiny]\n");
    char *peers = session_file(s, "peers.yaml", DESIGN QUICK "peers: nowhere.csv\n");

    RUN(s, MULTIPLIER, "--implementation", "magic");
    assert_status(s, 2);
    assert_err(s, "--implementation");
    assert_err(s, "yosys, search");
    RUN(s, MULTIPLIER, "--recipe", "tiny");
    assert_status(s, 2);
    assert_err(s, "area");
    RUN(s, MULTIPLIER, "--objective", "power");
    assert_status(s, 2);
    assert_err(s, "add implementation search");
    RUN(s, MULTIPLIER, "--implementation", "search", "--max-delay", "fast");
    assert_status(s, 2);
    assert_err(s, "--max-delay");
    assert_err(s, "1.2ns");
    RUN(s, MULTIPLIER, "--driving-cell", "NAND2X1");
    assert_status(s, 1);
    assert_err(s, "NAND2X1 is no buffer");
    RUN(s, MULTIPLIER, "--adder", "none");
    assert_status(s, 2);
    assert_err(s, "--adder");
    assert_err(s, "sklansky");
    RUN(s, MULTIPLIER, "--form", "row");
    assert_status(s, 2);
    assert_err(s, "only a mac");
    RUN(s, "estimate", "--verilog", "x.v", "--terms", "4");
    assert_status(s, 2);
    assert_err(s, "--verilog");
    RUN(s, "estimate", "--verilog", "x.v", "--seeds", "4");
    assert_status(s, 2);
    assert_err(s, "--seeds");
    RUN(s, "run", config);
    assert_status(s, 1);
    assert_err(s, "bad.yaml:7: recipes");
    RUN(s, "run", peers);
    assert_status(s, 1);
    assert_err(s, "nowhere.csv");
    free(config);
    free(peers);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(recipes_beside_peers, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(what_is_outside, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(searches, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(resizes, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(mistakes, session_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests_name("ways", tests, NULL, NULL);
}
