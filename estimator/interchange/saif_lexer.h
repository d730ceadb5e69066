/*
 * Inside of the SAIF reader: parentheses, names and strings; comments are passed over.
 */
#ifndef MP_INTERCHANGE_SAIF_LEXER_H
#define MP_INTERCHANGE_SAIF_LEXER_H

#include "estimator/interchange/source.h"

enum mp_saif_token {
    MP_SAIF_OPEN = '(',
    MP_SAIF_CLOSE = ')',
    MP_SAIF_ATOM = 'a',
    MP_SAIF_STRING = '"',
    MP_SAIF_END = 0,
    MP_SAIF_BAD = -1 /* the error is set */
};

/* In an atom, a divider of names that was not escaped. */
#define MP_SAIF_DIVIDED '\x01'

struct mp_saif_lexer {
    struct mp_source *s;
    char divider;
    struct mp_text text; /* of the last atom or string, without escapes */
};
enum mp_saif_token mp_saif_next(struct mp_saif_lexer *l);

#endif
