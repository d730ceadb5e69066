#include "estimator/pipeline/way.h"
#include "estimator/synth/recipe.h"
#include "estimator/synth/yosys.h"
#include "estimator/techmap/power.h"
#include "estimator/techmap/resize.h"
#include "estimator/techmap/techmap.h"
#include "estimator/util/memory.h"
#include "estimator/util/number.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS_DEFAULT      8
#define SEEDS_MOST         4096
#define BUDGET_DEFAULT_S   10
#define BUDGET_MOST_S      86400
#define SEARCH_NAME        "anneal"
#define RESIZE_EVALUATIONS 100000

static const char *const implementation_names[] = {"yosys", "search"};
#define OBJECTIVE_DEFAULT "area*delay"

const char *mp_implementation_name(enum mp_implementation i)
{
    return implementation_names[i];
}

const char *mp_way_recipe(const struct mp_way *w)
{
    if (w->implementation == MP_BY_SEARCH)
        return SEARCH_NAME;
    return w->recipe != NULL ? w->recipe : mp_synth_recipe_name();
}

bool mp_way_needs_operands(const struct mp_way *w)
{
    struct mp_objective o;

    return w->implementation == MP_BY_SEARCH &&
           (w->max_power_w > 0 ||
            (mp_objective_parse(&o, w->objective, NULL) == MP_OK && o.needs_power));
}

void mp_way_hash(struct mp_hash *h, const struct mp_way *w)
{
    mp_hash_string(h, mp_implementation_name(w->implementation));
    if (w->implementation == MP_BY_YOSYS) {
        mp_synth_recipe_hash(h, w->recipe);
        mp_hash_u64(h, w->resize ? MP_RESIZE_VERSION : 0);
    } else {
        mp_hash_u64(h, MP_TECHMAP_VERSION);
        mp_hash_string(h, w->objective);
        if (mp_way_needs_operands(w))
            mp_hash_u64(h, MP_TECHMAP_POWER_VERSION);
        mp_hash_double(h, w->max_delay_s);
        mp_hash_double(h, w->max_area_um2);
        mp_hash_double(h, w->max_power_w);
    }
    if (w->implementation == MP_BY_SEARCH || w->resize) {
        mp_hash_double(h, w->budget_s);
        mp_hash_u64(h, w->evaluations);
    }
    mp_hash_u64(h, w->runs);
    mp_hash_u64(h, w->resize);
}

/* ---- settings */

static void free_list(char ***list, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        free((*list)[i]);
    free(*list);
    *list = NULL;
    *count = 0;
}

static void add(char ***list, size_t *count, const char *text)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp((*list)[i], text) == 0)
            return;
    *list = mp_realloc(*list, *count + 1, sizeof **list);
    (*list)[(*count)++] = mp_strdup(text);
}

void mp_way_settings_init(struct mp_way_settings *s)
{
    *s = (struct mp_way_settings){.seeds = SEEDS_DEFAULT, .budget_s = BUDGET_DEFAULT_S};
}

void mp_way_settings_release(struct mp_way_settings *s)
{
    free_list(&s->recipes, &s->recipe_count);
    free_list(&s->objectives, &s->objective_count);
    memset(s, 0, sizeof *s);
}

void mp_way_settings_copy(struct mp_way_settings *to, const struct mp_way_settings *from)
{
    *to = *from;
    to->recipes = to->objectives = NULL;
    to->recipe_count = to->objective_count = 0;
    for (size_t i = 0; i < from->recipe_count; i++)
        add(&to->recipes, &to->recipe_count, from->recipes[i]);
    for (size_t i = 0; i < from->objective_count; i++)
        add(&to->objectives, &to->objective_count, from->objectives[i]);
}

/* Index of a word; MP_E_USAGE lists the words. */
static int choose(unsigned *out, const char *value, const char *const *words, unsigned count,
                  struct mp_error *err)
{
    struct mp_text all = {0};
    int rc;

