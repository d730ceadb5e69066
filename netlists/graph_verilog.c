#include "netlists/graph_verilog.h"
#include "netlists/graph_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    const struct mp_graph *g;
    struct mp_text *out;
    struct mp_graph_names names;
    uint32_t block; /* whose module is written */
};

/* What a literal is called in this module. */
struct reference {
    struct mp_signal_name name;
    bool inverted;
};

static struct reference refer(const struct writer *w, uint32_t literal)
{
    uint32_t s = mp_lit_signal(literal);
    struct reference r = {.inverted = mp_lit_inverted(literal)};

    if (w->names.home[s] == w->block && w->names.own[s] != NULL)
        r.name = (struct mp_signal_name){w->names.own[s], -1};
    else {
        r.name = w->names.top[s];
        r.inverted = r.inverted != w->names.flipped[s];
    }
    return r;
}

static void add_literal(const struct writer *w, uint32_t literal)
{
    struct reference r;

    if (mp_lit_signal(literal) == 0) {
        mp_text_add(w->out, literal == MP_LIT_TRUE ? "1'b1" : "1'b0");
        return;
    }
    r = refer(w, literal);
    mp_text_printf(w->out, "%s%s", r.inverted ? "~" : "", r.name.base);
    if (r.name.index >= 0)
        mp_text_printf(w->out, "[%d]", r.name.index);
}

/* `count` literals, LSB first, as one expression: runs of a vector's bits as slices. */
static void add_word(const struct writer *w, uint32_t count, const uint32_t *bits)
{
    bool is_one = true;
    uint32_t end = count;
    struct mp_text parts = {0};
    struct writer inner = *w;

    inner.out = &parts;
    while (end > 0) {
        uint32_t first = end - 1;
        struct reference r = refer(w, bits[first]);

        while (first > 0 && mp_lit_signal(bits[end - 1]) != 0 && !r.inverted && r.name.index >= 0) {
            struct reference below = refer(w, bits[first - 1]);
            if (mp_lit_signal(bits[first - 1]) == 0 || below.inverted ||
                below.name.base != r.name.base ||
                below.name.index != r.name.index - (int32_t)(end - first))
                break;
            first--;
        }
        if (end < count) {
            mp_text_add(&parts, ", ");
            is_one = false;
        }
        if (end - first > 1)
            mp_text_printf(&parts, "%s[%d:%d]", r.name.base, r.name.index,
                           r.name.index - (int32_t)(end - first - 1));
        else
            add_literal(&inner, bits[first]);
        end = first;
    }
    mp_text_printf(w->out, is_one ? "%s" : "{%s}", parts.data);
    mp_text_release(&parts);
}

/* in[0] & in[1] ... joined by an operator */
static void add_joined(const struct writer *w, const char *operator, unsigned count,
                       const uint32_t *in)
{
    for (unsigned k = 0; k < count; k++) {
        if (k > 0)
            mp_text_add(w->out, operator);
        add_literal(w, in[k]);
    }
}

static void add_products(const struct writer *w, unsigned pairs, const uint32_t *in)
{
    for (unsigned k = 0; k < pairs; k++) {
        mp_text_add(w->out, k > 0 ? " | " : "");
        add_joined(w, " & ", 2, in + 2 * k);
    }
}

/* The form that ABC does best with: the XOR is there for the sum. */
static void add_majority(const struct writer *w, const uint32_t *in)
{
    add_joined(w, " & ", 2, in);
    mp_text_add(w->out, " | (");
    add_joined(w, " ^ ", 2, in);
    mp_text_add(w->out, ") & ");
    add_literal(w, in[2]);
}

