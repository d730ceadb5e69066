#include "estimator/module/point.h"
#include "estimator/pipeline/mapping.h"
#include "estimator/util/file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct mp_way way_of(const struct mp_module_point *p)
{
    return mp_way_settings_yosys(&p->experiment->ways, p->job->recipe,
                                 p->experiment->synthesis_runs);
}

void mp_module_point_key(const struct mp_module_point *p, char key[MP_HASH_SIZE])
{
    const struct mp_experiment *e = p->experiment;
    const struct mp_target *target = p->job->target;
    struct mp_hash *h = mp_hash_create();

    mp_hash_string(h, "module");
    mp_hash_string(h, p->name);
    mp_hash_string(h, p->design->hash);
    mp_hash_string(h, target->hash);
    mp_hash_string(h, target->name);
    mp_hash_double(h, p->job->clock_period_s);
    const struct mp_way way = way_of(p);
    mp_way_hash(h, &way);
    mp_hash_u64(h, e->keep_blocks);
    mp_point_hash_wires(h, &e->power.wire_load);
    mp_point_hash_boundary(h, &e->ways.boundary);
    mp_hash_string(h, p->tools->yosys_version);
    mp_hash_string(h, p->tools->opensta_version);
    mp_hash_digest(h, key);
    mp_hash_destroy(h);
}

static void describe(struct mp_point_result *r, const struct mp_module_point *p)
{
    const struct mp_bindings *b = &p->design->bindings;
    const struct mp_target *target = p->job->target;
    struct mp_ppa_record *d = &r->record;

    mp_module_point_key(p, d->key);
    snprintf(r->design_name, sizeof r->design_name, "%s", p->name);
    d->design = r->design_name;
    d->weight_format = d->activation_format = d->multiplier = "-";
    if (b->has_weight) {
        d->weight_format = mp_format_name(&b->weight, r->weight_name);
        d->weight_bits = b->weight.bits;
    }
    if (b->has_activation) {
        d->activation_format = mp_format_name(&b->activation, r->activation_name);
        d->activation_bits = b->activation.bits;
    }
    d->unit = "module";
    d->library = target->name;
    d->library_hash = target->library.hash;
    d->corner = target->corner;
    d->voltage_v = target->library.voltage_v;
    d->temperature_c = target->library.temperature_c;
    d->clock_period_s = p->job->clock_period_s;
    d->implementation = p->design->mapped ? "given" : "yosys";
    const struct mp_way way = way_of(p);
    d->recipe = p->design->mapped ? "as given" : mp_way_recipe(&way);
    d->is_resized = way.resize;
    d->keep_blocks = p->design->module.keeps_blocks;
    d->equivalence = "not run";
}

static struct mp_synthesis synthesis_of(const struct mp_module_point *p)
{
    return (struct mp_synthesis){.target = p->job->target,
                                 .tools = p->tools,
                                 .wire_load = &p->experiment->power.wire_load,
                                 .boundary = &p->experiment->ways.boundary,
                                 .clock_period_s = p->job->clock_period_s,
                                 .runs = p->experiment->synthesis_runs,
                                 .allows_both_edges = mp_user_job_needs_no_simulation(p->job)};
}

/* mp_synthesis_map of a user's design. */
static int map_variant(void *context, unsigned index, struct mp_variant *out, struct mp_error *err)
{
    const struct mp_module_point *p = context;
    const struct mp_synthesis how = synthesis_of(p);
    const struct mp_way way = way_of(p);
    struct mp_user_netlist n = {0};
    int rc = mp_user_design_map(&n, p->design, p->job, index, err);

    out->verilog = n.verilog;
    out->wall_s = n.wall_s;
    n.verilog = NULL;
    mp_user_netlist_release(&n);
    if (rc == MP_OK && way.resize)
        rc = mp_mapping_resize(out, &how, &way, p->design->name, err);
    return rc;
}

static int make_verilog(struct mp_point_result *r, const struct mp_module_point *p,
                        struct mp_error *err)
{
    struct mp_synthesis how = synthesis_of(p);
    struct mp_module_point copy = *p;
    const struct mp_way way = way_of(p);
    int rc;

    how.better = mp_way_better(&way);
    rc = mp_synthesis_run(r, &how, p->design->name, map_variant, &copy, p->job->temp_dir, err);

    r->verilog = mp_strdup(p->design->module.rtl_verilog);
    return rc;
}

/* The cells that the netlist uses, whatever synthesis thinks of them. */
static int write_library(const struct mp_module_point *p, const struct mp_netlist *n,
                         const char *path, struct mp_error *err)
{
    const struct mp_library *lib = &p->job->target->library;
    const char **keep = mp_alloc(lib->cell_count + 1, sizeof *keep);
    bool *used = mp_alloc(lib->cell_count + 1, sizeof *used);
    size_t count = 0;
    int rc;

    for (uint32_t i = 0; i < n->cell_count; i++)
        used[n->cell_type[i]] = true;
    for (uint32_t c = 0; c < lib->cell_count; c++)
        if (used[c])
            keep[count++] = lib->cells[c].name;
    rc = mp_library_write_prepared(lib, lib->files, lib->file_count, path, keep, count, err);
    free(keep);
    free(used);
    return rc;
}

static int time_mapped(struct mp_point_result *r, const struct mp_module_point *p,
                       struct mp_error *err)
{
    struct mp_synthesis how = synthesis_of(p);
    char *path = mp_path_join(p->job->temp_dir, "used.lib");
    int rc;

    how.liberty_path = path;
    if ((rc = write_library(p, &r->netlist, path, err)) == MP_OK)
        rc = mp_synthesis_time(&r->timing, &how, &r->netlist, r->netlist_verilog, p->job->temp_dir,
                               err);
    free(path);
    return rc;
}

