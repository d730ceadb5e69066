/*
 * How many estimates a second go into a database, one transaction each, and how long the named
 * queries take on them. Usage: bench_store_insert [COUNT] [FILE]; default 20000 in a private
 * folder.
 */
#include "estimator/store/internal.h"
#include "estimator/util/file.h"
#include "estimator/util/log.h"
#include "estimator/util/number.h"
#include "tests/store/sample.h"
#include <stdlib.h>

static int ignore_row(void *context, int count, const char *const *names, const char *const *values,
                      const char *types)
{
    (void)count;
    (void)names;
    (void)values;
    (void)types;
    ++*(uint64_t *)context;
    return 0;
}

/* 64 designs x 50 libraries and clocks, each with many traces. */
static int fill(struct mp_store *store, uint64_t count, struct mp_error *err)
{
    struct sample s;
    int rc = MP_OK;
    for (unsigned n = 0; rc == MP_OK && n < count; n++) {
        char weight[16], library[16];
        unsigned point = n % 3200;
        snprintf(weight, sizeof weight, "int%u", 2 + point % 64);
        snprintf(library, sizeof library, "lib%u", point / 64 % 10);
        sample_init(&s, weight, n);
        s.ppa.library = library;
        unsigned period_ns = 1 + point / 640;
        s.ppa.clock_period_s = 1e-9 * period_ns;
        sample_key(s.ppa.key, 'a', point);
        memcpy(s.estimate.ppa_key, s.ppa.key, MP_HASH_SIZE);
        sample_key(s.trace.hash, 'b', n / 3200);
        memcpy(s.estimate.trace_hash, s.trace.hash, MP_HASH_SIZE);
        sample_key(s.accuracy.key, 'c', point % 64);
        memcpy(s.estimate.accuracy_key, s.accuracy.key, MP_HASH_SIZE);
        if (n < 3200)
            rc = mp_store_put_ppa(store, &s.ppa, &s.context, err);
        if (rc == MP_OK && n % 3200 == 0)
            rc = mp_store_put_trace(store, &s.trace, err);
        if (rc == MP_OK && n < 64)
            rc = mp_store_put_accuracy(store, &s.accuracy, &s.context, err);
        if (rc == MP_OK)
            rc = mp_store_put_estimate(store, &s.estimate, &s.context, err);
    }
    return rc;
}

static int time_queries(struct mp_store *store, struct mp_error *err)
{
    int rc = MP_OK;
    for (size_t i = 0; rc == MP_OK && i < mp_store_query_count(); i++) {
        uint64_t rows = 0;
        double start_s = mp_clock_s();
        rc = mp_store_query(store, mp_store_query_name(i), NULL, 0, ignore_row, &rows, err);
        printf("query %-12s %8.1f ms  %llu rows\n", mp_store_query_name(i),
               1e3 * (mp_clock_s() - start_s), (unsigned long long)rows);
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_tempdir dir = {0};
    struct mp_store *store = NULL;
    char *path = NULL;
    uint64_t count = 20000;
    if (argc > 1 && !mp_parse_u64(argv[1], &count)) {
        fprintf(stderr, "usage: bench_store_insert [COUNT] [FILE]\n");
        return 2;
    }
    int rc = mp_tempdir_create(&dir, &err);
    if (rc != MP_OK)
        goto out;
    path = argc > 2 ? mp_strdup(argv[2]) : mp_path_join(dir.path, "bench.db");
    rc = mp_store_open(&store, path, false, &err);
    if (rc != MP_OK)
        goto out;
    double start_s = mp_clock_s();
    rc = fill(store, count, &err);
    printf("%.0f estimates/s, one transaction each\n", (double)count / (mp_clock_s() - start_s));
    if (rc == MP_OK)
        rc = time_queries(store, &err);
out:
    if (rc != MP_OK)
        fprintf(stderr, "%s\n", err.message);
    mp_store_close(store);
    free(path);
    mp_tempdir_remove(&dir);
    return rc == MP_OK ? 0 : 1;
}
