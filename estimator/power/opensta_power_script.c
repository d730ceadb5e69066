#include "estimator/power/opensta_power.h"

#include <string.h>

static bool has_wires(const struct mp_opensta_power_job *job)
{
    return job->wire_load != NULL && !job->wire_load->is_none;
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
    const char *clock = mp_netlist_clock_port(n);

    if (strpbrk(netlist_path, "{}\\\n") != NULL)
        return mp_fail(err, MP_E_INPUT,
                       "OpenSTA cannot open \"%s\": a brace or backslash in a path; move the file",
                       netlist_path);
    if (n->register_count > 0 && clock == NULL)
        return mp_fail(err, MP_E_UNSUPPORTED, "%s: the clock of the registers is not an input port",
                       n->name);
    mp_text_add(out, "if {[catch {\n");
    if (has_wires(job))
        mp_text_add(out, "  read_liberty " MP_OPENSTA_POWER_WIRES "\n");
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
    if (has_wires(job))
        mp_text_add(out, "  set_wire_load_model -name " MP_WIRE_LOAD_NAME "\n");
    if (job->output_load_f > 0)
        mp_text_printf(out, "  set_cmd_units -capacitance fF\n  set_load %.17g [all_outputs]\n",
                       job->output_load_f * 1e15);
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

void mp_opensta_power_hide_wire_load(char *text)
{
    static const char name[] = "default_wire_load";

    for (char *at = text; (at = strstr(at, name)) != NULL;)
        for (; *at != '\0' && *at != ';' && *at != '\n'; at++)
            *at = ' ';
}
