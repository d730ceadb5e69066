/*
 * Numbers, independent of the locale: parsing to the last character, exact printing (%.17g) for
 * files, and engineering notation for people.
 */
#ifndef MP_UTIL_NUMBER_H
#define MP_UTIL_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole of s must be a finite decimal number: no blanks, no hexadecimal, no "inf" or "nan".
 * false leaves *out alone. */
bool mp_parse_double(const char *s, double *out);
/* The prefix of s that is a decimal number, after blanks and line ends if any; *end is where it
 * stopped (== s: none, and 0 is returned). Infinite when the number is above the range. */
double mp_parse_double_prefix(const char *s, const char **end);
bool mp_parse_i64(const char *s, int64_t *out);
bool mp_parse_u64(const char *s, uint64_t *out);

/* A quantity with its unit into SI: "1.2ns" -> 1.2e-9 for base unit "s". Accepts a blank between,
 * no prefix or one of f p n u m k M G; the unit may not be missing. */
bool mp_parse_quantity(const char *s, const char *base_unit, double *out);

/* Shortest text that reads back as the same double ("%.17g" at most); '.' always. */
const char *mp_print_double(double x, char *out, size_t size);

/* 1.234e-13 with unit "J" -> "123 fJ": `digits` significant digits (1..17), blank, SI prefix (a to
 * T), unit. */
const char *mp_print_engineering(double x, int digits, const char *unit, char *out, size_t size);

#endif
