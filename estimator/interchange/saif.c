#include "estimator/interchange/saif.h"
#include "estimator/interchange/names.h"
#include "estimator/interchange/saif_lexer.h"
#include "estimator/util/number.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_DEPTH   256 /* what mp_names_enter() allows */
#define MAX_ENTRIES ((size_t)1 << 28)
#define MAX_NUMBER  9007199254740992.0 /* 2^53: exact in a double */

enum { T0, T1, TX, TZ, TB, TC, FIELDS };
static const char *const field_names[FIELDS] = {"T0", "T1", "TX", "TZ", "TB", "TC"};

struct entry {
    double value[FIELDS];
    int line;
    uint8_t given; /* bit a field */
};

struct reader {
    struct mp_saif_lexer lexer;
    struct mp_names names;
    const struct mp_netlist *n;
    struct entry *entries;
    size_t count, capacity;
    double tick_s, duration;
    bool has_duration, has_instance;
    struct mp_error *err;
};

#define bad(r, ...) mp_source_bad((r)->lexer.s, "SAIF: " __VA_ARGS__)

static int at_line(const struct reader *r, int line, const char *what, uint32_t net)
{
    return mp_fail_at(r->err, MP_E_INPUT, r->lexer.s->file, line, "SAIF: net %s: %s",
                      r->n->net_name[net], what);
}

static bool is_word(const struct reader *r, const char *word)
{
    return strcasecmp(r->lexer.text.data, word) == 0;
}

static int unexpected(struct reader *r, enum mp_saif_token t, const char *wanted)
{
    if (t == MP_SAIF_BAD)
        return r->lexer.s->failed < 0 ? r->lexer.s->failed : MP_E_INPUT;
    if (t == MP_SAIF_END)
        return bad(r, "the file ends where %s is expected; it is cut off", wanted);
    return bad(r, "%s is expected, not '%.40s'", wanted,
               t == MP_SAIF_OPEN    ? "("
               : t == MP_SAIF_CLOSE ? ")"
                                    : r->lexer.text.data);
}

static int expect(struct reader *r, enum mp_saif_token wanted, const char *what)
{
    enum mp_saif_token t = mp_saif_next(&r->lexer);
    return t == wanted ? MP_OK : unexpected(r, t, what);
}

/* The rest of a group whose '(' is read. */
static int skip_group(struct reader *r)
{
    for (uint64_t depth = 1; depth > 0;) {
        enum mp_saif_token t = mp_saif_next(&r->lexer);
        if (t == MP_SAIF_END || t == MP_SAIF_BAD)
            return unexpected(r, t, "a )");
        depth += t == MP_SAIF_OPEN;
        depth -= t == MP_SAIF_CLOSE;
    }
    return MP_OK;
}

/* A number and the ')' behind it. */
static int read_number(struct reader *r, const char *what, double *out)
{
    enum mp_saif_token t = mp_saif_next(&r->lexer);
    if (t != MP_SAIF_ATOM)
        return unexpected(r, t, "a number");
    for (char *c = r->lexer.text.data; *c; c++) /* "4.5" where '.' divides names */
        if (*c == MP_SAIF_DIVIDED)
            *c = r->lexer.divider;
    if (!mp_parse_double(r->lexer.text.data, out))
        return bad(r, "%s is '%.40s', which is no number", what, r->lexer.text.data);
    if (*out < 0)
        return bad(r, "%s is negative: %.40s", what, r->lexer.text.data);
    if (*out > MAX_NUMBER)
        return bad(r, "%s is above 2^53: %.40s", what, r->lexer.text.data);
    return expect(r, MP_SAIF_CLOSE, "a )");
}

static int read_field(struct reader *r, struct entry *e)
{
    enum mp_saif_token t = mp_saif_next(&r->lexer);
    if (t != MP_SAIF_ATOM)
        return unexpected(r, t, "T0, T1, TX or TC");
    for (unsigned f = 0; f < FIELDS; f++) {
        if (!is_word(r, field_names[f]))
            continue;
        if (e->given >> f & 1)
            return bad(r, "%s twice for one net", field_names[f]);
        e->given |= (uint8_t)(1u << f);
        return read_number(r, field_names[f], &e->value[f]);
    }
    return skip_group(r);
}

