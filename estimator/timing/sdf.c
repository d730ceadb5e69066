#include "estimator/timing/sdf.h"

#include "estimator/timing/sdf_condition.h"
#include "estimator/util/number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A word, string, "(" or ")" of the text; size 0: the end. */
struct token {
    const char *data;
    size_t size;
};

struct reader {
    struct mp_sdf *sdf;
    const struct mp_netlist *n;
    const char *file;
    const char *at, *end;
    int line;
    struct token token;
    struct mp_map cells;
    double unit_s;
    double *wire_rise_s, *wire_fall_s; /* [pin of the netlist] delay of the wire before it */
    uint32_t cell; /* whose delays are read, MP_NONE: of no instance (the top) */
    size_t capacity;
};

static int fail(const struct reader *r, struct mp_error *err, const char *what)
{
    if (!r->token.size)
        return mp_fail_at(err, MP_E_INPUT, r->file, r->line, "the SDF is cut off (%s)", what);
    size_t n = r->token.size < 60 ? r->token.size : 60;
    return mp_fail_at(err, MP_E_INPUT, r->file, r->line, "%s, not \"%.*s\"", what, (int)n,
                      r->token.data);
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && isspace((unsigned char)*r->at))
        r->line += *r->at++ == '\n';
}

static void next(struct reader *r)
{
    skip_blanks(r);
    const char *start = r->at;
    if (r->at < r->end && (*r->at == '(' || *r->at == ')')) {
        r->at++;
    } else if (r->at < r->end && *r->at == '"') {
        const char *close = memchr(start + 1, '"', (size_t)(r->end - start - 1));
        r->at = close ? close + 1 : r->end;
        for (const char *p = start; p < r->at; p++)
            r->line += *p == '\n';
        /* An open string is the end of the text. */
        if (!close)
            start = r->at;
    } else {
        while (r->at < r->end && !isspace((unsigned char)*r->at) && *r->at != '(' && *r->at != ')')
            r->at += *r->at == '\\' && r->end - r->at > 1 ? 2 : 1;
    }
    r->token = (struct token){start, (size_t)(r->at - start)};
}

static bool is(const struct reader *r, const char *what)
{
    return r->token.size == strlen(what) && !memcmp(r->token.data, what, r->token.size);
}

static int expect(struct reader *r, const char *what, struct mp_error *err)
{
    if (!is(r, what)) {
        char message[48] = "expected ";
        strncat(message, what, sizeof message - 12);
        return fail(r, err, message);
    }
    next(r);
    return MP_OK;
}

/* Past the ")" that closes the list whose "(" and keyword were read. */
static int skip_list(struct reader *r, struct mp_error *err)
{
    for (int depth = 1; depth > 0; next(r)) {
        if (!r->token.size)
            return fail(r, err, "a list is not closed");
        depth += is(r, "(") ? 1 : is(r, ")") ? -1 : 0;
    }
    return MP_OK;
}

/* The token as a name without SDF's escapes; the caller frees. */
static char *name_of(const struct reader *r)
{
    char *s = mp_strndup(r->token.data, r->token.size), *to = s;
    for (const char *p = s; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        *to++ = *p;
    }
    *to = '\0';
    return s;
}

static int read_timescale(struct reader *r, struct mp_error *err)
{
    char *text = name_of(r);
    const char *end;
    double value = mp_parse_double_prefix(text, &end);
    bool number = end != text;
    char unit[8];
    snprintf(unit, sizeof unit, "%s", end);
    free(text);
    next(r);
    if (!*unit && !is(r, ")")) {
        snprintf(unit, sizeof unit, "%.*s", (int)r->token.size, r->token.data);
        next(r);
    }
    static const struct {
        const char *name;
        double s;
    } units[] = {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}, {"ps", 1e-12}, {"fs", 1e-15}};
    for (size_t k = 0; number && value > 0 && k < sizeof units / sizeof *units; k++) {
        if (!strcmp(unit, units[k].name)) {
            r->unit_s = value * units[k].s;
            return expect(r, ")", err);
        }
    }
    return fail(r, err, "unreadable TIMESCALE");
}

