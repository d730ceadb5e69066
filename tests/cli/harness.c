#include "tests/cli/harness.h"

#include "estimator/util/log.h"
#include "estimator/util/process.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/util/cmocka_all.h"

enum { MAX_WORDS = 64 };

void harness_init(int argc, char **argv)
{
    /* Full, as the program is started in other folders. */
    char *full = argc > 1 ? realpath(argv[1], NULL) : NULL;

    if (full != NULL)
        setenv("MACPPA_PROGRAM", full, 1);
    free(full);
}

int session_setup(void **state)
{
    struct session *s = mp_alloc(1, sizeof *s);
    struct mp_error err = MP_ERROR_INIT;

    if (mp_tempdir_create(&s->dir, &err) < 0) {
        print_error("%s\n", err.message);
        return -1;
    }
    s->tmp = mp_path_join(s->dir.path, "tmp");
    s->db = mp_path_join(s->dir.path, "test.db");
    mp_text_add(&s->out, "");
    mp_text_add(&s->err, "");
    *state = s;
    return mp_mkdirs(s->tmp, NULL);
}

int session_teardown(void **state)
{
    struct session *s = *state;

    mp_tempdir_remove(&s->dir);
    mp_text_release(&s->out);
    mp_text_release(&s->err);
    free(s->tmp);
    free(s->db);
    free(s);
    return 0;
}

/* argv and environment of the program; what was made for it is in `owned`. */
struct launch {
    const char *argv[MAX_WORDS], *env[MAX_WORDS];
    char *owned[2];
};

static void prepare(struct launch *l, const struct session *s, const char *const *env,
                    const char *const *arguments)
{
    size_t n = 0;

    memset(l, 0, sizeof *l);
    l->argv[n++] = getenv("MACPPA_PROGRAM");
    assert_non_null(l->argv[0]);
    for (; *arguments != NULL; arguments++) {
        assert_true(n < MAX_WORDS - 1);
        l->argv[n++] = *arguments;
    }
    l->owned[0] = mp_asprintf("TMPDIR=%s", s->tmp);
    l->owned[1] = mp_asprintf("MACPPA_DB=%s", s->db);
    n = 0;
    l->env[n++] = l->owned[0];
    if (env == NULL || strncmp(env[0], "MACPPA_DB=", 10) != 0)
        l->env[n++] = l->owned[1];
    for (; env != NULL && *env != NULL; env++) {
        assert_true(n < MAX_WORDS - 1);
        l->env[n++] = *env;
    }
}

static void release(struct launch *l)
{
    free(l->owned[0]);
    free(l->owned[1]);
}

static void set_output(struct session *s, const char *out, const char *err)
{
    s->out.size = s->err.size = 0;
    mp_text_add(&s->out, out);
    mp_text_add(&s->err, err);
}

void session_run(struct session *s, const char *const *env, const char *const *arguments)
{
    struct launch l;
    struct mp_process_result r = {0};
    struct mp_error err = MP_ERROR_INIT;

    prepare(&l, s, env, arguments);
    struct mp_process_options o = {
        .argv = l.argv, .cwd = s->dir.path, .env = l.env, .timeout_s = 200};
    if (mp_process_run(&r, &o, &err) < 0)
        fail_msg("%s", err.message);
    s->status = r.how == MP_EXITED ? r.status : -1;
    set_output(s, r.out.data, r.err.data);
    mp_process_result_release(&r);
    release(&l);
}

static void fail_showing(const struct session *s, const char *wanted)
{
    fail_msg("wanted %s; exit code %d\n--- stdout\n%s--- stderr\n%s", wanted, s->status,
             s->out.data, s->err.data);
}

void assert_status(const struct session *s, int status)
{
    char wanted[32];

    snprintf(wanted, sizeof wanted, "exit code %d", status);
    if (s->status != status)
        fail_showing(s, wanted);
}

void assert_out(const struct session *s, const char *text)
{
    if (strstr(s->out.data, text) == NULL)
        fail_showing(s, text);
}

void assert_err(const struct session *s, const char *text)
{
    if (strstr(s->err.data, text) == NULL)
        fail_showing(s, text);
}

pid_t session_start(const struct session *s, const char *const *env, const char *const *arguments)
{
    struct launch l;
    char *out = mp_path_join(s->dir.path, "out"), *err = mp_path_join(s->dir.path, "err");
    pid_t pid;

    prepare(&l, s, env, arguments);
    fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int to_out = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        int to_err = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        for (size_t i = 0; l.env[i] != NULL; i++)
            putenv((char *)l.env[i]);
        if (chdir(s->dir.path) == 0 && dup2(to_out, 1) >= 0 && dup2(to_err, 2) >= 0)
            execv(l.argv[0], (char *const *)l.argv);
        _exit(127);
    }
    release(&l);
    free(out);
    free(err);
    return pid;
}

