/*
 * Recipes: how Yosys and ABC map a design, by name. One file a recipe, recipes/NAME.abc, embedded
 * at build time, and one line in meson.build. Its first line, "# NAME VERSION: SUMMARY", says what
 * it is for; the whole text enters every cache key (mp_synth_recipe_hash()).
 *
 * The rest of a file, line by line:
 *   # ...                 comment
 *   .choose area          how one of the candidates is chosen, by the estimates of arrival.h and
 *                         energy.h:
 *                         clock (the smallest that meets the clock, else the fastest), area,
 *                         delay, product (area x delay), power
 *                         (the least energy a cycle, by energy.h, that meets the clock)
 *   .candidate NAME [adders] [half-adders] [timed] [default]
 *                         one netlist to choose from; what follows are commands of ABC
 *       adders            full adders become the library's own cells first, which ABC leaves
 *                         alone; where the library has none, the candidate is left out
 *       half-adders       half adders too, where the library has them
 *       timed             with `.choose clock`: only tried where the others miss the clock, then
 *                         with a delay target a block
 *       default           no commands: the script that Yosys has for ABC, as it comes
 *   ?COMMAND              only with a driving cell and a load, that is where the library has a
 *                         buffer
 *   {D} {D*1.8}           the delay target in ps, or a multiple of it
 */
#ifndef MP_SYNTH_RECIPE_H
#define MP_SYNTH_RECIPE_H

#include "estimator/util/hash.h"
#include "estimator/util/memory.h"
#include <stdbool.h>

struct mp_synth_recipe {
    const char *name;    /* "auto" */
    const char *summary; /* one line, for --help and doctor */
    unsigned version;    /* of the file, raised when what it does changes */
    const char *text;    /* the whole file */
};

/* The first one is the default. */
size_t mp_synth_recipe_count(void);
const struct mp_synth_recipe *mp_synth_recipe_at(size_t index);
/* NULL or "": the default; NULL result: no recipe has this name. */
const struct mp_synth_recipe *mp_synth_recipe_find(const char *name);
/* The same; MP_E_USAGE lists the names there are. */
int mp_synth_recipe_get(const struct mp_synth_recipe **out, const char *name, struct mp_error *err);
/* All that a synthesis by this recipe depends on, tools and job apart: MP_SYNTH_RECIPE_VERSION,
 * name and text. Unknown names are hashed as names. */
void mp_synth_recipe_hash(struct mp_hash *h, const char *name);

/* What a recipe's text says. */
enum mp_recipe_choice {
    MP_CHOOSE_CLOCK,
    MP_CHOOSE_AREA,
    MP_CHOOSE_DELAY,
    MP_CHOOSE_PRODUCT,
    MP_CHOOSE_POWER
};
struct mp_recipe_script {
    char name[24];
    bool adders, half_adders, timed, is_default;
    char *commands; /* owned; ABC's commands and variables, one a line */
};
#define MP_RECIPE_MAX_SCRIPTS 16
struct mp_recipe_plan {
    enum mp_recipe_choice choice;
    uint32_t script_count; /* 1..MP_RECIPE_MAX_SCRIPTS */
    struct mp_recipe_script scripts[MP_RECIPE_MAX_SCRIPTS];
};
/* Pure; MP_E_INPUT with the line in err->line. Released by the caller, also after an error. */
int mp_recipe_parse(struct mp_recipe_plan *plan, const char *text, struct mp_error *err);
void mp_recipe_release(struct mp_recipe_plan *plan);
/* One line for `abc -script`: "+strash;dch,-f;...", variables filled in. */
void mp_recipe_commands(struct mp_text *out, const struct mp_recipe_script *s, double delay_s,
                        bool constrained);

#endif
