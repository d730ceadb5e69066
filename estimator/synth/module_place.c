#include "estimator/synth/module_parts.h"

#include "estimator/util/file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mp_module_src(const json_t *object)
{
    const char *src =
        json_string_value(json_object_get(json_object_get(object, "attributes"), "src"));
    return src != NULL ? src : "";
}

/* A number at *at, which moves behind it. */
static bool read_number(const char **at, size_t *out)
{
    if (!isdigit((unsigned char)**at))
        return false;
    size_t x = 0;
    for (; isdigit((unsigned char)**at) && x < 100000000; (*at)++)
        x = 10 * x + (size_t)(**at - '0');
    *out = x;
    return true;
}

/* If a name of ours stands at `at`: *end behind it, and the user's name for it. Inside an include
 * folder the rest of the path is the user's already. */
static bool user_name(const struct mp_module_work *w, const char *at, const char **end,
                      const char **name, bool *is_folder)
{
    size_t k;
    if (strncmp(at, "source", 6) == 0) {
        at += 6;
        if (!read_number(&at, &k) || k >= w->job->file_count)
            return false;
        at += strncmp(at, ".sv", 3) == 0 ? 3 : strncmp(at, ".v", 2) == 0 ? 2 : 0;
        *name = w->job->files[k].path;
        *is_folder = false;
    } else if (strncmp(at, "include", 7) == 0) {
        at += 7;
        if (!read_number(&at, &k) || k >= w->include_count || *at != '/')
            return false;
        *name = w->include_dirs[k];
        *is_folder = true;
    } else {
        return false;
    }
    *end = at;
    return true;
}

/* "source0.v:12" or "include1/foo.vh:3" at `at`. */
static bool place_at(const struct mp_module_work *w, const char *at, char file[256], int *line)
{
    const char *end, *name;
    bool is_folder;
    size_t number;
    if (!user_name(w, at, &end, &name, &is_folder))
        return false;
    size_t rest = is_folder ? strcspn(end, ":|") : 0;
    if (end[rest] != ':')
        return false;
    if (is_folder && strcmp(name, ".") == 0)
        snprintf(file, 256, "%.*s", (int)rest - 1, end + 1);
    else
        snprintf(file, 256, "%s%.*s", name, (int)rest, end);
    end += rest + 1;
    if (!read_number(&end, &number))
        return false;
    *line = (int)number;
    return true;
}

bool mp_module_place(const struct mp_module_work *w, const char *src, char file[256], int *line)
{
    while (src != NULL && *src != '\0') {
        if (place_at(w, src, file, line))
            return true;
        src = strchr(src, '|');
        if (src != NULL)
            src++;
    }
    return false;
}

int mp_module_fail(const struct mp_module_work *w, struct mp_error *err, enum mp_code code,
                   const char *src, const char *format, ...)
{
    char file[256] = "";
    int line = 0;
    va_list args;
    va_start(args, format);
    char *message = mp_vasprintf(format, args);
    va_end(args);
    if (!mp_module_place(w, src, file, &line) && w->job->file_count == 1)
        snprintf(file, sizeof file, "%s", w->job->files[0].path);
    mp_fail_at(err, code, file[0] != '\0' ? file : NULL, line, "%s", message);
    free(message);
    return code;
}

/* The user's names for ours; Yosys's escapes left out. */
static char *translate(const struct mp_module_work *w, const char *s, size_t size)
{
    struct mp_text t = {0};
    const char *end = s + size;
    mp_text_add(&t, "");
    while (s < end) {
        const char *next, *name;
        bool is_folder;
        if (user_name(w, s, &next, &name, &is_folder)) {
            mp_text_add(&t, name);
            s = next;
        } else if (*s == '\\' || *s == '\t') {
            s++;
        } else {
            mp_text_add_bytes(&t, *s == '`' ? "'" : s, 1);
            s++;
        }
    }
    return t.data;
}

/* The name between `after` and the next quote, without a backslash; false: not there. */
static bool quoted(const char *s, const char *after, char out[256])
{
    const char *at = strstr(s, after);
    if (at == NULL)
        return false;
    at += strlen(after);
    at += *at == '\\';
    const char *end = strchr(at, '\'');
    if (end == NULL || end - at >= 256)
        return false;
    memcpy(out, at, (size_t)(end - at));
    out[end - at] = '\0';
    return true;
}

