#include "estimator/pipeline/choices.h"
#include "estimator/store/store.h"
#include "netlists/adder.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static size_t find_option(const char *name)
{
    size_t count = mp_design_option_count();

    assert(count <= MP_DESIGN_CHOICES_MAX);
    for (size_t i = 0; i < count; i++)
        if (strcmp(mp_design_option_at(i)->name, name) == 0)
            return i;
    assert(!"an option of the table");
    return 0;
}

static int check_adder(const char *name, struct mp_error *err)
{
    struct mp_text all = {0};
    int rc;

    if (mp_adder_find(name) != NULL)
        return MP_OK;
    for (size_t i = 0; i < mp_adder_count(); i++)
        mp_text_printf(&all, "%s%s", i > 0 ? ", " : "", mp_adder_at(i)->name);
    rc = mp_fail(err, MP_E_USAGE, "`%s` is none of %s", name, all.data);
    mp_text_release(&all);
    return rc;
}

static const char *plain_word(const char *option, const char *value)
{
    if (strcmp(option, "registers") != 0)
        return value;
    return strcmp(value, "true") == 0 ? "both" : strcmp(value, "false") == 0 ? "none" : value;
}

int mp_design_choices_add(struct mp_design_choices *c, const char *option, const char *value,
                          struct mp_error *err)
{
    size_t i = find_option(option);
    const char *word = plain_word(option, value);
    struct mp_design scratch = {0};
    int rc = mp_design_set(&scratch, option, word, err);

    if (rc == MP_OK && strcmp(option, "adder") == 0)
        rc = check_adder(word, err);
    if (rc < 0)
        return rc;
    for (size_t k = 0; k < c->counts[i]; k++)
        if (strcmp(c->values[i][k], word) == 0)
            return MP_OK;
    c->values[i] = mp_realloc(c->values[i], c->counts[i] + 1, sizeof *c->values[i]);
    c->values[i][c->counts[i]++] = mp_strdup(word);
    return MP_OK;
}

static void clear(struct mp_design_choices *c, size_t i)
{
    for (size_t k = 0; k < c->counts[i]; k++)
        free(c->values[i][k]);
    free(c->values[i]);
    c->values[i] = NULL;
    c->counts[i] = 0;
}

void mp_design_choices_clear(struct mp_design_choices *c, const char *option)
{
    clear(c, find_option(option));
}

void mp_design_choices_release(struct mp_design_choices *c)
{
    for (size_t i = 0; i < MP_DESIGN_CHOICES_MAX; i++)
        clear(c, i);
}

void mp_design_choices_copy(struct mp_design_choices *to, const struct mp_design_choices *from)
{
    *to = *from;
    for (size_t i = 0; i < MP_DESIGN_CHOICES_MAX; i++) {
        to->values[i] =
            from->counts[i] > 0 ? mp_alloc(from->counts[i], sizeof *to->values[i]) : NULL;
        for (size_t k = 0; k < from->counts[i]; k++)
            to->values[i][k] = mp_strdup(from->values[i][k]);
    }
}

size_t mp_design_choices_count(const struct mp_design_choices *c)
{
    size_t count = 1;

    for (size_t i = 0; i < MP_DESIGN_CHOICES_MAX; i++)
        count *= c->counts[i] > 0 ? c->counts[i] : 1;
    return count;
}

int mp_design_choices_apply(const struct mp_design_choices *c, size_t index,
                            struct mp_design *design, struct mp_error *err)
{
    int rc = MP_OK;

    for (size_t i = 0; i < mp_design_option_count() && rc == MP_OK; i++) {
        if (c->counts[i] == 0)
            continue;
        rc = mp_design_set(design, mp_design_option_at(i)->name, c->values[i][index % c->counts[i]],
                           err);
        index /= c->counts[i];
    }
    return rc;
}

/* NULL for the default. Names of choices are static, as is a resolved adder. */
static const char *name_of(const struct mp_design *design, const char *option)
{
    const struct mp_design plain = {0};
    char a[MP_DESIGN_VALUE_SIZE], b[MP_DESIGN_VALUE_SIZE];
    const char *value = mp_design_get(design, option, a);
    const char *usual = mp_design_get(&plain, option, b);

    return value == NULL || value == a || (usual != NULL && strcmp(value, usual) == 0) ? NULL
                                                                                       : value;
}

void mp_design_choices_record(struct mp_ppa_record *r, const struct mp_design *d)
{
    r->adder = name_of(d, "adder");
    r->form = name_of(d, "form");
    r->sign = name_of(d, "sign");
    r->shift = name_of(d, "shift");
    r->shifter = name_of(d, "shifter");
    r->alignment = name_of(d, "alignment");
    r->rounding = name_of(d, "rounding");
    r->low_power = name_of(d, "low-power");
    r->terms = d->terms;
    r->stages = d->stages;
    r->drop_bits = d->drop_bits;
    r->guard_bits = d->guard_bits;
    r->is_combinational = d->registers == MP_REGISTERS_NONE;
}
