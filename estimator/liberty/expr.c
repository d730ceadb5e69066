#include "estimator/liberty/reader.h"

#include <assert.h>
#include <string.h>

/* Operators nest at most this deep, which bounds the evaluation stack as well. */
#define NESTING_LIMIT 20
#define STACK_LIMIT   64
#define CODE_LIMIT    4096

struct expr_parser {
    const char *p, *end;
    mp_expr_find *find;
    const void *context;
    const char *file;
    int line;
    int16_t code[CODE_LIMIT];
    uint32_t length;
    int nesting;
    uint32_t stack, stack_max;
    uint64_t support;
    struct mp_error *err;
};

static int parse_or(struct expr_parser *x);

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '[' || c == ']' || c == '.' || c == '$' || c == '<' || c == '>';
}

/* Escapes and quotes only protect names that start with a digit. */
static char peek(struct expr_parser *x)
{
    while (x->p < x->end && (*x->p == ' ' || *x->p == '\t' || *x->p == '\n' || *x->p == '\r' ||
                             *x->p == '\\' || *x->p == '"'))
        x->p++;
    return x->p < x->end ? *x->p : '\0';
}

static int emit(struct expr_parser *x, int op)
{
    if (x->length == CODE_LIMIT)
        return mp_fail_at(x->err, MP_E_UNSUPPORTED, x->file, x->line,
                          "this expression has more than %d operations", CODE_LIMIT);
    x->code[x->length++] = (int16_t)op;
    if (op >= 0 || op == MP_EXPR_ZERO || op == MP_EXPR_ONE)
        x->stack++;
    else if (op != MP_EXPR_NOT)
        x->stack--;
    if (x->stack > x->stack_max)
        x->stack_max = x->stack;
    return MP_OK;
}

static int syntax_error(struct expr_parser *x, const char *what)
{
    char found[2] = {peek(x), '\0'};
    return mp_fail_at(x->err, MP_E_INPUT, x->file, x->line, "in this expression: expected %s, %s%s",
                      what, found[0] ? "found " : "but it ends here", found);
}

static int parse_name(struct expr_parser *x)
{
    struct mp_slice name = {x->p, 0};
    while (x->p < x->end && is_name(*x->p))
        x->p++;
    name.size = (uint32_t)(x->p - name.p);
    uint32_t pin = x->find(x->context, name);
    if (pin != MP_NONE) {
        x->support |= UINT64_C(1) << pin;
        return emit(x, (int)pin);
    }
    if (name.size == 1 && (name.p[0] == '0' || name.p[0] == '1'))
        return emit(x, name.p[0] == '0' ? MP_EXPR_ZERO : MP_EXPR_ONE);
    return mp_fail_at(x->err, MP_E_INPUT, x->file, x->line,
                      "this expression names '%.*s', which is no pin of its cell",
                      (int)(name.size < 60 ? name.size : 60), name.p);
}

static int parse_primary(struct expr_parser *x)
{
    uint32_t inversions = 0;
    for (; peek(x) == '!'; x->p++)
        inversions++;
    int rc;
    char c = peek(x);
    if (c == '(') {
        if (++x->nesting > NESTING_LIMIT)
            return mp_fail_at(x->err, MP_E_UNSUPPORTED, x->file, x->line,
                              "parentheses are nested deeper than %d", NESTING_LIMIT);
        x->p++;
        rc = parse_or(x);
        if (rc == MP_OK && peek(x) != ')')
            rc = syntax_error(x, "')'");
        x->p++;
        x->nesting--;
    } else if (is_name(c)) {
        rc = parse_name(x);
    } else {
        rc = syntax_error(x, "a pin, a constant or '('");
    }
    if (rc < 0)
        return rc;
    for (; peek(x) == '\''; x->p++)
        inversions++;
    return inversions % 2 ? emit(x, MP_EXPR_NOT) : MP_OK;
}

static int parse_xor(struct expr_parser *x)
{
    int rc = parse_primary(x);
    while (rc == MP_OK && peek(x) == '^') {
        x->p++;
        rc = parse_primary(x);
        if (rc == MP_OK)
            rc = emit(x, MP_EXPR_XOR);
    }
    return rc;
}

static int parse_and(struct expr_parser *x)
{
    int rc = parse_xor(x);
    while (rc == MP_OK) {
        char c = peek(x);
        if (c == '*' || c == '&')
            x->p++;
        else if (!is_name(c) && c != '(' && c != '!')
            break;
        rc = parse_xor(x);
        if (rc == MP_OK)
            rc = emit(x, MP_EXPR_AND);
    }
    return rc;
}

static int parse_or(struct expr_parser *x)
{
    int rc = parse_and(x);
    while (rc == MP_OK && (peek(x) == '+' || peek(x) == '|')) {
        x->p++;
        rc = parse_and(x);
        if (rc == MP_OK)
            rc = emit(x, MP_EXPR_OR);
    }
    return rc;
}

