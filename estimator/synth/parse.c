#include "estimator/synth/parse.h"
#include "estimator/util/number.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "estimator/synth/script.h"

/* A line of a larger text, without its end. */
struct line {
    const char *data;
    size_t size;
};

static bool next_line(const char **at, const char *end, struct line *line)
{
    if (*at >= end)
        return false;
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    line->data = *at;
    line->size = (size_t)((stop ? stop : end) - *at);
    *at = stop ? stop + 1 : end;
    return true;
}

static const char *find(struct line line, const char *what)
{
    return memmem(line.data, line.size, what, strlen(what));
}

static bool starts(struct line line, const char *what)
{
    size_t n = strlen(what);
    return line.size >= n && !memcmp(line.data, what, n);
}

/* The number after `label`, which stands in the line. The text is NUL-terminated at its end, so
 * that reading a number never leaves it. */
static bool number_after(struct line line, const char *label, double *out)
{
    const char *at = find(line, label), *end;
    if (!at)
        return false;
    at += strlen(label);
    while (at < line.data + line.size && *at == ' ')
        at++;
    if (at >= line.data + line.size)
        return false;
    *out = mp_parse_double_prefix(at, &end);
    return end != at && end <= line.data + line.size && *out >= 0;
}

struct log_state {
    struct mp_yosys_log *log;
    size_t capacity;
    uint32_t candidate;
    struct line module; /* whose ABC run has not shown its figures yet; size 0: none */
    bool ended;
    int number;
};

static int read_figures(struct log_state *s, struct line line, struct mp_error *err)
{
    struct mp_yosys_module m = {.candidate = s->candidate};
    double delay_ps;
    if (!number_after(line, "Area =", &m.area_um2) || !number_after(line, "Delay =", &delay_ps))
        return mp_fail_at(err, MP_E_INPUT, NULL, s->number, "ABC's area and delay are unreadable");
    m.delay_s = delay_ps * 1e-12;
    m.name = mp_strndup(s->module.data, s->module.size);
    mp_grow(&s->log->modules, s->log->module_count, &s->capacity, sizeof m);
    s->log->modules[s->log->module_count++] = m;
    s->module.size = 0;
    return MP_OK;
}

static int read_module(struct log_state *s, struct line line, struct mp_error *err)
{
    const char *at = find(line, "of module `"), *end = find(line, "' to ");
    if (!at || !end || end <= at)
        return mp_fail_at(err, MP_E_INPUT, NULL, s->number, "the name of a module is unreadable");
    at += strlen("of module `");
    if (*at == '\\')
        at++;
    s->module = (struct line){at, (size_t)(end - at)};
    return MP_OK;
}

static int read_log_line(struct log_state *s, struct line line, struct mp_error *err)
{
    if (starts(line, "ERROR") || find(line, "** cmd error"))
        return mp_fail_at(err, MP_E_INPUT, NULL, s->number, "%.*s",
                          (int)(line.size < 300 ? line.size : 300), line.data);
    if (starts(line, MP_SYNTH_MARK_CANDIDATE)) {
        double k;
        if (!number_after(line, MP_SYNTH_MARK_CANDIDATE, &k) || k > 1000)
            return mp_fail_at(err, MP_E_INPUT, NULL, s->number, "unreadable candidate mark");
        s->candidate = (uint32_t)k;
    } else if (find(line, "Extracting gate netlist of module `")) {
        if (s->module.size)
            return mp_fail_at(err, MP_E_INPUT, NULL, s->number, "ABC gave no figures for %.*s",
                              (int)s->module.size, s->module.data);
        return read_module(s, line, err);
    } else if (find(line, "Don't call ABC as there is nothing to map")) {
        s->module.size = 0;
    } else if (s->module.size && starts(line, "ABC: ") && find(line, "Delay =")) {
        return read_figures(s, line, err);
    } else if (starts(line, MP_SYNTH_MARK_END)) {
        s->ended = true;
    }
    return MP_OK;
}

int mp_yosys_parse_log(struct mp_yosys_log *log, const char *text, size_t size,
                       struct mp_error *err)
{
    *log = (struct mp_yosys_log){0};
    struct log_state s = {.log = log};
    const char *at = text;
    struct line line;
    int code = MP_OK;
    while (code == MP_OK && next_line(&at, text + size, &line)) {
        s.number++;
        code = read_log_line(&s, line, err);
    }
    if (code == MP_OK && s.module.size)
        code = mp_fail_at(err, MP_E_INPUT, NULL, s.number, "ABC gave no figures for %.*s",
                          (int)s.module.size, s.module.data);
    if (code == MP_OK && !s.ended)
        code = mp_fail_at(err, MP_E_INPUT, NULL, s.number,
                          "the log stops before the end of the script");
    if (code < 0)
        mp_yosys_log_release(log);
    return code;
}

void mp_yosys_log_release(struct mp_yosys_log *log)
{
    for (uint32_t k = 0; k < log->module_count; k++)
        free(log->modules[k].name);
    free(log->modules);
    *log = (struct mp_yosys_log){0};
}

int mp_yosys_parse_unmatched(uint32_t *count, const char *text, size_t size, struct mp_error *err)
{
    struct mp_yosys_log log;
    int code = mp_yosys_parse_log(&log, text, size, err);
    if (code < 0)
        return code;
    mp_yosys_log_release(&log);
    const char *at = text;
    struct line line;
    bool marked = false;
    while (next_line(&at, text + size, &line)) {
        marked = marked || starts(line, MP_SYNTH_MARK_REGISTERS);
        const char *end;
        if (!marked || !find(line, " objects."))
            continue;
        double n = mp_parse_double_prefix(line.data, &end);
        if (end == line.data || !(n >= 0 && n <= 1e9))
            break;
        *count = (uint32_t)n;
        return MP_OK;
    }
    return mp_fail(err, MP_E_INPUT, "the count of unmatched registers is missing");
}

