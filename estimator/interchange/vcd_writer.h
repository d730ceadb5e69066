/*
 * Inside of the VCD writer: what vcd_write.c (time and values), vcd_write_header.c (declarations)
 * and vcd_write_lanes.c (lanes of the functional simulator) share.
 */
#ifndef MP_INTERCHANGE_VCD_WRITER_H
#define MP_INTERCHANGE_VCD_WRITER_H

#include "estimator/interchange/sink.h"
#include "estimator/interchange/tick.h"
#include "estimator/interchange/vcd_write.h"

#define MP_VCD_CODE 8 /* bytes of an id code, with the NUL */

/* A variable: one id code. nets[width] from var_nets, the most significant bit first. */
struct mp_vcd_var {
    uint32_t first_net, width;
    bool is_dirty;
    char code[MP_VCD_CODE];
};

struct mp_vcd_writer {
    const struct mp_netlist *n;
    struct mp_sink *sink;
    struct mp_tick tick;
    struct mp_vcd_write_options options;
    struct mp_vcd_var *vars;
    size_t var_count, var_capacity;
    uint32_t *var_nets;
    size_t net_count, net_capacity;
    uint32_t *net_first, *net_vars; /* the variables of a net: net_vars[net_first[net] ..] */
    uint32_t *scalar;               /* [net] variable of one bit, MP_NONE: none */
    uint32_t *dirty;                /* variables that changed since the last time was written */
    uint32_t dirty_count;
    uint8_t *value; /* [net] */

    bool in_stretch, any;
    uint8_t active;      /* value of the clock after the edge that stores */
    uint64_t begin;      /* tick of the stretch */
    uint64_t now;        /* tick of the changes that are dirty */
    uint64_t other_edge; /* when the clock goes back, 0: it is back */
    size_t first_cycle, cycles;
    size_t late_cycle; /* + 1; 0: none */

    /* Lanes. A record is [net][words], with the mask of what counts. */
    uint64_t **records, **masks;
    size_t record_count, record_capacity, mask_capacity;
    uint8_t *scratch; /* [net] */
    bool is_running;  /* the one lane is in a stretch */
};

/* Declare everything and write the header. */
void mp_vcd_writer_declare(struct mp_vcd_writer *w);
/* Write the lanes that are held. */
int mp_vcd_writer_lanes(struct mp_vcd_writer *w, struct mp_error *err);
void mp_vcd_writer_drop_lanes(struct mp_vcd_writer *w);

#endif
