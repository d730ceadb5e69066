#include "estimator/netlist/parser.h"
#include "estimator/util/number.h"
#include <string.h>

#define MAX_NESTING 32

static int add_bit(struct mp_verilog_parser *p, uint32_t bit)
{
    struct mp_verilog *v = p->v;
    if (v->pool_count >= MP_VERILOG_MAX_BITS)
        return mp_fail_at(p->err, MP_E_MEMORY, v->file, p->token.line,
                          "more than %u bits in connections: not a netlist of this size",
                          MP_VERILOG_MAX_BITS);
    mp_grow(&v->pool, v->pool_count, &v->pool_capacity, sizeof *v->pool);
    v->pool[v->pool_count++] = bit;
    return MP_OK;
}

static void reverse(uint32_t *bits, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        uint32_t b = bits[i];
        bits[i] = bits[count - 1 - i];
        bits[count - 1 - i] = b;
    }
}

/* Differences of two must be int32_t as well. */
#define MAX_INDEX (INT32_MAX / 2)

static int plain_number(struct mp_verilog_parser *p, const char *what, int32_t *out)
{
    bool is_negative = mp_verilog_at(p, '-');
    int rc = is_negative ? mp_verilog_advance(p) : MP_OK;
    uint64_t x = 0;
    if (rc < 0)
        return rc;
    if (p->token.kind != MP_VERILOG_TOKEN_NUMBER || !mp_parse_u64(mp_verilog_name(p), &x) ||
        x > MAX_INDEX)
        return mp_verilog_unexpected(p, what);
    *out = is_negative ? -(int32_t)x : (int32_t)x;
    return mp_verilog_advance(p);
}

int mp_verilog_parse_range(struct mp_verilog_parser *p, int32_t *left, int32_t *right)
{
    int rc = mp_verilog_expect(p, '[');
    if (rc == MP_OK)
        rc = plain_number(p, "a plain number in the range", left);
    if (rc == MP_OK)
        rc = mp_verilog_expect(p, ':');
    if (rc == MP_OK)
        rc = plain_number(p, "a plain number in the range", right);
    return rc < 0 ? rc : mp_verilog_expect(p, ']');
}

/* Bit `index` of a wire, or an error that names its range. */
static int select_bit(struct mp_verilog_parser *p, const struct mp_verilog_wire *w, int32_t i,
                      int line, uint32_t *bit)
{
    int32_t low = w->left < w->right ? w->left : w->right;
    int32_t high = w->left < w->right ? w->right : w->left;
    if (!w->is_vector || i < low || i > high)
        return mp_fail_at(p->err, MP_E_INPUT, p->v->file, line, "%s[%d]: %s is %s", w->name, i,
                          w->name, w->is_vector ? "declared with another range" : "no vector");
    *bit = w->first_bit + (uint32_t)(i > w->right ? i - w->right : w->right - i);
    return MP_OK;
}

/* name, name[i] or name[i:j], most significant bit first into the pool. */
static int name_bits(struct mp_verilog_parser *p)
{
    int line = p->token.line;
    uint32_t id = mp_verilog_wire(p, mp_verilog_name(p), line);
    struct mp_verilog_wire *w = &p->module->wires[id];
    int rc = mp_verilog_advance(p);
    if (rc == MP_OK && !w->is_declared) /* an implicit wire, or a header port used too early */
        rc = mp_verilog_declare_bits(p, w, false, 0, 0);
    if (rc < 0)
        return rc;
    if (!mp_verilog_at(p, '[')) {
        for (uint32_t i = w->width; i-- > 0 && rc == MP_OK;)
            rc = add_bit(p, w->first_bit + i);
        return rc;
    }
    int32_t from = 0, to = 0;
    uint32_t first = 0, last = 0;
    rc = mp_verilog_advance(p);
    if (rc == MP_OK)
        rc = plain_number(p, "a plain number as index", &from);
    if (rc < 0)
        return rc;
    to = from;
    if (mp_verilog_at(p, ':')) {
        rc = mp_verilog_advance(p);
        if (rc == MP_OK)
            rc = plain_number(p, "a plain number as index", &to);
    }
    if (rc == MP_OK)
        rc = select_bit(p, w, from, line, &last);
    if (rc == MP_OK)
        rc = select_bit(p, w, to, line, &first);
    if (rc == MP_OK && first > last)
        rc = mp_fail_at(p->err, MP_E_INPUT, p->v->file, line,
                        "%s[%d:%d] runs against the declared range", w->name, from, to);
    for (uint32_t b = last + 1; rc == MP_OK && b-- > first;)
        rc = add_bit(p, b);
    return rc < 0 ? rc : mp_verilog_expect(p, ']');
}

