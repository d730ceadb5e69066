/*
 * The program as a user runs it: a subprocess in a private folder with its own TMPDIR and database.
 * The path of the program is the test's first argument (MACPPA_PROGRAM in its environment).
 */
#ifndef TESTS_CLI_HARNESS_H
#define TESTS_CLI_HARNESS_H

#include "estimator/util/file.h"
#include <stdbool.h>
#include <sys/types.h>

struct session {
    struct mp_tempdir dir; /* the program's working folder */
    char *tmp;             /* its TMPDIR, dir/tmp */
    char *db;              /* MACPPA_DB, dir/test.db */
    /* Of the last call; out and err are never NULL. */
    int status; /* exit code; -1: killed by a signal */
    struct mp_text out, err;
};

/* For main(): the program from the arguments. */
void harness_init(int argc, char **argv);

/* cmocka fixtures: *state is a struct session. */
int session_setup(void **state);
int session_teardown(void **state);

/* Run `macppa ARGUMENTS...` (NULL at the end) to its end. env: NAME=VALUE, NULL-terminated, may be
 * NULL; MACPPA_DB only as the first. */
void session_run(struct session *s, const char *const *env, const char *const *arguments);
#define RUN(s, ...)          session_run((s), NULL, (const char *const[]){__VA_ARGS__, NULL})
#define RUN_ENV(s, env, ...) session_run((s), (env), (const char *const[]){__VA_ARGS__, NULL})

/* Fail, showing what was printed, unless the exit code is this one. */
void assert_status(const struct session *s, int status);
/* Fail, showing what was printed, unless text is in stdout or stderr. */
void assert_out(const struct session *s, const char *text);
void assert_err(const struct session *s, const char *text);

/* Start without waiting; stdout and stderr go to dir/out and dir/err. session_end waits and reads
 * them. */
pid_t session_start(const struct session *s, const char *const *env, const char *const *arguments);
void session_end(struct session *s, pid_t pid);

/* Private folders in TMPDIR. */
unsigned session_leftovers(const struct session *s);
/* Processes whose working folder is in the session's; waits up to seconds for them to be none. */
unsigned session_processes(const struct session *s, double seconds);

/* Write dir/NAME; the caller frees the path. */
char *session_file(const struct session *s, const char *name, const char *text);

/* Full path of a file of the project ($MACPPA_SOURCE_ROOT, else below here); the caller frees. */
char *source_path(const char *name);

/* Rows of one or several statements on a database: values with all digits and '|', a line a row.
 * The caller frees. */
char *database_text(const char *path, const char *sql);
void assert_database(const char *path, const char *sql, const char *expected);
/* All that results are, but when and where they were made. */
extern const char database_results[];

#endif
