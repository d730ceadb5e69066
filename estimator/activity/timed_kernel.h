/*
 * The fast timed simulation's inner loop: one source (timed_kernel_source.h) compiled for each kind
 * of vector, as kernel.h does. Inside of the activity module.
 *
 * A block is MP_TIMED_LANES cycles, one a lane, of any stretches and steps. What a net does in a
 * block is a sorted list of rows: a time and a word of as many bits that says in which lanes the
 * net moves then. Outputs are taken in topological order. The lists of an output's inputs are
 * merged; at every time in them the function is evaluated for all lanes at once; lanes in which it
 * changed either lose their pending transition or get one, in a ring of rows indexed by time. When
 * time passes a row of the ring it is final and goes to the output's list. So the work grows with
 * the number of different times, not with that of transitions: identical to the reference in every
 * count.
 */
#ifndef MP_ACTIVITY_TIMED_KERNEL_H
#define MP_ACTIVITY_TIMED_KERNEL_H

#include "estimator/activity/timed_model.h"

enum { MP_TIMED_WORDS = 32, MP_TIMED_LANES = 64 * MP_TIMED_WORDS };

/* An arc for one edge of the output. */
struct mp_timed_choice {
    uint32_t delay;
    uint8_t from;        /* local pin */
    char edge;           /* of the input: 'r', 'f' or 0 */
    struct mp_expr when; /* code NULL: none */
};

/* A product of inputs: (input[k] ^ invert[k]) & ... */
#define MP_TIMED_TABLE_INPUTS 6
struct mp_timed_cube {
    uint32_t count;
    uint32_t input[MP_TIMED_TABLE_INPUTS]; /* which of the gate's */
    uint64_t invert[MP_TIMED_TABLE_INPUTS];
};

/* What mp_timed_delay() says where one input alone moves, for all states of the others. Groups of
 * states are apart from each other; a group holds where any of its cubes does, the last one of a
 * table where no other did. */
struct mp_timed_group {
    uint32_t delay; /* MP_NONE: there is none */
    bool is_uncovered;
    uint32_t first_cube, cube_count;
};
struct mp_timed_table {
    uint32_t first_group, group_count; /* 0: this input alone cannot cause this edge */
};

struct mp_timed_gate {
    uint32_t output; /* of the model */
    uint32_t net;
    uint32_t first_input, input_count; /* into inputs */
    struct mp_expr function;
    uint64_t normal_form[16]; /* up to 4 inputs: all ones where the product of the inputs in the
                                 index is a term of the exclusive-or sum that the function is */
    uint32_t first_table;     /* up to MP_TIMED_TABLE_INPUTS inputs: [input][falls, rises] */
    /* For where several inputs move at once. By output edge, smallest delay first. */
    uint32_t first_choice[2], choice_count[2];
    uint32_t any[2]; /* the smallest delay of all; MP_NONE: there is none */
    uint32_t ring;   /* rows: a power of two above the largest delay */
};

struct mp_timed_input {
    uint32_t net;
    uint8_t pin;
};

/* A register output or a port's bit. */
struct mp_timed_source {
    uint32_t net;
    uint32_t output;   /* MP_NONE: a port */
    uint32_t delay[2]; /* until it has fallen, risen; MP_NONE: missing */
};

struct mp_timed_program {
    const struct mp_timed_model *model;
    struct mp_timed_gate *gates; /* in topological order */
    uint32_t gate_count;
    struct mp_timed_input *inputs;
    struct mp_timed_choice *choices;
    struct mp_timed_table *tables;
    struct mp_timed_group *groups;
    struct mp_timed_cube *cubes;
    size_t table_count, table_capacity, group_count, group_capacity, cube_count, cube_capacity;
    struct mp_timed_source *sources;
    uint32_t source_count;
    uint32_t ring; /* the largest of the gates' */
};

/* Settled values of every net before the cycles and after, [net][MP_TIMED_WORDS], aligned. */
struct mp_timed_block {
    const uint64_t *before, *after;
    uint64_t mask[MP_TIMED_WORDS]; /* lanes that hold a cycle */
};

struct mp_timed_list {
    size_t first; /* row */
    uint32_t count;
};

/* One thread's memory and sums. Rows are followed by one of time UINT32_MAX in each list. */
struct mp_timed_scratch {
    struct mp_timed_list *lists; /* [net] */
    uint32_t *times;             /* [row] */
    uint64_t *rows;              /* [row][MP_TIMED_WORDS] */
    size_t capacity;
    uint64_t *ring;        /* [program ring][MP_TIMED_WORDS], zero between gates */
    uint64_t *occupied;    /* bit a ring row */
    uint64_t *transitions; /* [net], summed up */
    uint64_t uncovered, unsettled;
    uint32_t latest;
    uint32_t failed_output; /* of the model, without the delay that a block needs, or which ends
                               with another value than the functional simulation (failed_edge 2) */
    int failed_edge;
};

/* False: see failed_output. */
typedef bool mp_timed_run(const struct mp_timed_program *p, const struct mp_timed_block *b,
                          struct mp_timed_scratch *s);
extern mp_timed_run mp_timed_run_plain;
#ifdef MP_SIMD
extern mp_timed_run mp_timed_run_avx2;
extern mp_timed_run mp_timed_run_avx512; /* F, BW, VL, VPOPCNTDQ */
#endif
struct mp_lanes_code;
struct mp_timed_kernel {
    const char *name;
    mp_timed_run *run;
    const struct mp_lanes_code *lanes; /* NULL: none; else `run` is for designs that do not fit */
};
/* The kernels that this CPU can run, slowest first; returns how many (at least one). */
#define MP_TIMED_KERNEL_COUNT 6
unsigned mp_timed_kernels(struct mp_timed_kernel out[MP_TIMED_KERNEL_COUNT]);

/* The tables of a gate (timed_table.c). */
void mp_timed_tables_add(struct mp_timed_program *p, struct mp_timed_gate *g);

int mp_timed_program_make(struct mp_timed_program *p, const struct mp_timed_model *m,
                          struct mp_error *err);
void mp_timed_program_release(struct mp_timed_program *p);

void mp_timed_scratch_make(struct mp_timed_scratch *s, const struct mp_timed_program *p);
void mp_timed_scratch_release(struct mp_timed_scratch *s);
/* Room for `count` more rows from row `used` on; rows may move. */
void mp_timed_scratch_reserve(struct mp_timed_scratch *s, size_t used, size_t count);

struct mp_timed;
/* As mp_timed_create() with a given kernel; for tests and benchmarks of each of them. */
int mp_timed_create_with(struct mp_timed **out, const struct mp_netlist *n,
                         const struct mp_sdf *sdf, unsigned words,
                         const struct mp_timed_options *options,
                         const struct mp_timed_kernel *kernel, struct mp_error *err);
bool mp_timed_has_lanes(const struct mp_timed *t); /* false: it runs the bit-parallel kernel */

#endif
