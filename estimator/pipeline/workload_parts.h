/*
 * Between the files of the workload: what it is made from, once that is needed.
 */
#ifndef MP_PIPELINE_WORKLOAD_PARTS_H
#define MP_PIPELINE_WORKLOAD_PARTS_H

#include "estimator/pipeline/workload.h"

/* Read network and images, if that is not done yet. */
int mp_workload_load(struct mp_workload *w, struct mp_error *err);
/* w->quantisation becomes that of these formats, and stays until others are asked for. The caller
 * has the lock, once there are several threads. */
int mp_workload_quantise(struct mp_workload *w, const struct mp_format *weight,
                         const struct mp_format *activation, struct mp_error *err);
/* Network, images and scheme: what all results of these formats depend on. */
void mp_workload_hash(struct mp_hash *h, const struct mp_workload *w,
                      const struct mp_format *weight, const struct mp_format *activation);
/* The preset's, else that of the file. */
const char *mp_workload_network_name(const struct mp_workload *w);

/* Codes of the experiment's scheme with these formats, of a network that is loaded. Weights alone
 * need no calibration images, activations do. */
int mp_workload_make_quantisation(struct mp_workload *w, const struct mp_format *weight,
                                  const struct mp_format *activation, struct mp_quantisation *q,
                                  struct mp_error *err);

#endif
