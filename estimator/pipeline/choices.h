/*
 * Choices of an experiment for the fields of a design (netlists/design.h: adder, form, terms,
 * registers ...): several values of each, all crossed.
 *
 *     struct mp_design_choices c = {0};
 *     mp_design_choices_add(&c, "form", "row", err)
 *     mp_design_choices_add(&c, "terms", "4", err)
 *     for (size_t i = 0; i < mp_design_choices_count(&c); i++)
 *         mp_design_choices_apply(&c, i, &design, err)
 *     mp_design_choices_release(&c)
 */
#ifndef MP_PIPELINE_CHOICES_H
#define MP_PIPELINE_CHOICES_H

#include "netlists/design.h"

#define MP_DESIGN_CHOICES_MAX 24

/* Zero-initialise: the default of each field. By index of mp_design_option_at(). */
struct mp_design_choices {
    char **values[MP_DESIGN_CHOICES_MAX]; /* owned */
    size_t counts[MP_DESIGN_CHOICES_MAX];
};

/* One more value of an option; a value that is there already is not added again. registers: also
 * true (both) and false (none). MP_E_USAGE lists what is taken. */
int mp_design_choices_add(struct mp_design_choices *c, const char *option, const char *value,
                          struct mp_error *err);
/* Take back all values of an option. */
void mp_design_choices_clear(struct mp_design_choices *c, const char *option);
void mp_design_choices_release(struct mp_design_choices *c);
void mp_design_choices_copy(struct mp_design_choices *to, const struct mp_design_choices *from);

/* Combinations, at least 1. */
size_t mp_design_choices_count(const struct mp_design_choices *c);
/* Set the fields of combination `index`; texts are borrowed from c. Whether they go together is
 * mp_design_resolve()'s business. */
int mp_design_choices_apply(const struct mp_design_choices *c, size_t index,
                            struct mp_design *design, struct mp_error *err);

/* The fields of a resolved design for a record: names of what is not the default. */
struct mp_ppa_record;
void mp_design_choices_record(struct mp_ppa_record *r, const struct mp_design *design);

#endif
