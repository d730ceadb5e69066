#include "estimator/netlist/verilog.h"
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(char c)
{
    return is_name_start(c) || is_digit(c) || c == '$';
}

static bool starts(const struct mp_verilog_lexer *x, const char *s)
{
    size_t n = strlen(s);
    return (size_t)(x->end - x->at) >= n && memcmp(x->at, s, n) == 0;
}

static void advance(struct mp_verilog_lexer *x)
{
    if (*x->at == '\n')
        x->line++;
    x->at++;
}

static void skip_line(struct mp_verilog_lexer *x)
{
    while (x->at < x->end && *x->at != '\n')
        x->at++;
}

/* From an opening pair to the closing one. */
static int skip_pair(struct mp_verilog_lexer *x, const char *close, const char *what,
                     struct mp_error *err)
{
    int line = x->line;
    x->at += 2;
    while (x->at < x->end && !starts(x, close))
        advance(x);
    if (x->at == x->end)
        return mp_fail_at(err, MP_E_INPUT, x->file, line, "%s without its end '%s'", what, close);
    x->at += 2;
    return MP_OK;
}

static int skip_directive(struct mp_verilog_lexer *x, struct mp_error *err)
{
    static const char *const harmless[] = {"`timescale",     "`default_nettype", "`celldefine",
                                           "`endcelldefine", "`resetall",        "`line"};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (starts(x, harmless[i])) {
            skip_line(x);
            return MP_OK;
        }
    return mp_fail_at(err, MP_E_UNSUPPORTED, x->file, x->line,
                      "compiler directive in a netlist; run a preprocessor or Yosys over it first");
}

static int skip_blank(struct mp_verilog_lexer *x, struct mp_error *err)
{
    for (int rc = MP_OK; x->at < x->end;) {
        if (is_space(*x->at))
            advance(x);
        else if (starts(x, "//"))
            skip_line(x);
        else if (starts(x, "/*"))
            rc = skip_pair(x, "*/", "comment", err);
        else if (starts(x, "(*") && !starts(x, "(*)"))
            rc = skip_pair(x, "*)", "attribute", err);
        else if (*x->at == '`')
            rc = skip_directive(x, err);
        else
            break;
        if (rc < 0)
            return rc;
    }
    return MP_OK;
}

/* 8'hff, 8 'hff, 'b1, 12: the size is part of the token. */
static void take_number(struct mp_verilog_lexer *x)
{
    while (x->at < x->end && (is_digit(*x->at) || *x->at == '_'))
        x->at++;
    const char *quote = x->at;
    while (quote < x->end && (*quote == ' ' || *quote == '\t'))
        quote++;
    if (quote == x->end || *quote != '\'')
        return;
    x->at = quote + 1;
    while (x->at < x->end && (is_name(*x->at) || *x->at == '?'))
        x->at++;
}

static int take_string(struct mp_verilog_lexer *x, struct mp_verilog_token *t, struct mp_error *err)
{
    x->at++;
    t->kind = MP_VERILOG_TOKEN_STRING;
    t->text = x->at;
    while (x->at < x->end && *x->at != '"' && *x->at != '\n')
        x->at += *x->at == '\\' && x->end - x->at > 1 && x->at[1] != '\n' ? 2 : 1;
    if (x->at == x->end || *x->at != '"')
        return mp_fail_at(err, MP_E_INPUT, x->file, t->line, "string without its closing quote");
    t->length = (size_t)(x->at - t->text);
    x->at++;
    return MP_OK;
}

int mp_verilog_next(struct mp_verilog_lexer *x, struct mp_verilog_token *t, struct mp_error *err)
{
    int rc = skip_blank(x, err);
    if (rc < 0)
        return rc;
    *t = (struct mp_verilog_token){.kind = MP_VERILOG_TOKEN_END, .text = x->at, .line = x->line};
    if (x->at == x->end)
        return MP_OK;
    char c = *x->at;
    if (c == '"')
        return take_string(x, t, err);
    if (c == '\\') {
        t->kind = MP_VERILOG_TOKEN_NAME;
        t->escaped = true;
        t->text = ++x->at;
        while (x->at < x->end && !is_space(*x->at) && *x->at != '\0')
            x->at++;
        if (x->at == t->text)
            return mp_fail_at(err, MP_E_INPUT, x->file, x->line, "empty escaped name");
    } else if (is_name_start(c)) {
        t->kind = MP_VERILOG_TOKEN_NAME;
        while (x->at < x->end && is_name(*x->at))
            x->at++;
    } else if (is_digit(c) || c == '\'') {
        t->kind = MP_VERILOG_TOKEN_NUMBER;
        take_number(x);
    } else if (strchr("()[]{},;:.=#?~&|^!+-*/<>%@$", c) && c != '\0') {
        t->kind = MP_VERILOG_TOKEN_PUNCT;
        x->at++;
    } else {
        return mp_fail_at(err, MP_E_INPUT, x->file, x->line,
                          "character 0x%02x has no place in Verilog; is this a netlist?",
                          (unsigned)(unsigned char)c);
    }
    t->length = (size_t)(x->at - t->text);
    return MP_OK;
}
