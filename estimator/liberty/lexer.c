#include "estimator/liberty/ast.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* A backslash that only blanks separate from the end of its line continues the line. */
static const char *skip_continuation(const char *p, const char *end)
{
    const char *q = p + 1;
    while (q < end && is_blank(*q))
        q++;
    return q < end && *q == '\n' ? q : NULL;
}

static int skip_comment(struct mp_lexer *lexer, struct mp_error *err)
{
    int start = lexer->line;
    for (lexer->p += 2; lexer->p + 1 < lexer->end; lexer->p++) {
        if (*lexer->p == '\n')
            lexer->line++;
        if (lexer->p[0] == '*' && lexer->p[1] == '/') {
            lexer->p += 2;
            return MP_OK;
        }
    }
    return mp_fail_at(err, MP_E_INPUT, lexer->file, start,
                      "this comment has no end; is the file complete?");
}

static bool at_comment(const struct mp_lexer *lexer, char second)
{
    return lexer->p + 1 < lexer->end && lexer->p[0] == '/' && lexer->p[1] == second;
}

static int skip_space(struct mp_lexer *lexer, struct mp_error *err)
{
    while (lexer->p < lexer->end) {
        const char *continued;
        if (*lexer->p == '\n') {
            lexer->line++;
            lexer->p++;
        } else if (is_blank(*lexer->p)) {
            lexer->p++;
        } else if (at_comment(lexer, '*')) {
            int rc = skip_comment(lexer, err);
            if (rc < 0)
                return rc;
        } else if (at_comment(lexer, '/')) {
            const char *eol = memchr(lexer->p, '\n', (size_t)(lexer->end - lexer->p));
            lexer->p = eol ? eol : lexer->end;
        } else if (*lexer->p == '\\' && (continued = skip_continuation(lexer->p, lexer->end))) {
            lexer->p = continued;
        } else {
            break;
        }
    }
    return MP_OK;
}

static int lex_string(struct mp_lexer *lexer, struct mp_token *token, struct mp_error *err)
{
    const char *start = ++lexer->p;
    token->kind = MP_TOKEN_STRING;
    token->line = lexer->line;
    while (lexer->p < lexer->end && *lexer->p != '"') {
        if (*lexer->p == '\\' && lexer->p + 1 < lexer->end && lexer->p[1] == '"')
            lexer->p++;
        else if (*lexer->p == '\n')
            lexer->line++;
        else if (*lexer->p == '\0')
            break;
        lexer->p++;
    }
    if (lexer->p >= lexer->end || *lexer->p != '"')
        return mp_fail_at(err, MP_E_INPUT, lexer->file, token->line,
                          "this string has no closing quote; is the file complete?");
    token->text = (struct mp_slice){start, (uint32_t)(lexer->p - start)};
    lexer->p++;
    return MP_OK;
}

static int reject_character(const struct mp_lexer *lexer, struct mp_error *err)
{
    return mp_fail_at(err, MP_E_INPUT, lexer->file, lexer->line,
                      "unexpected character 0x%02x; is this a Liberty text file?",
                      (unsigned)(unsigned char)*lexer->p);
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static int lex_word(struct mp_lexer *lexer, struct mp_token *token, struct mp_error *err)
{
    const char *start = lexer->p;
    token->kind = MP_TOKEN_WORD;
    while (lexer->p < lexer->end && *lexer->p != ' ' && !strchr("(){}:;,\"\t\r\n\f\v", *lexer->p) &&
           !is_control(*lexer->p) && !at_comment(lexer, '*'))
        lexer->p++;
    if (lexer->p == start)
        return reject_character(lexer, err);
    token->text = (struct mp_slice){start, (uint32_t)(lexer->p - start)};
    return MP_OK;
}

int mp_lexer_next(struct mp_lexer *lexer, struct mp_token *token, struct mp_error *err)
{
    int rc = skip_space(lexer, err);
    if (rc < 0)
        return rc;
    token->line = lexer->line;
    token->text = (struct mp_slice){lexer->p, 0};
    if (lexer->p >= lexer->end) {
        token->kind = MP_TOKEN_END;
        return MP_OK;
    }
    switch (*lexer->p) {
    case '(':
    case ')':
    case '{':
    case '}':
    case ':':
    case ';':
    case ',':
        token->kind = (enum mp_token_kind) * lexer->p;
        token->text.size = 1;
        lexer->p++;
        return MP_OK;
    case '"':
        return lex_string(lexer, token, err);
    default:
        return lex_word(lexer, token, err);
    }
}

int mp_lexer_value(struct mp_lexer *lexer, struct mp_token *token, struct mp_error *err)
{
    while (lexer->p < lexer->end && is_blank(*lexer->p))
        lexer->p++;
    if (lexer->p < lexer->end && *lexer->p == '\\') {
        int rc = skip_space(lexer, err);
        if (rc < 0)
            return rc;
    }
    if (lexer->p < lexer->end && *lexer->p == '"')
        return lex_string(lexer, token, err);
    const char *start = lexer->p;
    token->kind = MP_TOKEN_WORD;
    token->line = lexer->line;
    while (lexer->p < lexer->end && *lexer->p != ';' && *lexer->p != '\n' && *lexer->p != '}' &&
           *lexer->p != '{' && !at_comment(lexer, '*')) {
        if ((is_control(*lexer->p) && !is_blank(*lexer->p)) || *lexer->p == '"')
            return reject_character(lexer, err);
        const char *continued = *lexer->p == '\\' ? skip_continuation(lexer->p, lexer->end) : NULL;
        if (continued) {
            lexer->p = continued;
            lexer->line++;
        }
        lexer->p++;
    }
    const char *stop = lexer->p;
    while (stop > start && is_blank(stop[-1]))
        stop--;
    token->text = (struct mp_slice){start, (uint32_t)(stop - start)};
    if (stop == start)
        return mp_fail_at(err, MP_E_INPUT, lexer->file, token->line, "expected a value after ':'");
    return MP_OK;
}
