#include "estimator/pipeline/traces.h"
#include <string.h>

/* The traces of all layers are made at once, since the network runs for them once. */
static int need_layers(struct mp_run_plan *p, struct mp_scheme_work *s, uint32_t block,
                       struct mp_error *err)
{
    return s->layer_traces[block] != NULL
               ? MP_OK
               : mp_workload_layer_traces(&p->workload, &s->weight, &s->activation, block,
                                          &s->layer_traces[block], &s->layer_count, err);
}

static int need_whole(struct mp_trace_source *s, struct mp_error *err)
{
    struct mp_unit_work *u = s->unit;
    int rc;

    if (u->has_trace)
        return MP_OK;
    rc = mp_workload_trace(&s->plan->workload, &s->operands->stream, 0, &u->trace, err);
    u->has_trace = rc == MP_OK;
    return rc;
}

static int put(struct mp_trace_source *s, const struct mp_trace *t, struct mp_error *err)
{
    struct mp_operands_of *o = s->operands;
    int rc;

    if (o->is_put)
        return MP_OK;
    memcpy(o->hash, t->hash, sizeof o->hash);
    rc = mp_workload_put_trace(&s->plan->workload, s->plan->store, &o->stream, t, err);
    o->is_put = rc == MP_OK;
    return rc;
}

int mp_trace_source_next(void *source, uint32_t block, const struct mp_trace **out,
                         struct mp_error *err)
{
    struct mp_trace_source *s = source;
    bool is_layer = s->operands->stream.layer != NULL;
    int rc;

    if ((rc = mp_run_plan_check_cancelled(err)) < 0)
        return rc;
    if (!is_layer && block > 0) {
        mp_trace_release(&s->further);
        *out = &s->further;
        return mp_workload_trace(&s->plan->workload, &s->operands->stream, block, &s->further, err);
    }
    pthread_mutex_lock(&s->plan->traces_lock);
    rc = is_layer ? need_layers(s->plan, s->unit->scheme, block, err) : need_whole(s, err);
    if (rc == MP_OK) {
        *out = is_layer ? &s->unit->scheme->layer_traces[block][s->operands->trace_index]
                        : &s->unit->trace;
        rc = block == 0 ? put(s, *out, err) : MP_OK;
    }
    pthread_mutex_unlock(&s->plan->traces_lock);
    return rc;
}

void mp_trace_source_release(struct mp_trace_source *s)
{
    mp_trace_release(&s->further);
}