/* Enter all parts of "tb/dut" but the last, which is returned; NULL: too deep. */
static const char *enter_parts(struct reader *r, const char *path, unsigned *levels)
{
    const char *end;
    for (*levels = 0; (end = strchr(path, MP_SAIF_DIVIDED)) != NULL; path = end + 1) {
        if (end == path)
            continue;
        char *part = mp_strndup(path, (size_t)(end - path));
        bool is_good = mp_names_enter(&r->names, part);
        free(part);
        if (!is_good)
            return NULL;
        ++*levels;
    }
    return path;
}

static void leave(struct reader *r, unsigned levels)
{
    while (levels-- > 0)
        mp_names_leave(&r->names);
}

/* "x", or "g/x", which is x in instance g. */
static bool add_name(struct reader *r, const struct mp_names_item *item)
{
    unsigned levels;
    const char *name = enter_parts(r, r->lexer.text.data, &levels);
    bool is_good = name && mp_names_add(&r->names, name, item);
    leave(r, levels);
    return is_good;
}

/* (name (T0 1) (T1 2) (TX 0) (TC 3)), its '(' is read. */
static int read_entry(struct reader *r)
{
    struct entry e = {.line = mp_source_line(r->lexer.s)};
    struct mp_names_item item = {.width = 1, .first_bit = (uint32_t)r->count};
    enum mp_saif_token t = mp_saif_next(&r->lexer);
    if (t != MP_SAIF_ATOM && t != MP_SAIF_STRING)
        return unexpected(r, t, "the name of a net");
    if (r->count >= MAX_ENTRIES || !add_name(r, &item))
        return bad(r, "more than 268 million nets, or 512 MiB of names");
    mp_grow(&r->entries, r->count, &r->capacity, sizeof *r->entries);
    r->entries[r->count] = e;
    for (;;) {
        t = mp_saif_next(&r->lexer);
        if (t == MP_SAIF_CLOSE)
            break;
        int rc = t == MP_SAIF_OPEN ? read_field(r, &e) : unexpected(r, t, "( or )");
        if (rc < 0)
            return rc;
    }
    r->entries[r->count++] = e;
    return MP_OK;
}

/* NET and PORT. */
static int read_entries(struct reader *r)
{
    for (;;) {
        enum mp_saif_token t = mp_saif_next(&r->lexer);
        if (t == MP_SAIF_CLOSE)
            return MP_OK;
        int rc = t == MP_SAIF_OPEN ? read_entry(r) : unexpected(r, t, "( or )");
        if (rc < 0)
            return rc;
    }
}

/* "type" name, or either of them; *t is the token behind. */
static int enter_instance(struct reader *r, enum mp_saif_token *t, unsigned *levels)
{
    char *name = NULL;
    const char *last;
    *levels = 0;
    bool has_atom = false;
    for (*t = mp_saif_next(&r->lexer); *t == MP_SAIF_ATOM || *t == MP_SAIF_STRING;
         *t = mp_saif_next(&r->lexer)) {
        if (has_atom)
            break;
        has_atom = *t == MP_SAIF_ATOM;
        free(name);
        name = mp_strdup(r->lexer.text.data);
    }
    int rc = MP_OK;
    if (*t != MP_SAIF_OPEN && *t != MP_SAIF_CLOSE)
        rc = unexpected(r, *t, "( or )");
    else if (name == NULL || *name == '\0')
        rc = bad(r, "an INSTANCE without a name");
    else if ((last = enter_parts(r, name, levels)) == NULL || !mp_names_enter(&r->names, last))
        rc = bad(r, "instances nested more than 256 deep, or more than 512 MiB of names");
    free(name);
    return rc;
}

/* All instances in one another; "(INSTANCE" of the outermost is read. levels[depth]: how many
 * scopes its name entered beside itself. */
