/*
 * Errors: every fallible function returns MP_OK (0) or a negative enum mp_code and takes a
 * `struct mp_error *err`, which may be NULL when the caller only wants the code.
 *
 * The message is set once, where the cause is known, and passed up unchanged; a caller that
 * knows something the source did not (which design, which file) may put it in front with
 * mp_error_context(). A message is one line that says what is wrong and what to do.
 *
 *     if (mp_liberty_read(&lib, path, err) < 0)
 *         goto out;                      (err is already set)
 *     if (n == 0)
 *         return mp_fail(err, MP_E_INPUT, "no cells in the library; is it a Liberty file?");
 */
#ifndef MP_UTIL_ERROR_H
#define MP_UTIL_ERROR_H

#include <stdarg.h>
#include <stddef.h>

enum mp_code {
    MP_OK = 0,
    MP_E_USAGE = -1,       /* wrong command line; the program exits with 2 */
    MP_E_INPUT = -2,       /* a file or value the user gave is wrong: parse, range, semantics */
    MP_E_NOT_FOUND = -3,   /* a file, cell, library, design or tool is not there */
    MP_E_IO = -4,          /* a system call failed (disk full, permission, ...) */
    MP_E_MEMORY = -5,      /* out of memory, or a claim above a sane limit */
    MP_E_TOOL = -6,        /* Yosys or OpenSTA crashed, hung, or printed what cannot be parsed */
    MP_E_TIMEOUT = -7,     /* a tool ran into its time limit */
    MP_E_PROOF = -8,       /* a netlist differs from the golden model */
    MP_E_UNSUPPORTED = -9, /* valid input that this program cannot process */
    MP_E_DATABASE = -10,   /* SQLite said no */
    MP_E_CANCELLED = -11   /* SIGINT or SIGTERM asked the run to stop */
};

/* Caller's memory; MP_ERROR_INIT or memset to zero before the first use. Nothing to free. */
struct mp_error {
    enum mp_code code;
    int line;           /* 1-based line of `file`, 0: unknown or does not apply */
    char file[256];     /* the input file the message is about, "" if none */
    char message[1024]; /* one line, no newline at the end */
};

#define MP_ERROR_INIT                                                                              \
    {                                                                                              \
        MP_OK, 0, "", ""                                                                           \
    }

/* Set err (if not NULL) and return code, so that `return mp_fail(...)` reads well. */
int mp_fail(struct mp_error *err, enum mp_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As mp_fail, located: file may be NULL, line 0 where unknown. */
int mp_fail_at(struct mp_error *err, enum mp_code code, const char *file, int line,
               const char *format, ...) __attribute__((format(printf, 5, 6)));

/* As mp_fail, with ": " and strerror(errno) at the end. Code is MP_E_IO (MP_E_MEMORY for ENOMEM,
 * MP_E_NOT_FOUND for ENOENT). */
int mp_fail_errno(struct mp_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Put "context: " in front of a message that is already set; keeps code and location. */
void mp_error_context(struct mp_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "file:line: message" (the parts that are known) into out; returns out. */
const char *mp_error_text(const struct mp_error *err, char *out, size_t size);

#endif