/* Scanner over Verilog as write_verilog makes it: words, escaped names, single characters. */
struct scanner {
    const char *at, *end;
    int line;
    const char *token; /* an escaped name without its backslash */
    size_t size;       /* 0: end of text */
    bool is_name;
};

static void skip_blanks(struct scanner *s)
{
    while (s->at < s->end) {
        if (isspace((unsigned char)*s->at)) {
            s->line += *s->at++ == '\n';
        } else if (s->end - s->at > 1 && s->at[0] == '/' && s->at[1] == '/') {
            while (s->at < s->end && *s->at != '\n')
                s->at++;
        } else if (s->end - s->at > 1 && (s->at[0] == '/' || s->at[0] == '(') && s->at[1] == '*') {
            char close = s->at[0] == '/' ? '/' : ')';
            for (s->at += 2; s->at < s->end && !(s->at[-1] == '*' && s->at[0] == close); s->at++)
                s->line += *s->at == '\n';
            s->at += s->at < s->end;
        } else {
            return;
        }
    }
}

static void next_token(struct scanner *s)
{
    skip_blanks(s);
    s->token = s->at;
    s->size = 0;
    s->is_name = false;
    if (s->at >= s->end)
        return;
    if (*s->at == '\\') {
        s->is_name = true;
        s->token = ++s->at;
        while (s->at < s->end && !isspace((unsigned char)*s->at))
            s->at++;
    } else if (isalpha((unsigned char)*s->at) || *s->at == '_' || *s->at == '$') {
        s->is_name = true;
        while (s->at < s->end && (isalnum((unsigned char)*s->at) || *s->at == '_' || *s->at == '$'))
            s->at++;
    } else {
        s->at++;
    }
    s->size = (size_t)(s->at - s->token);
}

static bool token_is(const struct scanner *s, const char *what)
{
    return s->size == strlen(what) && !memcmp(s->token, what, s->size);
}

static bool skip_statement(struct scanner *s)
{
    while (s->size && !token_is(s, ";"))
        next_token(s);
    return s->size > 0;
}

static int check_instance(const struct scanner *s, const struct mp_library *library,
                          struct mp_error *err)
{
    char *type = mp_strndup(s->token, s->size);
    int code = MP_OK;
    static const char *const behavioural[] = {"always",   "initial", "reg",  "function",
                                              "task",     "tran",    "case", "specify",
                                              "generate", "integer", NULL};
    for (size_t k = 0; code == MP_OK && behavioural[k]; k++)
        if (!strcmp(type, behavioural[k]))
            code = mp_fail_at(err, MP_E_INPUT, NULL, s->line, "behavioural code (%s) is left",
                              behavioural[k]);
    if (code == MP_OK && library && type[0] == '$')
        code = mp_fail_at(err, MP_E_INPUT, NULL, s->line,
                          "cell %s was not mapped; the library lacks a cell for it", type);
    else if (code == MP_OK &&
             (library ? mp_library_cell(library, type) == MP_NONE : strncmp(type, "$_", 2) != 0))
        code = mp_fail_at(err, MP_E_INPUT, NULL, s->line,
                          "%s is no cell of the library (a black box?)", type);
    free(type);
    return code;
}

int mp_yosys_check_netlist(const char *text, size_t size, const char *top,
                           const struct mp_library *library, uint32_t *cell_count,
                           struct mp_error *err)
{
    struct scanner s = {.at = text, .end = text + size, .line = 1};
    uint32_t cells = 0;
    next_token(&s);
    if (!token_is(&s, "module"))
        return mp_fail_at(err, MP_E_INPUT, NULL, s.line, "the netlist does not begin a module");
    next_token(&s);
    if (!token_is(&s, top))
        return mp_fail_at(err, MP_E_INPUT, NULL, s.line, "module %.*s instead of %s", (int)s.size,
                          s.token, top);
    while (skip_statement(&s)) {
        next_token(&s);
        if (token_is(&s, "endmodule"))
            break;
        if (token_is(&s, "input") || token_is(&s, "output") || token_is(&s, "wire") ||
            token_is(&s, "assign"))
            continue;
        if (!s.size)
            break;
        if (!s.is_name)
            return mp_fail_at(err, MP_E_INPUT, NULL, s.line, "unexpected \"%.*s\"", (int)s.size,
                              s.token);
        int code = check_instance(&s, library, err);
        if (code < 0)
            return code;
        cells++;
    }
    if (!token_is(&s, "endmodule"))
        return mp_fail_at(err, MP_E_INPUT, NULL, s.line, "the netlist is cut off");
    next_token(&s);
    if (s.size)
        return mp_fail_at(err, MP_E_INPUT, NULL, s.line, "more than one module in the netlist");
    if (cell_count)
        *cell_count = cells;
    return MP_OK;
}

int mp_yosys_parse_version(const char *text, char *out, size_t size, struct mp_error *err)
{
    if (strncmp(text, "Yosys ", 6) != 0 || !isdigit((unsigned char)text[6]))
        return mp_fail(err, MP_E_INPUT, "no version of Yosys in \"%.60s\"", text);
    size_t n = strcspn(text + 6, " \n");
    if (n >= size)
        return mp_fail(err, MP_E_INPUT, "a version of %zu characters", n);
    memcpy(out, text + 6, n);
    out[n] = '\0';
    return MP_OK;
}

int mp_abc_parse_cec(const char *text)
{
    if (strstr(text, "NOT EQUIVALENT"))
        return 0;
    return strstr(text, "Networks are equivalent") ? 1 : -1;
}
