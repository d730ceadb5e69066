#include "estimator/cli/way_options.h"
#include <string.h>

static int set(struct mp_way_settings *s, const char *name, const char *value, struct mp_error *err)
{
    int rc = value != NULL ? mp_way_settings_set(s, name, value, err) : MP_OK;

    if (rc < 0)
        mp_error_context(err, "--%s", name);
    return rc;
}

static int set_list(struct mp_way_settings *s, const char *name, const struct mp_option_list *list,
                    struct mp_error *err)
{
    int rc = MP_OK;

    if (list->count > 0)
        mp_way_settings_clear(s, name);
    for (size_t i = 0; i < list->count && rc == MP_OK; i++)
        rc = set(s, name, list->items[i], err);
    return rc;
}

int mp_way_options_apply(struct mp_experiment *e, const struct mp_way_options *o,
                         struct mp_error *err)
{
    struct mp_way_settings *s = &e->ways;
    int rc;

    if ((rc = set_list(s, "implementation", &o->implementations, err)) < 0 ||
        (rc = set_list(s, "recipe", &o->recipes, err)) < 0 ||
        (rc = set_list(s, "objective", &o->objectives, err)) < 0 ||
        (rc = set(s, "max-delay", o->max_delay, err)) < 0 ||
        (rc = set(s, "max-area", o->max_area, err)) < 0 ||
        (rc = set(s, "max-power", o->max_power, err)) < 0 ||
        (rc = set(s, "budget", o->budget, err)) < 0 ||
        (rc = set(s, "evaluations", o->evaluations, err)) < 0 ||
        (rc = set(s, "seeds", o->seeds, err)) < 0 ||
        (rc = set(s, "resize", o->resize ? "true" : NULL, err)) < 0 ||
        (rc = set(s, "driving-cell", o->driving_cell, err)) < 0 ||
        (rc = set(s, "output-load", o->output_load, err)) < 0)
        return rc;
    return mp_way_settings_check(s, err);
}

const char *mp_way_options_of_search(const struct mp_way_options *o)
{
    const struct {
        const char *name;
        bool given;
    } all[] = {{"objective", o->objectives.count > 0},
               {"max-delay", o->max_delay != NULL},
               {"max-area", o->max_area != NULL},
               {"max-power", o->max_power != NULL},
               {"budget", o->budget != NULL},
               {"evaluations", o->evaluations != NULL},
               {"seeds", o->seeds != NULL}};

    for (size_t i = 0; i < o->implementations.count; i++)
        if (strcmp(o->implementations.items[i], "search") == 0)
            return "implementation search";
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].given)
            return all[i].name;
    return o->recipes.count > 1 ? "recipe, more than once" : NULL;
}

struct choice_list {
    const char *option;
    const struct mp_option_list *list;
};
#define CHOICE_LISTS 13

static void list_choices(struct choice_list out[CHOICE_LISTS], const struct mp_choice_options *o)
{
    const struct choice_list all[CHOICE_LISTS] = {
        {"adder", &o->adder},           {"form", &o->form},         {"sign", &o->sign},
        {"shift", &o->shift},           {"shifter", &o->shifter},   {"terms", &o->terms},
        {"alignment", &o->alignment},   {"stages", &o->stages},     {"drop-bits", &o->drop_bits},
        {"guard-bits", &o->guard_bits}, {"rounding", &o->rounding}, {"low-power", &o->low_power},
        {"registers", &o->registers},
    };

    memcpy(out, all, sizeof all);
}

bool mp_choice_options_given(const struct mp_choice_options *o)
{
    struct choice_list lists[CHOICE_LISTS];

    list_choices(lists, o);
    for (size_t i = 0; i < CHOICE_LISTS; i++)
        if (lists[i].list->count > 0)
            return true;
    return false;
}

int mp_choice_options_apply(struct mp_experiment *e, const struct mp_choice_options *o,
                            struct mp_error *err)
{
    struct choice_list lists[CHOICE_LISTS];
    int rc = MP_OK;

    list_choices(lists, o);
    for (size_t i = 0; i < CHOICE_LISTS; i++) {
        if (lists[i].list->count > 0)
            mp_design_choices_clear(&e->choices, lists[i].option);
        for (size_t k = 0; k < lists[i].list->count && rc == MP_OK; k++)
            rc = mp_design_choices_add(&e->choices, lists[i].option, lists[i].list->items[k], err);
        if (rc < 0) {
            mp_error_context(err, "--%s", lists[i].option);
            return rc;
        }
    }
    return rc;
}
