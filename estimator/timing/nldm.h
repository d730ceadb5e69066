/*
 * Own table-lookup timing (NLDM): a cell library compiled for search and sizing, small enough for
 * the fast caches and free of names. Read-only once made, so threads share one.
 *
 * What it computes is what OpenSTA computes for lumped loads: bilinear tables, extrapolated
 * linearly at the ends; rise and fall pin capacitance apart; of several arcs the worst, delay and
 * slew each for itself. Source: Liberty User Guide (table_lookup), OpenSTA 2.0.17 as measured.
 *
 * Arrival times and slews are float, in s. Capacitances are integers of MP_NLDM_CAP_UNIT_F, so that
 * a load is the same whatever the order in which its sinks were added and removed.
 *
 * Values lie interleaved, delay then output slew, tables as [slew][load]:
 *     values[arc.table + 2 * (slew_index * load_count + load_index) + {0: delay, 1: slew}]
 * Every table of an output has the same load axis and every arc names its slew axis; where a
 * library's tables differ they are refined to the union of their points, which changes no value.
 */
#ifndef MP_TIMING_NLDM_H
#define MP_TIMING_NLDM_H

#include "estimator/timing/wireload.h"

#define MP_NLDM_INPUTS     6
#define MP_NLDM_OUTPUTS    2
#define MP_NLDM_CAP_UNIT_F 1e-21
#define MP_NLDM_POINTS     24 /* most points of an axis */

enum mp_edge { MP_RISE, MP_FALL };

/* Ascending points, at least 2: s for slews, capacitance units for loads. The segment of x is the
 * number of inner points (neither first nor last) that are <= x. */
struct mp_nldm_axis {
    uint32_t count;
    uint32_t inner_padded;         /* inner points, padded with infinities to a multiple of 4 */
    float inner[MP_NLDM_POINTS];   /* [inner_padded] */
    float points[MP_NLDM_POINTS];  /* [count] */
    float inverse[MP_NLDM_POINTS]; /* [count - 1] 1 / its length */
};

struct mp_nldm_arc {
    uint32_t table; /* into values, see above */
    uint8_t input;  /* of the cell */
    uint8_t from;   /* enum mp_edge at the input */
    uint8_t slew_axis;
    uint8_t stride; /* load points a row */
    float cap;      /* of the input at this edge, units: for wire delays */
    /* OpenSTA takes other slews where a wire's resistance, as its driver sees it, is at least
     * wired_ohm (a thousandth of the driver's own): those of this table, of the same shape. */
    uint32_t wired;
    float wired_ohm;
    /* And delay and slew change by so much of that resistance times the load: the wire hides a part
     * of the load. */
    float shield[2];
};

struct mp_nldm_output {
    uint32_t pin;                          /* local pin of the library cell */
    uint32_t first_arc, fall_arc, end_arc; /* arcs to rise, then to fall */
    uint32_t load_axis;
    float max_load; /* max_capacitance in units; INFINITY: not given */
    uint64_t truth; /* bit i: value where input k is bit k of i; of a flip-flop over
                       its next state's inputs, inverted for QN */
};

enum mp_nldm_kind { MP_NLDM_GATE, MP_NLDM_FLIP_FLOP, MP_NLDM_TIE };

struct mp_nldm_cell {
    uint32_t library_cell;
    enum mp_nldm_kind kind;
    float area_um2;
    bool dont_use; /* known and timed, but not to be chosen: the library says so, or it is special
                      (an isolation cell, say) */
    uint8_t input_count, output_count;
    uint8_t clock; /* flip-flop: which input; falling edge: clock_edge MP_FALL */
    uint8_t clock_edge;
    uint32_t input_pin[MP_NLDM_INPUTS]; /* local pins, in the library's order */
    int32_t cap[MP_NLDM_INPUTS][2];     /* units, [input][edge] */
    uint8_t symmetric[MP_NLDM_INPUTS];  /* mask of inputs that may be exchanged with it, itself
                                           included: every output stays the same function */
    struct mp_nldm_output outputs[MP_NLDM_OUTPUTS];
    /* Flip-flops: setup time before the ideal clock edge (its slew 0) by the edge and slew of the
     * data: values[setup + slew_index] on its axis; MP_NONE: this input is not checked. */
    uint32_t setup[MP_NLDM_INPUTS][2];
    uint8_t setup_axis[MP_NLDM_INPUTS][2];
    uint32_t family; /* cells of one kind and function, input by input and output by output */
};

struct mp_nldm {
    const struct mp_library *library; /* must outlive this */
    uint32_t cell_count, axis_count, arc_count, family_count;
    size_t value_count;
    struct mp_nldm_cell *cells;
    struct mp_nldm_axis *axes; /* slew and load axes; axis 0 is the most frequent slew axis */
    struct mp_nldm_arc *arcs;
    float *values;
    uint32_t *of_library_cell;         /* [library cell] id here; MP_NONE: not usable here */
    uint32_t *family_first;            /* [family + 1] into family_cells */
    uint32_t *family_cells;            /* of each family by area, then by drive: dont_use last */
    uint32_t merged_count, kept_count; /* pin pairs with several arcs: merged within 0.1 %; kept
                                            apart as more than one table an edge pair */
};

/* Compiles every cell that search or sizing may meet: gates of up to 6 inputs and 2 outputs, flip-
 * flops, tie cells; left out (of_library_cell MP_NONE): pads, latches, three-state, scan, cells
 * without area, function or a table. MP_E_INPUT where nothing is left. */
int mp_nldm_compile(struct mp_nldm *n, const struct mp_library *library, struct mp_error *err);
void mp_nldm_release(struct mp_nldm *n);

/* Capacitance in units, and back. */
int64_t mp_nldm_cap(double cap_f);
double mp_nldm_cap_f(int64_t units);

/* The plain way through one arc: delay and output slew at an input slew (s) and a load (units). */
void mp_nldm_arc_value(const struct mp_nldm *n, const struct mp_nldm_output *out,
                       const struct mp_nldm_arc *arc, float slew_s, float load, float *delay_s,
                       float *out_slew_s);
/* Setup time at an input for data of this edge and slew; 0 where it is not checked. */
float mp_nldm_setup(const struct mp_nldm *n, const struct mp_nldm_cell *cell, uint32_t input,
                    enum mp_edge edge, float slew_s);

/* Segment of x on an axis and how far along it (below 0 or above 1 outside). */
static inline uint32_t mp_nldm_segment(const struct mp_nldm_axis *a, float x, float *fraction)
{
    uint32_t segment = 0;
    for (uint32_t k = 0; k < a->inner_padded; k++)
        segment += a->inner[k] <= x;
    *fraction = (x - a->points[segment]) * a->inverse[segment];
    return segment;
}

#endif
