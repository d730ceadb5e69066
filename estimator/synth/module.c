#include "estimator/synth/module.h"

#include "estimator/synth/module_parts.h"
#include "estimator/synth/parse.h"
#include "estimator/util/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void mp_module_note(struct mp_module *m, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *note = mp_vasprintf(format, args);
    va_end(args);
    m->notes = mp_realloc(m->notes, m->note_count + 1, sizeof *m->notes);
    m->notes[m->note_count++] = note;
}

const struct mp_module_port *mp_module_port(const struct mp_module *m, const char *name)
{
    for (size_t i = 0; i < m->port_count; i++)
        if (strcmp(m->ports[i].name, name) == 0)
            return &m->ports[i];
    return NULL;
}

static int add_include(struct mp_module_work *w, const char *dir, struct mp_error *err)
{
    for (size_t k = 0; k < w->include_count; k++)
        if (strcmp(w->include_dirs[k], dir) == 0)
            return MP_OK;
    char name[32];
    snprintf(name, sizeof name, "include%zu", w->include_count);
    mp_grow(&w->include_dirs, w->include_count, &w->include_capacity, sizeof *w->include_dirs);
    w->include_dirs[w->include_count++] = mp_strdup(dir);
    return mp_synth_session_link(&w->session, dir, name, err);
}

/* A path that is not there is told of when it is linked. */
static int check_kind(const char *path, bool wants_folder, struct mp_error *err)
{
    struct stat info;

    if (stat(path, &info) < 0 || S_ISDIR(info.st_mode) == wants_folder)
        return MP_OK;
    return mp_fail(err, MP_E_INPUT, "%s is %s", path,
                   wants_folder ? "no folder; `include looks in folders"
                                : "a folder; a Verilog file is needed");
}

/* Links, or files of what is in memory. */
static int lay_out(struct mp_module_work *w, struct mp_error *err)
{
    int code = MP_OK;
    for (size_t i = 0; i < w->job->include_dir_count && code == MP_OK; i++)
        if ((code = check_kind(w->job->include_dirs[i], true, err)) == MP_OK)
            code = add_include(w, w->job->include_dirs[i], err);
    for (size_t i = 0; i < w->job->file_count && code == MP_OK; i++) {
        const struct mp_module_file *f = &w->job->files[i];
        size_t n = strlen(f->path);
        char name[32];
        snprintf(name, sizeof name, "source%zu.%s", i,
                 n > 3 && strcmp(f->path + n - 3, ".sv") == 0 ? "sv" : "v");
        if (f->text != NULL) {
            code = mp_synth_session_write(&w->session, name, f->text, err);
            continue;
        }
        char *dir = mp_path_dir(f->path);
        if ((code = check_kind(f->path, false, err)) == MP_OK)
            code = mp_synth_session_link(&w->session, f->path, name, err);
        if (code == MP_OK)
            code = add_include(w, dir, err);
        free(dir);
    }
    return code;
}

static int read_text(const struct mp_module_work *w, const char *name, struct mp_text *out,
                     struct mp_error *err)
{
    char *path = mp_path_join(w->session.temp_dir, name);
    int code = mp_file_read(out, path, 0, err);
    free(path);
    return code;
}

/* NULL: not written or not complete. */
static json_t *read_json(const struct mp_module_work *w, const char *name)
{
    struct mp_text text = {0};
    struct mp_error ignored = MP_ERROR_INIT;
    json_t *root = NULL;
    if (read_text(w, name, &text, &ignored) == MP_OK)
        root = json_loadb(text.data, text.size, 0, NULL);
    mp_text_release(&text);
    return root;
}

static void forget(const struct mp_module_work *w, const char *const *names)
{
    for (; *names != NULL; names++) {
        char *path = mp_path_join(w->session.temp_dir, *names);
        unlink(path);
        free(path);
    }
}

/* Run a script; what Yosys has against the sources becomes an error in them. json: read in any
 * case, as far as it was written. */
static int run(struct mp_module_work *w, const char *script, const char *named_in,
               struct mp_error *err)
{
    const char *const argv[] = {w->session.program, "-T", "-s", "script.ys", NULL};
    int code = mp_synth_session_write(&w->session, "script.ys", script, err);
    if (code == MP_OK)
        code = mp_synth_session_start(&w->session, argv, err);
    if (code < 0)
        return code;
    const struct mp_process_result *p = &w->session.process;
    if (p->how == MP_EXITED) {
        json_t *parsed = named_in != NULL ? read_json(w, named_in) : NULL;
        code = mp_module_yosys_error(w, p, parsed, err);
        json_decref(parsed);
    }
    if (code == MP_OK)
        code = mp_synth_session_judge(&w->session, "yosys", err);
    return code;
}

