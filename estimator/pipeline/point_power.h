/*
 * Operands for power inside a search: the first cycles of a trace, as the inputs of the design.
 */
#ifndef MP_PIPELINE_POINT_POWER_H
#define MP_PIPELINE_POINT_POWER_H

#include "estimator/pipeline/synthesis.h"
#include "estimator/techmap/power.h"
#include "netlists/graph.h"

/* Of the point's trace, in the order of the graph's input ports; bits owned by the caller.
 * MP_E_USAGE for a point without a trace. tool_wall_s is added to. */
int mp_point_operands(struct mp_techmap_operands *out, const struct mp_point *p,
                      const struct mp_design *design, const struct mp_graph *graph,
                      const char *temp_dir, double *tool_wall_s, struct mp_error *err);

/* Functional power and glitches of a variant under the point's trace, by both simulators. */
int mp_point_measure(struct mp_variant *v, const struct mp_point *p, const struct mp_synthesis *how,
                     const struct mp_design *design, const struct mp_netlist *n,
                     const struct mp_timing *timing, struct mp_error *err);

#endif
