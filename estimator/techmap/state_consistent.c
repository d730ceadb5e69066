#include "estimator/techmap/state.h"

#include <stdlib.h>

static int check_output(const struct mp_state *s, uint32_t node, unsigned o, struct mp_error *err)
{
    const struct mp_state_node *n = &s->nodes[node];
    const struct mp_match *m = &s->matcher->matches[n->match];
    const struct mp_state_wire *w = &s->wires[n->out[o] >> 1];
    const struct mp_mapped_gate *gate = &s->mapped->gates[n->gate];

    if (gate->outputs[m->output[o]] != w->net || w->driver != node)
        return mp_fail(err, MP_E_INPUT, "output %u of node %u does not drive its wire", o, node);
    if (s->nets[w->net].inverted != ((n->out[o] ^ (m->gives_inverted >> o & 1u)) & 1))
        return mp_fail(err, MP_E_INPUT, "output %u of node %u has the wrong polarity", o, node);
    return MP_OK;
}

static int check_input(const struct mp_state *s, uint32_t node, unsigned k, struct mp_error *err)
{
    const struct mp_state_node *n = &s->nodes[node];
    uint32_t wants =
        n->match == MP_NONE ? 0 : s->matcher->matches[n->match].wants_inverted >> k & 1u;
    uint32_t net = s->mapped->gates[n->gate].inputs[mp_state_input_pin(s, n, k)];

    if (s->nets[net].wire != n->in[k] >> 1 || s->nets[net].inverted != ((n->in[k] & 1) ^ wants))
        return mp_fail(err, MP_E_INPUT, "input %u of node %u reads the wrong net", k, node);
    return MP_OK;
}

/* Parts read and drive what the template says of the node's inputs and outputs. */
static int check_parts(const struct mp_state *s, uint32_t node, struct mp_error *err)
{
    const struct mp_state_node *n = &s->nodes[node];
    const struct mp_template *t = &s->templates->items[n->choice];
    const struct mp_node_kind_info *f = mp_function_info(n->function);
    uint32_t operand[32];
    bool is_known[32] = {false};

    for (unsigned k = 0; k < f->inputs + f->outputs; k++) {
        operand[k] = k < f->inputs ? n->in[k] : n->out[k - f->inputs];
        is_known[k] = true;
    }
    for (unsigned p = 0; p < t->part_count; p++) {
        const struct mp_template_part *part = &t->parts[p];
        const struct mp_state_node *c = &s->nodes[n->child[p]];
        bool fits = c->function == part->function && c->parent == node;

        for (unsigned o = 0; o < part->outputs && fits; o++) {
            unsigned to = part->out[o] >> 1;
            if (!is_known[to])
                operand[to] = c->out[o] ^ (part->out[o] & 1u);
            is_known[to] = true;
            fits = c->out[o] == (operand[to] ^ (part->out[o] & 1u));
        }
        for (unsigned k = 0; k < part->inputs && fits; k++)
            fits = is_known[part->in[k] >> 1] &&
                   c->in[k] == (operand[part->in[k] >> 1] ^ (part->in[k] & 1u));
        if (!fits)
            return mp_fail(err, MP_E_INPUT, "part %u of node %u, a %s as %s, is not connected", p,
                           node, f->name, t->name);
    }
    return MP_OK;
}

static int check_node(const struct mp_state *s, uint32_t node, struct mp_error *err)
{
    const struct mp_state_node *n = &s->nodes[node];
    const struct mp_node_kind_info *f = mp_function_info(n->function);
    bool is_register = n->function == MP_NODE_REGISTER;
    uint32_t family;
    int rc = MP_OK;

    if (n->choice != MP_NONE)
        return check_parts(s, node, err);
    if (s->gate_owner[n->gate] != node || s->mapped->gates[n->gate].type == MP_NONE)
        return mp_fail(err, MP_E_INPUT, "node %u has no gate", node);
    family = s->matcher->nldm->cells[s->mapped->gates[n->gate].type].family;
    if (!is_register && family != s->matcher->matches[n->match].family)
        return mp_fail(err, MP_E_INPUT, "the gate of node %u is of another family", node);
    for (unsigned o = 0; o < f->outputs && rc == MP_OK && !is_register; o++)
        rc = check_output(s, node, o, err);
    for (unsigned k = 0; k < (is_register ? 1u : f->inputs) && rc == MP_OK; k++)
        rc = check_input(s, node, k, err);
    return rc;
}

static int check_copies(const struct mp_state *s, uint32_t wire, uint32_t *count,
                        struct mp_error *err)
{
    for (uint32_t c = s->wires[wire].first_copy; c != MP_NONE; c = s->copies[c].next) {
        const struct mp_state_copy *copy = &s->copies[c];
        const struct mp_mapped_gate *gate = &s->mapped->gates[copy->gate];
        uint32_t family =
            gate->type == MP_NONE ? MP_NONE : s->matcher->nldm->cells[gate->type].family;
        const struct mp_mapped_net *net = &s->mapped->nets[copy->net];

        ++*count;
        if (s->nets[copy->parent].wire != wire ||
            (s->nets[copy->parent].copy == MP_NONE && copy->parent != s->wires[wire].net))
            return mp_fail(err, MP_E_INPUT, "copy %u of wire %u is made of another wire", c, wire);
        if (s->gate_owner[copy->gate] != (MP_STATE_COPY_FLAG | c) ||
            gate->inputs[0] != copy->parent || gate->outputs[0] != copy->net ||
            s->nets[copy->net].copy != c || s->nets[copy->net].wire != wire)
            return mp_fail(err, MP_E_INPUT, "copy %u of wire %u is not connected", c, wire);
        if ((s->nets[copy->net].inverted ^ s->nets[copy->parent].inverted) !=
            (family == s->matcher->inverter))
            return mp_fail(err, MP_E_INPUT, "copy %u of wire %u has the wrong polarity", c, wire);
        if (net->sink_count == 0 && net->output_count == 0)
            return mp_fail(err, MP_E_INPUT, "copy %u of wire %u has no reader", c, wire);
    }
    return MP_OK;
}

int mp_state_check(const struct mp_state *s, struct mp_error *err)
{
    bool *is_free = mp_alloc(s->wire_capacity + 1u, sizeof *is_free);
    uint32_t copies = 0;
    int rc = MP_OK;

    for (uint32_t w = s->free_wire; w != MP_NONE; w = s->wires[w].net)
        is_free[w] = true;
    for (uint32_t i = 0; i < s->node_capacity && rc == MP_OK; i++)
        if (s->nodes[i].function != 0)
            rc = check_node(s, i, err);
    for (uint32_t w = 1; w < s->wire_capacity && rc == MP_OK; w++)
        if (!is_free[w])
            rc = check_copies(s, w, &copies, err);
    free(is_free);
    for (uint32_t i = 0; i < s->prefix_count && rc == MP_OK; i++)
        rc = mp_state_check_prefix(s, &s->prefixes[i], err);
    if (rc == MP_OK && copies != s->copy_capacity - s->free_copies)
        rc = mp_fail(err, MP_E_INPUT, "%u copies are in lists, but %u in use", copies,
                     s->copy_capacity - s->free_copies);
    return rc;
}