/* The log of a run that must have come to its end. */
static int check_end(struct mp_module_work *w, struct mp_error *err)
{
    struct mp_yosys_log log = {0};
    struct mp_error cause = MP_ERROR_INIT;
    const struct mp_process_result *p = &w->session.process;
    int code = MP_OK;
    if (mp_yosys_parse_log(&log, p->out.data != NULL ? p->out.data : "", p->out.size, &cause) < 0)
        code = mp_synth_session_fail(&w->session, "log", &cause, err);
    mp_yosys_log_release(&log);
    return code;
}

static int missing(const struct mp_module_work *w, const char *name, struct mp_error *err)
{
    const struct mp_error cause = {.message = "not written, or cut off"};
    return mp_synth_session_fail(&w->session, name, &cause, err);
}

static bool instantiates(json_t *user, const char *name)
{
    const char *instance;
    json_t *cell;
    json_object_foreach (json_object_get(user, "cells"), instance, cell) {
        const char *type = json_string_value(json_object_get(cell, "type"));
        if (type != NULL && strcmp(type, name) == 0)
            return true;
    }
    return false;
}

/* The modules that no other instantiates; wanted NULL: the one there is, else whether it is there
 * at all is said. */
static int choose_top(struct mp_module_work *w, const json_t *listed, struct mp_error *err)
{
    json_t *modules = json_object_get(listed, "modules");
    const char *name, *other, *found = NULL;
    json_t *module, *user;
    struct mp_text all = {0};
    size_t candidates = 0;
    int code = MP_OK;
    mp_text_add(&all, "");
    json_object_foreach (modules, name, module) {
        bool used = false;
        json_object_foreach (modules, other, user)
            used = used || instantiates(user, name);
        if (used && w->job->top == NULL)
            continue;
        mp_text_printf(&all, "%s%s", candidates++ > 0 ? ", " : "", name);
        found = name;
    }
    if (w->job->top != NULL)
        code = mp_module_fail(w, err, MP_E_NOT_FOUND, "", "no module %s in the files; there is %s",
                              w->job->top, candidates > 0 ? all.data : "none at all");
    else if (candidates == 0)
        code =
            mp_module_fail(w, err, MP_E_INPUT, "", "no module in the files that could be the top");
    else if (candidates > 1)
        code = mp_module_fail(w, err, MP_E_USAGE, "",
                              "several modules could be the top: %s; name one", all.data);
    else if (!mp_module_is_plain(found, strlen(found)))
        code = mp_module_fail(w, err, MP_E_UNSUPPORTED, "",
                              "module \"%s\" cannot be the top: its name may have letters, digits, "
                              "_ and $ only",
                              found);
    else
        w->found_top = mp_strdup(found);
    mp_text_release(&all);
    return code;
}

static int list_modules(struct mp_module_work *w, struct mp_error *err)
{
    static const char *const files[] = {"listed.json", NULL};
    struct mp_text script = {0};
    forget(w, files);
    mp_module_list_script(&script, w);
    int code = run(w, script.data, NULL, err);
    mp_text_release(&script);
    if (code == MP_OK)
        code = check_end(w, err);
    if (code < 0)
        return code;
    json_t *listed = read_json(w, "listed.json");
    code = listed != NULL ? choose_top(w, listed, err) : missing(w, "listed.json", err);
    json_decref(listed);
    return code;
}

/* An error without a line may name what a plain reading of the sources has a place for. */
static int look_up(struct mp_module_work *w, int code, struct mp_error *err)
{
    struct mp_text script = {0};
    struct mp_error unlisted = MP_ERROR_INIT;
    struct mp_process_result said = w->session.process;
    w->session.process = (struct mp_process_result){0};
    mp_module_list_script(&script, w);
    run(w, script.data, NULL, &unlisted);
    mp_text_release(&script);
    json_t *listed = read_json(w, "listed.json");
    if (listed != NULL)
        mp_module_yosys_error(w, &said, listed, err);
    json_decref(listed);
    mp_process_result_release(&w->session.process);
    w->session.process = said;
    return code;
}

/* What reading said about the named top and its parameters, which have no place in a file. */
static int explain(struct mp_module_work *w, int code, struct mp_error *err)
{
    static const char lost[] = "Can't find object for defparam '";
    const char *parameter = strstr(err->message, lost);
    if (code != MP_E_INPUT)
        return code;
    if (parameter != NULL && w->job->parameter_count > 0) {
        char *name = mp_strndup(parameter + strlen(lost), strcspn(parameter + strlen(lost), "'"));
        code =
            mp_module_fail(w, err, MP_E_USAGE, "", "module %s has no parameter %s", w->top, name);
        free(name);
    } else if (w->job->top != NULL && strncmp(err->message, "Module '", 8) == 0 &&
               strstr(err->message, "' not found!") != NULL) {
        code = list_modules(w, err);
    } else if (err->line == 0) {
        code = look_up(w, code, err);
    }
    return code;
}

