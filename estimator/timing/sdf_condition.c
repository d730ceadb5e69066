#include "estimator/timing/sdf_condition.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Deeper nesting than this is no condition of a cell. */
#define DEPTH_LIMIT 64

struct condition {
    const struct mp_library *library;
    uint32_t cell;
    const char *at, *end;
    int16_t *code;
    size_t length, capacity;
    int depth;
};

static void emit(struct condition *c, int op)
{
    mp_grow(&c->code, c->length, &c->capacity, sizeof *c->code);
    c->code[c->length++] = (int16_t)op;
}

static void skip(struct condition *c)
{
    while (c->at < c->end && isspace((unsigned char)*c->at))
        c->at++;
}

static bool take(struct condition *c, const char *what)
{
    size_t n = strlen(what);
    skip(c);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, what, n) != 0)
        return false;
    c->at += n;
    return true;
}

static int parse_or(struct condition *c, struct mp_error *err);

static int parse_constant(struct condition *c, struct mp_error *err)
{
    static const char *const zeros[] = {"1'b0", "1'B0", "'b0", "0"};
    static const char *const ones[] = {"1'b1", "1'B1", "'b1", "1"};
    for (size_t k = 0; k < 4; k++) {
        if (take(c, ones[k])) {
            emit(c, MP_EXPR_ONE);
            return MP_OK;
        }
        if (take(c, zeros[k])) {
            emit(c, MP_EXPR_ZERO);
            return MP_OK;
        }
    }
    return mp_fail(err, MP_E_INPUT, "unreadable condition near \"%.*s\"",
                   (int)(c->end - c->at < 30 ? c->end - c->at : 30), c->at);
}

static int parse_name(struct condition *c, struct mp_error *err)
{
    char name[256];
    size_t n = 0;
    for (; c->at < c->end && n < sizeof name - 1; c->at++) {
        if (*c->at == '\\' && c->end - c->at > 1)
            name[n++] = *++c->at;
        else if (isalnum((unsigned char)*c->at) || strchr("_[]$.", *c->at))
            name[n++] = *c->at;
        else
            break;
    }
    name[n] = '\0';
    uint32_t pin = mp_library_pin(c->library, c->cell, name);
    if (pin == MP_NONE)
        return mp_fail(err, MP_E_INPUT, "the condition names %s, which is no pin of %s", name,
                       c->library->cells[c->cell].name);
    emit(c, (int)pin);
    return MP_OK;
}

static int parse_unary(struct condition *c, struct mp_error *err)
{
    bool invert = false;
    int code;
    while (take(c, "!") || take(c, "~"))
        invert = !invert;
    if (take(c, "(")) {
        if (++c->depth > DEPTH_LIMIT)
            return mp_fail(err, MP_E_INPUT, "the condition is nested too deeply");
        code = parse_or(c, err);
        c->depth--;
        if (code == MP_OK && !take(c, ")"))
            code = mp_fail(err, MP_E_INPUT, "a parenthesis of the condition is not closed");
    } else {
        skip(c);
        bool name = c->at < c->end && (isalpha((unsigned char)*c->at) || strchr("_\\", *c->at));
        code = name ? parse_name(c, err) : parse_constant(c, err);
    }
    if (code == MP_OK && invert)
        emit(c, MP_EXPR_NOT);
    return code;
}

static int parse_equal(struct condition *c, struct mp_error *err)
{
    int code = parse_unary(c, err);
    while (code == MP_OK) {
        bool equal = take(c, "===") || take(c, "==");
        if (!equal && !take(c, "!==") && !take(c, "!="))
            break;
        code = parse_unary(c, err);
        emit(c, MP_EXPR_XOR);
        if (equal)
            emit(c, MP_EXPR_NOT);
    }
    return code;
}

static int parse_and(struct condition *c, struct mp_error *err)
{
    int code = parse_equal(c, err);
    while (code == MP_OK && (take(c, "&&") || take(c, "&"))) {
        code = parse_equal(c, err);
        emit(c, MP_EXPR_AND);
    }
    return code;
}

static int parse_xor(struct condition *c, struct mp_error *err)
{
    int code = parse_and(c, err);
    while (code == MP_OK && take(c, "^")) {
        code = parse_and(c, err);
        emit(c, MP_EXPR_XOR);
    }
    return code;
}

static int parse_or(struct condition *c, struct mp_error *err)
{
    int code = parse_xor(c, err);
    while (code == MP_OK && (take(c, "||") || take(c, "|"))) {
        code = parse_xor(c, err);
        emit(c, MP_EXPR_OR);
    }
    return code;
}

int mp_sdf_condition_parse(struct mp_expr *out, struct mp_arena *arena,
                           const struct mp_library *library, uint32_t cell, const char *text,
                           size_t size, struct mp_error *err)
{
    struct condition c = {.library = library, .cell = cell, .at = text, .end = text + size};
    int code = parse_or(&c, err);
    skip(&c);
    if (code == MP_OK && c.at < c.end)
        code = mp_fail(err, MP_E_INPUT, "unreadable condition near \"%.*s\"",
                       (int)(c.end - c.at < 30 ? c.end - c.at : 30), c.at);
    if (code == MP_OK) {
        int16_t *copy = mp_arena_alloc(arena, c.length * sizeof *copy);
        memcpy(copy, c.code, c.length * sizeof *copy);
        *out = (struct mp_expr){copy, (uint32_t)c.length};
    }
    free(c.code);
    return code;
}
