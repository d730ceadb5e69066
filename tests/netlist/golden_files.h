/*
 * Where the shared golden netlists and their libraries are: MACPPA_SHARED, else ../shared beside
 * the project. Only for tests; everything returns NULL or false where the folder is missing.
 */
#ifndef MP_TESTS_NETLIST_GOLDEN_FILES_H
#define MP_TESTS_NETLIST_GOLDEN_FILES_H

#include "estimator/liberty/library.h"
#include "estimator/util/file.h"
#include <stdio.h>
#include <stdlib.h>

struct golden_library {
    const char *name, *file; /* file: under shared/, or absolute */
    double period_s;
};
static const struct golden_library golden_libraries[] = {
    {"osu018", "/usr/share/qflow/tech/osu018/osu018_stdcells.lib", 5e-9},
    {"nangate45", "libs/nangate45_typ.lib.gz", 2e-9},
    {"sky130hd", "libs/sky130hd_tt.lib.gz", 5e-9},
    {"gf180", "libs/gf180mcu_fd_sc_mcu7t5v0__tt_025C_1v80.lib.gz", 20e-9}};
static const char *const golden_designs[] = {"mul_u8x8", "mul_e4m2_u8", "mac_s8x8_24"};
#define GOLDEN_LIBRARIES (sizeof golden_libraries / sizeof *golden_libraries)
#define GOLDEN_DESIGNS   (sizeof golden_designs / sizeof *golden_designs)

/* Full path of a file in the shared folder; the caller frees. NULL, and a printed line: not there.
 */
static inline char *golden_path(const char *file)
{
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    char *folder = shared ? mp_strdup(shared) : mp_path_join(root ? root : ".", "../shared");
    char *path = mp_path_join(folder, file);
    free(folder);
    if (mp_file_exists(path))
        return path;
    printf("skipped: %s is not there (set MACPPA_SHARED)\n", path);
    free(path);
    return NULL;
}

static inline bool golden_read_library(struct mp_library *lib, const struct golden_library *g)
{
    struct mp_error err = MP_ERROR_INIT;
    char text[1400], *path = golden_path(g->file);
    const char *const paths[] = {path};
    if (path == NULL)
        return false;
    int rc = mp_library_read(lib, paths, 1, &err);
    if (rc < 0)
        printf("%s\n", mp_error_text(&err, text, sizeof text));
    free(path);
    return rc == MP_OK;
}

#endif
