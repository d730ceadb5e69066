#include "estimator/synth/script.h"

#include <math.h>
#include <string.h>

static const struct mp_lib_pin *role_pin(const struct mp_library *lib, uint32_t cell,
                                         enum mp_direction direction)
{
    if (cell == MP_NONE)
        return NULL;
    const struct mp_lib_cell *c = &lib->cells[cell];
    for (uint32_t k = 0; k < c->pin_count; k++) {
        const struct mp_lib_pin *pin = &lib->pins[c->first_pin + k];
        if (pin->direction == direction)
            return pin;
    }
    return NULL;
}

static uint32_t first_input(const struct mp_library *lib, const struct mp_lib_cell *c)
{
    uint32_t k = 0;
    while (k < c->pin_count && lib->pins[c->first_pin + k].direction != MP_DIR_INPUT)
        k++;
    return k;
}

double mp_synth_output_load_f(const struct mp_yosys_job *job)
{
    if (job->output_load_f > 0)
        return job->output_load_f;
    const struct mp_lib_pin *in = role_pin(job->library, job->roles->buffer, MP_DIR_INPUT);
    return in ? 4 * in->capacitance_f : 0;
}

static double table_max(const struct mp_library *lib, uint32_t a, uint32_t b, double load_f)
{
    double x = 0;
    if (a != MP_NONE)
        x = fmax(x, mp_table_lookup(&lib->tables[a], 0, load_f));
    if (b != MP_NONE)
        x = fmax(x, mp_table_lookup(&lib->tables[b], 0, load_f));
    return x;
}

double mp_synth_register_overhead_s(const struct mp_yosys_job *job)
{
    const struct mp_library *lib = job->library;
    if (job->roles->flip_flop == MP_NONE)
        return 0;
    const struct mp_lib_cell *c = &lib->cells[job->roles->flip_flop];
    double load = mp_synth_output_load_f(job), clock_to_q = 0, setup = 0;
    for (uint32_t k = 0; k < c->pin_count; k++) {
        const struct mp_lib_pin *pin = &lib->pins[c->first_pin + k];
        for (uint32_t i = 0; i < pin->arc_count; i++) {
            const struct mp_arc *arc = &lib->arcs[pin->first_arc + i];
            if (!strcmp(arc->type, "rising_edge"))
                clock_to_q = fmax(clock_to_q, table_max(lib, arc->cell_rise, arc->cell_fall, load));
            else if (!strcmp(arc->type, "setup_rising"))
                setup = fmax(setup, table_max(lib, arc->cell_rise, arc->cell_fall, 0));
        }
    }
    return clock_to_q + setup;
}

void mp_synth_constraints(struct mp_text *out, const struct mp_yosys_job *job)
{
    mp_text_add(out, "");
    if (job->roles->buffer == MP_NONE)
        return;
    mp_text_printf(out, "set_driving_cell %s\nset_load %.6f [all_outputs]\n",
                   job->driving_cell ? job->driving_cell
                                     : job->library->cells[job->roles->buffer].name,
                   mp_synth_output_load_f(job) * 1e15);
}

bool mp_synth_has_adder(const struct mp_yosys_job *job, bool half)
{
    return (half ? job->roles->half_adder : job->roles->full_adder) != MP_NONE;
}

/* Yosys's $fa: X is the carry, Y the sum; a half adder is one whose C is 0. */
void mp_synth_adder(struct mp_text *out, const struct mp_yosys_job *job, bool half)
{
    const struct mp_library *lib = job->library;
    const struct mp_lib_cell *cell =
        &lib->cells[half ? job->roles->half_adder : job->roles->full_adder];
    static const char inputs[] = "ABC";
    unsigned input = 0;
    mp_text_printf(out,
                   "(* techmap_celltype = \"$fa\" *)\n"
                   "module %s (A, B, C, X, Y);\n"
                   "parameter WIDTH = 1;\n"
                   "input A, B, C;\noutput X, Y;\n%s"
                   "wire _TECHMAP_FAIL_ = WIDTH != 1%s;\n%s adder (",
                   half ? "half_adder" : "full_adder",
                   half ? "parameter _TECHMAP_CONSTMSK_C_ = 0;\n"
                          "parameter _TECHMAP_CONSTVAL_C_ = 0;\n"
                        : "",
                   half ? " || !_TECHMAP_CONSTMSK_C_ || _TECHMAP_CONSTVAL_C_" : "", cell->name);
    const char *separator = "";
    for (uint32_t k = 0; k < cell->pin_count; k++) {
        const struct mp_lib_pin *pin = &lib->pins[cell->first_pin + k];
        char net = 0;
        if (pin->direction == MP_DIR_INPUT)
            net = inputs[input++];
        else if (pin->direction == MP_DIR_OUTPUT)
            /* With one input at 1 the sum is 1 and the carry 0. */
            net = mp_expr_eval(&pin->function, UINT64_C(1) << first_input(lib, cell)) ? 'Y' : 'X';
        if (net)
            mp_text_printf(out, "%s.%s(%c)", separator, pin->name, net);
        separator = net ? ", " : separator;
    }
    mp_text_add(out, ");\nendmodule\n");
}

