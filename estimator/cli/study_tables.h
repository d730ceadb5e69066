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
/* Each claim for each network, scope and library; then each claim over all of them
 * (study_claims.c).
 */
struct mp_report *mp_study_table_claims(const struct mp_study *s);
struct mp_report *mp_study_table_verdicts(const struct mp_study *s);
/* A design's baseline: the fixed format that was found in its scope; for formats that were asked
 * for, the first fixed one of those. NULL: none. */
const struct mp_study_design *mp_study_baseline(const struct mp_study *s,
                                                const struct mp_study_network *n,
                                                const struct mp_study_design *d);

#endif
