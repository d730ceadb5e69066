#include "tests/cli/design.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static const char mul[] = "module mul(input [3:0] x, input [3:0] y, output [7:0] z);\n"
                          "  assign z = x * y;\n"
                          "endmodule\n";

static const char product[] =
    "`ifdef SUM\n"
    "`include \"sum.vh\"\n"
    "`else\n"
    "`define OPERATOR *\n"
    "`endif\n"
    "module product #(parameter N = 4)\n"
    "    (input clk, input rst_n, input [N-1:0] x, input [N-1:0] y, output reg [2*N-1:0] z);\n"
    "  reg [N-1:0] a, b;\n"
    "  always @(posedge clk)\n"
    "    if (!rst_n) {a, b, z} <= 0;\n"
    "    else begin\n"
    "      a <= x;\n"
    "      b <= y;\n"
    "      z <= a `OPERATOR b;\n"
    "    end\n"
    "endmodule\n";

int design_setup(void **state)
{
    if (session_setup(state) < 0)
        return -1;
    free(session_file(*state, "mul.v", mul));
    free(session_file(*state, "product.v", product));
    return 0;
}

enum { MAX_ARGUMENTS = 40 };

static void run(struct session *s, const char *const *arguments, const char *const *more)
{
    const char *all[MAX_ARGUMENTS] = {"estimate"};
    size_t count = 1;

    for (; *arguments != NULL; arguments++)
        all[count++] = *arguments;
    for (; *more != NULL; more++)
        all[count++] = *more;
    assert_true(count < MAX_ARGUMENTS);
    session_run(s, NULL, all);
}

json_t *design_estimate(struct session *s, const char *const *arguments)
{
    static const char *const more[] = {"--runs", "1", "--format", "json", "--quiet", NULL};
    json_error_t error;
    json_t *root;

    run(s, arguments, more);
    assert_status(s, 0);
    assert_string_equal(s->err.data, "");
    assert_int_equal(session_leftovers(s), 0);
    root = json_loads(s->out.data, 0, &error);
    if (root == NULL)
        fail_msg("line %d: %s\n%s", error.line, error.text, s->out.data);
    return root;
}

void design_fails(struct session *s, int status, const char *says, const char *const *arguments)
{
    static const char *const more[] = {"--runs", "1", NULL};

    run(s, arguments, more);
    assert_status(s, status);
    assert_err(s, says);
    assert_string_equal(s->out.data, "");
    assert_int_equal(session_leftovers(s), 0);
}

static const json_t *cell(const json_t *root, const char *key)
{
    const json_t *row = json_array_get(json_object_get(root, "rows"), 0);
    const json_t *value = json_object_get(row, key);

    if (value == NULL)
        fail_msg("no column %s", key);
    return value;
}

double figure(const json_t *root, const char *key)
{
    const json_t *value = cell(root, key);

    if (!json_is_number(value) || !isfinite(json_number_value(value)))
        fail_msg("%s is no number", key);
    return json_number_value(value);
}

bool is_null(const json_t *root, const char *key)
{
    return json_is_null(cell(root, key));
}

const char *word(const json_t *root, const char *key)
{
    const char *text = json_string_value(cell(root, key));

    if (text == NULL)
        fail_msg("%s is no text", key);
    return text;
}

double column_sum(const json_t *root, const char *key)
{
    const json_t *rows = json_object_get(root, "rows");
    double sum = 0;

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *value = json_object_get(json_array_get(rows, i), key);
        if (!json_is_number(value))
            fail_msg("%s is no number in row %zu", key, i);
        sum += json_number_value(value);
    }
    return sum;
}

bool has_note(const json_t *root, const char *text)
{
    const json_t *notes = json_object_get(root, "notes");

    for (size_t i = 0; i < json_array_size(notes); i++)
        if (strstr(json_string_value(json_array_get(notes, i)), text) != NULL)
            return true;
    return false;
}

void assert_close(double a, double b, double share)
{
    if (!(fabs(a - b) <= share * fabs(b)))
        fail_msg("%.17g is not within %g of %.17g", a, share, b);
}

void assert_no_estimate(const struct session *s, bool points)
{
    if (!mp_file_exists(s->db))
        return;
    assert_database(s->db,
                    "select (select count(*) from estimate), (select count(*) from power_row),"
                    " (select count(*) from run_estimate),"
                    " (select count(*) from run where wall_s is not null);"
                    "select count(*) from ppa_point left join ppa_text using (ppa_id)"
                    " where netlist_bytes is null or netlist_bytes = 0;"
                    "pragma integrity_check; pragma foreign_key_check",
                    "0|0|0|0|\n0|\nok|\n");
    if (!points)
        assert_database(s->db, "select count(*) from ppa_point", "0|\n");
}

void design_save_netlist(struct session *s, const char *name)
{
    static const char sql[] = "select cast(sqlar_uncompress(netlist_zlib, netlist_bytes) as text)"
                              " as v from ppa_text order by ppa_id desc limit 1";
    const char *const argv[] = {"query", "--sql", sql, "--format", "json", NULL};
    json_t *root;

    session_run(s, NULL, argv);
    assert_status(s, 0);
    root = json_loads(s->out.data, 0, NULL);
    free(session_file(s, name, word(root, "v")));
    json_decref(root);
}

char *shared_path(const char *name)
{
    const char *given = getenv("MACPPA_SHARED");
    char *folder = given != NULL ? mp_strdup(given) : source_path("../shared");
    char *path = mp_path_join(folder, name);

    free(folder);
    if (mp_file_exists(path))
        return path;
    print_message("%s is not here: skipped\n", path);
    free(path);
    return NULL;
}
