/*
 * A mapped, flat netlist: cells of one library, nets, ports, in flat arrays with 32-bit ids.
 *
 * Pins: pin p of cell c is pin_net[cell_first_pin[c] + k], k = local pin of the library cell. This
 * global pin index is how slews and per-pin figures are addressed everywhere.
 * Net 0 is constant 0 and net 1 is constant 1.
 */
#ifndef MP_NETLIST_NETLIST_H
#define MP_NETLIST_NETLIST_H

#include "estimator/liberty/library.h"

struct mp_port {
    const char *name;
    enum mp_direction direction;
    bool is_vector; /* declared with a range */
    uint32_t width;
    const uint32_t *nets; /* [width], bit 0 first */
};

struct mp_netlist {
    const struct mp_library *library; /* must outlive the netlist */
    const char *name;                 /* module */
    uint32_t cell_count, net_count, pin_count, port_count;
    uint32_t *cell_type;        /* [cell] library cell id */
    const char **cell_name;     /* [cell] without escapes */
    uint32_t *cell_first_pin;   /* [cell + 1] */
    uint32_t *pin_net;          /* [pin] MP_NONE: unconnected output; inputs are always connected */
    const char **net_name;      /* [net] */
    uint32_t *net_driver;       /* [net] driving pin; MP_NONE: input port or constant */
    uint32_t *net_fanout_first; /* [net + 1] into net_fanout */
    uint32_t *net_fanout;       /* input pins that the net drives, by net */
    uint32_t *pin_cell;         /* [pin] */
    struct mp_port *ports;

    /* Made by mp_netlist_levelise(). */
    uint32_t *order; /* combinational cells, every cell after the drivers of its inputs */
    uint32_t order_count;
    uint32_t *registers; /* flip-flop cells */
    uint32_t register_count;
    uint32_t clock_net; /* MP_NONE: no register */
    /* Set by the caller between reading and levelising, where nothing will be simulated because the
     * activity comes from a file: registers may then store at either edge of the clock. */
    bool allows_both_edges;
    bool uses_both_edges; /* and they do */
    struct mp_arena arena;
};

/* Read a structural Verilog netlist as Yosys writes it: one or several modules (hierarchy is
 * flattened, names joined with
 * '.'; top NULL: the only module that none instantiates), wires and vectors, named or ordered
 * connections, constants, concatenations and bit or part selects in connections, `assign` between
 * nets. Every cell must be in the library (unknown: MP_E_INPUT with file, line, cell name), every
 * input connected, every net driven once. Behavioural code is a located error. */
int mp_netlist_read(struct mp_netlist *n, const struct mp_library *library, const char *path,
                    const char *top, struct mp_error *err);
int mp_netlist_read_text(struct mp_netlist *n, const struct mp_library *library, const char *text,
                         size_t size, const char *file_name, const char *top, struct mp_error *err);
void mp_netlist_release(struct mp_netlist *n);

/* Appends the netlist as one flat module that other tools read: scalar wires, named connections,
 * one bit an assign. A net on a port has the port's name; cells and all other nets keep theirs. */
void mp_netlist_write(struct mp_text *out, const struct mp_netlist *n);

/* Topological order, registers and the one clock. Combinational loops, latches, three-state cells,
 * more than one clock, a gated or derived clock: MP_E_UNSUPPORTED naming cell and net. Checks the
 * graph too. */
int mp_netlist_levelise(struct mp_netlist *n, struct mp_error *err);

/* MP_NONE if there is no such port. */
uint32_t mp_netlist_port(const struct mp_netlist *n, const char *name);
/* Name of the single-bit input port that clocks the registers; NULL: no register, or the clock is
 * no such port. */
const char *mp_netlist_clock_port(const struct mp_netlist *n);
/* Sum over the cells; a type without area counts as 0, as the format has it. */
double mp_netlist_area_um2(const struct mp_netlist *n);
double mp_netlist_cell_area_um2(const struct mp_netlist *n, uint32_t cell);

/* Sum of the input pin capacitances on a net, rise and fall averaged, plus wire_cap_f[net] if not
 * NULL. */
double mp_netlist_load_f(const struct mp_netlist *n, uint32_t net, const double *wire_cap_f);

#endif
