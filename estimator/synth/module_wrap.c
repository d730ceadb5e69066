#include "estimator/synth/module_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* The clock and asynchronous resets go straight in. */
static bool is_registered(const struct mp_module_port *p)
{
    return !p->is_clock && p->reset_active == 0;
}

static void add_range(struct mp_text *t, const struct mp_module_port *p)
{
    mp_text_printf(t, "%s[%u:0] ", p->is_signed ? "signed " : "", p->width - 1);
}

char *mp_module_wrapper(const struct mp_module *m)
{
    struct mp_text t = {0};
    const char *clock = m->clock != NULL ? m->clock : MP_WRAPPER_CLOCK;
    mp_text_printf(&t, "module \\%s_registered (", m->top);
    if (m->clock == NULL)
        mp_text_printf(&t, "input wire %s, ", clock);
    for (size_t i = 0; i < m->port_count; i++) {
        const struct mp_module_port *p = &m->ports[i];
        mp_text_printf(&t, "%s%s ", i > 0 ? ", " : "",
                       p->direction == MP_DIR_INPUT ? "input wire" : "output reg");
        if (p->width > 1 || p->is_signed)
            add_range(&t, p);
        mp_text_printf(&t, "\\%s ", p->name);
    }
    mp_text_add(&t, ");\n");
    for (size_t i = 0; i < m->port_count; i++) {
        const struct mp_module_port *p = &m->ports[i];
        if (!is_registered(p))
            continue;
        mp_text_add(&t, p->direction == MP_DIR_INPUT ? "reg " : "wire ");
        add_range(&t, p);
        mp_text_printf(&t, "\\%s%s ;\n", p->name,
                       p->direction == MP_DIR_INPUT ? "_registered_q" : "_registered_d");
    }
    mp_text_printf(&t, "\\%s dut (", m->top);
    for (size_t i = 0; i < m->port_count; i++) {
        const struct mp_module_port *p = &m->ports[i];
        mp_text_printf(&t, "%s.\\%s (\\%s%s )", i > 0 ? ", " : "", p->name, p->name,
                       !is_registered(p)              ? ""
                       : p->direction == MP_DIR_INPUT ? "_registered_q"
                                                      : "_registered_d");
    }
    mp_text_printf(&t, ");\nalways @(%s \\%s ) begin\n", m->clock_falls ? "negedge" : "posedge",
                   clock);
    for (size_t i = 0; i < m->port_count; i++) {
        const struct mp_module_port *p = &m->ports[i];
        if (!is_registered(p))
            continue;
        if (p->direction == MP_DIR_INPUT)
            mp_text_printf(&t, "\\%s_registered_q <= \\%s ;\n", p->name, p->name);
        else
            mp_text_printf(&t, "\\%s <= \\%s_registered_d ;\n", p->name, p->name);
    }
    mp_text_add(&t, "end\nendmodule\n");
    return t.data;
}
