/*
 * Inside mp_nldm_compile(): nldm.c chooses and describes cells, nldm_table.c makes axes and tables.
 */
#ifndef MP_TIMING_NLDM_PARTS_H
#define MP_TIMING_NLDM_PARTS_H

#include "estimator/timing/nldm.h"

struct mp_nldm_builder {
    struct mp_nldm *n;
    size_t axis_capacity, arc_capacity, value_capacity;
    uint32_t *axis_uses; /* [axis_count] arcs with this slew axis */
    size_t axis_uses_capacity;
};

/* Arcs and load axis of an output of a cell whose inputs are known. False: something is missing or
 * beyond the limits of nldm.h; the cell is of no use (what was added stays unused). */
bool mp_nldm_build_output(struct mp_nldm_builder *b, const struct mp_nldm_cell *cell,
                          struct mp_nldm_output *out);
/* Setup tables of a flip-flop's inputs. */
bool mp_nldm_build_setup(struct mp_nldm_builder *b, struct mp_nldm_cell *cell);

/* Renumbers the axes so that the most frequent slew axis is axis 0. */
void mp_nldm_sort_axes(struct mp_nldm_builder *b);

#endif