static int read_pin(struct reader *r, uint32_t *pin, struct mp_error *err)
{
    char *name = name_of(r);
    *pin = mp_library_pin(r->n->library, r->n->cell_type[r->cell], name);
    int code = MP_OK;
    if (*pin == MP_NONE)
        code = mp_fail_at(err, MP_E_INPUT, r->file, r->line, "%s has no pin \"%s\"",
                          r->n->cell_name[r->cell], name);
    free(name);
    if (code == MP_OK)
        next(r);
    return code;
}

/* (min:typ:max), any of them empty; the last that is given, NAN for "()". */
static int read_value(struct reader *r, double *out, struct mp_error *err)
{
    *out = NAN;
    int code = expect(r, "(", err);
    if (code < 0 || is(r, ")")) {
        if (code == MP_OK)
            next(r);
        return code;
    }
    const char *p = r->token.data, *stop = p + r->token.size;
    while (p < stop) {
        const char *colon = memchr(p, ':', (size_t)(stop - p)), *end;
        const char *last = colon ? colon : stop;
        if (last > p) {
            double x = mp_parse_double_prefix(p, &end);
            if (end != last || !isfinite(x))
                return fail(r, err, "expected a delay");
            *out = x * r->unit_s;
        }
        p = last + 1;
    }
    if (isnan(*out))
        return fail(r, err, "expected a delay");
    next(r);
    return expect(r, ")", err);
}

/* After "(IOPATH". */
static int read_iopath(struct reader *r, struct mp_expr when, struct mp_error *err)
{
    struct mp_sdf_arc arc = {.cell = r->cell, .when = when};
    int code = MP_OK;
    bool edge = is(r, "(");
    if (edge) {
        next(r);
        if (!is(r, "posedge") && !is(r, "negedge"))
            return fail(r, err, "expected posedge or negedge");
        arc.from_edge = *r->token.data == 'p' ? 'r' : 'f';
        next(r);
    }
    code = read_pin(r, &arc.from_pin, err);
    if (code == MP_OK && edge)
        code = expect(r, ")", err);
    if (code == MP_OK)
        code = read_pin(r, &arc.to_pin, err);
    if (code == MP_OK)
        code = read_value(r, &arc.rise_s, err);
    arc.fall_s = arc.rise_s;
    if (code == MP_OK && !is(r, ")"))
        code = read_value(r, &arc.fall_s, err);
    if (code < 0)
        return code;
    mp_grow(&r->sdf->arcs, r->sdf->arc_count, &r->capacity, sizeof arc);
    r->sdf->arcs[r->sdf->arc_count++] = arc;
    /* Transitions to and from high impedance may follow. */
    return skip_list(r, err);
}

/* After "(COND": the expression runs to the "(IOPATH". The token that was read is its first. */
static int read_cond(struct reader *r, struct mp_error *err)
{
    const char *start = r->token.data;
    struct mp_expr when = {0};
    for (;;) {
        const char *before = r->token.data;
        if (!r->token.size)
            return fail(r, err, "a COND is not closed");
        bool open = is(r, "(");
        next(r);
        if (!open || !is(r, "IOPATH"))
            continue;
        struct mp_error cause = MP_ERROR_INIT;
        if (mp_sdf_condition_parse(&when, &r->sdf->arena, r->n->library, r->n->cell_type[r->cell],
                                   start, (size_t)(before - start), &cause) < 0)
            return mp_fail_at(err, MP_E_INPUT, r->file, r->line, "%s: %s", r->n->cell_name[r->cell],
                              cause.message);
        next(r);
        int code = read_iopath(r, when, err);
        return code < 0 ? code : expect(r, ")", err);
    }
}

