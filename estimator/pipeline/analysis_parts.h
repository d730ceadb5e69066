/*
 * Between the files of analysis.h.
 */
#ifndef MP_PIPELINE_ANALYSIS_PARTS_H
#define MP_PIPELINE_ANALYSIS_PARTS_H

#include "estimator/pipeline/analysis.h"

/* The exact mode beside a->functional and a->timed, from block 0 of the sample, on which all cases
 * are counted (activity/cases.h). Of a sample of one block that is all of it; of more the
 * difference between the modes is taken over. */
int mp_analysis_exact(struct mp_analysis *a, const struct mp_circuit *c,
                      const struct mp_analysis_job *job, const struct mp_sdf *sdf,
                      const struct mp_timed_result *sample, struct mp_error *err);

#endif
