/*
 * The one door to other programs. argv vector and no shell; stdin is /dev/null; every descriptor
 * but 0-2 is closed; the child leads its own process group and dies with us; LC_ALL=C; stdout and
 * stderr are drained together with poll() into memory up to a limit.
 *
 *     struct mp_process_options o = {.argv = argv, .timeout_s = 60, .cwd = dir};
 *     struct mp_process_result r = {0};
 *     if (mp_process_run(&r, &o, err) < 0) ...    not found, fork failed
 *     if (r.how != MP_EXITED || r.status != 0) ...
 *     mp_process_result_release(&r);
 */
#ifndef MP_UTIL_PROCESS_H
#define MP_UTIL_PROCESS_H

#include "estimator/util/error.h"
#include "estimator/util/memory.h"
#include <stdbool.h>

enum mp_process_how {
    MP_EXITED,    /* status: the exit code */
    MP_SIGNALLED, /* status: the signal */
    MP_TIMED_OUT, /* TERM, then KILL 2 s later, was sent to the whole group */
    MP_OVERFLOWED /* printed more than output_limit; killed */
};

struct mp_process_options {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH unless it has a '/' */
    const char *cwd;         /* NULL: ours */
    double timeout_s;        /* 0: 600 s */
    size_t output_limit;     /* bytes of stdout and of stderr each; 0: 64 MiB */
    const char *const *env;  /* extra NAME=VALUE, NULL-terminated; NULL: none */
};

struct mp_process_result {
    enum mp_process_how how;
    int status;
    double wall_s;
    double cpu_s;            /* user + system of the child and what it waited for */
    struct mp_text out, err; /* what it printed; released by mp_process_result_release */
};

/* Returns MP_OK when the program was started and ended somehow (see r->how), MP_E_NOT_FOUND when
 * there is no such program, MP_E_IO when it could not be started, MP_E_CANCELLED when
 * mp_process_cancel_all() was called (the child was killed). */
int mp_process_run(struct mp_process_result *r, const struct mp_process_options *o,
                   struct mp_error *err);
void mp_process_result_release(struct mp_process_result *r);

/* "exit code 3", "killed by signal 11 (Segmentation fault)", "no end after 60 s: killed", ... */
const char *mp_process_describe(const struct mp_process_result *r, char *out, size_t size);

/* Turn a run that did not exit with 0 into an error that names the tool, says how it ended, quotes
 * the last line that it printed and where its whole output was kept (keep_dir/NAME.log, written
 * here; keep_dir NULL: a fresh file under $TMPDIR). MP_E_TOOL or MP_E_TIMEOUT. */
int mp_process_fail(const struct mp_process_result *r, const char *tool, const char *keep_dir,
                    struct mp_error *err);
/* The same for output that could not be understood, with our own words in `why`. */
int mp_process_fail_output(const struct mp_process_result *r, const char *tool,
                           const char *keep_dir, const char *why, struct mp_error *err);

/* Full path of a program on PATH (or itself if it has a '/' and is executable); the caller frees.
 * NULL and MP_E_NOT_FOUND otherwise. */
char *mp_process_find(const char *name, struct mp_error *err);

/* Async-signal-safe: make every running and later mp_process_run() end with MP_E_CANCELLED. */
void mp_process_cancel_all(void);
/* Whether that was called: for work of ours that runs long between two programs. */
bool mp_process_is_cancelled(void);

#endif
