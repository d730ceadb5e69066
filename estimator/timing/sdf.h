/*
 * SDF (IEEE 1497) as OpenSTA writes it: IOPATH delays of every arc of every instance, rise and fall
 * apart, state-dependent arcs with their condition; INTERCONNECT delays of wires, where a wire load
 * has a resistance.
 */
#ifndef MP_TIMING_SDF_H
#define MP_TIMING_SDF_H

#include "estimator/netlist/netlist.h"

struct mp_sdf_arc {
    uint32_t cell;
    uint32_t from_pin, to_pin; /* local pins of the library cell */
    char from_edge;            /* 'r', 'f' (posedge, negedge) or 0: both */
    struct mp_expr when;       /* COND; code NULL: none */
    double rise_s, fall_s;     /* to_pin rises, falls; the maximum of (min::max), the delay of the
                                  wire before from_pin included unless that is a clock's; NAN: "()",
                                  the arc has no such transition */
};
struct mp_sdf {
    struct mp_sdf_arc *arcs; /* sorted by cell */
    uint32_t arc_count;
    struct mp_arena arena;
};

/* Unknown instance or pin, a cell of the netlist without a delay, a cut-off file: located errors.
 */
int mp_sdf_read_text(struct mp_sdf *sdf, const struct mp_netlist *n, const char *text, size_t size,
                     const char *file_name, struct mp_error *err);
void mp_sdf_release(struct mp_sdf *sdf);

#endif
