/*
 * A netlist of library cells under edit: timing that follows every change at the cost of what the
 * change touches, and undo to the bit. The ground on which search and sizing stand.
 *
 *     struct mp_mapped m;
 *     mp_mapped_init(&m, &nldm, &environment);
 *     uint32_t a = mp_mapped_add_input(&m), b = ..., y = mp_mapped_add_net(&m);
 *     mp_mapped_add_gate(&m, nand2, (uint32_t[]){a, b}, (uint32_t[]){y});
 *     mp_mapped_add_output(&m, y);
 *     mp_mapped_update(&m);                       // m.delay_s, m.area_um2
 *     uint32_t mark = mp_mapped_checkpoint(&m);
 *     mp_mapped_set_type(&m, gate, nand2_x2);     // ... any edits
 *     if (mp_mapped_update(&m) != MP_MAPPED_OK || worse)
 *         mp_mapped_rollback(&m, mark);           // structure and timing as before, bit for bit
 *     else
 *         mp_mapped_commit(&m, mark);
 *
 * Ids are dense uint32_t indices with holes (removed ones are reused): gates [0, gate_limit), nets
 * [0, net_limit). Net 0 is constant 0 and net 1 constant 1, as in mp_netlist; they have no timing.
 * Edits of structure only record; nothing is timed, and cycles are not looked for, before the next
 * update, so a move may pass through any intermediate state. Edits that break the rules named here
 * are programming errors (asserted). Memory grows as needed and is never freed before release, so
 * that a loop that has seen its largest state allocates nothing.
 *
 * Timing: as mp_nldm; ideal clock at 0 with slew 0; input ports arrive at 0; the delay is the
 * latest of all output ports and flip-flop inputs (setup included), which is OpenSTA's critical
 * path. A constant (nets 0 and 1, tie cells, gates whose inputs are all constant) has no
 * transition and no arc starts from it; constants are not propagated by function (an AND with a
 * constant 0 still passes its other input on), which no sensible netlist has.
 *
 * Not thread-safe; copies (mp_mapped_copy) are independent.
 */
#ifndef MP_TECHMAP_MAPPED_H
#define MP_TECHMAP_MAPPED_H

#include "estimator/timing/nldm.h"

#define MP_MAPPED_ZERO 0u /* nets */
#define MP_MAPPED_ONE  1u

struct mp_mapped_environment {
    const struct mp_wire_model *wire; /* NULL: none; may be released after init */
    /* Compiled cell (a buffer, say) that drives every input port from a slew of 0: the port's net
     * has its output slew, and arrives by its delay over that without load (set_driving_cell).
     * MP_NONE: slew 0, arrival 0. */
    uint32_t driving_cell;
    double output_load_f; /* at each output port */
};

/* A cell in place. Input k of the cell is inputs[k], output k drives outputs[k]. */
struct mp_mapped_gate {
    uint32_t type;                     /* compiled cell; MP_NONE: a hole */
    uint32_t position;                 /* in topological order, see below */
    uint32_t inputs[MP_NLDM_INPUTS];   /* nets; MP_NONE beyond the cell's inputs */
    uint32_t outputs[MP_NLDM_OUTPUTS]; /* nets; MP_NONE: unconnected or no such output */
};

/* Sinks of a net are pins, gate * MP_MAPPED_PINS + input, in a ring-free list in no defined order:
 *     for (uint32_t s = m.nets[n].first_sink; s != MP_NONE; s = m.sinks[s].next)
 * mp_mapped_pin_gate(s) and mp_mapped_pin_input(s) take it apart. */
#define MP_MAPPED_PINS 8u
struct mp_mapped_sink {
    uint32_t next, previous; /* pins; MP_NONE: end */
};

