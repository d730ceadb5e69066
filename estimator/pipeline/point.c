#include "estimator/pipeline/point.h"
#include "estimator/netlist/gates.h"
#include "estimator/pipeline/choices.h"
#include "estimator/pipeline/point_search.h"
#include "estimator/pipeline/prove.h"
#include "estimator/pipeline/synthesis.h"
#include "estimator/util/file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EQUIVALENCE_LIMIT_S 60

void mp_point_hash_wires(struct mp_hash *h, const struct mp_wire_option *wire_load)
{
    char text[MP_WIRE_NAME_SIZE + 16] = "none";

    if (wire_load != NULL)
        mp_wire_option_print(wire_load, text, sizeof text);
    mp_hash_string(h, text);
}

void mp_point_hash_boundary(struct mp_hash *h, const struct mp_boundary_option *boundary)
{
    const struct mp_boundary_option none = {0};
    char text[MP_BOUNDARY_NAME_SIZE + 80];

    mp_boundary_option_print(boundary != NULL ? boundary : &none, text, sizeof text);
    mp_hash_string(h, text);
}

void mp_point_key(const struct mp_point *p, char key[MP_HASH_SIZE])
{
    struct mp_hash *h = mp_hash_create();
    char name[MP_DESIGN_NAME_SIZE];

    mp_hash_string(h, "ppa");
    mp_hash_string(h, mp_design_name(&p->design, name));
    mp_hash_u64(h, MP_GENERATOR_VERSION);
    mp_hash_u64(h, MP_PROOF_VERSION);
    mp_hash_string(h, p->target->hash);
    mp_hash_string(h, p->target->name);
    mp_hash_double(h, p->clock_period_s);
    mp_way_hash(h, &p->way);
    if (p->way.implementation == MP_BY_SEARCH)
        mp_hash_u64(h, p->any_multiplier);
    if (p->operands_key != NULL)
        mp_hash_string(h, p->operands_key);
    mp_hash_u64(h, p->keep_blocks);
    mp_hash_u64(h, p->equivalence);
    mp_point_hash_wires(h, p->wire_load);
    mp_point_hash_boundary(h, p->boundary);
    mp_hash_string(h, p->tools->yosys_version);
    mp_hash_string(h, p->tools->opensta_version);
    mp_hash_digest(h, key);
    mp_hash_destroy(h);
}

int mp_point_elaborate(struct mp_netlist *n, struct mp_library *gates,
                       const struct mp_design *design, const char *verilog,
                       const struct mp_tools *tools, const char *temp_dir, double *tool_wall_s,
                       struct mp_error *err)
{
    struct mp_yosys_result elaborated = {0};
    char name[MP_DESIGN_NAME_SIZE];
    int rc;

    mp_design_name(design, name);
    if ((rc = mp_gates_library(gates, err)) < 0 ||
        (rc = mp_yosys_elaborate(&elaborated, tools->yosys, verilog, name, temp_dir, NULL, err)) <
            0)
        goto out;
    *tool_wall_s += elaborated.wall_s;
    if ((rc = mp_netlist_read_text(n, gates, elaborated.netlist_verilog,
                                   strlen(elaborated.netlist_verilog), "elaborated.v", name,
                                   err)) == MP_OK)
        rc = mp_netlist_levelise(n, err);
    if (rc < 0)
        mp_error_context(err, "generated Verilog");
out:
    mp_yosys_result_release(&elaborated);
    return rc;
}

int mp_point_prove_verilog(struct mp_proof *proof, const struct mp_design *design,
                           const char *verilog, const struct mp_tools *tools, const char *temp_dir,
                           double *tool_wall_s, struct mp_error *err)
{
    struct mp_library gates = {0};
    struct mp_netlist n = {0};
    int rc = mp_point_elaborate(&n, &gates, design, verilog, tools, temp_dir, tool_wall_s, err);

    if (rc == MP_OK && (rc = mp_prove(proof, &n, design, err)) < 0)
        mp_error_context(err, "generated Verilog");
    mp_netlist_release(&n);
    mp_library_release(&gates);
    return rc;
}

/* mp_synthesis_map of a generated design. */
struct yosys_maker {
    struct mp_yosys_job job;
    const struct mp_point *point;
    const struct mp_synthesis *how;
};

static int map_variant(void *context, unsigned index, struct mp_variant *out, struct mp_error *err)
{
    struct yosys_maker *m = context;
    struct mp_yosys_job *job = &m->job;
    struct mp_yosys_result mapped = {0};
    int rc;

    job->variant = index;
    rc = mp_yosys_synthesise(&mapped, job, err);
    out->verilog = mapped.netlist_verilog;
    out->wall_s = mapped.wall_s;
    out->energy_j = mapped.energy_j;
    mapped.netlist_verilog = NULL;
    mp_yosys_result_release(&mapped);
    if (rc == MP_OK && m->point->way.resize)
        rc = mp_mapping_resize(out, m->how, &m->point->way, job->top, err);
    return rc;
}

