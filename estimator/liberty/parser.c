#include "estimator/liberty/ast.h"

#include "estimator/util/memory.h"
#include "estimator/util/number.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    struct mp_ast *ast;
    struct mp_lexer lexer;
    struct mp_token token; /* one ahead */
    uint32_t open[MP_AST_DEPTH_LIMIT + 1];
    uint32_t depth; /* open[0] is the root */
};

static int advance(struct parser *p, struct mp_error *err)
{
    return mp_lexer_next(&p->lexer, &p->token, err);
}

static const char *token_text(const struct mp_token *t, char *out, size_t size)
{
    if (t->kind == MP_TOKEN_END)
        return "the end of the file";
    size_t n = t->text.size < size - 3 ? t->text.size : size - 3;
    out[0] = '\'';
    memcpy(out + 1, t->text.p, n);
    out[n + 1] = '\'';
    out[n + 2] = '\0';
    for (size_t i = 0; i <= n; i++)
        if ((unsigned char)out[i] < 0x20)
            out[i] = ' ';
    return out;
}

static int expected(const struct parser *p, const char *what, struct mp_error *err)
{
    char text[40];
    return mp_fail_at(err, MP_E_INPUT, p->lexer.file, p->token.line, "expected %s, found %s", what,
                      token_text(&p->token, text, sizeof text));
}

static uint32_t add_node(struct parser *p, const struct mp_token *name)
{
    struct mp_ast *ast = p->ast;
    mp_grow(&ast->nodes, ast->node_count, &ast->node_capacity, sizeof *ast->nodes);
    uint32_t id = (uint32_t)ast->node_count++;
    ast->nodes[id] = (struct mp_ast_node){.name = name->text,
                                          .kind = MP_AST_COMPLEX,
                                          .line = name->line,
                                          .first_value = (uint32_t)ast->value_count,
                                          .first_child = MP_AST_NONE,
                                          .last_child = MP_AST_NONE,
                                          .next = MP_AST_NONE};
    struct mp_ast_node *parent = &ast->nodes[p->open[p->depth]];
    if (id == 0)
        return id;
    if (parent->last_child == MP_AST_NONE)
        parent->first_child = id;
    else
        ast->nodes[parent->last_child].next = id;
    parent->last_child = id;
    return id;
}

static void add_value(struct parser *p, uint32_t node, const struct mp_token *t)
{
    struct mp_ast *ast = p->ast;
    mp_grow(&ast->values, ast->value_count, &ast->value_capacity, sizeof *ast->values);
    ast->values[ast->value_count++] =
        (struct mp_ast_value){t->text, t->line, t->kind == MP_TOKEN_STRING};
    ast->nodes[node].value_count++;
}

static int parse_arguments(struct parser *p, uint32_t node, struct mp_error *err)
{
    int rc = advance(p, err);
    while (rc == MP_OK && p->token.kind != MP_TOKEN_CLOSE) {
        if (p->token.kind == MP_TOKEN_WORD || p->token.kind == MP_TOKEN_STRING)
            add_value(p, node, &p->token);
        else if (p->token.kind != MP_TOKEN_COMMA && p->token.kind != MP_TOKEN_COLON)
            return expected(p, "an argument or ')'", err);
        rc = advance(p, err);
    }
    return rc == MP_OK ? advance(p, err) : rc;
}

static int parse_statement(struct parser *p, struct mp_error *err)
{
    if (p->token.kind != MP_TOKEN_WORD && p->token.kind != MP_TOKEN_STRING)
        return expected(p, "the name of a group or attribute", err);
    uint32_t node = add_node(p, &p->token);
    int rc = advance(p, err);
    if (rc < 0)
        return rc;
    if (p->token.kind == MP_TOKEN_COLON) {
        struct mp_token value;
        p->ast->nodes[node].kind = MP_AST_SIMPLE;
        rc = mp_lexer_value(&p->lexer, &value, err);
        if (rc < 0)
            return rc;
        add_value(p, node, &value);
        return advance(p, err);
    }
    if (p->token.kind != MP_TOKEN_OPEN)
        return expected(p, "':' or '('", err);
    rc = parse_arguments(p, node, err);
    if (rc < 0 || p->token.kind != MP_TOKEN_BEGIN)
        return rc;
    p->ast->nodes[node].kind = MP_AST_GROUP;
    if (p->depth == MP_AST_DEPTH_LIMIT)
        return mp_fail_at(err, MP_E_INPUT, p->lexer.file, p->token.line,
                          "groups are nested deeper than %d", MP_AST_DEPTH_LIMIT);
    p->open[++p->depth] = node;
    return advance(p, err);
}

static int unclosed(const struct parser *p, struct mp_error *err)
{
    const struct mp_ast_node *g = &p->ast->nodes[p->open[p->depth]];
    return mp_fail_at(err, MP_E_INPUT, p->lexer.file, p->token.line,
                      "the file ends inside the group '%.*s' of line %d; is it complete?",
                      (int)(g->name.size < 60 ? g->name.size : 60), g->name.p, g->line);
}

