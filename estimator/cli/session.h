/*
 * What subcommands that run designs have in common: the log, the tools, the database, tables of
 * where power goes.
 *
 *     struct mp_cli_session s = {0};
 *     if (mp_cli_session_open(&s, how, err) == MP_OK) ... mp_pipeline_run_watched(..., s.watch) ...
 *     mp_cli_session_close(&s);
 */
#ifndef MP_CLI_SESSION_H
#define MP_CLI_SESSION_H

#include "estimator/cli/commands.h"
#include "estimator/cli/power_table.h"

struct mp_cli_session {
    const struct mp_cli_run *how; /* borrowed */
    struct mp_log *log;
    struct mp_tools tools;
    struct mp_store *store;
    struct mp_power_tables tables;
    struct mp_pipeline_watch own;
    const struct mp_pipeline_watch *watch; /* NULL: nothing to look at or dump */
};

/* Zero-initialise; close in any case. Signals cancel what runs from here on. */
int mp_cli_session_open(struct mp_cli_session *s, const struct mp_cli_run *how,
                        struct mp_error *err);
void mp_cli_session_close(struct mp_cli_session *s);

/* What follows the table of a run, which programs do not get beside tables of where power goes. */
bool mp_cli_session_prints_summary(const struct mp_cli_session *s);
/* OpenSTA's power and tables of where power goes, where they are asked for. */
int mp_cli_session_finish(struct mp_cli_session *s, const struct mp_experiment *e, int64_t run_id,
                          struct mp_error *err);

#endif
