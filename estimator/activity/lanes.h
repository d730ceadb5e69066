/*
 * The lanes engine of the timed simulation: one cycle a 16-bit lane. Inside of the activity module;
 * timed.c chooses between it and the bit-parallel kernels (timed_kernel.h), which it equals in
 * every count.
 *
 * A net's transitions are rows of times: row k of a list holds, a lane, the time of one of its
 * transitions, ascending from row to row, 0 where the lane has fewer (those come first, so that the
 * last transitions of all lanes are in the last row). A time is a key: (ticks + 1) << shift, the
 * low bits free. An output's list is made in three steps:
 *   1. The lists of its inputs, the low bits of their keys set to the input's number, are merged by
 *      exchanges (minimum, maximum): now row k is the k-th event of each lane; keys of time 0 are
 *      none.
 *   2. Row by row, a table gives for the state of the inputs and those that have just moved whether
 *      the function changes and after which delay. A change with a pending one before it is
 *      cancelled with it (inertial); else it is pushed on the lane's stack of output transitions.
 *   3. The stacks are the rows of the new list.
 * Up to three inputs, the table is for sets of inputs that move at the same time; of more inputs it
 * is for one alone, and a vector with a tie is done again by a slower loop with a larger table. So
 * is one with many events, or with a delay that is missing.
 *
 * Only what can move a gate is simulated: sources (register outputs, ports) that no gate reads have
 * one transition wherever the functional simulation has one, and a cycle in which no other source
 * changes is dropped. The rest are sorted so that cycles that are alike share a vector.
 */
#ifndef MP_ACTIVITY_LANES_H
#define MP_ACTIVITY_LANES_H

#include "estimator/activity/timed_kernel.h"

enum {
    MP_LANES_INPUTS = 6,
    MP_LANES_GROUP = 512, /* lanes that are simulated together */
    MP_LANES_GROUP_WORDS = MP_LANES_GROUP / 64,
    MP_LANES_CHUNK_WORDS = 64 /* words of 64 lanes that are sorted together */
};

/* Tables are rows of 32 entries, each row on a cache line, indices beyond the last entry unused.
 * An index has the state of the inputs after the event (bit i: input i) above mp_lanes_id_bits()
 * bits that say what moved: with up to 3 inputs a bit an input, else the number of the only one. */
struct mp_lanes_gate {
    uint32_t net;
    uint32_t output;                 /* of the model */
    uint32_t input[MP_LANES_INPUTS]; /* nets */
    uint8_t input_count;             /* 1..6 */
    bool is_slow;          /* a delay is missing, or more than 3 inputs and a case uncovered */
    bool has_uncovered;    /* up to 3 inputs */
    const uint16_t *value; /* [state] 0 or 1 */
    const uint16_t *fast;  /* [index] delay << shift, less the last input's number; 0: the function
                              stays */
    const uint16_t *uncovered; /* [index] not 0: no arc covers the case; up to 3 inputs */
    const uint16_t *several;   /* [state << inputs | set of inputs that moved] delay << shift, with
                                  MP_LANES_UNCOVERED or MP_LANES_MISSING; 0: the function stays */
};
enum { MP_LANES_UNCOVERED = 1, MP_LANES_MISSING = 2 };

static inline unsigned mp_lanes_id_bits(unsigned inputs)
{
    return inputs <= 3 ? inputs : inputs == 4 ? 2 : 3;
}

struct mp_lanes_source {
    uint32_t net;
    uint32_t output;   /* of the model, MP_NONE: a port */
    uint32_t delay[2]; /* ticks until it has fallen, risen; MP_NONE: missing */
};

struct mp_lanes_program {
    const struct mp_timed_model *model;
    unsigned shift;              /* of times in keys */
    struct mp_lanes_gate *gates; /* in topological order */
    uint32_t gate_count;
    struct mp_lanes_source *sources; /* active ones first */
    uint32_t active_count, source_count;
    bool *is_simulated; /* [net] an active source or a gate's output; others keep `rest` */
    uint8_t *rest;      /* [net] value of a net that never moves */
    uint16_t *tables;   /* what the gates point into */
    size_t table_rows;
    /* [inputs][32] by the low bits of a key: the input's bit of the state and what says that it
     * moved. */
    uint16_t *codes;
};

/* False, with nothing to release: a cell has too many inputs or a time is too long for a key. */
bool mp_lanes_program_make(struct mp_lanes_program *p, const struct mp_timed_program *t);
void mp_lanes_program_release(struct mp_lanes_program *p);

/* A net in one vector of lanes. */
struct mp_lanes_net {
    uint64_t before; /* bits: settled values before the cycle */
    uint32_t first;  /* row, in bytes from the end of the memory for rows */
    uint32_t count;  /* rows */
};

/* One thread's memory and sums. */
struct mp_lanes_scratch {
    unsigned vector_bytes;
    struct mp_lanes_net *nets; /* [net][vectors of a group] */
    char *rows, *merged;       /* capacity vectors, three times that */
    size_t capacity;
    uint16_t *last;        /* [MP_LANES_GROUP] key of the last transition */
    uint64_t *transitions; /* [net] */
    uint64_t *odd;         /* [net] cycles with an odd number of them */
    uint64_t uncovered, unsettled;
    uint32_t latest;        /* ticks */
    uint32_t failed_output; /* as in mp_timed_scratch */
    int failed_edge;
    /* For sorting. */
    uint64_t *records; /* [lane][before, moved][blocks of 64 sources] */
    uint32_t *order;   /* [2][lanes of a chunk] */
    uint32_t *keys;    /* [lanes of a chunk] */
    uint64_t *group;   /* [before, moved][source][MP_LANES_GROUP_WORDS] */
};

/* A group of cycles: [source][MP_LANES_GROUP_WORDS] values before and whether they move; vectors
 * beyond the last are not looked at. False: see failed_output. */
typedef bool mp_lanes_run(const struct mp_lanes_program *p, struct mp_lanes_scratch *s,
                          unsigned lanes, const uint64_t *before, const uint64_t *moved);
struct mp_lanes_code {
    unsigned vector_bytes;
    mp_lanes_run *run;
};
extern const struct mp_lanes_code mp_lanes_plain;
#ifdef MP_SIMD
extern const struct mp_lanes_code mp_lanes_avx2;
extern const struct mp_lanes_code mp_lanes_avx512; /* F, BW, VL */
#endif

/* The memory for rows holds `used` vectors at its end; make room for `more` before them, and in
 * `merged`. */
void mp_lanes_reserve(struct mp_lanes_scratch *s, size_t used, size_t more);

/* --- gathering cycles and running them --- */

struct mp_lanes; /* opaque */

/* NULL: the design does not fit (see mp_lanes_program_make()). */
struct mp_lanes *mp_lanes_create(const struct mp_timed_program *t, const struct mp_lanes_code *code,
                                 unsigned words, unsigned threads);
void mp_lanes_destroy(struct mp_lanes *l); /* accepts NULL */
/* Before and after a counted step of the simulator. */
void mp_lanes_before(struct mp_lanes *l, const struct mp_simulator *s);
int mp_lanes_after(struct mp_lanes *l, const struct mp_simulator *s, const uint64_t *mask,
                   struct mp_error *err);
/* Adds to out, whose functional part is there, what was simulated since creation. */
int mp_lanes_finish(struct mp_lanes *l, struct mp_timed_result *out, struct mp_error *err);

#endif
