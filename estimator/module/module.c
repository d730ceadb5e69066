#include "estimator/module/module.h"
#include "estimator/netlist/gates.h"
#include "estimator/synth/yosys.h"
#include "estimator/util/file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_note(struct mp_user_design *d, char *text)
{
    d->notes = mp_realloc(d->notes, d->note_count + 1, sizeof *d->notes);
    d->notes[d->note_count++] = text;
}

/* ---- Verilog */

static int read_verilog(struct mp_user_design *d, const struct mp_user_job *job,
                        struct mp_error *err)
{
    struct mp_module_job source = job->source;
    int rc;

    source.program = job->program;
    source.timeout_s = job->timeout_s;
    source.temp_dir = job->temp_dir;
    source.keep_dir = job->keep_dir;
    rc = mp_module_read(&d->module, &source, err);
    d->tool_wall_s += d->module.wall_s;
    if (rc < 0 || (rc = mp_module_check_library(&d->module, &job->target->library, err)) < 0 ||
        (rc = mp_gates_library(&d->gates, err)) < 0 ||
        (rc = mp_netlist_read_text(&d->rtl, &d->gates, d->module.rtl_verilog,
                                   strlen(d->module.rtl_verilog), "elaborated.v", d->module.top,
                                   err)) < 0 ||
        (rc = mp_netlist_levelise(&d->rtl, err)) < 0)
        return rc;
    d->name = mp_strdup(d->module.top);
    d->clock = d->module.clock != NULL ? mp_strdup(d->module.clock) : NULL;
    for (size_t i = 0; i < d->module.note_count; i++)
        add_note(d, mp_strdup(d->module.notes[i]));
    return MP_OK;
}

/* ---- a netlist that is mapped */

static const char *clock_port(const struct mp_netlist *n)
{
    for (uint32_t p = 0; p < n->port_count && n->clock_net != MP_NONE; p++)
        for (uint32_t k = 0; k < n->ports[p].width; k++)
            if (n->ports[p].direction == MP_DIR_INPUT && n->ports[p].nets[k] == n->clock_net)
                return n->ports[p].name;
    return NULL;
}

bool mp_user_job_needs_no_simulation(const struct mp_user_job *job)
{
    return job->mapped && job->activity_given && job->golden == NULL;
}

static int check_mapped_clock(const struct mp_user_design *d, const struct mp_user_job *job,
                              struct mp_error *err)
{
    const char *wanted = job->source.clock, *path = job->source.files[0].path;

    if (wanted == NULL)
        return MP_OK;
    if (mp_netlist_port(&d->rtl, wanted) == MP_NONE)
        return mp_fail_at(err, MP_E_USAGE, path, 0, "module %s has no port %s to be its clock",
                          d->name, wanted);
    if (d->clock != NULL && strcmp(d->clock, wanted) != 0)
        return mp_fail_at(err, MP_E_UNSUPPORTED, path, 0,
                          "the registers of %s are clocked by %s, not by %s", d->name, d->clock,
                          wanted);
    return MP_OK;
}

static int read_netlist(struct mp_user_design *d, const struct mp_user_job *job,
                        struct mp_error *err)
{
    const struct mp_module_file *file = job->source.files;
    struct mp_text text = {0};
    struct mp_error own = MP_ERROR_INIT;
    int rc = MP_OK;

    if (job->source.file_count != 1)
        return mp_fail(err, MP_E_USAGE, "a mapped netlist is one file; %zu were given",
                       job->source.file_count);
    if (job->source.parameter_count > 0 || job->source.registered)
        return mp_fail(err, MP_E_USAGE, "a mapped netlist has no parameters and gets no registers");
    if (file->text != NULL)
        mp_text_add(&text, file->text);
    else
        rc = mp_file_read(&text, file->path, 0, err);
    if (rc == MP_OK)
        rc = mp_netlist_read_text(&d->rtl, &job->target->library, text.data, text.size, file->path,
                                  job->source.top, err);
    if (rc < 0) {
        mp_text_release(&text);
        return rc;
    }
    d->netlist_verilog = text.data;
    d->name = mp_strdup(d->rtl.name);
    d->rtl.allows_both_edges = mp_user_job_needs_no_simulation(job);
    if ((rc = mp_netlist_levelise(&d->rtl, &own)) < 0) {
        mp_fail_at(err, (enum mp_code)rc, file->path, own.line, "%s", own.message);
        return rc;
    }
    d->clock = clock_port(&d->rtl) != NULL ? mp_strdup(clock_port(&d->rtl)) : NULL;
    return check_mapped_clock(d, job, err);
}

