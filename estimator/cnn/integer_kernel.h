/*
 * The inner loop of the integer engine: sums of products of bytes in 32 bits, exact.
 *
 * A word packs `group` elements of 32 / group bits, one a term, as the kernel's instruction takes
 * them: 4 bytes (VNNI), 2 times 16 bits (multiply and add pairs), or one of 32 bits (plain).
 * Weights are -128..127, activations 0..255, so a sum of up to MP_INTEGER_MOST_TERMS products stays
 * below 2^31. One source (integer_source.h) is compiled for each vector unit and chosen at run
 * time.
 */
#ifndef MP_CNN_INTEGER_KERNEL_H
#define MP_CNN_INTEGER_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define MP_INTEGER_MOST_TERMS 65536u /* 65536 * 128 * 255 < 2^31 */
#define MP_INTEGER_MOST_SUMS  512u   /* rows * vectors * lanes of any kernel */

struct mp_integer_kernel {
    const char *name;
    uint32_t group;   /* terms of a word: 1, 2 or 4 */
    uint32_t rows;    /* output channels of a block */
    uint32_t lanes;   /* positions of a vector */
    uint32_t vectors; /* of a block, at most; a call may ask for fewer */
    /* sums[rows][vectors * lanes] = weights[words][rows] . columns[words][stride], of which the
     * first vectors * lanes are read. */
    void (*multiply)(uint32_t words, const uint32_t *weights, const uint32_t *columns,
                     size_t stride, uint32_t vectors, int32_t *sums);
    /* out[i] = low bits of (sums[i] - correction), sign-extended, * scale + bias, but at least
     * `least`; unused: 32 less these bits, 0..31. */
    void (*finish)(uint32_t count, const int32_t *sums, int32_t correction, unsigned unused,
                   float scale, float bias, float least, float *out);
    /* The same in 64 bits, for sums of several products of digits: totals[i] += sums[i] << shift
     * (0..63, modulo 2^64), and what comes out of them; unused: 64 less the bits, 0..63. */
    void (*add)(uint32_t count, const int32_t *sums, unsigned shift, int64_t *totals);
    void (*finish_wide)(uint32_t count, const int64_t *totals, int64_t correction, unsigned unused,
                        float scale, float bias, float least, float *out);
    /* A word of each position from the `group` (or fewer: channels) codes that lie channel_step
     * apart, digit 0 or 1 of each: (code + offset) >> (8 * digit) & 255. */
    void (*pack)(uint32_t positions, uint32_t channels, const uint32_t *codes, size_t channel_step,
                 size_t position_step, uint32_t offset, uint32_t mask, uint32_t digit,
                 uint32_t *words);
};

extern const struct mp_integer_kernel mp_integer_plain;
#if defined(MP_SIMD)
extern const struct mp_integer_kernel mp_integer_avx2, mp_integer_avx512, mp_integer_vnni;
#endif

/* The i-th kernel that this machine can run, the fastest first; NULL behind the last. */
const struct mp_integer_kernel *mp_integer_kernel_at(uint32_t i);

#endif
