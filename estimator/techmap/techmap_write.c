#include "estimator/techmap/export.h"
#include "estimator/techmap/techmap_parts.h"

#include <stdlib.h>
#include <string.h>

#define PATTERNS_LOG2_ALL 16
#define PATTERNS          16384
#define SEED              0x74656368

/* The block that a gate's owner belongs to; that of a wire from a port: who reads it. */
static uint32_t block_of(const struct mp_state *s, uint32_t gate)
{
    uint32_t owner = s->gate_owner[gate];

    for (unsigned steps = 0; owner & MP_STATE_COPY_FLAG && steps < 64; steps++) {
        uint32_t net = s->copies[owner & ~MP_STATE_COPY_FLAG].net;
        uint32_t driver = s->wires[s->nets[net].wire].driver;

        if (driver != MP_NONE)
            owner = driver;
        else if (s->mapped->nets[net].first_sink != MP_NONE)
            owner = s->gate_owner[mp_mapped_pin_gate(s->mapped->nets[net].first_sink)];
        else
            return 0;
    }
    return owner & MP_STATE_COPY_FLAG ? 0 : s->nodes[owner].block;
}

struct names {
    const char **prefixes, **nets;
    struct mp_export_port *ports;
    struct mp_arena arena;
};

static void collect(struct names *n, const struct mp_state *s)
{
    const struct mp_graph *g = s->graph;
    const char **of_block = mp_alloc(g->block_count + 1u, sizeof *of_block);

    n->prefixes = mp_alloc(s->mapped->gate_limit + 1u, sizeof *n->prefixes);
    n->nets = mp_alloc(s->mapped->net_limit + 1u, sizeof *n->nets);
    for (uint32_t b = 0; b < g->block_count; b++)
        if (g->blocks[b].name[0] != '\0') {
            size_t size = strlen(g->blocks[b].name);
            char *name = mp_arena_alloc(&n->arena, size + 2);
            memcpy(name, g->blocks[b].name, size);
            name[size] = '.';
            of_block[b] = name;
        }
    for (uint32_t i = 0; i < s->mapped->gate_limit; i++)
        if (s->mapped->gates[i].type != MP_NONE)
            n->prefixes[i] = of_block[block_of(s, i)];
    for (uint32_t i = 0; i < g->node_count; i++) {
        uint32_t literal = s->signal_literal[g->nodes[i].out];
        if (g->nodes[i].kind == MP_NODE_REGISTER && literal != MP_NONE)
            n->nets[s->wires[literal >> 1].net] = g->signals[g->nodes[i].out].name;
    }
    free(of_block);
}

static uint32_t collect_ports(struct names *n, const struct mp_state *s)
{
    const struct mp_graph *g = s->graph;
    uint32_t count = 0;

    n->ports = mp_alloc(g->port_count + 1u, sizeof *n->ports);
    if (s->has_own_clock)
        n->ports[count++] = (struct mp_export_port){.name = "clk", .width = 1};
    for (uint32_t i = 0; i < g->port_count; i++) {
        const struct mp_graph_port *p = &g->ports[i];
        n->ports[count++] = (struct mp_export_port){p->name, p->is_output, p->width > 1, p->width};
    }
    return count;
}

int mp_techmap_write(struct mp_text *out, const struct mp_state *s, struct mp_error *err)
{
    struct names n = {0};
    uint32_t inputs = s->mapped->input_count, port_count;
    int rc = mp_state_prove(s, inputs <= PATTERNS_LOG2_ALL ? 1u << PATTERNS_LOG2_ALL : PATTERNS,
                            SEED, err);

    if (rc < 0)
        return rc;
    collect(&n, s);
    port_count = collect_ports(&n, s);
    rc = mp_techmap_export(out, s->mapped,
                           &(struct mp_export_names){.module = s->graph->name,
                                                     .ports = n.ports,
                                                     .port_count = port_count,
                                                     .nets = n.nets,
                                                     .prefixes = n.prefixes},
                           err);
    free(n.prefixes);
    free(n.nets);
    free(n.ports);
    mp_arena_release(&n.arena);
    return rc;
}
