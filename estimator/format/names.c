#include "estimator/format/format.h"

#include <stdio.h>
#include <string.h>

#define BLOCK          32 /* elements, of every format of the MX specification */
#define DEFAULT_WINDOW 4  /* bf16 is bf16w16 */

/* Names that no rule makes. The first of equal formats is the one that is printed. */
struct named {
    const char *name;
    struct mp_format format;
};
#define ELEMENT(e, m)                                                                              \
    .kind = MP_FORMAT_FLOAT, .bits = 1 + (e) + (m), .exponent_bits = (e), .mantissa_bits = (m)
static const struct named named[] = {
    {"float32", {.kind = MP_FORMAT_FLOAT32, .bits = 32}},
    {"fp8_e4m3", {ELEMENT(4, 3), .has_specials = true}},
    {"fp8_e5m2", {ELEMENT(5, 2), .has_specials = true}},
    {"mxfp4", {ELEMENT(2, 1), .block = BLOCK}},
    {"mxfp4_e2m1", {ELEMENT(2, 1), .block = BLOCK}},
    {"mxfp6_e2m3", {ELEMENT(2, 3), .block = BLOCK}},
    {"mxfp6_e3m2", {ELEMENT(3, 2), .block = BLOCK}},
    {"mxfp8_e4m3", {ELEMENT(4, 3), .has_specials = true, .block = BLOCK}},
    {"mxfp8_e5m2", {ELEMENT(5, 2), .has_specials = true, .block = BLOCK}},
    {"mxint8", {.kind = MP_FORMAT_INT, .bits = 8, .block = BLOCK}},
    {"fp4_e2m1", {ELEMENT(2, 1)}},
    {"fp6_e2m3", {ELEMENT(2, 3)}},
    {"fp6_e3m2", {ELEMENT(3, 2)}},
};

/* Decimal digits at *s into *value: 1 to 2 of them, no leading zero before another digit. */
static bool read_small(const char **s, unsigned *value)
{
    const char *p = *s;
    unsigned v = 0, digits = 0;

    for (; *p >= '0' && *p <= '9'; p++, digits++)
        if (digits < 3)
            v = 10 * v + (unsigned)(*p - '0');
    if (digits == 0 || digits > 2 || (digits == 2 && **s == '0'))
        return false;
    *value = v;
    *s = p;
    return true;
}

/* ---- one reader for each family; `rest` is what follows its prefix */

static int parse_fixed(struct mp_format *f, enum mp_format_kind kind, const char *rest,
                       const char *name, struct mp_error *err)
{
    unsigned w;

    if (!read_small(&rest, &w) || *rest != '\0' || w < 1 || w > 32)
        return mp_fail(err, MP_E_USAGE,
                       "unknown number format \"%s\": a fixed format is int<W>, uint<W> or "
                       "fixed<W> with W in 1..32, such as int8",
                       name);
    *f = (struct mp_format){.kind = kind, .bits = (uint8_t)w};
    return MP_OK;
}

static int parse_table(struct mp_format *f, enum mp_format_kind kind, const char *rest,
                       const char *name, struct mp_error *err)
{
    unsigned b;

    if (!read_small(&rest, &b) || *rest != '\0' || b < 1 || b > 12)
        return mp_fail(err, MP_E_USAGE,
                       "unknown number format \"%s\": a table of shared values is lut<B> with B "
                       "in 1..12, such as lut4 for 16 values",
                       name);
    *f = (struct mp_format){.kind = kind, .bits = (uint8_t)b};
    return MP_OK;
}

static int parse_bfloat(struct mp_format *f, enum mp_format_kind kind, const char *rest,
                        const char *name, struct mp_error *err)
{
    unsigned window = 1u << DEFAULT_WINDOW, log = 0;
    bool is_known = *rest == '\0' || (*rest++ == 'w' && read_small(&rest, &window));

    while (log < 6 && 1u << log != window)
        log++;
    if (!is_known || *rest != '\0' || log < 2 || 1u << log != window)
        return mp_fail(err, MP_E_USAGE,
                       "unknown number format \"%s\": bfloat16 weights are bf16w<N> with N = 4, "
                       "8, 16, 32 or 64 exponents that a unit shifts through, or bf16 for bf16w16",
                       name);
    *f = (struct mp_format){.kind = kind,
                            .bits = 16,
                            .exponent_bits = 8,
                            .mantissa_bits = 7,
                            .has_specials = true,
                            .window_bits = (uint8_t)log};
    return MP_OK;
}

static int parse_powers(struct mp_format *f, enum mp_format_kind kind, const char *rest,
                        const char *name, struct mp_error *err)
{
    unsigned e;

    if (!read_small(&rest, &e) || *rest != '\0' || e < 1 || e > 5)
        return mp_fail(err, MP_E_USAGE,
                       "unknown number format \"%s\": a sum of two powers of two is pot2_e<E> with "
                       "E in 1..5 bits for each exponent, such as pot2_e3; one power is e<E>m0",
                       name);
    *f =
        (struct mp_format){.kind = kind, .bits = (uint8_t)(1 + 2 * e), .exponent_bits = (uint8_t)e};
    return MP_OK;
}

