/*
 * What the files of the integer engine share: a layer packed for a kernel (integer_pack.c), which
 * integer_run.c runs in the memory of a thread (integer.c).
 */
#ifndef MP_CNN_INTEGER_PARTS_H
#define MP_CNN_INTEGER_PARTS_H

#include "estimator/cnn/integer.h"
#include "estimator/cnn/integer_kernel.h"

/* A word holds the elements of `group` neighbouring input channels at one place; `planes` of them
 * hold all channels of a group of the convolution, the last one filled up with zero weights. Words
 * of an output: [plane][kernel row][kernel column]. A dense layer is a 1 x 1 convolution whose
 * positions are images. */
struct mp_integer_layer {
    const struct mp_layer *layer; /* NULL: no weights */
    struct mp_shape in, out;
    bool is_dense;
    struct mp_format weight, activation;
    int activation_unit_exponent;
    int *exponents;    /* [out_count] of a product's unit */
    bool is_scaled;    /* by normal powers of two, so exactly */
    uint32_t channels; /* of a group's input */
    uint32_t planes, words;
    uint32_t blocks;            /* of output channels, `rows` of the kernel each, in a group */
    uint32_t digits;            /* of weights */
    uint32_t activation_digits; /* 1 or 2 */
    uint32_t offset, mask;      /* element = (code + offset) & mask, digit by digit */
    uint32_t *weights;          /* [group][block][digit][words][rows] */
    mp_u128 *corrections;       /* [out_count] what the activations' offset adds to a sum */
    uint32_t *codes;            /* [out_count][terms] of weights, for units of another form */
};

struct mp_integer {
    const struct mp_network *network;
    const struct mp_integer_kernel *kernel;
    unsigned accumulator_bits;
    struct mp_integer_layer *layers; /* [layer] */
    bool has_form;
    struct mp_golden_form form;
};

/* Packs the layer's weights; codes are looked up, so a weight costs the same in any format. */
void mp_integer_pack(struct mp_integer_layer *p, const struct mp_integer *m,
                     const struct mp_layer *layer, const struct mp_integer_codes *codes);
/* Two's complement bits that hold every partial sum of the layer (of mx formats: of a block),
 * whatever its input. */
unsigned mp_integer_needed_bits(const struct mp_layer *layer, const struct mp_integer_codes *codes);
void mp_integer_layer_release(struct mp_integer_layer *p);

/* Memory of a thread; each piece has room for a vector behind its last position. */
struct mp_integer_scratch {
    uint32_t images;
    uint32_t *codes;   /* of the channels of one plane, or of a dense layer's input */
    uint32_t *words;   /* [digit][group x planes][positions] */
    uint32_t *columns; /* [digit][words][tile positions] */
};

/* A 1 x 1 window with stride 1 needs no columns: the words are them. */
bool mp_integer_is_direct(const struct mp_integer_layer *p);
/* Output rows whose columns are made at a time. */
uint32_t mp_integer_tile_rows(const struct mp_integer_layer *p);
/* Words of an input plane: places of a map, or images of a dense layer, rounded up to vectors. */
uint64_t mp_integer_plane_positions(const struct mp_integer *m, const struct mp_integer_layer *p,
                                    uint32_t images);

/* mp_integer_run() and mp_integer_accumulators() of units of another form. */
void mp_integer_run_form(const struct mp_integer *m, uint32_t l, uint32_t images,
                         const float *input, float least, float *output, mp_u128 *codes);

#endif