/* "module `\M' in cell `\C'", "signal `\M.\S'": what the JSON knows about it. */
static const char *named_src(const char *line, const json_t *parsed)
{
    const json_t *modules = json_object_get(parsed, "modules");
    char module[256], name[256];
    if (quoted(line, "in module `", module) && quoted(line, "in cell `", name))
        return mp_module_src(
            json_object_get(json_object_get(json_object_get(modules, module), "cells"), name));
    if (quoted(line, "signal `", module)) {
        char *dot = strstr(module, ".\\");
        if (dot == NULL)
            return "";
        *dot = '\0';
        return mp_module_src(json_object_get(
            json_object_get(json_object_get(modules, module), "netnames"), dot + 2));
    }
    return "";
}

/* The line that says ERROR; NULL: none. */
static const char *error_line(const struct mp_text *log, const char **what)
{
    const char *at = log->data != NULL ? strstr(log->data, "ERROR: ") : NULL;
    if (at == NULL)
        return NULL;
    *what = at + strlen("ERROR: ");
    while (at > log->data && at[-1] != '\n')
        at--;
    return at;
}

/* The process after `at` in the log, behind `label`; NULL: no more. */
static const char *next_process(const char *at, const char *label)
{
    at = strstr(at, label);
    at = at != NULL ? strstr(at, "$proc$") : NULL;
    return at != NULL ? at + strlen("$proc$") : NULL;
}

/* Registers are made process after process: the one that failed follows the last that worked. */
static bool place_process(const struct mp_module_work *w, const char *log, char file[256],
                          int *line)
{
    static const char all[] = "Creating decoders for process `", made[] = "' using process `";
    const char *last = NULL;
    for (const char *at = log; (at = next_process(at, made)) != NULL;)
        last = at;
    for (const char *at = log; (at = next_process(at, all)) != NULL;) {
        size_t size = strcspn(at, "'");
        if (last == NULL)
            return place_at(w, at, file, line);
        if (strncmp(at, last, size) == 0 && last[size] == '\'')
            last = NULL;
    }
    return false;
}

/* The line of `include "NAME"; false: in none of the sources. */
static bool place_include(const struct mp_module_work *w, const char *message, char file[256],
                          int *line)
{
    char name[256];
    if (!quoted(message, "include file `", name))
        return false;
    char *wanted = mp_asprintf("\"%s\"", name);
    bool found = false;
    for (size_t i = 0; i < w->job->file_count && !found; i++) {
        const struct mp_module_file *f = &w->job->files[i];
        struct mp_text text = {0};
        struct mp_error ignored = MP_ERROR_INIT;
        if (f->text != NULL)
            mp_text_add(&text, f->text);
        else
            mp_file_read(&text, f->path, 0, &ignored);
        const char *at = text.data != NULL ? strstr(text.data, wanted) : NULL;
        found = at != NULL;
        *line = 1;
        for (const char *c = text.data; found && c < at; c++)
            *line += *c == '\n';
        snprintf(file, 256, "%s", f->path);
        mp_text_release(&text);
    }
    free(wanted);
    return found;
}

/* Where it says, where what it names is, or what it was doing. */
static bool place_error(const struct mp_module_work *w, const char *line, const char *log,
                        const json_t *parsed, char file[256], int *number)
{
    for (const char *at = line; *at != '\0'; at++)
        if (place_at(w, at, file, number) && *number > 0)
            return true;
    if (mp_module_place(w, named_src(line, parsed), file, number) ||
        place_include(w, line, file, number))
        return true;
    return strstr(line, "Multiple edge sensitive") != NULL && place_process(w, log, file, number);
}

int mp_module_yosys_error(const struct mp_module_work *w, const struct mp_process_result *said,
                          const json_t *parsed, struct mp_error *err)
{
    const char *what = NULL, *line = error_line(&said->out, &what);
    char file[256] = "";
    int number = 0;
    line = line != NULL ? line : error_line(&said->err, &what);
    if (line == NULL)
        return MP_OK;
    size_t size = strcspn(what, "\n");
    char *whole = mp_strndup(line, (size_t)(what - line) + size);
    if (!place_error(w, whole, said->out.data != NULL ? said->out.data : "", parsed, file,
                     &number)) {
        number = 0;
        snprintf(file, sizeof file, "%s", w->job->file_count == 1 ? w->job->files[0].path : "");
    }
    char *message = translate(w, what, size), *process = strstr(message, " from always_");
    if (process != NULL)
        *process = '\0';
    bool edges = strstr(message, "Multiple edge sensitive events") != NULL;
    mp_fail_at(err, MP_E_INPUT, file[0] != '\0' ? file : NULL, number, "%s%s", message,
               edges ? " A register with two clocks, or an always block that waits for edges which "
                       "are no asynchronous reset of it."
                     : "");
    free(message);
    free(whole);
    return MP_E_INPUT;
}
