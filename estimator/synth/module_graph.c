#include "estimator/synth/module_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t mp_module_graph_bit(const json_t *bit)
{
    json_int_t x = json_is_integer(bit) ? json_integer_value(bit) : 0;
    return x >= 2 && x < (json_int_t)1 << 24 ? (uint32_t)x : MP_NONE;
}

const char *mp_module_graph_name(const struct mp_module_graph *g, uint32_t bit, char out[128])
{
    const struct mp_module_graph_bit *b = bit < g->bit_count ? &g->bits[bit] : NULL;
    if (b == NULL || b->net == NULL)
        snprintf(out, 128, "an unnamed net");
    else if (b->width > 1)
        snprintf(out, 128, "%.100s[%u]", b->net, b->index);
    else
        snprintf(out, 128, "%.120s", b->net);
    return out;
}

const char *mp_module_graph_src(const struct mp_module_graph *g, const struct mp_module_work *w,
                                uint32_t cell)
{
    const struct mp_module_graph_cell *c = &g->cells[cell];
    const char *src = mp_module_src(c->json);
    char file[256];
    int line;
    if (!mp_module_place(w, src, file, &line) && c->output != MP_NONE)
        src = mp_module_src(g->bits[c->output].net_json);
    return src;
}

void mp_module_graph_release(struct mp_module_graph *g)
{
    free(g->cells);
    free(g->inputs);
    free(g->bits);
    *g = (struct mp_module_graph){0};
}

static void see_bits(struct mp_module_graph *g, const json_t *bits)
{
    size_t i;
    json_t *bit;
    json_array_foreach (bits, i, bit) {
        uint32_t b = mp_module_graph_bit(bit);
        if (b != MP_NONE && b >= g->bit_count)
            g->bit_count = b + 1;
    }
}

/* The user's names before Yosys's, outer ones before inner ones, short before long. */
static bool is_better_name(const char *name, bool hidden, const struct mp_module_graph_bit *b)
{
    if (b->net == NULL)
        return true;
    bool other_hidden = json_integer_value(json_object_get(b->net_json, "hide_name")) != 0;
    if (hidden != other_hidden)
        return other_hidden;
    return strlen(name) < strlen(b->net);
}

static void name_bits(struct mp_module_graph *g)
{
    const char *name;
    json_t *net, *bit;
    size_t i;
    json_object_foreach (json_object_get(g->module, "netnames"), name, net) {
        const json_t *bits = json_object_get(net, "bits");
        bool hidden = json_integer_value(json_object_get(net, "hide_name")) != 0;
        json_array_foreach (bits, i, bit) {
            uint32_t b = mp_module_graph_bit(bit);
            if (b == MP_NONE || b >= g->bit_count || !is_better_name(name, hidden, &g->bits[b]))
                continue;
            g->bits[b].net = name;
            g->bits[b].net_json = net;
            g->bits[b].index = (uint32_t)i;
            g->bits[b].width = (uint32_t)json_array_size(bits);
        }
    }
}

/* The letters of "$_DFFE_PN0P_": levels of the pins, "" for gates. */
static const char *letters_of(const char *type)
{
    const char *at = strncmp(type, "$_", 2) == 0 ? strchr(type + 2, '_') : NULL;
    return at != NULL ? at + 1 : "";
}

static bool starts(const char *s, const char *what)
{
    return strncmp(s, what, strlen(what)) == 0;
}

/* What a pin of a register does. */
static void describe_pin(const char *type, const char *pin, struct mp_module_graph_input *in)
{
    const char *levels = letters_of(type);
    size_t count = strcspn(levels, "_");
    const char *level = NULL;
    in->is_clock = strcmp(pin, "C") == 0;
    if (count >= 3 && starts(type, "$_DFFSR")) {
        if (strcmp(pin, "S") == 0)
            level = levels + 1;
        else if (strcmp(pin, "R") == 0)
            level = levels + 2;
    } else if (starts(type, "$_ALDFF")) {
        in->passes = strcmp(pin, "L") == 0 || strcmp(pin, "AD") == 0;
    } else if (starts(type, "$_DFF") && strcmp(pin, "R") == 0 && count >= 3) {
        level = levels + 1;
    }
    if (level != NULL) {
        in->passes = true;
        in->reset = *level == 'N' ? -1 : 1;
    }
}

