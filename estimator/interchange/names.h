/*
 * The hierarchy that an activity file declares, and which of its bits is which net of a netlist.
 *
 * A reader declares scopes and names in the order of its file; each name is `width` bits, numbered
 * from first_bit. Then mp_names_match() finds the design's scope and gives every net its bit.
 *
 * A bit is looked for below that scope by its hierarchical name, parts joined with '.', bits of
 * vectors as name[i]. It may be the name of a net, of a port, or of a cell's pin (instance.PIN).
 * Where a net is there several times its own name counts first, then the pin that drives it, then
 * a pin that it drives.
 */
#ifndef MP_INTERCHANGE_NAMES_H
#define MP_INTERCHANGE_NAMES_H

#include "estimator/netlist/netlist.h"

struct mp_names_scope {
    uint32_t path; /* offset of "tb.dut" in text */
    uint32_t parent;
    uint32_t depth;
};
struct mp_names_item {
    uint32_t scope;
    uint32_t name; /* offset in text, without index */
    uint32_t first_bit, width;
    int32_t left, right; /* is_vector: [left:right]; bit 0 of the item is `left` */
    bool is_vector;
};
struct mp_names { /* zero-initialise */
    struct mp_names_scope *scopes;
    size_t scope_count, scope_capacity;
    struct mp_names_item *items;
    size_t item_count, item_capacity;
    struct mp_text text;
    struct mp_map by_path;
    uint32_t current; /* scope; 0: outside of any */
};
void mp_names_release(struct mp_names *names);

/* Both return false when names or levels are too many (512 MiB, 256): refuse the file. A scope may
 * be entered again. */
bool mp_names_enter(struct mp_names *names, const char *name);
bool mp_names_add(struct mp_names *names, const char *name, const struct mp_names_item *item);
/* false: no scope to leave. */
bool mp_names_leave(struct mp_names *names);

struct mp_names_match {
    const char *scope; /* in: its path or the end of it; NULL: the best one. out: the one taken,
                          owned by names */
    char divider;      /* of the file's hierarchical names, beside '.'; 0: none */
    uint32_t *bit;     /* out [net] MP_NONE: not found; the caller allocates and frees */
    /* NULL, or called for two bits that are one net by its name or its driver, to compare them; a
     * negative result ends the matching. */
    int (*same)(void *context, uint32_t net, uint32_t a, uint32_t b);
    void *context;
};
/* The declared range of a vector port, from the names of its nets: *right is the index of bit 0,
 * *left of the last one. false: no net tells it, and [width - 1:0] is given. */
bool mp_names_port_range(const struct mp_netlist *n, const struct mp_port *port, int32_t *left,
                         int32_t *right);

/* "instance.PIN" is cell_name.pin_name. */
const char *mp_names_pin(const struct mp_netlist *n, uint32_t pin);

/* MP_E_NOT_FOUND: no such scope, or none with names of the netlist (the message names scopes that
 * are there); MP_E_INPUT: two scopes fit equally well, or a port
 * has bits that the netlist's port has not. */
int mp_names_match(struct mp_names_match *m, const struct mp_names *names,
                   const struct mp_netlist *n, const char *file, struct mp_error *err);

#endif