static void add_adders(struct mp_text *out, const struct mp_yosys_job *job,
                       const struct mp_synth_target *target)
{
    const char *module = target->module ? target->module : "";
    for (int half = 0; half < 2; half++)
        if ((half ? target->script->half_adders : target->script->adders) &&
            mp_synth_has_adder(job, half))
            mp_text_printf(out, "extract_fa %s %s\ntechmap -map %s %s\ntechmap %s\n",
                           half ? "-ha" : "-fa", module,
                           half ? MP_SYNTH_HALF_ADDERS : MP_SYNTH_FULL_ADDERS, module, module);
}

static void add_abc(struct mp_text *out, const struct mp_yosys_job *job,
                    const struct mp_synth_target *target)
{
    bool constrained = job->roles->buffer != MP_NONE;
    const char *module = target->module ? target->module : "";
    add_adders(out, job, target);
    mp_text_add(out, "abc -liberty " MP_SYNTH_LIBERTY);
    if (constrained)
        mp_text_add(out, " -constr constraints.txt");
    if (target->script->is_default) {
        mp_text_printf(out, " -D %.0f %s\n", fmax(1, target->delay_s * 1e12), module);
        return;
    }
    mp_text_add(out, " -script ");
    mp_recipe_commands(out, target->script, target->delay_s, constrained);
    mp_text_printf(out, "stime,-p %s\n", module);
}

/* First output pin of the role's cell, for hilomap and insbuf. */
static const char *cell_and_output(const struct mp_yosys_job *job, uint32_t cell,
                                   const char **cell_name)
{
    const struct mp_lib_pin *pin = role_pin(job->library, cell, MP_DIR_OUTPUT);
    *cell_name = pin ? job->library->cells[cell].name : NULL;
    return pin ? pin->name : NULL;
}

static void add_tie_cells(struct mp_text *out, const struct mp_yosys_job *job)
{
    const char *high_cell, *low_cell;
    const char *high = cell_and_output(job, job->roles->constant_one, &high_cell);
    const char *low = cell_and_output(job, job->roles->constant_zero, &low_cell);
    /* One cell may have both outputs (sky130's conb): take the pin whose function is the
     * constant. */
    for (int one = 0; one < 2; one++) {
        uint32_t cell = one ? job->roles->constant_one : job->roles->constant_zero;
        if (cell == MP_NONE)
            continue;
        const struct mp_lib_cell *c = &job->library->cells[cell];
        for (uint32_t k = 0; k < c->pin_count; k++) {
            const struct mp_lib_pin *pin = &job->library->pins[c->first_pin + k];
            if (pin->direction != MP_DIR_OUTPUT || !pin->function.code ||
                mp_expr_support(&pin->function) || mp_expr_eval(&pin->function, 0) != (one == 1))
                continue;
            if (one)
                high = pin->name;
            else
                low = pin->name;
        }
    }
    if (high)
        mp_text_printf(out, "hilomap -singleton -hicell %s %s\n", high_cell, high);
    if (low)
        mp_text_printf(out, "hilomap -singleton -locell %s %s\n", low_cell, low);
}

/* Flatten, name, write. Nets that came out of blocks are made private first, so that opt_clean
 * prefers the top module's names (weight_q, product, ...). Ports that share a net get a buffer:
 * `assign {..} = {..}` is beyond Debian's OpenSTA. */
