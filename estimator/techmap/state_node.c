#include "estimator/techmap/state.h"

#include <assert.h>
#include <math.h>

static uint32_t inverted_output(const struct mp_state_node *n, unsigned o)
{
    return n->out[o] & 1;
}

uint32_t mp_state_like(const struct mp_state *s, uint32_t family, uint32_t type)
{
    const struct mp_nldm *n = s->matcher->nldm;
    uint32_t count = s->matcher->family_count[family], rank = 0;
    uint32_t old = type == MP_NONE ? MP_NONE : n->cells[type].family;

    if (old == MP_NONE)
        return n->family_cells[n->family_first[family]];
    while (n->family_cells[n->family_first[old] + rank] != type)
        rank++;
    return n->family_cells[n->family_first[family] + (rank < count ? rank : count - 1)];
}

uint32_t mp_state_new_node(struct mp_state *s, unsigned function, const uint32_t *in,
                           const uint32_t *out, uint32_t block)
{
    uint32_t node = s->free_node;
    struct mp_state_node *n = &s->nodes[node];
    const struct mp_node_kind_info *f = mp_function_info(function);

    assert(node != MP_NONE);
    mp_state_put(s, &s->free_node, n->parent);
    mp_state_put(s, &s->free_nodes, s->free_nodes - 1);
    mp_state_put(s, &n->function, function);
    mp_state_put(s, &n->parent, MP_NONE);
    mp_state_put(s, &n->choice, MP_NONE);
    mp_state_put(s, &n->match, MP_NONE);
    mp_state_put(s, &n->gate, MP_NONE);
    mp_state_put(s, &n->tree, 0);
    mp_state_put(s, &n->interval, MP_NONE);
    mp_state_put(s, &n->companion, MP_NONE);
    mp_state_put(s, &n->block, block);
    for (unsigned k = 0; k < f->inputs; k++)
        mp_state_put(s, &n->in[k], in[k]);
    for (unsigned o = 0; o < f->outputs; o++)
        mp_state_put(s, &n->out[o], out[o]);
    return node;
}

void mp_state_free_node(struct mp_state *s, uint32_t node)
{
    struct mp_state_node *n = &s->nodes[node];

    mp_state_put(s, &n->function, 0);
    mp_state_put(s, &n->parent, s->free_node);
    mp_state_put(s, &s->free_node, node);
    mp_state_put(s, &s->free_nodes, s->free_nodes + 1);
}

uint32_t mp_state_choose_match(struct mp_state *s, uint32_t node, double noise)
{
    return mp_state_choose_wanting(s, node, noise, 0, 0);
}

uint32_t mp_state_choose_wanting(struct mp_state *s, uint32_t node, double noise, unsigned mask,
                                 unsigned wanted)
{
    const struct mp_state_node *n = &s->nodes[node];
    const struct mp_node_kind_info *f = mp_function_info(n->function);
    uint32_t best = MP_NONE;
    unsigned supplied = 0;
    float least = INFINITY, turned[MP_GRAPH_OUTPUTS][2];

    for (unsigned k = 0; k < f->inputs; k++)
        supplied |= (unsigned)mp_state_is_supplied(s, n->in[k], n->gate) << 2 * k |
                    (unsigned)mp_state_is_supplied(s, n->in[k] ^ 1, n->gate) << (2 * k + 1);
    for (unsigned o = 0; o < f->outputs; o++)
        for (unsigned v = 0; v < 2; v++)
            turned[o][v] = mp_state_polarity_cost(s, n->out[o] >> 1, inverted_output(n, o) ^ v);
    for (uint32_t i = s->matcher->first[n->function]; i < s->matcher->first[n->function + 1]; i++) {
        const struct mp_match *m = &s->matcher->matches[i];
        float cost = m->area_um2;

        if ((m->wants_inverted & mask) != wanted)
            continue;
        for (unsigned k = 0; k < f->inputs; k++)
            if (!(supplied >> (2 * k + (m->wants_inverted >> k & 1u)) & 1))
                cost += s->inverter_area;
        for (unsigned o = 0; o < f->outputs; o++)
            cost += turned[o][m->gives_inverted >> o & 1];
        if (noise > 0)
            cost -= s->inverter_area * (float)(noise * log(1 - mp_random_unit(s->random)));
        if (cost < least) {
            least = cost;
            best = i;
        }
    }
    return best;
}

/* Output nets of a cell for a match, in the cell's order; their polarity set. */
static void take_outputs(struct mp_state *s, uint32_t node, const struct mp_match *m,
                         uint32_t *outputs)
{
    const struct mp_state_node *n = &s->nodes[node];

    for (unsigned o = 0; o < MP_NLDM_OUTPUTS; o++)
        outputs[o] = MP_NONE;
    for (unsigned o = 0; o < mp_function_info(n->function)->outputs; o++) {
        uint32_t wire = n->out[o] >> 1;

        mp_state_set_polarity(s, wire, inverted_output(n, o) ^ (m->gives_inverted >> o & 1u));
        outputs[m->output[o]] = s->wires[wire].net;
        mp_state_put(s, &s->wires[wire].driver, node);
    }
}