static struct mp_synthesis synthesis_of(const struct mp_point *p)
{
    return (struct mp_synthesis){.target = p->target,
                                 .tools = p->tools,
                                 .wire_load = p->wire_load,
                                 .boundary = p->boundary,
                                 .clock_period_s = p->clock_period_s,
                                 .runs = p->way.runs};
}

static int check_equivalence(struct mp_point_result *r, const struct mp_point *p,
                             const struct mp_proof *proof, struct mp_yosys_job *job,
                             struct mp_error *err)
{
    struct mp_text reference = {0};
    enum mp_equivalence e = MP_UNDECIDED;
    bool wanted = p->equivalence == MP_EQUIVALENCE_ALWAYS ||
                  (p->equivalence == MP_EQUIVALENCE_AUTO && !proof->all_operands);
    double start = mp_clock_s();
    int rc;

    r->record.equivalence = wanted ? "undecided" : "not run";
    if (!wanted)
        return MP_OK;
    rc = mp_design_reference(&p->design, &reference, err);
    /* Not every form has one. */
    if (rc == MP_E_UNSUPPORTED && p->equivalence == MP_EQUIVALENCE_AUTO) {
        r->record.equivalence = "not run";
        rc = MP_OK;
        goto out;
    }
    if (rc < 0 || (rc = mp_yosys_equivalence(&e, job, r->netlist_verilog, reference.data,
                                             EQUIVALENCE_LIMIT_S, err)) < 0)
        goto out;
    r->tool_wall_s += mp_clock_s() - start;
    if (e == MP_DIFFERENT)
        rc = mp_fail(err, MP_E_PROOF,
                     "the mapped netlist of %s is not equivalent to its behavioural reference",
                     job->top);
    else if (e == MP_EQUIVALENT)
        r->record.equivalence = "equivalent";
out:
    mp_text_release(&reference);
    return rc;
}

static void describe(struct mp_point_result *r, const struct mp_point *p)
{
    struct mp_ppa_record *d = &r->record;

    mp_point_key(p, d->key);
    d->design = mp_design_name(&p->design, r->design_name);
    d->weight_format = mp_format_name(&p->design.weight, r->weight_name);
    d->activation_format = mp_format_name(&p->design.activation, r->activation_name);
    d->unit = mp_unit_name(p->design.unit);
    d->multiplier = p->design.multiplier;
    d->weight_bits = p->design.weight.bits;
    d->activation_bits = p->design.activation.bits;
    d->accumulator_bits = p->design.unit == MP_UNIT_MAC ? p->design.accumulator_bits : 0;
    mp_design_choices_record(d, &p->design);
    d->library = p->target->name;
    d->library_hash = p->target->library.hash;
    d->corner = p->target->corner;
    d->voltage_v = p->target->library.voltage_v;
    d->temperature_c = p->target->library.temperature_c;
    d->clock_period_s = p->clock_period_s;
    d->implementation = mp_implementation_name(p->way.implementation);
    d->recipe = mp_way_recipe(&p->way);
    d->objective = p->way.objective;
    d->max_delay_s = p->way.max_delay_s;
    d->max_area_um2 = p->way.max_area_um2;
    d->max_power_w = p->way.max_power_w;
    d->budget_s = p->way.budget_s;
    d->is_resized = p->way.resize;
    d->keep_blocks = p->keep_blocks;
}

static struct mp_yosys_job yosys_job(const struct mp_point_result *r, const struct mp_point *p,
                                     const char *temp_dir)
{
    return (struct mp_yosys_job){.program = p->tools->yosys,
                                 .verilog = r->verilog,
                                 .top = r->design_name,
                                 .liberty_path = p->target->prepared_path,
                                 .library = &p->target->library,
                                 .roles = &p->target->roles,
                                 .clock_period_s = p->clock_period_s,
                                 .recipe = p->way.recipe,
                                 .keep_blocks = p->keep_blocks,
                                 .temp_dir = temp_dir};
}

static int map_by_yosys(struct mp_point_result *r, const struct mp_point *p, const char *temp_dir,
                        struct mp_error *err)
{
    struct mp_synthesis how = synthesis_of(p);
    struct yosys_maker maker = {.job = yosys_job(r, p, temp_dir), .point = p, .how = &how};
    struct mp_boundary boundary;
    int rc =
        mp_boundary_choose(&boundary, p->boundary, &p->target->library, &p->target->roles, err);

    if (rc < 0)
        return rc;
    /* Between registers the drivers are inside. */
    if (p->design.registers == MP_REGISTERS_NONE)
        maker.job.driving_cell = boundary.driving_cell;
    maker.job.output_load_f = boundary.output_load_f;
    how.better = mp_way_better(&p->way);
    return mp_synthesis_run(r, &how, r->design_name, map_variant, &maker, temp_dir, err);
}

static int prove_netlist(struct mp_point_result *r, const struct mp_point *p,
                         struct mp_proof *proof, struct mp_error *err)
{
    int rc = mp_prove(proof, &r->netlist, &p->design, err);

    if (rc < 0) {
        mp_error_context(err, "mapped netlist");
        return rc;
    }
    r->record.proof_netlist = proof->method;
    r->record.proof_netlist_vectors = proof->vectors;
    return MP_OK;
}