static int read_instance(struct reader *r)
{
    enum mp_saif_token t;
    unsigned levels[MAX_DEPTH + 2], depth = 0;
    int rc = enter_instance(r, &t, &levels[0]);
    while (rc == MP_OK) {
        if (t == MP_SAIF_CLOSE) {
            leave(r, 1 + levels[depth]);
            if (depth-- == 0)
                break;
            t = mp_saif_next(&r->lexer);
            continue;
        }
        if (t != MP_SAIF_OPEN)
            return unexpected(r, t, "( or )");
        if ((t = mp_saif_next(&r->lexer)) != MP_SAIF_ATOM)
            return unexpected(r, t, "INSTANCE, NET or PORT");
        if (is_word(r, "INSTANCE")) {
            rc = enter_instance(r, &t, &levels[++depth]);
            continue;
        }
        rc = is_word(r, "NET") || is_word(r, "PORT") ? read_entries(r) : skip_group(r);
        t = rc == MP_OK ? mp_saif_next(&r->lexer) : MP_SAIF_BAD;
    }
    return rc;
}

static int read_timescale(struct reader *r)
{
    struct mp_text all = {0};
    enum mp_saif_token t;
    while ((t = mp_saif_next(&r->lexer)) == MP_SAIF_ATOM || t == MP_SAIF_STRING)
        mp_text_add(&all, r->lexer.text.data);
    int rc = MP_OK;
    if (t != MP_SAIF_CLOSE)
        rc = unexpected(r, t, "a )");
    else if (all.data == NULL || !mp_parse_quantity(all.data, "s", &r->tick_s) ||
             !(r->tick_s >= 1e-18 && r->tick_s <= 1000))
        rc = bad(r, "TIMESCALE is no time such as 1 ps");
    mp_text_release(&all);
    return rc;
}

static int read_direction(struct reader *r)
{
    enum mp_saif_token t = mp_saif_next(&r->lexer);
    if (t != MP_SAIF_STRING && t != MP_SAIF_ATOM)
        return unexpected(r, t, "\"backward\"");
    if (!is_word(r, "backward"))
        return mp_fail_at(r->err, MP_E_UNSUPPORTED, r->lexer.s->file, mp_source_line(r->lexer.s),
                          "SAIF: direction %.40s; only a backward SAIF, written by a simulator, "
                          "holds activity",
                          r->lexer.text.data);
    return expect(r, MP_SAIF_CLOSE, "a )");
}

static int read_divider(struct reader *r)
{
    enum mp_saif_token t = mp_saif_next(&r->lexer);
    if (t == MP_SAIF_CLOSE)
        return MP_OK;
    if ((t != MP_SAIF_ATOM && t != MP_SAIF_STRING) || strlen(r->lexer.text.data) != 1)
        return unexpected(r, t, "one character that divides names");
    r->lexer.divider = r->lexer.text.data[0];
    return expect(r, MP_SAIF_CLOSE, "a )");
}

/* One group of the file, its '(' is read. */
static int read_statement(struct reader *r)
{
    enum mp_saif_token t = mp_saif_next(&r->lexer);
    if (t != MP_SAIF_ATOM)
        return unexpected(r, t, "a keyword");
    if (is_word(r, "INSTANCE")) {
        r->has_instance = true;
        return read_instance(r);
    }
    if (is_word(r, "DURATION")) {
        if (r->has_duration)
            return bad(r, "DURATION twice");
        r->has_duration = true;
        return read_number(r, "DURATION", &r->duration);
    }
    if (is_word(r, "TIMESCALE"))
        return read_timescale(r);
    if (is_word(r, "DIRECTION"))
        return read_direction(r);
    if (is_word(r, "DIVIDER"))
        return read_divider(r);
    return skip_group(r);
}

static int read_file(struct reader *r)
{
    int rc = expect(r, MP_SAIF_OPEN, "(SAIFILE");
    if (rc < 0)
        return rc;
    enum mp_saif_token t = mp_saif_next(&r->lexer);
    if (t != MP_SAIF_ATOM || !is_word(r, "SAIFILE"))
        return unexpected(r, t, "SAIFILE");
    while ((t = mp_saif_next(&r->lexer)) == MP_SAIF_OPEN)
        if ((rc = read_statement(r)) < 0)
            return rc;
    if (t != MP_SAIF_CLOSE)
        return unexpected(r, t, "( or )");
    if ((t = mp_saif_next(&r->lexer)) != MP_SAIF_END)
        return unexpected(r, t, "the end of the file");
    if (!r->has_duration || r->duration <= 0)
        return bad(r, "%s; how long the activity took is needed",
                   r->has_duration ? "DURATION is 0" : "no DURATION");
    return r->has_instance ? MP_OK : bad(r, "no INSTANCE, so no activity");
}