static int refuse_cell(const struct mp_module_graph *g, const struct mp_module_work *w,
                       uint32_t cell, struct mp_error *err)
{
    const struct mp_module_graph_cell *c = &g->cells[cell];
    const char *src = mp_module_graph_src(g, w, cell);
    char name[128];
    mp_module_graph_name(g, c->output, name);
    if (starts(c->type, "$_DLATCH") || starts(c->type, "$_SR_"))
        return mp_module_fail(w, err, MP_E_UNSUPPORTED, src,
                              "%s is a latch, which cannot be simulated: give it a value in every "
                              "branch, or a clock",
                              name);
    if (starts(c->type, "$_TBUF_"))
        return mp_module_fail(w, err, MP_E_UNSUPPORTED, src,
                              "%s has a three-state driver, which cannot be simulated: use a "
                              "multiplexer",
                              name);
    return mp_module_fail(w, err, MP_E_UNSUPPORTED, src,
                          "%s is driven by a %s, which is no logic that can be mapped", name,
                          c->type);
}

static int read_pin(struct mp_module_graph *g, const struct mp_module_work *w, uint32_t cell,
                    const char *pin, uint32_t bit, bool is_output, struct mp_error *err)
{
    struct mp_module_graph_cell *c = &g->cells[cell];
    if (!is_output) {
        struct mp_module_graph_input in = {.bit = bit, .passes = !c->is_register};
        if (c->is_register)
            describe_pin(c->type, pin, &in);
        if (in.is_clock)
            c->clock = bit;
        mp_grow(&g->inputs, g->input_count, &g->input_capacity, sizeof *g->inputs);
        g->inputs[g->input_count++] = in;
        c->input_count++;
        return MP_OK;
    }
    c->output = bit;
    if (bit == MP_NONE)
        return MP_OK;
    struct mp_module_graph_bit *b = &g->bits[bit];
    if (b->driver != MP_NONE || b->is_port) {
        char name[128], file[256] = "an input port";
        int line = 0;
        mp_module_graph_name(g, bit, name);
        if (b->driver != MP_NONE) {
            snprintf(file, sizeof file, "other logic");
            if (mp_module_place(w, mp_module_graph_src(g, w, b->driver), file, &line))
                snprintf(file + strlen(file), sizeof file - strlen(file), ":%d", line);
        }
        return mp_module_fail(w, err, MP_E_INPUT, mp_module_graph_src(g, w, cell),
                              "net %s is driven here and by %s: give it one driver", name, file);
    }
    b->driver = cell;
    return MP_OK;
}

static int read_cell(struct mp_module_graph *g, const struct mp_module_work *w, uint32_t cell,
                     struct mp_error *err)
{
    struct mp_module_graph_cell *c = &g->cells[cell];
    const char *pin;
    json_t *bits;
    int code = MP_OK;
    c->is_register =
        starts(c->type, "$_DFF") || starts(c->type, "$_SDFF") || starts(c->type, "$_ALDFF");
    c->clock_rises = letters_of(c->type)[0] != 'N';
    c->clock = c->output = MP_NONE;
    c->first_input = (uint32_t)g->input_count;
    const json_t *directions = json_object_get(c->json, "port_directions");
    json_object_foreach (json_object_get(c->json, "connections"), pin, bits) {
        const char *direction = json_string_value(json_object_get(directions, pin));
        bool is_output = direction != NULL && strcmp(direction, "output") == 0;
        if (code == MP_OK)
            code = read_pin(g, w, cell, pin, mp_module_graph_bit(json_array_get(bits, 0)),
                            is_output, err);
    }
    if (code < 0)
        return code;
    bool is_gate = c->is_register || (starts(c->type, "$_") && !starts(c->type, "$_DLATCH") &&
                                      !starts(c->type, "$_SR_") && !starts(c->type, "$_TBUF_") &&
                                      !starts(c->type, "$_FF_"));
    return is_gate ? MP_OK : refuse_cell(g, w, cell, err);
}

static int read_input_ports(struct mp_module_graph *g, const struct mp_module_work *w,
                            struct mp_error *err)
{
    const char *name;
    json_t *port, *bit;
    size_t i;
    json_object_foreach (json_object_get(g->module, "ports"), name, port) {
        const char *direction = json_string_value(json_object_get(port, "direction"));
        if (direction == NULL || strcmp(direction, "input") != 0)
            continue;
        json_array_foreach (json_object_get(port, "bits"), i, bit) {
            uint32_t b = mp_module_graph_bit(bit);
            if (b == MP_NONE || b >= g->bit_count || g->bits[b].is_port)
                return mp_module_fail(
                    w, err, MP_E_INPUT,
                    mp_module_src(json_object_get(json_object_get(g->module, "netnames"), name)),
                    "input port %s is joined to another input or to a constant", name);
            g->bits[b].is_port = true;
        }
    }
    return MP_OK;
}

