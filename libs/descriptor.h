/*
 * Library descriptors: libs/NAME.yaml says where the Liberty files of a known library are looked
 * for, which corner they describe, which cells not to use and how a user gets them. A library
 * without a descriptor is used by its files alone.
 */
#ifndef MP_LIBS_DESCRIPTOR_H
#define MP_LIBS_DESCRIPTOR_H

#include "estimator/util/error.h"
#include <stdbool.h>
#include <stddef.h>

/* One needed file under the names that distributions give it; the first that is found wins. Every
 * name is also tried with ".gz" behind it. */
struct mp_descriptor_file {
    char **any_of;
    unsigned any_of_count;
};

struct mp_descriptor {
    char *name;   /* "osu018" */
    char *title;  /* "OSU 0.18 um, TSMC" */
    char *corner; /* "typical, 1.8 V, 25 C" */
    char *licence;
    char *how_to_get;                 /* one line: a package or an address */
    char *driving_cell;               /* optional: input driver; NULL: found by function */
    struct mp_descriptor_file *files; /* all needed; searched in MACPPA_LIBS, then search_paths */
    size_t file_count;
    char **search_paths; /* "~/" and "$NAME/" at the start are replaced; unset: left out */
    size_t search_path_count;
    char **dont_use; /* cell name patterns for mp_library_mark_dont_use() */
    size_t dont_use_count;
    double default_clock_s; /* a period that its 8-bit multipliers meet comfortably; for `--clock`
                               defaults */
    char **found;           /* full paths in the order of files; NULL: not usable here */
};

struct mp_descriptors {
    struct mp_descriptor *items;
    size_t count;
};

/* Read every *.yaml (a library's name is its file's; order by name) of the descriptor folders:
 * $MACPPA_DESCRIPTORS (colon-separated) if set, else the source tree's or the installed libs/;
 * locate their files in search_paths and in the colon-separated $MACPPA_LIBS. A bad descriptor is
 * an error with file and line; files that are not there are not an error (found stays NULL). */
int mp_descriptors_load(struct mp_descriptors *d, struct mp_error *err);
void mp_descriptors_release(struct mp_descriptors *d);

/* By name; MP_E_NOT_FOUND lists the names there are, or says how to get the files if they are
 * missing. */
int mp_descriptors_find(const struct mp_descriptors *d, const char *name,
                        const struct mp_descriptor **out, struct mp_error *err);

#endif
