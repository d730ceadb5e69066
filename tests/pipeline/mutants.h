/*
 * Mutants of a structural netlist as Yosys writes it: the text is read as a list of instances, and
 * a mutant is the same text with one fault in it. For tests that a proof finds every fault.
 */
#ifndef TESTS_PIPELINE_MUTANTS_H
#define TESTS_PIPELINE_MUTANTS_H

#include "estimator/netlist/netlist.h"
#include "estimator/util/random.h"

/* One input connection `.A(net)` of an instance: the text between the parentheses. */
struct mutant_input {
    size_t at, size;
    size_t instance;
};

struct mutant_instance {
    size_t type_at, type_size; /* the cell's name in the text */
    uint32_t cell;             /* in the library */
};

struct mutants {
    const char *text; /* borrowed */
    const struct mp_library *library;
    struct mutant_instance *instances;
    struct mutant_input *inputs;
    size_t instance_count, input_count, instance_capacity, input_capacity;
};

/* Find the instances of `text`. Inputs that are clocks are left alone. */
void mutants_open(struct mutants *m, const char *text, const struct mp_library *library);
void mutants_close(struct mutants *m);

enum mutant_kind { MUTANT_GATE, MUTANT_SWAP, MUTANT_STUCK, MUTANT_KINDS };

/* A fresh text with one random fault: another gate with the same pins, two inputs' nets swapped, or
 * an input tied to 0 or 1. NULL: no such fault could be made here. The caller frees; what says
 * which fault it is. */
char *mutants_make(const struct mutants *m, enum mutant_kind kind, struct mp_random *r, char *what,
                   size_t what_size);

#endif
