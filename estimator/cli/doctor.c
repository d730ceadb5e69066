#include "estimator/cli/commands.h"
#include "estimator/pipeline/network_preset.h"
#include "estimator/synth/recipe.h"
#include "estimator/synth/yosys.h"
#include "estimator/timing/opensta.h"
#include "estimator/util/file.h"
#include "estimator/util/parallel.h"
#include "estimator/util/process.h"
#include "libs/descriptor.h"
#include "netlists/adder.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

/* One line of the check-up; wanting: counts what keeps the main job from working. */
struct checkup {
    struct mp_report *report;
    unsigned wanting;
};

static void say(struct checkup *c, const char *what, bool good, const char *detail)
{
    const struct mp_value row[] = {
        {.text = what}, {.text = good ? "ok" : "missing"}, {.text = detail}};

    mp_report_add_row(c->report, row);
    c->wanting += !good;
}

typedef int version_of(const char *program, char *out, size_t size, struct mp_error *err);

static void check_tool(struct checkup *c, const char *what, const char *variable, const char *name,
                       const char *package, version_of *version)
{
    const char *from_env = getenv(variable);
    struct mp_error err = MP_ERROR_INIT;
    char number[64], text[1400];
    char *path = mp_process_find(from_env != NULL && from_env[0] != '\0' ? from_env : name, &err);

    if (path == NULL) {
        snprintf(text, sizeof text, "install Debian's package %s, or set %s", package, variable);
        say(c, what, false, text);
        return;
    }
    if (version(path, number, sizeof number, &err) < 0) {
        char reason[1300];
        say(c, what, false, mp_error_text(&err, reason, sizeof reason));
    } else {
        snprintf(text, sizeof text, "%s, version %s", path, number);
        say(c, what, true, text);
    }
    free(path);
}

static void check_libraries(struct checkup *c)
{
    struct mp_descriptors libraries = {0};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text names = {0};
    char text[1400];
    size_t usable = 0;

    if (mp_descriptors_load(&libraries, &err) < 0) {
        say(c, "libraries", false, mp_error_text(&err, text, sizeof text));
        return;
    }
    for (size_t i = 0; i < libraries.count; i++)
        if (libraries.items[i].found != NULL) {
            mp_text_printf(&names, "%s%s", usable > 0 ? ", " : "", libraries.items[i].name);
            usable++;
        }
    say(c, "libraries", usable > 0,
        usable > 0 ? names.data : "none found: apt install qflow-tech-osu018, see macppa libs");
    mp_text_release(&names);
    mp_descriptors_release(&libraries);
}

/* Networks are the user's to bring: one that lacks something keeps nothing else from working. */
static void say_network(struct checkup *c, const struct mp_network_preset *p)
{
    const struct mp_preset_file *weights = &p->items[MP_PRESET_WEIGHTS];
    const struct mp_preset_choice *choice = weights->choice;
    const char *state = "ok";
    char *what = mp_asprintf("network %s", p->name);
    struct mp_text detail = {0};

    if (choice != NULL && choice->layers != NULL) {
        state = "partial";
        mp_text_printf(&detail,
                       "weights of %s alone (%s): traces and power of these, no accuracy%s%s; ",
                       choice->layers, weights->found, choice->notes != NULL ? "; " : "",
                       choice->notes != NULL ? choice->notes : "");
        mp_text_printf(&detail, "for all: %s",
                       weights->obtain != NULL ? weights->obtain : "not said");
    }
    for (int i = 0; i <= MP_PRESET_TEST_LABELS; i++)
        if (p->items[i].choice_count > 0 && p->items[i].found == NULL) {
            state = "missing";
            mp_text_printf(&detail, "%s%s: %s", detail.size > 0 ? "; " : "",
                           mp_preset_item_name((enum mp_preset_item)i),
                           p->items[i].obtain != NULL ? p->items[i].obtain : "not found");
        }
    if (detail.size == 0)
        mp_text_add(&detail, choice != NULL ? weights->found : p->items[MP_PRESET_MODEL].found);
    const struct mp_value row[] = {{.text = what}, {.text = state}, {.text = detail.data}};
    mp_report_add_row(c->report, row);
    mp_text_release(&detail);
    free(what);
}