/* The user's netlist with other drives and pins, equal by the simulation of mp_resize(). */
static int resize_mapped(struct mp_point_result *r, const struct mp_module_point *p,
                         struct mp_error *err)
{
    const struct mp_synthesis how = synthesis_of(p);
    const struct mp_way way = way_of(p);
    struct mp_variant v = {.verilog = r->netlist_verilog};
    int rc = mp_mapping_resize(&v, &how, &way, p->design->name, err);

    r->netlist_verilog = v.verilog;
    r->record.yosys_wall_s = v.wall_s;
    if (rc < 0)
        return rc;
    mp_netlist_release(&r->netlist);
    return mp_synthesis_read(&r->netlist, &how, r->netlist_verilog, p->design->name, err);
}

/* The user's text for the names in it, one flat module for tools that read Verilog each in their
 * way. */
static int make_mapped(struct mp_point_result *r, const struct mp_module_point *p,
                       struct mp_error *err)
{
    struct mp_ppa_record *d = &r->record;
    struct mp_user_netlist n = {0};
    struct mp_text flat = {0};
    struct mp_synthesis how;
    int rc = mp_user_design_map(&n, p->design, p->job, 0, err);

    if (rc < 0)
        goto out;
    r->netlist = n.netlist;
    n.netlist = (struct mp_netlist){0};
    mp_netlist_write(&flat, &r->netlist);
    r->verilog = mp_strdup(p->design->netlist_verilog);
    r->netlist_verilog = flat.data;
    if ((p->experiment->ways.resize && (rc = resize_mapped(r, p, err)) < 0) ||
        (rc = time_mapped(r, p, err)) < 0)
        goto out;
    d->synthesis_runs = 1;
    d->area_um2 = d->area_median_um2 = d->area_max_um2 = mp_netlist_area_um2(&r->netlist);
    d->critical_path_s = d->critical_path_median_s = d->critical_path_max_s =
        r->timing.critical_path_s;
    d->slack_s = r->timing.slack_s;
    d->opensta_wall_s = r->timing.wall_s;
    r->tool_wall_s += r->timing.wall_s;
    how = synthesis_of(p);
    rc = mp_synthesis_wires(r, &how, err);
out:
    mp_user_netlist_release(&n);
    return rc;
}

static void record_proofs(struct mp_ppa_record *d, const struct mp_user_design *design)
{
    const struct mp_module_proof *golden = &design->golden, *same = &design->same;
    const struct mp_module_proof *netlist = design->mapped ? golden : same;
    const struct mp_module_proof none = {0}, *rtl = design->mapped ? &none : golden;

    d->proof_rtl = rtl->method != NULL ? rtl->method : "none";
    d->proof_rtl_vectors = rtl->vectors;
    d->proof_netlist = netlist->method != NULL ? netlist->method : "none";
    d->proof_netlist_vectors = netlist->vectors;
    /* The expression was proven of the netlist as it was given. */
    if (design->mapped && d->is_resized) {
        d->proof_rtl = d->proof_netlist;
        d->proof_rtl_vectors = d->proof_netlist_vectors;
        d->proof_netlist = "simulation against the netlist given";
        d->proof_netlist_vectors = MP_RESIZE_PATTERNS;
    }
}

int mp_module_point_make(struct mp_point_result *r, const struct mp_module_point *p,
                         struct mp_error *err)
{
    int rc;

    describe(r, p);
    if ((rc = p->design->mapped ? make_mapped(r, p, err) : make_verilog(r, p, err)) < 0 ||
        (rc = mp_user_design_prove(p->design, &r->netlist, err)) < 0) {
        mp_error_context(err, "%s on %s", p->name, p->job->target->name);
        return rc;
    }
    mp_blocks_find(&r->blocks, &r->netlist);
    record_proofs(&r->record, p->design);
    r->record.block_origin = mp_blocks_origin_name(r->blocks.origin);
    r->record.cell_count = r->netlist.cell_count;
    r->record.register_count = r->netlist.register_count;
    r->record.verilog = p->design->mapped ? "" : r->verilog;
    r->record.netlist =
        p->design->mapped && !p->experiment->ways.resize ? r->verilog : r->netlist_verilog;
    return MP_OK;
}

static int restore(struct mp_point_result *r, const struct mp_module_point *p,
                   const struct mp_ppa_record *stored, struct mp_error *err)
{
    const struct mp_synthesis how = synthesis_of(p);
    struct mp_text flat = {0};
    int rc = mp_synthesis_read(&r->netlist, &how, stored->netlist, p->design->name, err);

    if (rc < 0)
        return rc;
    if (!p->design->mapped) {
        r->netlist_verilog = mp_strdup(stored->netlist);
        return mp_synthesis_time(&r->timing, &how, &r->netlist, r->netlist_verilog,
                                 p->job->temp_dir, err);
    }
    mp_netlist_write(&flat, &r->netlist);
    r->netlist_verilog = flat.data;
    return time_mapped(r, p, err);
}

int mp_module_point_restore(struct mp_point_result *r, const struct mp_module_point *p,
                            const struct mp_ppa_record *stored, struct mp_error *err)
{
    const struct mp_synthesis how = synthesis_of(p);
    int rc;

    describe(r, p);
    if ((rc = restore(r, p, stored, err)) < 0 || (rc = mp_synthesis_wires(r, &how, err)) < 0) {
        mp_error_context(err, "%s on %s, from the database", p->name, p->job->target->name);
        return rc;
    }
    r->tool_wall_s += r->timing.wall_s;
    mp_blocks_find(&r->blocks, &r->netlist);
    return MP_OK;
}
