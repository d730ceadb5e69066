/*
 * Log and progress, both on stderr; results go to stdout and never through here. One log object
 * is made by the program and passed where something has to say; NULL is silent. Thread-safe.
 */
#ifndef MP_UTIL_LOG_H
#define MP_UTIL_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum mp_log_level { MP_LOG_ERROR, MP_LOG_WARNING, MP_LOG_INFO, MP_LOG_DEBUG };

struct mp_log; /* opaque */

/* level: the least important one that is printed. colour and progress bar only on a terminal. */
struct mp_log *mp_log_create(enum mp_log_level level);
void mp_log_destroy(struct mp_log *log); /* accepts NULL */
void mp_log_write(struct mp_log *log, enum mp_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Progress over `total` steps of work: on a terminal one line, redrawn, with the share done, what
 * is being done and an ETA; elsewhere nothing but the log lines. */
void mp_progress_begin(struct mp_log *log, const char *what, size_t total);
/* steps more are done; doing: what comes next or was just finished (copied). */
void mp_progress_add(struct mp_log *log, size_t steps, const char *doing);
void mp_progress_end(struct mp_log *log);

/* Seconds on the monotonic clock. */
double mp_clock_s(void);

#endif
