/*
 * From elaborated logic to the best of several mapped and timed variants, for generated designs and
 * the user's modules alike.
 */
#ifndef MP_PIPELINE_SYNTHESIS_H
#define MP_PIPELINE_SYNTHESIS_H

#include "estimator/pipeline/point.h"
#include "estimator/synth/yosys.h"

/* One variant or seed: made, then timed. */
struct mp_variant {
    char *verilog; /* owned; the mapped netlist */
    uint64_t seed;
    double wall_s; /* of Yosys or the search */
    /* Functional, and what gate delays add, by the simulators; NaN: not computed. */
    double power_w, glitch_w;
    double energy_j;      /* of mp_yosys_result, 0: none */
    uint64_t evaluations; /* MP_UNKNOWN_COUNT: not a search */
    /* By OpenSTA, filled in afterwards. */
    double area_um2, critical_path_s, slack_s, opensta_wall_s;
};

/* Whether a is the one to keep rather than b. */
typedef bool mp_synthesis_better(const void *context, const struct mp_variant *a,
                                 const struct mp_variant *b);

struct mp_synthesis {
    const struct mp_target *target;
    const struct mp_tools *tools;
    const char *liberty_path;                  /* prepared; NULL: the target's */
    const struct mp_wire_option *wire_load;    /* NULL: none */
    const struct mp_boundary_option *boundary; /* NULL: none */
    double clock_period_s;
    unsigned runs;               /* variants or seeds, at least 1 */
    mp_synthesis_better *better; /* NULL: the smallest that meets the clock, else the fastest */
    const void *better_context;
    /* After timing: power of a variant; NULL: not computed. */
    int (*measure)(const void *context, struct mp_variant *v, const struct mp_netlist *n,
                   const struct mp_timing *timing, struct mp_error *err);
    bool allows_both_edges; /* of a netlist that is read (netlist.h) */
};

/* Make variant `index` into *out, which is empty (seed = index, nothing else known). */
typedef int mp_synthesis_map(void *context, unsigned index, struct mp_variant *out,
                             struct mp_error *err);

/* All variants of module `top` (NULL: the only one); the best one, with its timing, stays in r, its
 * figures, all runs and their spread in r->record. temp_dir: private, exists. */
int mp_synthesis_run(struct mp_point_result *r, const struct mp_synthesis *s, const char *top,
                     mp_synthesis_map *map, void *context, const char *temp_dir,
                     struct mp_error *err);

/* Wires and output loads of the netlist in r for timing (the same as mp_synthesis_time() took) and
 * power, into r->wire_load, r->wire_cap_f and, with the driving cell, the record. */
int mp_synthesis_wires(struct mp_point_result *r, const struct mp_synthesis *s,
                       struct mp_error *err);

/* The same for any netlist: *cap_f [net] is the caller's, NULL: neither wires nor loads. */
int mp_synthesis_caps(double **cap_f, struct mp_wire_model *wires, const struct mp_synthesis *s,
                      const struct mp_netlist *n, struct mp_error *err);

/* A mapped netlist's text, read and levelised; its timing with SDF. */
int mp_synthesis_read(struct mp_netlist *n, const struct mp_synthesis *s, const char *verilog,
                      const char *name, struct mp_error *err);
int mp_synthesis_time(struct mp_timing *timing, const struct mp_synthesis *s,
                      const struct mp_netlist *n, const char *verilog, const char *temp_dir,
                      struct mp_error *err);

#endif
