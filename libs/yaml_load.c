#include "libs/yaml_load.h"

#include "estimator/util/file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define DEPTH_LIMIT 16

/* What libcyaml says while it fails: one message, then where it was, innermost first. */
struct report {
    char message[256];
    char keys[DEPTH_LIMIT][64]; /* mapping fields, innermost first */
    int key_count;
    int line; /* of the innermost */
};

__attribute__((format(printf, 3, 0))) static void take_log(cyaml_log_t level, void *context,
                                                           const char *format, va_list args)
{
    struct report *r = context;
    char line[512];
    if (level < CYAML_LOG_ERROR)
        return;
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = '\0';
    const char *text = strncmp(line, "Load: ", 6) == 0 ? line + 6 : line;
    if (!r->message[0] && strncmp(text, "Backtrace", 9) != 0 && !strstr(text, "(line: ")) {
        snprintf(r->message, sizeof r->message, "%.*s", (int)sizeof r->message - 1, text);
        return;
    }
    const char *where = strstr(text, "(line: ");
    if (where && r->line == 0)
        r->line = (int)strtol(where + strlen("(line: "), NULL, 10);
    const char *key = strstr(text, "field '");
    if (key && r->key_count < DEPTH_LIMIT)
        snprintf(r->keys[r->key_count++], sizeof r->keys[0], "%.*s",
                 (int)(strcspn(key + 7, "'") < 63 ? strcspn(key + 7, "'") : 63), key + 7);
}

int mp_yaml_key_line(const char *text, const char *key, int from)
{
    size_t n = strlen(key);
    int line = 1;
    for (const char *p = text; *p; line++) {
        const char *q = p + strspn(p, " -");
        if (line >= from && strncmp(q, key, n) == 0 && q[n + strspn(q + n, " ")] == ':')
            return line;
        p += strcspn(p, "\n");
        p += *p == '\n';
    }
    return 0;
}

/* The mapping in which the error is, down the keys of the report. */
static const cyaml_schema_field_t *fields_of(const cyaml_schema_value_t *v, const struct report *r)
{
    for (int k = r->key_count; k >= 0; k--) {
        while (v->type == CYAML_SEQUENCE || v->type == CYAML_SEQUENCE_FIXED)
            v = v->sequence.entry;
        if (v->type != CYAML_MAPPING)
            return NULL;
        const cyaml_schema_field_t *f = v->mapping.fields;
        if (k == 0)
            return f;
        while (f->key && strcmp(f->key, r->keys[k - 1]) != 0)
            f++;
        if (!f->key)
            return NULL;
        v = &f->value;
    }
    return NULL;
}

static int fail_unknown_key(struct report *r, const char *key, const char *text, const char *name,
                            const cyaml_schema_value_t *schema, struct mp_error *err)
{
    char known[512] = "";
    size_t used = 0;
    const cyaml_schema_field_t *f = fields_of(schema, r);
    for (; f && f->key && used < sizeof known - 1; f++)
        used +=
            (size_t)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", f->key);
    int line = mp_yaml_key_line(text, key, r->line);
    return mp_fail_at(err, MP_E_INPUT, name, line ? line : r->line, "unknown key '%s'%s%s", key,
                      known[0] ? "; expected one of: " : "", known);
}

/* libcyaml does not pass on where libyaml stopped. */
static int fail_syntax(const char *text, size_t size, const char *name, struct mp_error *err)
{
    yaml_parser_t parser;
    yaml_event_t event;
    int line = 0;
    char problem[256] = "not a YAML file";
    if (!yaml_parser_initialize(&parser))
        return mp_fail_at(err, MP_E_INPUT, name, 0, "%s", problem);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    for (bool more = true; more;) {
        more = yaml_parser_parse(&parser, &event) != 0;
        if (!more) {
            line = (int)parser.problem_mark.line + 1;
            if (parser.problem)
                snprintf(problem, sizeof problem, "%s", parser.problem);
        } else {
            more = event.type != YAML_STREAM_END_EVENT;
            yaml_event_delete(&event);
        }
    }
    yaml_parser_delete(&parser);
    return mp_fail_at(err, MP_E_INPUT, name, line, "YAML syntax: %s", problem);
}

static int fail_load(cyaml_err_t code, struct report *r, const char *text, size_t size,
                     const char *name, const cyaml_schema_value_t *schema, struct mp_error *err)
{
    static const char unexpected[] = "Unexpected key: ";
    if (code == CYAML_ERR_OOM)
        return mp_fail_at(err, MP_E_MEMORY, name, r->line, "out of memory");
    if (code == CYAML_ERR_LIBYAML_PARSER)
        return fail_syntax(text, size, name, err);
    if (strncmp(r->message, unexpected, sizeof unexpected - 1) == 0)
        return fail_unknown_key(r, r->message + sizeof unexpected - 1, text, name, schema, err);
    if (code == CYAML_ERR_MAPPING_FIELD_MISSING)
        return mp_fail_at(err, MP_E_INPUT, name, r->line, "%s",
                          r->message[0] ? r->message : cyaml_strerror(code));
    return mp_fail_at(err, MP_E_INPUT, name, r->line, "%s%s%s", r->key_count ? r->keys[0] : "",
                      r->key_count ? ": " : "", r->message[0] ? r->message : cyaml_strerror(code));
}

static const cyaml_config_t plain_config = {.mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};

int mp_yaml_load_text(const char *text, size_t size, const char *name,
                      const cyaml_schema_value_t *schema, void **out, struct mp_error *err)
{
    struct report report = {.line = 0};
    cyaml_config_t config = plain_config;
    config.log_fn = take_log;
    config.log_ctx = &report;
    config.flags = CYAML_CFG_NO_ALIAS;
    cyaml_data_t *data = NULL;
    *out = NULL;
    cyaml_err_t code = cyaml_load_data((const uint8_t *)text, size, &config, schema, &data, NULL);
    if (code != CYAML_OK)
        return fail_load(code, &report, text, size, name, schema, err);
    if (!data)
        return mp_fail_at(err, MP_E_INPUT, name, 0, "the file is empty");
    *out = data;
    return MP_OK;
}

int mp_yaml_load(const char *path, const cyaml_schema_value_t *schema, void **out,
                 struct mp_error *err)
{
    struct mp_text text = {0};
    int rc = mp_file_read(&text, path, (size_t)1 << 20, err);
    if (rc == MP_OK)
        rc = mp_yaml_load_text(text.data, text.size, path, schema, out, err);
    mp_text_release(&text);
    return rc;
}

void mp_yaml_free(const cyaml_schema_value_t *schema, void *data)
{
    if (data)
        cyaml_free(&plain_config, schema, data, 0);
}
