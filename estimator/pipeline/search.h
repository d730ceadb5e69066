/*
 * The search for the narrowest formats (estimator/search/search.h) on the network of an experiment.
 * Every point is an accuracy of the database, with the rank of every image, stored as soon as it is
 * made, stopped ones too; so a search that is interrupted goes on where it was, a second one only
 * reads, and `macppa accuracy` and `macppa run` use the same points.
 *
 * Engines: weights with float32 activations are scored by the fake engine; others by the integer
 * engine where its byte products are so few that it is the faster one (docs/networks.md). Both give
 * the same accuracy, but for an image now and then; a point says which one made it.
 */
#ifndef MP_PIPELINE_SEARCH_H
#define MP_PIPELINE_SEARCH_H

#include "estimator/pipeline/pipeline.h"
#include "estimator/search/search.h"

/* Every 6th test image is set apart for calibration, where there are neither calibration images nor
 * such a rule. true: it was done now. */
#define MP_SEARCH_CALIBRATION_EVERY 6
bool mp_experiment_set_apart(struct mp_experiment *e);

/* o's calibrations and activation scope count, not the experiment's; its overrides too. Calibration
 * images are set apart as above; of tools only the versions are used. Progress and one line a
 * computed point go to log. MP_E_CANCELLED after a signal. Release r in any case. */
int mp_pipeline_search(const struct mp_experiment *e, const struct mp_search_options *o,
                       const struct mp_tools *tools, struct mp_store *store, struct mp_log *log,
                       struct mp_search_result *r, struct mp_error *err);

#endif
