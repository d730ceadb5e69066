#include "estimator/netlist/netlist.h"
#include <string.h>

const char *mp_block_name(enum mp_block b)
{
    static const char *const names[MP_BLOCK_COUNT] = {
        "input_registers", "multiplier", "shifter", "accumulator", "output_registers", "other"};
    return (unsigned)b < MP_BLOCK_COUNT ? names[b] : "other";
}

/* Is the first part of a hierarchical or indexed name (up to '.', '[' or the end) this word? */
static bool first_part_is(const char *name, const char *word)
{
    size_t n = strlen(word);
    return strncmp(name, word, n) == 0 && (name[n] == '\0' || name[n] == '.' || name[n] == '[');
}

static enum mp_block combinational_block(const char *name)
{
    if (first_part_is(name, "multiplier"))
        return MP_BLOCK_MULTIPLIER;
    if (first_part_is(name, "shifter"))
        return MP_BLOCK_SHIFTER;
    if (first_part_is(name, "accumulator") || first_part_is(name, "accumulator_adder"))
        return MP_BLOCK_ACCUMULATOR;
    return MP_BLOCK_OTHER;
}

static enum mp_block register_block(const char *net)
{
    static const char *const inputs[] = {"weight_q", "activation_q", "first_q"};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        if (first_part_is(net, inputs[i]))
            return MP_BLOCK_INPUT_REGISTERS;
    if (first_part_is(net, "product") || first_part_is(net, "accumulator"))
        return MP_BLOCK_OUTPUT_REGISTERS;
    return MP_BLOCK_OTHER;
}

/* A mapped flip-flop may drive the register's name through an inverter only (Yosys pushes
 * inverters across registers): then the net behind the inverter tells. */
static enum mp_block behind(const struct mp_netlist *n, uint32_t net)
{
    for (uint32_t i = n->net_fanout_first[net]; i < n->net_fanout_first[net + 1]; i++) {
        uint32_t c = n->pin_cell[n->net_fanout[i]];
        const struct mp_lib_cell *cell = &n->library->cells[n->cell_type[c]];
        uint32_t inputs = 0, out = MP_NONE;
        for (uint32_t k = 0; k < cell->pin_count; k++) {
            enum mp_direction d = n->library->pins[cell->first_pin + k].direction;
            inputs += d == MP_DIR_INPUT;
            if (d == MP_DIR_OUTPUT)
                out = n->pin_net[n->cell_first_pin[c] + k];
        }
        if (cell->sequential != MP_COMBINATIONAL || inputs != 1 || out == MP_NONE)
            continue;
        enum mp_block b = register_block(n->net_name[out]);
        if (b != MP_BLOCK_OTHER)
            return b;
    }
    return MP_BLOCK_OTHER;
}

static bool is_on_port(const struct mp_netlist *n, uint32_t net, enum mp_direction direction)
{
    for (uint32_t i = 0; i < n->port_count; i++)
        for (uint32_t k = 0; k < n->ports[i].width && n->ports[i].direction == direction; k++)
            if (n->ports[i].nets[k] == net)
                return true;
    return false;
}

/* A register with other names, as a user's netlist has them, by the ports beside it. */
static enum mp_block register_by_ports(const struct mp_netlist *n, uint32_t cell)
{
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
    enum mp_block block = MP_BLOCK_OTHER;
    for (uint32_t k = 0; k < type->pin_count; k++) {
        uint32_t net = n->pin_net[n->cell_first_pin[cell] + k];
        enum mp_direction direction = n->library->pins[type->first_pin + k].direction;
        if (net == MP_NONE)
            continue;
        if (direction == MP_DIR_OUTPUT && is_on_port(n, net, MP_DIR_OUTPUT))
            return MP_BLOCK_OUTPUT_REGISTERS;
        if (direction == MP_DIR_INPUT && type->next_state.code &&
            (mp_expr_support(&type->next_state) >> k & 1) && is_on_port(n, net, MP_DIR_INPUT))
            block = MP_BLOCK_INPUT_REGISTERS;
    }
    return block;
}

enum mp_block mp_netlist_block(const struct mp_netlist *n, uint32_t cell)
{
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
    enum mp_block block = MP_BLOCK_OTHER;
    if (type->sequential == MP_COMBINATIONAL)
        block = combinational_block(n->cell_name[cell]);
    for (uint32_t k = 0; k < type->pin_count && block == MP_BLOCK_OTHER; k++) {
        uint32_t net = n->pin_net[n->cell_first_pin[cell] + k];
        if (n->library->pins[type->first_pin + k].direction != MP_DIR_OUTPUT || net == MP_NONE)
            continue;
        if (type->sequential == MP_COMBINATIONAL) {
            /* an inner net's name ("multiplier.p3[2]") tells where an unnamed cell came from */
            if (strchr(n->net_name[net], '.'))
                block = combinational_block(n->net_name[net]);
            continue;
        }
        block = register_block(n->net_name[net]);
        if (block == MP_BLOCK_OTHER)
            block = behind(n, net);
    }
    if (block == MP_BLOCK_OTHER && type->sequential == MP_FLIP_FLOP)
        block = register_by_ports(n, cell);
    return block;
}
