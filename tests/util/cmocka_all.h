/*
 * cmocka.h needs these headers in front of it. Include this one after all others.
 */
#ifndef MP_TESTS_UTIL_CMOCKA_ALL_H
#define MP_TESTS_UTIL_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