struct mp_mapped_net {
    uint32_t
        driver; /* gate * 2 + output; MP_NONE: input port, constant, undriven (holes: no matter) */
    uint32_t first_sink;
    uint32_t sink_count;                    /* input pins */
    uint32_t output_count;                  /* output ports on it */
    int64_t pin_cap[2];                     /* units, of the input pins, [edge] */
    uint8_t is_used, is_input, is_constant; /* a hole is none of them */
};

/* One edge of a net. slew_s is the output slew of its driver; no transition (constants): arrival
 * -INFINITY, slew 0. */
struct mp_mapped_edge {
    float arrival_s;
    float bias;     /* 0; -INFINITY without a transition: what it adds to slews of its sinks */
    float fraction; /* of slew_s on slew axis 0, and its segment */
    uint32_t segment;
};
struct mp_mapped_timing {
    struct mp_mapped_edge edge[2]; /* enum mp_edge */
    float slew_s[2];
    /* Wire resistance: a sink of c units is reached wire_s + wire_r * c later. 0 without any. */
    float wire_s, wire_r;
    float wire_ohm; /* as the driver sees it */
    /* That times the load, as much of it as counts for delay and for slew, [edge][2]; of nets that
     * a gate drives. */
    float wire_hidden_s[2][2];
    float load_fraction[2]; /* on the driver's load axis */
    uint16_t load_segment[2];
};

enum mp_mapped_status {
    MP_MAPPED_OK = 0,
    MP_MAPPED_CYCLE = 1,     /* a combinational loop: roll back (or break it and update again) */
    MP_MAPPED_OVER_LIMIT = 2 /* some endpoint is later than the limit; timing is incomplete */
};

struct mp_mapped {
    const struct mp_nldm *nldm;
    struct mp_mapped_environment environment;
    uint32_t gate_limit, net_limit, gate_count, net_count;
    struct mp_mapped_gate *gates;
    struct mp_mapped_sink *sinks; /* [gate_limit * MP_MAPPED_PINS] */
    struct mp_mapped_net *nets;
    struct mp_mapped_timing *timing; /* [net_limit] valid after an update that returned OK */
    uint32_t input_count, output_count;
    uint32_t *inputs;              /* nets, in the order added */
    uint32_t *outputs;             /* nets, in the order added; a net may be there more than once */
    double area_um2;               /* of all gates, always up to date; exact under undo */
    float delay_s;                 /* after an update that returned OK; 0 without endpoints */
    struct mp_mapped_inner *inner; /* order, journal, queues */
    uint64_t gates_timed;          /* gate evaluations since init: the cost of a search */
};

/* nldm must outlive m. */
void mp_mapped_init(struct mp_mapped *m, const struct mp_nldm *nldm,
                    const struct mp_mapped_environment *environment);
void mp_mapped_release(struct mp_mapped *m);
/* out is overwritten (not released before). It is the state of now, without checkpoints. */
void mp_mapped_copy(struct mp_mapped *out, const struct mp_mapped *m);

/* ---- building and editing ---- */

/* Ports are made before the first checkpoint. An input port and its net, which is returned. */
uint32_t mp_mapped_add_input(struct mp_mapped *m);
void mp_mapped_add_output(struct mp_mapped *m, uint32_t net);
/* Output port k (index in outputs) is on another net from now on; undone by rollback. */
void mp_mapped_move_output(struct mp_mapped *m, uint32_t k, uint32_t net);

uint32_t mp_mapped_add_net(struct mp_mapped *m);
/* Without driver, sinks or ports. */
void mp_mapped_remove_net(struct mp_mapped *m, uint32_t net);
/* inputs[input_count of type], outputs[output_count] (MP_NONE: unconnected); the output nets have
 * no driver yet. Returns its id. */
uint32_t mp_mapped_add_gate(struct mp_mapped *m, uint32_t type, const uint32_t *inputs,
                            const uint32_t *outputs);
