/*
 * Protocol buffers' text format, as Caffe writes its architectures in it: a small reader that
 * knows no schema. A file becomes a tree of fields in one flat array; whoever asks for a value
 * says of which type it must be, and a wrong one is an error with file and line.
 *
 *     name: "LeNet"                             field, string ("..." or '...', pieces are joined)
 *     layer { top: "a" top: "b" }               message ({ } or < >, a colon before it is allowed)
 *     convolution_param { kernel_size: 5 }      number (decimal, 0x, octal, with f behind)
 *     pool: MAX  dim: [ 1, 3, 227, 227 ]        word; a list is the field several times
 *     # comment                                 to the end of the line
 *
 *     mp_prototxt_read(&p, path, err)
 *     for (f = mp_prototxt_first(&p, MP_PROTOTXT_ROOT, "layer"); f != MP_PROTOTXT_NONE;
 *          f = mp_prototxt_next(&p, f))
 *         mp_prototxt_string(&p, f, "name", "", &name, err)
 *     mp_prototxt_release(&p)
 *
 * Source: the text format's description in the protocol buffers' documentation. Not read:
 * extensions ([a.b]: ...) and Any. Limits: 64 MiB, 100 levels, 4 million fields.
 */
#ifndef MP_NETWORK_PROTOTXT_H
#define MP_NETWORK_PROTOTXT_H

#include "estimator/util/memory.h"
#include <stdbool.h>

enum mp_prototxt_kind {
    MP_PROTOTXT_MESSAGE,
    MP_PROTOTXT_STRING, /* text without quotes, escapes resolved */
    MP_PROTOTXT_SCALAR  /* text as it stands: a number or a word (enum, true, inf) */
};

struct mp_prototxt_field {
    enum mp_prototxt_kind kind;
    int line;
    const char *name, *text; /* text: NULL for messages */
    uint32_t child, next;    /* first field inside; next field of the same message */
};

#define MP_PROTOTXT_ROOT 0u
#define MP_PROTOTXT_NONE UINT32_MAX

struct mp_prototxt {
    const char *path;                 /* for messages; of the arena */
    struct mp_prototxt_field *fields; /* [count]; the first is the file as a message */
    size_t count, capacity;
    struct mp_arena arena; /* names and texts */
};

/* MP_E_INPUT with file and line where the text is not of this form. */
int mp_prototxt_read(struct mp_prototxt *p, const char *path, struct mp_error *err);
int mp_prototxt_parse(struct mp_prototxt *p, const char *text, size_t size, const char *path,
                      struct mp_error *err);
void mp_prototxt_release(struct mp_prototxt *p);

/* The first field of a message with that name, the next with the same one; MP_PROTOTXT_NONE. A
 * message that is MP_PROTOTXT_NONE has no fields. */
uint32_t mp_prototxt_first(const struct mp_prototxt *p, uint32_t message, const char *name);
uint32_t mp_prototxt_next(const struct mp_prototxt *p, uint32_t field);
uint32_t mp_prototxt_count(const struct mp_prototxt *p, uint32_t message, const char *name);

/* A located error about a field. */
int mp_prototxt_fail(const struct mp_prototxt *p, uint32_t field, enum mp_code code,
                     struct mp_error *err, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The value of a field; MP_E_INPUT when it is of another type or outside of low..high. */
int mp_prototxt_text_of(const struct mp_prototxt *p, uint32_t field, const char **out,
                        struct mp_error *err);
int mp_prototxt_integer_of(const struct mp_prototxt *p, uint32_t field, int64_t low, int64_t high,
                           int64_t *out, struct mp_error *err);
int mp_prototxt_number_of(const struct mp_prototxt *p, uint32_t field, double *out,
                          struct mp_error *err);

/* The value of a message's field, the last one where it is repeated (as protocol buffers merge);
 * `otherwise` where it is not there. word accepts scalars only, string quoted text only. */
int mp_prototxt_message(const struct mp_prototxt *p, uint32_t message, const char *name,
                        uint32_t *out, struct mp_error *err);
int mp_prototxt_string(const struct mp_prototxt *p, uint32_t message, const char *name,
                       const char *otherwise, const char **out, struct mp_error *err);
int mp_prototxt_word(const struct mp_prototxt *p, uint32_t message, const char *name,
                     const char *otherwise, const char **out, struct mp_error *err);
int mp_prototxt_integer(const struct mp_prototxt *p, uint32_t message, const char *name,
                        int64_t low, int64_t high, int64_t otherwise, int64_t *out,
                        struct mp_error *err);
int mp_prototxt_number(const struct mp_prototxt *p, uint32_t message, const char *name,
                       double otherwise, double *out, struct mp_error *err);
int mp_prototxt_bool(const struct mp_prototxt *p, uint32_t message, const char *name,
                     bool otherwise, bool *out, struct mp_error *err);

/* MP_E_INPUT at the first field of the message whose name is not in the list (NULL at its end):
 * a misspelt setting must not be passed over. */
int mp_prototxt_check_names(const struct mp_prototxt *p, uint32_t message, const char *const *names,
                            struct mp_error *err);

#endif