/* After "(INTERCONNECT": driver, load, delays. Wires to output ports have nothing behind them. */
static int read_interconnect(struct reader *r, struct mp_error *err)
{
    double rise_s, fall_s;
    next(r);
    char *name = name_of(r), *slash = strrchr(name, '/');
    uint32_t cell = MP_NONE, pin = MP_NONE;
    int code = MP_OK;
    if (slash) {
        *slash = '\0';
        cell = mp_map_get(&r->cells, name);
        pin = cell == MP_NONE ? MP_NONE
                              : mp_library_pin(r->n->library, r->n->cell_type[cell], slash + 1);
        if (pin == MP_NONE)
            code = mp_fail_at(err, MP_E_INPUT, r->file, r->line,
                              "the wire to pin %s of %s is not in the netlist", slash + 1, name);
    }
    free(name);
    if (code < 0)
        return code;
    next(r);
    if ((code = read_value(r, &rise_s, err)) < 0)
        return code;
    fall_s = rise_s;
    if (!is(r, ")") && (code = read_value(r, &fall_s, err)) < 0)
        return code;
    if (pin != MP_NONE) {
        r->wire_rise_s[r->n->cell_first_pin[cell] + pin] = isnan(rise_s) ? 0 : rise_s;
        r->wire_fall_s[r->n->cell_first_pin[cell] + pin] = isnan(fall_s) ? 0 : fall_s;
    }
    return skip_list(r, err);
}

static int read_delay_item(struct reader *r, struct mp_error *err)
{
    bool path = is(r, "IOPATH"), cond = is(r, "COND");
    if (is(r, "CONDELSE"))
        return mp_fail_at(err, MP_E_UNSUPPORTED, r->file, r->line, "CONDELSE is not supported");
    if (is(r, "INTERCONNECT") && r->cell == MP_NONE) {
        next(r);
        return read_interconnect(r, err);
    }
    if (!path && !cond)
        return skip_list(r, err);
    if (r->cell == MP_NONE)
        return mp_fail_at(err, MP_E_INPUT, r->file, r->line, "a path delay without an instance");
    next(r);
    return path ? read_iopath(r, (struct mp_expr){0}, err) : read_cond(r, err);
}

/* After "(DELAY": lists of ABSOLUTE. */
static int read_delay(struct reader *r, struct mp_error *err)
{
    int code = MP_OK;
    while (code == MP_OK && is(r, "(")) {
        next(r);
        if (is(r, "INCREMENT"))
            return mp_fail_at(err, MP_E_UNSUPPORTED, r->file, r->line,
                              "INCREMENT delays are not supported");
        code = expect(r, "ABSOLUTE", err);
        while (code == MP_OK && is(r, "(")) {
            next(r);
            code = read_delay_item(r, err);
        }
        if (code == MP_OK)
            code = expect(r, ")", err);
    }
    return code < 0 ? code : expect(r, ")", err);
}

static int read_instance(struct reader *r, struct mp_error *err)
{
    r->cell = MP_NONE;
    if (!is(r, ")")) {
        char *name = name_of(r);
        r->cell = mp_map_get(&r->cells, name);
        int code = MP_OK;
        if (r->cell == MP_MAP_NONE)
            code = mp_fail_at(err, MP_E_INPUT, r->file, r->line,
                              "instance %s is not in the netlist", name);
        free(name);
        if (code < 0)
            return code;
        next(r);
    }
    return expect(r, ")", err);
}

static int read_cell(struct reader *r, struct mp_error *err)
{
    int code = MP_OK;
    r->cell = MP_NONE;
    while (code == MP_OK && is(r, "(")) {
        next(r);
        if (is(r, "INSTANCE")) {
            next(r);
            code = read_instance(r, err);
        } else if (is(r, "DELAY")) {
            next(r);
            code = read_delay(r, err);
        } else {
            code = skip_list(r, err);
        }
    }
    return code < 0 ? code : expect(r, ")", err);
}

static int read_file(struct reader *r, struct mp_error *err)
{
    next(r);
    int code = expect(r, "(", err);
    if (code == MP_OK)
        code = expect(r, "DELAYFILE", err);
    while (code == MP_OK && is(r, "(")) {
        next(r);
        if (is(r, "CELL")) {
            next(r);
            code = read_cell(r, err);
        } else if (is(r, "TIMESCALE")) {
            next(r);
            code = read_timescale(r, err);
        } else {
            code = skip_list(r, err);
        }
    }
    return code < 0 ? code : expect(r, ")", err);
}

