#include "estimator/pipeline/study_parts.h"
#include <math.h>

static bool has_scope(const struct mp_study_settings *s, enum mp_scope scope)
{
    for (size_t i = 0; i < s->scope_count; i++)
        if (s->scopes[i] == scope)
            return true;
    return false;
}

enum mp_scope mp_study_main_scope(const struct mp_study_settings *s)
{
    return has_scope(s, MP_SCOPE_LAYER) ? MP_SCOPE_LAYER : s->scopes[0];
}

static int weigh(const struct mp_study_work *w, struct mp_study_storage *s,
                 const struct mp_experiment *e, const struct mp_format *weight,
                 uint32_t least_right, struct mp_error *err)
{
    const struct mp_format activation = {.kind = MP_FORMAT_FLOAT32, .bits = 32};
    struct mp_accuracy_record r = {0};
    int rc = mp_pipeline_accuracy(e, weight, &activation, w->store, w->tools, w->log, &r, err);

    if (rc < 0)
        return rc;
    *s = (struct mp_study_storage){.weight = *weight,
                                   .keeps = r.images == r.planned_images && r.top1 >= least_right,
                                   .weight_count = r.weight_count,
                                   .weight_bits = r.weight_bits,
                                   .zero_skipping_bits = r.weight_bits};
    for (uint32_t i = 0; i < r.layer_count; i++) {
        const struct mp_accuracy_layer *l = &r.layers[i];
        s->zero_weights += l->zero_weights;
        if (l->zero_skipping_bits != MP_UNKNOWN_COUNT && l->zero_skipping_bits < l->code_bits)
            s->zero_skipping_bits -= l->code_bits - l->zero_skipping_bits;
    }
    mp_accuracy_record_release(&r);
    return MP_OK;
}

/* The narrowest of each kind, in the main scope; tables of shared values are tried from 2^8 down.
 */
int mp_study_weigh(const struct mp_study_work *w, struct mp_study_network *n,
                   struct mp_experiment *e, struct mp_error *err)
{
    const struct mp_study_settings *s = w->experiment->study;
    uint32_t least = (uint32_t)ceil((1 - s->tolerance) * n->search.reference.top1 - 1e-9);
    struct mp_study_storage found;
    int rc;

    e->scheme.weight_scope = mp_study_main_scope(s);
    for (uint32_t i = 0; i < n->search.scope_count; i++) {
        const struct mp_search_scope *scope = &n->search.scopes[i];
        const int64_t alone[2] = {scope->fixed_alone, scope->float_alone};
        for (int k = 0; k < 2 && scope->scope == mp_study_main_scope(s); k++) {
            if (alone[k] < 0)
                continue;
            rc = weigh(w, &n->storage[n->storage_count++], e,
                       &n->search.points[alone[k]].scheme.weight, least, err);
            if (rc < 0)
                return rc;
        }
    }
    if (e->scheme.weight_scope == MP_SCOPE_CHANNEL)
        e->scheme.weight_scope =
            MP_SCOPE_LAYER; /* a table a channel would be larger than it saves */
    for (uint8_t bits = 8; bits > 0; bits--) {
        const struct mp_format table = {.kind = MP_FORMAT_TABLE, .bits = bits};
        if ((rc = weigh(w, &found, e, &table, least, err)) < 0)
            return rc;
        if (!found.keeps && bits < 8)
            break;
        n->storage[n->storage_count] = found;
    }
    n->storage_count++;
    return MP_OK;
}
