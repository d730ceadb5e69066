/*
 * How fast a VCD is written and read: a random netlist of 800 cells, by default about 200 MB, or
 * the megabytes given as argument.
 */
#include "estimator/interchange/annotation.h"
#include "estimator/interchange/vcd_write.h"
#include "estimator/netlist/gates.h"
#include "estimator/util/file.h"
#include "estimator/util/number.h"
#include "tests/activity/random_netlist.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double megabytes(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (double)info.st_size / 1e6 : 0;
}

/* Until the file holds enough; a cycle of this netlist takes about 2 kB. */
static int write_dump(const struct mp_netlist *n, const char *path, double target_mb,
                      struct mp_error *err)
{
    struct mp_vcd_write_options o = {.period_s = 2e-9, .words = 1, .lane = 0, .with_pins = true};
    struct mp_vcd_writer *w = NULL;
    struct mp_simulator *s = NULL;
    struct mp_random random;
    const uint64_t one = 1;
    mp_random_seed(&random, 1);
    int rc = mp_simulator_create(&s, n, 1, MP_KERNEL_AUTO, err);
    if (rc == MP_OK)
        rc = mp_vcd_writer_create(&w, n, path, &o, err);
    uint64_t *in = mp_alloc((size_t)(s ? mp_simulator_input_count(s) : 0) + 1, sizeof *in);
    const uint64_t cycles = (uint64_t)(target_mb * 500);
    for (uint64_t cycle = 0; rc == MP_OK && cycle < cycles; cycle++) {
        for (uint32_t i = 0; i < mp_simulator_input_count(s); i++)
            in[i] = mp_random_u64(&random);
        mp_simulator_step(s, in, cycle < 5 ? NULL : &one);
        rc = mp_vcd_writer_step(w, s, cycle < 5 ? NULL : &one, err);
    }
    if (rc == MP_OK)
        rc = mp_vcd_writer_finish(w, err);
    mp_vcd_writer_destroy(w);
    mp_simulator_destroy(s);
    free(in);
    return rc;
}

static int measure(const struct mp_netlist *n, const char *folder, double target_mb,
                   struct mp_error *err)
{
    static const char *const names[] = {"plain.vcd", "packed.vcd.gz"};
    int rc = MP_OK;
    double size_mb = 0;
    for (unsigned k = 0; k < 2 && rc == MP_OK; k++) {
        char *path = mp_path_join(folder, names[k]);
        struct mp_annotation_options o = {.period_s = 2e-9};
        struct mp_annotation a = {0};
        double begin = now_s();
        rc = write_dump(n, path, target_mb, err);
        double written = now_s() - begin;
        size_mb = k == 0 ? megabytes(path) : size_mb;
        double best = 1e9;
        for (unsigned repeat = 0; repeat < 3 && rc == MP_OK; repeat++) {
            begin = now_s();
            rc = mp_annotation_read(&a, n, path, &o, err);
            best = now_s() - begin < best ? now_s() - begin : best;
            mp_annotation_release(&a);
        }
        if (rc == MP_OK)
            printf("%-14s %6.0f MB (%.0f on disk), %u nets: simulated and written %4.0f MB/s, read "
                   "%4.0f MB/s\n",
                   names[k], size_mb, megabytes(path), n->net_count, size_mb / written,
                   size_mb / best);
        free(path);
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct mp_library library = {0};
    struct mp_netlist n = {0};
    struct mp_text verilog = {0};
    struct mp_tempdir dir = {0};
    struct mp_error err = MP_ERROR_INIT;
    double target_mb = 200;
    char text[1400];
    if (argc > 1 &&
        (!mp_parse_double(argv[1], &target_mb) || !(target_mb > 0 && target_mb < 1e6))) {
        fprintf(stderr, "bench_vcd [MEGABYTES]\n");
        return 2;
    }
    int rc = mp_gates_library(&library, &err);
    if (rc == MP_OK) {
        random_netlist(&verilog, &library, 32, 800, 3);
        rc = mp_netlist_read_text(&n, &library, verilog.data, verilog.size, "r.v", NULL, &err);
    }
    if (rc == MP_OK)
        rc = mp_netlist_levelise(&n, &err);
    if (rc == MP_OK)
        rc = mp_tempdir_create(&dir, &err);
    if (rc == MP_OK)
        rc = measure(&n, dir.path, target_mb, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", mp_error_text(&err, text, sizeof text));
    mp_tempdir_remove(&dir);
    mp_text_release(&verilog);
    mp_netlist_release(&n);
    mp_library_release(&library);
    return rc < 0;
}
