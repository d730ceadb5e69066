#include "tests/activity/random_netlist.h"
#include <stdlib.h>

struct maker {
    struct mp_text *out;
    const struct mp_library *lib;
    struct mp_random random;
    unsigned inputs, nets, registers, cells;
};

static bool outputs_are_usable(const struct mp_library *lib, const struct mp_lib_cell *c)
{
    unsigned outputs = 0;
    for (uint32_t k = 0; k < c->pin_count; k++) {
        const struct mp_lib_pin *p = &lib->pins[c->first_pin + k];
        if (p->direction == MP_DIR_OUTPUT && (p->function.code == NULL || p->is_three_state))
            return false;
        if (p->direction != MP_DIR_OUTPUT && p->direction != MP_DIR_INPUT)
            return false;
        outputs += p->direction == MP_DIR_OUTPUT;
    }
    return outputs > 0 && c->pin_count <= 62;
}

static bool is_gate(const struct mp_library *lib, const struct mp_lib_cell *c)
{
    return c->sequential == MP_COMBINATIONAL && outputs_are_usable(lib, c);
}

static bool is_rising_register(const struct mp_library *lib, const struct mp_lib_cell *c)
{
    if (c->sequential != MP_FLIP_FLOP || !outputs_are_usable(lib, c) || !c->clocked_on.code)
        return false;
    uint64_t clock = mp_expr_support(&c->clocked_on);
    return (clock & (clock - 1)) == 0 && mp_expr_eval(&c->clocked_on, clock);
}

/* One instance. Inputs come from ports and nets below `limit`; clear and preset only from ports
 * and plain registers (they are the first nets), so that no loop arises. */
static void instance(struct maker *m, const struct mp_lib_cell *c, unsigned limit, bool is_register,
                     unsigned first_asynchronous)
{
    uint64_t clock = is_register ? mp_expr_support(&c->clocked_on) : 0, asynchronous = 0;
    if (is_register && c->clear.code)
        asynchronous |= mp_expr_support(&c->clear);
    if (is_register && c->preset.code)
        asynchronous |= mp_expr_support(&c->preset);
    mp_text_printf(m->out, " \\%s  \\u.%u  (", c->name, m->cells++);
    for (uint32_t k = 0; k < c->pin_count; k++) {
        const struct mp_lib_pin *p = &m->lib->pins[c->first_pin + k];
        mp_text_printf(m->out, "%s.\\%s (", k ? ", " : "", p->name);
        if (p->direction == MP_DIR_OUTPUT) {
            mp_text_printf(m->out, "n[%u])", m->nets++);
            continue;
        }
        unsigned from = asynchronous >> k & 1 ? first_asynchronous : limit;
        uint64_t pick = mp_random_below(&m->random, m->inputs + from + 1);
        if (clock >> k & 1)
            mp_text_add(m->out, "clk)");
        else if (pick < m->inputs)
            mp_text_printf(m->out, "a[%u])", (unsigned)pick);
        else if (pick < m->inputs + from)
            mp_text_printf(m->out, "n[%u])", (unsigned)pick - m->inputs);
        else
            mp_text_add(m->out, "1'b1)");
    }
    mp_text_add(m->out, ");\n");
}

static unsigned output_count(const struct mp_library *lib, const struct mp_lib_cell *c)
{
    unsigned n = 0;
    for (uint32_t k = 0; k < c->pin_count; k++)
        n += lib->pins[c->first_pin + k].direction == MP_DIR_OUTPUT;
    return n;
}

unsigned random_netlist(struct mp_text *out, const struct mp_library *lib, unsigned inputs,
                        unsigned extra, uint64_t seed)
{
    struct maker m = {.out = out, .lib = lib, .inputs = inputs};
    const struct mp_lib_cell **list = mp_alloc(lib->cell_count * 2 + extra, sizeof *list);
    unsigned count = 0, plain, all, total = 0;
    mp_random_seed(&m.random, seed);
    /* plain registers, registers with clear or preset, gates; then more gates */
    for (uint32_t i = 0; i < lib->cell_count; i++)
        if (is_rising_register(lib, &lib->cells[i]) && !lib->cells[i].clear.code &&
            !lib->cells[i].preset.code)
            list[count++] = &lib->cells[i];
    plain = count;
    for (uint32_t i = 0; i < lib->cell_count; i++)
        if (is_rising_register(lib, &lib->cells[i]) &&
            (lib->cells[i].clear.code || lib->cells[i].preset.code))
            list[count++] = &lib->cells[i];
    m.registers = count;
    for (uint32_t i = 0; i < lib->cell_count; i++)
        if (is_gate(lib, &lib->cells[i]))
            list[count++] = &lib->cells[i];
    all = count;
    for (unsigned i = 0; i < extra && all > m.registers; i++)
        list[count++] = list[m.registers + mp_random_below(&m.random, all - m.registers)];
    unsigned plain_nets = 0;
    for (unsigned i = 0; i < count; i++) {
        total += output_count(lib, list[i]);
        if (i + 1 == plain)
            plain_nets = total;
    }
    for (unsigned i = m.registers; i > 1 && i < count; i++) { /* gates in any order */
        unsigned j = i + (unsigned)mp_random_below(&m.random, count - i);
        const struct mp_lib_cell *c = list[i];
        list[i] = list[j];
        list[j] = c;
    }
    mp_text_printf(out, "module r(input clk, input [%u:0] a, output [%u:0] n);\n", inputs - 1,
                   total - 1);
    for (unsigned i = 0; i < count; i++)
        instance(&m, list[i], i < m.registers ? total : m.nets, i < m.registers, plain_nets);
    mp_text_add(out, "endmodule\n");
    free(list);
    return count;
}