/* The text of what was built, proven before it is mapped, or (search) beside the netlist. */
static int write_verilog(struct mp_point_result *r, const struct mp_point *p, const char *temp_dir,
                         struct mp_error *err)
{
    struct mp_text verilog = {0};
    struct mp_proof proof = {0};
    int rc = mp_design_generate(&p->design, &verilog, err);

    r->verilog = verilog.data;
    if (rc < 0 || (rc = mp_point_prove_verilog(&proof, &p->design, r->verilog, p->tools, temp_dir,
                                               &r->tool_wall_s, err)) < 0)
        return rc;
    r->record.proof_rtl = proof.method;
    r->record.proof_rtl_vectors = proof.vectors;
    return MP_OK;
}

static void name_design(struct mp_point_result *r, const struct mp_design *d)
{
    r->record.design = mp_design_name(d, r->design_name);
    r->record.multiplier = d->multiplier;
    mp_design_choices_record(&r->record, d);
}

/* built: the point with the design that came out. */
static int map(struct mp_point_result *r, struct mp_point *built, const struct mp_point *p,
               const char *temp_dir, struct mp_error *err)
{
    const struct mp_synthesis how = synthesis_of(p);
    int rc;

    if (p->way.implementation == MP_BY_YOSYS) {
        rc = write_verilog(r, p, temp_dir, err);
        return rc < 0 ? rc : map_by_yosys(r, p, temp_dir, err);
    }
    if ((rc = mp_point_search(r, p, &how, &built->design, temp_dir, err)) < 0)
        return rc;
    name_design(r, &built->design);
    return write_verilog(r, built, temp_dir, err);
}

static int make(struct mp_point_result *r, const struct mp_point *p, const char *temp_dir,
                struct mp_error *err)
{
    struct mp_point built = *p;
    struct mp_proof proof = {0};
    int rc;

    if ((rc = map(r, &built, p, temp_dir, err)) < 0 ||
        (rc = prove_netlist(r, &built, &proof, err)) < 0)
        return rc;
    mp_blocks_find(&r->blocks, &r->netlist);
    r->record.block_origin = mp_blocks_origin_name(r->blocks.origin);
    r->record.cell_count = r->netlist.cell_count;
    r->record.register_count = r->netlist.register_count;
    r->record.verilog = r->verilog;
    r->record.netlist = r->netlist_verilog;
    struct mp_yosys_job job = yosys_job(r, &built, temp_dir);
    return check_equivalence(r, &built, &proof, &job, err);
}

int mp_point_make(struct mp_point_result *r, const struct mp_point *p, struct mp_error *err)
{
    struct mp_tempdir temp = {0};
    int rc;

    describe(r, p);
    if ((rc = mp_tempdir_create(&temp, err)) == MP_OK)
        rc = make(r, p, temp.path, err);
    mp_tempdir_remove(&temp);
    if (rc < 0)
        mp_error_context(err, "%s on %s", r->design_name, p->target->name);
    return rc;
}

int mp_point_restore(struct mp_point_result *r, const struct mp_point *p,
                     const struct mp_ppa_record *stored, struct mp_error *err)
{
    const struct mp_synthesis how = synthesis_of(p);
    struct mp_tempdir temp = {0};
    int rc;

    describe(r, p);
    /* A search may have built another architecture. */
    snprintf(r->design_name, sizeof r->design_name, "%s", stored->design);
    r->netlist_verilog = mp_strdup(stored->netlist);
    if ((rc = mp_tempdir_create(&temp, err)) < 0 ||
        (rc = mp_synthesis_read(&r->netlist, &how, r->netlist_verilog, r->design_name, err)) < 0 ||
        (rc = mp_synthesis_time(&r->timing, &how, &r->netlist, r->netlist_verilog, temp.path,
                                err)) < 0)
        mp_error_context(err, "%s on %s, from the database", r->design_name, p->target->name);
    else
        r->tool_wall_s += r->timing.wall_s;
    if (rc == MP_OK && (rc = mp_synthesis_wires(r, &how, err)) == MP_OK)
        mp_blocks_find(&r->blocks, &r->netlist);
    mp_tempdir_remove(&temp);
    return rc;
}

void mp_point_circuit(struct mp_circuit *c, const struct mp_target *target, double clock_period_s,
                      const struct mp_point_result *r)
{
    *c = (struct mp_circuit){.target = target,
                             .netlist = &r->netlist,
                             .verilog = r->netlist_verilog,
                             .timing = &r->timing,
                             .wire_cap_f = r->wire_cap_f,
                             .wire_load = &r->wire_load,
                             .output_load_f = r->record.output_load_f,
                             .blocks = &r->blocks,
                             .clock_period_s = clock_period_s};
}

void mp_point_result_release(struct mp_point_result *r)
{
    mp_blocks_release(&r->blocks);
    free(r->wire_cap_f);
    free(r->runs);
    for (uint32_t i = 0; i < r->front_count; i++)
        free((void *)r->front[i].netlist);
    free(r->front);
    mp_netlist_release(&r->netlist);
    mp_timing_release(&r->timing);
    free(r->verilog);
    free(r->netlist_verilog);
    memset(r, 0, sizeof *r);
}
