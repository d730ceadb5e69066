/* Trace files: written and read again, of the version before, damaged and cut off. */
#include "estimator/cnn/trace_parts.h"
#include "estimator/util/file.h"
#include "tests/cnn/scheme_check.h"
#include "tests/cnn/small_network.h"
#include "tests/util/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* A trace of the small network. */
static void make(struct mp_trace *t, const char *weight, struct mp_trace_options o)
{
    struct mp_scheme s = scheme_of(weight, "uint8", "mse");
    struct mp_network n;
    struct mp_dataset d;
    struct mp_quantisation q;
    struct mp_error err = MP_ERROR_INIT;

    assert_int_equal(small_network(&n), 0);
    small_dataset(&d);
    scheme_apply(&q, &n, &d, 20, &s);
    if (mp_trace_make(t, &n, &q, NULL, NULL, &d, &o, &err) < 0)
        fail_msg("%s", err.message);
    mp_quantisation_release(&q);
    mp_dataset_release(&d);
    mp_network_release(&n);
}

static void repair_checksum(struct mp_text *file)
{
    uint32_t crc = (uint32_t)crc32_z(0, (const Bytef *)file->data, file->size - 4);

    for (size_t i = 0; i < 4; i++)
        file->data[file->size - 4 + i] = (char)(uint8_t)(crc >> (8 * i));
}

static void assert_same(const struct mp_trace *a, const struct mp_trace *b)
{
    size_t cycles = (size_t)a->stretches * a->length;

    assert_string_equal(a->hash, b->hash);
    assert_int_equal(a->stretches, b->stretches);
    assert_int_equal(a->length, b->length);
    assert_memory_equal(a->weights, b->weights, cycles * 4);
    assert_memory_equal(a->activations, b->activations, cycles * 4);
    assert_memory_equal(a->firsts, b->firsts, cycles);
    assert_memory_equal(a->layer, b->layer, a->stretches * 4);
    assert_string_equal(a->source, b->source);
    assert_int_equal(a->network_macs, b->network_macs);
    for (uint32_t l = 0; l < a->layer_count; l++) {
        assert_int_equal(a->layers[l].macs, b->layers[l].macs);
        assert_int_equal(a->layers[l].synthetic, b->layers[l].synthetic);
        assert_int_equal(a->layers[l].reads_synthetic, b->layers[l].reads_synthetic);
    }
}

/* A file of version 1 has neither the network's MACs (8 bytes behind the source) nor marks of the
 * layers (4 bytes behind each). */
static void first_version(void **state)
{
    enum { HEADER = 8 + 20 + 8 + 32 + 128, LAYER = 64 + 12 };
    struct mp_trace trace;
    struct mp_tempdir dir = {0};
    struct mp_text file = {0}, old = {0};
    struct mp_trace t;

    (void)state;
    make(&trace, "int8", (struct mp_trace_options){MP_OUTPUT_STATIONARY, 64, 10, 0, 1, NULL});
    assert_int_equal(mp_tempdir_create(&dir, NULL), MP_OK);
    char *path = mp_path_join(dir.path, "t.trace");
    assert_int_equal(mp_trace_write(&trace, path, NULL), MP_OK);
    assert_int_equal(mp_file_read(&file, path, 0, NULL), MP_OK);
    mp_text_add_bytes(&old, file.data, HEADER);
    old.data[8] = 1;
    for (size_t l = 0; l < trace.layer_count; l++)
        mp_text_add_bytes(&old, file.data + HEADER + 8 + l * (LAYER + 4), LAYER);
    size_t rest = HEADER + 8 + trace.layer_count * (LAYER + 4);
    mp_text_add_bytes(&old, file.data + rest, file.size - rest);
    repair_checksum(&old);
    assert_int_equal(mp_file_write(path, old.data, old.size, NULL), MP_OK);
    assert_int_equal(mp_trace_read(&t, path, NULL), MP_OK);
    assert_int_equal(t.network_macs, 0);
    assert_true(mp_trace_macs_share(&t) == 0);
    t.network_macs = trace.network_macs;
    mp_trace_seal(&t);
    assert_same(&trace, &t);
    mp_trace_release(&t);
    mp_text_release(&file);
    mp_text_release(&old);
    mp_trace_release(&trace);
    free(path);
    mp_tempdir_remove(&dir);
}