static int parse_float(struct mp_format *f, enum mp_format_kind kind, const char *rest,
                       const char *name, struct mp_error *err)
{
    unsigned e, m;
    bool z = false;

    if (!read_small(&rest, &e) || *rest++ != 'm' || !read_small(&rest, &m))
        goto wrong;
    if (*rest == 'z') {
        z = true;
        rest++;
    }
    if (*rest != '\0' || e > 8 || m > 23)
        goto wrong;
    if (e == 0 && m == 0)
        return mp_fail(err, MP_E_USAGE,
                       "number format \"%s\" holds nothing but zero: give it an exponent or a "
                       "mantissa, such as e1m0",
                       name);
    *f = (struct mp_format){.kind = kind,
                            .bits = (uint8_t)(1 + e + m),
                            .exponent_bits = (uint8_t)e,
                            .mantissa_bits = (uint8_t)m,
                            .no_subnormals = z};
    return MP_OK;
wrong:
    return mp_fail(err, MP_E_USAGE,
                   "unknown number format \"%s\": a float format is e<E>m<M> or e<E>m<M>z with E "
                   "in 0..8 and M in 0..23, such as e4m2",
                   name);
}

static const struct {
    const char *prefix;
    enum mp_format_kind kind;
    int (*parse)(struct mp_format *f, enum mp_format_kind kind, const char *rest, const char *name,
                 struct mp_error *err);
} families[] = {
    {"int", MP_FORMAT_INT, parse_fixed},     {"uint", MP_FORMAT_UINT, parse_fixed},
    {"fixed", MP_FORMAT_FIXED, parse_fixed}, {"lut", MP_FORMAT_TABLE, parse_table},
    {"bf16", MP_FORMAT_FLOAT, parse_bfloat}, {"pot2_e", MP_FORMAT_POWERS, parse_powers},
    {"e", MP_FORMAT_FLOAT, parse_float},
};

int mp_format_parse(struct mp_format *f, const char *name, struct mp_error *err)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(name, named[i].name) == 0) {
            *f = named[i].format;
            return MP_OK;
        }
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        size_t length = strlen(families[i].prefix);
        if (strncmp(name, families[i].prefix, length) == 0)
            return families[i].parse(f, families[i].kind, name + length, name, err);
    }
    return mp_fail(err, MP_E_USAGE,
                   "unknown number format \"%s\": there are int<W>, uint<W>, e<E>m<M>, "
                   "e<E>m<M>z, fp8_e4m3, fp8_e5m2, bf16, bf16w<N>, pot2_e<E>, float32, fixed<W> "
                   "(activations) and (weights) lut<B>, mxfp4, mxfp6_e2m3, mxfp6_e3m2, mxfp8_e4m3, "
                   "mxfp8_e5m2, mxint8",
                   name);
}

static const char *find_name(const struct mp_format *f)
{
    bool is_ruled = f->kind != MP_FORMAT_FLOAT32 && f->block == 0 && !f->has_specials;

    for (size_t i = 0; i < sizeof named / sizeof *named && !is_ruled; i++)
        if (mp_format_equal(f, &named[i].format))
            return named[i].name;
    return NULL;
}

const char *mp_format_name(const struct mp_format *f, char out[MP_FORMAT_NAME_SIZE])
{
    unsigned bits = f->bits, e = f->exponent_bits, m = f->mantissa_bits;
    const char *name = find_name(f);

    if (name != NULL) {
        snprintf(out, MP_FORMAT_NAME_SIZE, "%s", name);
        return out;
    }
    switch (f->kind) {
    case MP_FORMAT_INT:
        snprintf(out, MP_FORMAT_NAME_SIZE, "int%u", bits);
        break;
    case MP_FORMAT_UINT:
        snprintf(out, MP_FORMAT_NAME_SIZE, "uint%u", bits);
        break;
    case MP_FORMAT_FLOAT:
        if (f->window_bits == DEFAULT_WINDOW)
            snprintf(out, MP_FORMAT_NAME_SIZE, "bf16");
        else if (f->window_bits > 0)
            snprintf(out, MP_FORMAT_NAME_SIZE, "bf16w%u", 1u << f->window_bits);
        else
            snprintf(out, MP_FORMAT_NAME_SIZE, "e%um%u%s", e, m, f->no_subnormals ? "z" : "");
        break;
    case MP_FORMAT_FLOAT32:
        snprintf(out, MP_FORMAT_NAME_SIZE, "float32");
        break;
    case MP_FORMAT_FIXED:
        snprintf(out, MP_FORMAT_NAME_SIZE, "fixed%u", bits);
        break;
    case MP_FORMAT_TABLE:
        snprintf(out, MP_FORMAT_NAME_SIZE, "lut%u", bits);
        break;
    case MP_FORMAT_POWERS:
        snprintf(out, MP_FORMAT_NAME_SIZE, "pot2_e%u", e);
        break;
    }
    return out;
}
