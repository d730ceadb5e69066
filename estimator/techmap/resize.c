#include "estimator/techmap/resize.h"
#include "estimator/techmap/export.h"
#include "estimator/techmap/import.h"
#include "estimator/techmap/move.h"
#include "estimator/techmap/simulate.h"
#include "estimator/util/log.h"

#include <stdlib.h>
#include <string.h>

#define PATTERN_WORDS 256 /* of 64 */
#define PATTERN_SEED  0x6d616370
/* Temperatures in gates' worth of cost. A netlist that somebody has mapped is near a good one:
 * hotter starts lose more than they find (nangate45, unsigned 8x8, 600 tries a gate: from 0.1 to
 * 295, from 0.3 to 299, from 1 to 330). */
#define START 0.1
#define END   0.01

static const struct mp_move_kind kinds[] = {
    {"drive", mp_move_drive, NULL, NULL, 4},       {"drive-two", mp_move_drive_two, NULL, NULL, 1},
    {"pins", mp_move_pins, NULL, NULL, 2},         {"pins-two", mp_move_pins_two, NULL, NULL, 1},
    {"buffer", mp_move_buffer, NULL, NULL, 0.5},   {"clone", mp_move_clone, NULL, NULL, 0.5},
    {"bypass", mp_move_bypass, NULL, NULL, 1},     {"join", mp_move_join, NULL, NULL, 0.5},
    {"polarity", mp_move_polarity, NULL, NULL, 6}, {"rewrite", mp_move_rewrite, NULL, NULL, 4},
};

const struct mp_move_kind *mp_resize_kinds(size_t *count)
{
    *count = sizeof kinds / sizeof *kinds;
    return kinds;
}

/* What of the netlist's names still fits, and everything that export needs beside. */
struct names {
    const struct mp_netlist *netlist;
    const struct mp_mapped *before, *after;
    uint64_t *words_before, *words_after;
    const char **gates, **nets, **prefixes;
    struct mp_export_port *ports;
    struct mp_arena arena;
};

static bool is_same_function(const struct names *n, uint32_t net)
{
    size_t at = (size_t)net * PATTERN_WORDS;

    return net < n->before->net_limit && n->before->nets[net].is_used &&
           memcmp(n->words_before + at, n->words_after + at,
                  PATTERN_WORDS * sizeof *n->words_after) == 0;
}

/* Up to and with the last dot: "multiplier." of "multiplier._123_". */
static const char *block_of(struct names *n, const char *name)
{
    const char *dot = name != NULL ? strrchr(name, '.') : NULL;

    return dot != NULL ? mp_arena_strndup(&n->arena, name, (size_t)(dot - name) + 1) : NULL;
}

/* A new gate belongs to what drives its first input, else to what it drives. */
static const char *neighbour_block(struct names *n, uint32_t gate)
{
    const struct mp_mapped *m = n->after;
    const struct mp_mapped_gate *g = &m->gates[gate];
    uint32_t driver, sink;

    if (m->nldm->cells[g->type].input_count == 0)
        return NULL;
    driver = m->nets[g->inputs[0]].driver;
    if (driver != MP_NONE && n->gates[driver / 2] != NULL)
        return block_of(n, n->gates[driver / 2]);
    if (g->outputs[0] == MP_NONE || (sink = m->nets[g->outputs[0]].first_sink) == MP_NONE)
        return NULL;
    return block_of(n, n->gates[mp_mapped_pin_gate(sink)]);
}

/* Ids of gates that were removed are used again, so a gate is known by the net that it drives. */
static void name_gates(struct names *n, const uint32_t *source)
{
    const struct mp_mapped *m = n->after;
    bool *is_taken = mp_alloc(n->netlist->cell_count + (size_t)1, sizeof *is_taken);

    for (uint32_t g = 0; g < m->gate_limit; g++) {
        const struct mp_mapped_gate *gate = &m->gates[g];

        for (unsigned k = 0; gate->type != MP_NONE && k < MP_NLDM_OUTPUTS; k++) {
            uint32_t net = gate->outputs[k], pin, cell;

            if (n->gates[g] != NULL || net == MP_NONE || source[net] == MP_NONE)
                continue;
            pin = n->netlist->net_driver[source[net]];
            if (pin == MP_NONE || is_taken[cell = n->netlist->pin_cell[pin]])
                continue;
            is_taken[cell] = true;
            n->gates[g] = n->netlist->cell_name[cell];
        }
    }
    free(is_taken);
}

static void collect_names(struct names *n, const struct mp_techmap_names *of)
{
    const struct mp_mapped *m = n->after;
    uint32_t *source = mp_alloc(m->net_limit + (size_t)1, sizeof *source);

    n->gates = mp_alloc(m->gate_limit + (size_t)1, sizeof *n->gates);
    n->prefixes = mp_alloc(m->gate_limit + (size_t)1, sizeof *n->prefixes);
    n->nets = mp_alloc(m->net_limit + (size_t)1, sizeof *n->nets);
    for (uint32_t k = 0; k < m->net_limit; k++)
        source[k] = MP_NONE;
    for (uint32_t k = 2; k < n->netlist->net_count; k++) {
        uint32_t net = of->net_of[k];

        if (net < 2 || net >= m->net_limit || !m->nets[net].is_used || !is_same_function(n, net))
            continue;
        n->nets[net] = n->netlist->net_name[k];
        source[net] = k;
    }
    name_gates(n, source);
    for (uint32_t g = 0; g < m->gate_limit; g++)
        if (m->gates[g].type != MP_NONE && n->gates[g] == NULL)
            n->prefixes[g] = neighbour_block(n, g);
    free(source);
}

