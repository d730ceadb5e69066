/* What drives the inputs of a generated design. */
#include "estimator/pipeline/bindings.h"
#include "estimator/pipeline/operands.h"
#include <string.h>

/* Ports of a generated design. */
struct generated_port {
    const char *name;
    enum mp_role role;
    unsigned bits; /* of one term; 0: any width */
    bool is_needed;
};

static int add_generated(struct mp_bindings *b, const struct mp_netlist *n,
                         const struct generated_port *g, struct mp_error *err)
{
    uint32_t port = mp_netlist_port(n, g->name), width;
    bool is_operand = g->role == MP_ROLE_WEIGHT || g->role == MP_ROLE_ACTIVATION;

    if (port == MP_NONE && !g->is_needed)
        return MP_OK;
    width = port != MP_NONE ? n->ports[port].width : 0;
    if (port == MP_NONE || (g->bits > 0 && (is_operand ? width % g->bits != 0 : width != g->bits)))
        return mp_fail(err, MP_E_INPUT, "module %s has no input `%s` of the trace's %u bits",
                       n->name, g->name, g->bits);
    b->ports[b->count++] = (struct mp_binding){.port = mp_strdup(g->name),
                                               .width = width,
                                               .role = g->role,
                                               .by = "by name",
                                               .operands = is_operand ? width / g->bits : 1,
                                               .constant = strcmp(g->name, "addend_carry") == 0};
    if (is_operand)
        b->terms = width / g->bits;
    return MP_OK;
}

int mp_bindings_generated(struct mp_bindings *b, const struct mp_netlist *n,
                          const struct mp_format *weight, const struct mp_format *activation,
                          struct mp_error *err)
{
    const struct generated_port ports[] = {
        {"weight", MP_ROLE_WEIGHT, weight->bits, true},
        {"activation", MP_ROLE_ACTIVATION, activation->bits, true},
        {"first", MP_ROLE_FIRST, 1, false},
        {"addend", MP_ROLE_ADDEND, 0, false},
        {"addend_carry", MP_ROLE_ADDEND, 0, false}};
    size_t count = sizeof ports / sizeof *ports;
    int rc = MP_OK;

    *b = (struct mp_bindings){.terms = 1,
                              .weight = *weight,
                              .activation = *activation,
                              .has_weight = true,
                              .has_activation = true,
                              .warmup_cycles = MP_WARMUP_CYCLES};
    b->ports = mp_alloc(count, sizeof *b->ports);
    for (size_t i = 0; i < count && rc == MP_OK; i++)
        rc = add_generated(b, n, &ports[i], err);
    if (rc == MP_OK && b->ports[0].operands != b->ports[1].operands)
        rc = mp_fail(err, MP_E_INPUT, "module %s takes %u weights and %u activations a cycle",
                     n->name, b->ports[0].operands, b->ports[1].operands);
    return rc;
}

int mp_bindings_design(struct mp_bindings *b, const struct mp_netlist *n,
                       const struct mp_design *design, struct mp_error *err)
{
    int rc = mp_bindings_generated(b, n, &design->weight, &design->activation, err);

    b->warmup_cycles += design->stages;
    return rc;
}
