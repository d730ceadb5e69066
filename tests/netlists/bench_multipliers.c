/*
 * All multipliers: every architecture, every width from 2 to 16 of both operands, all signs; with
 * its own adder under all operands up to 2^24 combinations and 2^20 of them above, and with every
 * other adder under all operands up to 2^14 combinations and 2^14 of them above.
 */
#include "estimator/util/parallel.h"
#include "tests/netlists/multiplier_check.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { WIDTHS = 15, PAIRS = WIDTHS * WIDTHS, SIGNS = 4, SMALL_BITS = 14 };

struct totals {
    atomic_ulong graphs, exhaustive, vectors;
};

static int prove(struct totals *t, const struct multiplier_case *p, unsigned exhaustive_bits,
                 uint64_t vectors, struct mp_error *err)
{
    struct mp_claim_proof proof;
    int rc = multiplier_prove(&proof, p, exhaustive_bits, vectors, err);

    if (rc < 0)
        return rc;
    atomic_fetch_add(&t->graphs, 1);
    atomic_fetch_add(&t->exhaustive, proof.exhaustive);
    atomic_fetch_add(&t->vectors, proof.vectors);
    return MP_OK;
}

static int one_pair(void *context, size_t index, struct mp_error *err)
{
    struct totals *t = context;
    struct multiplier_case p = {
        .architecture = mp_architecture_find(mp_architecture_at(index / (PAIRS * SIGNS))->name),
        .x_bits = 16 - (unsigned)(index % WIDTHS),
        .y_bits = 16 - (unsigned)(index / WIDTHS % WIDTHS),
        .x_signed = index / PAIRS & 1,
        .y_signed = index / PAIRS & 2,
    };
    int rc;

    p.bits = p.x_bits + p.y_bits;
    rc = prove(t, &p, 0, 1 << 20, err);
    for (size_t i = 0; i < mp_adder_count() && rc == MP_OK; i++) {
        p.adder = mp_adder_at(i);
        rc = prove(t, &p, SMALL_BITS, 1 << SMALL_BITS, err);
    }
    return rc;
}

int main(void)
{
    struct totals t = {0};
    struct mp_error err = MP_ERROR_INIT;
    struct timespec start, end;

    clock_gettime(CLOCK_MONOTONIC, &start);
    if (mp_parallel_for(mp_architecture_count() * PAIRS * SIGNS, 0, one_pair, &t, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%lu multipliers, %lu of them with all operands, %lu vectors, %.0f s on %u cores\n",
           t.graphs, t.exhaustive, t.vectors, difftime(end.tv_sec, start.tv_sec), mp_core_count());
    return 0;
}
