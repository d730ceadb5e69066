/*
 * Functional (zero-delay) simulation of a levelised netlist, bit-parallel: a net's value is a row
 * of `words` 64-bit words, one bit a lane, each lane an independent stretch of cycles.
 *
 * A step is one clock cycle: (1) every register takes next_state from the settled values before,
 * (2) register outputs and the new inputs change together, (3) the logic settles, in
 * topological order, (4) if counting, each net's transitions and ones are added over the lanes of
 * the mask. Registers start at 0 with the logic settled for all-zero inputs. Asynchronous clear
 * and preset are applied after (2).
 *
 * Nothing is guessed: every net has a simulated value, so 100 % of the pins are annotated.
 */
#ifndef MP_ACTIVITY_SIMULATOR_H
#define MP_ACTIVITY_SIMULATOR_H

#include "estimator/netlist/netlist.h"

enum mp_kernel { MP_KERNEL_AUTO, MP_KERNEL_PLAIN, MP_KERNEL_AVX2, MP_KERNEL_AVX512 };

struct mp_simulator; /* opaque; one thread at a time */

/* words: 1..64 words of 64 lanes (8, i.e. 512 lanes, is the fast size). A kernel that this CPU
 * cannot run is MP_E_UNSUPPORTED. The netlist must outlive it. */
int mp_simulator_create(struct mp_simulator **out, const struct mp_netlist *n, unsigned words,
                        enum mp_kernel kernel, struct mp_error *err);
void mp_simulator_destroy(struct mp_simulator *s); /* accepts NULL */
const char *mp_simulator_kernel_name(const struct mp_simulator *s);

/* Input bits, in the order of ports and bit 0 first within a port, the clock left out. */
uint32_t mp_simulator_input_count(const struct mp_simulator *s);
/* First input bit of a port, MP_NONE: no such input. */
uint32_t mp_simulator_input(const struct mp_simulator *s, const char *port);

/* Start again from zero; counts are kept. */
void mp_simulator_reset(struct mp_simulator *s);
/* Start from a known state instead: register netlist->registers[i] holds state[i][words], inputs as
 * for a step; the logic is settled; counts are kept. */
void mp_simulator_load(struct mp_simulator *s, const uint64_t *state, const uint64_t *inputs);
/* State of netlist->registers[i], [words], as mp_simulator_load() takes it; valid until the next
 * step. */
const uint64_t *mp_simulator_state(const struct mp_simulator *s, uint32_t i);
/* One cycle. inputs[input_count][words]; count_mask[words]: the lanes whose transitions against the
 * cycle before are counted, NULL: count none. */
void mp_simulator_step(struct mp_simulator *s, const uint64_t *inputs, const uint64_t *count_mask);
/* Settled values of a net, [words]; valid until the next step. */
const uint64_t *mp_simulator_net(const struct mp_simulator *s, uint32_t net);

/* Counts since creation. */
struct mp_activity {
    uint32_t net_count;
    uint64_t cycles;       /* lane-cycles counted */
    uint64_t *transitions; /* [net] */
    uint64_t *ones;        /* [net] cycles that ended with 1; duty = ones / cycles */
};
/* The clock net gets 2 transitions a cycle and duty 1/2. Owned by the caller afterwards. */
void mp_simulator_activity(const struct mp_simulator *s, struct mp_activity *out);
void mp_activity_release(struct mp_activity *a);

/* The plain reference: the same semantics, one lane, one expression evaluation a cell, as slow and
 * clear as can be. inputs[cycle][input_count] bytes of 0 or 1; the first `warmup` cycles are not
 * counted. nets_out, if not NULL, gets [cycle][net_count] values. */
int mp_reference_simulate(const struct mp_netlist *n, size_t cycles, size_t warmup,
                          const uint8_t *inputs, struct mp_activity *out, uint8_t *nets_out,
                          struct mp_error *err);

#endif
