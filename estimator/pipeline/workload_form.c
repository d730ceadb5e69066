/* Accuracy of a network whose units cut products: through the integer engine, not stored. */
#include "estimator/cnn/score.h"
#include "estimator/pipeline/pipeline.h"
#include "estimator/pipeline/workload_parts.h"

#include <stdlib.h>
#include <string.h>

/* The form that a unit of these formats has; activations that are signed in some layers count as
 * unsigned, which changes nothing about what can be made. */
static int form_of(const struct mp_design *unit, const struct mp_format *weight,
                   const struct mp_format *activation, struct mp_golden_form *out,
                   struct mp_error *err)
{
    struct mp_design d = *unit;
    int rc;

    d.unit = MP_UNIT_MAC;
    d.weight = *weight;
    d.activation = *activation;
    if (activation->kind == MP_FORMAT_FIXED)
        d.activation.kind = MP_FORMAT_UINT;
    if ((rc = mp_design_resolve(&d, err)) == MP_OK)
        *out = mp_design_golden(&d);
    return rc;
}

static int score(struct mp_workload *w, const struct mp_quantisation *q,
                 const struct mp_golden_form *form, struct mp_scores *scores, struct mp_error *err)
{
    struct mp_model model = {0};
    int rc = mp_model_init_integer(&model, &w->network, q, 0, NULL, err);

    if (rc < 0)
        return rc;
    mp_integer_use_form(model.integer, q, form);
    rc = mp_model_score(scores, &model, &w->test, 0, w->test.count, w->experiment->threads, err);
    mp_model_release(&model);
    return rc;
}

int mp_pipeline_form_accuracy(const struct mp_experiment *e, const struct mp_design *unit,
                              const struct mp_format *weight, const struct mp_format *activation,
                              struct mp_log *log, struct mp_accuracy_record *out,
                              struct mp_error *err)
{
    struct mp_workload w = {.log = log};
    struct mp_quantisation q = {0};
    struct mp_scores scores = {0};
    struct mp_golden_form form;
    int rc;

    memset(out, 0, sizeof *out);
    if ((rc = form_of(unit, weight, activation, &form, err)) < 0 ||
        (rc = mp_workload_open(&w, e, err)) < 0)
        goto out;
    if (!w.has_network) {
        rc = mp_fail(err, MP_E_USAGE,
                     "an accuracy needs a network, and the config has no `network:`");
        goto out;
    }
    if ((rc = mp_workload_load(&w, err)) < 0 ||
        (rc = mp_workload_make_quantisation(&w, weight, activation, &q, err)) < 0)
        goto out;
    mp_scores_init(&scores, w.test.count);
    if ((rc = score(&w, &q, &form, &scores, err)) == MP_OK) {
        mp_workload_record(&w, weight, activation, &q, &scores, true, out);
        free((char *)out->engine);
        out->engine = mp_strdup("integer, cut");
    }
out:
    mp_scores_release(&scores);
    mp_quantisation_release(&q);
    mp_workload_release(&w);
    return rc;
}
