#include "estimator/network/prototxt.h"
#include "estimator/util/file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES  ((size_t)64 << 20)
#define MAX_FIELDS ((size_t)4 << 20)
#define MAX_DEPTH  100

struct reader {
    struct mp_prototxt *p;
    const char *at, *end;
    int line;
    struct mp_error *err;
};

static int fail_here(struct reader *r, const char *what)
{
    char found[16] = "the end";

    if (r->at < r->end && isprint((unsigned char)*r->at))
        memcpy(found, (char[]){'`', *r->at, '`', '\0'}, 4);
    else if (r->at < r->end)
        memcpy(found, "a byte", sizeof "a byte");
    return mp_fail_at(r->err, MP_E_INPUT, r->p->path, r->line, "%s where %s must be", found, what);
}

static void skip_blanks(struct reader *r)
{
    for (; r->at < r->end; r->at++) {
        if (*r->at == '#')
            while (r->at + 1 < r->end && r->at[1] != '\n')
                r->at++;
        else if (*r->at == '\n')
            r->line++;
        else if (!isspace((unsigned char)*r->at))
            return;
    }
}

static bool accept(struct reader *r, char c)
{
    skip_blanks(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* ---- values */

static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* Up to `most` digits of a base. */
static char read_code(struct reader *r, unsigned base, int most)
{
    unsigned code = 0;

    for (int i = 0; i < most && r->at < r->end && digit_of(*r->at) < base; i++)
        code = code * base + digit_of(*r->at++);
    return (char)(unsigned char)(code & 255u);
}

/* What stands behind a backslash. */
static int read_escape(struct reader *r, char *out)
{
    static const char letters[] = "abfnrtv\\'\"?", codes[] = "\a\b\f\n\r\t\v\\'\"?";
    const char *letter;

    if (r->at == r->end)
        return fail_here(r, "an escape in a string");
    if (digit_of(*r->at) < 8) {
        *out = read_code(r, 8, 3);
        return MP_OK;
    }
    letter = *r->at != '\0' ? strchr(letters, *r->at) : NULL;
    if (letter != NULL) {
        *out = codes[letter - letters];
        r->at++;
        return MP_OK;
    }
    if ((*r->at == 'x' || *r->at == 'X') && r->at + 1 < r->end && digit_of(r->at[1]) < 16) {
        r->at++;
        *out = read_code(r, 16, 2);
        return MP_OK;
    }
    return fail_here(r, "a known escape (\\n, \\t, \\\\, \\\", \\nnn, \\xnn)");
}

/* One quoted piece behind `text`; r stands on its quote. */
static int read_piece(struct reader *r, struct mp_text *text)
{
    char quote = *r->at++;

    for (; r->at < r->end && *r->at != quote && *r->at != '\n';) {
        char c = *r->at++;
        if (c == '\\') {
            int rc = read_escape(r, &c);
            if (rc < 0)
                return rc;
        }
        if (c == '\0')
            return mp_fail_at(r->err, MP_E_INPUT, r->p->path, r->line, "a zero byte in a string");
        mp_text_add_bytes(text, &c, 1);
    }
    if (r->at == r->end || *r->at != quote)
        return mp_fail_at(r->err, MP_E_INPUT, r->p->path, r->line, "a string has no end");
    r->at++;
    return MP_OK;
}

static int read_string(struct reader *r, const char **out)
{
    struct mp_text text = {0};
    int rc = MP_OK;

    do
        rc = read_piece(r, &text);
    while (rc == MP_OK && (skip_blanks(r), r->at < r->end) && (*r->at == '"' || *r->at == '\''));
    if (rc == MP_OK)
        *out = mp_arena_strdup(&r->p->arena, text.size > 0 ? text.data : "");
    mp_text_release(&text);
    return rc;
}

/* A number or a word: letters, digits, sign, point; a sign may stand apart from its number. */
static int read_scalar(struct reader *r, const char **out)
{
    struct mp_text text = {0};

    if (r->at < r->end && *r->at == '-') {
        mp_text_add(&text, "-");
        r->at++;
        skip_blanks(r);
    }
    const char *start = r->at;
    while (r->at < r->end && (is_word(*r->at) || *r->at == '.' ||
                              ((*r->at == '+' || *r->at == '-') && r->at > start &&
                               (r->at[-1] == 'e' || r->at[-1] == 'E'))))
        r->at++;
    if (r->at == start) {
        mp_text_release(&text);
        return fail_here(r, "a value");
    }
    mp_text_add_bytes(&text, start, (size_t)(r->at - start));
    *out = mp_arena_strdup(&r->p->arena, text.data);
    mp_text_release(&text);
    return MP_OK;
}

/* ---- fields */

static int read_fields(struct reader *r, uint32_t message, char closing, int depth);

/* A new last field of the message; *last is the one before, MP_PROTOTXT_NONE at first. */
static int add_field(struct reader *r, uint32_t message, const char *name, uint32_t *last)
{
    struct mp_prototxt *p = r->p;
    uint32_t id = (uint32_t)p->count;

    if (p->count >= MAX_FIELDS)
        return mp_fail_at(r->err, MP_E_UNSUPPORTED, p->path, r->line, "more than %zu fields",
                          MAX_FIELDS);
    mp_grow(&p->fields, p->count, &p->capacity, sizeof *p->fields);
    p->fields[p->count++] = (struct mp_prototxt_field){.kind = MP_PROTOTXT_MESSAGE,
                                                       .line = r->line,
                                                       .name = name,
                                                       .child = MP_PROTOTXT_NONE,
                                                       .next = MP_PROTOTXT_NONE};
    if (*last == MP_PROTOTXT_NONE)
        p->fields[message].child = id;
    else
        p->fields[*last].next = id;
    *last = id;
    return MP_OK;
}

static int read_value(struct reader *r, uint32_t field, int depth)
{
    const char *text = NULL;
    enum mp_prototxt_kind kind = MP_PROTOTXT_SCALAR;
    int rc;

    if (accept(r, '{'))
        return read_fields(r, field, '}', depth + 1);
    if (accept(r, '<'))
        return read_fields(r, field, '>', depth + 1);
    if (r->at < r->end && (*r->at == '"' || *r->at == '\'')) {
        kind = MP_PROTOTXT_STRING;
        rc = read_string(r, &text);
    } else {
        rc = read_scalar(r, &text);
    }
    r->p->fields[field].kind = kind;
    r->p->fields[field].text = text;
    return rc;
}

static int read_list(struct reader *r, uint32_t message, const char *name, uint32_t *last,
                     int depth)
{
    int rc = MP_OK;

    if (accept(r, ']'))
        return MP_OK;
    do {
        skip_blanks(r);
        rc = add_field(r, message, name, last);
        if (rc == MP_OK)
            rc = read_value(r, *last, depth);
    } while (rc == MP_OK && accept(r, ','));
    if (rc == MP_OK && !accept(r, ']'))
        rc = fail_here(r, "`,` or `]` in a list");
    return rc;
}

static int read_field(struct reader *r, uint32_t message, uint32_t *last, int depth)
{
    const char *start = r->at, *name;
    int rc;

    if (*start == '[')
        return mp_fail_at(r->err, MP_E_UNSUPPORTED, r->p->path, r->line,
                          "extensions are not supported");
    if (!isalpha((unsigned char)*start) && *start != '_')
        return fail_here(r, "the name of a field");
    while (r->at < r->end && is_word(*r->at))
        r->at++;
    name = mp_arena_strndup(&r->p->arena, start, (size_t)(r->at - start));
    bool has_colon = accept(r, ':');
    skip_blanks(r);
    if (has_colon && accept(r, '['))
        return read_list(r, message, name, last, depth);
    if (!has_colon && (r->at == r->end || (*r->at != '{' && *r->at != '<')))
        return fail_here(r, "`:` or `{` behind the name of a field");
    rc = add_field(r, message, name, last);
    return rc < 0 ? rc : read_value(r, *last, depth);
}

/* Fields up to the closing bracket; '\0': up to the end of the file. */
static int read_fields(struct reader *r, uint32_t message, char closing, int depth)
{
    uint32_t last = MP_PROTOTXT_NONE;

    if (depth > MAX_DEPTH)
        return mp_fail_at(r->err, MP_E_UNSUPPORTED, r->p->path, r->line,
                          "messages inside of messages, more than %d deep", MAX_DEPTH);
    for (;;) {
        skip_blanks(r);
        if (closing != '\0' && accept(r, closing))
            return MP_OK;
        if (r->at == r->end && closing == '\0')
            return MP_OK;
        if (r->at == r->end)
            return mp_fail_at(r->err, MP_E_INPUT, r->p->path, r->p->fields[message].line,
                              "`%s` is opened here and never closed; is the file cut off?",
                              r->p->fields[message].name);
        int rc = read_field(r, message, &last, depth);
        if (rc < 0)
            return rc;
        if (!accept(r, ','))
            accept(r, ';');
    }
}

int mp_prototxt_parse(struct mp_prototxt *p, const char *text, size_t size, const char *path,
                      struct mp_error *err)
{
    struct reader r = {.p = p, .at = text, .end = text + size, .line = 1, .err = err};
    uint32_t none = MP_PROTOTXT_NONE;
    int rc;

    *p = (struct mp_prototxt){0};
    p->path = mp_arena_strdup(&p->arena, path);
    mp_grow(&p->fields, 0, &p->capacity, sizeof *p->fields);
    p->fields[p->count++] = (struct mp_prototxt_field){
        .kind = MP_PROTOTXT_MESSAGE, .line = 1, .name = "", .child = none, .next = none};
    rc = read_fields(&r, MP_PROTOTXT_ROOT, '\0', 0);
    if (rc < 0)
        mp_prototxt_release(p);
    return rc;
}

int mp_prototxt_read(struct mp_prototxt *p, const char *path, struct mp_error *err)
{
    struct mp_text file = {0};
    int rc;

    *p = (struct mp_prototxt){0};
    rc = mp_file_read(&file, path, MAX_BYTES, err);
    if (rc == MP_OK)
        rc = mp_prototxt_parse(p, file.data != NULL ? file.data : "", file.size, path, err);
    mp_text_release(&file);
    return rc;
}

void mp_prototxt_release(struct mp_prototxt *p)
{
    if (p == NULL)
        return;
    free(p->fields);
    mp_arena_release(&p->arena);
    *p = (struct mp_prototxt){0};
}
