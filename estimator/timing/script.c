#include "estimator/timing/script.h"

#include <string.h>

static bool has_data_inputs(const struct mp_netlist *n, const char *clock)
{
    for (uint32_t k = 0; k < n->port_count; k++)
        if (n->ports[k].direction == MP_DIR_INPUT &&
            (!clock || strcmp(n->ports[k].name, clock) != 0))
            return true;
    return false;
}

/* " -clock_fall" if that is the edge of the registers: ports belong to registers outside that use
 * the same edge. */
static const char *edge_option(const struct mp_netlist *n)
{
    if (n->register_count == 0)
        return "";
    const struct mp_expr *clock = &n->library->cells[n->cell_type[n->registers[0]]].clocked_on;
    return clock->code && !mp_expr_eval(clock, mp_expr_support(clock)) ? " -clock_fall" : "";
}

/* "  COMMAND [list [get_ports {a}] ...]" of the data inputs; nothing where there are none. */
static void add_for_inputs(struct mp_text *out, const struct mp_netlist *n, const char *clock,
                           const char *command)
{
    if (!has_data_inputs(n, clock))
        return;
    mp_text_printf(out, "  %s [list", command);
    for (uint32_t k = 0; k < n->port_count; k++) {
        const struct mp_port *p = &n->ports[k];
        if (p->direction != MP_DIR_INPUT || (clock && !strcmp(p->name, clock)))
            continue;
        mp_text_printf(out, " [get_ports {%s}]", p->name);
    }
    mp_text_add(out, "]\n");
}

/* What is outside: a register without delay, unless the job says more. */
static void add_boundary(struct mp_text *out, const struct mp_opensta_job *job, const char *clock)
{
    const struct mp_netlist *n = job->netlist;
    struct mp_text command = {0};
    mp_text_printf(&command, "set_input_delay 0 -clock macppa_clock%s", edge_option(n));
    add_for_inputs(out, n, clock, command.data);
    mp_text_release(&command);
    if (job->driving_cell) {
        mp_text_printf(&command, "set_driving_cell -lib_cell %s", job->driving_cell);
        add_for_inputs(out, n, clock, command.data);
        mp_text_release(&command);
    }
    mp_text_printf(out, "  set_output_delay 0 -clock macppa_clock%s [all_outputs]\n",
                   edge_option(n));
    if (job->output_load_f > 0)
        mp_text_printf(out, "  set_load %.17g [all_outputs]\n", job->output_load_f * 1e15);
}

int mp_opensta_script(struct mp_text *out, const struct mp_opensta_job *job,
                      const char *liberty_path, const char *netlist_path, struct mp_error *err)
{
    const char *const paths[] = {liberty_path, netlist_path};
    for (size_t k = 0; k < 2; k++)
        if (strpbrk(paths[k], "{}\\\n"))
            return mp_fail(err, MP_E_INPUT,
                           "OpenSTA cannot open \"%s\": a brace or backslash in a "
                           "path; move the file",
                           paths[k]);
    const struct mp_netlist *n = job->netlist;
    const char *clock = mp_netlist_clock_port(n);
    if (n->register_count && !clock)
        return mp_fail(err, MP_E_UNSUPPORTED, "%s: the clock of the registers is not an input port",
                       n->name);
    bool has_wires = job->wire_load && !job->wire_load->is_none;
    mp_text_printf(out,
                   "if {[catch {\n"
                   "  read_liberty {%s}\n"
                   "%s"
                   "  read_verilog {%s}\n"
                   "  link_design %s\n"
                   "%s"
                   "  set_cmd_units -time ns -capacitance fF\n",
                   liberty_path, has_wires ? "  read_liberty " MP_STA_WIRE_NAME "\n" : "",
                   netlist_path, n->name,
                   has_wires ? "  set_wire_load_model -name " MP_WIRE_LOAD_NAME "\n" : "");
    mp_text_printf(out, "  create_clock -name macppa_clock -period %.17g", job->period_s * 1e9);
    if (clock)
        mp_text_printf(out, " [get_ports {%s}]", clock);
    mp_text_add(out, "\n");
    add_boundary(out, job, clock);
    mp_text_add(out, "  puts " MP_STA_MARK_BEGIN "\n"
                     "  puts \"slack [worst_slack]\"\n"
                     "  set lines {}\n"
                     "  foreach instance [get_cells *] {\n"
                     "    set name [get_full_name $instance]\n"
                     "    foreach pin [get_pins -of_objects $instance] {\n"
                     "      set vertex [lindex [$pin vertices] 0]\n"
                     "      lappend lines \"pin $name [get_property $pin lib_pin_name]"
                     " [lindex [$vertex slews rise] 1] [lindex [$vertex slews fall] 1]\"\n"
                     "    }\n"
                     "  }\n"
                     "  puts [join $lines \\n]\n");
    if (job->want_sdf)
        mp_text_add(out, "  write_sdf -digits 9 -no_timestamp " MP_STA_SDF_NAME "\n");
    mp_text_add(out, "  puts \"" MP_STA_MARK_END " [llength $lines]\"\n"
                     "} message]} { puts \"Error: $message\" }\n");
    return MP_OK;
}
