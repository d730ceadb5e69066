/*
 * Where the power goes: the rows that a designer reads to decide what to gate, isolate or rebalance
 * next. Every watt of the design is in exactly one row, so the rows sum to its total.
 *
 *   block  blocks of netlist/cones.h
 *   group  clock pins, the rest of the registers, combinational cells
 *   kind   cells of the library: what choice of cells costs
 *   cell   instances
 *   net    nets: the switching power of a net, what its driver's output pin dissipates, and a
 *          share of the driver's other power (input pins, leakage, unconnected outputs), equal for
 *          each connected output of the driver. The clock net has what the registers' clock pins
 *          take; nets of input ports have nothing, as their power belongs to whoever drives them.
 *          Cells without any connected output are in one row "(no net)".
 *
 *     struct mp_where_input in = {.netlist = &n, .blocks = &blocks, .functional = &functional,
 *                                 .timed = &timed, .transitions = t, .timed_transitions = tt};
 *     struct mp_where where;
 *     if (mp_where_make(&where, MP_WHERE_NET, &in, 20, err) == MP_OK)
 *         for (uint32_t i = 0; i < where.count; i++) ... where.rows[i] ...
 *     mp_where_release(&where);
 */
#ifndef MP_POWER_WHERE_H
#define MP_POWER_WHERE_H

#include "estimator/power/power.h"

enum mp_where_by {
    MP_WHERE_BLOCK,
    MP_WHERE_CELL,
    MP_WHERE_NET,
    MP_WHERE_KIND,
    MP_WHERE_GROUP,
    MP_WHERE_COUNT
};
/* "block", "cell", "net", "kind", "group". MP_E_USAGE lists them. */
int mp_where_by_parse(enum mp_where_by *by, const char *name, struct mp_error *err);
const char *mp_where_by_name(enum mp_where_by by);

/* Everything is borrowed and about the same netlist. */
struct mp_where_input {
    const struct mp_netlist *netlist;
    const struct mp_blocks *blocks;             /* NULL: rows do not name theirs, none by block */
    const double *wire_cap_f;                   /* [net]; NULL: no wire load */
    const struct mp_power *functional;          /* without delays */
    const struct mp_power *timed;               /* with delays; NULL: not known, no glitches */
    const struct mp_power *exact, *exact_timed; /* of the exact mode; NULL: not computed */
    const double *transitions;                  /* [net] per cycle, of functional; the clock's is
                                                   taken as 2 */
    const double *timed_transitions;            /* [net] of timed; NULL when that is */
};

struct mp_where_row {
    const char *name;
    const char *kind;   /* cell, kind: the library cell; net: that of the driver, "clock" or
                           "input port"; NULL where there is none */
    const char *driver; /* net: instance that drives it, NULL: none */
    const char *block;  /* block, cell, and the driver's of a net; NULL: several or none */
    uint32_t cells;     /* a net has its driver, if no other output of that comes before */
    uint32_t loads;     /* net: pins that it drives; 0 otherwise */
    double area_um2;    /* of the cells */
    double transitions, timed_transitions; /* per cycle, of the net or summed over the outputs of
                                              the cells; NAN: timed is not known */
    double load_f;                         /* of the net or summed likewise */
    struct mp_power_parts functional;
    double glitch_w; /* timed - functional; 0 where timed is not known */
    double total_w;  /* functional and glitches */
    double share;    /* of the design's total_w */
    double exact_w;  /* total_w as the exact mode has it; NAN: not computed */
};

struct mp_where {
    enum mp_where_by by;
    bool has_timed, has_exact;
    uint32_t count;
    struct mp_where_row *rows; /* by total_w, largest first; last "others (n)" where cut off */
    uint32_t others;           /* rows in "others", 0: there is no such row */
    struct mp_where_row total; /* the design */
    struct mp_arena arena;     /* names that are in neither netlist nor blocks */
};

/* At most `top` rows and "others"; 0: all. Exact power without pins (pin_internal_w NULL) is left
 * out by net. Transitions and load of `total` are those of all nets that cells drive. Names stay
 * those of netlist and blocks, which must outlive it. MP_E_INPUT when a power is not of this
 * netlist, MP_E_USAGE by block without blocks. Release in any case. */
int mp_where_make(struct mp_where *w, enum mp_where_by by, const struct mp_where_input *in,
                  uint32_t top, struct mp_error *err);
void mp_where_release(struct mp_where *w);

#endif
