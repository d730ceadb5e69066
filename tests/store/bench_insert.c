/*
 * How many estimates a second go into a database, in batches or one transaction each, and how long
 * the named queries take on them. Usage: bench_store_insert [COUNT] [BATCH] [FILE]; default 50000
 * in batches of 100 in a private folder.
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

#define POINTS 3200

/* 64 designs x 50 libraries and clocks, each with many traces. */
static void make(struct sample *s, unsigned n, char weight[16], char library[16])
{
    unsigned point = n % POINTS;
    snprintf(weight, 16, "int%u", 2 + point % 64);
    snprintf(library, 16, "lib%u", point / 64 % 10);
    sample_init(s, weight, n);
    sample_complete(s);
    s->estimate.row_count = 5;
    unsigned period_ns = 1 + point / 640;
    s->ppa.library = library;
    s->ppa.clock_period_s = 1e-9 * period_ns;
    sample_key(s->ppa.key, 'a', point);
    memcpy(s->estimate.ppa_key, s->ppa.key, MP_HASH_SIZE);
    sample_key(s->trace.hash, 'b', n / POINTS);
    memcpy(s->estimate.trace_hash, s->trace.hash, MP_HASH_SIZE);
    sample_key(s->accuracy.key, 'c', point % 64);
    memcpy(s->estimate.accuracy_key, s->accuracy.key, MP_HASH_SIZE);
    /* Keys are hashes: they come in no order. */
    uint64_t mixed = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
    snprintf(s->estimate.key, MP_HASH_SIZE, "%016llx%016x", (unsigned long long)mixed, n);
}

/* What the estimates refer to; apart, as its netlists are compressed. */
static int fill_references(struct mp_store *store, uint64_t count, struct mp_error *err)
{
    struct sample s;
    char weight[16], library[16];
    int rc = MP_OK;
    for (unsigned n = 0; rc == MP_OK && n < count; n += n < POINTS ? 1 : POINTS) {
        make(&s, n, weight, library);
        if (n < POINTS)
            rc = mp_store_put_ppa(store, &s.ppa, &s.context, err);
        if (rc == MP_OK && n % POINTS == 0)
            rc = mp_store_put_trace(store, &s.trace, err);
        if (rc == MP_OK && n < 64)
            rc = mp_store_put_accuracy(store, &s.accuracy, &s.context, err);
    }
    return rc;
}

static int fill(struct mp_store *store, uint64_t count, size_t batch, struct mp_error *err)
{
    struct sample *s = mp_alloc(batch, sizeof *s);
    struct mp_estimate_record *records = mp_alloc(batch, sizeof *records);
    char weight[16], library[16];
    int rc = MP_OK;
    for (unsigned n = 0; rc == MP_OK && n < count;) {
        size_t k = 0;
        for (; k < batch && n < count; k++, n++) {
            make(&s[k], n, weight, library);
            records[k] = s[k].estimate;
        }
        rc = mp_store_put_estimates(store, records, k, &s->context, err);
    }
    free(s);
    free(records);
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
    uint64_t count = 50000, batch = 100;
    if ((argc > 1 && !mp_parse_u64(argv[1], &count)) ||
        (argc > 2 && (!mp_parse_u64(argv[2], &batch) || batch == 0))) {
        fprintf(stderr, "usage: bench_store_insert [COUNT] [BATCH] [FILE]\n");
        return 2;
    }
    int rc = mp_tempdir_create(&dir, &err);
    if (rc != MP_OK)
        goto out;
    path = argc > 3 ? mp_strdup(argv[3]) : mp_path_join(dir.path, "bench.db");
    rc = mp_store_open(&store, path, false, &err);
    if (rc != MP_OK)
        goto out;
    rc = fill_references(store, count, &err);
    double start_s = mp_clock_s();
    if (rc == MP_OK)
        rc = fill(store, count, batch, &err);
    printf("%.0f estimates/s, %llu in each transaction\n", (double)count / (mp_clock_s() - start_s),
           (unsigned long long)batch);
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
