#include "estimator/netlist/blocks.h"
#include <stdlib.h>
#include <string.h>

const char *mp_own_block_name(enum mp_own_block b)
{
    static const char *const names[MP_OWN_COUNT] = {
        "input_registers", "multiplier", "shifter", "accumulator", "output_registers", "other"};
    return (unsigned)b < MP_OWN_COUNT ? names[b] : "other";
}

/* Is the first part of a hierarchical or indexed name (up to '.', '[' or the end) this word? */
static bool first_part_is(const char *name, const char *word)
{
    size_t n = strlen(word);
    return strncmp(name, word, n) == 0 && (name[n] == '\0' || name[n] == '.' || name[n] == '[');
}

enum mp_own_block mp_own_block_of_name(const char *name)
{
    if (first_part_is(name, "multiplier"))
        return MP_OWN_MULTIPLIER;
    if (first_part_is(name, "shifter"))
        return MP_OWN_SHIFTER;
    if (first_part_is(name, "accumulator") || first_part_is(name, "accumulator_adder"))
        return MP_OWN_ACCUMULATOR;
    return MP_OWN_OTHER;
}

static enum mp_own_block register_block(const char *net)
{
    static const char *const inputs[] = {"weight_q", "activation_q", "first_q"};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        if (first_part_is(net, inputs[i]))
            return MP_OWN_INPUT_REGISTERS;
    if (first_part_is(net, "product") || first_part_is(net, "accumulator"))
        return MP_OWN_OUTPUT_REGISTERS;
    return MP_OWN_OTHER;
}

static const struct mp_lib_cell *type_of(const struct mp_netlist *n, uint32_t cell)
{
    return &n->library->cells[n->cell_type[cell]];
}

uint32_t mp_pin_net_if(const struct mp_netlist *n, uint32_t cell, uint32_t k,
                       enum mp_direction direction)
{
    return n->library->pins[type_of(n, cell)->first_pin + k].direction == direction
               ? n->pin_net[n->cell_first_pin[cell] + k]
               : MP_NONE;
}

bool mp_net_is_on_port(const struct mp_netlist *n, uint32_t net, enum mp_direction direction,
                       const char *name)
{
    for (uint32_t i = 0; i < n->port_count; i++) {
        const struct mp_port *p = &n->ports[i];
        if (p->direction != direction || (name && strcmp(p->name, name) != 0))
            continue;
        for (uint32_t k = 0; k < p->width; k++)
            if (p->nets[k] == net)
                return true;
    }
    return false;
}

/* The output of an inverter or buffer, MP_NONE for other cells. */
static uint32_t only_output(const struct mp_netlist *n, uint32_t cell)
{
    uint32_t inputs = 0, out = MP_NONE;
    if (type_of(n, cell)->sequential != MP_COMBINATIONAL)
        return MP_NONE;
    for (uint32_t k = 0; k < type_of(n, cell)->pin_count; k++) {
        uint32_t net = mp_pin_net_if(n, cell, k, MP_DIR_OUTPUT);
        inputs += mp_pin_net_if(n, cell, k, MP_DIR_INPUT) != MP_NONE;
        if (net != MP_NONE)
            out = net;
    }
    return inputs == 1 ? out : MP_NONE;
}

uint32_t mp_net_behind(const struct mp_netlist *n, uint32_t net, uint32_t turn)
{
    for (uint32_t i = n->net_fanout_first[net]; i < n->net_fanout_first[net + 1]; i++) {
        uint32_t out = only_output(n, n->pin_cell[n->net_fanout[i]]);
        if (out != MP_NONE && turn-- == 0)
            return out;
    }
    return MP_NONE;
}

static enum mp_own_block register_by_name(const struct mp_netlist *n, uint32_t net)
{
    enum mp_own_block block = register_block(n->net_name[net]);
    uint32_t behind;
    for (uint32_t i = 0; block == MP_OWN_OTHER && (behind = mp_net_behind(n, net, i)) != MP_NONE;
         i++)
        block = register_block(n->net_name[behind]);
    return block;
}