int mp_expr_parse(struct mp_expr *out, struct mp_slice text, mp_expr_find *find,
                  const void *context, struct mp_arena *arena, const char *file, int line,
                  struct mp_error *err)
{
    struct expr_parser x = {.p = text.p,
                            .end = text.p + text.size,
                            .find = find,
                            .context = context,
                            .file = file,
                            .line = line,
                            .err = err};
    *out = (struct mp_expr){NULL, 0};
    int rc = parse_or(&x);
    if (rc == MP_OK && peek(&x) != '\0')
        rc = syntax_error(&x, "an operator");
    if (rc == MP_OK && x.p < x.end)
        rc = syntax_error(&x, "an operator");
    if (rc < 0)
        return rc;
    if (__builtin_popcountll(x.support) > MP_EXPR_SUPPORT_LIMIT || x.stack_max > STACK_LIMIT)
        return mp_fail_at(err, MP_E_UNSUPPORTED, file, line,
                          "this expression reads more than %d pins", MP_EXPR_SUPPORT_LIMIT);
    int16_t *code = mp_arena_alloc(arena, x.length * sizeof *code);
    memcpy(code, x.code, x.length * sizeof *code);
    *out = (struct mp_expr){code, x.length};
    return MP_OK;
}

/* 64 evaluations at once: word[k] holds the values of operand k. */
static uint64_t eval_words(const struct mp_expr *e, const uint64_t *word)
{
    uint64_t stack[STACK_LIMIT];
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->length; i++) {
        int op = e->code[i];
        if (op >= 0)
            stack[n++] = word[op];
        else if (op == MP_EXPR_ZERO || op == MP_EXPR_ONE)
            stack[n++] = op == MP_EXPR_ONE ? ~UINT64_C(0) : 0;
        else if (op == MP_EXPR_NOT) {
            assert(n >= 1);
            stack[n - 1] = ~stack[n - 1];
        } else {
            assert(n >= 2);
            uint64_t right = stack[--n];
            stack[n - 1] = op == MP_EXPR_AND  ? stack[n - 1] & right
                           : op == MP_EXPR_OR ? stack[n - 1] | right
                                              : stack[n - 1] ^ right;
        }
    }
    return n ? stack[0] : 0;
}

bool mp_expr_eval(const struct mp_expr *e, uint64_t pins)
{
    uint64_t word[64];
    uint64_t support = mp_expr_support(e);
    for (; support; support &= support - 1) {
        int k = __builtin_ctzll(support);
        word[k] = pins >> k & 1 ? ~UINT64_C(0) : 0;
    }
    return eval_words(e, word) & 1;
}

uint64_t mp_expr_support(const struct mp_expr *e)
{
    uint64_t support = 0;
    for (uint32_t i = 0; i < e->length; i++)
        if (e->code[i] >= 0)
            support |= UINT64_C(1) << e->code[i];
    return support;
}

/* P over 64 minterms of up to 6 variables: fold the truth table one variable at a time. */
static double fold(uint64_t table, const double *p, uint32_t variables)
{
    double value[64];
    uint32_t n = UINT32_C(1) << variables;
    for (uint32_t i = 0; i < n; i++)
        value[i] = (double)(table >> i & 1);
    for (uint32_t v = 0; v < variables; v++) {
        n /= 2;
        for (uint32_t i = 0; i < n; i++)
            value[i] = value[2 * i] * (1 - p[v]) + value[2 * i + 1] * p[v];
    }
    return value[0];
}

/* Sum over the truth table in blocks of 64 minterms: the first six variables vary within a block.
 * toggled < 64: P of the Boolean difference with respect to it. */
static double probability(const struct mp_expr *e, const double *duty, uint32_t toggled)
{
    static const uint64_t pattern[6] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0,
                                        0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffffffff00000000};
    uint64_t word[64] = {0};
    uint64_t support = mp_expr_support(e);
    if (toggled < 64) {
        if (!(support >> toggled & 1))
            return 0;
        support &= ~(UINT64_C(1) << toggled);
    }
    uint32_t pins[64], count = 0;
    double p[64];
    for (; support; support &= support - 1) {
        pins[count] = (uint32_t)__builtin_ctzll(support);
        p[count] = duty[pins[count]];
        count++;
    }
    uint32_t low = count < 6 ? count : 6;
    for (uint32_t v = 0; v < low; v++)
        word[pins[v]] = pattern[v];
    double sum = 0;
    for (uint64_t block = 0; block < UINT64_C(1) << (count - low); block++) {
        double weight = 1;
        for (uint32_t v = low; v < count; v++) {
            bool one = block >> (v - low) & 1;
            word[pins[v]] = one ? ~UINT64_C(0) : 0;
            weight *= one ? p[v] : 1 - p[v];
        }
        uint64_t table = eval_words(e, word);
        if (toggled < 64) {
            word[toggled] = ~UINT64_C(0);
            table ^= eval_words(e, word);
            word[toggled] = 0;
        }
        sum += weight * fold(table, p, low);
    }
    return sum;
}

double mp_expr_probability(const struct mp_expr *e, const double *duty)
{
    return probability(e, duty, 64);
}

double mp_expr_difference_probability(const struct mp_expr *e, uint32_t pin, const double *duty)
{
    return pin < 64 ? probability(e, duty, pin) : 0;
}

enum mp_unate mp_expr_sense(const struct mp_expr *e, uint32_t pin)
{
    uint64_t others = mp_expr_support(e) & ~(UINT64_C(1) << pin);
    bool rises = false, falls = false;
    uint64_t state = 0;
    do {
        bool zero = mp_expr_eval(e, state), one = mp_expr_eval(e, state | UINT64_C(1) << pin);
        rises |= one && !zero;
        falls |= zero && !one;
        state = (state - others) & others; /* the next subset of others */
    } while (state && !(rises && falls));
    return rises == falls ? MP_UNATE_NONE : rises ? MP_UNATE_POSITIVE : MP_UNATE_NEGATIVE;
}
