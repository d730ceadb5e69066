/*
 * What tests that run Yosys and OpenSTA need: a library, its prepared copy, a private folder, a
 * generated design. Skips (cmocka's skip()) where the library is not there.
 */
#ifndef TESTS_FAKE_TOOLS_FIXTURE_H
#define TESTS_FAKE_TOOLS_FIXTURE_H

#include "estimator/liberty/library.h"
#include "estimator/util/file.h"
#include "netlists/design.h"

struct fixture {
    struct mp_library library;
    struct mp_library_roles roles;
    struct mp_tempdir dir, kept; /* job folder, folder of kept output */
    char *prepared;              /* path of the prepared Liberty */
};

/* osu018, nangate45, sky130hd, gf180. */
#define FIXTURE_LIBRARY_COUNT 4
const char *fixture_library_name(size_t k);

void fixture_open(struct fixture *f, size_t library);
void fixture_close(struct fixture *f);

/* Verilog (or the behavioural reference) of weight x activation; the caller frees. name receives
 * the module's name. */
char *fixture_design(const char *weight, const char *activation, enum mp_unit unit, bool reference,
                     char name[MP_DESIGN_NAME_SIZE]);

/* Path of a fake tool; the caller frees. */
char *fixture_tool(const char *name);

/* The message names the tool and the file that its output was kept in, which is there. */
void fixture_assert_kept(const struct fixture *f, const struct mp_error *err, const char *tool);

#endif