static void add_expression(const struct writer *w, const struct mp_node *n, unsigned output)
{
    const uint32_t *in = n->in;
    unsigned inputs = mp_node_kind_info(n->kind)->inputs;

    switch (n->kind) {
    case MP_NODE_AND2:
    case MP_NODE_AND3:
    case MP_NODE_AND4:
        add_joined(w, " & ", inputs, in);
        break;
    case MP_NODE_XOR2:
    case MP_NODE_XOR3:
        add_joined(w, " ^ ", inputs, in);
        break;
    case MP_NODE_MUX2:
        add_literal(w, in[0]);
        mp_text_add(w->out, " ? ");
        add_joined(w, " : ", 2, in + 1);
        break;
    case MP_NODE_MAJ3:
        add_majority(w, in);
        break;
    case MP_NODE_AO21:
        add_products(w, 1, in);
        mp_text_add(w->out, " | ");
        add_literal(w, in[2]);
        break;
    case MP_NODE_AO22:
    case MP_NODE_AO222:
        add_products(w, inputs / 2, in);
        break;
    case MP_NODE_HALF_ADDER:
        add_joined(w, output == 0 ? " ^ " : " & ", 2, in);
        break;
    case MP_NODE_HALF_ADDER_ONE:
        mp_text_add(w->out, output == 0 ? "~(" : "");
        add_joined(w, output == 0 ? " ^ " : " | ", 2, in);
        mp_text_add(w->out, output == 0 ? ")" : "");
        break;
    case MP_NODE_FULL_ADDER:
        if (output == 0)
            add_joined(w, " ^ ", 3, in);
        else
            add_majority(w, in);
        break;
    }
}

static void write_nodes(const struct writer *w)
{
    for (uint32_t i = 0; i < w->g->node_count; i++) {
        const struct mp_node *n = &w->g->nodes[i];

        if (n->kind <= MP_NODE_REGISTER || mp_graph_names_block(n) != w->block)
            continue;
        for (unsigned k = 0; k < mp_node_kind_info(n->kind)->outputs; k++) {
            mp_text_printf(w->out, "    wire %s = ", w->names.own[n->out + k]);
            add_expression(w, n, k);
            mp_text_add(w->out, ";\n");
        }
    }
}

/* "[7:0] " */
static void add_range(const struct writer *w, uint32_t width)
{
    if (width > 1)
        mp_text_printf(w->out, "[%u:0] ", width - 1);
}

/* What a block reads from outside: one entry a base, with the bits that are read. */
struct input {
    const char *base;
    int32_t low, high; /* -1: no vector */
};

static uint32_t find_inputs(const struct writer *w, struct input **inputs)
{
    uint32_t count = 0;
    size_t capacity = 0;
    struct mp_map index = {0};

    for (uint32_t i = 0; i < w->g->node_count; i++) {
        const struct mp_node *n = &w->g->nodes[i];

        for (unsigned k = 0; k < mp_node_kind_info(n->kind)->inputs; k++) {
            uint32_t s = mp_lit_signal(n->in[k]), at;
            struct mp_signal_name name = w->names.top[s];

            if (mp_graph_names_block(n) != w->block || w->names.home[s] == w->block)
                continue;
            at = mp_map_put(&index, name.base, count);
            if (at == count) {
                mp_grow(inputs, count, &capacity, sizeof **inputs);
                (*inputs)[count++] = (struct input){name.base, name.index, name.index};
            }
            if (name.index < (*inputs)[at].low)
                (*inputs)[at].low = name.index;
            if (name.index > (*inputs)[at].high)
                (*inputs)[at].high = name.index;
        }
    }
    mp_map_release(&index);
    return count;
}

