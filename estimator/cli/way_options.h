/*
 * The options by which commands say how designs become netlists, and what is outside of them: one
 * table for `estimate` and whoever else maps designs.
 */
#ifndef MP_CLI_WAY_OPTIONS_H
#define MP_CLI_WAY_OPTIONS_H

#include "estimator/cli/options.h"
#include "estimator/pipeline/pipeline.h"

/* Fields of a design, lists; all zero: nothing was given. */
struct mp_choice_options {
    struct mp_option_list adder, form, sign, shift, shifter, terms, alignment, stages, drop_bits,
        guard_bits, rounding, low_power, registers;
};

#define MP_CHOICE_OPTIONS(o)                                                                       \
    {"adder", "NAME", MP_OPTION_LIST, &(o).adder,                                                  \
     "final adder, see macppa doctor (default: the architecture's; this and the following are "    \
     "repeatable: all are crossed)"},                                                              \
        {"form", "NAME", MP_OPTION_LIST, &(o).form,                                                \
         "mac: adder (default), row (accumulator as a row of the tree) or carry-save"},            \
        {"terms", "N", MP_OPTION_LIST, &(o).terms, "products a cycle: 1 (default), 2, 4, 8, 16"},  \
        {"stages", "N", MP_OPTION_LIST, &(o).stages, "pipeline stages inside, 0 (default) to 3"},  \
        {"registers", "WHICH", MP_OPTION_LIST, &(o).registers,                                     \
         "both (default) or none: a combinational unit"},                                          \
        {"sign", "HOW", MP_OPTION_LIST, &(o).sign,                                                 \
         "float: magnitude (default), negate-first or twos-complement"},                           \
        {"shift", "WHEN", MP_OPTION_LIST, &(o).shift,                                              \
         "float: after (default) or before the product"},                                          \
        {"shifter", "KIND", MP_OPTION_LIST, &(o).shifter,                                          \
         "float: mixed (default), log-fine, log-coarse or one-hot"},                               \
        {"alignment", "HOW", MP_OPTION_LIST, &(o).alignment,                                       \
         "float, several terms: each (default) or shared"},                                        \
        {"drop-bits", "N", MP_OPTION_LIST, &(o).drop_bits,                                         \
         "float: low bits of the product that are not kept"},                                      \
        {"guard-bits", "N", MP_OPTION_LIST, &(o).guard_bits,                                       \
         "of these, 0 to 4 that are kept until the terms are added"},                              \
        {"rounding", "HOW", MP_OPTION_LIST, &(o).rounding, "down (default) or nearest"},           \
    {                                                                                              \
        "low-power", "HOW", MP_OPTION_LIST, &(o).low_power,                                        \
            "none (default), isolate, zero-skip or data-gate"                                      \
    }

/* What is given takes the place of what e has. MP_E_USAGE names the option. */
int mp_choice_options_apply(struct mp_experiment *e, const struct mp_choice_options *o,
                            struct mp_error *err);
/* Whether any is given. */
bool mp_choice_options_given(const struct mp_choice_options *o);

/* All zero: nothing was given. */
struct mp_way_options {
    struct mp_option_list implementations, recipes, objectives;
    const char *max_delay, *max_area, *max_power, *budget, *evaluations, *seeds, *driving_cell,
        *output_load;
    bool resize;
};

/* Rows of a command's table of options: `const struct mp_option options[] = {MP_WAY_OPTIONS(o),
 * ...}`. */
#define MP_WAY_OPTIONS(o)                                                                          \
    {"implementation", "HOW", MP_OPTION_LIST, &(o).implementations,                                \
     "yosys (default) or search: cells placed by our own search (repeatable: both)"},              \
        {"recipe", "NAME", MP_OPTION_LIST, &(o).recipes,                                           \
         "yosys: script, see macppa doctor (default: auto; repeatable)"},                          \
        {"objective", "WHAT", MP_OPTION_LIST, &(o).objectives,                                     \
         "search: area, delay, area*delay (default), power or energy*delay (repeatable)"},         \
        {"max-delay", "TIME", MP_OPTION_TEXT, &(o).max_delay, "search: limit, e.g. 1.2ns"},        \
        {"max-area", "AREA", MP_OPTION_TEXT, &(o).max_area, "search: limit, e.g. 400um2"},         \
        {"max-power", "POWER", MP_OPTION_TEXT, &(o).max_power, "search: limit, e.g. 50uW"},        \
        {"seeds", "N", MP_OPTION_TEXT, &(o).seeds,                                                 \
         "search: how many, the best is kept (default: 8)"},                                       \
        {"budget", "TIME", MP_OPTION_TEXT, &(o).budget,                                            \
         "search: time for each seed, e.g. 10s (default)"},                                        \
        {"evaluations", "N", MP_OPTION_TEXT, &(o).evaluations,                                     \
         "search: the most for each seed; then results do not depend on how fast the machine "     \
         "is, unless the budget ends first"},                                                      \
        {"resize", NULL, MP_OPTION_FLAG, &(o).resize,                                              \
         "change drives, symmetric pins and buffers of the mapped netlist afterwards"},            \
        {"driving-cell", "CELL", MP_OPTION_TEXT, &(o).driving_cell,                                \
         "of every input: none (default), library (its smallest buffer) or a cell"},               \
    {                                                                                              \
        "output-load", "LOAD", MP_OPTION_TEXT, &(o).output_load,                                   \
            "on every output: none (default), library (four of that buffer's inputs) or a "        \
            "capacitance, e.g. 3.9fF"                                                              \
    }

/* What is given takes the place of what e has. MP_E_USAGE names the option. */
int mp_way_options_apply(struct mp_experiment *e, const struct mp_way_options *o,
                         struct mp_error *err);
/* Whether something is given that does not concern a user's own design: implementation search, an
 * objective, a limit, seeds, several recipes. NULL: nothing; else its name. */
const char *mp_way_options_of_search(const struct mp_way_options *o);

#endif
