#include "estimator/cnn/scheme.h"

#include <string.h>

static const char *const scope_names[] = {"network", "layer", "channel"};

int mp_scope_parse(enum mp_scope *s, const char *name, struct mp_error *err)
{
    for (size_t i = 0; i < sizeof scope_names / sizeof *scope_names; i++)
        if (strcmp(name, scope_names[i]) == 0) {
            *s = (enum mp_scope)i;
            return MP_OK;
        }
    return mp_fail(err, MP_E_USAGE,
                   "unknown scope \"%s\": a scale is one for the network, a layer or a channel",
                   name);
}

const char *mp_scope_name(enum mp_scope s)
{
    return scope_names[s];
}

static bool is_float32(const struct mp_format *f)
{
    return f->kind == MP_FORMAT_FLOAT32;
}

static void hash_format(const struct mp_format *f, struct mp_hash *h)
{
    char name[MP_FORMAT_NAME_SIZE];

    mp_hash_string(h, mp_format_name(f, name));
}

/* Scales matter to formats with codes, and of a table the scope alone. */
struct used {
    bool weight_scope, weight_scale, activation_scale;
};

static void look_at(struct used *u, const struct mp_format *weight,
                    const struct mp_format *activation)
{
    u->weight_scope = u->weight_scope || (weight != NULL && !is_float32(weight));
    u->weight_scale = u->weight_scale ||
                      (weight != NULL && !is_float32(weight) && weight->kind != MP_FORMAT_TABLE);
    u->activation_scale = u->activation_scale || (activation != NULL && !is_float32(activation));
}

static void hash_calibration(const struct mp_calibration *c, struct mp_hash *h)
{
    mp_hash_u64(h, c->kind);
    mp_hash_double(h, c->kind == MP_CALIBRATE_PERCENTILE ? c->percentile : 0);
}

void mp_scheme_hash(const struct mp_scheme *s, struct mp_hash *h)
{
    struct used used = {false, false, false};

    hash_format(&s->weight, h);
    hash_format(&s->activation, h);
    look_at(&used, &s->weight, &s->activation);
    mp_hash_u64(h, s->override_count);
    for (uint32_t i = 0; i < s->override_count; i++) {
        const struct mp_override *o = &s->overrides[i];
        mp_hash_string(h, o->layer);
        mp_hash_u64(h, o->has_weight);
        if (o->has_weight)
            hash_format(&o->weight, h);
        mp_hash_u64(h, o->has_activation);
        if (o->has_activation)
            hash_format(&o->activation, h);
        look_at(&used, o->has_weight ? &o->weight : NULL,
                o->has_activation ? &o->activation : NULL);
    }
    mp_hash_u64(h, used.weight_scope ? 1 + (uint64_t)s->weight_scope : 0);
    if (used.weight_scale)
        hash_calibration(&s->weight_calibration, h);
    mp_hash_u64(h, used.activation_scale ? 1 + (uint64_t)s->activation_scope : 0);
    if (used.activation_scale)
        hash_calibration(&s->activation_calibration, h);
}

bool mp_scheme_is_reference(const struct mp_scheme *s)
{
    bool all = is_float32(&s->weight) && is_float32(&s->activation);

    for (uint32_t i = 0; i < s->override_count && all; i++)
        all = (!s->overrides[i].has_weight || is_float32(&s->overrides[i].weight)) &&
              (!s->overrides[i].has_activation || is_float32(&s->overrides[i].activation));
    return all;
}

char *mp_scheme_overrides_text(const struct mp_scheme *s)
{
    struct mp_text out = {0};
    char name[MP_FORMAT_NAME_SIZE];

    mp_text_add(&out, "");
    for (uint32_t i = 0; i < s->override_count; i++) {
        const struct mp_override *o = &s->overrides[i];
        mp_text_printf(&out, "%s%s:", i > 0 ? "; " : "", o->layer);
        if (o->has_weight)
            mp_text_printf(&out, " weights %s", mp_format_name(&o->weight, name));
        if (o->has_activation)
            mp_text_printf(&out, "%s activations %s", o->has_weight ? "," : "",
                           mp_format_name(&o->activation, name));
    }
    return out.data;
}