static void write_block(struct writer *w)
{
    struct input *inputs = NULL;
    uint32_t count = find_inputs(w, &inputs);

    mp_text_printf(w->out, "module %s_%s (\n", w->g->name, w->g->blocks[w->block].name);
    for (uint32_t i = 0; i < count; i++)
        if (inputs[i].low < 0)
            mp_text_printf(w->out, "    input wire %s,\n", inputs[i].base);
        else
            mp_text_printf(w->out, "    input wire [%d:%d] %s,\n", inputs[i].high, inputs[i].low,
                           inputs[i].base);
    mp_text_printf(w->out, "    output wire [%u:0] out\n);\n", w->names.out_width[w->block] - 1);
    write_nodes(w);
    mp_text_add(w->out, "\n");
    for (uint32_t s = 0; s < w->g->signal_count; s++)
        if (w->names.crosses[s] && w->names.home[s] == w->block)
            mp_text_printf(w->out, "    assign out[%d] = %s%s;\n", w->names.top[s].index,
                           w->names.flipped[s] ? "~" : "", w->names.own[s]);
    mp_text_add(w->out, "endmodule\n\n");
    free(inputs);
}

static void write_instance(struct writer *w, uint32_t block)
{
    struct input *inputs = NULL;
    uint32_t count;

    w->block = block;
    count = find_inputs(w, &inputs);
    w->block = 0;
    mp_text_printf(w->out, "    %s_%s %s (\n        ", w->g->name, w->g->blocks[block].name,
                   w->g->blocks[block].name);
    for (uint32_t i = 0; i < count; i++)
        if (inputs[i].low < 0)
            mp_text_printf(w->out, ".%s(%s), ", inputs[i].base, inputs[i].base);
        else
            mp_text_printf(w->out, ".%s(%s[%d:%d]), ", inputs[i].base, inputs[i].base,
                           inputs[i].high, inputs[i].low);
    mp_text_printf(w->out, ".out(%s));\n", w->names.out_name[block]);
    free(inputs);
}

static void write_ports(const struct writer *w)
{
    const char *separator = "";

    mp_text_printf(w->out, "module %s (\n", w->g->name);
    if (w->names.has_registers && !w->names.has_clock_port) {
        mp_text_add(w->out, "    input wire clk");
        separator = ",\n";
    }
    for (uint32_t i = 0; i < w->g->port_count; i++) {
        const struct mp_graph_port *p = &w->g->ports[i];
        mp_text_printf(w->out, "%s    %s ", separator,
                       w->names.is_register[i] ? "output reg"
                       : p->is_output          ? "output wire"
                                               : "input wire");
        add_range(w, p->width);
        mp_text_add(w->out, p->name);
        separator = ",\n";
    }
    mp_text_add(w->out, "\n);\n");
}

static bool is_port(const struct writer *w, const char *base)
{
    for (uint32_t i = 0; i < w->g->port_count; i++)
        if (w->names.is_register[i] && strcmp(w->g->ports[i].name, base) == 0)
            return true;
    return false;
}

/* Registers by their vectors, in the order of the vectors' first registers. */
struct registers {
    uint32_t count;
    const struct mp_node **nodes; /* a vector's together, lowest index first */
    uint32_t *order;              /* [count] of each, of its vector's first */
};

static struct mp_signal_name name_of(const struct writer *w, const struct mp_node *n)
{
    return w->names.top[n->out];
}

static void find_registers(const struct writer *w, struct registers *r)
{
    struct mp_map index = {0};

    r->nodes = mp_alloc(w->g->node_count, sizeof *r->nodes);
    r->order = mp_alloc(w->g->node_count, sizeof *r->order);
    for (uint32_t i = 0; i < w->g->node_count; i++) {
        const struct mp_node *n = &w->g->nodes[i];
        uint32_t order, at;

        if (n->kind != MP_NODE_REGISTER)
            continue;
        order = mp_map_put(&index, name_of(w, n).base, r->count);
        for (at = r->count++; at > 0; at--) {
            if (r->order[at - 1] < order ||
                (r->order[at - 1] == order &&
                 name_of(w, r->nodes[at - 1]).index < name_of(w, n).index))
                break;
            r->nodes[at] = r->nodes[at - 1];
            r->order[at] = r->order[at - 1];
        }
        r->nodes[at] = n;
        r->order[at] = order;
    }
    mp_map_release(&index);
}

/* How many of one vector, from number i. */
static uint32_t vector_size(const struct registers *r, uint32_t i)
{
    uint32_t end = i + 1;

    while (end < r->count && r->order[end] == r->order[i])
        end++;
    return end - i;
}

