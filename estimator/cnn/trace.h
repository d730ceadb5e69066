/*
 * Operand traces: the codes that a MAC unit sees, cycle by cycle, when the quantised network runs
 * on real images. A trace is a set of stretches of equal length, each of consecutive cycles of one
 * layer: a sample in which every cycle of the network and every image is as probable as any other.
 * Layers so get stretches by their share of the network's MACs (a tiny one perhaps none). A trace
 * has one format of weights and one of activations, and is of the layers that have these.
 *
 *   output-stationary   one output element after another: its `terms` products in the order of the
 *                       weights (channel, row, column), first = 1 at the first term
 *                       (mx formats: of every block, whose sum leaves the unit)
 *   weight-stationary   one weight after another, held while the activations of all output
 *                       positions stream past; partial sums live outside the unit, so first = 1 in
 *                       every cycle
 *
 *     mp_trace_make(&t, &network, &quantisation, NULL, NULL, &images, &options, err)
 *     mp_operands_timed(&activity, &netlist, &sdf, &t, period_s, threads, err)
 *     mp_trace_release(&t)
 */
#ifndef MP_CNN_TRACE_H
#define MP_CNN_TRACE_H

#include "estimator/cnn/quantise.h"

enum mp_dataflow { MP_OUTPUT_STATIONARY, MP_WEIGHT_STATIONARY };
int mp_dataflow_parse(enum mp_dataflow *d, const char *name, struct mp_error *err);
const char *mp_dataflow_name(enum mp_dataflow d);

struct mp_trace_options {
    enum mp_dataflow dataflow;
    uint32_t stretches; /* a multiple of 64; 0: 512 */
    uint32_t length;    /* cycles a stretch; 0: 256 */
    uint32_t images;    /* drawn from the data set, in turn for the stretches; 0: 64 */
    uint64_t seed;      /* of what is drawn: images and places; the formats do not matter to it */
    const char *layer;  /* this layer's work alone; NULL: the whole network's */
};

struct mp_trace_layer {
    char name[64];
    uint32_t stretches;
    uint64_t macs;        /* of one image */
    bool synthetic;       /* its weights are made up: good for power, not for accuracy */
    bool reads_synthetic; /* what it reads was computed with weights that are */
};

struct mp_trace {
    struct mp_format weight, activation;
    enum mp_dataflow dataflow;
    uint64_t seed;
    uint32_t stretches, length, layer_count;
    uint32_t *layer;       /* [stretch] index into layers */
    uint32_t *weights;     /* [stretch][length] codes */
    uint32_t *activations; /* [stretch][length] codes */
    uint8_t *firsts;       /* [stretch][length] 0 or 1 */
    struct mp_trace_layer *layers;
    uint64_t network_macs;   /* of one image in the whole architecture; 0: no network, or a file of
                                version 1 */
    char source[128];        /* network and data, for people */
    char hash[MP_HASH_SIZE]; /* of all that is above */
};

/* Of the layers whose formats in q are weight x activation (mp_quantisation_pairs() lists which
 * there are); both NULL: the only ones there are. The layers before run quantised too, in the
 * integer engine, or in the fake one where a layer has no codes for it. MP_E_USAGE: no layer has
 * them, the layer asked for has others, or there are several and none was named. */
int mp_trace_make(struct mp_trace *t, const struct mp_network *n, const struct mp_quantisation *q,
                  const struct mp_format *weight, const struct mp_format *activation,
                  const struct mp_dataset *d, const struct mp_trace_options *o,
                  struct mp_error *err);
/* A trace of each layer with weights whose formats have codes, in the network's order, all from one
 * pass over the images: bit for bit what mp_trace_make() gives for o->layer = the layer's name and
 * the seed mp_trace_block_seed(mp_trace_layer_seed(o->seed, layer), block). So layers draw images
 * and places apart from each other, and their samples are independent. o->layer is not looked at;
 * block: of growing samples, else 0. *out: [*count], released with mp_trace_release_layers(). */
int mp_trace_make_layers(struct mp_trace **out, uint32_t *count, const struct mp_network *n,
                         const struct mp_quantisation *q, const struct mp_dataset *d,
                         const struct mp_trace_options *o, uint32_t block, struct mp_error *err);
void mp_trace_release_layers(struct mp_trace **traces, uint32_t *count);
/* Whether layer l is among them. */
bool mp_trace_layer_is_traced(const struct mp_network *n, const struct mp_quantisation *q,
                              uint32_t l);
uint64_t mp_trace_layer_seed(uint64_t seed, uint32_t layer); /* layer: of the network */
/* Random operands, for when there is no network: uniform codes or normal weights with half of the
 * activations 0. */
enum mp_operands { MP_OPERANDS_UNIFORM, MP_OPERANDS_NORMAL };
int mp_trace_random(struct mp_trace *t, const struct mp_format *weight,
                    const struct mp_format *activation, enum mp_operands how,
                    const struct mp_trace_options *o, struct mp_error *err);
void mp_trace_release(struct mp_trace *t);

/* What share of the architecture's MACs the traced layers are: less than 1 where others have other
 * formats, were not asked for, or are cut off for want of weights. 0: not known. */
double mp_trace_macs_share(const struct mp_trace *t);
/* Some layer's weights are made up, or it reads what was computed with such. */
bool mp_trace_is_synthetic(const struct mp_trace *t);

/* Batches that the stretches fall into, stretch s into batch s mod count: equal parts of the trace
 * that were drawn apart from each other, for intervals. 32; 16 in traces of under 256 stretches. */
#define MP_TRACE_BATCHES 32
uint32_t mp_trace_batches(const struct mp_trace *t);
/* Seed of the block-th trace of a growing sample; block 0 has the seed itself. */
uint64_t mp_trace_block_seed(uint64_t seed, uint32_t block);

/* Trace files: little-endian binary with a header that says what is inside (docs/trace.md); those
 * of version 1 are read too, a damaged or cut-off file is MP_E_INPUT. Text form (CSV:
 * stretch,layer,cycle,weight,activation,first) is written only. */
int mp_trace_write(const struct mp_trace *t, const char *path, struct mp_error *err);
int mp_trace_write_csv(const struct mp_trace *t, const char *path, struct mp_error *err);
int mp_trace_read(struct mp_trace *t, const char *path, struct mp_error *err);

/* Shares that explain activity: of zero activations, of zero weights, of activations equal to the
 * one before. */
struct mp_trace_statistics {
    double zero_weights, zero_activations, held_weights, held_activations;
};
void mp_trace_statistics(const struct mp_trace *t, struct mp_trace_statistics *s);

#endif
