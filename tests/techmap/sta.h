/*
 * Own timing against OpenSTA: one netlist, one environment, worst deviations.
 */
#ifndef TESTS_TECHMAP_STA_H
#define TESTS_TECHMAP_STA_H

#include "estimator/techmap/import.h"
#include "estimator/timing/opensta.h"
#include "tests/fake_tools/fixture.h"

struct comparison {
    uint32_t gates;
    double delay_s, opensta_s;            /* critical path */
    double delay_apart;                   /* relative */
    double slew_apart_s, arrival_apart_s; /* worst of all pins of gates */
    double slew_apart, arrival_apart;     /* relative, of those above 10 ps */
};

/* Reads the Verilog file with the fixture's library. boundary: driving cell BUF and load on the
 * outputs. compare_arrivals runs OpenSTA a second time. */
void sta_compare(struct comparison *c, struct fixture *f, const struct mp_nldm *nldm,
                 const char *verilog_path, const char *wire_load, const char *driving_cell,
                 double output_load_f, bool compare_arrivals);

/* Maps a generated design by Yosys into a file; the caller frees the path. */
char *sta_map_design(struct fixture *f, const char *weight, const char *activation,
                     enum mp_unit unit);

#endif