static void take_inputs(struct mp_state *s, const struct mp_state_node *n, const struct mp_match *m,
                        const struct mp_pinning *p, uint32_t *inputs)
{
    for (unsigned k = 0; k < m->cell_inputs; k++)
        inputs[p->pin[k]] = mp_state_literal_net(s, n->in[k] ^ (m->wants_inverted >> k & 1u));
}

static void build_match(struct mp_state *s, uint32_t node, double noise)
{
    struct mp_state_node *n = &s->nodes[node];
    uint32_t match = mp_state_choose_match(s, node, noise), inputs[MP_NLDM_INPUTS];
    uint32_t outputs[MP_NLDM_OUTPUTS], gate;
    const struct mp_match *m = &s->matcher->matches[match];
    uint32_t pinning = m->first_pinning + (uint32_t)mp_random_below(s->random, m->pinning_count);

    take_inputs(s, n, m, &s->matcher->pinnings[pinning], inputs);
    take_outputs(s, node, m, outputs);
    gate = mp_mapped_add_gate(s->mapped, mp_state_like(s, m->family, MP_NONE), inputs, outputs);
    assert(gate < s->gate_capacity);
    mp_state_put(s, &n->choice, MP_NONE);
    mp_state_put(s, &n->match, match);
    mp_state_put(s, &n->pinning, pinning);
    mp_state_put(s, &n->gate, gate);
    mp_state_put(s, &s->gate_owner[gate], node);
}

uint32_t mp_state_first_choice(struct mp_state *s, unsigned function)
{
    uint32_t first = s->templates->first[function];
    uint32_t count = s->templates->first[function + 1] - first;

    if (s->matcher->first[function] < s->matcher->first[function + 1])
        return MP_NONE;
    return first + (uint32_t)mp_random_below(s->random, count);
}

static void build_template(struct mp_state *s, uint32_t node, uint32_t choice, double noise)
{
    struct mp_state_node *n = &s->nodes[node];
    const struct mp_template *t = &s->templates->items[choice];
    const struct mp_node_kind_info *f = mp_function_info(n->function);
    uint32_t operand[32];

    for (unsigned k = 0; k < f->inputs; k++)
        operand[k] = n->in[k];
    for (unsigned o = 0; o < f->outputs; o++)
        operand[f->inputs + o] = n->out[o];
    for (unsigned k = f->inputs + f->outputs; k < t->operand_count; k++)
        operand[k] = 2 * mp_state_new_wire(s);
    mp_state_put(s, &n->choice, choice);
    mp_state_put(s, &n->match, MP_NONE);
    mp_state_put(s, &n->gate, MP_NONE);
    for (unsigned p = 0; p < t->part_count; p++) {
        const struct mp_template_part *part = &t->parts[p];
        uint32_t in[MP_GRAPH_INPUTS], out[MP_GRAPH_OUTPUTS] = {MP_NONE, MP_NONE}, child;

        for (unsigned k = 0; k < part->inputs; k++)
            in[k] = operand[part->in[k] >> 1] ^ (part->in[k] & 1u);
        for (unsigned o = 0; o < part->outputs; o++)
            out[o] = operand[part->out[o] >> 1] ^ (part->out[o] & 1u);
        child = mp_state_new_node(s, part->function, in, out, n->block);
        mp_state_put(s, &s->nodes[child].parent, node);
        mp_state_put(s, &n->child[p], child);
        mp_state_build(s, child, mp_state_first_choice(s, part->function), noise);
    }
}

void mp_state_build(struct mp_state *s, uint32_t node, uint32_t choice, double noise)
{
    if (choice == MP_NONE)
        build_match(s, node, noise);
    else
        build_template(s, node, choice, noise);
}

void mp_state_build_register(struct mp_state *s, uint32_t graph_node, uint32_t q, uint32_t data,
                             uint32_t enable)
{
    const struct mp_matcher *m = s->matcher;
    uint32_t inputs[MP_NLDM_INPUTS], outputs[MP_NLDM_OUTPUTS] = {MP_NONE, MP_NONE}, node, gate;
    uint32_t block = s->graph->nodes[graph_node].block;

    if (enable != MP_LIT_TRUE) {
        uint32_t wire = mp_state_new_wire(s), in[] = {enable, data, q}, out[] = {2 * wire};

        node = mp_state_new_node(s, MP_NODE_MUX2, in, out, block);
        mp_state_build(s, node, mp_state_first_choice(s, MP_NODE_MUX2), 0);
        data = 2 * wire;
    }
    node = mp_state_new_node(s, MP_NODE_REGISTER, (const uint32_t[]){data, MP_LIT_TRUE}, &q, block);
    for (unsigned k = 0; k < MP_NLDM_INPUTS; k++)
        inputs[k] = s->clock_net;
    inputs[m->flip_flop_data] = mp_state_literal_net(s, data);
    outputs[m->flip_flop_output] = s->wires[q >> 1].net;
    gate = mp_mapped_add_gate(s->mapped, m->flip_flop, inputs, outputs);
    s->nodes[node].gate = gate;
    s->nodes[node].graph_node = graph_node;
    s->wires[q >> 1].driver = node;
    s->gate_owner[gate] = node;
}