/* A register whose names are lost, by the ports beside it. */
static enum mp_own_block register_by_ports(const struct mp_netlist *n, uint32_t cell)
{
    enum mp_own_block block = MP_OWN_OTHER;
    for (uint32_t k = 0; k < type_of(n, cell)->pin_count; k++) {
        uint32_t out = mp_pin_net_if(n, cell, k, MP_DIR_OUTPUT);
        uint32_t in = mp_pin_net_if(n, cell, k, MP_DIR_INPUT);
        if (out != MP_NONE && mp_net_is_on_port(n, out, MP_DIR_OUTPUT, NULL))
            return MP_OWN_OUTPUT_REGISTERS;
        if (in != MP_NONE && in != n->clock_net && mp_net_is_on_port(n, in, MP_DIR_INPUT, NULL))
            block = MP_OWN_INPUT_REGISTERS;
    }
    return block;
}

static enum mp_own_block block_of_register(const struct mp_netlist *n, uint32_t cell)
{
    for (uint32_t k = 0; k < type_of(n, cell)->pin_count; k++) {
        uint32_t net = mp_pin_net_if(n, cell, k, MP_DIR_OUTPUT);
        enum mp_own_block block = net == MP_NONE ? MP_OWN_OTHER : register_by_name(n, net);
        if (block != MP_OWN_OTHER)
            return block;
    }
    return register_by_ports(n, cell);
}

static enum mp_own_block block_of_gate(const struct mp_netlist *n, uint32_t cell)
{
    enum mp_own_block block = mp_own_block_of_name(n->cell_name[cell]);
    for (uint32_t k = 0; k < type_of(n, cell)->pin_count && block == MP_OWN_OTHER; k++) {
        uint32_t net = mp_pin_net_if(n, cell, k, MP_DIR_OUTPUT);
        /* an inner net's name ("multiplier.p3[2]") tells where an unnamed cell came from */
        if (net != MP_NONE && strchr(n->net_name[net], '.'))
            block = mp_own_block_of_name(n->net_name[net]);
    }
    return block;
}

bool mp_own_is_design(const struct mp_netlist *n)
{
    uint32_t weight = mp_netlist_port(n, "weight"), activation = mp_netlist_port(n, "activation");
    uint32_t product = mp_netlist_port(n, "product"), sum = mp_netlist_port(n, "accumulator");
    uint32_t result = product != MP_NONE ? product : sum;
    return weight != MP_NONE && activation != MP_NONE && result != MP_NONE &&
           n->ports[weight].direction == MP_DIR_INPUT &&
           n->ports[activation].direction == MP_DIR_INPUT &&
           n->ports[result].direction == MP_DIR_OUTPUT && n->register_count > 0;
}

void mp_own_blocks_apart(enum mp_own_block *of_cell, const struct mp_netlist *n)
{
    for (uint32_t c = 0; c < n->cell_count; c++)
        of_cell[c] = type_of(n, c)->sequential == MP_COMBINATIONAL ? block_of_gate(n, c)
                                                                   : block_of_register(n, c);
}

static void mark_outputs(uint8_t *marked, const struct mp_netlist *n, uint32_t cell)
{
    for (uint32_t k = 0; k < type_of(n, cell)->pin_count; k++) {
        uint32_t net = mp_pin_net_if(n, cell, k, MP_DIR_OUTPUT);
        if (net != MP_NONE)
            marked[net] = 1;
    }
}

static bool reads_marked(const uint8_t *marked, const struct mp_netlist *n, uint32_t cell)
{
    for (uint32_t k = 0; k < type_of(n, cell)->pin_count; k++) {
        uint32_t net = mp_pin_net_if(n, cell, k, MP_DIR_INPUT);
        if (net != MP_NONE && marked[net])
            return true;
    }
    return false;
}

static bool reads_port(const struct mp_netlist *n, uint32_t cell, const char *port)
{
    for (uint32_t k = 0; k < type_of(n, cell)->pin_count; k++) {
        uint32_t net = mp_pin_net_if(n, cell, k, MP_DIR_INPUT);
        if (net != MP_NONE && mp_net_is_on_port(n, net, MP_DIR_INPUT, port))
            return true;
    }
    return false;
}