void session_end(struct session *s, pid_t pid)
{
    char *out = mp_path_join(s->dir.path, "out"), *err = mp_path_join(s->dir.path, "err");
    struct mp_text out_text = {0}, err_text = {0};
    int status = 0;

    while (waitpid(pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    s->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    /* A program that was killed at once has not made its files. */
    mp_file_read(&out_text, out, 0, NULL);
    mp_file_read(&err_text, err, 0, NULL);
    set_output(s, out_text.data != NULL ? out_text.data : "",
               err_text.data != NULL ? err_text.data : "");
    mp_text_release(&out_text);
    mp_text_release(&err_text);
    free(out);
    free(err);
}

unsigned session_leftovers(const struct session *s)
{
    DIR *dir = opendir(s->tmp);
    unsigned count = 0;

    assert_non_null(dir);
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        struct stat info;
        char *path = mp_path_join(s->tmp, e->d_name);
        count += e->d_name[0] != '.' && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
        free(path);
    }
    closedir(dir);
    return count;
}

static unsigned count_processes(const struct session *s)
{
    DIR *dir = opendir("/proc");
    unsigned count = 0;

    assert_non_null(dir);
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        char link[300], target[4096];
        ssize_t n;
        snprintf(link, sizeof link, "/proc/%s/cwd", e->d_name);
        if (e->d_name[0] < '0' || e->d_name[0] > '9' ||
            (n = readlink(link, target, sizeof target - 1)) < 0)
            continue;
        target[n] = '\0';
        count += strncmp(target, s->dir.path, strlen(s->dir.path)) == 0;
    }
    closedir(dir);
    return count;
}

unsigned session_processes(const struct session *s, double seconds)
{
    double end = mp_clock_s() + seconds;
    unsigned count;

    while ((count = count_processes(s)) > 0 && mp_clock_s() < end)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    return count;
}

char *session_file(const struct session *s, const char *name, const char *text)
{
    char *path = mp_path_join(s->dir.path, name);
    struct mp_error err = MP_ERROR_INIT;

    if (mp_file_write(path, text, strlen(text), &err) < 0)
        fail_msg("%s", err.message);
    return path;
}

char *source_path(const char *name)
{
    const char *given = getenv("MACPPA_SOURCE_ROOT");
    char *root = realpath(given != NULL ? given : ".", NULL);
    char *path = mp_path_join(root != NULL ? root : ".", name);

    free(root);
    return path;
}

const char database_results[] =
    "select design, library, clock_period_s, ppa_key, estimate_key, trace_hash, area_um2,"
    " critical_path_s, slack_s, cell_count, register_count, best_variant, proof_rtl,"
    " proof_netlist, proof_rtl_vectors, proof_netlist_vectors, equivalence, cycles,"
    " annotated_share, e.internal_w, e.switching_w, e.leakage_w, energy_per_mac_j,"
    " hex(verilog_zlib), hex(netlist_zlib) from estimate e join ppa_point using (ppa_id)"
    " join ppa_text using (ppa_id) join design using (design_id) join library using (library_id)"
    " join trace using (trace_id) order by design, clock_period_s, trace_hash;"
    "select estimate_key, scope, part, p.internal_w, p.switching_w, p.leakage_w from power_row p"
    " join part using (part_id) join estimate using (estimate_id)"
    " order by estimate_key, scope, part";

static void add_row(struct mp_text *out, sqlite3_stmt *statement)
{
    for (int i = 0; i < sqlite3_column_count(statement); i++)
        if (sqlite3_column_type(statement, i) == SQLITE_FLOAT)
            mp_text_printf(out, "%.17g|", sqlite3_column_double(statement, i));
        else
            mp_text_printf(out, "%s|", (const char *)sqlite3_column_text(statement, i));
    mp_text_add(out, "\n");
}

char *database_text(const char *path, const char *sql)
{
    sqlite3 *handle;
    sqlite3_stmt *statement;
    struct mp_text out = {0};

    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    sqlite3_busy_timeout(handle, 10000);
    mp_text_add(&out, "");
    while (*sql != '\0') {
        if (sqlite3_prepare_v2(handle, sql, -1, &statement, &sql) != SQLITE_OK)
            fail_msg("%s", sqlite3_errmsg(handle));
        while (sqlite3_step(statement) == SQLITE_ROW)
            add_row(&out, statement);
        if (sqlite3_finalize(statement) != SQLITE_OK)
            fail_msg("%s", sqlite3_errmsg(handle));
    }
    sqlite3_close(handle);
    return out.data;
}

void assert_database(const char *path, const char *sql, const char *expected)
{
    char *got = database_text(path, sql);

    assert_string_equal(got, expected);
    free(got);
}
