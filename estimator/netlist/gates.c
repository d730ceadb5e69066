#include "estimator/netlist/gates.h"
#include <stdio.h>

/* Names, pins and functions from Yosys's simcells.v. */
struct gate {
    const char *name, *inputs, *function;
};
static const struct gate gates[] = {
    {"$_BUF_", "A", "A"},
    {"$_NOT_", "A", "!A"},
    {"$_AND_", "AB", "A*B"},
    {"$_NAND_", "AB", "!(A*B)"},
    {"$_OR_", "AB", "A+B"},
    {"$_NOR_", "AB", "!(A+B)"},
    {"$_XOR_", "AB", "A^B"},
    {"$_XNOR_", "AB", "!(A^B)"},
    {"$_ANDNOT_", "AB", "A*!B"},
    {"$_ORNOT_", "AB", "A+!B"},
    {"$_MUX_", "ABS", "(S*B)+(!S*A)"},
    {"$_NMUX_", "ABS", "!((S*B)+(!S*A))"},
    {"$_MUX4_", "ABCDST", "(T*((S*D)+(!S*C)))+(!T*((S*B)+(!S*A)))"},
    {"$_MUX8_", "ABCDEFGHSTU",
     "(U*((T*((S*H)+(!S*G)))+(!T*((S*F)+(!S*E)))))+(!U*((T*((S*D)+(!S*C)))+(!T*((S*B)+(!S*A)))))"},
    {"$_MUX16_", "ABCDEFGHIJKLMNOPSTUV",
     "(V*((U*((T*((S*P)+(!S*O)))+(!T*((S*N)+(!S*M)))))+(!U*((T*((S*L)+(!S*K)))+(!T*((S*J)+(!S*I))))"
     ")"
     "))+(!V*((U*((T*((S*H)+(!S*G)))+(!T*((S*F)+(!S*E)))))+(!U*((T*((S*D)+(!S*C)))+(!T*((S*B)+(!S*"
     "A)"
     "))))))"},
    {"$_AOI3_", "ABC", "!((A*B)+C)"},
    {"$_OAI3_", "ABC", "!((A+B)*C)"},
    {"$_AOI4_", "ABCD", "!((A*B)+(C*D))"},
    {"$_OAI4_", "ABCD", "!((A+B)*(C+D))"},
};

static void add_input(struct mp_text *t, const char *name, bool is_clock)
{
    mp_text_printf(t, "  pin(%s) { direction : input; capacitance : 0;%s }\n", name,
                   is_clock ? " clock : true;" : "");
}

static void add_gate(struct mp_text *t, const struct gate *g)
{
    mp_text_printf(t, " cell(\"%s\") { area : 0;\n", g->name);
    for (const char *s = g->inputs; *s; s++) {
        const char pin[2] = {*s, '\0'};
        add_input(t, pin, false);
    }
    mp_text_printf(t, "  pin(Y) { direction : output; function : \"%s\"; }\n }\n", g->function);
}

/* A pin that is active at the level that `letter` names, as an expression. */
static const char *active(const char *pin, char letter, char out[8])
{
    out[0] = '!';
    snprintf(out + 1, 7, "%s", pin);
    return letter == 'N' ? out : out + 1;
}

struct register_kind {
    const char *name, *next, *clear, *preset; /* clear, preset: NULL or expression */
    char edge;
    const char *pins[4]; /* beside D and C, NULL-terminated */
};

static void add_register(struct mp_text *t, const struct register_kind *r)
{
    mp_text_printf(t, " cell(\"%s\") { area : 0;\n  ff(IQ, IQN) { next_state : \"%s\"; ", r->name,
                   r->next);
    mp_text_printf(t, "clocked_on : \"%s\";", r->edge == 'N' ? "!C" : "C");
    if (r->clear)
        mp_text_printf(t, " clear : \"%s\";", r->clear);
    if (r->preset)
        mp_text_printf(t, " preset : \"%s\";", r->preset);
    if (r->clear && r->preset)
        mp_text_add(t, " clear_preset_var1 : L; clear_preset_var2 : H;");
    mp_text_add(t, " }\n");
    add_input(t, "D", false);
    add_input(t, "C", true);
    for (int i = 0; i < 4 && r->pins[i]; i++)
        add_input(t, r->pins[i], false);
    mp_text_add(t, "  pin(Q) { direction : output; function : \"IQ\"; }\n }\n");
}

