/*
 * What our own timing, sizing and search need of a run: the library compiled for table lookup, what
 * is outside of the design, wires.
 */
#ifndef MP_PIPELINE_MAPPING_H
#define MP_PIPELINE_MAPPING_H

#include "estimator/pipeline/synthesis.h"
#include "estimator/techmap/resize.h"

struct mp_mapping {
    struct mp_nldm nldm;
    struct mp_wire_model wires;
    struct mp_mapped_environment environment; /* of both */
};
/* area_um2: of the design, about; wire loads may follow from it. Zero-initialise; release frees. */
int mp_mapping_open(struct mp_mapping *m, const struct mp_synthesis *s, double area_um2,
                    struct mp_error *err);
void mp_mapping_release(struct mp_mapping *m);

/* Change drives, pins and buffers of a variant's netlist, as its way's recipe chooses among
 * netlists: smaller at the clock, smaller, faster, or less area x delay. wall_s and evaluations are
 * added to. */
int mp_mapping_resize(struct mp_variant *v, const struct mp_synthesis *s, const struct mp_way *way,
                      const char *top, struct mp_error *err);

/* How a way chooses among variants, for mp_synthesis: NULL: the clock rule. context is the way. */
mp_synthesis_better *mp_way_better(const struct mp_way *way);

#endif
