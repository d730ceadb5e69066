/*
 * One PPA point: design x library x clock. Generated, proven, synthesised in several variants, each
 * timed; the best one is proven again as mapped.
 */
#ifndef MP_PIPELINE_POINT_H
#define MP_PIPELINE_POINT_H

#include "estimator/netlist/cones.h"
#include "estimator/pipeline/circuit.h"
#include "estimator/pipeline/pipeline.h"
#include "estimator/pipeline/target.h"
#include "estimator/techmap/objective.h"
#include "estimator/timing/opensta.h"

struct mp_point {
    const struct mp_target *target;
    const struct mp_tools *tools;
    struct mp_design design; /* resolved */
    double clock_period_s;
    const struct mp_wire_option *wire_load;    /* NULL: none */
    const struct mp_boundary_option *boundary; /* NULL: nothing drives, nothing loads */
    struct mp_way way;
    /* Of a search: the design's multiplier is the default and any other may take its place. */
    bool any_multiplier;
    /* Of a search for power, which depends on operands; else NULL. The trace is needed to make it.
     */
    const char *operands_key;
    const struct mp_trace *trace;
    struct mp_log *log; /* of a search; NULL: silent */
    unsigned threads;   /* of a search; 0: all cores */
    bool keep_blocks;
    enum mp_equivalence_policy equivalence;
};

/* Hash of all that the result depends on. */
void mp_point_key(const struct mp_point *p, char key[MP_HASH_SIZE]);

/* Part of the key. wire_load NULL: none. */
void mp_point_hash_wires(struct mp_hash *h, const struct mp_wire_option *wire_load);
/* boundary NULL: none. */
void mp_point_hash_boundary(struct mp_hash *h, const struct mp_boundary_option *boundary);

/* A point with its netlist and slews at hand. Zero-initialise; release frees. */
struct mp_point_result {
    struct mp_ppa_record
        record; /* strings point to static memory, to the point, or to what is below */
    char *verilog, *netlist_verilog;
    char design_name[MP_DESIGN_NAME_SIZE];
    char weight_name[MP_FORMAT_NAME_SIZE], activation_name[MP_FORMAT_NAME_SIZE];
    struct mp_netlist netlist; /* levelised */
    struct mp_timing timing;   /* with SDF */
    struct mp_blocks blocks;
    struct mp_wire_model wire_load;
    double *wire_cap_f;           /* [net] of wires and output loads; NULL: none */
    struct mp_ppa_run *runs;      /* of the record */
    struct mp_front_point *front; /* of the record; netlists owned */
    uint32_t front_count;
    double tool_wall_s; /* Yosys, ABC and OpenSTA */
};

/* Make it: nothing is taken from the store. A failure of a tool or of the proof is the point's
 * failure. */
int mp_point_make(struct mp_point_result *r, const struct mp_point *p, struct mp_error *err);
/* The same from a stored record, whose netlist is read and timed again for its slews. */
int mp_point_restore(struct mp_point_result *r, const struct mp_point *p,
                     const struct mp_ppa_record *stored, struct mp_error *err);
void mp_point_result_release(struct mp_point_result *r);

/* What of a result its power is computed from; borrowed from both. */
void mp_point_circuit(struct mp_circuit *c, const struct mp_target *target, double clock_period_s,
                      const struct mp_point_result *r);

/* Generated Verilog in generic gates, levelised. Zero-initialise n and gates; release both, the
 * netlist first, after a failure too. tool_wall_s is added to. */
int mp_point_elaborate(struct mp_netlist *n, struct mp_library *gates,
                       const struct mp_design *design, const char *verilog,
                       const struct mp_tools *tools, const char *temp_dir, double *tool_wall_s,
                       struct mp_error *err);
/* Proof of generated Verilog, through Yosys's elaboration into generic gates. tool_wall_s is added
 * to. */
struct mp_proof;
int mp_point_prove_verilog(struct mp_proof *proof, const struct mp_design *design,
                           const char *verilog, const struct mp_tools *tools, const char *temp_dir,
                           double *tool_wall_s, struct mp_error *err);

#endif
