/*
 * Inside struct mp_mapped: mapped.c (memory, nets, ports), mapped_edit.c (gates), mapped_journal.c
 * (undo), mapped_order.c (topological order), mapped_time.c (timing), mapped_query.c (paths,
 * slacks, checks).
 *
 * Undo: all state lies in tables of fixed-size records. mp_mapped_touch() saves a record before its
 * first change in an epoch; a new epoch begins wherever a checkpoint opens or closes. Rolling back
 * copies the records back in reverse. Scalars are saved with the checkpoint.
 *
 * Order: gate -> position in order[], with holes; drivers stand before sinks. Violations by new
 * connections are repaired at the next update by moving what lies between (Pearce and Kelly, A
 * dynamic topological sort algorithm for directed acyclic graphs, 2006). Flip-flops have no
 * position: their outputs depend on load only, their inputs are ends.
 */
#ifndef MP_TECHMAP_MAPPED_PARTS_H
#define MP_TECHMAP_MAPPED_PARTS_H

#include "estimator/techmap/mapped.h"

enum mp_mapped_table {
    MP_TABLE_GATE,       /* gates[] */
    MP_TABLE_SINK,       /* sinks[] */
    MP_TABLE_NET,        /* nets[] */
    MP_TABLE_TIMING,     /* timing[] */
    MP_TABLE_ORDER,      /* order[]: gate, or MP_NONE */
    MP_TABLE_OUTPUT,     /* outputs[] */
    MP_TABLE_FLOP,       /* flops[]: gate */
    MP_TABLE_FLOP_INDEX, /* flop_index[gate]: where in flops[] */
    MP_TABLE_END,        /* end_s[gate]: latest arrival + setup at a flip-flop */
    MP_TABLE_COUNT
};

/* What a checkpoint saves besides records. */
struct mp_mapped_scalars {
    uint32_t gate_limit, net_limit, gate_count, net_count, free_gate, free_net, flop_count,
        position_limit;
    int64_t area; /* 1e-6 um2 */
    float delay_s;
};
struct mp_mapped_mark {
    size_t log_size;
    struct mp_mapped_scalars scalars;
};

/* Ids waiting for the next update, each at most once. */
struct mp_mapped_queue {
    uint32_t count;
    uint32_t *ids;       /* [capacity of the kind] */
    uint8_t *is_waiting; /* [id] */
};

struct mp_mapped_inner {
    uint32_t gate_capacity, net_capacity, position_capacity, port_capacity[2];
    uint32_t free_gate, free_net; /* holes, linked by inputs[0] and driver; MP_NONE: none */
    uint32_t position_limit, flop_count;
    int64_t area;
    uint32_t *order, *flops, *flop_index;
    float *end_s;
    uint64_t *dirty;               /* [position / 64] gates to time, by position */
    struct mp_mapped_queue gates;  /* whose type or nets changed */
    struct mp_mapped_queue nets;   /* whose load or driver changed */
    struct mp_mapped_queue ends;   /* flip-flops whose inputs changed */
    bool has_resistance;           /* of wires */
    int64_t wire_cap[64];          /* units, by fan-out */
    struct mp_wire_model wire;     /* own copy of its tables, for larger ones */
    double *wire_tables;           /* owned */
    int64_t output_load;           /* units */
    float drive_intrinsic_s[2][2]; /* [from][to] the driving cell's delay without load */
    uint32_t *scratch;             /* [3 * gate_capacity] of the order */
    bool is_stopped;               /* the last update stopped early: dirty[] is not empty */
    bool is_all;                   /* the next update times everything */
    uint8_t *visited;              /* [gate_capacity] 0 between calls */

    uint32_t epoch, depth, mark_capacity;
    struct mp_mapped_mark *marks;
    uint64_t *log;
    size_t log_size, log_capacity; /* words */
    uint32_t *stamp[MP_TABLE_COUNT];
};

void mp_mapped_save(struct mp_mapped *m, enum mp_mapped_table table, uint32_t index);

/* Before a record changes. */
static inline void mp_mapped_touch(struct mp_mapped *m, enum mp_mapped_table table, uint32_t index)
{
    if (m->inner->depth > 0 && m->inner->stamp[table][index] != m->inner->epoch)
        mp_mapped_save(m, table, index);
}

static inline void mp_mapped_enqueue(struct mp_mapped_queue *q, uint32_t id)
{
    if (q->is_waiting[id])
        return;
    q->is_waiting[id] = 1;
    q->ids[q->count++] = id;
}
size_t mp_mapped_table_capacity(const struct mp_mapped_inner *in, uint32_t table);
void mp_mapped_queue_clear(struct mp_mapped_queue *q);

/* An arc with the table that applies to this net; shield is 0 where none does. */
static inline struct mp_nldm_arc mp_mapped_arc(const struct mp_mapped *m, uint32_t net, uint32_t id)
{
    struct mp_nldm_arc arc = m->nldm->arcs[id];
    if (m->inner->has_resistance && m->timing[net].wire_ohm >= arc.wired_ohm)
        arc.table = arc.wired;
    else
        arc.shield[0] = arc.shield[1] = 0;
    return arc;
}

static inline const struct mp_nldm_cell *mp_mapped_cell(const struct mp_mapped *m, uint32_t gate)
{
    return &m->nldm->cells[m->gates[gate].type];
}

/* Units at a fan-out. */
int64_t mp_mapped_wire_cap(const struct mp_mapped *m, uint32_t fan_out);
/* Sets wire_s and wire_r of a net; true: they changed. */
bool mp_mapped_place_wire(struct mp_mapped *m, uint32_t net);
/* What mp_nldm_arc's shield is multiplied by, for delay and for slew: resistance times load, as the
 * driver sees it (the sum over the sinks of resistance times load squared, by the whole load). 0
 * without resistance. */
void mp_mapped_hide(const struct mp_mapped *m, uint32_t net, enum mp_edge edge, float hidden_s[2]);

/* Load of a net, units. */
int64_t mp_mapped_load(const struct mp_mapped *m, uint32_t net, enum mp_edge edge);

void mp_mapped_reserve_gates(struct mp_mapped *m, uint32_t count);
/* Room for so many positions, new ones holes. */
void mp_mapped_reserve_positions(struct mp_mapped *m, uint32_t limit);
/* Order valid again for the waiting gates; false: a cycle. */
bool mp_mapped_repair_order(struct mp_mapped *m);
/* A new order of everything; false: a cycle (the order is then incomplete). */
bool mp_mapped_rebuild_order(struct mp_mapped *m);

/* Parts of timing that need no speed: an input port's net; an output of a flip-flop (true: it
 * changed); the ends of a flip-flop; delay_s from all ends. */
bool mp_mapped_time_port(struct mp_mapped *m, uint32_t net);
bool mp_mapped_time_flop(struct mp_mapped *m, uint32_t gate, uint32_t output);
void mp_mapped_time_end(struct mp_mapped *m, uint32_t gate);
/* Arrival at an output port; at an input of a flip-flop, setup included where it is checked. */
float mp_mapped_at_port(const struct mp_mapped *m, uint32_t net);
float mp_mapped_at_input(const struct mp_mapped *m, uint32_t gate, uint32_t input,
                         enum mp_edge edge);
void mp_mapped_find_delay(struct mp_mapped *m);
/* Nothing waits any more. */
void mp_mapped_clear_waiting(struct mp_mapped *m);

/* No transition at either edge. */
void mp_mapped_no_timing(struct mp_mapped_timing *t);

#endif
