#include "estimator/util/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;
static locale_t c_locale_object;

static void make_c_locale(void)
{
    c_locale_object = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* Made once and kept; (locale_t)0 never happens for "C" short of memory exhaustion. */
static locale_t c_locale(void)
{
    pthread_once(&c_locale_once, make_c_locale);
    if (!c_locale_object)
        abort();
    return c_locale_object;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *s)
{
    while (is_digit(*s))
        s++;
    return s;
}

static const char *skip_blanks(const char *s)
{
    while (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r')
        s++;
    return s;
}

/* [+-] digits [. digits] [e [+-] digits]: where the mantissa and the whole end; both s if none.
 * strtod alone would take "inf", "nan" and hexadecimal too. */
static void scan_decimal(const char *s, const char **mantissa_end, const char **end)
{
    const char *p = s + (*s == '+' || *s == '-');
    const char *q = skip_digits(p);
    bool any = q > p;
    if (*q == '.') {
        const char *fraction = q + 1;
        const char *stop = skip_digits(fraction);
        if (any || stop > fraction) {
            any = true;
            q = stop;
        }
    }
    *mantissa_end = *end = any ? q : s;
    if (any && (*q == 'e' || *q == 'E')) {
        const char *e = q + 1 + (q[1] == '+' || q[1] == '-');
        if (is_digit(*e))
            *end = skip_digits(e);
    }
}

static double convert(const char *s, const char *end)
{
    /* "0x1" is the number 0 and a rest here. */
    if (*end == 'x' || *end == 'X')
        return *s == '-' ? -0.0 : 0.0;
    return strtod_l(s, NULL, c_locale());
}

bool mp_parse_double(const char *s, double *out)
{
    const char *mantissa_end, *end;
    scan_decimal(s, &mantissa_end, &end);
    if (end == s || *end != '\0')
        return false;
    double x = convert(s, end);
    if (!isfinite(x))
        return false;
    *out = x;
    return true;
}

double mp_parse_double_prefix(const char *s, const char **end)
{
    const char *start = skip_blanks(s), *mantissa_end, *stop;
    scan_decimal(start, &mantissa_end, &stop);
    *end = stop == start ? s : stop;
    return stop == start ? 0.0 : convert(start, stop);
}

bool mp_parse_u64(const char *s, uint64_t *out)
{
    uint64_t x = 0;
    if (*s == '+')
        s++;
    if (!is_digit(*s))
        return false;
    for (; is_digit(*s); s++) {
        uint64_t digit = (uint64_t)(*s - '0');
        if (__builtin_mul_overflow(x, UINT64_C(10), &x) || __builtin_add_overflow(x, digit, &x))
            return false;
    }
    if (*s != '\0')
        return false;
    *out = x;
    return true;
}

bool mp_parse_i64(const char *s, int64_t *out)
{
    bool negative = *s == '-';
    uint64_t magnitude;
    if (negative && !is_digit(s[1]))
        return false;
    if (!mp_parse_u64(s + negative, &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    if (negative)
        *out = magnitude ? -(int64_t)(magnitude - 1) - 1 : 0;
    else
        *out = (int64_t)magnitude;
    return true;
}

/* Exponent of the prefix in front of base_unit in s; false if s is not [prefix]base_unit. */
static bool unit_exponent(const char *s, const char *base_unit, int *exponent)
{
    static const char prefixes[] = "fpnum kMG";
    if (strcmp(s, base_unit) == 0) {
        *exponent = 0;
        return true;
    }
    const char *p = *s && *s != ' ' ? strchr(prefixes, *s) : NULL;
    if (!p || strcmp(s + 1, base_unit) != 0)
        return false;
    *exponent = 3 * (int)(p - prefixes) - 15;
    return true;
}

bool mp_parse_quantity(const char *s, const char *base_unit, double *out)
{
    const char *mantissa_end, *end;
    int unit = 0;
    char text[128];
    scan_decimal(s, &mantissa_end, &end);
    size_t n = (size_t)(mantissa_end - s);
    if (end == s || !*base_unit || n > sizeof text - 16)
        return false;
    if (!unit_exponent(skip_blanks(end), base_unit, &unit))
        return false;
    long exponent = end > mantissa_end ? strtol(mantissa_end + 1, NULL, 10) : 0;
    if (exponent < -9999 || exponent > 9999)
        return false;
    /* The exponent is moved in the text, so that 1.2ns is the double of 1.2e-9 exactly. */
    snprintf(text, sizeof text, "%.*se%ld", (int)n, s, exponent + unit);
    return mp_parse_double(text, out);
}

static void print_c(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void print_c(char *out, size_t size, const char *format, ...)
{
    locale_t old = uselocale(c_locale());
    va_list args;
    va_start(args, format);
    vsnprintf(out, size, format, args);
    va_end(args);
    uselocale(old);
}

const char *mp_print_double(double x, char *out, size_t size)
{
    char text[40];
    /* 15 digits always survive and %g drops zeros at the end, except where bits are missing. */
    int digits = fabs(x) < DBL_MIN ? 1 : DBL_DIG;
    do {
        print_c(text, sizeof text, "%.*g", digits, x);
    } while (++digits <= 17 && isfinite(x) && strtod_l(text, NULL, c_locale()) != x);
    snprintf(out, size, "%s", text);
    return out;
}

const char *mp_print_engineering(double x, int digits, const char *unit, char *out, size_t size)
{
    static const char *const prefixes[] = {"a", "f", "p", "n", "u", "m", "", "k", "M", "G", "T"};
    char text[64], number[96];
    digits = digits < 1 ? 1 : digits > 17 ? 17 : digits;
    if (x == 0 || !isfinite(x)) {
        print_c(number, sizeof number, "%g", x == 0 ? 0.0 : x);
        snprintf(out, size, "%s%s%s", number, *unit ? " " : "", unit);
        return out;
    }
    /* %e rounds first, so that 999.9 with three digits is 1.00 k and not 1000. */
    print_c(text, sizeof text, "%.*e", digits - 1, x);
    int exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    int group = (exponent + 300) / 3 - 100;
    if (exponent < -300 || group < -6)
        group = -6;
    if (group > 4)
        group = 4;
    /* Decimal places left after the point has moved; a text in digits keeps the rounding exact. */
    int places = digits - 1 - (exponent - 3 * group);
    char *e = strchr(text, 'e');
    snprintf(e, sizeof text - (size_t)(e - text), "e%d", exponent - 3 * group);
    double scaled = strtod_l(text, NULL, c_locale());
    if (exponent - 3 * group < -3 || exponent - 3 * group > 15)
        print_c(number, sizeof number, "%.*g", digits, scaled);
    else
        print_c(number, sizeof number, "%.*f", places > 0 ? places : 0, scaled);
    const char *prefix = prefixes[group + 6];
    snprintf(out, size, "%s%s%s%s", number, *unit || *prefix ? " " : "", prefix, unit);
    return out;
}
