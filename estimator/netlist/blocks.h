/*
 * Inside mp_blocks_find(): what a design of this program calls its parts, by name, by port and by
 * cone. cones.c has the rest.
 */
#ifndef MP_NETLIST_BLOCKS_H
#define MP_NETLIST_BLOCKS_H

#include "estimator/netlist/netlist.h"

enum mp_own_block {
    MP_OWN_INPUT_REGISTERS,
    MP_OWN_MULTIPLIER,
    MP_OWN_SHIFTER,
    MP_OWN_ACCUMULATOR,
    MP_OWN_OUTPUT_REGISTERS,
    MP_OWN_OTHER,
    MP_OWN_COUNT
};
const char *mp_own_block_name(enum mp_own_block b);

/* Has it the ports of a design of this program? */
bool mp_own_is_design(const struct mp_netlist *n);

/* Block of a hierarchical instance: multiplier, shifter, accumulator or accumulator_adder as the
 * first part of name; MP_OWN_OTHER. */
enum mp_own_block mp_own_block_of_name(const char *name);

/* of_cell[cell] of a design whose blocks were mapped for themselves. */
void mp_own_blocks_apart(enum mp_own_block *of_cell, const struct mp_netlist *n);
/* The same of a flattened one. */
void mp_own_blocks_flat(enum mp_own_block *of_cell, const struct mp_netlist *n);

/* Shared with cones.c. The net that a cell's pin is on when the pin has that direction, MP_NONE
 * otherwise. */
uint32_t mp_pin_net_if(const struct mp_netlist *n, uint32_t cell, uint32_t k,
                       enum mp_direction direction);
bool mp_net_is_on_port(const struct mp_netlist *n, uint32_t net, enum mp_direction direction,
                       const char *name);
/* The output net of a cell with one input that reads net, in turn from 0; MP_NONE: no more. A
 * flip-flop may drive the register's name through an inverter only (Yosys pushes inverters across
 * registers): then the net behind tells. */
uint32_t mp_net_behind(const struct mp_netlist *n, uint32_t net, uint32_t turn);

#endif