static int parse(struct mp_module_work *w, struct mp_error *err)
{
    static const char *const files[] = {"parsed.json", "flat.json", "raw.il", NULL};
    struct mp_text script = {0};
    forget(w, files);
    mp_module_parse_script(&script, w);
    int code = run(w, script.data, "parsed.json", err);
    mp_text_release(&script);
    /* Of what Yosys stumbles over at the end, the words may say more. */
    json_t *flat = read_json(w, "flat.json");
    if (flat != NULL) {
        struct mp_error found = MP_ERROR_INIT;
        int words = mp_module_read_words(w, flat, &found);
        json_decref(flat);
        if (words < 0) {
            *err = found;
            return words;
        }
    }
    if (code < 0)
        return explain(w, code, err);
    if ((code = check_end(w, err)) < 0)
        return code;
    return flat != NULL ? MP_OK : missing(w, "flat.json", err);
}

/* Modules that Yosys named itself ($paramod...), or a user in a strange way, get names that scripts
 * can hold. Names are words in "module NAME" and "cell NAME instance". */
static char *plain_names(const char *il, const char *top)
{
    struct mp_map map = {0};
    struct mp_text out = {0};
    unsigned count = 0;
    for (const char *at = il; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n')
        if (strncmp(at, "module ", 7) == 0) {
            char *name = mp_strndup(at + 7, strcspn(at + 7, " \n"));
            if (name[0] != '\\' || !mp_module_is_plain(name + 1, strlen(name + 1)))
                mp_map_put(&map, name, ++count);
            free(name);
        }
    mp_text_add(&out, "");
    for (const char *at = il; *at != '\0';) {
        size_t size = strcspn(at, "\n"), blank = strspn(at, " ");
        size_t word = strncmp(at, "module ", 7) == 0         ? 7
                      : strncmp(at + blank, "cell ", 5) == 0 ? blank + 5
                                                             : 0;
        size_t length = word > 0 ? strcspn(at + word, " \n") : 0;
        char *name = mp_strndup(at + word, length);
        uint32_t id = mp_map_get(&map, name);
        if (id != MP_MAP_NONE) {
            mp_text_add_bytes(&out, at, word);
            mp_text_printf(&out, "\\%s__%u", top, id);
            mp_text_add_bytes(&out, at + word + length, size - word - length);
        } else {
            mp_text_add_bytes(&out, at, size);
        }
        free(name);
        at += size;
        if (*at == '\n') {
            mp_text_add(&out, "\n");
            at++;
        }
    }
    mp_map_release(&map);
    return out.data;
}

/* Whether more than the top is left in the text. */
static bool has_submodules(const char *il)
{
    unsigned count = 0;
    for (const char *at = il; (at = strstr(at, "module ")) != NULL; at++)
        count += at == il || at[-1] == '\n';
    return count > 1;
}

static int take_results(struct mp_module_work *w, struct mp_error *err)
{
    struct mp_module *m = w->out;
    struct mp_text il = {0}, verilog = {0};
    struct mp_error cause = MP_ERROR_INIT;
    int code = MP_OK;
    if (read_text(w, "design.il", &il, &cause) < 0 ||
        read_text(w, "elaborated.v", &verilog, &cause) < 0 ||
        mp_yosys_check_netlist(verilog.data, verilog.size, m->top, NULL, NULL, &cause) < 0) {
        code = mp_synth_session_fail(&w->session, "elaboration", &cause, err);
        goto out;
    }
    free(m->rtlil);
    free(m->rtl_verilog);
    m->rtlil = plain_names(il.data, m->top);
    m->rtl_verilog = verilog.data;
    verilog = (struct mp_text){0};
    m->keeps_blocks = w->job->keep_blocks && has_submodules(m->rtlil);
    struct mp_hash *h = mp_hash_create();
    mp_hash_string(h, m->rtlil);
    mp_hash_string(h, m->rtl_verilog);
    mp_hash_digest(h, m->hash);
    mp_hash_destroy(h);
out:
    mp_text_release(&il);
    mp_text_release(&verilog);
    return code;
}

/* From input.il to gates, and what can be said about them. */
static int make_gates(struct mp_module_work *w, const char *input, bool wrapped,
                      struct mp_error *err)
{
    static const char *const files[] = {"gates.json", "elaborated.v", "design.il", NULL};
    struct mp_text script = {0};
    forget(w, files);
    mp_module_gates_script(&script, input, w->out->top, !w->job->keep_blocks, wrapped);
    int code = run(w, script.data, NULL, err);
    mp_text_release(&script);
    /* Of what Yosys stumbles over later, the gates show the place. */
    json_t *gates = read_json(w, "gates.json");
    if (gates != NULL) {
        struct mp_error found = MP_ERROR_INIT;
        int analysed = mp_module_read_gates(w, gates, &found);
        json_decref(gates);
        if (analysed < 0) {
            *err = found;
            return analysed;
        }
    }
    if (code < 0 || (code = check_end(w, err)) < 0)
        return code;
    return gates != NULL ? take_results(w, err) : missing(w, "gates.json", err);
}

/* The wrapper's ports are the module's, and a clock if that has none. */
static int wrap(struct mp_module_work *w, struct mp_error *err)
{
    struct mp_module *m = w->out;
    char *verilog = mp_module_wrapper(m), *inner = m->top;
    int code = mp_synth_session_write(&w->session, "wrapper.v", verilog, err);
    if (m->clock == NULL) {
        m->ports = mp_realloc(m->ports, m->port_count + 1, sizeof *m->ports);
        m->ports[m->port_count++] = (struct mp_module_port){
            .name = mp_strdup(MP_WRAPPER_CLOCK), .direction = MP_DIR_INPUT, .width = 1};
    }
    m->top = mp_asprintf("%s_registered", inner);
    free(inner);
    free(verilog);
    return code < 0 ? code : make_gates(w, "raw.il", true, err);
}

static void note_unused(struct mp_module *m)
{
    for (size_t i = 0; i < m->port_count; i++) {
        const struct mp_module_port *p = &m->ports[i];
        if (p->direction == MP_DIR_INPUT && !p->is_used && !p->is_clock)
            mp_module_note(m, "input %s has no effect", p->name);
    }
}

static int check_outputs(const struct mp_module_work *w, struct mp_error *err)
{
    for (size_t i = 0; i < w->out->port_count; i++)
        if (w->out->ports[i].direction == MP_DIR_OUTPUT && w->out->ports[i].is_used)
            return MP_OK;
    return mp_module_fail(w, err, MP_E_UNSUPPORTED, "",
                          "module %s has no output that depends on anything: nothing would be left "
                          "of it after optimisation",
                          w->top);
}

int mp_module_read(struct mp_module *out, const struct mp_module_job *job, struct mp_error *err)
{
    struct mp_module_work w = {.job = job,
                               .out = out,
                               .session = {.program = job->program,
                                           .temp_dir = job->temp_dir,
                                           .keep_dir = job->keep_dir,
                                           .timeout_s = job->timeout_s > 0 ? job->timeout_s : 300}};
    struct mp_error own = MP_ERROR_INIT;
    err = err != NULL ? err : &own;
    int code = mp_module_check_words(job, err);
    if (code < 0 || (code = lay_out(&w, err)) < 0)
        goto out;
    if (job->top == NULL && (code = list_modules(&w, err)) < 0)
        goto out;
    w.top = job->top != NULL ? job->top : w.found_top;
    out->top = mp_strdup(w.top);
    if ((code = parse(&w, err)) < 0 || (code = make_gates(&w, "raw.il", false, err)) < 0 ||
        (code = check_outputs(&w, err)) < 0)
        goto out;
    note_unused(out);
    if (job->registered)
        code = wrap(&w, err);
    out->wall_s = w.session.wall_s;
    out->cpu_s = w.session.cpu_s;
out:
    for (size_t k = 0; k < w.include_count; k++)
        free(w.include_dirs[k]);
    free(w.include_dirs);
    free(w.found_top);
    mp_process_result_release(&w.session.process);
    return code;
}

void mp_module_release(struct mp_module *m)
{
    for (size_t i = 0; i < m->port_count; i++) {
        free(m->ports[i].name);
        free(m->ports[i].file);
    }
    for (size_t i = 0; i < m->parameter_count; i++) {
        free((char *)m->parameters[i].name);
        free((char *)m->parameters[i].value);
    }
    for (size_t i = 0; i < MP_NEED_COUNT; i++) {
        free(m->needs[i].name);
        free(m->needs[i].file);
    }
    for (size_t i = 0; i < m->note_count; i++)
        free(m->notes[i]);
    free(m->top);
    free(m->ports);
    free(m->parameters);
    free(m->clock);
    free(m->rtlil);
    free(m->rtl_verilog);
    free(m->notes);
    *m = (struct mp_module){0};
}
