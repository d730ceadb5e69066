/*
 * One job's runs of Yosys: its folder, its limits, and the process that ran last. Shared by
 * yosys.c and equivalence.c, private to the module.
 */
#ifndef MP_SYNTH_SESSION_H
#define MP_SYNTH_SESSION_H

#include "estimator/util/process.h"

struct mp_synth_session {
    const char *program;  /* Yosys */
    const char *temp_dir; /* working directory of every run */
    const char *keep_dir; /* for the output of failures; NULL: $TMPDIR */
    double timeout_s;
    double wall_s, cpu_s;             /* summed over the runs */
    struct mp_process_result process; /* of the last run; released by the owner of the session */
};

/* A file in temp_dir, in place of a file or link that bears the name. */
int mp_synth_session_write(const struct mp_synth_session *s, const char *name, const char *text,
                           struct mp_error *err);
/* A symbolic link in temp_dir, so that scripts need no quoting of the caller's paths. */
int mp_synth_session_link(const struct mp_synth_session *s, const char *target, const char *name,
                          struct mp_error *err);
/* Run argv in temp_dir, however it ends: see process. */
int mp_synth_session_start(struct mp_synth_session *s, const char *const *argv,
                           struct mp_error *err);
/* How it ended, as an error that names the tool if that was not with exit code 0. */
int mp_synth_session_judge(const struct mp_synth_session *s, const char *tool,
                           struct mp_error *err);
/* Both; anything but exit code 0 is an error that names the tool. */
int mp_synth_session_run(struct mp_synth_session *s, const char *const *argv, const char *tool,
                         struct mp_error *err);
/* Run a Yosys script, given as text. */
int mp_synth_session_script(struct mp_synth_session *s, const char *script, struct mp_error *err);
/* What a parser found, as an error that names the tool and where its output was kept. */
int mp_synth_session_fail(const struct mp_synth_session *s, const char *what,
                          const struct mp_error *cause, struct mp_error *err);

#endif
