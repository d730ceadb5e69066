/*
 * From a netlist under edit to Verilog, as mp_netlist_write makes it.
 */
#ifndef MP_TECHMAP_EXPORT_H
#define MP_TECHMAP_EXPORT_H

#include "estimator/techmap/mapped.h"

struct mp_export_port {
    const char *name;
    bool is_output, is_vector;
    uint32_t width;
};

struct mp_export_names {
    const char *module;
    /* Input ports take the netlist's inputs in their order, bit 0 first, output ports its outputs.
     */
    const struct mp_export_port *ports;
    uint32_t port_count;
    /* [gate_limit], [net_limit]: NULL, or NULL for single ones: a name is made. Names given must
     * differ from each other and from the ports'. */
    const char *const *gates, *const *nets;
    /* Before made names of gates, [gate_limit] or NULL: "multiplier." in "multiplier.g17". */
    const char *const *prefixes;
};

/* Appends the module. MP_E_INPUT where the ports have not as many bits as the netlist. Only after
 * an update that returned OK. */
int mp_techmap_export(struct mp_text *out, const struct mp_mapped *m,
                      const struct mp_export_names *names, struct mp_error *err);

#endif