/* ---- both */

static void make_hash(struct mp_user_design *d, const struct mp_user_job *job)
{
    struct mp_hash *h = mp_hash_create();
    char text[256];

    mp_hash_u64(h, MP_MODULE_PROOF_VERSION);
    mp_hash_string(h, d->mapped ? d->netlist_verilog : d->module.hash);
    for (uint32_t i = 0; i < d->bindings.count; i++) {
        mp_hash_string(h, d->bindings.ports[i].port);
        mp_hash_string(h, mp_binding_text(&d->bindings, &d->bindings.ports[i], text, sizeof text));
        mp_hash_u64(h, d->bindings.ports[i].fill);
    }
    mp_hash_u64(h, d->bindings.warmup_cycles);
    mp_hash_u64(h, d->bindings.reset_cycles);
    mp_hash_string(h, job->golden);
    mp_hash_u64(h, job->golden != NULL ? (uint64_t)job->golden_latency : 0);
    mp_hash_digest(h, d->hash);
    mp_hash_destroy(h);
}

/* [net] 1: constant, also behind cells that see nothing but constants (ports that share a constant
 * get a buffer each). */
static uint8_t *find_constants(const struct mp_netlist *n)
{
    uint8_t *constant = mp_alloc(n->net_count, 1);

    constant[0] = constant[1] = 1;
    for (uint32_t i = 0; i < n->order_count; i++) {
        uint32_t cell = n->order[i], first = n->cell_first_pin[cell];
        const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
        const struct mp_lib_pin *pins = &n->library->pins[type->first_pin];
        bool all = true;
        for (uint32_t k = 0; k < type->pin_count; k++)
            all = all && (pins[k].direction != MP_DIR_INPUT || constant[n->pin_net[first + k]]);
        for (uint32_t k = 0; k < type->pin_count && all; k++)
            if (pins[k].direction == MP_DIR_OUTPUT && n->pin_net[first + k] != MP_NONE)
                constant[n->pin_net[first + k]] = 1;
    }
    return constant;
}

/* Something must be left that can move. */
static int check_outputs(const struct mp_netlist *n, const char *file, struct mp_error *err)
{
    uint8_t *constant = find_constants(n);
    bool moves = false;

    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t k = 0; k < n->ports[p].width && n->ports[p].direction == MP_DIR_OUTPUT; k++)
            moves = moves || !constant[n->ports[p].nets[k]];
    free(constant);
    if (n->cell_count == 0)
        return mp_fail_at(err, MP_E_UNSUPPORTED, file, 0,
                          "module %s has no cells after optimisation: its outputs are inputs or "
                          "constants, and there is no power to estimate",
                          n->name);
    if (!moves)
        return mp_fail_at(err, MP_E_UNSUPPORTED, file, 0,
                          "all outputs of module %s are constant: there is no power to estimate",
                          n->name);
    return MP_OK;
}

static void note_constants(struct mp_user_design *d, const struct mp_netlist *n)
{
    uint8_t *constant = find_constants(n);

    for (uint32_t p = 0; p < n->port_count; p++) {
        uint32_t bits = 0;
        for (uint32_t k = 0; k < n->ports[p].width; k++)
            bits += constant[n->ports[p].nets[k]];
        if (n->ports[p].direction == MP_DIR_OUTPUT && bits == n->ports[p].width)
            add_note(d, mp_asprintf("output %s is constant", n->ports[p].name));
        else if (n->ports[p].direction == MP_DIR_OUTPUT && bits > 0)
            add_note(d, mp_asprintf("%u of the %u bits of output %s are constant", bits,
                                    n->ports[p].width, n->ports[p].name));
    }
    free(constant);
}

/* One note for each type of cell that has no area. */
static void note_areas(struct mp_user_design *d, const struct mp_netlist *n)
{
    uint32_t *cells = mp_alloc(n->library->cell_count + 1, sizeof *cells);

    for (uint32_t c = 0; c < n->cell_count; c++)
        cells[n->cell_type[c]]++;
    for (uint32_t t = 0; t < n->library->cell_count; t++)
        if (cells[t] > 0 && isnan(n->library->cells[t].area_um2))
            add_note(d, mp_asprintf("%u cells %s have no area in %s:%d: they count as 0 um2",
                                    cells[t], n->library->cells[t].name,
                                    n->library->files[n->library->cells[t].file],
                                    n->library->cells[t].line));
    free(cells);
}

