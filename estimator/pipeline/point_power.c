#include "estimator/pipeline/point_power.h"
#include "estimator/netlist/gates.h"
#include "estimator/pipeline/operands.h"
#include "estimator/pipeline/sampled.h"
#include <stdlib.h>
#include <string.h>

/* Cycles before the pair that counts: pipelines are full and accumulators are not empty. */
#define STEPS 48
/* Of the driver's lanes: 256 pairs steer as well as 512 in half the time. */
#define SAMPLE_WORDS 4

/* One step of all lanes, from the simulator's order of inputs to the graph's. */
static void put_step(struct mp_techmap_operands *o, uint32_t step, const uint64_t *inputs,
                     const struct mp_simulator *simulator, const struct mp_graph *graph)
{
    uint64_t *to = o->bits + (size_t)step * o->input_count * o->words;

    for (uint32_t i = 0; i < graph->port_count; i++) {
        const struct mp_graph_port *port = &graph->ports[i];
        if (port->is_output)
            continue;
        uint32_t at = mp_simulator_input(simulator, port->name);
        for (uint32_t k = 0; k < port->width; k++, to += o->words)
            if (at != MP_NONE)
                memcpy(to, inputs + (size_t)(at + k) * MP_DRIVER_WORDS, o->words * sizeof *to);
    }
}

static void sample(struct mp_techmap_operands *o, struct mp_driver *d,
                   const struct mp_simulator *simulator, const struct mp_graph *graph,
                   const struct mp_trace *trace)
{
    uint32_t stretch[MP_DRIVER_LANES], cycle[MP_DRIVER_LANES], first[MP_DRIVER_LANES];
    uint32_t cycles = mp_driver_cycles(d);

    o->steps = cycles < STEPS ? cycles : STEPS;
    for (uint32_t i = 0; i < graph->port_count; i++)
        o->input_count += graph->ports[i].is_output ? 0 : graph->ports[i].width;
    o->bits = mp_alloc((size_t)o->steps * o->input_count * o->words + 1, sizeof *o->bits);
    for (uint32_t l = 0; l < MP_DRIVER_LANES; l++) {
        stretch[l] = l % trace->stretches;
        /* Other cycles of the same stretch where there are few, and not all at the start. */
        first[l] = (uint32_t)((uint64_t)l * 2654435761u % (cycles - o->steps + 1u));
    }
    for (uint32_t step = 0; step < o->steps; step++) {
        for (uint32_t l = 0; l < MP_DRIVER_LANES; l++)
            cycle[l] = first[l] + step;
        put_step(o, step, mp_driver_inputs(d, MP_DRIVER_LANES, stretch, cycle), simulator, graph);
    }
}

int mp_point_operands(struct mp_techmap_operands *out, const struct mp_point *p,
                      const struct mp_design *design, const struct mp_graph *graph,
                      const char *temp_dir, double *tool_wall_s, struct mp_error *err)
{
    struct mp_library gates = {0};
    struct mp_netlist n = {0};
    struct mp_bindings bindings = {0};
    struct mp_simulator *simulator = NULL;
    struct mp_driver *driver = NULL;
    struct mp_text verilog = {0};
    int rc;

    *out = (struct mp_techmap_operands){.words = SAMPLE_WORDS, .period_s = p->clock_period_s};
    if (p->trace == NULL)
        return mp_fail(err, MP_E_USAGE, "a search for power needs operands");
    if ((rc = mp_design_generate(design, &verilog, err)) < 0 ||
        (rc = mp_point_elaborate(&n, &gates, design, verilog.data, p->tools, temp_dir, tool_wall_s,
                                 err)) < 0 ||
        (rc = mp_bindings_design(&bindings, &n, design, err)) < 0 ||
        (rc = mp_simulator_create(&simulator, &n, MP_DRIVER_WORDS, MP_KERNEL_AUTO, err)) < 0 ||
        (rc = mp_driver_create(&driver, &n, simulator, &bindings, p->trace, err)) < 0)
        goto out;
    sample(out, driver, simulator, graph, p->trace);
out:
    mp_driver_destroy(driver);
    mp_simulator_destroy(simulator);
    mp_bindings_release(&bindings);
    mp_netlist_release(&n);
    mp_library_release(&gates);
    mp_text_release(&verilog);
    return rc;
}

static int power_of(double *out, const struct mp_circuit *c, const struct mp_activity *activity,
                    struct mp_error *err)
{
    double *transitions = mp_alloc(c->netlist->net_count, sizeof *transitions);
    double *duty = mp_alloc(c->netlist->net_count, sizeof *duty);
    struct mp_power power = {0};
    int rc;

    mp_circuit_rates(transitions, duty, activity);
    if ((rc = mp_circuit_power(&power, c, transitions, duty, err)) == MP_OK)
        *out = mp_power_total(&power.total);
    mp_power_release(&power);
    free(transitions);
    free(duty);
    return rc;
}

int mp_point_measure(struct mp_variant *v, const struct mp_point *p, const struct mp_synthesis *how,
                     const struct mp_design *design, const struct mp_netlist *n,
                     const struct mp_timing *timing, struct mp_error *err)
{
    struct mp_wire_model wires;
    struct mp_circuit c = {.target = p->target,
                           .netlist = n,
                           .verilog = v->verilog,
                           .timing = timing,
                           .wire_load = &wires,
                           .clock_period_s = p->clock_period_s};
    struct mp_bindings bindings = {0};
    struct mp_sampled sample = {0};
    struct mp_sdf sdf = {0};
    double *cap_f = NULL, timed_w = 0;
    const struct mp_sampled_job job = {.netlist = n,
                                       .sdf = &sdf,
                                       .period_s = p->clock_period_s,
                                       .threads = p->threads,
                                       .bindings = &bindings};
    int rc = mp_synthesis_caps(&cap_f, &wires, how, n, err);

    c.wire_cap_f = cap_f;
    if (rc < 0 ||
        (rc = mp_sdf_read_text(&sdf, n, timing->sdf, strlen(timing->sdf), "mapped.sdf", err)) < 0 ||
        (rc = mp_bindings_design(&bindings, n, design, err)) < 0 ||
        (rc = mp_sampled_add(&sample, &job, p->trace, err)) < 0 ||
        (rc = power_of(&v->power_w, &c, &sample.total.functional, err)) < 0 ||
        (rc = power_of(&timed_w, &c, &sample.total.timed, err)) < 0)
        goto out;
    v->glitch_w = timed_w - v->power_w;
out:
    mp_sampled_release(&sample);
    mp_bindings_release(&bindings);
    mp_sdf_release(&sdf);
    free(cap_f);
    return rc;
}