#define LEVEL(i, bit) ((i) >> (bit)&1 ? 'P' : 'N')

/* $_DFF_<edge>_ and $_DFFE_<edge><enable>_, $_DFFSR[E]_<edge><set><reset>[<enable>]_, and
 * $_ALDFF[E]_<edge><load>[<enable>]_. */
static void add_plain_registers(struct mp_text *t)
{
    char name[32], next[96], clear[64], preset[64], e[8], s[8], r[8], l[8];
    for (unsigned i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "$_DFF_%c_", LEVEL(i, 0));
        add_register(t, &(struct register_kind){name, "D", NULL, NULL, LEVEL(i, 0), {NULL}});
    }
    for (unsigned i = 0; i < 4; i++) {
        const char *enable = active("E", LEVEL(i, 1), e);
        snprintf(next, sizeof next, "(%s*D)+(!(%s)*IQ)", enable, enable);
        snprintf(name, sizeof name, "$_DFFE_%c%c_", LEVEL(i, 0), LEVEL(i, 1));
        add_register(t, &(struct register_kind){name, next, NULL, NULL, LEVEL(i, 0), {"E"}});
    }
    for (unsigned i = 0; i < 16; i++) { /* reset wins over set */
        const char *enable = active("E", LEVEL(i, 3), e);
        snprintf(clear, sizeof clear, "%s", active("R", LEVEL(i, 2), r));
        snprintf(preset, sizeof preset, "%s", active("S", LEVEL(i, 1), s));
        snprintf(next, sizeof next, "(%s*D)+(!(%s)*IQ)", enable, enable);
        snprintf(name, sizeof name, "$_DFFSRE_%c%c%c%c_", LEVEL(i, 0), LEVEL(i, 1), LEVEL(i, 2),
                 LEVEL(i, 3));
        add_register(
            t, &(struct register_kind){name, next, clear, preset, LEVEL(i, 0), {"S", "R", "E"}});
        if (i < 8) {
            snprintf(name, sizeof name, "$_DFFSR_%c%c%c_", LEVEL(i, 0), LEVEL(i, 1), LEVEL(i, 2));
            add_register(
                t, &(struct register_kind){name, "D", clear, preset, LEVEL(i, 0), {"S", "R"}});
        }
    }
    for (unsigned i = 0; i < 8; i++) { /* asynchronous load: clear or preset by the data */
        const char *enable = active("E", LEVEL(i, 2), e), *load = active("L", LEVEL(i, 1), l);
        snprintf(clear, sizeof clear, "%s*!AD", load);
        snprintf(preset, sizeof preset, "%s*AD", load);
        snprintf(next, sizeof next, "(%s*D)+(!(%s)*IQ)", enable, enable);
        snprintf(name, sizeof name, "$_ALDFFE_%c%c%c_", LEVEL(i, 0), LEVEL(i, 1), LEVEL(i, 2));
        add_register(
            t, &(struct register_kind){name, next, clear, preset, LEVEL(i, 0), {"L", "AD", "E"}});
        if (i < 4) {
            snprintf(name, sizeof name, "$_ALDFF_%c%c_", LEVEL(i, 0), LEVEL(i, 1));
            add_register(
                t, &(struct register_kind){name, "D", clear, preset, LEVEL(i, 0), {"L", "AD"}});
        }
    }
}