static void release_names(struct names *n)
{
    free(n->words_before);
    free(n->words_after);
    free(n->gates);
    free(n->prefixes);
    free(n->nets);
    free(n->ports);
    mp_arena_release(&n->arena);
}

static int write_verilog(struct mp_resize_result *out, const struct mp_mapped *before,
                         const struct mp_mapped *after, const struct mp_netlist *netlist,
                         const struct mp_techmap_names *of, struct mp_error *err)
{
    struct names n = {.netlist = netlist, .before = before, .after = after};
    struct mp_text text = {0};
    int rc;

    n.words_before = mp_mapped_simulate(before, PATTERN_SEED, PATTERN_WORDS);
    n.words_after = mp_mapped_simulate(after, PATTERN_SEED, PATTERN_WORDS);
    if ((rc = mp_mapped_compare(before, n.words_before, after, n.words_after, PATTERN_WORDS, err)) <
        0) {
        mp_error_context(err, "%s after resizing", netlist->name);
        goto cleanup;
    }
    collect_names(&n, of);
    n.ports = mp_alloc(netlist->port_count, sizeof *n.ports);
    for (uint32_t p = 0; p < netlist->port_count; p++)
        n.ports[p] = (struct mp_export_port){netlist->ports[p].name,
                                             netlist->ports[p].direction == MP_DIR_OUTPUT,
                                             netlist->ports[p].is_vector, netlist->ports[p].width};
    rc = mp_techmap_export(&text, after,
                           &(struct mp_export_names){.module = netlist->name,
                                                     .ports = n.ports,
                                                     .port_count = netlist->port_count,
                                                     .gates = n.gates,
                                                     .nets = n.nets,
                                                     .prefixes = n.prefixes},
                           err);
    out->verilog = text.data;
cleanup:
    release_names(&n);
    return rc;
}

static int check_ports(const struct mp_netlist *n, struct mp_error *err)
{
    for (uint32_t p = 0; p < n->port_count; p++)
        if (n->ports[p].direction != MP_DIR_INPUT && n->ports[p].direction != MP_DIR_OUTPUT)
            return mp_fail(err, MP_E_UNSUPPORTED,
                           "port '%s' of '%s' is an inout, which resizing cannot keep",
                           n->ports[p].name, n->name);
    return MP_OK;
}

static void describe(struct mp_resize_result *out, const struct mp_mapped *before,
                     const struct mp_anneal_result *r)
{
    out->before = r->start;
    out->after = r->best.measures;
    out->is_within_limits = r->is_within_limits;
    out->gates_before = before->gate_count;
    out->gates_after = r->best.mapped.gate_count;
    out->run_count = r->run_count;
    out->runs = mp_alloc(r->run_count, sizeof *out->runs);
    for (unsigned k = 0; k < r->run_count; k++) {
        out->runs[k] = r->runs[k].best;
        out->evaluations += r->runs[k].evaluations;
    }
}

int mp_resize(struct mp_resize_result *out, const struct mp_netlist *netlist,
              const struct mp_nldm *nldm, const struct mp_mapped_environment *environment,
              const struct mp_resize_options *options, struct mp_error *err)
{
    struct mp_anneal_options anneal = {.schedule = MP_ANNEAL,
                                       .seed = options->seed,
                                       .evaluations = options->evaluations,
                                       .seconds = options->seconds,
                                       .runs = options->runs,
                                       .threads = options->threads,
                                       .grows_cold = true,
                                       .keeps_weights = true,
                                       .progress = options->progress,
                                       .context = options->context};
    struct mp_families families = {0};
    struct mp_anneal_result r = {0};
    struct mp_techmap_names names = {0};
    struct mp_mapped m = {0};
    double start_s = mp_clock_s();
    int rc;

    *out = (struct mp_resize_result){0};
    if ((rc = check_ports(netlist, err)) < 0 ||
        (rc = mp_techmap_import(&m, &names, netlist, nldm, environment, err)) < 0)
        goto cleanup;
    if (m.gate_count == 0) {
        rc = mp_fail(err, MP_E_INPUT, "'%s' has no cells to resize", netlist->name);
        goto cleanup;
    }
    mp_families_init(&families, nldm);
    anneal.families = &families;
    anneal.start_temperature = START / m.gate_count;
    anneal.end_temperature = END / m.gate_count;
    if ((rc = mp_anneal_search(&r, &m, NULL, NULL, kinds, sizeof kinds / sizeof *kinds,
                               &options->objective, &anneal, err)) < 0 ||
        (rc = write_verilog(out, &m, &r.best.mapped, netlist, &names, err)) < 0)
        goto cleanup;
    describe(out, &m, &r);
    out->wall_s = mp_clock_s() - start_s;
cleanup:
    mp_anneal_result_release(&r);
    mp_families_release(&families);
    mp_techmap_names_release(&names);
    mp_mapped_release(&m);
    return rc;
}

void mp_resize_result_release(struct mp_resize_result *r)
{
    free(r->verilog);
    free(r->runs);
    *r = (struct mp_resize_result){0};
}
