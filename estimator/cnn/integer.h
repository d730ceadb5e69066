/*
 * The integer engine: layers with weights computed as a MAC netlist computes them (golden.h), bit
 * for bit. Weights and activations are codes; a product is v(weight) * v(activation), an exact
 * integer; an accumulator starts at its first product and wraps, two's complement, modulo
 * 2^accumulator_bits (the MACs have no saturation). Behind the accumulator
 *
 *     output = (float) accumulator * 2^(weight unit + activation unit exponent) + bias
 *
 * in float32, each operation rounded to nearest; ReLU, pooling and the rest are those of the float
 * engine, and the next layer's input is encoded as format.h says: to nearest, ties to the even
 * code, saturating. The float ("fake") engine does the same with sums in float32: both give the
 * same bits as long as no partial sum needs more than 24 bits, and differ by its rounding above.
 *
 * How: v(weight) is split into digits of base 256 from -128 to 127, a weight of up to 8 bits into
 * one, e4m3 into three; activations into one byte or two, signed ones after adding half of their
 * range, which is taken off at the end. Each pair of digits is one product of byte matrices with
 * exact 32-bit sums (integer_kernel.h), and the sums are added, shifted, in 64 or 128 bits. So
 * all formats share one kernel, and no order of terms matters.
 *
 *     mp_model_init_integer(&model, &network, &quantisation, 0, NULL, err);   (infer.h)
 *     mp_model_accuracy(&accuracy, &model, &images, 0, err);
 *     mp_model_release(&model);
 */
#ifndef MP_CNN_INTEGER_H
#define MP_CNN_INTEGER_H

#include "estimator/cnn/quantise.h"
#include "estimator/format/golden_form.h"

struct mp_integer_kernel;
struct mp_integer;         /* packed weights of all layers; shared by threads, read only */
struct mp_integer_scratch; /* of one thread */

/* accumulator_bits: 1..128; 0: as many as no sum of these weights wraps in. kernel
 * NULL: the fastest here. n must outlive the result. A layer of whose formats no netlist can be
 * made (or that is not quantised): MP_E_UNSUPPORTED, naming it. */
int mp_integer_create(struct mp_integer **out, const struct mp_network *n,
                      const struct mp_quantisation *q, unsigned accumulator_bits,
                      const struct mp_integer_kernel *kernel, struct mp_error *err);
/* The same from each layer's own: codes[layer], of which those of layers without weights are not
 * looked at; nothing of it is kept. */
int mp_integer_create_layers(struct mp_integer **out, const struct mp_network *n,
                             const struct mp_integer_codes *codes, unsigned accumulator_bits,
                             const struct mp_integer_kernel *kernel, struct mp_error *err);
/* From now on sums are those of a unit of another form (golden_form.h), whose products or sums are
 * cut: terms meet in the order [in][row][column], form.terms of them in a cycle, and an output's
 * last cycle is filled up with zeros. One unit of the accumulator is 2^drop_bits. Product by
 * product, so some hundred times slower. q: that m was made from. */
void mp_integer_use_form(struct mp_integer *m, const struct mp_quantisation *q,
                         const struct mp_golden_form *form);
void mp_integer_destroy(struct mp_integer *m);
unsigned mp_integer_accumulator_bits(const struct mp_integer *m);

/* images: the most of one call. MP_E_MEMORY when the layers' buffers are above a limit. */
int mp_integer_scratch_create(struct mp_integer_scratch **out, const struct mp_integer *m,
                              uint32_t images, struct mp_error *err);
void mp_integer_scratch_destroy(struct mp_integer_scratch *s);

/* Layer l, one with weights: input and output are [image][elements], real values. relu: also do the
 * plain ReLU behind it. */
void mp_integer_run(const struct mp_integer *m, struct mp_integer_scratch *s, uint32_t l,
                    uint32_t images, const float *input, bool relu, float *output);
/* The same for one image, but what stands in the accumulator after the last product, its low
 * accumulator_bits bits (upper bits zero), of each output: codes[elements]. */
void mp_integer_accumulators(const struct mp_integer *m, struct mp_integer_scratch *s, uint32_t l,
                             const float *input, mp_u128 *codes);

#endif