static void remove_cell(struct mp_state *s, const struct mp_state_node *n)
{
    const struct mp_mapped_gate gate = s->mapped->gates[n->gate];

    mp_mapped_remove_gate(s->mapped, n->gate);
    for (unsigned k = 0; k < MP_NLDM_INPUTS; k++)
        if (gate.inputs[k] != MP_NONE) {
            bool is_new = true;
            for (unsigned j = 0; j < k; j++)
                is_new = is_new && gate.inputs[j] != gate.inputs[k];
            if (is_new)
                mp_state_release_net(s, gate.inputs[k]);
        }
}

void mp_state_unbuild(struct mp_state *s, uint32_t node)
{
    struct mp_state_node *n = &s->nodes[node];

    if (n->choice == MP_NONE) {
        remove_cell(s, n);
        mp_state_put(s, &n->gate, MP_NONE);
        mp_state_put(s, &n->match, MP_NONE);
        return;
    }
    const struct mp_template *t = &s->templates->items[n->choice];
    const struct mp_node_kind_info *f = mp_function_info(n->function);

    /* Readers before drivers. */
    for (unsigned p = t->part_count; p-- > 0;)
        mp_state_unbuild(s, n->child[p]);
    for (unsigned p = t->part_count; p-- > 0;) {
        for (unsigned o = 0; o < t->parts[p].outputs; o++)
            if (t->parts[p].out[o] >> 1 >= f->inputs + f->outputs)
                mp_state_free_wire(s, s->nodes[n->child[p]].out[o] >> 1);
        mp_state_free_node(s, n->child[p]);
    }
}

void mp_state_set_match(struct mp_state *s, uint32_t node, uint32_t match, uint32_t pinning)
{
    struct mp_state_node *n = &s->nodes[node];
    const struct mp_match *m = &s->matcher->matches[match];
    const struct mp_match *old = &s->matcher->matches[n->match];
    const struct mp_mapped_gate gate = s->mapped->gates[n->gate];
    uint32_t inputs[MP_NLDM_INPUTS], outputs[MP_NLDM_OUTPUTS], type = gate.type, g = n->gate;

    if (m->family != old->family)
        type = mp_state_like(s, m->family, gate.type);
    take_inputs(s, n, m, &s->matcher->pinnings[pinning], inputs);
    take_outputs(s, node, m, outputs);
    if (m->cell_outputs == old->cell_outputs && outputs[0] == gate.outputs[0] &&
        outputs[1] == gate.outputs[1]) {
        if (type != gate.type)
            mp_mapped_set_type(s->mapped, g, type);
        /* A reader of the wire itself has moved with it when its polarity changed. */
        for (unsigned k = 0; k < m->cell_inputs; k++)
            if (s->mapped->gates[g].inputs[k] != inputs[k])
                mp_mapped_connect(s->mapped, g, k, inputs[k]);
    } else {
        mp_mapped_remove_gate(s->mapped, g);
        g = mp_mapped_add_gate(s->mapped, type, inputs, outputs);
        mp_state_put(s, &s->gate_owner[g], node);
        mp_state_put(s, &n->gate, g);
    }
    for (unsigned k = 0; k < m->cell_inputs; k++)
        if (gate.inputs[k] != inputs[k]) {
            bool is_read_still = false, is_new = true;
            for (unsigned j = 0; j < m->cell_inputs; j++)
                is_read_still = is_read_still || inputs[j] == gate.inputs[k];
            for (unsigned j = 0; j < k; j++)
                is_new = is_new && gate.inputs[j] != gate.inputs[k];
            if (is_new && !is_read_still)
                mp_state_release_net(s, gate.inputs[k]);
        }
    mp_state_put(s, &n->match, match);
    mp_state_put(s, &n->pinning, pinning);
}

void mp_state_set_input(struct mp_state *s, uint32_t node, unsigned k, uint32_t literal)
{
    struct mp_state_node *n = &s->nodes[node];

    if (n->in[k] == literal)
        return;
    mp_state_put(s, &n->in[k], literal);
    if (n->companion != MP_NONE)
        mp_state_set_input(s, n->companion, k, literal ^ 1u);
    if (n->choice != MP_NONE) {
        const struct mp_template *t = &s->templates->items[n->choice];

        for (unsigned p = 0; p < t->part_count; p++)
            for (unsigned i = 0; i < t->parts[p].inputs; i++)
                if (t->parts[p].in[i] >> 1 == k)
                    mp_state_set_input(s, n->child[p], i, literal ^ (t->parts[p].in[i] & 1u));
    } else {
        uint32_t pin = mp_state_input_pin(s, n, k);
        uint32_t wanted =
            n->match == MP_NONE ? 0 : s->matcher->matches[n->match].wants_inverted >> k & 1u;
        uint32_t before = s->mapped->gates[n->gate].inputs[pin];
        uint32_t net = mp_state_literal_net(s, literal ^ wanted);

        if (net != before) {
            mp_mapped_connect(s->mapped, n->gate, pin, net);
            mp_state_release_net(s, before);
        }
    }
}
