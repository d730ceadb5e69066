/*
 * The simulated activity of a circuit for other programs: a SAIF of the whole sample, a VCD of its
 * first stretches with every transition where gate delays put it.
 */
#ifndef MP_PIPELINE_DUMP_H
#define MP_PIPELINE_DUMP_H

#include "estimator/pipeline/operands.h"

struct mp_circuit;

struct mp_dump {
    const char *vcd, *saif; /* paths, ".gz" compresses; NULL: none */
    uint64_t cycles;        /* of the VCD, at least; whole stretches are written */
};

/* Before work begins: MP_E_USAGE where no cycles are wanted, MP_E_IO where a folder is missing or
 * not writable. */
int mp_dump_check(const struct mp_dump *d, struct mp_error *err);

/* VCD of the first stretches of a trace, with the plain timed simulation: some ten thousand cycles
 * a second, some kilobytes a cycle. bindings NULL: the ports of netlists/design.h. Gaps between
 * stretches are marked by $dumpoff. */
int mp_dump_vcd(const struct mp_dump *d, const struct mp_circuit *c, const struct mp_sdf *sdf,
                const struct mp_bindings *bindings, const struct mp_trace *trace,
                struct mp_error *err);

/* Timed counts, instance pins included. */
int mp_dump_saif(const struct mp_dump *d, const struct mp_circuit *c,
                 const struct mp_timed_result *activity, struct mp_error *err);

#endif