int mp_module_graph_read(struct mp_module_graph *g, const struct mp_module_work *w,
                         const json_t *module, struct mp_error *err)
{
    json_t *cells = json_object_get(module, "cells");
    const char *name, *pin;
    json_t *cell, *bits;
    int code;
    *g = (struct mp_module_graph){.module = module, .bit_count = 2};
    json_object_foreach (cells, name, cell)
        json_object_foreach (json_object_get(cell, "connections"), pin, bits)
            see_bits(g, bits);
    json_object_foreach (json_object_get(module, "netnames"), name, cell)
        see_bits(g, json_object_get(cell, "bits"));
    g->bits = mp_alloc(g->bit_count, sizeof *g->bits);
    for (uint32_t i = 0; i < g->bit_count; i++)
        g->bits[i].driver = MP_NONE;
    name_bits(g);
    g->cells = mp_alloc(json_object_size(cells) + 1, sizeof *g->cells);
    json_object_foreach (cells, name, cell) {
        struct mp_module_graph_cell *c = &g->cells[g->cell_count++];
        c->name = name;
        c->json = cell;
        c->type = json_string_value(json_object_get(cell, "type"));
        if (c->type == NULL)
            return mp_fail(err, MP_E_TOOL, "yosys wrote no type of cell %s", name);
    }
    if ((code = read_input_ports(g, w, err)) < 0)
        return code;
    for (uint32_t c = 0; c < g->cell_count; c++)
        if ((code = read_cell(g, w, c, err)) < 0)
            return code;
    return MP_OK;
}

enum { UNSEEN, OPEN, DONE };

struct walk {
    const struct mp_module_graph *g;
    bool registers_cut;
    uint8_t *state;
    uint32_t *stack, *next; /* cells that are open; the input of each that is looked at next */
    uint32_t depth;
};

/* The cell before the input, MP_NONE: a port, or cut. */
static uint32_t before(const struct walk *k, const struct mp_module_graph_input *in)
{
    if (in->is_clock || in->bit == MP_NONE || (k->registers_cut && !in->passes))
        return MP_NONE;
    return k->g->bits[in->bit].driver;
}

static void finish(const struct walk *k, uint32_t c, uint32_t *level)
{
    const struct mp_module_graph_cell *cell = &k->g->cells[c];
    level[c] = 0;
    for (uint32_t i = 0; i < cell->input_count; i++) {
        uint32_t d = before(k, &k->g->inputs[cell->first_input + i]);
        if (d != MP_NONE && k->state[d] == DONE && level[d] > level[c])
            level[c] = level[d];
    }
    level[c] += cell->is_register;
}

void mp_module_graph_walk(const struct mp_module_graph *g, bool registers_cut, uint32_t *level,
                          uint32_t *circle, uint32_t *circle_count)
{
    struct walk k = {.g = g, .registers_cut = registers_cut};
    k.state = mp_alloc(g->cell_count + 1, 1);
    k.stack = mp_alloc(g->cell_count + 1, sizeof *k.stack);
    k.next = mp_alloc(g->cell_count + 1, sizeof *k.next);
    *circle_count = 0;
    for (uint32_t start = 0; start < g->cell_count; start++) {
        if (k.state[start] != UNSEEN)
            continue;
        k.state[start] = OPEN;
        k.next[0] = 0;
        k.stack[k.depth++] = start;
        while (k.depth > 0) {
            uint32_t c = k.stack[k.depth - 1], i = k.next[k.depth - 1]++;
            if (i == g->cells[c].input_count) {
                finish(&k, c, level);
                k.state[c] = DONE;
                k.depth--;
                continue;
            }
            uint32_t d = before(&k, &g->inputs[g->cells[c].first_input + i]);
            if (d == MP_NONE || k.state[d] == DONE)
                continue;
            if (k.state[d] == OPEN) {
                for (uint32_t at = k.depth; *circle_count == 0 && at > 0 && circle != NULL; at--)
                    if (k.stack[at - 1] == d) {
                        *circle_count = k.depth - (at - 1);
                        memcpy(circle, k.stack + at - 1, *circle_count * sizeof *circle);
                    }
                continue;
            }
            k.state[d] = OPEN;
            k.next[k.depth] = 0;
            k.stack[k.depth++] = d;
        }
    }
    free(k.state);
    free(k.stack);
    free(k.next);
}