/* $_[S]DFF[CE|E]_<edge><reset level><reset value>[<enable level>]_ */
static void add_reset_registers(struct mp_text *t)
{
    char name[32], next[96], plain[64], e[8], r[8];
    for (unsigned i = 0; i < 16; i++) {
        char edge = LEVEL(i, 0), level = LEVEL(i, 1), enable_level = LEVEL(i, 3);
        bool to_one = (i >> 2 & 1) != 0;
        int value = to_one ? '1' : '0';
        const char *reset = active("R", level, r), *enable = active("E", enable_level, e);
        const char *clear = to_one ? NULL : reset, *preset = to_one ? reset : NULL;
        snprintf(plain, sizeof plain, "(%s*D)+(!(%s)*IQ)", enable, enable);
        snprintf(name, sizeof name, "$_DFFE_%c%c%c%c_", edge, level, value, enable_level);
        add_register(t, &(struct register_kind){name, plain, clear, preset, edge, {"R", "E"}});
        snprintf(name, sizeof name, "$_SDFFE_%c%c%c%c_", edge, level, value, enable_level);
        if (to_one)
            snprintf(next, sizeof next, "(%s)+(%s)", reset, plain);
        else
            snprintf(next, sizeof next, "!(%s)*(%s)", reset, plain);
        add_register(t, &(struct register_kind){name, next, NULL, NULL, edge, {"R", "E"}});
        snprintf(name, sizeof name, "$_SDFFCE_%c%c%c%c_", edge, level, value, enable_level);
        if (to_one)
            snprintf(next, sizeof next, "(%s*((%s)+D))+(!(%s)*IQ)", enable, reset, enable);
        else
            snprintf(next, sizeof next, "(%s*(!(%s)*D))+(!(%s)*IQ)", enable, reset, enable);
        add_register(t, &(struct register_kind){name, next, NULL, NULL, edge, {"R", "E"}});
        if (i >= 8)
            continue;
        snprintf(name, sizeof name, "$_DFF_%c%c%c_", edge, level, value);
        add_register(t, &(struct register_kind){name, "D", clear, preset, edge, {"R"}});
        snprintf(name, sizeof name, "$_SDFF_%c%c%c_", edge, level, value);
        if (to_one)
            snprintf(next, sizeof next, "(%s)+D", reset);
        else
            snprintf(next, sizeof next, "!(%s)*D", reset);
        add_register(t, &(struct register_kind){name, next, NULL, NULL, edge, {"R"}});
    }
}

/* Known so that the message is "is a latch", not "no such cell". */
static void add_latches(struct mp_text *t)
{
    for (unsigned i = 0; i < 2; i++)
        mp_text_printf(t,
                       " cell(\"$_DLATCH_%c_\") { area : 0;\n  latch(IQ, IQN) { data_in : \"D\"; "
                       "enable : \"%s\"; }\n  pin(E) { direction : input; capacitance : 0; }\n  "
                       "pin(D) { direction : input; capacitance : 0; }\n  pin(Q) { direction : "
                       "output; function : \"IQ\"; }\n }\n",
                       LEVEL(i, 0), i ? "E" : "!E");
    mp_text_add(t,
                " cell(\"$_TBUF_\") { area : 0;\n"
                "  pin(A) { direction : input; capacitance : 0; }\n"
                "  pin(E) { direction : input; capacitance : 0; }\n"
                "  pin(Y) { direction : output; function : \"A\"; three_state : \"!E\"; }\n }\n");
}

int mp_gates_library(struct mp_library *lib, struct mp_error *err)
{
    struct mp_text t = {0};
    mp_text_add(&t, "library(yosys_gates) {\n time_unit : \"1ns\"; voltage_unit : \"1V\";\n"
                    " capacitive_load_unit (1, pf); leakage_power_unit : \"1nW\";\n"
                    " nom_voltage : 1; nom_temperature : 25; nom_process : 1;\n");
    for (size_t i = 0; i < sizeof gates / sizeof *gates; i++)
        add_gate(&t, &gates[i]);
    add_plain_registers(&t);
    add_reset_registers(&t);
    add_latches(&t);
    mp_text_add(&t, "}\n");
    int rc = mp_library_read_text(lib, t.data, t.size, "yosys_gates", err);
    mp_text_release(&t);
    return rc;
}
