/*
 * Text that streams through a buffer of a megabyte, for files of several gigabytes: plain or gzip,
 * told apart by content, or a text in memory. Words and characters are taken from `at`; refill when
 * `at` reaches `end`.
 *
 *     mp_source_open(&s, path, err)
 *     while (mp_source_word(&s))
 *         use s.word, s.length        (valid until the next call)
 *     if (s.failed < 0) ...           (reading failed; err is set)
 *     mp_source_close(&s)
 */
#ifndef MP_INTERCHANGE_SOURCE_H
#define MP_INTERCHANGE_SOURCE_H

#include "estimator/util/error.h"
#include "estimator/util/memory.h"
#include <stdbool.h>
#include <stdint.h>

struct mp_source {
    const char *at, *end;
    const char *file; /* borrowed; for messages */
    int64_t lines;    /* line ends before `at` */
    const char *word; /* the last one, not terminated */
    size_t length;
    bool is_cut; /* the last word ends where the input does, without a line end or blank */
    int failed;  /* negative once reading failed: a damaged or truncated gzip, an I/O error */
    /* private */
    void *in; /* gzFile; NULL: text in memory */
    char *buffer;
    bool at_end;
    struct mp_text copy;
    struct mp_error *err;
};

/* path is borrowed. MP_E_NOT_FOUND, MP_E_IO, MP_E_INPUT (a folder). Nothing to close on failure. */
int mp_source_open(struct mp_source *s, const char *path, struct mp_error *err);
/* text is borrowed. */
void mp_source_from_text(struct mp_source *s, const char *text, size_t size, const char *file,
                         struct mp_error *err);
void mp_source_close(struct mp_source *s);

/* More text: what begins at `keep` (NULL: at s->at) is moved to the front, s->at with it. False: no
 * more, the kept part fills the whole buffer, or reading failed. */
bool mp_source_refill(struct mp_source *s, const char *keep);

/* The next word between blanks; false at the end, also for a word longer than the buffer. */
bool mp_source_word(struct mp_source *s);
bool mp_source_is(const struct mp_source *s, const char *word);
/* The last word, terminated; valid until the next call of this function. */
const char *mp_source_terminated(struct mp_source *s);
/* The line that `at` is in, 1-based. */
int mp_source_line(const struct mp_source *s);
/* The first byte that is not blank, without taking it; 0 at the end. */
char mp_source_peek(struct mp_source *s);

/* MP_E_INPUT at this line, or what reading failed with. */
int mp_source_bad(struct mp_source *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
