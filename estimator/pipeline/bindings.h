/*
 * What drives each input port of a netlist: operands of the trace, a constant, random bits, a
 * reset. Roles come from the caller ("x=activation") or from the names of the ports.
 *
 *     const char *ports[] = {"x=activation", "bias=0"};
 *     struct mp_bindings_options o = {.ports = ports, .port_count = 2, .module = &module,
 *                                     .random_operands = true};
 *     struct mp_bindings b = {0};
 *     if (mp_bindings_make(&b, &netlist, &o, err) < 0) ...
 *     mp_trace_random(&trace, &b.weight, &b.activation, MP_OPERANDS_UNIFORM, &options, err)
 *     mp_operands_timed_bound(&result, &netlist, &sdf, &b, &trace, &timed_options, err)
 *     mp_bindings_release(&b);
 *
 * A role as text:
 *   activation, weight       the next operand; activation*4: four of them packed, low bits first
 *   first                    1 in the first term of an output
 *   random                   new bits in every cycle
 *   hold                     random bits, the same throughout a stretch
 *   reset, reset_n           active (1, or 0 for reset_n) in the cycles before a stretch
 *   0, 5, -3, 0xff, 0b01     that number, two's complement
 *
 * Names, without regard to case, to a prefix i_ or in_, to a suffix _i or _in, and to a number at
 * the end (a0, a1, ..., in that order):
 *   activation   a, x, act..., pixel..., ifmap...
 *   weight       b, w, y, wt..., weight..., coef..., filter..., kernel...
 *   first        first, clear, clr, start, init
 *   1            en, ena, enable, ce, clken, clk_en, valid, in_valid, valid_in
 *   reset        rst, reset, arst, areset, srst, sreset, set, aset, preset; with _n, n, _b, b or
 * _ni: active low; and all that drives asynchronous resets, with the level it has there The clock
 * and inputs that nothing reads need no role.
 *
 * A unit that takes several operands a cycle (a dot product) gets as many consecutive terms of the
 * trace. Where outputs follow one another in the trace (output-stationary), a group ends with its
 * output, and zeros fill it up, as in such a unit.
 */
#ifndef MP_PIPELINE_BINDINGS_H
#define MP_PIPELINE_BINDINGS_H

#include "estimator/format/format.h"
#include "estimator/netlist/netlist.h"
#include "estimator/synth/module.h"
#include "netlists/design.h"

enum mp_role {
    MP_ROLE_NONE,
    MP_ROLE_CLOCK,
    MP_ROLE_ACTIVATION,
    MP_ROLE_WEIGHT,
    MP_ROLE_FIRST,
    MP_ROLE_CONSTANT,
    MP_ROLE_RANDOM,
    MP_ROLE_HOLD,
    MP_ROLE_RESET,
    MP_ROLE_ADDEND /* of a generated mac without registers: its result of the cycle before */
};
const char *mp_role_name(enum mp_role r);

struct mp_binding {
    char *port;
    uint32_t width;
    enum mp_role role;
    const char *by;      /* static: "asked for", "by name", "no role", "drives resets", ... */
    uint32_t operands;   /* packed into the port; 1 or more for activations and weights */
    uint32_t first_term; /* of the first one, among the terms of a cycle */
    uint64_t constant;   /* low 64 bits; of an addend: 0, or 1 for the carry row */
    bool fill;           /* bits above 64 */
    bool active_low;     /* resets */
};

struct mp_bindings {
    struct mp_binding *ports; /* the inputs, in the order of the netlist */
    uint32_t count;
    uint32_t terms;                      /* of the trace in a cycle, at least 1 */
    struct mp_format weight, activation; /* as asked for, else of the ports; both are set, that of a
                                            role that no port has is the other's */
    bool has_weight, has_activation;
    uint32_t reset_cycles;  /* before each stretch, not counted; 0 without a reset */
    uint32_t warmup_cycles; /* at the start of each stretch, not counted */
    char **notes;           /* what a result must say: "port c is random", ... */
    size_t note_count;
};

struct mp_bindings_options {
    const char *const *ports; /* "NAME=ROLE" */
    size_t port_count;
    const struct mp_format *weight, *activation; /* NULL: int<W> or uint<W> of the port */
    bool random_operands;           /* ports without a role are random; else they are an error */
    const struct mp_module *module; /* NULL: unknown, so ports are unsigned and have no place */
    uint32_t warmup_cycles; /* 0: 3 or, in deeper pipelines, until the first operands are through */
};

/* Zero-initialise; release frees. n is levelised. A port that is not there, a role that is none, a
 * width that does not fit, ports of different names for one role where only names speak:
 * MP_E_USAGE; ports without a role: MP_E_USAGE, all of them listed. */
int mp_bindings_make(struct mp_bindings *b, const struct mp_netlist *n,
                     const struct mp_bindings_options *o, struct mp_error *err);
/* Of a generated design (netlists/design.h): weight and activation, of as many terms as the ports
 * hold, first, addends. Without the design, a pipeline inside is not known of. */
int mp_bindings_generated(struct mp_bindings *b, const struct mp_netlist *n,
                          const struct mp_format *weight, const struct mp_format *activation,
                          struct mp_error *err);
/* The same of a known design, with what its pipeline takes to fill. */
int mp_bindings_design(struct mp_bindings *b, const struct mp_netlist *n,
                       const struct mp_design *design, struct mp_error *err);
void mp_bindings_release(struct mp_bindings *b);

/* "activation 1 to 4 of 4 a cycle (int8), by name" */
const char *mp_binding_text(const struct mp_bindings *b, const struct mp_binding *p, char *out,
                            size_t size);

/* What a port's name says. number: at its end, 0 without one; base: what is left of the name. */
struct mp_port_name {
    enum mp_role role; /* CONSTANT: 1 */
    bool active_low;
    uint32_t number;
    char base[64];
};
void mp_port_name_read(struct mp_port_name *out, const char *name);

#endif
