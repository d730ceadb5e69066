/* Where the six libraries are that the tests read; those that are not here are skipped, with a
 * line that says so. */
#ifndef MP_TESTS_LIBERTY_LIBRARIES_H
#define MP_TESTS_LIBERTY_LIBRARIES_H

#include "estimator/util/file.h"
#include <stdlib.h>

struct test_library {
    const char *name;
    const char *path; /* absolute, or below the shared folder */
    unsigned cells;   /* by grep -c 'cell *(' */
    /* Roles: flip-flop, inverter, buffer, nand2, full adder, half adder, constants. */
    const char *roles[8];
};

static const struct test_library test_libraries[] = {
    {"osu018",
     "/usr/share/qflow/tech/osu018/osu018_stdcells.lib",
     32,
     {"DFFPOSX1", "INVX1", "BUFX2", "NAND2X1", "FAX1", "HAX1", NULL, NULL}},
    {"osu035",
     "/usr/share/qflow/tech/osu035/osu035_stdcells.lib",
     39,
     {"DFFPOSX1", "INVX1", "BUFX2", "NAND2X1", "FAX1", "HAX1", NULL, NULL}},
    {"osu050",
     "/usr/share/qflow/tech/osu050/osu05_stdcells.lib",
     39,
     {"DFFPOSX1", "INVX1", "BUFX2", "NAND2X1", "FAX1", "HAX1", NULL, NULL}},
    {"nangate45",
     "libs/nangate45_typ.lib.gz",
     134,
     {"DFF_X1", "INV_X1", "BUF_X1", "NAND2_X1", "FA_X1", "HA_X1", "LOGIC0_X1", "LOGIC1_X1"}},
    {"sky130hd",
     "libs/sky130hd_tt.lib.gz",
     428,
     {"sky130_fd_sc_hd__dfxtp_1", "sky130_fd_sc_hd__inv_1", "sky130_fd_sc_hd__buf_1",
      "sky130_fd_sc_hd__nand2_1", "sky130_fd_sc_hd__fa_1", "sky130_fd_sc_hd__ha_1",
      "sky130_fd_sc_hd__conb_1", "sky130_fd_sc_hd__conb_1"}},
    {"gf180",
     "libs/gf180mcu_fd_sc_mcu7t5v0__tt_025C_1v80.lib.gz",
     229,
     {"gf180mcu_fd_sc_mcu7t5v0__dffq_1", "gf180mcu_fd_sc_mcu7t5v0__inv_1",
      "gf180mcu_fd_sc_mcu7t5v0__buf_1", "gf180mcu_fd_sc_mcu7t5v0__nand2_1",
      "gf180mcu_fd_sc_mcu7t5v0__addf_1", "gf180mcu_fd_sc_mcu7t5v0__addh_1",
      "gf180mcu_fd_sc_mcu7t5v0__tiel", "gf180mcu_fd_sc_mcu7t5v0__tieh"}},
};
#define TEST_LIBRARY_COUNT (sizeof test_libraries / sizeof *test_libraries)

/* Full path, NULL (said so) if it is not here; the caller frees. */
static inline char *test_library_path(const struct test_library *t)
{
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    char *folder = shared ? mp_strdup(shared) : mp_asprintf("%s/../shared", root ? root : ".");
    char *path = mp_path_join(folder, t->path);
    free(folder);
    if (mp_file_exists(path))
        return path;
    print_message("skipped: %s is not here (%s)\n", t->name, path);
    free(path);
    return NULL;
}

#endif
