/* Designs of every form on small formats, shared by the tests that prove them. */
#ifndef MP_TESTS_NETLISTS_FORMS_TABLE_H
#define MP_TESTS_NETLISTS_FORMS_TABLE_H

#include "netlists/design.h"
#include "tests/util/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct form_row {
    const char *weight, *activation, *unit, *options;
};

/* "form=row terms=4" into a design. */
static inline void form_design(struct mp_design *d, const struct form_row *r, char buffer[256])
{
    struct mp_error err = MP_ERROR_INIT;
    char *save = NULL;

    *d = (struct mp_design){0};
    assert_int_equal(mp_format_parse(&d->weight, r->weight, &err), MP_OK);
    assert_int_equal(mp_format_parse(&d->activation, r->activation, &err), MP_OK);
    assert_int_equal(mp_unit_parse(&d->unit, r->unit, &err), MP_OK);
    snprintf(buffer, 256, "%s", r->options);
    for (char *o = strtok_r(buffer, " ", &save); o != NULL; o = strtok_r(NULL, " ", &save)) {
        char *value = strchr(o, '=');
        *value++ = '\0';
        if (strcmp(o, "multiplier") == 0)
            d->multiplier = value;
        else if (strcmp(o, "acc") == 0)
            d->accumulator_bits = (unsigned)strtoul(value, NULL, 10);
        else if (mp_design_set(d, o, value, &err) < 0)
            fail_msg("%s", err.message);
    }
}

static const struct form_row form_rows[] = {
    {"int4", "uint4", "multiplier", ""},
    {"int4", "int5", "multiplier", "registers=none"},
    {"uint4", "uint4", "multiplier", "registers=none terms=2"},
    {"int4", "uint4", "mac", ""},
    {"int4", "int4", "mac", "form=row"},
    {"int4", "int4", "mac", "form=carry-save"},
    {"int3", "uint3", "mac", "form=row terms=2 stages=1"},
    {"int8", "int8", "mac", "form=row registers=none acc=32"},
    {"int8", "int8", "mac", "form=carry-save registers=none acc=32"},
    {"int8", "uint8", "mac", "terms=16 form=carry-save stages=2"},
    {"int8", "uint8", "mac", "terms=4 stages=3 multiplier=booth4"},
    {"e4m2", "uint4", "multiplier", ""},
    {"e4m2", "int4", "multiplier", "registers=none"},
    {"e4m2", "uint4", "mac", ""},
    {"e4m2", "int8", "multiplier", "sign=negate-first registers=none shifter=one-hot"},
    {"e4m2", "uint8", "multiplier", "sign=negate-first registers=none shifter=log-fine"},
    {"e4m2z", "uint8", "multiplier", "sign=twos-complement registers=none shifter=log-coarse"},
    {"e4m2z", "int8", "multiplier", "shift=before registers=none"},
    {"e4m2", "int8", "multiplier", "shift=before sign=negate-first registers=none"},
    {"e4m2", "uint8", "multiplier", "shift=before sign=twos-complement registers=none"},
    {"e4m0", "int8", "multiplier", "shift=before registers=none"},
    {"e4m0", "int8", "multiplier", "sign=negate-first registers=none"},
    {"e4m0z", "uint8", "multiplier", "shift=before sign=negate-first registers=none"},
    {"e4m2", "uint4", "mac", "shift=before form=row"},
    {"e4m2", "int4", "mac", "shift=before form=row sign=negate-first stages=1"},
    {"e4m2", "int4", "mac", "shift=before form=carry-save sign=negate-first"},
    {"e3m2", "int4", "mac", "form=carry-save"},
    {"e3m2", "int4", "mac", "form=carry-save sign=twos-complement"},
    {"e3m1", "uint4", "mac", "form=row terms=2"},
    {"e3m1", "uint4", "mac", "form=adder terms=4 sign=negate-first"},
    {"e3m2", "int4", "multiplier", "terms=2 registers=none"},
    {"e3m2", "int4", "multiplier", "terms=2 registers=none alignment=shared"},
    {"e3m2", "int4", "multiplier",
     "terms=2 registers=none alignment=shared guard-bits=2 sign=negate-first"},
    {"e4m3", "uint8", "mac", "terms=8 alignment=shared guard-bits=4 stages=2"},
    {"e4m2", "uint6", "multiplier", "drop-bits=8 registers=none"},
    {"e4m2", "uint6", "multiplier", "drop-bits=8 guard-bits=1 rounding=nearest registers=none"},
    {"e4m2", "int6", "multiplier",
     "drop-bits=9 guard-bits=2 rounding=nearest registers=none sign=negate-first"},
    {"e4m2", "int6", "multiplier", "drop-bits=9 sign=twos-complement registers=none"},
    {"e4m2", "uint4", "mac", "drop-bits=6 guard-bits=2 rounding=nearest"},
    {"e4m2", "uint4", "mac", "drop-bits=6"},
    {"e3m2", "uint4", "mac", "drop-bits=4 guard-bits=3 terms=2"},
    {"e3m2", "uint4", "mac", "drop-bits=4 guard-bits=3 rounding=nearest terms=2 form=row"},
    {"e3m2", "int4", "mac", "drop-bits=4 form=carry-save"},
    {"int4", "uint4", "mac", "low-power=isolate"},
    {"int4", "int4", "mac", "low-power=zero-skip"},
    {"int4", "uint4", "mac", "low-power=data-gate terms=2"},
    {"int4", "uint4", "mac", "low-power=zero-skip terms=2 form=row stages=2"},
    {"e3m2", "int4", "multiplier", "low-power=zero-skip"},
    {"e3m2", "int4", "multiplier", "low-power=data-gate"},
    {"e3m2", "int4", "multiplier", "low-power=isolate stages=2"},
    {"e3m2", "uint4", "multiplier", "low-power=isolate registers=none"},
    {"int4", "uint4", "multiplier", "low-power=zero-skip stages=1"},
    {"pot2_e3", "int4", "multiplier", "registers=none"},
    {"pot2_e3", "uint4", "multiplier", "registers=none sign=negate-first"},
    {"pot2_e2", "int4", "mac", "form=row"},
    {"pot2_e2", "int4", "mac", "terms=2 form=carry-save sign=negate-first"},
    {"bf16w16", "uint3", "multiplier", "registers=none"},
    {"bf16w8", "int3", "mac", ""},
    {"fp8_e4m3", "uint8", "multiplier", "registers=none"},
    {"e4m3", "e4m3", "multiplier", "registers=none"},
    {"e2m1", "e2m1", "mac", "terms=2"},
    {"e3m2", "e2m3z", "multiplier", "sign=negate-first registers=none"},
    {"e0m3", "int4", "multiplier", "registers=none"},
    {"e0m3z", "int4", "mac", "form=row"},
    {"mxfp4", "int8", "mac", "terms=2"},
    {"mxint8", "int8", "mac", "terms=2 form=row"},
};

#define FORM_ROWS (sizeof form_rows / sizeof *form_rows)

#endif
