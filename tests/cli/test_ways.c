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
    assert_out(s, "library,design,implementation,recipe,way,runs,");
    assert_out(s, ",best known,9000");
    assert_database(s->db, "select count(*) from ppa_point", "2|\n");
    RUN(s, "query", "ways");
    assert_status(s, 0);
    assert_out(s, "yosys area");
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
        cmocka_unit_test_setup_teardown(mistakes, session_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests_name("ways", tests, NULL, NULL);
}