static bool needs_delay(const struct mp_netlist *n, uint32_t cell)
{
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
    bool input = false, output = false;
    for (uint32_t k = 0; k < type->pin_count; k++) {
        const struct mp_lib_pin *pin = &n->library->pins[type->first_pin + k];
        input = input || pin->direction == MP_DIR_INPUT;
        output = output || pin->direction == MP_DIR_OUTPUT;
    }
    return input && output;
}

/* Counting sort by cell, in the order of the file within one; every cell that has inputs and
 * outputs must have an arc. */
static int sort_arcs(struct reader *r, struct mp_error *err)
{
    struct mp_sdf *sdf = r->sdf;
    uint32_t cells = r->n->cell_count;
    uint32_t *first = mp_alloc(cells + 1u, sizeof *first);
    struct mp_sdf_arc *sorted = mp_alloc(sdf->arc_count + 1u, sizeof *sorted);
    uint32_t missing = 0, example = 0;
    int code = MP_OK;
    for (uint32_t k = 0; k < sdf->arc_count; k++)
        first[sdf->arcs[k].cell + 1]++;
    for (uint32_t c = 0; c < cells; c++) {
        if (!first[c + 1] && needs_delay(r->n, c) && missing++ == 0)
            example = c;
        first[c + 1] += first[c];
    }
    if (missing > 0)
        code = mp_fail_at(err, MP_E_INPUT, r->file, 0,
                          "no delay for cell %s (%s) and %u more of %u; write the SDF again for "
                          "this netlist",
                          r->n->cell_name[example],
                          r->n->library->cells[r->n->cell_type[example]].name, missing - 1, cells);
    if (code == MP_OK) {
        for (uint32_t k = 0; k < sdf->arc_count; k++)
            sorted[first[sdf->arcs[k].cell]++] = sdf->arcs[k];
        struct mp_sdf_arc *old = sdf->arcs;
        sdf->arcs = sorted;
        sorted = old;
    }
    free(sorted);
    free(first);
    return code;
}

/* A wire's delay is part of every path through the pin behind it; the clock is ideal. Where the arc
 * does not say which edge of the input it is for, the slower counts. */
static void add_wires(struct reader *r)
{
    for (uint32_t k = 0; k < r->sdf->arc_count; k++) {
        struct mp_sdf_arc *arc = &r->sdf->arcs[k];
        uint32_t pin = r->n->cell_first_pin[arc->cell] + arc->from_pin;
        double rise_s = r->wire_rise_s[pin], fall_s = r->wire_fall_s[pin];
        if (r->n->pin_net[pin] == r->n->clock_net)
            continue;
        double wire_s = arc->from_edge == 'r'   ? rise_s
                        : arc->from_edge == 'f' ? fall_s
                                                : fmax(rise_s, fall_s);
        arc->rise_s += wire_s;
        arc->fall_s += wire_s;
    }
}

int mp_sdf_read_text(struct mp_sdf *sdf, const struct mp_netlist *n, const char *text, size_t size,
                     const char *file_name, struct mp_error *err)
{
    *sdf = (struct mp_sdf){0};
    /* The copy ends with a NUL, which number parsing relies on. */
    char *copy = mp_strndup(text, size);
    struct reader r = {.sdf = sdf,
                       .n = n,
                       .file = file_name,
                       .at = copy,
                       .end = copy + strlen(copy),
                       .line = 1,
                       .unit_s = 1e-9,
                       .wire_rise_s = mp_alloc((size_t)n->pin_count + 1, sizeof(double)),
                       .wire_fall_s = mp_alloc((size_t)n->pin_count + 1, sizeof(double)),
                       .cell = MP_NONE};
    for (uint32_t c = 0; c < n->cell_count; c++)
        mp_map_put(&r.cells, n->cell_name[c], c);
    int code = read_file(&r, err);
    if (code == MP_OK)
        code = sort_arcs(&r, err);
    if (code == MP_OK)
        add_wires(&r);
    if (code < 0)
        mp_sdf_release(sdf);
    free(r.wire_rise_s);
    free(r.wire_fall_s);
    mp_map_release(&r.cells);
    free(copy);
    return code;
}

void mp_sdf_release(struct mp_sdf *sdf)
{
    free(sdf->arcs);
    mp_arena_release(&sdf->arena);
    *sdf = (struct mp_sdf){0};
}
