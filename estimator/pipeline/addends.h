/*
 * What a mac without registers is given to add to: its own result of the cycle before, nothing
 * where a sum begins, as registers around it would give. Found by one functional pass over all
 * stretches, since a simulation by pieces needs any cycle of any stretch.
 */
#ifndef MP_PIPELINE_ADDENDS_H
#define MP_PIPELINE_ADDENDS_H

#include "estimator/pipeline/operands.h"

#define MP_ADDENDS_MOST 2 /* ports: addend; of a carry-save unit addend_carry too */

struct mp_addends {
    uint32_t cycles, stretches;
    /* [port][low, high 64 bits], each codes[cycle * stretches + stretch]; NULL beyond the ports and
     * their widths */
    uint64_t *codes[MP_ADDENDS_MOST][2];
};

/* Run the unit with the driver's operands (the driver gives `out` to its addend ports while it is
 * filled). Zero-initialise; release frees, after a failure too. */
int mp_addends_find(struct mp_addends *out, struct mp_driver *d, const struct mp_netlist *n,
                    const struct mp_bindings *b, const struct mp_trace *trace,
                    struct mp_error *err);
void mp_addends_release(struct mp_addends *a);

/* Whether a term begins a sum: of lane l's cycle (operands.c). */
bool mp_driver_begins(const struct mp_driver *d, uint32_t stretch, uint32_t cycle);

#endif
