#include "estimator/util/process.h"

#include "estimator/util/file.h"
#include "estimator/util/number.h"
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_program(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

char *mp_process_find(const char *name, struct mp_error *err)
{
    if (strchr(name, '/')) {
        if (is_program(name))
            return mp_strdup(name);
        mp_fail(err, MP_E_NOT_FOUND, "%s is not a program that can be run; check the path", name);
        return NULL;
    }
    const char *path = getenv("PATH");
    for (const char *p = path ? path : "/usr/local/bin:/usr/bin:/bin"; *name;) {
        size_t n = strcspn(p, ":");
        /* An empty entry means the current folder. */
        char *full = mp_asprintf("%.*s/%s", n ? (int)n : 1, n ? p : ".", name);
        if (is_program(full))
            return full;
        free(full);
        if (!p[n])
            break;
        p += n + 1;
    }
    mp_fail(err, MP_E_NOT_FOUND, "the program %s was not found; install it or put it on PATH",
            name);
    return NULL;
}

const char *mp_process_describe(const struct mp_process_result *r, char *out, size_t size)
{
    char number[32];
    const char *name;
    switch (r->how) {
    case MP_EXITED:
        snprintf(out, size, "exit code %d", r->status);
        break;
    case MP_SIGNALLED:
        name = sigdescr_np(r->status);
        snprintf(out, size, "killed by signal %d (%s)", r->status, name ? name : "unknown");
        break;
    case MP_TIMED_OUT:
        snprintf(out, size, "no end after %s s: killed",
                 mp_print_double(round(r->wall_s * 10) / 10, number, sizeof number));
        break;
    case MP_OVERFLOWED:
        snprintf(out, size, "printed too much (%zu bytes on stdout, %zu on stderr kept): killed",
                 r->out.size, r->err.size);
        break;
    }
    return out;
}

/* The last line with anything but blanks in it, at most 200 bytes, NULL if there is none. */
static char *last_line(const struct mp_text *t)
{
    static const char blanks[] = " \t\r\n";
    size_t end = t->size;
    while (end > 0 && (t->data[end - 1] == '\0' || strchr(blanks, t->data[end - 1])))
        end--;
    size_t start = end;
    while (start > 0 && t->data[start - 1] != '\n' && end - start < 200)
        start--;
    if (start == end)
        return NULL;
    char *line = mp_strndup(t->data + start, end - start);
    for (char *p = line; *p; p++) {
        if ((unsigned char)*p < ' ')
            *p = ' ';
    }
    return line;
}

/* Writes the whole output down; returns the path, NULL when that failed. */
static char *keep_output(const struct mp_process_result *r, const char *tool, const char *keep_dir)
{
    char state[160], *path;
    const char *slash = strrchr(tool, '/'), *name = slash ? slash + 1 : tool;
    struct mp_text t = {0};
    if (keep_dir) {
        path = mp_asprintf("%s/%s.log", keep_dir, name);
    } else {
        const char *dir = getenv("TMPDIR");
        path = mp_asprintf("%s/macppa-%s-XXXXXX.log", dir && *dir ? dir : "/tmp", name);
        int fd = mkostemps(path, 4, O_CLOEXEC);
        if (fd >= 0)
            close(fd);
    }
    mp_text_printf(&t, "# %s: %s\n# stdout\n", tool, mp_process_describe(r, state, sizeof state));
    mp_text_add_bytes(&t, r->out.data, r->out.size);
    mp_text_add(&t, "\n# stderr\n");
    mp_text_add_bytes(&t, r->err.data, r->err.size);
    int code = keep_dir ? mp_mkdirs(keep_dir, NULL) : MP_OK;
    if (code == MP_OK)
        code = mp_file_write(path, t.data, t.size, NULL);
    mp_text_release(&t);
    if (code < 0) {
        free(path);
        path = NULL;
    }
    return path;
}

int mp_process_fail_output(const struct mp_process_result *r, const char *tool,
                           const char *keep_dir, const char *why, struct mp_error *err)
{
    enum mp_code code = r->how == MP_TIMED_OUT ? MP_E_TIMEOUT : MP_E_TOOL;
    char *path = keep_output(r, tool, keep_dir);
    char *line = last_line(&r->err);
    if (!line)
        line = last_line(&r->out);
    mp_fail(err, code, "%s: %s; last line: %s%s%s; whole output %s%s", tool, why, line ? "\"" : "",
            line ? line : "(none)", line ? "\"" : "", path ? "in " : "could not be kept",
            path ? path : "");
    free(line);
    free(path);
    return code;
}

int mp_process_fail(const struct mp_process_result *r, const char *tool, const char *keep_dir,
                    struct mp_error *err)
{
    char state[160];
    mp_process_describe(r, state, sizeof state);
    return mp_process_fail_output(r, tool, keep_dir, state, err);
}
