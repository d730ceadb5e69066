/*
 * Text that streams into a file, compressed if its name ends in ".gz": written beside it and
 * renamed by mp_sink_close(), so that a file is there whole or not at all. A device or a pipe is
 * written in place.
 */
#ifndef MP_INTERCHANGE_SINK_H
#define MP_INTERCHANGE_SINK_H

#include "estimator/util/error.h"
#include <stdbool.h>
#include <stddef.h>

struct mp_sink; /* opaque */

int mp_sink_open(struct mp_sink **out, const char *path, struct mp_error *err);
/* Failures are kept for mp_sink_close(). */
void mp_sink_bytes(struct mp_sink *s, const void *data, size_t size);
void mp_sink_text(struct mp_sink *s, const char *text);
/* For numbers: 511 bytes at most, more is a failure. */
void mp_sink_printf(struct mp_sink *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* keep: rename into place, else what was written is removed. Frees s; NULL is fine. MP_E_IO where
 * something could not be written (disk full). */
int mp_sink_close(struct mp_sink *s, bool keep, struct mp_error *err);

#endif
