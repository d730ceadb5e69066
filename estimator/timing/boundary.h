/*
 * What is outside of a design: the cell that drives each of its inputs, and the load on each of its
 * outputs. By default there is neither (inputs switch at once, outputs drive nothing), which is
 * right between registers that are inside; a combinational design alone is measured with both. The
 * usual measure of multipliers is `library` for both: the library's smallest buffer drives, and
 * four of its input capacitances are driven (BUF_X1 and 3.898 fF on Nangate45).
 *
 *     struct mp_boundary_option option = {0};
 *     struct mp_boundary boundary;
 *     if (mp_driving_cell_parse(&option, "library", err) == MP_OK &&
 *         mp_output_load_parse(&option, "3.9fF", err) == MP_OK &&
 *         mp_boundary_choose(&boundary, &option, &library, &roles, err) == MP_OK)
 *         ... boundary.driving_cell and boundary.output_load_f for mp_opensta_job ...
 */
#ifndef MP_TIMING_BOUNDARY_H
#define MP_TIMING_BOUNDARY_H

#include "estimator/liberty/library.h"

#define MP_BOUNDARY_NAME_SIZE 128
#define MP_BUFFERS_OF_LOAD    4

enum mp_boundary_kind { MP_BOUNDARY_NONE, MP_BOUNDARY_LIBRARY, MP_BOUNDARY_GIVEN };

/* What the user asks for; zeros: neither. */
struct mp_boundary_option {
    enum mp_boundary_kind driving, load;
    char driving_cell[MP_BOUNDARY_NAME_SIZE]; /* where driving is GIVEN */
    double output_load_f;                     /* where load is GIVEN, above 0 */
};

/* "none", "library" or the name of a cell. MP_E_USAGE says what is taken. */
int mp_driving_cell_parse(struct mp_boundary_option *o, const char *text, struct mp_error *err);
/* "none", "library", or a capacitance such as 3.9fF. */
int mp_output_load_parse(struct mp_boundary_option *o, const char *text, struct mp_error *err);
/* Both as parse takes them, in their short form: for cache keys. */
void mp_boundary_option_print(const struct mp_boundary_option *o, char *out, size_t size);

/* What it is on one library; the name is the library's. */
struct mp_boundary {
    const char *driving_cell; /* NULL: none */
    double output_load_f;     /* 0: none */
};
/* option NULL: neither. MP_E_INPUT: a cell that the library has not, or that is no buffer or
 * inverter (one input, one output); `library` where it has no buffer. */
int mp_boundary_choose(struct mp_boundary *b, const struct mp_boundary_option *option,
                       const struct mp_library *library, const struct mp_library_roles *roles,
                       struct mp_error *err);

#endif
