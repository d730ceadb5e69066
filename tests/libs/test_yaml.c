/* The YAML loader: values, and errors with line and what was expected. */
#include "libs/yaml_load.h"

#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

struct part {
    char **any_of;
    unsigned any_of_count;
};
struct thing {
    char *name;
    double clock;
    struct part *files;
    unsigned files_count;
};
static const cyaml_schema_value_t text_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED)};
static const cyaml_schema_field_t part_fields[] = {
    CYAML_FIELD_SEQUENCE("any_of", CYAML_FLAG_POINTER, struct part, any_of, &text_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t part_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct part, part_fields)};
static const cyaml_schema_field_t thing_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct thing, name, 1, CYAML_UNLIMITED),
    CYAML_FIELD_FLOAT("clock", CYAML_FLAG_DEFAULT, struct thing, clock),
    CYAML_FIELD_SEQUENCE("files", CYAML_FLAG_POINTER, struct thing, files, &part_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t thing_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct thing, thing_fields)};

static void test_values(void **state)
{
    (void)state;
    static const char text[] = "name: a\nclock: 2.5\nfiles:\n  - any_of: [x, y]\n  - any_of: [z]\n";
    struct thing *t = NULL;
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(
        mp_yaml_load_text(text, sizeof text - 1, "t.yaml", &thing_schema, (void **)&t, &err),
        MP_OK);
    assert_string_equal(t->name, "a");
    assert_true(t->clock == 2.5);
    assert_int_equal(t->files_count, 2);
    assert_string_equal(t->files[1].any_of[0], "z");
    mp_yaml_free(&thing_schema, t);
    mp_yaml_free(&thing_schema, NULL);
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
        const char *part; /* of the message */
    } cases[] = {
        {"name: a\nclock: fast\nfiles:\n  - any_of: [x]\n", 2, "clock"},
        {"name: a\nclock: 2\nfiles:\n  - any_of: [x]\n    speed: 3\n", 5, "any_of"},
        {"name: a\nclok: 2\nfiles:\n  - any_of: [x]\n", 2, "expected one of: name, clock, files"},
        {"clok: 2\nname: a\nfiles:\n  - any_of: [x]\n", 1, "unknown key 'clok'"},
        {"name: a\nclock: 2\nfiles: 3\n", 3, "files"},
        {"name: a\nclock: 2\n", 2, "files"},
        {"name: a\n clock: [5\nfiles: 3\n", 2, "YAML syntax"},
        {"\tname: a\n", 1, "YAML syntax"},
        {"name: a\nclock: 2\nfiles:\n  - any_of: []\n", 4, "any_of"},
        {"name: &x a\nclock: 2\nfiles:\n  - any_of: [*x]\n", 4, ""},
        {"", 0, "empty"},
        {"- 1\n- 2\n", 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct thing *t = NULL;
        struct mp_error err = MP_ERROR_INIT;
        int rc = mp_yaml_load_text(cases[i].text, strlen(cases[i].text), "t.yaml", &thing_schema,
                                   (void **)&t, &err);
        print_message("%s:%d: %s\n", err.file, err.line, err.message);
        assert_int_equal(rc, MP_E_INPUT);
        assert_null(t);
        assert_string_equal(err.file, "t.yaml");
        if (cases[i].line)
            assert_int_equal(err.line, cases[i].line);
        assert_non_null(strstr(err.message, cases[i].part));
        assert_true(err.message[0] != '\0');
    }
}

static void test_key_line(void **state)
{
    (void)state;
    static const char text[] = "a: 1\nab: 2\n - b : 3\nb: 4\n";
    assert_int_equal(mp_yaml_key_line(text, "a", 1), 1);
    assert_int_equal(mp_yaml_key_line(text, "b", 1), 3);
    assert_int_equal(mp_yaml_key_line(text, "b", 4), 4);
    assert_int_equal(mp_yaml_key_line(text, "c", 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_errors),
                                       cmocka_unit_test(test_key_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
