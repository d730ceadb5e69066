#include "estimator/util/memory.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/util/cmocka_all.h"

static void allocation(void **state)
{
    (void)state;
    char *p = mp_alloc(0, 8);
    free(p);
    p = mp_alloc(100, 1);
    for (int i = 0; i < 100; i++)
        assert_int_equal(p[i], 0);
    p = mp_realloc(p, 1000, 1);
    free(p);
    double *d = mp_alloc_aligned(5, sizeof *d);
    assert_int_equal((uintptr_t)d % 64, 0);
    assert_true(d[4] == 0);
    free(d);
    char *s = mp_asprintf("%s-%d", "x", 5);
    assert_string_equal(s, "x-5");
    free(s);
    s = mp_strndup("abcdef", 3);
    assert_string_equal(s, "abc");
    free(s);
}

static void overflow_ends_the_process(void **state)
{
    (void)state;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        free(mp_alloc(SIZE_MAX / 2, 3));
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void limited(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    assert_null(mp_alloc_limited(1000, 10, 9999, "table of f.lib", &err));
    assert_int_equal(err.code, MP_E_MEMORY);
    assert_non_null(strstr(err.message, "table of f.lib"));
    assert_null(mp_alloc_limited(SIZE_MAX, SIZE_MAX, SIZE_MAX, "x", &err));
    char *p = mp_alloc_limited(1000, 10, 10000, "x", &err);
    assert_non_null(p);
    assert_int_equal(p[9999], 0);
    free(p);
}

static void vector(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    size_t count = 0, capacity = 0;
    for (uint32_t i = 0; i < 10000; i++) {
        mp_grow(&items, count, &capacity, sizeof *items);
        items[count++] = i;
    }
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(items[i], i);
    free(items);
}

static void arena(void **state)
{
    (void)state;
    struct mp_arena a = {0};
    char *texts[2000];
    for (int i = 0; i < 2000; i++) {
        char name[32];
        snprintf(name, sizeof name, "name%d", i);
        texts[i] = mp_arena_strdup(&a, name);
        double *d = mp_arena_alloc(&a, 3 * sizeof *d);
        assert_int_equal((uintptr_t)d % _Alignof(double), 0);
        d[2] = i;
    }
    assert_string_equal(texts[1999], "name1999");
    assert_string_equal(texts[0], "name0");
    char *big = mp_arena_alloc(&a, 1 << 20);
    assert_int_equal(big[(1 << 20) - 1], 0);
    assert_string_equal(mp_arena_strndup(&a, "abc", 2), "ab");
    mp_arena_release(&a);
    mp_arena_release(&a);
}

static void text(void **state)
{
    (void)state;
    struct mp_text t = {0};
    mp_text_add(&t, "");
    assert_string_equal(t.data, "");
    mp_text_add(&t, "a");
    mp_text_printf(&t, "%03d", 7);
    mp_text_add_bytes(&t, "x\0y", 3);
    mp_text_add_bytes(&t, NULL, 0);
    assert_int_equal(t.size, 7);
    assert_memory_equal(t.data, "a007x\0y", 8);
    for (int i = 0; i < 5000; i++)
        mp_text_printf(&t, "%d,", i);
    assert_string_equal(t.data + t.size - 5, "4999,");
    mp_text_release(&t);
    assert_null(t.data);
}

static void map(void **state)
{
    (void)state;
    struct mp_map m = {0};
    char key[32];
    assert_int_equal(mp_map_get(&m, "a"), MP_MAP_NONE);
    for (uint32_t i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "net[%u]", i);
        assert_int_equal(mp_map_put(&m, key, i), i);
    }
    assert_int_equal(m.count, 20000);
    for (uint32_t i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "net[%u]", i);
        assert_int_equal(mp_map_get(&m, key), i);
    }
    assert_int_equal(mp_map_put(&m, "net[5]", 9), 5);
    assert_int_equal(mp_map_put(&m, "", 77), 77);
    assert_int_equal(mp_map_get(&m, ""), 77);
    assert_int_equal(mp_map_get(&m, "net[20000]"), MP_MAP_NONE);
    mp_map_release(&m);
    assert_int_equal(mp_map_get(&m, "net[5]"), MP_MAP_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocation), cmocka_unit_test(overflow_ends_the_process),
        cmocka_unit_test(limited),    cmocka_unit_test(vector),
        cmocka_unit_test(arena),      cmocka_unit_test(text),
        cmocka_unit_test(map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