static int digit_bits(char c, unsigned bits_per_digit, unsigned *value)
{
    if (c == 'x' || c == 'X' || c == 'z' || c == 'Z' || c == '?')
        return 1;
    int d = c >= '0' && c <= '9'   ? c - '0'
            : c >= 'a' && c <= 'f' ? c - 'a' + 10
            : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                   : 99;
    if (d >= 1 << bits_per_digit)
        return -1;
    *value = (unsigned)d;
    return 0;
}

/* Digits of a binary, octal or hexadecimal constant, last digit first, as bits from low to high,
 * extended to the width. */
static int based_bits(struct mp_verilog_parser *p, const char *digits, unsigned per_digit,
                      uint32_t width)
{
    size_t n = strlen(digits);
    uint32_t done = 0, last = MP_BIT_ZERO;
    int rc = MP_OK;
    for (size_t i = n; i-- > 0 && rc == MP_OK;) {
        unsigned value = 0;
        if (digits[i] == '_')
            continue;
        int what = digit_bits(digits[i], per_digit, &value);
        if (what < 0)
            return mp_verilog_unexpected(p, "digits of the constant's base");
        last = what == 1 ? MP_BIT_X : MP_BIT_ZERO;
        for (unsigned b = 0; b < per_digit && done < width && rc == MP_OK; b++, done++)
            rc = add_bit(p, what == 1 ? MP_BIT_X : value >> b & 1);
    }
    for (; done < width && rc == MP_OK; done++)
        rc = add_bit(p, last);
    return rc;
}

static int decimal_bits(struct mp_verilog_parser *p, const char *digits, uint32_t width)
{
    uint64_t value = 0;
    if (*digits != '\0' && strspn(digits, "xXzZ?_") == strlen(digits))
        return based_bits(p, digits, 1, width);
    for (const char *s = digits; *s; s++) {
        if (*s == '_')
            continue;
        if (*s < '0' || *s > '9' || value > (UINT64_MAX - 9) / 10)
            return mp_verilog_unexpected(p, "a decimal constant of at most 64 bits");
        value = value * 10 + (uint64_t)(*s - '0');
    }
    int rc = MP_OK;
    for (uint32_t i = 0; i < width && rc == MP_OK; i++)
        rc = add_bit(p, i < 64 ? (uint32_t)(value >> i & 1) : MP_BIT_ZERO);
    return rc;
}

/* A constant, least significant bit first into the pool. */
static int constant_bits(struct mp_verilog_parser *p, bool *is_unsized)
{
    const char *s = mp_verilog_name(p);
    const char *quote = strchr(s, '\'');
    uint64_t width = 32;
    *is_unsized = quote == NULL || quote == s;
    if (!*is_unsized) {
        char size[16];
        size_t n = strcspn(s, " \t'");
        if (n >= sizeof size)
            return mp_verilog_unexpected(p, "a constant of sane size");
        memcpy(size, s, n);
        size[n] = '\0';
        if (!mp_parse_u64(size, &width) || width < 1 || width > MP_VERILOG_MAX_WIDTH)
            return mp_verilog_unexpected(p, "a constant of 1 to 65536 bits");
    }
    if (quote == NULL)
        return decimal_bits(p, s, 32);
    const char *base = quote + 1;
    if (*base == 's' || *base == 'S')
        base++;
    if (*base == '\0' || base[1] == '\0')
        return mp_verilog_unexpected(p, "base and digits of a constant");
    switch (*base) {
    case 'b':
    case 'B':
        return based_bits(p, base + 1, 1, (uint32_t)width);
    case 'o':
    case 'O':
        return based_bits(p, base + 1, 3, (uint32_t)width);
    case 'h':
    case 'H':
        return based_bits(p, base + 1, 4, (uint32_t)width);
    case 'd':
    case 'D':
        return decimal_bits(p, base + 1, (uint32_t)width);
    default:
        return mp_verilog_unexpected(p, "a constant with base b, o, d or h");
    }
}

