/*
 * The inner loops of the simulator: one source (kernel_source.h) compiled once for each kind of
 * vector, chosen at run time. Inside of the activity module.
 *
 * Rows are `stride` words apart, stride a multiple of 8, so that every row starts on a cache line
 * and the last vector of a row may be wider than what is left of it. The lanes beyond the words
 * that were asked for hold anything and are masked out of the counts.
 *
 * Counting: for each row that belongs to a net, transitions (old ^ new) & mask and ones new & mask
 * are added up in accumulators whose form is the kernel's own: packed 32-bit halves of 64-bit
 * lanes where the CPU has VPOPCNTDQ, else byte counters (Mula, Kurz, Lemire 2018, "Faster
 * population counts using AVX2 instructions", the nibble lookup; plain C: Warren, "Hacker's
 * Delight", 5-1). flush() moves them into 64-bit totals before they can overflow.
 */
#ifndef MP_ACTIVITY_KERNEL_H
#define MP_ACTIVITY_KERNEL_H

#include "estimator/activity/program.h"

struct mp_kernel_code {
    const char *name;
    unsigned accumulator_words; /* 64-bit words of accumulators a row */
    unsigned vector_words;      /* 64-bit words of a vector */
    /* Cycles that can be counted before a flush, for rows of this many vectors. */
    unsigned (*flush_after)(unsigned vectors);
    /* All operations of a section. mask[vectors]: lanes to count, NULL: count nothing. */
    void (*run)(const struct mp_section *section, uint64_t *rows, unsigned stride, unsigned vectors,
                const uint64_t *mask, uint64_t *accumulators);
    /* totals[row][2] (transitions, ones) += accumulators; accumulators = 0. */
    void (*flush)(uint64_t *accumulators, uint32_t row_count, uint64_t *totals);
};

extern const struct mp_kernel_code mp_kernel_plain;
#ifdef MP_SIMD
extern const struct mp_kernel_code mp_kernel_avx2;
extern const struct mp_kernel_code mp_kernel_avx512;        /* F, BW, VL */
extern const struct mp_kernel_code mp_kernel_avx512_popcnt; /* and VPOPCNTDQ */
#endif

/* The kernels that this CPU can run, slowest first; returns how many (at least one). */
#define MP_KERNEL_CODE_COUNT 4
unsigned mp_kernel_available(const struct mp_kernel_code *out[MP_KERNEL_CODE_COUNT]);

struct mp_simulator;
/* As mp_simulator_create() with a given kernel; for tests and benchmarks of each of them. */
int mp_simulator_create_with(struct mp_simulator **out, const struct mp_netlist *n, unsigned words,
                             const struct mp_kernel_code *code, struct mp_error *err);

#endif
