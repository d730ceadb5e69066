/*
 * Inside of traces: what making, drawing and reading one have in common.
 */
#ifndef MP_CNN_TRACE_PARTS_H
#define MP_CNN_TRACE_PARTS_H

#include "estimator/cnn/trace.h"

#define MP_TRACE_MAX_CYCLES ((uint64_t)1 << 26) /* stretches x length */
#define MP_TRACE_MAX_LAYERS 4096

/* Options with defaults in place; MP_E_USAGE outside of the limits, and for float32 operands. */
int mp_trace_check(struct mp_trace_options *o, const struct mp_format *weight,
                   const struct mp_format *activation, struct mp_error *err);
/* Arrays for the sizes that are set in t. */
void mp_trace_allocate(struct mp_trace *t);
/* Hash of everything, once all is there. */
void mp_trace_seal(struct mp_trace *t);
/* What meets weight `term` of output channel `channel` at an output position [row][column] of the
 * layer, of its input [channel][row][column]: 0 in the padding. */
float mp_trace_operand(const struct mp_layer *layer, const struct mp_shape *in,
                       const struct mp_shape *out, const float *input, uint32_t channel,
                       uint32_t term, uint64_t position);

#endif
