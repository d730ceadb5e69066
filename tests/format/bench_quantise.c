/* Million values a second of the array versions, one core. */
#include "estimator/format/format.h"
#include "estimator/util/log.h"
#include "estimator/util/memory.h"
#include "estimator/util/random.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT  32768
#define ROUNDS 2000

int main(void)
{
    static const char *const names[] = {"int8",  "uint8", "int11", "int24", "e4m2",
                                        "e4m3z", "e3m0",  "e7m3",  "e8m3"};
    float *in = mp_alloc_aligned(COUNT, sizeof *in), *out = mp_alloc_aligned(COUNT, sizeof *out);
    uint32_t *codes = mp_alloc_aligned(COUNT, sizeof *codes);
    const struct mp_calibration how = {MP_CALIBRATE_MAX, 0};
    struct mp_random random;

    mp_random_seed(&random, 1);
    for (size_t i = 0; i < COUNT; i++)
        in[i] = (float)mp_random_normal(&random);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        struct mp_format f;
        struct mp_error err = MP_ERROR_INIT;
        double start, quantise_s, encode_s;
        int unit, rounds;

        if (mp_format_parse(&f, names[k], &err) < 0 ||
            mp_format_calibrate(&f, &how, in, COUNT, &unit, &err) < 0) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        rounds = f.exponent_bits == 8 ? ROUNDS / 100 : ROUNDS;
        start = mp_clock_s();
        for (int r = 0; r < rounds; r++)
            mp_format_quantise_array(&f, unit, COUNT, in, out);
        quantise_s = mp_clock_s() - start;
        start = mp_clock_s();
        for (int r = 0; r < rounds; r++)
            mp_format_encode_array(&f, unit, COUNT, in, codes);
        encode_s = mp_clock_s() - start;
        printf("%-8s quantise %7.1f M/s  encode %7.1f M/s\n", names[k],
               1e-6 * COUNT * rounds / quantise_s, 1e-6 * COUNT * rounds / encode_s);
    }
    free(codes);
    free(out);
    free(in);
    return 0;
}
