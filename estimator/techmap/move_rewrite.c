#include "estimator/techmap/move.h"

#include <math.h>

#define CONE_GATES 4
#define PATH_BIAS  128
#define WAYS       4 /* to exchange and invert variables, tried for each implementation */
#define NO_LEAF    UINT8_MAX

/* Gates that are one function of up to four nets. */
struct cone {
    uint32_t gates[CONE_GATES], gate_count; /* gates[0] is the root; drivers behind sinks */
    uint32_t leaves[MP_REWRITE_INPUTS], leaf_count;
};

static bool is_simple(const struct mp_nldm_cell *cell)
{
    return cell->kind == MP_NLDM_GATE && cell->output_count == 1 && cell->input_count >= 1 &&
           cell->input_count <= MP_REWRITE_INPUTS;
}

static bool add_leaf(struct cone *c, uint32_t net)
{
    for (uint32_t k = 0; k < c->leaf_count; k++)
        if (c->leaves[k] == net)
            return true;
    if (c->leaf_count == MP_REWRITE_INPUTS || net <= MP_MAPPED_ONE)
        return false;
    c->leaves[c->leaf_count++] = net;
    return true;
}

/* The gate behind a leaf joins the cone, if the leaves stay few. */
static bool expand(struct mp_anneal *s, struct cone *c, uint32_t leaf)
{
    uint32_t driver = s->m->nets[c->leaves[leaf]].driver, gate;
    struct cone larger = *c;

    if (driver == MP_NONE || c->gate_count == CONE_GATES ||
        !is_simple(mp_move_cell(s, gate = driver / 2)))
        return false;
    larger.leaves[leaf] = larger.leaves[--larger.leaf_count];
    for (unsigned k = 0; k < mp_move_cell(s, gate)->input_count; k++)
        if (!add_leaf(&larger, s->m->gates[gate].inputs[k]))
            return false;
    larger.gates[larger.gate_count++] = gate;
    *c = larger;
    return true;
}

static bool grow_cone(struct mp_anneal *s, struct cone *c, uint32_t root)
{
    uint32_t steps = mp_move_draw(s, CONE_GATES);

    *c = (struct cone){.gates = {root}, .gate_count = 1};
    for (unsigned k = 0; k < mp_move_cell(s, root)->input_count; k++)
        if (!add_leaf(c, s->m->gates[root].inputs[k]))
            return false;
    for (uint32_t k = 0; k < steps; k++)
        expand(s, c, mp_move_draw(s, c->leaf_count));
    return true;
}

/* Of a net in the cone; false: it is not in it. */
static bool value_of(const struct mp_anneal *s, const struct cone *c, uint32_t net,
                     const uint16_t *gate_values, uint32_t first, uint16_t *value)
{
    for (uint32_t k = 0; k < c->leaf_count; k++)
        if (c->leaves[k] == net) {
            *value = mp_rewrite_variable(k);
            return true;
        }
    for (uint32_t k = first; k < c->gate_count; k++)
        if (s->m->gates[c->gates[k]].outputs[0] == net) {
            *value = gate_values[k];
            return true;
        }
    return false;
}

/* A later gate of the list may use an earlier one where the netlist reconverges: not taken. */
static bool cone_truth(const struct mp_anneal *s, const struct cone *c, uint16_t *truth)
{
    uint16_t values[CONE_GATES], in[MP_REWRITE_INPUTS];

    for (uint32_t k = c->gate_count; k-- > 0;) {
        const struct mp_nldm_cell *cell = mp_move_cell(s, c->gates[k]);

        for (unsigned i = 0; i < cell->input_count; i++)
            if (!value_of(s, c, s->m->gates[c->gates[k]].inputs[i], values, k + 1, &in[i]))
                return false;
        values[k] = mp_rewrite_truth(cell->outputs[0].truth, cell->input_count, in);
    }
    *truth = values[0];
    return true;
}

