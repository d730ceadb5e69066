#include "estimator/pipeline/peers.h"
#include "estimator/format/golden.h"
#include "estimator/util/file.h"
#include "estimator/util/number.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum column {
    PEER,
    LIBRARY,
    UNIT,
    WEIGHT,
    ACTIVATION,
    AREA,
    DELAY,
    NEEDED, /* the columns before it */
    ACCUMULATOR = NEEDED,
    TERMS,
    REGISTERS,
    POWER,
    RUNS,
    MEDIAN,
    WORST,
    COLUMNS
};
static const char *const column_names[COLUMNS] = {"peer",
                                                  "library",
                                                  "unit",
                                                  "weight",
                                                  "activation",
                                                  "area_um2",
                                                  "delay_ns",
                                                  "accumulator_bits",
                                                  "terms",
                                                  "registers",
                                                  "power_uw",
                                                  "runs",
                                                  "median_area_delay",
                                                  "worst_area_delay"};
#define FIELDS_MOST 64

struct reader {
    struct mp_peers *peers;
    const char *path;
    int line;
    int at[COLUMNS]; /* field of each column; -1: there is none */
    unsigned width;  /* fields a line; 0: no heading yet */
    const char *fields[FIELDS_MOST];
};

static int wrong(const struct reader *r, enum column c, const char *what, struct mp_error *err)
{
    return mp_fail_at(err, MP_E_INPUT, r->path, r->line, "%s: `%s` is no %s", column_names[c],
                      r->fields[r->at[c]], what);
}

/* Cut a line at its commas, blanks around values left out. */
static int cut(struct reader *r, char *line, unsigned *count, struct mp_error *err)
{
    *count = 0;
    for (char *p = line; p != NULL;) {
        char *comma = strchr(p, ','), *end;
        if (comma != NULL)
            *comma = '\0';
        p += strspn(p, " \t");
        end = p + strlen(p);
        while (end > p && strchr(" \t\r", end[-1]) != NULL)
            *--end = '\0';
        if (*count == FIELDS_MOST)
            return mp_fail_at(err, MP_E_INPUT, r->path, r->line, "more than %d columns",
                              FIELDS_MOST);
        r->fields[(*count)++] = p;
        p = comma != NULL ? comma + 1 : NULL;
    }
    return MP_OK;
}

static int read_heading(struct reader *r, unsigned count, struct mp_error *err)
{
    r->width = count;
    for (int c = 0; c < COLUMNS; c++) {
        r->at[c] = -1;
        for (unsigned i = 0; i < count; i++)
            if (strcmp(r->fields[i], column_names[c]) == 0)
                r->at[c] = (int)i;
        if (r->at[c] < 0 && c < NEEDED)
            return mp_fail_at(err, MP_E_INPUT, r->path, r->line,
                              "the heading has no column `%s`: peer,library,unit,weight,activation,"
                              "accumulator_bits,terms,registers,area_um2,delay_ns",
                              column_names[c]);
    }
    return MP_OK;
}

/* NULL: no such column, or nothing in it. */
static const char *value(const struct reader *r, enum column c)
{
    return r->at[c] >= 0 && *r->fields[r->at[c]] != '\0' ? r->fields[r->at[c]] : NULL;
}

static int read_count(const struct reader *r, enum column c, uint32_t *out, uint32_t low,
                      uint32_t high, struct mp_error *err)
{
    uint64_t n;

    if (value(r, c) == NULL)
        return MP_OK;
    if (!mp_parse_u64(value(r, c), &n) || n < low || n > high)
        return wrong(r, c, "whole number in range", err);
    *out = (uint32_t)n;
    return MP_OK;
}

static int read_figure(const struct reader *r, enum column c, double unit, double *out,
                       struct mp_error *err)
{
    double x;

    if (value(r, c) == NULL)
        return c < NEEDED ? wrong(r, c, "number", err) : MP_OK;
    if (!mp_parse_double(value(r, c), &x) || x <= 0)
        return wrong(r, c, "number above 0", err);
    *out = x * unit;
    return MP_OK;
}

