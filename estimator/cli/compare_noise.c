#include "estimator/cli/compare_noise.h"
#include "estimator/util/number.h"
#include "reports/noise.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DESIGN, BASELINE, LIBRARY, CLOCK, WAY, TEXTS };
enum { AREA, PATH, AREA_PATH, FIGURES };

/* Rows of one pair of points. */
struct pair {
    char *texts[TEXTS];
    char *key; /* of both points */
    double *runs[2][FIGURES];
    uint32_t counts[2];
};

struct table {
    struct mp_report *report;
    struct pair pair;
    size_t rows;
};

static const char *value(const char *name, int count, const char *const *names,
                         const char *const *values)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return values[i] != NULL ? values[i] : "";
    return "";
}

static void release_pair(struct pair *p)
{
    for (int i = 0; i < TEXTS; i++)
        free(p->texts[i]);
    free(p->key);
    for (int side = 0; side < 2; side++)
        for (int f = 0; f < FIGURES; f++)
            free(p->runs[side][f]);
    memset(p, 0, sizeof *p);
}

static void add_row(struct table *t, int figure)
{
    static const char *const names[] = {"area", "delay", "area x delay"};
    const struct pair *p = &t->pair;
    struct mp_noise n;
    double clock_s = 0;

    mp_noise_compare(&n, p->runs[0][figure], p->counts[0], p->runs[1][figure], p->counts[1],
                     MP_NOISE_ALPHA);
    mp_parse_double(p->texts[CLOCK], &clock_s);
    const struct mp_value row[] = {
        {.text = p->texts[DESIGN]},
        {.text = p->texts[BASELINE]},
        {.text = p->texts[LIBRARY]},
        {.number = clock_s},
        {.text = p->texts[WAY]},
        {.text = names[figure]},
        {.number = p->counts[0]},
        {.number = p->counts[1]},
        {.is_null = isnan(n.shift), .number = isnan(n.shift) ? 0 : n.shift},
        {.is_null = isnan(n.spread_a), .number = isnan(n.spread_a) ? 0 : n.spread_a},
        {.is_null = isnan(n.spread_b), .number = isnan(n.spread_b) ? 0 : n.spread_b},
        {.number = n.p},
        {.text = n.verdict == MP_NOISE_UNDECIDED && n.p_least > MP_NOISE_ALPHA
                     ? "undecided: too few runs"
                     : mp_noise_verdict_name(n.verdict)}};
    mp_report_add_row(t->report, row);
    t->rows++;
}

static void finish_pair(struct table *t)
{
    for (int f = 0; f < FIGURES && t->pair.counts[0] > 0 && t->pair.counts[1] > 0; f++)
        add_row(t, f);
    release_pair(&t->pair);
}

static void begin_pair(struct table *t, const char *key, int count, const char *const *names,
                       const char *const *values)
{
    static const char *const columns[TEXTS] = {"design", "baseline", "library", "clock_s", "way"};

    t->pair.key = mp_strdup(key);
    for (int i = 0; i < TEXTS; i++)
        t->pair.texts[i] = mp_strdup(value(columns[i], count, names, values));
}

static int take_row(void *context, int count, const char *const *names, const char *const *values,
                    const char *types)
{
    static const char *const figures[FIGURES] = {"area_um2", "critical_path_s", "area_path"};
    struct table *t = context;
    struct pair *p = &t->pair;
    int side = strcmp(value("is_baseline", count, names, values), "1") == 0;
    char *key = mp_asprintf("%s %s", value("ppa", count, names, values),
                            value("baseline_ppa", count, names, values));

    (void)types;
    if (p->key == NULL || strcmp(p->key, key) != 0) {
        finish_pair(t);
        begin_pair(t, key, count, names, values);
    }
    free(key);
    for (int f = 0; f < FIGURES; f++) {
        double x = 0;
        mp_parse_double(value(figures[f], count, names, values), &x);
        p->runs[side][f] = mp_realloc(p->runs[side][f], p->counts[side] + 1u, sizeof x);
        p->runs[side][f][p->counts[side]] = x;
    }
    p->counts[side]++;
    return 0;
}

int mp_cli_print_noise(struct mp_store *store, const char *const *parameters,
                       size_t parameter_count, const char *format, struct mp_error *err)
{
    static const struct mp_column columns[] = {
        {"design", "design", "", MP_COLUMN_TEXT, 0},
        {"baseline", "baseline", "", MP_COLUMN_TEXT, 0},
        {"library", "library", "", MP_COLUMN_TEXT, 0},
        {"clock_s", "clock", "s", MP_COLUMN_NUMBER, 0},
        {"way", "way", "", MP_COLUMN_TEXT, 0},
        {"figure", "figure", "", MP_COLUMN_TEXT, 0},
        {"runs", "runs", "", MP_COLUMN_INTEGER, 0},
        {"baseline_runs", "baseline runs", "", MP_COLUMN_INTEGER, 0},
        {"median_change", "median", "", MP_COLUMN_PERCENT, 0},
        {"spread", "spread", "", MP_COLUMN_SHARE, 0},
        {"baseline_spread", "baseline spread", "", MP_COLUMN_SHARE, 0},
        {"p", "p", "", MP_COLUMN_NUMBER, 2},
        {"verdict", "verdict", "", MP_COLUMN_TEXT, 0}};
    struct table t = {.report = mp_report_create("what the noise of runs decides", columns,
                                                 sizeof columns / sizeof *columns)};
    int rc = mp_store_query(store, "pairs", parameters, parameter_count, take_row, &t, err);

    finish_pair(&t);
    mp_report_add_note(t.report,
                       "verdict: rank-sum test of the runs of both sides at %g %%; undecided: the "
                       "difference is inside their spread, or the runs are too few (four a side at "
                       "least, see --runs and --seeds)",
                       100 * MP_NOISE_ALPHA);
    if (rc == MP_OK && t.rows > 0) {
        mp_report_fold(t.report);
        rc = mp_cli_print(t.report, format, err);
    }
    mp_report_destroy(t.report);
    return rc;
}