static void add_finish(struct mp_text *out, const struct mp_yosys_job *job, uint32_t candidate)
{
    const char *buffer_cell, *buffer_out = cell_and_output(job, job->roles->buffer, &buffer_cell);
    const struct mp_lib_pin *buffer_in = role_pin(job->library, job->roles->buffer, MP_DIR_INPUT);
    mp_text_printf(out,
                   "rename -hide * %s %%d\n"
                   "opt_clean -purge\n"
                   "rename -enumerate -pattern x%% t:*\n"
                   "flatten\n"
                   "rename -hide w:*.*\n"
                   "opt_clean -purge\n",
                   job->top);
    add_tie_cells(out, job);
    if (buffer_in && buffer_out)
        mp_text_printf(out, "insbuf -buf %s %s %s\n", buffer_cell, buffer_in->name, buffer_out);
    mp_text_printf(out,
                   "splitnets\n"
                   "opt_clean -purge\n"
                   "rename -enumerate -pattern x%% t:*\n"
                   "rename -enumerate -pattern n%% w:*\n"
                   "write_verilog -noattr -noexpr candidate%u.v\n",
                   candidate);
}

void mp_synth_script(struct mp_text *out, const struct mp_yosys_job *job,
                     const struct mp_synth_candidate *candidates, uint32_t candidate_count)
{
    mp_text_printf(out, "%s\nhierarchy -check -top %s\nproc\n",
                   job->rtlil ? "read_rtlil design.il" : "read_verilog design.v", job->top);
    if (job->keep_blocks)
        mp_text_printf(out, "flatten * %s %%d\nhierarchy -top %s\n", job->top, job->top);
    else
        mp_text_add(out, "flatten\n");
    mp_text_add(out, "opt -full\ntechmap\nopt -full\n");
    if (job->variant)
        /* opt_clean sorts by name, so that new names are a new order of everything. */
        mp_text_printf(out, "rename -scramble-name -seed %u t:$_*\nopt_clean\n", job->variant);
    mp_text_add(out, "dfflibmap -liberty " MP_SYNTH_LIBERTY "\nopt_clean\n");
    if (candidate_count > 1)
        mp_text_add(out, "design -save mapped_registers\n");
    for (uint32_t k = 0; k < candidate_count; k++) {
        if (k > 0)
            mp_text_add(out, "design -load mapped_registers\n");
        mp_text_printf(out, "log %s %u %s\n", MP_SYNTH_MARK_CANDIDATE, k, candidates[k].name);
        for (uint32_t t = 0; t < candidates[k].target_count; t++)
            add_abc(out, job, &candidates[k].targets[t]);
        add_finish(out, job, k);
    }
    mp_text_printf(out, "log %s\n", MP_SYNTH_MARK_END);
}

void mp_synth_elaborate_script(struct mp_text *out, const char *top)
{
    mp_text_printf(out,
                   "read_verilog design.v\nhierarchy -check -top %s\nproc\nflatten\ntechmap\n"
                   "simplemap\nopt_clean\nsplitnets\nopt_clean\n"
                   "write_verilog -noattr -noexpr elaborated.v\nlog %s\n",
                   top, MP_SYNTH_MARK_END);
}

static void add_side(struct mp_text *out, const char *top, const char *side)
{
    mp_text_printf(out,
                   "read_verilog %s.v\nhierarchy -check -top %s\nproc\nflatten\ntechmap\n"
                   "simplemap\nsplitnets -ports\nopt_clean\nrename %s %s\ndesign -stash %s\n",
                   side, top, top, side, side);
}

void mp_synth_equivalence_script(struct mp_text *out, const char *top)
{
    add_side(out, top, "gold");
    mp_text_add(out, "read_liberty -ignore_miss_func " MP_SYNTH_LIBERTY "\n");
    add_side(out, top, "gate");
    mp_text_printf(out,
                   "design -copy-from gold -as gold gold\ndesign -copy-from gate -as gate gate\n"
                   "expose -evert-dff -shared gold gate\nopt_clean\n"
                   "log %s\nselect -count gold/t:$_*FF*_ gate/t:$_*FF*_ gold/t:$_*LATCH*_ "
                   "gate/t:$_*LATCH*_\n"
                   "miter -equiv -flatten gold gate cut\nhierarchy -top cut\n"
                   "techmap\nsimplemap\nopt -fast\naigmap\nwrite_aiger -zinit cut.aig\n"
                   "log %s\n",
                   MP_SYNTH_MARK_REGISTERS, MP_SYNTH_MARK_END);
}