int mp_ast_parse(struct mp_ast *ast, const char *text, size_t size, const char *file,
                 struct mp_error *err)
{
    memset(ast, 0, sizeof *ast);
    ast->file = file;
    if (size > MP_LIBERTY_SIZE_LIMIT)
        return mp_fail_at(err, MP_E_MEMORY, file, 0, "the file is larger than %zu MiB",
                          MP_LIBERTY_SIZE_LIMIT >> 20);
    struct parser p = {.ast = ast, .lexer = {text, text + size, file, 1}};
    struct mp_token root = {.kind = MP_TOKEN_WORD, .text = {text, 0}, .line = 1};
    ast->nodes = mp_alloc(1024, sizeof *ast->nodes);
    ast->node_capacity = 1024;
    add_node(&p, &root);
    int rc = advance(&p, err);
    while (rc == MP_OK && p.token.kind != MP_TOKEN_END) {
        if (p.token.kind == MP_TOKEN_SEMICOLON) {
            rc = advance(&p, err);
        } else if (p.token.kind == MP_TOKEN_FINISH) {
            if (p.depth == 0)
                return mp_fail_at(err, MP_E_INPUT, file, p.token.line,
                                  "this '}' closes no group: one too many before it?");
            p.depth--;
            rc = advance(&p, err);
        } else {
            rc = parse_statement(&p, err);
        }
    }
    if (rc == MP_OK && p.depth > 0)
        return unclosed(&p, err);
    return rc;
}

void mp_ast_release(struct mp_ast *ast)
{
    free(ast->nodes);
    free(ast->values);
    memset(ast, 0, sizeof *ast);
}

bool mp_slice_is(struct mp_slice s, const char *word)
{
    return strlen(word) == s.size && memcmp(s.p, word, s.size) == 0;
}

uint32_t mp_ast_child(const struct mp_ast *ast, uint32_t node, const char *name)
{
    uint32_t c = ast->nodes[node].first_child;
    while (c != MP_AST_NONE && !mp_slice_is(ast->nodes[c].name, name))
        c = ast->nodes[c].next;
    return c;
}

const struct mp_ast_value *mp_ast_value(const struct mp_ast *ast, uint32_t node, uint32_t k)
{
    if (node == MP_AST_NONE || k >= ast->nodes[node].value_count)
        return NULL;
    return &ast->values[ast->nodes[node].first_value + k];
}

const struct mp_ast_value *mp_ast_attribute(const struct mp_ast *ast, uint32_t node,
                                            const char *name)
{
    for (uint32_t c = ast->nodes[node].first_child; c != MP_AST_NONE; c = ast->nodes[c].next)
        if (ast->nodes[c].kind == MP_AST_SIMPLE && mp_slice_is(ast->nodes[c].name, name))
            return mp_ast_value(ast, c, 0);
    return NULL;
}

bool mp_ast_flag(const struct mp_ast *ast, uint32_t node, const char *name)
{
    const struct mp_ast_value *v = mp_ast_attribute(ast, node, name);
    return v && (mp_slice_is(v->text, "true") || mp_slice_is(v->text, "TRUE"));
}

static bool scan_slowly(const char **p, const char *end, double *out)
{
    char copy[64];
    size_t n = (size_t)(end - *p) < sizeof copy - 1 ? (size_t)(end - *p) : sizeof copy - 1;
    memcpy(copy, *p, n);
    copy[n] = '\0';
    const char *stop = copy;
    double x = mp_parse_double_prefix(copy, &stop);
    if (stop == copy || !isfinite(x) || stop == copy + sizeof copy - 1)
        return false;
    *p += stop - copy;
    *out = x;
    return true;
}

/* Clinger's fast path: an integer below 2^53 times or by a power of ten up to 22 rounds once. */
bool mp_slice_scan_number(const char **p, const char *end, double *out)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *q = *p;
    bool negative = q < end && *q == '-';
    if (q < end && (*q == '-' || *q == '+'))
        q++;
    uint64_t mantissa = 0;
    int digits = 0, exponent = 0;
    const char *first = q;
    for (; q < end && *q >= '0' && *q <= '9' && digits < 19; q++, digits += mantissa != 0)
        mantissa = mantissa * 10 + (uint64_t)(*q - '0');
    bool any = q > first;
    if (q < end && *q == '.') {
        for (q++; q < end && *q >= '0' && *q <= '9' && digits < 19; q++, exponent--, any = true) {
            mantissa = mantissa * 10 + (uint64_t)(*q - '0');
            digits += mantissa != 0;
        }
    }
    if (!any)
        return false;
    if (q < end && *q >= '0' && *q <= '9')
        return scan_slowly(p, end, out);
    if (q + 1 < end && (*q == 'e' || *q == 'E')) {
        const char *e = q + 1;
        bool down = *e == '-';
        int value = 0;
        if (*e == '-' || *e == '+')
            e++;
        if (e == end || *e < '0' || *e > '9')
            return scan_slowly(p, end, out);
        for (; e < end && *e >= '0' && *e <= '9'; e++)
            value = value < 1000 ? value * 10 + (*e - '0') : value;
        exponent += down ? -value : value;
        q = e;
    }
    if (mantissa >= (UINT64_C(1) << 53) || exponent < -22 || exponent > 22)
        return mantissa == 0 ? (*p = q, *out = 0, true) : scan_slowly(p, end, out);
    double x = (double)mantissa;
    x = exponent < 0 ? x / power[-exponent] : x * power[exponent];
    *out = negative ? -x : x;
    *p = q;
    return true;
}

int mp_ast_number(const struct mp_ast *ast, const struct mp_ast_value *v, double *out,
                  struct mp_error *err)
{
    const char *p = v->text.p, *end = p + v->text.size;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    bool ok = mp_slice_scan_number(&p, end, out);
    while (ok && p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    if (!ok || p != end)
        return mp_fail_at(err, MP_E_INPUT, ast->file, v->line, "'%.*s' is not a number",
                          (int)(v->text.size < 40 ? v->text.size : 40), v->text.p);
    return MP_OK;
}
