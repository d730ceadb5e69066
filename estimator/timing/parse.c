#include "estimator/timing/parse.h"
#include "estimator/timing/script.h"
#include "estimator/util/number.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct state {
    const struct mp_netlist *n;
    struct mp_map cells;
    double *slack_s, *rise_s, *fall_s;
    uint64_t pins;
    bool begun, ended, has_slack;
    int line;
};

/* Cut the next word out of *at (blanks become NUL); names lose OpenSTA's backslashes. */
static char *word(char **at)
{
    char *s = *at;
    while (*s == ' ')
        s++;
    if (!*s)
        return NULL;
    char *end = s, *to = s;
    for (; *end && *end != ' '; end++)
        if (*end != '\\')
            *to++ = *end;
    *at = *end ? end + 1 : end;
    *to = '\0';
    return s;
}

static int read_slack(struct state *s, char *rest, struct mp_error *err)
{
    char *value = word(&rest);
    double ns;
    if (!value || !mp_parse_double(value, &ns))
        return mp_fail_at(err, MP_E_INPUT, NULL, s->line, "the slack is no number: \"%.40s\"",
                          value ? value : "");
    /* What OpenSTA answers when there is no path at all. */
    if (fabs(ns) > 1e9)
        return mp_fail_at(err, MP_E_INPUT, NULL, s->line, "the design has no timing path");
    *s->slack_s = ns * 1e-9;
    s->has_slack = true;
    return MP_OK;
}

static int read_pin(struct state *s, char *rest, struct mp_error *err)
{
    char *cell_name = word(&rest), *pin_name = word(&rest), *rise = word(&rest),
         *fall = word(&rest);
    double r, f;
    if (!fall || !mp_parse_double(rise, &r) || !mp_parse_double(fall, &f) || r < 0 || f < 0)
        return mp_fail_at(err, MP_E_INPUT, NULL, s->line, "the slews of a pin are unreadable");
    uint32_t cell = mp_map_get(&s->cells, cell_name);
    if (cell == MP_MAP_NONE)
        return mp_fail_at(err, MP_E_INPUT, NULL, s->line, "instance %s is not in the netlist",
                          cell_name);
    s->pins++;
    uint32_t pin = mp_library_pin(s->n->library, s->n->cell_type[cell], pin_name);
    /* OpenSTA makes pins of its own for the states of flip-flops. */
    if (pin == MP_NONE)
        return MP_OK;
    uint32_t global = s->n->cell_first_pin[cell] + pin;
    s->rise_s[global] = r;
    s->fall_s[global] = f;
    return MP_OK;
}

static int read_end(struct state *s, char *rest, struct mp_error *err)
{
    uint64_t count;
    char *value = word(&rest);
    if (!value || !mp_parse_u64(value, &count) || count != s->pins)
        return mp_fail_at(err, MP_E_INPUT, NULL, s->line,
                          "%llu pins in the report instead of the %s that it names",
                          (unsigned long long)s->pins, value ? value : "(none)");
    s->ended = true;
    return MP_OK;
}

static int read_line(struct state *s, char *line, struct mp_error *err)
{
    static const char end[] = MP_STA_MARK_END " ";
    if (!strncmp(line, "Error", 5) || strstr(line, "black box"))
        return mp_fail_at(err, MP_E_INPUT, NULL, s->line, "%.300s", line);
    if (!strcmp(line, MP_STA_MARK_BEGIN))
        s->begun = true;
    if (!s->begun || s->ended)
        return MP_OK;
    if (!strncmp(line, "slack ", 6))
        return read_slack(s, line + 6, err);
    if (!strncmp(line, "pin ", 4))
        return read_pin(s, line + 4, err);
    if (!strncmp(line, end, sizeof end - 1))
        return read_end(s, line + sizeof end - 1, err);
    return MP_OK;
}

static int check_all_pins(const struct state *s, struct mp_error *err)
{
    const struct mp_netlist *n = s->n;
    for (uint32_t p = 0; p < n->pin_count; p++) {
        if (!isnan(s->rise_s[p]))
            continue;
        if (n->pin_net[p] != MP_NONE && n->pin_net[p] > 1) {
            uint32_t cell = n->pin_cell[p];
            const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
            return mp_fail_at(err, MP_E_INPUT, NULL, s->line, "no slew for pin %s of %s",
                              n->library->pins[type->first_pin + p - n->cell_first_pin[cell]].name,
                              n->cell_name[cell]);
        }
        s->rise_s[p] = s->fall_s[p] = 0;
    }
    return MP_OK;
}

int mp_opensta_parse(double *slack_s, double *slew_rise_s, double *slew_fall_s,
                     const struct mp_netlist *n, const char *text, size_t size,
                     struct mp_error *err)
{
    struct state s = {.n = n, .slack_s = slack_s, .rise_s = slew_rise_s, .fall_s = slew_fall_s};
    for (uint32_t p = 0; p < n->pin_count; p++)
        slew_rise_s[p] = slew_fall_s[p] = NAN;
    for (uint32_t c = 0; c < n->cell_count; c++)
        mp_map_put(&s.cells, n->cell_name[c], c);
    char *copy = mp_strndup(text, size), *at = copy;
    int code = MP_OK;
    while (code == MP_OK && at) {
        char *line = at, *end = strchr(at, '\n');
        at = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        s.line++;
        code = read_line(&s, line, err);
    }
    if (code == MP_OK && !s.ended)
        code = mp_fail_at(err, MP_E_INPUT, NULL, s.line, "the report is cut off");
    if (code == MP_OK && !s.has_slack)
        code = mp_fail_at(err, MP_E_INPUT, NULL, s.line, "the report has no slack");
    if (code == MP_OK)
        code = check_all_pins(&s, err);
    free(copy);
    mp_map_release(&s.cells);
    return code;
}

int mp_opensta_parse_version(const char *text, char *out, size_t size, struct mp_error *err)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t n = strspn(text, "0123456789.");
    if (n == 0 || n >= size || (text[n] && !isspace((unsigned char)text[n])))
        return mp_fail(err, MP_E_INPUT, "no version of OpenSTA in \"%.60s\"", text);
    memcpy(out, text, n);
    out[n] = '\0';
    return MP_OK;
}