/* One implementation in place of a cone: how its variables are the leaves. */
struct choice {
    const struct mp_rewrite *to;
    uint8_t leaf[MP_REWRITE_INPUTS]; /* of each variable; NO_LEAF: not used */
    uint8_t inverted;                /* mask over variables */
    bool inverts_output;
    float cost_um2; /* cells and inverters */
};

/* The way of the cone's function to the class's representative, one of the class to itself, and
 * that of the implementation backwards. */
static struct choice combine(const struct cone *c, const struct mp_rewrite_way *from,
                             const struct mp_rewrite_way *self, const struct mp_rewrite *to)
{
    struct choice out = {.to = to,
                         .inverts_output =
                             from->inverts_output ^ self->inverts_output ^ to->way.inverts_output};

    for (unsigned k = 0; k < MP_REWRITE_INPUTS; k++) {
        unsigned j = self->pin[k], variable = to->way.pin[j];
        unsigned inverted =
            ((unsigned)from->inverted_inputs >> k ^ (unsigned)self->inverted_inputs >> k ^
             (unsigned)to->way.inverted_inputs >> j) &
            1u;

        out.leaf[variable] = from->pin[k] < c->leaf_count ? from->pin[k] : NO_LEAF;
        if (out.leaf[variable] != NO_LEAF)
            out.inverted = (uint8_t)(out.inverted | inverted << variable);
    }
    return out;
}

/* What is there already for inversions. */
struct inverses {
    uint32_t nets[MP_REWRITE_INPUTS]; /* of the leaves; MP_NONE: none */
    float area_um2;                   /* of an inverter */
    float output_um2;                 /* what turning the output costs */
};

static void find_inverses(struct mp_anneal *s, const struct cone *c, struct inverses *v)
{
    const struct mp_mapped_net *out = &s->m->nets[s->m->gates[c->gates[0]].outputs[0]];
    bool has_inverter = false;
    uint32_t seen = 0;

    v->area_um2 = s->m->nldm->cells[mp_family_cell(s->families, s->families->inverter, 0)].area_um2;
    for (uint32_t k = 0; k < c->leaf_count; k++)
        v->nets[k] = mp_move_inverse(s, c->leaves[k]);
    for (uint32_t p = out->first_sink; p != MP_NONE && seen++ < MP_MOVE_SINKS;
         p = s->m->sinks[p].next)
        has_inverter |= mp_move_cell(s, mp_mapped_pin_gate(p))->family == s->families->inverter;
    v->output_um2 = !has_inverter                                    ? v->area_um2
                    : out->sink_count == 1 && out->output_count == 0 ? -v->area_um2
                                                                     : 0;
}

static float cost_of(const struct choice *x, const struct inverses *v)
{
    float cost = x->to->area_um2 + (x->inverts_output ? v->output_um2 : 0);

    for (unsigned k = 0; k < MP_REWRITE_INPUTS; k++)
        if ((x->inverted >> k & 1u) != 0 && v->nets[x->leaf[k]] == MP_NONE)
            cost += v->area_um2;
    return cost;
}

static bool is_the_same(const struct mp_anneal *s, const struct cone *c,
                        const struct mp_rewrite *to)
{
    if (mp_move_cell(s, c->gates[0])->family != to->outer)
        return false;
    return to->inner == MP_NONE
               ? c->gate_count == 1
               : c->gate_count == 2 && mp_move_cell(s, c->gates[1])->family == to->inner;
}

/* Each implementation in the best of a few ways; the cheaper, the likelier: half for each inverter
 * that it costs more. */
static bool choose(struct mp_anneal *s, const struct cone *c, uint16_t truth, struct choice *out)
{
    const struct mp_rewrites *r = &s->families->rewrites;
    unsigned class = r->class_of[truth];
    uint32_t selves = r->first_self[class + 1] - r->first_self[class];
    struct inverses v;
    double total = 0;

    find_inverses(s, c, &v);
    for (uint32_t k = r->first[class]; k < r->first[class + 1]; k++) {
        struct choice best = {.cost_um2 = INFINITY};
        double weight;

        if (is_the_same(s, c, &r->items[k]))
            continue;
        for (unsigned i = 0; i < WAYS && (i == 0 || selves > 1); i++) {
            struct choice x =
                combine(c, &r->way_of[truth],
                        &r->selves[r->first_self[class] + mp_move_draw(s, selves)], &r->items[k]);

            x.cost_um2 = cost_of(&x, &v);
            if (x.cost_um2 < best.cost_um2)
                best = x;
        }
        weight = exp2(-(double)(best.cost_um2 / v.area_um2));
        total += weight;
        if (mp_random_unit(&s->random) * total < weight)
            *out = best;
    }
    return total > 0;
}

