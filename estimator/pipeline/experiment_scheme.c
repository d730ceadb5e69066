#include "estimator/pipeline/experiment_parts.h"
#include <stdlib.h>

int mp_experiment_set_scopes(struct mp_experiment *e, const char *weight, const char *activation,
                             struct mp_error *err)
{
    enum mp_scope scope;
    int rc;

    if (weight != NULL && (rc = mp_scope_parse(&e->scheme.weight_scope, weight, err)) < 0)
        return rc;
    if (activation == NULL)
        return MP_OK;
    if ((rc = mp_scope_parse(&scope, activation, err)) < 0)
        return rc;
    if (scope == MP_SCOPE_CHANNEL)
        return mp_fail(err, MP_E_USAGE,
                       "activations share a scale over the network or a layer: a MAC unit adds "
                       "products of all input channels, whose scales cannot differ");
    e->scheme.activation_scope = scope;
    return MP_OK;
}

/* Lines of a list are told apart by counting: the key's first line is of the first entry. */
static int entry_line(const struct mp_place *at, unsigned index)
{
    int line = mp_yaml_key_line(at->text, "layers", at->from);

    for (unsigned i = 0; i <= index && line > 0; i++) {
        int next = mp_yaml_key_line(at->text, "layer", line + (i > 0));
        line = next > 0 ? next : 0;
    }
    return line;
}

static int read_override(struct mp_override *o, const struct mp_raw_override *raw,
                         const struct mp_place *at, struct mp_error *err)
{
    int rc;

    o->layer = mp_strdup(raw->layer);
    o->has_weight = raw->weights != NULL;
    o->has_activation = raw->activations != NULL;
    if (!o->has_weight && !o->has_activation)
        return mp_fail_at(err, MP_E_INPUT, at->path, at->from,
                          "layers: `weights` or `activations` of layer %s is missing", raw->layer);
    if (o->has_weight && (rc = mp_experiment_located(mp_format_parse(&o->weight, raw->weights, err),
                                                     at, "weights", err)) < 0)
        return rc;
    return o->has_activation
               ? mp_experiment_located(mp_format_parse(&o->activation, raw->activations, err), at,
                                       "activations", err)
               : MP_OK;
}

int mp_experiment_read_scheme(struct mp_experiment *e, const struct mp_raw_network *n,
                              const struct mp_place *at, struct mp_error *err)
{
    struct mp_scheme *s = &e->scheme;
    int rc = MP_OK;

    if (n->weight_calibration != NULL)
        rc = mp_experiment_located(
            mp_calibration_parse(&s->weight_calibration, n->weight_calibration, err), at,
            "weight_calibration", err);
    if (rc == MP_OK && n->activation_calibration != NULL)
        rc = mp_experiment_located(
            mp_calibration_parse(&s->activation_calibration, n->activation_calibration, err), at,
            "activation_calibration", err);
    if (rc == MP_OK)
        rc = mp_experiment_located(mp_experiment_set_scopes(e, n->weight_scope, NULL, err), at,
                                   "weight_scope", err);
    if (rc == MP_OK)
        rc = mp_experiment_located(mp_experiment_set_scopes(e, NULL, n->activation_scope, err), at,
                                   "activation_scope", err);
    e->overrides = mp_alloc(n->layers_count + 1, sizeof *e->overrides);
    for (unsigned i = 0; i < n->layers_count && rc == MP_OK; i++) {
        const struct mp_place entry = {at->path, at->text, entry_line(at, i)};
        rc = read_override(&e->overrides[i], &n->layers[i], &entry, err);
        e->override_count++;
    }
    s->overrides = e->overrides;
    s->override_count = (uint32_t)e->override_count;
    return rc;
}