static int check_width(struct mp_verilog_parser *p, size_t first)
{
    if (p->v->pool_count - first <= MP_VERILOG_MAX_WIDTH)
        return MP_OK;
    return mp_fail_at(p->err, MP_E_INPUT, p->v->file, p->token.line,
                      "expression wider than %u bits", MP_VERILOG_MAX_WIDTH);
}

static int term(struct mp_verilog_parser *p, unsigned depth, bool *is_unsized);

/* After '{': either a list, or a count and a list in braces of its own. */
static int concatenation(struct mp_verilog_parser *p, unsigned depth)
{
    int rc = MP_OK;
    int32_t times = 1;
    bool unsized, replicated = false;
    size_t first = p->v->pool_count;
    if (depth >= MAX_NESTING)
        return mp_verilog_unexpected(p, "fewer nested concatenations");
    if (p->token.kind == MP_VERILOG_TOKEN_NUMBER && !memchr(p->token.text, '\'', p->token.length)) {
        rc = plain_number(p, "a replication count", &times);
        if (rc < 0)
            return rc;
        if (!mp_verilog_at(p, '{') || times < 1 || times > (int32_t)MP_VERILOG_MAX_WIDTH)
            return mp_verilog_unexpected(p, "'{' after a replication count of 1 to 65536");
        replicated = true;
        if ((rc = mp_verilog_advance(p)) < 0)
            return rc;
    }
    for (;;) {
        if ((rc = term(p, depth + 1, &unsized)) < 0 || (rc = check_width(p, first)) < 0)
            return rc;
        if (unsized)
            return mp_verilog_unexpected(p, "constants with a size inside {}");
        if (!mp_verilog_at(p, ','))
            break;
        if ((rc = mp_verilog_advance(p)) < 0)
            return rc;
    }
    size_t count = p->v->pool_count - first;
    for (int32_t t = 1; t < times; t++) {
        for (size_t i = 0; i < count; i++)
            if ((rc = add_bit(p, p->v->pool[first + i])) < 0)
                return rc;
        if ((rc = check_width(p, first)) < 0)
            return rc;
    }
    rc = mp_verilog_expect(p, '}');
    return rc == MP_OK && replicated ? mp_verilog_expect(p, '}') : rc;
}

/* One part of a concatenation, most significant bit first. */
static int term(struct mp_verilog_parser *p, unsigned depth, bool *is_unsized)
{
    int rc;
    *is_unsized = false;
    if (p->token.kind == MP_VERILOG_TOKEN_NAME)
        return name_bits(p);
    if (p->token.kind == MP_VERILOG_TOKEN_NUMBER) {
        size_t first = p->v->pool_count;
        if ((rc = constant_bits(p, is_unsized)) < 0)
            return rc;
        reverse(p->v->pool + first, p->v->pool_count - first);
        return mp_verilog_advance(p);
    }
    if (!mp_verilog_at(p, '{'))
        return mp_verilog_unexpected(p, "a net, a constant or a concatenation");
    rc = mp_verilog_advance(p);
    return rc < 0 ? rc : concatenation(p, depth);
}

int mp_verilog_expression(struct mp_verilog_parser *p, struct mp_verilog_bits *out)
{
    size_t first = p->v->pool_count;
    int rc = term(p, 0, &out->is_unsized);
    if (rc == MP_OK)
        rc = check_width(p, first);
    if (rc < 0)
        return rc;
    if (p->token.kind == MP_VERILOG_TOKEN_PUNCT && strchr("?~&|^!+-*/<>%", *p->token.text))
        return mp_fail_at(p->err, MP_E_INPUT, p->v->file, p->token.line,
                          "operator '%c': not a structural netlist; map it to cells and write it "
                          "with Yosys's write_verilog -noexpr",
                          *p->token.text);
    out->first = (uint32_t)first;
    out->count = (uint32_t)(p->v->pool_count - first);
    reverse(p->v->pool + first, out->count);
    return MP_OK;
}