/* Mark what marked nets can change, in of_cell too. */
static void spread_sum(enum mp_own_block *of_cell, uint8_t *marked, const struct mp_netlist *n)
{
    for (uint32_t i = 0; i < n->order_count; i++) {
        uint32_t c = n->order[i];
        bool in_sum = reads_marked(marked, n, c);
        of_cell[c] = in_sum ? MP_OWN_ACCUMULATOR : MP_OWN_MULTIPLIER;
        if (in_sum)
            mark_outputs(marked, n, c);
    }
}

/* Gates, inverters and buffers aside, on the longest way of a register's outputs to the
 * accumulator's cone; depth is scratch, [net]. */
static uint32_t depth_to_sum(uint32_t *depth, const uint8_t *marked, const struct mp_netlist *n,
                             uint32_t reg)
{
    uint32_t deepest = 0;
    memset(depth, 0, n->net_count * sizeof *depth);
    for (uint32_t k = 0; k < type_of(n, reg)->pin_count; k++) {
        uint32_t net = mp_pin_net_if(n, reg, k, MP_DIR_OUTPUT);
        if (net != MP_NONE)
            depth[net] = 1;
    }
    for (uint32_t i = 0; i < n->order_count; i++) {
        uint32_t c = n->order[i], longest = 0, inputs = 0;
        for (uint32_t k = 0; k < type_of(n, c)->pin_count; k++) {
            uint32_t net = mp_pin_net_if(n, c, k, MP_DIR_INPUT);
            inputs += net != MP_NONE;
            if (net != MP_NONE && depth[net] > longest)
                longest = depth[net];
        }
        for (uint32_t k = 0; longest && k < type_of(n, c)->pin_count; k++) {
            uint32_t net = mp_pin_net_if(n, c, k, MP_DIR_OUTPUT);
            if (net != MP_NONE && !marked[net])
                depth[net] = longest + (inputs > 1);
        }
        if (longest > deepest)
            deepest = longest;
    }
    return deepest;
}

/* An operand's bit that gets there within a quarter of the gates of the deepest one is not
 * multiplied. Measured on flat int8 and e4m2 MACs: 2 or 3 gates for the sign of e4m2, 16 to 26 for
 * every other bit. */
static void mark_short_cuts(const enum mp_own_block *of_cell, uint8_t *marked,
                            const struct mp_netlist *n)
{
    uint32_t *gates = mp_alloc((size_t)n->register_count + 1, sizeof *gates);
    uint32_t *depth = mp_alloc(n->net_count, sizeof *depth);
    uint32_t deepest = 0;
    for (uint32_t i = 0; i < n->register_count; i++) {
        if (of_cell[n->registers[i]] == MP_OWN_INPUT_REGISTERS)
            gates[i] = depth_to_sum(depth, marked, n, n->registers[i]);
        if (gates[i] > deepest)
            deepest = gates[i];
    }
    for (uint32_t i = 0; i < n->register_count; i++)
        if (of_cell[n->registers[i]] == MP_OWN_INPUT_REGISTERS && 4 * gates[i] <= deepest)
            mark_outputs(marked, n, n->registers[i]);
    free(depth);
    free(gates);
}

void mp_own_blocks_flat(enum mp_own_block *of_cell, const struct mp_netlist *n)
{
    uint8_t *marked = mp_alloc(n->net_count, 1);
    bool has_sum = mp_netlist_port(n, "accumulator") != MP_NONE;
    for (uint32_t i = 0; i < n->register_count; i++) {
        uint32_t c = n->registers[i];
        of_cell[c] = block_of_register(n, c);
        if (has_sum && (of_cell[c] == MP_OWN_OUTPUT_REGISTERS || reads_port(n, c, "first")))
            mark_outputs(marked, n, c);
    }
    spread_sum(of_cell, marked, n);
    if (has_sum) {
        mark_short_cuts(of_cell, marked, n);
        spread_sum(of_cell, marked, n);
    }
    free(marked);
}