/* The nets that are the implementation's variables, inverters made where none are. */
static void make_variables(struct mp_anneal *s, const struct cone *c, const struct choice *x,
                           uint32_t *nets)
{
    for (unsigned k = 0; k < MP_REWRITE_INPUTS; k++) {
        nets[k] = x->leaf[k] == NO_LEAF ? MP_NONE : c->leaves[x->leaf[k]];
        if ((x->inverted >> k & 1u) != 0) {
            uint32_t inverse = mp_move_inverse(s, nets[k]);

            nets[k] = inverse != MP_NONE ? inverse : mp_move_invert(s, nets[k]);
        }
    }
}

/* Smallest half of the time. */
static uint32_t draw_type(struct mp_anneal *s, uint32_t family)
{
    return mp_move_draw(s, 2) == 0 ? mp_family_cell(s->families, family, 0)
                                   : mp_move_type(s, family, MP_NONE);
}

/* The gates of the implementation, the last one driving `output`; its id. */
static uint32_t build(struct mp_anneal *s, const struct mp_rewrite *to, const uint32_t *nets,
                      uint32_t output)
{
    struct mp_mapped *m = s->m;
    uint32_t outer = draw_type(s, to->outer), in[MP_NLDM_INPUTS], inner_in[MP_NLDM_INPUTS];
    unsigned slot = 0;

    for (unsigned k = 0; k < m->nldm->cells[outer].input_count; k++)
        if (to->inner == MP_NONE || k != to->at)
            in[k] = nets[to->variable[slot++]];
    if (to->inner != MP_NONE) {
        uint32_t inner = draw_type(s, to->inner);

        for (unsigned k = 0; k < m->nldm->cells[inner].input_count; k++)
            inner_in[k] = nets[to->variable[slot++]];
        in[to->at] = mp_mapped_add_net(m);
        mp_mapped_add_gate(m, inner, inner_in, (uint32_t[]){in[to->at]});
    }
    return mp_mapped_add_gate(m, outer, in, (uint32_t[]){output});
}

bool mp_move_rewrite(struct mp_anneal *s)
{
    struct mp_mapped *m = s->m;
    uint32_t root = mp_anneal_gate(s, PATH_BIAS), output, inputs, gate, nets[MP_REWRITE_INPUTS];
    struct mp_mapped_gate old;
    struct choice to = {0};
    struct cone c;
    uint16_t truth;

    if (root == MP_NONE || s->families->inverter == MP_NONE || !is_simple(mp_move_cell(s, root)) ||
        (output = m->gates[root].outputs[0]) == MP_NONE || !grow_cone(s, &c, root) ||
        !cone_truth(s, &c, &truth) || !choose(s, &c, truth, &to))
        return false;
    make_variables(s, &c, &to, nets);
    old = m->gates[root];
    inputs = mp_move_cell(s, root)->input_count;
    mp_mapped_remove_gate(m, root);
    gate = build(s, to.to, nets, output);
    if (to.inverts_output)
        mp_move_turn_output(s, gate);
    for (uint32_t k = 0; k < inputs; k++)
        if (old.inputs[k] > MP_MAPPED_ONE)
            mp_move_prune(m, old.inputs[k]);
    for (uint32_t k = 0; k < c.leaf_count; k++)
        if (m->nets[c.leaves[k]].is_used && mp_move_overload(m, c.leaves[k]) > 1)
            return false;
    return mp_move_overload(m, m->gates[gate].outputs[0]) <= 1;
}
