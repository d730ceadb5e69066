#include "estimator/interchange/saif_lexer.h"

#define MAX_TOKEN ((size_t)1 << 16)

#define bad(l, ...) mp_source_bad((l)->s, "SAIF: " __VA_ARGS__)

/* -1 at the end. */
static int next_char(struct mp_saif_lexer *l)
{
    if (l->s->at == l->s->end && !mp_source_refill(l->s, NULL))
        return -1;
    char c = *l->s->at++;
    l->s->lines += c == '\n';
    return (unsigned char)c;
}

static int look(struct mp_saif_lexer *l)
{
    if (l->s->at == l->s->end && !mp_source_refill(l->s, NULL))
        return -1;
    return (unsigned char)*l->s->at;
}

/* After a '/': true if it began a comment, which is passed over; *rc tells if that went well. */
static bool skip_comment(struct mp_saif_lexer *l, int *rc)
{
    int c = look(l), last = 0;
    if (c != '/' && c != '*')
        return false;
    next_char(l);
    if (c == '/') {
        while ((c = look(l)) >= 0 && c != '\n')
            next_char(l);
        return true;
    }
    while ((c = next_char(l)) >= 0 && !(last == '*' && c == '/'))
        last = c;
    if (c < 0)
        *rc = bad(l, "a comment without its end");
    return true;
}

static void put(struct mp_saif_lexer *l, int c)
{
    char byte = (char)c;
    mp_text_add_bytes(&l->text, &byte, 1);
}

static enum mp_saif_token read_string(struct mp_saif_lexer *l)
{
    int c;
    while ((c = next_char(l)) != '"') {
        if (c == '\\')
            c = next_char(l);
        if (c <= 0 || l->text.size > MAX_TOKEN) {
            bad(l, "a string without its end; is the file cut off?");
            return MP_SAIF_BAD;
        }
        put(l, c);
    }
    return MP_SAIF_STRING;
}

static enum mp_saif_token read_atom(struct mp_saif_lexer *l)
{
    int c;
    while ((c = look(l)) > ' ' && c != '(' && c != ')' && c != '"') {
        next_char(l);
        bool is_escaped = c == '\\';
        if (is_escaped && (c = next_char(l)) <= ' ') {
            bad(l, "a backslash that escapes nothing");
            return MP_SAIF_BAD;
        }
        put(l, c == l->divider && !is_escaped ? MP_SAIF_DIVIDED : c);
        if (l->text.size > MAX_TOKEN) {
            bad(l, "a name of more than 65536 characters");
            return MP_SAIF_BAD;
        }
    }
    if (c == 0 || l->text.size == 0) {
        bad(l, "a NUL byte; is this a text file?");
        return MP_SAIF_BAD;
    }
    return MP_SAIF_ATOM;
}

enum mp_saif_token mp_saif_next(struct mp_saif_lexer *l)
{
    l->text.size = 0;
    mp_text_add(&l->text, "");
    for (;;) {
        int c = look(l), rc = MP_OK;
        if (c < 0)
            return l->s->failed < 0 ? MP_SAIF_BAD : MP_SAIF_END;
        if (c == '"') {
            next_char(l);
            return read_string(l);
        }
        if (c == '(' || c == ')') {
            next_char(l);
            return (enum mp_saif_token)c;
        }
        if (c > 0 && c <= ' ') {
            next_char(l);
            continue;
        }
        if (c != '/')
            return read_atom(l);
        next_char(l);
        if (!skip_comment(l, &rc)) {
            put(l, '/');
            c = look(l);
            return c <= ' ' || c == '(' || c == ')' || c == '"' ? MP_SAIF_ATOM : read_atom(l);
        }
        if (rc < 0)
            return MP_SAIF_BAD;
    }
}
