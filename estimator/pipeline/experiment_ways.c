/* Keys of an experiment about fields of designs and ways to a netlist. */
#include "estimator/pipeline/experiment_parts.h"
#include <stdlib.h>

static int read_list(struct mp_experiment *e, const char *option, char **values, unsigned count,
                     const char *key, const struct mp_place *at, struct mp_error *err)
{
    int rc = MP_OK;

    for (unsigned i = 0; i < count && rc == MP_OK; i++)
        rc = mp_experiment_located(mp_way_settings_set(&e->ways, option, values[i], err), at, key,
                                   err);
    return rc;
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
    return rc;
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
