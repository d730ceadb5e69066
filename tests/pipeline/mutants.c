#include "tests/pipeline/mutants.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "  \\$_AND_ name (" or "  NAND2X1 name (": the library cell whose name starts the line, if any.
 */
static bool read_type(struct mutant_instance *out, const struct mutants *m, const char *line,
                      size_t length)
{
    const char *p = line + strspn(line, " ");
    char name[64];
    size_t n;

    if (*p == '\\')
        p++;
    n = strcspn(p, " \n");
    if (n == 0 || n >= sizeof name || p + n > line + length || line[length - 1] != '(')
        return false;
    memcpy(name, p, n);
    name[n] = '\0';
    out->cell = mp_library_cell(m->library, name);
    out->type_at = (size_t)(p - m->text);
    out->type_size = n;
    return out->cell != MP_NONE;
}

static void read_input(struct mutants *m, const char *line, size_t length)
{
    const struct mp_lib_cell *cell = &m->library->cells[m->instances[m->instance_count - 1].cell];
    const char *p = line + strspn(line, " "), *open = strchr(p, '(');
    const char *close = line + length;
    char pin[32];
    size_t n;

    if (*p != '.' || open == NULL || open >= line + length)
        return;
    while (close > open && *close != ')')
        close--;
    n = (size_t)(open - p - 1);
    if (n >= sizeof pin)
        return;
    memcpy(pin, p + 1, n);
    pin[n] = '\0';
    uint32_t k = mp_library_pin(m->library, m->instances[m->instance_count - 1].cell, pin);
    if (k == MP_NONE)
        return;
    const struct mp_lib_pin *lib_pin = &m->library->pins[cell->first_pin + k];
    bool is_clock =
        cell->sequential != MP_COMBINATIONAL && (mp_expr_support(&cell->clocked_on) >> k & 1) != 0;
    if (lib_pin->direction != MP_DIR_INPUT || is_clock)
        return;
    mp_grow(&m->inputs, m->input_count, &m->input_capacity, sizeof *m->inputs);
    m->inputs[m->input_count++] = (struct mutant_input){.at = (size_t)(open + 1 - m->text),
                                                        .size = (size_t)(close - open - 1),
                                                        .instance = m->instance_count - 1};
}

void mutants_open(struct mutants *m, const char *text, const struct mp_library *library)
{
    bool inside = false;

    *m = (struct mutants){.text = text, .library = library};
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        struct mutant_instance found;
        if (length > 0 && read_type(&found, m, line, length)) {
            mp_grow(&m->instances, m->instance_count, &m->instance_capacity, sizeof *m->instances);
            m->instances[m->instance_count++] = found;
            inside = true;
        } else if (inside && length > 0) {
            read_input(m, line, length);
            if (line[length - 1] == ';')
                inside = false;
        }
        line += length + (line[length] == '\n');
    }
}

void mutants_close(struct mutants *m)
{
    free(m->instances);
    free(m->inputs);
}

/* Text with [at, at + size) replaced. */
static char *replace(const char *text, size_t at, size_t size, const char *by)
{
    return mp_asprintf("%.*s%s%s", (int)at, text, by, text + at + size);
}

static bool same_pins(const struct mp_library *lib, const struct mp_lib_cell *a,
                      const struct mp_lib_cell *b)
{
    if (a->pin_count != b->pin_count || b->sequential != MP_COMBINATIONAL || b->is_pad_or_macro)
        return false;
    for (uint32_t k = 0; k < a->pin_count; k++) {
        const struct mp_lib_pin *p = &lib->pins[a->first_pin + k],
                                *q = &lib->pins[b->first_pin + k];
        if (strcmp(p->name, q->name) != 0 || p->direction != q->direction)
            return false;
    }
    return true;
}

static bool same_function(const struct mp_library *lib, const struct mp_lib_cell *a,
                          const struct mp_lib_cell *b)
{
    for (uint32_t k = 0; k < a->pin_count; k++) {
        if (lib->pins[a->first_pin + k].direction != MP_DIR_OUTPUT)
            continue;
        for (uint64_t v = 0; v < (uint64_t)1 << a->pin_count; v++)
            if (mp_expr_eval(&lib->pins[a->first_pin + k].function, v) !=
                mp_expr_eval(&lib->pins[b->first_pin + k].function, v))
                return false;
    }
    return true;
}

static char *other_gate(const struct mutants *m, struct mp_random *r, char *what, size_t size)
{
    const struct mutant_instance *i = &m->instances[mp_random_below(r, m->instance_count)];
    const struct mp_lib_cell *cell = &m->library->cells[i->cell];
    uint32_t start = (uint32_t)mp_random_below(r, m->library->cell_count);

    if (cell->sequential != MP_COMBINATIONAL)
        return NULL;
    for (uint32_t k = 0; k < m->library->cell_count; k++) {
        const struct mp_lib_cell *other = &m->library->cells[(start + k) % m->library->cell_count];
        if (!same_pins(m->library, cell, other) || same_function(m->library, cell, other))
            continue;
        snprintf(what, size, "%s at byte %zu becomes %s", cell->name, i->type_at, other->name);
        return replace(m->text, i->type_at, i->type_size, other->name);
    }
    return NULL;
}

static char *swapped(const struct mutants *m, struct mp_random *r, char *what, size_t size)
{
    const struct mutant_input *a = &m->inputs[mp_random_below(r, m->input_count)];
    const struct mutant_input *b = &m->inputs[mp_random_below(r, m->input_count)];
    char *first, *second, *out;

    if (a->instance == b->instance ||
        (a->size == b->size && memcmp(m->text + a->at, m->text + b->at, a->size) == 0))
        return NULL;
    if (a->at > b->at) {
        const struct mutant_input *t = a;
        a = b;
        b = t;
    }
    first = mp_strndup(m->text + a->at, a->size);
    second = mp_strndup(m->text + b->at, b->size);
    out = mp_asprintf("%.*s%s%.*s%s%s", (int)a->at, m->text, second, (int)(b->at - a->at - a->size),
                      m->text + a->at + a->size, first, m->text + b->at + b->size);
    snprintf(what, size, "nets %s and %s swapped at bytes %zu and %zu", first, second, a->at,
             b->at);
    free(first);
    free(second);
    return out;
}

static char *stuck(const struct mutants *m, struct mp_random *r, char *what, size_t size)
{
    const struct mutant_input *i = &m->inputs[mp_random_below(r, m->input_count)];
    const char *level = mp_random_below(r, 2) != 0 ? "1'h1" : "1'h0";

    snprintf(what, size, "%.*s at byte %zu stuck at %s", (int)i->size, m->text + i->at, i->at,
             level);
    return replace(m->text, i->at, i->size, level);
}

char *mutants_make(const struct mutants *m, enum mutant_kind kind, struct mp_random *r, char *what,
                   size_t what_size)
{
    for (int tries = 0; tries < 64; tries++) {
        char *out = kind == MUTANT_GATE   ? other_gate(m, r, what, what_size)
                    : kind == MUTANT_SWAP ? swapped(m, r, what, what_size)
                                          : stuck(m, r, what, what_size);
        if (out != NULL)
            return out;
    }
    return NULL;
}
