/*
 * From a netlist as read (estimator/netlist) to a netlist under edit.
 */
#ifndef MP_TECHMAP_IMPORT_H
#define MP_TECHMAP_IMPORT_H

#include "estimator/techmap/mapped.h"

/* What became of what: owned, freed by mp_techmap_names_release. */
struct mp_techmap_names {
    uint32_t *net_of;  /* [netlist net] mapped net */
    uint32_t *gate_of; /* [netlist cell] mapped gate */
};

/* m is initialised here (the caller releases it; on failure it is released already). Every cell
 * becomes a gate, tie cells too; ports keep their order, bit 0 first, the clock port among them.
 * MP_E_UNSUPPORTED for a cell that nldm has not; MP_E_INPUT for a combinational loop. It is
 * timed already. */
int mp_techmap_import(struct mp_mapped *m, struct mp_techmap_names *names,
                      const struct mp_netlist *netlist, const struct mp_nldm *nldm,
                      const struct mp_mapped_environment *environment, struct mp_error *err);
void mp_techmap_names_release(struct mp_techmap_names *names);

#endif