static int read_texts(struct reader *r, struct mp_peer_record *p, struct mp_error *err)
{
    const char **texts[] = {&p->peer, &p->library, &p->unit, &p->weight_format,
                            &p->activation_format};
    struct mp_error cause = MP_ERROR_INIT;
    struct mp_format format;
    enum mp_unit unit;

    for (int c = PEER; c <= ACTIVATION; c++) {
        if (value(r, (enum column)c) == NULL)
            return mp_fail_at(err, MP_E_INPUT, r->path, r->line, "%s is empty", column_names[c]);
        *texts[c] = mp_arena_strdup(&r->peers->arena, value(r, (enum column)c));
    }
    if (mp_unit_parse(&unit, p->unit, &cause) < 0)
        return mp_fail_at(err, MP_E_INPUT, r->path, r->line, "%s", cause.message);
    for (int c = WEIGHT; c <= ACTIVATION; c++)
        if (mp_format_parse(&format, *texts[c], &cause) < 0)
            return mp_fail_at(err, MP_E_INPUT, r->path, r->line, "%s: %s", column_names[c],
                              cause.message);
    return MP_OK;
}

static int read_record(struct reader *r, struct mp_error *err)
{
    struct mp_peer_record p = {.terms = 1,
                               .is_combinational = true,
                               .power_w = NAN,
                               .median_area_path = NAN,
                               .worst_area_path = NAN};
    const char *registers = value(r, REGISTERS);
    int rc;

    if ((rc = read_texts(r, &p, err)) < 0 ||
        (rc = read_count(r, ACCUMULATOR, &p.accumulator_bits, 0, 128, err)) < 0 ||
        (rc = read_count(r, TERMS, &p.terms, 1, 1024, err)) < 0 ||
        (rc = read_figure(r, AREA, 1, &p.area_um2, err)) < 0 ||
        (rc = read_figure(r, DELAY, 1e-9, &p.critical_path_s, err)) < 0 ||
        (rc = read_figure(r, POWER, 1e-6, &p.power_w, err)) < 0 ||
        (rc = read_count(r, RUNS, &p.runs, 1, UINT32_MAX, err)) < 0 ||
        (rc = read_figure(r, MEDIAN, 1, &p.median_area_path, err)) < 0 ||
        (rc = read_figure(r, WORST, 1, &p.worst_area_path, err)) < 0)
        return rc;
    if (registers != NULL) {
        p.is_combinational = strcmp(registers, "none") == 0 || strcmp(registers, "0") == 0;
        if (!p.is_combinational && strcmp(registers, "both") != 0 && strcmp(registers, "1") != 0)
            return wrong(r, REGISTERS, "word of none, both, 0, 1", err);
    }
    r->peers->records =
        mp_realloc(r->peers->records, r->peers->count + 1, sizeof *r->peers->records);
    r->peers->records[r->peers->count++] = p;
    return MP_OK;
}

static int read_line(struct reader *r, char *line, struct mp_error *err)
{
    unsigned count;
    int rc;

    if (line[strspn(line, " \t\r")] == '\0' || *line == '#')
        return MP_OK;
    if ((rc = cut(r, line, &count, err)) < 0)
        return rc;
    if (r->width == 0)
        return read_heading(r, count, err);
    if (count != r->width)
        return mp_fail_at(err, MP_E_INPUT, r->path, r->line, "%u values where the heading has %u",
                          count, r->width);
    return read_record(r, err);
}

int mp_peers_read_text(struct mp_peers *p, const char *text, size_t size, const char *path,
                       struct mp_error *err)
{
    struct reader r = {.peers = p, .path = path};
    char *copy = mp_strndup(text, size);
    int rc = MP_OK;

    if (strlen(copy) != size)
        rc = mp_fail_at(err, MP_E_INPUT, path, 0, "the file is no text: it holds NUL bytes");
    for (char *line = copy, *next; line != NULL && rc == MP_OK; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        r.line++;
        rc = read_line(&r, line, err);
    }
    if (rc == MP_OK && r.width == 0)
        rc = mp_fail_at(err, MP_E_INPUT, path, 0, "the file has no heading");
    free(copy);
    return rc;
}

int mp_peers_read(struct mp_peers *p, const char *path, struct mp_error *err)
{
    struct mp_text text = {0};
    int rc = mp_file_read(&text, path, (size_t)16 << 20, err);

    if (rc == MP_OK)
        rc = mp_peers_read_text(p, text.data, text.size, path, err);
    mp_text_release(&text);
    return rc;
}

void mp_peers_release(struct mp_peers *p)
{
    free(p->records);
    mp_arena_release(&p->arena);
    memset(p, 0, sizeof *p);
}
