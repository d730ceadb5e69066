/*
 * The search's way to the netlist of a point: several seeds, each of which sets the architectures
 * that may be taken against each other and goes on with the best.
 */
#ifndef MP_PIPELINE_POINT_SEARCH_H
#define MP_PIPELINE_POINT_SEARCH_H

#include "estimator/pipeline/mapping.h"

/* Map r's design: the best netlist of all seeds with its timing and figures as after
 * mp_synthesis_run(), the front of all of them, timed and proven, in r->front and the record, and
 * in *design what was built (an architecture, where the point leaves that open). how: of the point.
 */
int mp_point_search(struct mp_point_result *r, const struct mp_point *p,
                    const struct mp_synthesis *how, struct mp_design *design, const char *temp_dir,
                    struct mp_error *err);

#endif
