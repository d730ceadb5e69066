#include "estimator/synth/module.h"

static bool reads_one_pin(const struct mp_expr *e)
{
    uint64_t support = e->code != NULL ? mp_expr_support(e) : 0;
    return support != 0 && (support & (support - 1)) == 0;
}

/* As the prepared library holds it: stores one pin at one edge. */
static bool is_usable(const struct mp_lib_cell *c, bool falls)
{
    return c->sequential == MP_FLIP_FLOP && !c->dont_use && !c->is_pad_or_macro && !c->is_scan &&
           reads_one_pin(&c->next_state) && reads_one_pin(&c->clocked_on) &&
           (c->clear.code == NULL || reads_one_pin(&c->clear)) &&
           (c->preset.code == NULL || reads_one_pin(&c->preset)) &&
           mp_expr_eval(&c->clocked_on, mp_expr_support(&c->clocked_on)) != falls;
}

/* Yosys ties unused clears and presets off, but turns the clock round before it does that: for the
 * falling edge there must be just what is needed. */
static bool has(const struct mp_library *library, bool falls, enum mp_module_need need)
{
    for (uint32_t i = 0; i < library->cell_count; i++) {
        const struct mp_lib_cell *c = &library->cells[i];
        unsigned pins = (c->clear.code != NULL ? 1u : 0u) + (c->preset.code != NULL ? 1u : 0u);
        if (is_usable(c, falls) && (falls ? pins == (unsigned)need : pins >= (unsigned)need))
            return true;
    }
    return false;
}

int mp_module_check_library(const struct mp_module *m, const struct mp_library *library,
                            struct mp_error *err)
{
    static const char *const what[MP_NEED_COUNT] = {
        " without reset", " with an asynchronous reset or set",
        " with both an asynchronous reset and an asynchronous set"};
    static const char *const instead[MP_NEED_COUNT] = {
        "use the other edge", "use a synchronous reset", "use a reset to a constant"};
    for (unsigned k = 0; k < MP_NEED_COUNT; k++) {
        const struct mp_module_register *r = &m->needs[k];
        if (r->name != NULL && !has(library, m->clock_falls, (enum mp_module_need)k))
            return mp_fail_at(err, MP_E_UNSUPPORTED, r->file, r->line,
                              "register %s needs a %s-edge flip-flop%s, which library %s does not "
                              "have: %s, or another library",
                              r->name, m->clock_falls ? "falling" : "rising", what[k],
                              library->name != NULL ? library->name : "(unnamed)", instead[k]);
    }
    return MP_OK;
}
