/*
 * `macppa estimate --verilog` as a user calls it: small designs, figures out of its JSON, and what
 * the database holds afterwards.
 */
#ifndef TESTS_CLI_DESIGN_H
#define TESTS_CLI_DESIGN_H

#include "tests/cli/harness.h"
#include <jansson.h>

/* cmocka fixture: session_setup and the designs in the session's folder. mul.v: mul, z = x * y of 4
 * bits each, no clock. product.v: the same for N bits (4) with registers at its inputs and its
 * output and a reset rst_n; macro SUM: `OPERATOR is what sum.vh defines. */
int design_setup(void **state);

/* Run `estimate ARGUMENTS --runs 1 --format json --quiet`, which must succeed; the caller releases
 * the JSON with json_decref. */
json_t *design_estimate(struct session *s, const char *const *arguments);
#define ESTIMATE(s, ...) design_estimate((s), (const char *const[]){__VA_ARGS__, NULL})

/* Run it; it must fail with this exit code, nothing on stdout, and the text in its message. */
void design_fails(struct session *s, int status, const char *says, const char *const *arguments);
#define FAILS(s, status, says, ...)                                                                \
    design_fails((s), (status), (says), (const char *const[]){__VA_ARGS__, NULL})

/* A figure of the first row; fails where it is none. */
double figure(const json_t *root, const char *key);
bool is_null(const json_t *root, const char *key);
const char *word(const json_t *root, const char *key);
/* Sum of a column over all rows. */
double column_sum(const json_t *root, const char *key);
bool has_note(const json_t *root, const char *text);

/* |a - b| <= share * |b|. */
void assert_close(double a, double b, double share);

/* Nothing is stored but runs that did not end; with points, whole PPA points may be there. */
void assert_no_estimate(const struct session *s, bool points);

/* The mapped netlist of the latest PPA point, written to dir/NAME. */
void design_save_netlist(struct session *s, const char *name);

/* ../shared/NAME or $MACPPA_SHARED/NAME; NULL, saying so, where it is not. The caller frees. */
char *shared_path(const char *name);

#endif
