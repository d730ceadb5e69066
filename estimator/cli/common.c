#include "estimator/cli/commands.h"
#include "estimator/util/number.h"
#include "estimator/util/process.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mp_cli_database(const char *option)
{
    const char *variable = getenv("MACPPA_DB");

    if (option != NULL)
        return option;
    return variable != NULL && variable[0] != '\0' ? variable : "macppa.db";
}

int mp_cli_write(const char *text, size_t size, struct mp_error *err)
{
    if (fwrite(text, 1, size, stdout) != size || fflush(stdout) != 0)
        return mp_fail_errno(err, "writing the result to stdout");
    return MP_OK;
}

int mp_cli_print(const struct mp_report *report, const char *format_option, struct mp_error *err)
{
    enum mp_output format = MP_OUTPUT_TABLE;
    struct mp_text text = {0};
    int rc = format_option != NULL ? mp_output_parse(&format, format_option, err) : MP_OK;

    if (rc < 0)
        return rc;
    mp_report_render(report, format, &text);
    rc = mp_cli_write(text.data, text.size, err);
    mp_text_release(&text);
    return rc;
}

static void on_signal(int number)
{
    (void)number;
    mp_process_cancel_all();
}

void mp_cli_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

/* ---- query rows as a report ---- */

/* Columns and rows of a query while they come in. */
struct collector {
    const char *title;
    struct mp_report *report;
    struct mp_column *columns;
    char **texts; /* owned keys and headings */
    size_t count;
};

/* How a column is shown follows from the end of its name, which carries the unit. */
static void set_column(struct mp_column *c, const char *name, char type, char **heading)
{
    static const struct {
        const char *suffix, *unit;
        enum mp_column_kind kind;
        uint8_t digits;
    } kinds[] = {
        {"_um2", "um2", MP_COLUMN_NUMBER, 4},  {"_s", "s", MP_COLUMN_NUMBER, 4},
        {"_w", "W", MP_COLUMN_NUMBER, 4},      {"_j", "J", MP_COLUMN_NUMBER, 4},
        {"_v", "V", MP_COLUMN_NUMBER, 3},      {"_c", "C", MP_COLUMN_NUMBER, 3},
        {"_share", "", MP_COLUMN_SHARE, 2},    {"_reduction", "", MP_COLUMN_PERCENT, 1},
        {"_change", "", MP_COLUMN_PERCENT, 2}, {"_spread", "", MP_COLUMN_PERCENT, 1},
    };
    size_t length = strlen(name);

    *heading = mp_strdup(name);
    *c = (struct mp_column){.key = name,
                            .unit = "",
                            .kind = type == 'i'   ? MP_COLUMN_INTEGER
                                    : type == 'r' ? MP_COLUMN_NUMBER
                                                  : MP_COLUMN_TEXT,
                            .digits = 4};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].suffix);
        if (length > n && strcmp(name + length - n, kinds[i].suffix) == 0 && type != 't') {
            c->unit = kinds[i].unit;
            c->kind = kinds[i].kind;
            c->digits = kinds[i].digits;
            if (kinds[i].unit[0] != '\0' || strcmp(kinds[i].suffix, "_share") == 0)
                (*heading)[length - n] = '\0';
            break;
        }
    }
    for (char *p = *heading; *p != '\0'; p++)
        if (*p == '_')
            *p = ' ';
    c->heading = *heading;
}

/* Types are those of the first row that has a value; a column that is NULL there counts as a number
 * when its name carries a unit. */
static void begin(struct collector *k, int count, const char *const *names, const char *types)
{
    k->count = (size_t)count;
    k->columns = mp_alloc(k->count, sizeof *k->columns);
    k->texts = mp_alloc(2 * k->count, sizeof *k->texts);
    for (size_t i = 0; i < k->count; i++) {
        k->texts[2 * i] = mp_strdup(names[i]);
        set_column(&k->columns[i], k->texts[2 * i], types[i], &k->texts[2 * i + 1]);
    }
    k->report = mp_report_create(k->title, k->columns, k->count);
}

static int add_row(void *context, int count, const char *const *names, const char *const *values,
                   const char *types)
{
    struct collector *k = context;
    struct mp_value *row;

    if (k->report == NULL)
        begin(k, count, names, types);
    row = mp_alloc(k->count, sizeof *row);
    for (size_t i = 0; i < k->count; i++) {
        row[i].is_null = values[i] == NULL;
        row[i].text = values[i];
        if (values[i] != NULL && k->columns[i].kind != MP_COLUMN_TEXT &&
            !mp_parse_double(values[i], &row[i].number))
            row[i].is_null = true;
    }
    mp_report_add_row(k->report, row);
    free(row);
    return 0;
}

static void release(struct collector *k)
{
    mp_report_destroy(k->report);
    for (size_t i = 0; i < 2 * k->count; i++)
        free(k->texts[i]);
    free(k->texts);
    free(k->columns);
}

int mp_cli_print_query(struct mp_store *store, const struct mp_cli_query *q,
                       const char *format_option, struct mp_error *err)
{
    struct collector k = {.title = q->title};
    int rc = q->sql != NULL ? mp_store_query_sql(store, q->sql, add_row, &k, err)
                            : mp_store_query(store, q->name, q->parameters, q->parameter_count,
                                             add_row, &k, err);

    if (rc < 0)
        goto out;
    if (k.report == NULL) {
        const char *const nothing[] = {"result"};
        begin(&k, 1, nothing, "t");
        mp_report_add_note(k.report, "no rows");
    }
    for (size_t i = 0; i < q->note_count; i++)
        mp_report_add_note(k.report, "%s", q->notes[i]);
    rc = mp_cli_print(k.report, format_option, err);
out:
    release(&k);
    return rc;
}