/* Its nets stay, the outputs without driver. */
void mp_mapped_remove_gate(struct mp_mapped *m, uint32_t gate);
/* Another cell with as many inputs and outputs; the function is the caller's business. */
void mp_mapped_set_type(struct mp_mapped *m, uint32_t gate, uint32_t type);
/* Input k of the gate to a net. */
void mp_mapped_connect(struct mp_mapped *m, uint32_t gate, uint32_t input, uint32_t net);
/* Output k to a net without driver, or MP_NONE. */
void mp_mapped_connect_output(struct mp_mapped *m, uint32_t gate, uint32_t output, uint32_t net);
void mp_mapped_swap_inputs(struct mp_mapped *m, uint32_t gate, uint32_t a, uint32_t b);
/* All sinks and output ports of `from` move to `to`. */
void mp_mapped_move_sinks(struct mp_mapped *m, uint32_t from, uint32_t to);

/* ---- undo ---- */

/* Opens a checkpoint; they nest. The last update must have returned OK and nothing be edited since.
 */
uint32_t mp_mapped_checkpoint(struct mp_mapped *m);
/* Back to the checkpoint, which is closed with all inside it. */
void mp_mapped_rollback(struct mp_mapped *m, uint32_t mark);
/* Keeps what was done since; closes the checkpoint. */
void mp_mapped_commit(struct mp_mapped *m, uint32_t mark);

/* ---- timing ---- */

/* Times what changed since the last update: loads, slews, arrivals. The result equals that of
 * mp_mapped_time_full to the bit. After MP_MAPPED_CYCLE timing is incomplete: roll back. */
enum mp_mapped_status mp_mapped_update(struct mp_mapped *m);
/* May stop as soon as an endpoint is later than limit_s (MP_MAPPED_OVER_LIMIT): then roll back, or
 * go on with mp_mapped_update. */
enum mp_mapped_status mp_mapped_update_limit(struct mp_mapped *m, float limit_s);
/* Everything anew: the plain reference. Orders, sums and looks up without the shortcuts. */
enum mp_mapped_status mp_mapped_time_full(struct mp_mapped *m);
/* Marks all for the next update, which then times the whole netlist at full speed. */
void mp_mapped_touch_all(struct mp_mapped *m);

/* Load of a net as the timing sees it: pins, wire, ports. F. */
double mp_mapped_load_f(const struct mp_mapped *m, uint32_t net, enum mp_edge edge);
/* The wire's part of it. */
double mp_mapped_wire_f(const struct mp_mapped *m, uint32_t net);
/* Later edge at the driver; -INFINITY for a constant. */
float mp_mapped_arrival(const struct mp_mapped *m, uint32_t net);

/* An arc of a path; of the first step of a path from a port, gate, input and output are MP_NONE. */
struct mp_mapped_step {
    uint32_t gate, input, output;
    uint32_t net;            /* that it drives */
    enum mp_edge edge, from; /* of the net; at the input */
    float arrival_s;
};
/* The critical path from its start to its end into steps[capacity]; returns its length, which may
 * be larger (then the last `capacity` steps are stored). */
uint32_t mp_mapped_critical_path(const struct mp_mapped *m, struct mp_mapped_step *steps,
                                 uint32_t capacity);
/* slack_s[net_limit]: how much later the net's later edge could be at `required_s` (delay_s for the
 * own critical path = 0) without an endpoint being late; INFINITY where nothing depends on it. */
void mp_mapped_slacks(const struct mp_mapped *m, float required_s, float *slack_s);

/* Live gates in topological order (flip-flops first or last in no defined place) into
 * order[gate_count]. Only after an update that returned OK. */
void mp_mapped_order(const struct mp_mapped *m, uint32_t *order);

/* Checks every list, count and sum of the structure against one made anew; for tests. */
int mp_mapped_check(const struct mp_mapped *m, struct mp_error *err);

static inline uint32_t mp_mapped_pin_gate(uint32_t pin)
{
    return pin / MP_MAPPED_PINS;
}
static inline uint32_t mp_mapped_pin_input(uint32_t pin)
{
    return pin % MP_MAPPED_PINS;
}

#endif