static double undefined(const struct entry *e)
{
    return e->value[TX] + e->value[TZ] + e->value[TB];
}

static int check_entry(const struct reader *r, const struct entry *e, uint32_t net)
{
    const uint8_t needed = 1u << T0 | 1u << T1 | 1u << TC;
    double sum = e->value[T0] + e->value[T1] + undefined(e);
    double slack = r->duration * 1e-6 > 4 ? r->duration * 1e-6 : 4; /* each is rounded */
    char text[160];
    if ((e->given & needed) != needed)
        return at_line(r, e->line, "T0, T1 and TC are needed, and one is not there", net);
    if (fabs(sum - r->duration) > slack) {
        snprintf(text, sizeof text,
                 "T0, T1, TX and TZ add up to %.17g, not to the DURATION of %.17g", sum,
                 r->duration);
        return at_line(r, e->line, text, net);
    }
    if (e->value[T0] + e->value[T1] <= 0)
        return at_line(r, e->line, "never 0 or 1; reset or clock the design before", net);
    if (e->value[TC] > r->duration + 1)
        return at_line(r, e->line, "more transitions than ticks", net);
    return MP_OK;
}

static int same(void *context, uint32_t net, uint32_t a, uint32_t b)
{
    const struct reader *r = context;
    const struct entry *x = &r->entries[a], *y = &r->entries[b];
    double slack = r->duration * 1e-6 > 2 ? r->duration * 1e-6 : 2;
    char text[256];
    if (x->value[TC] == y->value[TC] && fabs(x->value[T1] - y->value[T1]) <= slack &&
        fabs(x->value[T0] - y->value[T0]) <= slack)
        return MP_OK;
    snprintf(text, sizeof text,
             "disagrees with line %d: TC %.17g and %.17g, T1 %.17g and %.17g; write the file again "
             "from one simulation",
             x->line, y->value[TC], x->value[TC], y->value[T1], x->value[T1]);
    return at_line(r, y->line, text, net);
}

static int annotate(struct reader *r, struct mp_annotation *out,
                    const struct mp_annotation_options *options)
{
    struct mp_names_match m = {
        .scope = options->scope, .divider = r->lexer.divider, .same = same, .context = r};
    m.bit = mp_alloc(r->n->net_count, sizeof *m.bit);
    int rc = mp_names_match(&m, &r->names, r->n, r->lexer.s->file, r->err);
    if (rc == MP_OK)
        snprintf(out->scope, sizeof out->scope, "%s", m.scope);
    out->kind = MP_ANNOTATION_SAIF;
    out->window_s = r->duration * r->tick_s;
    for (uint32_t net = 2; rc == MP_OK && net < r->n->net_count; net++) {
        if (m.bit[net] == MP_NONE)
            continue;
        const struct entry *e = &r->entries[m.bit[net]];
        rc = check_entry(r, e, net);
        out->net_annotated[net] = true;
        out->duty[net] = e->value[T1] / (e->value[T0] + e->value[T1]);
        out->activity.transitions[net] = (uint64_t)llround(e->value[TC]);
        out->transitions_per_cycle[net] = e->value[TC] * options->period_s / out->window_s;
    }
    free(m.bit);
    return rc;
}

int mp_saif_read(struct mp_annotation *out, const struct mp_netlist *n, struct mp_source *s,
                 const struct mp_annotation_options *options, struct mp_error *err)
{
    struct reader r = {.lexer = {.s = s, .divider = '/'}, .n = n, .tick_s = 1e-9, .err = err};
    mp_annotation_init(out, n);
    int rc = MP_OK;
    if (options->begin_s > 0 || options->end_s > 0)
        rc = mp_fail(err, MP_E_USAGE,
                     "a SAIF holds sums, so no window can be taken from it; use "
                     "a VCD for that");
    if (rc == MP_OK)
        rc = read_file(&r);
    if (rc == MP_OK)
        rc = annotate(&r, out, options);
    if (rc == MP_OK)
        rc = mp_annotation_finish(out, n, s->file, options, 2, err);
    free(r.entries);
    mp_names_release(&r.names);
    mp_text_release(&r.lexer.text);
    return rc;
}
