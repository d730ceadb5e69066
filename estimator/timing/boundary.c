#include "estimator/timing/boundary.h"
#include "estimator/util/number.h"
#include <stdio.h>
#include <string.h>

#define LARGEST_F 1e-9 /* a million times a usual load: a slip in the unit */

int mp_driving_cell_parse(struct mp_boundary_option *o, const char *text, struct mp_error *err)
{
    if (strcmp(text, "none") == 0) {
        o->driving = MP_BOUNDARY_NONE;
    } else if (strcmp(text, "library") == 0) {
        o->driving = MP_BOUNDARY_LIBRARY;
    } else {
        size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789_");
        if (letters == 0 || text[letters] != '\0' || letters >= sizeof o->driving_cell)
            return mp_fail(err, MP_E_USAGE, "`%s` is none of none, library, and the name of a cell",
                           text);
        o->driving = MP_BOUNDARY_GIVEN;
        snprintf(o->driving_cell, sizeof o->driving_cell, "%s", text);
    }
    return MP_OK;
}

int mp_output_load_parse(struct mp_boundary_option *o, const char *text, struct mp_error *err)
{
    double f;

    if (strcmp(text, "none") == 0) {
        o->load = MP_BOUNDARY_NONE;
    } else if (strcmp(text, "library") == 0) {
        o->load = MP_BOUNDARY_LIBRARY;
    } else {
        if (!mp_parse_quantity(text, "F", &f) || !(f > 0) || f > LARGEST_F)
            return mp_fail(
                err, MP_E_USAGE,
                "`%s` is none of none, library, and a capacitance above 0 and up to 1nF, "
                "such as 3.9fF",
                text);
        o->load = MP_BOUNDARY_GIVEN;
        o->output_load_f = f;
    }
    return MP_OK;
}

static const char *kind_name(enum mp_boundary_kind k)
{
    return k == MP_BOUNDARY_LIBRARY ? "library" : "none";
}

void mp_boundary_option_print(const struct mp_boundary_option *o, char *out, size_t size)
{
    char load[40];

    mp_print_double(o->output_load_f, load, sizeof load);
    snprintf(out, size, "driven by %s, load %s%s",
             o->driving == MP_BOUNDARY_GIVEN ? o->driving_cell : kind_name(o->driving),
             o->load == MP_BOUNDARY_GIVEN ? load : kind_name(o->load),
             o->load == MP_BOUNDARY_GIVEN ? "F" : "");
}

static const char *file_of(const struct mp_library *lib)
{
    return lib->file_count > 0 ? lib->files[0] : "the library";
}

/* The only pin of a direction; NULL: there is none, or there are several. */
static const struct mp_lib_pin *only_pin(const struct mp_library *lib, uint32_t cell,
                                         enum mp_direction direction)
{
    const struct mp_lib_cell *c = &lib->cells[cell];
    const struct mp_lib_pin *found = NULL;

    for (uint32_t k = 0; k < c->pin_count; k++) {
        const struct mp_lib_pin *pin = &lib->pins[c->first_pin + k];
        if (pin->direction != direction)
            continue;
        if (found != NULL)
            return NULL;
        found = pin;
    }
    return found;
}

static int find_cell(uint32_t *cell, const char *name, const struct mp_library *lib,
                     struct mp_error *err)
{
    *cell = mp_library_cell(lib, name);
    if (*cell == MP_NONE)
        return mp_fail_at(err, MP_E_INPUT, file_of(lib), 0,
                          "the driving cell %s is not in the library", name);
    if (only_pin(lib, *cell, MP_DIR_INPUT) == NULL || only_pin(lib, *cell, MP_DIR_OUTPUT) == NULL)
        return mp_fail_at(err, MP_E_INPUT, file_of(lib), 0,
                          "the driving cell %s is no buffer: it has not one input and one output",
                          name);
    return MP_OK;
}

int mp_boundary_choose(struct mp_boundary *b, const struct mp_boundary_option *option,
                       const struct mp_library *lib, const struct mp_library_roles *roles,
                       struct mp_error *err)
{
    uint32_t driver = roles->buffer;
    int rc;

    *b = (struct mp_boundary){0};
    if (option == NULL)
        return MP_OK;
    if ((option->driving == MP_BOUNDARY_LIBRARY || option->load == MP_BOUNDARY_LIBRARY) &&
        roles->buffer == MP_NONE)
        return mp_fail_at(err, MP_E_INPUT, file_of(lib), 0,
                          "the library has no buffer that could drive inputs or be a load: name a "
                          "cell and a capacitance");
    if (option->driving == MP_BOUNDARY_GIVEN &&
        (rc = find_cell(&driver, option->driving_cell, lib, err)) < 0)
        return rc;
    if (option->driving != MP_BOUNDARY_NONE)
        b->driving_cell = lib->cells[driver].name;
    if (option->load == MP_BOUNDARY_LIBRARY)
        b->output_load_f =
            MP_BUFFERS_OF_LOAD * only_pin(lib, roles->buffer, MP_DIR_INPUT)->capacitance_f;
    else if (option->load == MP_BOUNDARY_GIVEN)
        b->output_load_f = option->output_load_f;
    return MP_OK;
}
