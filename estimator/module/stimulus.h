/*
 * Vectors for proofs of modules, bit-parallel, and netlists that are driven with them. Inside of
 * prove.c.
 *
 * A row is one bit of an input port, its values in MP_STIMULUS_WORDS words of 64 lanes.
 */
#ifndef MP_MODULE_STIMULUS_H
#define MP_MODULE_STIMULUS_H

#include "estimator/activity/simulator.h"
#include "estimator/pipeline/bindings.h"
#include "estimator/util/random.h"

#define MP_STIMULUS_WORDS 8
#define MP_STIMULUS_LANES (64 * MP_STIMULUS_WORDS)
/* Inputs with up to this many bits are tried in all combinations. */
#define MP_STIMULUS_ALL_BITS 24

struct mp_stimulus_port {
    const char *name;
    uint32_t width, row;
    bool varies;   /* else it is held at `constant` */
    bool is_reset; /* active in the first cycles; later now and then, if it varies */
    bool active_low;
    uint64_t constant;
    bool fill;
};

struct mp_stimulus {
    struct mp_stimulus_port *ports;
    uint32_t port_count, row_count;
    uint32_t free_bits; /* of ports that vary and are no resets */
    uint64_t *rows;     /* [row_count][WORDS] of the cycle that was made last */
    struct mp_random random;
};

/* The inputs of n but the clock, as b binds them. free_controls: enables, first and resets vary
 * like data; else they are held so that the module computes (resets off, first at 1). */
void mp_stimulus_create(struct mp_stimulus *s, const struct mp_netlist *n,
                        const struct mp_bindings *b, bool free_controls);
void mp_stimulus_release(struct mp_stimulus *s);

/* Combinations first, first + 1, ... of the free bits in the lanes, in an order that moves all bits
 * from cycle to cycle; those above 2^free_bits begin again. Only for free_bits <= ALL_BITS. */
void mp_stimulus_combinations(struct mp_stimulus *s, uint64_t first);
/* At random: plain, few ones, few zeros, all bits alike (ends of the range), small magnitudes. */
void mp_stimulus_random(struct mp_stimulus *s);
/* Sets resets in the rows: active in all lanes; off; or in few lanes if they vary. */
enum mp_stimulus_reset { MP_RESET_ACTIVE, MP_RESET_OFF, MP_RESET_RARE };
void mp_stimulus_resets(struct mp_stimulus *s, enum mp_stimulus_reset how);

/* "x = 0x3f, y = 0x80" of one lane of rows[row_count][WORDS]: ports that vary. */
void mp_stimulus_print(const struct mp_stimulus *s, const uint64_t *rows, unsigned lane,
                       struct mp_text *out);

/* A netlist that gets the rows. Ports that it lacks are left out. */
struct mp_side {
    const struct mp_netlist *netlist;
    struct mp_simulator *simulator;
    uint32_t *input; /* [row] MP_NONE: no such input */
    uint64_t *inputs;
};
int mp_side_create(struct mp_side *side, const struct mp_netlist *n, const struct mp_stimulus *s,
                   struct mp_error *err);
void mp_side_release(struct mp_side *side);
void mp_side_step(struct mp_side *side, const struct mp_stimulus *s);
/* Hexadecimal digits of a port in one lane. */
void mp_side_print(const struct mp_side *side, const struct mp_port *port, unsigned lane,
                   struct mp_text *out);

#endif
