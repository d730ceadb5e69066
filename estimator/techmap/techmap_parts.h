/*
 * Inside mp_techmap_search: what its files share.
 */
#ifndef MP_TECHMAP_TECHMAP_PARTS_H
#define MP_TECHMAP_TECHMAP_PARTS_H

#include "estimator/techmap/family.h"
#include "estimator/techmap/state.h"
#include "estimator/techmap/techmap.h"

/* A library made ready, once a job. */
struct mp_techmap_library {
    struct mp_matcher matcher;
    struct mp_templates templates;
    struct mp_families families;
};
int mp_techmap_library_init(struct mp_techmap_library *l, const struct mp_nldm *nldm,
                            struct mp_error *err);
void mp_techmap_library_release(struct mp_techmap_library *l); /* zeroed memory is fine too */

/* The table of moves. */
extern const struct mp_move_kind mp_techmap_kinds[];
extern const size_t mp_techmap_kind_count;
/* Copies of a struct mp_state. */
extern const struct mp_structure_kind mp_techmap_structure;

/* Proves the netlist against its graph and writes it. */
int mp_techmap_write(struct mp_text *out, const struct mp_state *s, struct mp_error *err);

#endif
