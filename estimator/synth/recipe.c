#include "estimator/synth/recipe.h"
#include "estimator/synth/yosys.h"
#include "estimator/util/number.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct mp_synth_recipe *const mp_synth_recipes[];
extern const size_t mp_synth_recipes_count;

size_t mp_synth_recipe_count(void)
{
    return mp_synth_recipes_count;
}

const struct mp_synth_recipe *mp_synth_recipe_at(size_t index)
{
    return index < mp_synth_recipes_count ? mp_synth_recipes[index] : NULL;
}

const struct mp_synth_recipe *mp_synth_recipe_find(const char *name)
{
    if (!name || !*name)
        return mp_synth_recipes[0];
    for (size_t k = 0; k < mp_synth_recipes_count; k++)
        if (!strcmp(mp_synth_recipes[k]->name, name))
            return mp_synth_recipes[k];
    return NULL;
}

int mp_synth_recipe_get(const struct mp_synth_recipe **out, const char *name, struct mp_error *err)
{
    *out = mp_synth_recipe_find(name);
    if (*out)
        return MP_OK;
    struct mp_text names = {0};
    for (size_t k = 0; k < mp_synth_recipes_count; k++)
        mp_text_printf(&names, "%s%s", k ? ", " : "", mp_synth_recipes[k]->name);
    int code = mp_fail(err, MP_E_USAGE, "no recipe \"%s\"; there are %s", name, names.data);
    mp_text_release(&names);
    return code;
}

const char *mp_synth_recipe_name(void)
{
    return mp_synth_recipes[0]->name;
}

void mp_synth_recipe_hash(struct mp_hash *h, const char *name)
{
    const struct mp_synth_recipe *r = mp_synth_recipe_find(name);
    mp_hash_u64(h, MP_SYNTH_RECIPE_VERSION);
    mp_hash_string(h, r ? r->name : name);
    mp_hash_string(h, r ? r->text : NULL);
}

/* A word of a line; size 0 at its end. */
struct word {
    const char *data;
    size_t size;
};

static struct word next_word(const char **at, const char *end)
{
    while (*at < end && isspace((unsigned char)**at))
        (*at)++;
    struct word w = {*at, 0};
    while (*at < end && !isspace((unsigned char)**at))
        (*at)++;
    w.size = (size_t)(*at - w.data);
    return w;
}

static bool is_word(struct word w, const char *text)
{
    return w.size == strlen(text) && !memcmp(w.data, text, w.size);
}

static int read_choice(struct mp_recipe_plan *plan, struct word w, int line, struct mp_error *err)
{
    static const char *const names[] = {"clock", "area", "delay", "product", "power"};
    for (unsigned k = 0; k < sizeof names / sizeof *names; k++)
        if (is_word(w, names[k])) {
            plan->choice = (enum mp_recipe_choice)k;
            return MP_OK;
        }
    return mp_fail_at(err, MP_E_INPUT, NULL, line,
                      ".choose \"%.*s\": there are clock, area, delay, product, power", (int)w.size,
                      w.data);
}

static int read_candidate(struct mp_recipe_plan *plan, const char *at, const char *end, int line,
                          struct mp_error *err)
{
    struct word name = next_word(&at, end);
    if (plan->script_count == MP_RECIPE_MAX_SCRIPTS)
        return mp_fail_at(err, MP_E_INPUT, NULL, line, "more than %d candidates",
                          MP_RECIPE_MAX_SCRIPTS);
    struct mp_recipe_script *s = &plan->scripts[plan->script_count];
    if (!name.size || name.size >= sizeof s->name)
        return mp_fail_at(err, MP_E_INPUT, NULL, line,
                          "a candidate needs a name of 1 to %zu characters", sizeof s->name - 1);
    plan->script_count++;
    *s = (struct mp_recipe_script){.commands = mp_strdup("")};
    memcpy(s->name, name.data, name.size);
    for (struct word w; (w = next_word(&at, end)).size;) {
        if (is_word(w, "adders"))
            s->adders = true;
        else if (is_word(w, "half-adders"))
            s->adders = s->half_adders = true;
        else if (is_word(w, "timed"))
            s->timed = true;
        else if (is_word(w, "default"))
            s->is_default = true;
        else
            return mp_fail_at(err, MP_E_INPUT, NULL, line,
                              "\"%.*s\" of a candidate: there are adders, half-adders, "
                              "timed, default",
                              (int)w.size, w.data);
    }
    return MP_OK;
}

