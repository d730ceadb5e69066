/*
 * One PPA point of a user's design (module/module.h): mapped in variants and proven against its
 * own Verilog, or mapped as given; timed.
 */
#ifndef MP_MODULE_POINT_H
#define MP_MODULE_POINT_H

#include "estimator/module/module.h"
#include "estimator/pipeline/point.h"

struct mp_module_point {
    const struct mp_tools *tools;
    const struct mp_experiment *experiment; /* synthesis settings, wire load */
    const struct mp_user_job *job;          /* target, clock */
    struct mp_user_design *design;          /* read; gets the proof of the netlist */
    const char *name;                       /* of the design, with the parameters asked for */
};

void mp_module_point_key(const struct mp_module_point *p, char key[MP_HASH_SIZE]);

/* As mp_point_make() and mp_point_restore(). */
int mp_module_point_make(struct mp_point_result *r, const struct mp_module_point *p,
                         struct mp_error *err);
int mp_module_point_restore(struct mp_point_result *r, const struct mp_module_point *p,
                            const struct mp_ppa_record *stored, struct mp_error *err);

#endif
