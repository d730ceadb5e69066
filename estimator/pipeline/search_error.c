#include "estimator/pipeline/search_error.h"
#include "estimator/util/parallel.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_IMAGES = 16 };

struct outputs {
    const struct mp_output_error *o;
    const struct mp_model *model;
    float *values; /* [count][classes] */
    uint32_t parts;
};

/* Image by image from part's first, so that no sum depends on the number of threads. */
static int run_part(void *context, size_t part, struct mp_error *err)
{
    const struct outputs *x = context;
    const struct mp_output_error *o = x->o;
    uint32_t output = o->network->output_tensor;
    struct mp_workspace w;
    int rc = mp_workspace_init_lean(&w, x->model, err);

    if (rc < 0)
        return rc;
    for (uint32_t i = (uint32_t)part; i < o->count && rc == MP_OK; i += x->parts) {
        if ((rc = mp_workspace_load(&w, o->images, 0, i, 1, err)) < 0)
            break;
        mp_workspace_run(&w, 1);
        memcpy(x->values + (size_t)i * o->classes, w.tensors[output],
               o->classes * sizeof *x->values);
    }
    mp_workspace_release(&w);
    return rc;
}

static int run(const struct mp_output_error *o, const struct mp_model *m, float *values,
               struct mp_error *err)
{
    unsigned threads = o->threads == 0 ? mp_core_count() : o->threads;
    struct outputs x = {o, m, values, threads};

    return mp_parallel_for(threads, threads, run_part, &x, err);
}

int mp_output_error_init(struct mp_output_error *o, const struct mp_network *n,
                         const struct mp_dataset *images, unsigned threads, struct mp_error *err)
{
    struct mp_model m;
    int rc;

    *o = (struct mp_output_error){
        .network = n,
        .images = images,
        .count = images->count < MOST_IMAGES ? images->count : MOST_IMAGES,
        .classes = (uint32_t)mp_shape_elements(&n->shapes[n->output_tensor]),
        .threads = threads};
    if (o->count == 0)
        return mp_fail(err, MP_E_USAGE,
                       "a search by layer needs calibration images for the layers' sensitivity");
    if ((rc = mp_infer_check(n, images, err)) < 0)
        return rc;
    o->reference = mp_alloc((size_t)o->count * o->classes, sizeof *o->reference);
    mp_model_init(&m, n, NULL);
    rc = run(o, &m, o->reference, err);
    mp_model_release(&m);
    return rc;
}

void mp_output_error_release(struct mp_output_error *o)
{
    free(o->reference);
    o->reference = NULL;
}

int mp_output_error_of(const struct mp_output_error *o, const struct mp_model *m, double *error,
                       struct mp_error *err)
{
    size_t count = (size_t)o->count * o->classes;
    float *values = mp_alloc(count, sizeof *values);
    int rc = run(o, m, values, err);

    *error = 0;
    for (size_t i = 0; i < count && rc == MP_OK; i++) {
        double d = (double)values[i] - (double)o->reference[i];
        *error += d * d;
    }
    free(values);
    return rc;
}