static int read_line(struct mp_recipe_plan *plan, struct mp_text *commands, const char *at,
                     const char *end, int line, struct mp_error *err)
{
    const char *rest = at;
    struct word first = next_word(&rest, end);
    if (!first.size || *first.data == '#')
        return MP_OK;
    if (is_word(first, ".choose"))
        return read_choice(plan, next_word(&rest, end), line, err);
    if (is_word(first, ".candidate")) {
        mp_text_release(commands);
        return read_candidate(plan, rest, end, line, err);
    }
    if (*first.data == '.')
        return mp_fail_at(err, MP_E_INPUT, NULL, line, "\"%.*s\": there are .choose and .candidate",
                          (int)first.size, first.data);
    if (!plan->script_count)
        return mp_fail_at(err, MP_E_INPUT, NULL, line, "a command before the first .candidate");
    struct mp_recipe_script *s = &plan->scripts[plan->script_count - 1];
    if (s->is_default)
        return mp_fail_at(err, MP_E_INPUT, NULL, line, "commands under a default candidate");
    mp_text_add_bytes(commands, first.data, (size_t)(end - first.data));
    mp_text_add(commands, "\n");
    free(s->commands);
    s->commands = mp_strdup(commands->data);
    return MP_OK;
}

/* Every variable is one that there is, and closed. */
static bool variables_are_known(const char *commands)
{
    const char *at = commands;
    while ((at = strchr(at, '{'))) {
        const char *end = at + 2;
        if (at[1] != 'D')
            return false;
        if (*end == '*') {
            mp_parse_double_prefix(at + 3, &end);
            if (end == at + 3)
                return false;
        }
        if (*end != '}')
            return false;
        at = end;
    }
    return true;
}

static int check(const struct mp_recipe_plan *plan, int lines, struct mp_error *err)
{
    bool untimed = false;
    for (uint32_t k = 0; k < plan->script_count; k++) {
        const struct mp_recipe_script *s = &plan->scripts[k];
        if (!s->is_default && !*s->commands)
            return mp_fail_at(err, MP_E_INPUT, NULL, lines, "candidate %s has no commands",
                              s->name);
        if (!variables_are_known(s->commands))
            return mp_fail_at(err, MP_E_INPUT, NULL, lines,
                              "candidate %s: the variables are {D} and {D*FACTOR}", s->name);
        untimed = untimed || (!s->timed && !s->adders);
    }
    if (!untimed)
        return mp_fail_at(err, MP_E_INPUT, NULL, lines,
                          "no candidate that is neither timed nor needs adders");
    return MP_OK;
}

int mp_recipe_parse(struct mp_recipe_plan *plan, const char *text, struct mp_error *err)
{
    struct mp_text commands = {0};
    int code = MP_OK, line = 0;
    *plan = (struct mp_recipe_plan){0};
    for (const char *at = text; *at && code == MP_OK;) {
        const char *end = at + strcspn(at, "\n");
        code = read_line(plan, &commands, at, end, ++line, err);
        at = *end ? end + 1 : end;
    }
    if (code == MP_OK)
        code = check(plan, line, err);
    mp_text_release(&commands);
    return code;
}

void mp_recipe_release(struct mp_recipe_plan *plan)
{
    for (uint32_t k = 0; k < plan->script_count; k++)
        free(plan->scripts[k].commands);
    *plan = (struct mp_recipe_plan){0};
}

/* One line of commands: "a -b; c" is "a,-b;c;". */
static void add_commands(struct mp_text *out, const char *at, const char *end, double delay_ps)
{
    bool apart = false;
    for (; at < end; at++) {
        if (*at == '{') {
            const char *stop = at + 2;
            double factor = *stop == '*' ? mp_parse_double_prefix(at + 3, &stop) : 1;
            /* 0 is no number for `map -D`. */
            mp_text_printf(out, "%s%.0f", apart ? "," : "", fmax(1, factor * delay_ps));
            apart = false;
            at = stop;
        } else if (isspace((unsigned char)*at)) {
            apart = true;
        } else {
            bool after_end = *at == ';' || !out->size || out->data[out->size - 1] == ';';
            if (apart && !after_end)
                mp_text_add(out, ",");
            apart = false;
            mp_text_add_bytes(out, at, 1);
        }
    }
    if (out->size && out->data[out->size - 1] != ';')
        mp_text_add(out, ";");
}

void mp_recipe_commands(struct mp_text *out, const struct mp_recipe_script *s, double delay_s,
                        bool constrained)
{
    struct mp_text line = {0};
    for (const char *at = s->commands; *at;) {
        const char *end = at + strcspn(at, "\n");
        if (*at != '?')
            add_commands(&line, at, end, delay_s * 1e12);
        else if (constrained)
            add_commands(&line, at + 1, end, delay_s * 1e12);
        at = *end ? end + 1 : end;
    }
    mp_text_printf(out, "+%s", line.data ? line.data : "");
    mp_text_release(&line);
}
