#include "estimator/store/internal.h"

static int begin(struct mp_store *s, const char *config_name, const char *config_text,
                 const struct mp_store_context *c, int64_t *run_id, struct mp_error *err)
{
    int64_t context;
    int rc = mp_intern_context(s, c, &context, err);
    if (rc != MP_OK)
        return rc;
    struct mp_bound b;
    mp_bound_init(&b, s, MP_SQL_INSERT_RUN, "run", err);
    mp_bind_text(&b, "config_name", config_name);
    mp_bind_text(&b, "config_text", config_text);
    mp_bind_id(&b, context);
    return mp_bound_find(&b, run_id);
}

static int end(struct mp_store *s, int64_t run_id, double wall_s, struct mp_error *err)
{
    struct mp_bound b;
    int64_t found;
    mp_bound_init(&b, s, MP_SQL_END_RUN, "run", err);
    mp_bind_real(&b, "wall_s", wall_s);
    mp_bind_id(&b, run_id);
    int rc = mp_bound_find(&b, &found);
    if (rc == MP_OK && found < 0)
        rc = mp_fail(err, MP_E_DATABASE, "%s: there is no run %lld", s->path, (long long)run_id);
    return rc;
}

static int add(struct mp_store *s, int64_t run_id, const char *estimate_key, struct mp_error *err)
{
    int64_t estimate;
    int rc = mp_find_key(s, MP_SQL_FIND_ESTIMATE, "run", estimate_key, &estimate, err);
    if (rc == MP_OK && estimate < 0)
        rc = mp_fail(err, MP_E_DATABASE, "%s: run %lld: there is no estimate %s; store it first",
                     s->path, (long long)run_id, estimate_key);
    if (rc != MP_OK)
        return rc;
    struct mp_bound b;
    mp_bound_init(&b, s, MP_SQL_INSERT_RUN_ESTIMATE, "run", err);
    mp_bind_id(&b, run_id);
    mp_bind_id(&b, estimate);
    return mp_bound_run(&b);
}

int mp_store_run_begin(struct mp_store *s, const char *config_name, const char *config_text,
                       const struct mp_store_context *c, int64_t *run_id, struct mp_error *err)
{
    *run_id = -1;
    pthread_mutex_lock(&s->mutex);
    int rc = mp_store_begin(s, err);
    if (rc == MP_OK)
        rc = mp_store_end(s, begin(s, config_name, config_text, c, run_id, err), err);
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

int mp_store_run_end(struct mp_store *s, int64_t run_id, double wall_s, struct mp_error *err)
{
    pthread_mutex_lock(&s->mutex);
    int rc = mp_store_begin(s, err);
    if (rc == MP_OK)
        rc = mp_store_end(s, end(s, run_id, wall_s, err), err);
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

int mp_store_run_add(struct mp_store *s, int64_t run_id, const char *estimate_key,
                     struct mp_error *err)
{
    pthread_mutex_lock(&s->mutex);
    int rc = mp_store_begin(s, err);
    if (rc == MP_OK)
        rc = mp_store_end(s, add(s, run_id, estimate_key, err), err);
    pthread_mutex_unlock(&s->mutex);
    return rc;
}
