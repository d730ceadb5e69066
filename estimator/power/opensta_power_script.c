#include "estimator/power/opensta_power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAIF_CYCLES 1e9

/* Name of the single-bit input port that clocks the registers; NULL: none. */
static const char *clock_port(const struct mp_netlist *n)
{
    for (uint32_t k = 0; n->clock_net != MP_NONE && k < n->port_count; k++)
        if (n->ports[k].direction == MP_DIR_INPUT && n->ports[k].width == 1 &&
            n->ports[k].nets[0] == n->clock_net)
            return n->ports[k].name;
    return NULL;
}

static void add_activity(struct mp_text *out, const char *top)
{
    mp_text_printf(out,
                   "  if {[llength [info commands ::sta::read_saif]]} {\n"
                   "    puts \"macppa-begin saif\"\n"
                   "    read_saif -scope {%s} activity.saif\n"
                   "    report_activity_annotation\n"
                   "  } else {\n"
                   "    puts \"macppa-begin pins\"\n"
                   "    set file [open activity.txt]\n"
                   "    while {[gets $file line] >= 0} {\n"
                   "      set words [split $line { }]\n"
                   "      set activity([lindex $words 0]) [lrange $words 1 2]\n"
                   "    }\n"
                   "    close $file\n"
                   "    foreach instance [get_cells *] {\n"
                   "      set name [string map {\\\\ {}} [get_full_name $instance]]\n"
                   "      foreach pin [get_pins -of_objects $instance] {\n"
                   "        set key $name/[get_property $pin lib_pin_name]\n"
                   "        if {[info exists activity($key)]} {\n"
                   "          ::sta::set_power_pin_activity $pin {*}$activity($key)\n"
                   "        }\n"
                   "      }\n"
                   "    }\n"
                   "  }\n",
                   top);
}

int mp_opensta_power_script(struct mp_text *out, const struct mp_opensta_power_job *job,
                            const char *netlist_path, struct mp_error *err)
{
    const struct mp_netlist *n = job->in->netlist;
    const char *clock = clock_port(n);

    if (strpbrk(netlist_path, "{}\\\n") != NULL)
        return mp_fail(err, MP_E_INPUT,
                       "OpenSTA cannot open \"%s\": a brace or backslash in a path; move the file",
                       netlist_path);
    if (n->register_count > 0 && clock == NULL)
        return mp_fail(err, MP_E_UNSUPPORTED, "%s: the clock of the registers is not an input port",
                       n->name);
    mp_text_add(out, "if {[catch {\n");
    for (size_t i = 0; i < job->liberty_count; i++)
        mp_text_printf(out, "  read_liberty cells%zu.lib\n", i);
    mp_text_printf(out,
                   "  read_verilog {%s}\n"
                   "  link_design %s\n"
                   "  set_cmd_units -time ns\n"
                   "  create_clock -name macppa_clock -period %.17g",
                   netlist_path, n->name, job->in->period_s * 1e9);
    if (clock != NULL)
        mp_text_printf(out, " [get_ports {%s}]", clock);
    mp_text_add(out, "\n");
    if (job->wire_load_model != NULL)
        mp_text_printf(out, "  set_wire_load_model -name {%s}\n", job->wire_load_model);
    add_activity(out, n->name);
    mp_text_add(out, "  if {[llength [info commands ::sta::cmd_scene]]} {\n"
                     "    set corner [::sta::cmd_scene]\n"
                     "  } else {\n"
                     "    set corner [::sta::cmd_corner]\n"
                     "  }\n"
                     "  set lines {}\n"
                     "  foreach instance [get_cells *] {\n"
                     "    set parts [::sta::instance_power $instance $corner]\n"
                     "    lappend lines \"power [get_full_name $instance] [lrange $parts 0 2]\"\n"
                     "  }\n"
                     "  puts [join $lines \\n]\n"
                     "  puts \"macppa-end [llength $lines]\"\n"
                     "} message]} { puts \"Error: $message\" }\n");
    return MP_OK;
}

static const char *pin_name(const struct mp_netlist *n, uint32_t cell, uint32_t pin)
{
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
    return n->library->pins[type->first_pin + pin - n->cell_first_pin[cell]].name;
}

void mp_opensta_power_pins(struct mp_text *out, const struct mp_power_input *in)
{
    const struct mp_netlist *n = in->netlist;

    for (uint32_t pin = 0; pin < n->pin_count; pin++) {
        uint32_t cell = n->pin_cell[pin], net = n->pin_net[pin];
        if (net == MP_NONE || net == n->clock_net)
            continue;
        mp_text_printf(out, "%s/%s %.17g %.17g\n", n->cell_name[cell], pin_name(n, cell, pin),
                       in->transitions_per_cycle[net], in->duty[net]);
    }
}

/* SAIF identifiers: what is neither letter, digit nor underscore is escaped. */
static void add_escaped(struct mp_text *out, const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || *c == '_';
        mp_text_printf(out, plain ? "%c" : "\\%c", *c);
    }
}

static void add_net(struct mp_text *out, const char *name, double duration, double transitions,
                    double duty)
{
    double t1 = round(duration * duty);

    mp_text_add(out, "(");
    add_escaped(out, name);
    mp_text_printf(out, " (T0 %.0f) (T1 %.0f) (TX 0) (TC %.0f) (IG 0))\n", duration - t1, t1,
                   round(transitions * SAIF_CYCLES));
}

void mp_opensta_power_saif(struct mp_text *out, const struct mp_power_input *in)
{
    const struct mp_netlist *n = in->netlist;
    double duration = round(in->period_s * 1e15) * SAIF_CYCLES;

    mp_text_printf(out,
                   "(SAIFILE\n(SAIFVERSION \"2.0\")\n(DIRECTION \"backward\")\n(DIVIDER / )\n"
                   "(TIMESCALE 1 fs)\n(DURATION %.0f)\n(INSTANCE %s\n(NET\n",
                   duration, n->name);
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t b = 0; b < n->ports[p].width; b++) {
            const struct mp_port *port = &n->ports[p];
            char *name =
                port->is_vector ? mp_asprintf("%s[%u]", port->name, b) : mp_strdup(port->name);
            add_net(out, name, duration, in->transitions_per_cycle[port->nets[b]],
                    in->duty[port->nets[b]]);
            free(name);
        }
    mp_text_add(out, ")\n");
    for (uint32_t cell = 0; cell < n->cell_count; cell++) {
        mp_text_add(out, "(INSTANCE ");
        add_escaped(out, n->cell_name[cell]);
        mp_text_add(out, "\n(NET\n");
        for (uint32_t pin = n->cell_first_pin[cell]; pin < n->cell_first_pin[cell + 1]; pin++)
            if (n->pin_net[pin] != MP_NONE)
                add_net(out, pin_name(n, cell, pin), duration,
                        in->transitions_per_cycle[n->pin_net[pin]], in->duty[n->pin_net[pin]]);
        mp_text_add(out, "))\n");
    }
    mp_text_add(out, "))\n");
}

void mp_opensta_power_hide_wire_load(char *text)
{
    static const char name[] = "default_wire_load";

    for (char *at = text; (at = strstr(at, name)) != NULL;)
        for (; *at != '\0' && *at != ';' && *at != '\n'; at++)
            *at = ' ';
}
