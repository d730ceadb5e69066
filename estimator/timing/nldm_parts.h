/*
 * Inside mp_nldm_compile(): nldm.c chooses and describes cells, nldm_table.c makes axes and tables.
 */
#ifndef MP_TIMING_NLDM_PARTS_H
#define MP_TIMING_NLDM_PARTS_H

#include "estimator/timing/nldm.h"

#define MP_NLDM_CURVE 512

/* Slew of the fitted waveform by the part of the table's slew that is fitted, both in time
 * constants. */
struct mp_nldm_curve {
    double measured_share; /* of a slew that lies before the output threshold */
    double part[MP_NLDM_CURVE], slew[MP_NLDM_CURVE];
    double shield[MP_NLDM_CURVE][2]; /* by the same: change of delay and slew by wire resistance */
};
void mp_nldm_curve_make(struct mp_nldm_curve *c, const struct mp_thresholds *t);
/* slew_s as the table has it, constant_s driver resistance times load. */
double mp_nldm_curve_slew(const struct mp_nldm_curve *c, double slew_s, double constant_s);

/* Change of delay and slew by wire resistance times load. */
void mp_nldm_curve_shield(const struct mp_nldm_curve *c, double slew_s, double constant_s,
                          float shield[2]);

struct mp_nldm_builder {
    struct mp_nldm *n;
    size_t axis_capacity, arc_capacity, value_capacity;
    uint32_t *axis_uses; /* [axis_count] arcs with this slew axis */
    size_t axis_uses_capacity;
    struct mp_nldm_curve curve[2]; /* by edge of the output */
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