static void check_networks(struct checkup *c)
{
    struct mp_network_preset p;
    struct mp_error err = MP_ERROR_INIT;
    char **names = NULL, text[1400];
    size_t count = 0;

    if (mp_network_preset_names(&names, &count, &err) < 0)
        say(c, "networks", false, mp_error_text(&err, text, sizeof text));
    for (size_t i = 0; i < count; i++) {
        if (mp_network_preset_read(&p, names[i], &err) < 0) {
            say(c, names[i], false, mp_error_text(&err, text, sizeof text));
        } else {
            say_network(c, &p);
            mp_network_preset_release(&p);
        }
        free(names[i]);
    }
    free(names);
    mp_report_add_note(
        c->report, "files of networks are looked for in the folders of MACPPA_NETWORKS "
                   "(colon-separated), in ~/.local/share/macppa/networks, and beside the presets");
}

static void list_architectures(struct checkup *c)
{
    for (size_t i = 0; i < mp_architecture_count(); i++) {
        const struct mp_architecture_info *a = mp_architecture_at(i);
        char *what = mp_asprintf("multiplier %s", a->name);
        say(c, what, true, a->summary);
        free(what);
    }
}

static void list_adders(struct checkup *c)
{
    for (size_t i = 0; i < mp_adder_count(); i++) {
        char *what = mp_asprintf("adder %s", mp_adder_at(i)->name);
        say(c, what, true, mp_adder_at(i)->summary);
        free(what);
    }
}

static void list_recipes(struct checkup *c)
{
    for (size_t i = 0; i < mp_synth_recipe_count(); i++) {
        const struct mp_synth_recipe *r = mp_synth_recipe_at(i);
        char *what = mp_asprintf("recipe %s", r->name);
        char *detail = mp_asprintf("version %u: %s", r->version, r->summary);
        say(c, what, true, detail);
        free(what);
        free(detail);
    }
}

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    static const struct mp_column columns[] = {{"what", "what", "", MP_COLUMN_TEXT, 0},
                                               {"state", "state", "", MP_COLUMN_TEXT, 0},
                                               {"detail", "detail", "", MP_COLUMN_TEXT, 0}};
    static const char data[] = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz";
    const char *format = NULL;
    bool help = false;
    const struct mp_option options[] = {
        {"format", "FORMAT", MP_OPTION_TEXT, &format, "table (default), csv, json or markdown"}};
    struct mp_option_list arguments;
    struct checkup c = {0};
    char text[64];
    int rc = mp_options_parse(command, options, 1, argc, argv, &arguments, &help, err);

    if (rc < 0 || help)
        return rc;
    c.report = mp_report_create("macppa doctor", columns, 3);
    check_tool(&c, "Yosys", "MACPPA_YOSYS", "yosys", "yosys", mp_yosys_version);
    check_tool(&c, "OpenSTA", "MACPPA_STA", "sta", "opensta", mp_opensta_version);
    snprintf(text, sizeof text, "library version %s", sqlite3_libversion());
    say(&c, "SQLite", true, text);
    check_libraries(&c);
    say(&c, "default images", mp_file_exists(data),
        mp_file_exists(data) ? data : "apt install dataset-fashion-mnist");
    check_networks(&c);
    list_architectures(&c);
    list_adders(&c);
    list_recipes(&c);
    snprintf(text, sizeof text, "%u", mp_core_count());
    say(&c, "cores", true, text);
    rc = mp_cli_print(c.report, format, err);
    if (rc == MP_OK && c.wanting > 0)
        rc = mp_fail(err, MP_E_NOT_FOUND, "%u things are missing: see the table", c.wanting);
    mp_report_destroy(c.report);
    return rc;
}

const struct mp_command mp_command_doctor = {
    "doctor", NULL, "tools, versions, libraries and data: what is found, what is missing",
    "Checks all that `macppa run` needs and says how to get what is missing. Exit status 1 if\n"
    "something is. Networks are presets (configs/networks/*.yaml), whose files are looked for in "
    "the\n"
    "folders of MACPPA_NETWORKS (colon-separated), in ~/.local/share/macppa/networks and beside "
    "the\n"
    "preset; one that is missing or partial is named and does not count.",
    run};