static void files(void **state)
{
    struct mp_trace trace;
    struct mp_tempdir dir = {0};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_trace t;
    struct mp_text csv = {0};

    (void)state;
    make(&trace, "int11", (struct mp_trace_options){MP_WEIGHT_STATIONARY, 64, 50, 0, 1, NULL});
    assert_int_equal(mp_tempdir_create(&dir, NULL), MP_OK);
    char *path = mp_path_join(dir.path, "t.trace"), *csv_path = mp_path_join(dir.path, "t.csv");
    assert_int_equal(mp_trace_write(&trace, path, &err), MP_OK);
    assert_int_equal(mp_trace_read(&t, path, &err), MP_OK);
    assert_same(&trace, &t);
    mp_trace_release(&t);
    assert_int_equal(mp_trace_write_csv(&trace, csv_path, &err), MP_OK);
    assert_int_equal(mp_file_read(&csv, csv_path, 0, &err), MP_OK);
    char line[128];
    snprintf(line, sizeof line, "stretch,layer,cycle,weight,activation,first\n0,\"c1\",0,%u,%u,1\n",
             trace.weights[0], trace.activations[0]);
    assert_memory_equal(csv.data, line, strlen(line));
    mp_text_release(&csv);
    assert_int_equal(mp_trace_read(&t, csv_path, &err), MP_E_INPUT);
    mp_trace_release(&trace);
    free(path);
    free(csv_path);
    mp_tempdir_remove(&dir);
}

static int write_and_read(const char *path, const struct mp_text *bytes, size_t size)
{
    struct mp_trace t;
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes->data, 1, size, file), size);
    fclose(file);
    int rc = mp_trace_read(&t, path, NULL);
    mp_trace_release(&t);
    return rc;
}

static void damaged_files(void **state)
{
    struct mp_trace trace;
    struct mp_tempdir dir = {0};
    struct mp_text file = {0};

    (void)state;
    make(&trace, "int8", (struct mp_trace_options){MP_OUTPUT_STATIONARY, 64, 2, 0, 1, NULL});
    assert_int_equal(mp_tempdir_create(&dir, NULL), MP_OK);
    char *path = mp_path_join(dir.path, "t.trace");
    assert_int_equal(mp_trace_write(&trace, path, NULL), MP_OK);
    assert_int_equal(mp_file_read(&file, path, 0, NULL), MP_OK);
    for (size_t cut = 0; cut < file.size; cut += 7)
        assert_int_equal(write_and_read(path, &file, cut), MP_E_INPUT);
    for (size_t i = 12; i < file.size - 4; i += 3) {
        file.data[i] ^= 0x10;
        assert_int_equal(write_and_read(path, &file, file.size), MP_E_INPUT);
        /* With the right checksum it is read where it still makes sense. */
        repair_checksum(&file);
        int rc = write_and_read(path, &file, file.size);
        assert_true(rc == MP_OK || rc == MP_E_INPUT);
        file.data[i] ^= 0x10;
        repair_checksum(&file);
    }
    file.data[8] = 3;
    assert_int_equal(write_and_read(path, &file, file.size), MP_E_UNSUPPORTED);
    file.data[8] = 0;
    assert_int_equal(write_and_read(path, &file, file.size), MP_E_UNSUPPORTED);
    mp_text_release(&file);
    mp_trace_release(&trace);
    free(path);
    mp_tempdir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files),
        cmocka_unit_test(first_version),
        cmocka_unit_test(damaged_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
