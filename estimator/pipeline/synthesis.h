/*
 * From elaborated logic to the best of several mapped and timed variants, for generated designs and
 * the user's modules alike.
 */
#ifndef MP_PIPELINE_SYNTHESIS_H
#define MP_PIPELINE_SYNTHESIS_H

#include "estimator/pipeline/point.h"
#include "estimator/synth/yosys.h"

struct mp_synthesis {
    const struct mp_target *target;
    const struct mp_tools *tools;
    const char *liberty_path;               /* prepared; NULL: the target's */
    const struct mp_wire_option *wire_load; /* NULL: none */
    double clock_period_s;
    unsigned runs;          /* variants, at least 1 */
    bool allows_both_edges; /* of a netlist that is read (netlist.h) */
};

/* Map one variant: netlist_verilog and wall_s of *out. */
typedef int mp_synthesis_map(void *context, unsigned variant, struct mp_yosys_result *out,
                             struct mp_error *err);

/* All variants of module `top`; the smallest that meets the clock, else the fastest, with its
 * timing, stays in r, its figures and the spread of all in r->record. temp_dir: private, exists. */
int mp_synthesis_run(struct mp_point_result *r, const struct mp_synthesis *s, const char *top,
                     mp_synthesis_map *map, void *context, const char *temp_dir,
                     struct mp_error *err);

/* Wires of the netlist in r for timing (the same as mp_synthesis_time() took) and power, into
 * r->wire_load, r->wire_cap_f and the record. */
int mp_synthesis_wires(struct mp_point_result *r, const struct mp_synthesis *s,
                       struct mp_error *err);

/* A mapped netlist's text, read and levelised; its timing with SDF. */
int mp_synthesis_read(struct mp_netlist *n, const struct mp_synthesis *s, const char *verilog,
                      const char *name, struct mp_error *err);
int mp_synthesis_time(struct mp_timing *timing, const struct mp_synthesis *s,
                      const struct mp_netlist *n, const char *verilog, const char *temp_dir,
                      struct mp_error *err);

#endif
