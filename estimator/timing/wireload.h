/*
 * Wire load: the capacitance of a net before there is a layout, from the number of pins and output
 * ports that it drives. By default there is none. Timing, slews and power use the same
 * capacitances; synthesis knows nothing of them.
 *
 *     struct mp_wire_option option;
 *     struct mp_wire_model model;
 *     if (mp_wire_option_parse(&option, "constant:2fF", err) == MP_OK &&
 *         mp_wire_model_choose(&model, &option, &library, mp_netlist_area_um2(&netlist), err) ==
 *             MP_OK) {
 *         struct mp_opensta_job job = {..., .wire_load = &model};
 *         double *wire_cap_f = mp_wire_caps(&model, &netlist); // power's input
 *     }
 */
#ifndef MP_TIMING_WIRELOAD_H
#define MP_TIMING_WIRELOAD_H

#include "estimator/netlist/netlist.h"

#define MP_WIRE_NAME_SIZE 128

enum mp_wire_kind {
    MP_WIRE_NONE,
    MP_WIRE_LIBRARY,         /* the library's own choice: by area, else its default */
    MP_WIRE_LIBRARY_OR_NONE, /* none where it has no choice of its own */
    MP_WIRE_MODEL,
    MP_WIRE_CONSTANT
};

/* What the user asks for. */
struct mp_wire_option {
    enum mp_wire_kind kind;
    char model[MP_WIRE_NAME_SIZE];
    double per_fan_out_f;
};

/* "none", "library", "library-or-none", "model:NAME", "constant:2fF" or "2fF/fanout". MP_E_USAGE
 * says what is taken.
 */
int mp_wire_option_parse(struct mp_wire_option *o, const char *text, struct mp_error *err);
/* The option as parse takes it, in its short form ("constant:2e-15F"): for cache keys. */
void mp_wire_option_print(const struct mp_wire_option *o, char *out, size_t size);

/* What it is for one library and design. */
struct mp_wire_model {
    bool is_none;
    struct mp_wire_load load;         /* unless none; tables borrowed from the library */
    char name[MP_WIRE_NAME_SIZE + 8]; /* for the record: "none", "model:5K_hvratio_1_1",
                                         "constant:2e-15F" */
};

/* MP_E_INPUT for a model that the library has not (the message lists those that it has), for one
 * without lengths or that gives no capacitance, and for `library` where it has no choice of its
 * own. area_um2: of the design's cells. */
int mp_wire_model_choose(struct mp_wire_model *m, const struct mp_wire_option *o,
                         const struct mp_library *lib, double area_um2, struct mp_error *err);

/* [net] F, owned by the caller; NULL for none (or m NULL). Fan-out counts input pins and output
 * ports, as OpenSTA does. 0 for constants and for nets that drive nothing. */
double *mp_wire_caps(const struct mp_wire_model *m, const struct mp_netlist *n);

/* A Liberty library with nothing but this model, named MP_WIRE_LOAD_NAME, which OpenSTA reads
 * beside the prepared one: it then computes with the very same numbers. Not for none. */
#define MP_WIRE_LOAD_NAME "macppa_wire_load"
void mp_wire_load_liberty(struct mp_text *out, const struct mp_wire_model *m);

#endif