    for (unsigned i = 0; i < count; i++) {
        mp_text_printf(&all, "%s%s", i > 0 ? ", " : "", words[i]);
        if (strcmp(value, words[i]) == 0) {
            *out = i;
            mp_text_release(&all);
            return MP_OK;
        }
    }
    rc = mp_fail(err, MP_E_USAGE, "`%s` is none of %s", value, all.data);
    mp_text_release(&all);
    return rc;
}

static int add_implementation(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    unsigned index = 0;
    int rc = choose(&index, value, implementation_names, 2, err);

    for (size_t i = 0; i < s->implementation_count && rc == MP_OK; i++)
        if (s->implementations[i] == (enum mp_implementation)index)
            return MP_OK;
    if (rc == MP_OK)
        s->implementations[s->implementation_count++] = (enum mp_implementation)index;
    return rc;
}

static int add_recipe(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    const struct mp_synth_recipe *recipe;
    int rc = mp_synth_recipe_get(&recipe, value, err);

    if (rc == MP_OK)
        add(&s->recipes, &s->recipe_count, recipe->name);
    return rc;
}

static int add_objective(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    struct mp_objective o;
    int rc = mp_objective_parse(&o, value, err);

    if (rc == MP_OK)
        add(&s->objectives, &s->objective_count, o.name);
    return rc;
}

static int set_quantity(double *out, const char *value, const char *unit, double low, double high,
                        const char *what, struct mp_error *err)
{
    double x;

    if (!mp_parse_quantity(value, unit, &x) || !(x >= low && x <= high))
        return mp_fail(err, MP_E_USAGE, "`%s` is no %s", value, what);
    *out = x;
    return MP_OK;
}

static int set_max_delay(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    return set_quantity(&s->max_delay_s, value, "s", 1e-12, 1, "time such as 1.2ns", err);
}

static int set_max_power(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    return set_quantity(&s->max_power_w, value, "W", 1e-12, 1e3, "power such as 50uW", err);
}

static int set_budget(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    return set_quantity(&s->budget_s, value, "s", 1e-3, BUDGET_MOST_S,
                        "time for each seed such as 10s, up to a day", err);
}

/* In um2, which may stand behind it. */
static int set_max_area(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    size_t length = strlen(value);
    double x = 0;
    char *number;
    bool ok;

    if (length > 3 && strcmp(value + length - 3, "um2") == 0)
        length -= 3;
    while (length > 0 && value[length - 1] == ' ')
        length--;
    number = mp_strndup(value, length);
    ok = mp_parse_double(number, &x) && x > 0 && x < 1e12;
    free(number);
    if (!ok)
        return mp_fail(err, MP_E_USAGE, "`%s` is no area such as 400um2", value);
    s->max_area_um2 = x;
    return MP_OK;
}

static int set_evaluations(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    uint64_t n;

    if (!mp_parse_u64(value, &n))
        return mp_fail(err, MP_E_USAGE, "`%s` is no whole number; 0: as many as there is time for",
                       value);
    s->evaluations = n;
    return MP_OK;
}

static int set_seeds(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    uint64_t n;

    if (!mp_parse_u64(value, &n) || n < 1 || n > SEEDS_MOST)
        return mp_fail(err, MP_E_USAGE, "`%s` is no whole number in 1..%d", value, SEEDS_MOST);
    s->seeds = (uint32_t)n;
    return MP_OK;
}

static int set_resize(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    static const char *const words[] = {"false", "true"};
    unsigned index = 0;
    int rc = choose(&index, value, words, 2, err);

    if (rc == MP_OK)
        s->resize = index == 1;
    return rc;
}

static int set_driving_cell(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    return mp_driving_cell_parse(&s->boundary, value, err);
}

static int set_output_load(struct mp_way_settings *s, const char *value, struct mp_error *err)
{
    return mp_output_load_parse(&s->boundary, value, err);
}