static void declare_registers(const struct writer *w, const struct registers *r)
{
    for (uint32_t i = 0, n; i < r->count; i += n) {
        struct mp_signal_name name = name_of(w, r->nodes[i]);
        int32_t high;

        n = vector_size(r, i);
        high = name_of(w, r->nodes[i + n - 1]).index;
        if (is_port(w, name.base))
            continue;
        if (name.index < 0)
            mp_text_printf(w->out, "    reg %s;\n", name.base);
        else
            mp_text_printf(w->out, "    reg [%d:0] %s;\n", high, name.base);
    }
}

/* A whole vector at once where its bits follow each other and share an enable, else bit by bit. */
static void assign_registers(const struct writer *w, const struct registers *r, uint32_t first,
                             uint32_t count)
{
    uint32_t *data = mp_alloc(count, sizeof *data), end;

    for (uint32_t i = 0; i < count; i = end) {
        const struct mp_node *n = r->nodes[first + i];
        struct mp_signal_name name = name_of(w, n);

        for (end = i; end < count && r->nodes[first + end]->in[1] == n->in[1] &&
                      name_of(w, r->nodes[first + end]).index == name.index + (int32_t)(end - i);
             end++)
            data[end] = r->nodes[first + end]->in[0];
        mp_text_add(w->out, "        ");
        if (n->in[1] != MP_LIT_TRUE) {
            mp_text_add(w->out, "if (");
            add_literal(w, n->in[1]);
            mp_text_add(w->out, ") ");
        }
        mp_text_add(w->out, name.base);
        if (name.index >= 0 && end - i != count)
            mp_text_printf(w->out, "[%d:%d]", name.index + (int32_t)(end - i) - 1, name.index);
        mp_text_add(w->out, " <= ");
        add_word(w, end - i, data + i);
        mp_text_add(w->out, ";\n");
    }
    free(data);
}

static void write_registers(const struct writer *w, const struct registers *r)
{
    if (r->count == 0)
        return;
    mp_text_add(w->out, "\n    always @(posedge clk) begin\n");
    for (uint32_t i = 0, n; i < r->count; i += n) {
        n = vector_size(r, i);
        assign_registers(w, r, i, n);
    }
    mp_text_add(w->out, "    end\n");
}

static void write_outputs(const struct writer *w)
{
    for (uint32_t i = 0; i < w->g->port_count; i++) {
        const struct mp_graph_port *p = &w->g->ports[i];

        if (!p->is_output || w->names.is_register[i])
            continue;
        mp_text_printf(w->out, "    assign %s = ", p->name);
        add_word(w, p->width, p->bits);
        mp_text_add(w->out, ";\n");
    }
}

static void write_top(struct writer *w)
{
    struct registers r = {0};

    w->block = 0;
    find_registers(w, &r);
    write_ports(w);
    declare_registers(w, &r);
    for (uint32_t b = 1; b < w->g->block_count; b++)
        if (w->names.out_width[b] > 0)
            mp_text_printf(w->out, "    wire [%u:0] %s;\n", w->names.out_width[b] - 1,
                           w->names.out_name[b]);
    write_nodes(w);
    for (uint32_t b = 1; b < w->g->block_count; b++)
        if (w->names.out_width[b] > 0)
            write_instance(w, b);
    write_registers(w, &r);
    write_outputs(w);
    mp_text_add(w->out, "endmodule\n");
    free(r.nodes);
    free(r.order);
}

void mp_graph_verilog(const struct mp_graph *g, struct mp_text *out)
{
    struct writer w = {.g = g, .out = out};

    mp_graph_names_make(&w.names, g);
    for (w.block = 1; w.block < g->block_count; w.block++)
        if (w.names.out_width[w.block] > 0)
            write_block(&w);
    write_top(&w);
    mp_graph_names_release(&w.names);
}
