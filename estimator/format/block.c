/* Blocks that share a scale: OCP Microscaling Formats (MX) Specification 1.0, sections 5 and 6. */
#include "estimator/format/format.h"

#include <assert.h>
#include <math.h>

#define SCALE_LIMIT 127 /* e8m0: 2^-127..2^127, and one code for NaN, which is never made */

int mp_format_unit_of_one(const struct mp_format *f)
{
    if (f->kind == MP_FORMAT_INT)
        return 2 - f->bits; /* int8: 1.75 has 6 fraction bits behind the sign and one digit */
    return (int)mp_format_first_normal(f) - ((1 << (f->exponent_bits - 1)) - 1) - f->mantissa_bits;
}

int mp_format_block_unit(const struct mp_format *f, const float *values, size_t n)
{
    int of_one = mp_format_unit_of_one(f), scale;
    int largest = ilogb(mp_format_max_value(f)) + of_one;
    float most = 0;

    assert(f->block > 0 && n <= f->block);
    for (size_t i = 0; i < n; i++)
        most = fmaxf(most, fabsf(values[i]));
    if (!(most > 0))
        return of_one;
    scale = ilogb((double)most) - largest;
    scale = scale < -SCALE_LIMIT ? -SCALE_LIMIT : scale;
    return of_one + (scale > SCALE_LIMIT ? SCALE_LIMIT : scale);
}
