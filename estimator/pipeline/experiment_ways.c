/* Keys of an experiment about fields of designs and ways to a netlist. */
#include "estimator/pipeline/experiment_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_list(struct mp_experiment *e, const char *option, char **values, unsigned count,
                     const char *key, const struct mp_place *at, struct mp_error *err)
{
    int rc = MP_OK;

    for (unsigned i = 0; i < count && rc == MP_OK; i++)
        rc = mp_experiment_located(mp_way_settings_set(&e->ways, option, values[i], err), at, key,
                                   err);
    return rc;
}

/* "mac int8 uint8" -> the same with single blanks, of a unit and formats that are crossed. */
static char *read_design(const struct mp_experiment *e, const char *text, struct mp_error *err)
{
    char words[3][64], rest;
    struct mp_format weight, activation;
    char name[2][MP_FORMAT_NAME_SIZE];
    enum mp_unit unit;
    bool known[3] = {false, false, false};

    if (sscanf(text, "%63s %63s %63s %c", words[0], words[1], words[2], &rest) != 3) {
        mp_fail(err, MP_E_INPUT, "`%s` is not UNIT WEIGHT ACTIVATION, e.g. mac int8 uint8", text);
        return NULL;
    }
    if (mp_unit_parse(&unit, words[0], err) < 0 || mp_format_parse(&weight, words[1], err) < 0 ||
        mp_format_parse(&activation, words[2], err) < 0)
        return NULL;
    mp_format_name(&weight, name[0]);
    mp_format_name(&activation, name[1]);
    for (size_t i = 0; i < e->unit_count; i++)
        known[0] = known[0] || e->units[i] == unit;
    for (size_t i = 0; i < e->weight_count; i++) {
        char other[MP_FORMAT_NAME_SIZE];
        known[1] = known[1] || strcmp(mp_format_name(&e->weights[i], other), name[0]) == 0;
    }
    for (size_t i = 0; i < e->activation_count; i++) {
        char other[MP_FORMAT_NAME_SIZE];
        known[2] = known[2] || strcmp(mp_format_name(&e->activations[i], other), name[1]) == 0;
    }
    for (size_t i = 0; i < 3; i++)
        if (!known[i]) {
            mp_fail(err, MP_E_INPUT, "%s of `%s` is not among units, weights and activations",
                    words[i], text);
            return NULL;
        }
    return mp_asprintf("%s %s %s", mp_unit_name(unit), name[0], name[1]);
}

static int read_designs(struct mp_experiment *e, const struct mp_raw_choices *raw,
                        const struct mp_place *at, struct mp_error *err)
{
    if (raw->designs_count > 0)
        e->designs = mp_alloc(raw->designs_count, sizeof *e->designs);
    for (unsigned i = 0; i < raw->designs_count; i++) {
        e->designs[i] = read_design(e, raw->designs[i], err);
        if (e->designs[i] == NULL)
            return mp_experiment_located(MP_E_INPUT, at, "designs", err);
        e->design_count++;
    }
    return MP_OK;
}

int mp_experiment_read_choices(struct mp_experiment *e, const struct mp_raw_choices *raw,
                               const struct mp_place *at, struct mp_error *err)
{
    const struct {
        const char *option, *key;
        char **values;
        unsigned count;
    } lists[] = {
        {"adder", "adders", raw->adders, raw->adders_count},
        {"form", "forms", raw->forms, raw->forms_count},
        {"sign", "signs", raw->signs, raw->signs_count},
        {"shift", "shifts", raw->shifts, raw->shifts_count},
        {"shifter", "shifters", raw->shifters, raw->shifters_count},
        {"terms", "terms", raw->terms, raw->terms_count},
        {"alignment", "alignments", raw->alignments, raw->alignments_count},
        {"stages", "stages", raw->stages, raw->stages_count},
        {"drop-bits", "drop_bits", raw->drop_bits, raw->drop_bits_count},
        {"guard-bits", "guard_bits", raw->guard_bits, raw->guard_bits_count},
        {"rounding", "roundings", raw->roundings, raw->roundings_count},
        {"low-power", "low_power", raw->low_power, raw->low_power_count},
        {"registers", "registers", raw->registers, raw->registers_count},
    };
    int rc = MP_OK;

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (unsigned k = 0; k < lists[i].count && rc == MP_OK; k++)
            rc = mp_experiment_located(
                mp_design_choices_add(&e->choices, lists[i].option, lists[i].values[k], err), at,
                lists[i].key, err);
    return rc < 0 ? rc : read_designs(e, raw, at, err);
}

static int read_values(struct mp_experiment *e, const struct mp_raw_ways *raw,
                       const struct mp_place *at, struct mp_error *err)
{
    const struct {
        const char *option, *key, *value;
    } values[] = {
        {"objective", "objective", raw->objective},
        {"max-delay", "max_delay", raw->max_delay},
        {"max-area", "max_area", raw->max_area},
        {"max-power", "max_power", raw->max_power},
        {"budget", "budget", raw->budget},
        {"evaluations", "evaluations", raw->evaluations},
        {"seeds", "seeds", raw->seeds},
        {"resize", "resize", raw->resize},
        {"driving-cell", "driving_cell", raw->driving_cell},
        {"output-load", "output_load", raw->output_load},
    };
    int rc = MP_OK;

    for (size_t i = 0; i < sizeof values / sizeof *values && rc == MP_OK; i++)
        if (values[i].value != NULL)
            rc = mp_experiment_located(
                mp_way_settings_set(&e->ways, values[i].option, values[i].value, err), at,
                values[i].key, err);
    return rc;
}

int mp_experiment_read_ways(struct mp_experiment *e, const struct mp_raw_ways *raw,
                            const struct mp_place *at, struct mp_error *err)
{
    int rc;

    if (raw->objective != NULL && raw->objectives_count > 0)
        return mp_experiment_located(
            mp_fail(err, MP_E_USAGE, "one is `objective`, several are `objectives`: not both"), at,
            "objectives", err);
    if ((rc = read_list(e, "implementation", raw->implementations, raw->implementations_count,
                        "implementations", at, err)) < 0 ||
        (rc = read_list(e, "recipe", raw->recipes, raw->recipes_count, "recipes", at, err)) < 0 ||
        (rc = read_list(e, "objective", raw->objectives, raw->objectives_count, "objectives", at,
                        err)) < 0 ||
        (rc = read_values(e, raw, at, err)) < 0)
        return rc;
    e->peers = mp_experiment_path(at, raw->peers);
    return mp_experiment_located(mp_way_settings_check(&e->ways, err), at,
                                 raw->implementations_count > 0 ? "implementations" : "objective",
                                 err);
}
