/*
 * A parallel for over independent jobs: `threads` workers take the next index until all are done or
 * one fails. The first error (lowest index among those that ran) is returned; jobs that were
 * running are finished first.
 */
#ifndef MP_UTIL_PARALLEL_H
#define MP_UTIL_PARALLEL_H

#include "estimator/util/error.h"
#include <stddef.h>

/* Called once an index, from any worker. Returns MP_OK or an error code with err set. */
typedef int mp_job(void *context, size_t index, struct mp_error *err);

/* threads 0: the number of cores this process may use. */
int mp_parallel_for(size_t count, unsigned threads, mp_job *job, void *context,
                    struct mp_error *err);
unsigned mp_core_count(void);

#endif
