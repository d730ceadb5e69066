/*
 * Proofs of a user's module, by simulation in the bit-parallel simulator.
 *
 * mp_prove_golden(): an output is what an expression says, after as many cycles as the module has
 * registers on the way. Enables and other constants are held at their values, `first` at 1, resets
 * are off after the first cycles; all other inputs take new values in every cycle.
 *
 * mp_prove_same(): the mapped netlist does in every cycle what the Verilog says, at every output.
 * All inputs vary; resets are active in the first cycles and now and then.
 *
 *   "exhaustive"                every combination of the inputs; those of modules with registers
 *                               one after the other, then some at random
 *   "corners and random"        more than 2^24 combinations: random ones, with many at the ends of
 *                               the range
 *   "random sequences"          modules whose registers depend on themselves, from reset; equal
 *                               sequences of the lanes differ in how often inputs move
 */
#ifndef MP_MODULE_PROVE_H
#define MP_MODULE_PROVE_H

#include "estimator/pipeline/bindings.h"

/* Goes into every cache key: raise it when a proof finds more than before. */
#define MP_MODULE_PROOF_VERSION 1
/* The deepest pipeline that is looked for. */
#define MP_PROOF_MAX_LATENCY 64

struct mp_module_proof {
    const char *method; /* one of the above; static; NULL: not proven */
    bool all_operands;  /* every combination of the inputs that vary was applied */
    uint64_t vectors;   /* compared */
    uint32_t latency;   /* of mp_prove_golden() */
};

struct mp_golden_job {
    const char *program;          /* Yosys */
    const struct mp_netlist *rtl; /* levelised; also a mapped netlist */
    const struct mp_bindings *bindings;
    const struct mp_module *module; /* for the signs of ports; NULL: operands of signed formats are
                                       signed, other ports not */
    /* Verilog over the names of input ports: "x * y", or "z = x * y" if there are several outputs.
     * Widths and signs are those of Verilog, the result is as wide as the output. */
    const char *expression;
    int latency;          /* cycles; -1: found, 0 to 64 */
    const char *temp_dir; /* private folder, exists */
    const char *keep_dir;
};

/* MP_E_PROOF: operands, expected and found value. MP_E_USAGE: an expression that Yosys does not
 * read, an output that is not there or not named. */
int mp_prove_golden(struct mp_module_proof *out, const struct mp_golden_job *job,
                    struct mp_error *err);

struct mp_same_job {
    const struct mp_netlist *mapped, *rtl; /* levelised */
    const struct mp_bindings *bindings;    /* for the levels of resets */
    const struct mp_module *module;        /* depth and feedback */
};
/* MP_E_PROOF: output, cycle, inputs, expected and found value. */
int mp_prove_same(struct mp_module_proof *out, const struct mp_same_job *job, struct mp_error *err);

#endif