int mp_user_design_read(struct mp_user_design *d, const struct mp_user_job *job,
                        struct mp_error *err)
{
    struct mp_bindings_options options = job->bindings;
    int rc;

    if (job->source.file_count == 0)
        return mp_fail(err, MP_E_USAGE, "no Verilog file was given");
    d->mapped = job->mapped;
    rc = job->mapped ? read_netlist(d, job, err) : read_verilog(d, job, err);
    if (rc < 0)
        return rc;
    options.module = job->mapped ? NULL : &d->module;
    if ((rc = mp_bindings_make(&d->bindings, &d->rtl, &options, err)) < 0)
        return rc;
    for (size_t i = 0; i < d->bindings.note_count; i++)
        add_note(d, mp_strdup(d->bindings.notes[i]));
    make_hash(d, job);
    if (job->golden == NULL)
        return MP_OK;
    const struct mp_golden_job golden = {.program = job->program,
                                         .rtl = &d->rtl,
                                         .bindings = &d->bindings,
                                         .module = options.module,
                                         .expression = job->golden,
                                         .latency = job->golden_latency,
                                         .temp_dir = job->temp_dir,
                                         .keep_dir = job->keep_dir};
    return mp_prove_golden(&d->golden, &golden, err);
}

static int synthesise(struct mp_user_netlist *n, const struct mp_user_design *d,
                      const struct mp_user_job *job, unsigned variant, struct mp_error *err)
{
    const struct mp_target *t = job->target;
    struct mp_yosys_result mapped = {0};
    const struct mp_yosys_job map = {.program = job->program,
                                     .rtlil = d->module.rtlil,
                                     .top = d->name,
                                     .liberty_path = t->prepared_path,
                                     .library = &t->library,
                                     .roles = &t->roles,
                                     .clock_period_s = job->clock_period_s,
                                     .recipe = job->recipe,
                                     .keep_blocks = d->module.keeps_blocks,
                                     .variant = variant,
                                     .timeout_s = job->timeout_s,
                                     .temp_dir = job->temp_dir,
                                     .keep_dir = job->keep_dir};
    int rc = mp_yosys_synthesise(&mapped, &map, err);

    n->verilog = mapped.netlist_verilog;
    n->wall_s = mapped.wall_s;
    return rc;
}

int mp_user_design_map(struct mp_user_netlist *n, const struct mp_user_design *d,
                       const struct mp_user_job *job, unsigned variant, struct mp_error *err)
{
    int rc = MP_OK;

    if (d->mapped)
        n->verilog = mp_strdup(d->netlist_verilog);
    else
        rc = synthesise(n, d, job, variant, err);
    if (rc == MP_OK)
        rc =
            mp_netlist_read_text(&n->netlist, &job->target->library, n->verilog, strlen(n->verilog),
                                 d->mapped ? job->source.files[0].path : "mapped.v", d->name, err);
    n->netlist.allows_both_edges = mp_user_job_needs_no_simulation(job);
    if (rc == MP_OK)
        rc = mp_netlist_levelise(&n->netlist, err);
    return rc < 0 ? rc : check_outputs(&n->netlist, job->source.files[0].path, err);
}

int mp_user_design_prove(struct mp_user_design *d, const struct mp_netlist *netlist,
                         struct mp_error *err)
{
    const struct mp_same_job job = {
        .mapped = netlist, .rtl = &d->rtl, .bindings = &d->bindings, .module = &d->module};

    note_constants(d, netlist);
    note_areas(d, netlist);
    return d->mapped ? MP_OK : mp_prove_same(&d->same, &job, err);
}

void mp_user_design_release(struct mp_user_design *d)
{
    mp_bindings_release(&d->bindings);
    mp_netlist_release(&d->rtl);
    mp_library_release(&d->gates);
    mp_module_release(&d->module);
    for (size_t i = 0; i < d->note_count; i++)
        free(d->notes[i]);
    free(d->notes);
    free(d->name);
    free(d->clock);
    free(d->netlist_verilog);
    memset(d, 0, sizeof *d);
}

void mp_user_netlist_release(struct mp_user_netlist *n)
{
    mp_netlist_release(&n->netlist);
    free(n->verilog);
    memset(n, 0, sizeof *n);
}