static const struct {
    const char *name;
    int (*set)(struct mp_way_settings *s, const char *value, struct mp_error *err);
} options[] = {
    {"implementation", add_implementation},
    {"recipe", add_recipe},
    {"objective", add_objective},
    {"max-delay", set_max_delay},
    {"max-area", set_max_area},
    {"max-power", set_max_power},
    {"budget", set_budget},
    {"evaluations", set_evaluations},
    {"seeds", set_seeds},
    {"resize", set_resize},
    {"driving-cell", set_driving_cell},
    {"output-load", set_output_load},
};

int mp_way_settings_set(struct mp_way_settings *s, const char *name, const char *value,
                        struct mp_error *err)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(options[i].name, name) == 0)
            return options[i].set(s, value, err);
    assert(!"a name of the table");
    return MP_E_USAGE;
}

void mp_way_settings_clear(struct mp_way_settings *s, const char *name)
{
    if (strcmp(name, "implementation") == 0)
        s->implementation_count = 0;
    else if (strcmp(name, "recipe") == 0)
        free_list(&s->recipes, &s->recipe_count);
    else
        free_list(&s->objectives, &s->objective_count);
}

static size_t count_of(const struct mp_way_settings *s, enum mp_implementation i)
{
    size_t count = i == MP_BY_YOSYS ? s->recipe_count : s->objective_count;

    return count > 0 ? count : 1;
}

static enum mp_implementation implementation_at(const struct mp_way_settings *s, size_t i)
{
    return s->implementation_count > 0 ? s->implementations[i] : MP_BY_YOSYS;
}

int mp_way_settings_check(const struct mp_way_settings *s, struct mp_error *err)
{
    bool has[2] = {s->implementation_count == 0, false};

    for (size_t i = 0; i < s->implementation_count; i++)
        has[s->implementations[i]] = true;
    if (!has[MP_BY_SEARCH] &&
        (s->objective_count > 0 || s->max_delay_s > 0 || s->max_area_um2 > 0 || s->max_power_w > 0))
        return mp_fail(err, MP_E_USAGE,
                       "an objective and limits are for the search, and the implementation is "
                       "yosys alone: add implementation search");
    if (!has[MP_BY_YOSYS] && s->recipe_count > 0)
        return mp_fail(err, MP_E_USAGE,
                       "recipes are for Yosys, and the implementation is search alone: add "
                       "implementation yosys");
    return MP_OK;
}

size_t mp_way_settings_count(const struct mp_way_settings *s)
{
    size_t all = s->implementation_count > 0 ? s->implementation_count : 1, count = 0;

    for (size_t i = 0; i < all; i++)
        count += count_of(s, implementation_at(s, i));
    return count;
}

/* So that a result does not depend on the machine, unless it is slow. */
static uint64_t resize_evaluations(const struct mp_way_settings *s)
{
    if (!s->resize)
        return 0;
    return s->evaluations > 0 ? s->evaluations : RESIZE_EVALUATIONS;
}

struct mp_way mp_way_settings_yosys(const struct mp_way_settings *s, const char *recipe,
                                    unsigned runs)
{
    return (struct mp_way){.implementation = MP_BY_YOSYS,
                           .recipe = recipe,
                           .runs = runs,
                           .budget_s = s->resize ? s->budget_s : 0,
                           .evaluations = resize_evaluations(s),
                           .resize = s->resize};
}

struct mp_way mp_way_settings_at(const struct mp_way_settings *s, size_t index, unsigned runs)
{
    size_t i = 0;

    while (index >= count_of(s, implementation_at(s, i)))
        index -= count_of(s, implementation_at(s, i++));
    if (implementation_at(s, i) == MP_BY_YOSYS)
        return mp_way_settings_yosys(s, s->recipe_count > 0 ? s->recipes[index] : NULL, runs);
    return (struct mp_way){.implementation = MP_BY_SEARCH,
                           .objective =
                               s->objective_count > 0 ? s->objectives[index] : OBJECTIVE_DEFAULT,
                           .max_delay_s = s->max_delay_s,
                           .max_area_um2 = s->max_area_um2,
                           .max_power_w = s->max_power_w,
                           .runs = s->seeds,
                           .budget_s = s->budget_s,
                           .evaluations = s->evaluations};
}
