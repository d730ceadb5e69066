/*
 * A study as tables: networks, narrowest formats, range against precision, power, claims.
 */
#ifndef MP_CLI_STUDY_TABLES_H
#define MP_CLI_STUDY_TABLES_H

#include "estimator/pipeline/study.h"
#include "reports/table.h"

/* In the order in which they are printed. Each borrows from the study; destroy with
 * mp_report_destroy(). */
struct mp_report *mp_study_table_networks(const struct mp_study *s);
struct mp_report *mp_study_table_formats(const struct mp_study *s);
/* A row each network, scope and E (fixed point: none), a column each M: what top-1 changes by. */
struct mp_report *mp_study_table_precision(const struct mp_study *s);
struct mp_report *mp_study_table_storage(const struct mp_study *s);
struct mp_report *mp_study_table_power(const struct mp_study *s);
struct mp_report *mp_study_table_claims(const struct mp_study *s);

#endif
