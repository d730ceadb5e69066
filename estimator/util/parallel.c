#include "estimator/util/parallel.h"

#include "estimator/util/memory.h"
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct work {
    mp_job *job;
    void *context;
    size_t count;
    pthread_mutex_t lock; /* guards all below */
    size_t next;
    bool failed;
    size_t failed_index;
    int code;
    struct mp_error error;
};

static bool take(struct work *w, size_t *index)
{
    pthread_mutex_lock(&w->lock);
    bool more = !w->failed && w->next < w->count;
    if (more)
        *index = w->next++;
    pthread_mutex_unlock(&w->lock);
    return more;
}

static void note_failure(struct work *w, size_t index, int code, struct mp_error *error)
{
    if (error->code == MP_OK)
        mp_fail(error, (enum mp_code)code, "job %zu failed with code %d", index, code);
    pthread_mutex_lock(&w->lock);
    if (!w->failed || index < w->failed_index) {
        w->failed = true;
        w->failed_index = index;
        w->code = code;
        w->error = *error;
    }
    pthread_mutex_unlock(&w->lock);
}

static void *worker(void *argument)
{
    struct work *w = argument;
    size_t index;
    while (take(w, &index)) {
        struct mp_error error = MP_ERROR_INIT;
        int code = w->job(w->context, index, &error);
        if (code < 0)
            note_failure(w, index, code, &error);
    }
    return NULL;
}

int mp_parallel_for(size_t count, unsigned threads, mp_job *job, void *context,
                    struct mp_error *err)
{
    struct work w = {.job = job, .context = context, .count = count};
    pthread_mutex_init(&w.lock, NULL);
    size_t wanted = threads ? threads : mp_core_count();
    if (wanted > count)
        wanted = count;

    /* The caller is one of the workers, so the work gets done even when no thread can be made. */
    size_t started = 0;
    pthread_t *ids = mp_alloc(wanted, sizeof *ids);
    while (started + 1 < wanted && pthread_create(&ids[started], NULL, worker, &w) == 0)
        started++;
    worker(&w);
    for (size_t i = 0; i < started; i++)
        pthread_join(ids[i], NULL);
    free(ids);
    pthread_mutex_destroy(&w.lock);
    if (w.failed && err)
        *err = w.error;
    return w.failed ? w.code : MP_OK;
}

unsigned mp_core_count(void)
{
    cpu_set_t set;
    int n = 0;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        n = CPU_COUNT(&set);
    if (n <= 0)
        n = (int)sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (unsigned)n : 1;
}
