#include "estimator/netlist/cones.h"
#include "estimator/netlist/blocks.h"
#include <stdlib.h>
#include <string.h>

#define SHARED_MAX 3 /* sinks that are named; a set of more is "many" */

/* The vectors that a net leads to, ascending ids; count SHARED_MAX + 1: many. */
struct sinks {
    uint32_t count, id[SHARED_MAX];
};

struct finder {
    const struct mp_netlist *n;
    struct mp_blocks *b;
    struct mp_map by_name;
    size_t capacity;
};

const char *mp_blocks_origin_name(enum mp_blocks_origin origin)
{
    static const char *const names[] = {"apart", "hierarchy", "cones"};
    return (unsigned)origin < sizeof names / sizeof *names ? names[origin] : "unknown";
}

bool mp_name_is_anonymous(const char *name)
{
    static const char *const prefixes[] = {"_", "n", "N", "x", "U", "g", "net"};
    if (name[0] == '$')
        return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t size = strlen(prefixes[i]);
        if (strncmp(name, prefixes[i], size) != 0)
            continue;
        size_t digits = strspn(name + size, "0123456789");
        const char *end = name + size + digits;
        if (digits > 0 && (*end == '\0' || (prefixes[i][0] == '_' && !strcmp(end, "_"))))
            return true;
    }
    return false;
}

static const struct mp_lib_cell *type_of(const struct mp_netlist *n, uint32_t cell)
{
    return &n->library->cells[n->cell_type[cell]];
}

static bool is_register(const struct mp_netlist *n, uint32_t cell)
{
    return type_of(n, cell)->sequential != MP_COMBINATIONAL;
}

static uint32_t block_named(struct finder *f, const char *name)
{
    uint32_t id = mp_map_put(&f->by_name, name, f->b->count);
    if (id == f->b->count) {
        mp_grow(&f->b->names, f->b->count, &f->capacity, sizeof *f->b->names);
        f->b->names[f->b->count++] = mp_arena_strdup(&f->b->arena, name);
    }
    return id;
}

static uint32_t block_joined(struct finder *f, const char *a, const char *b)
{
    char *name = mp_asprintf("%s%s", a, b);
    uint32_t id = block_named(f, name);
    free(name);
    return id;
}

/* "u_mac[3].u_add._12_" -> "u_mac", "sum[3]" -> "sum". Owned by the caller. */
static char *first_part(const char *name)
{
    return mp_strndup(name, strcspn(name, ".["));
}

static const char *hierarchical_name(const struct mp_netlist *n, uint32_t cell)
{
    if (strchr(n->cell_name[cell], '.'))
        return n->cell_name[cell];
    for (uint32_t k = 0; k < type_of(n, cell)->pin_count; k++) {
        uint32_t net = mp_pin_net_if(n, cell, k, MP_DIR_OUTPUT);
        if (net != MP_NONE && strchr(n->net_name[net], '.'))
            return n->net_name[net];
    }
    return NULL;
}

static enum mp_blocks_origin find_origin(const struct mp_netlist *n)
{
    bool any = false, all_own = true;
    for (uint32_t c = 0; c < n->cell_count; c++) {
        const char *name = hierarchical_name(n, c);
        any = any || name;
        all_own = all_own && (!name || mp_own_block_of_name(name) != MP_OWN_OTHER);
    }
    if (!any)
        return MP_BLOCKS_CONES;
    return all_own && mp_own_is_design(n) ? MP_BLOCKS_APART : MP_BLOCKS_HIERARCHY;
}

static void use_own_blocks(struct finder *f)
{
    const struct mp_netlist *n = f->n;
    enum mp_own_block *of_cell = mp_alloc((size_t)n->cell_count + 1, sizeof *of_cell);
    if (f->b->origin == MP_BLOCKS_APART)
        mp_own_blocks_apart(of_cell, n);
    else
        mp_own_blocks_flat(of_cell, n);
    for (enum mp_own_block k = 0; k < MP_OWN_COUNT; k++)
        for (uint32_t c = 0; c < n->cell_count; c++)
            if (of_cell[c] == k)
                f->b->of_cell[c] = block_named(f, mp_own_block_name(k));
    free(of_cell);
}

/* The name that tells what a register is, NULL: none survives. */
static const char *net_that_names(const struct mp_netlist *n, uint32_t net)
{
    uint32_t behind;
    if (!mp_name_is_anonymous(n->net_name[net]))
        return n->net_name[net];
    for (uint32_t i = 0; (behind = mp_net_behind(n, net, i)) != MP_NONE; i++)
        if (!mp_name_is_anonymous(n->net_name[behind]))
            return n->net_name[behind];
    return NULL;
}

static const char *name_of_register(const struct mp_netlist *n, uint32_t cell)
{
    uint64_t data =
        type_of(n, cell)->next_state.code ? mp_expr_support(&type_of(n, cell)->next_state) : 0;
    const char *before = NULL;
    for (uint32_t k = 0; k < type_of(n, cell)->pin_count; k++) {
        uint32_t out = mp_pin_net_if(n, cell, k, MP_DIR_OUTPUT);
        uint32_t in = mp_pin_net_if(n, cell, k, MP_DIR_INPUT);
        const char *name = out == MP_NONE ? NULL : net_that_names(n, out);
        if (name)
            return name;
        if (in != MP_NONE && in > 1 && (data >> k & 1) && !mp_name_is_anonymous(n->net_name[in]))
            before = n->net_name[in];
    }
    if (!before && !mp_name_is_anonymous(n->cell_name[cell]))
        before = n->cell_name[cell];
    return before ? before : "unnamed";
}

/* Vectors of registers and output ports have ids in their own map, by name. */
struct vectors {
    struct mp_map by_name;
    const char **names; /* [count] in the arena of the blocks */
    size_t capacity;
    uint32_t count;
    uint32_t *of_register; /* [cell], MP_NONE for gates */
    struct sinks *net;     /* [net] */
};

static uint32_t vector_named(struct finder *f, struct vectors *v, const char *full_name)
{
    char *name = first_part(full_name);
    uint32_t id = mp_map_put(&v->by_name, name, v->count);
    if (id == v->count) {
        mp_grow(&v->names, v->count, &v->capacity, sizeof *v->names);
        v->names[v->count++] = mp_arena_strdup(&f->b->arena, name);
    }
    free(name);
    return id;
}

static void add_sink(struct sinks *s, uint32_t id)
{
    uint32_t at = 0;
    if (s->count > SHARED_MAX)
        return;
    while (at < s->count && s->id[at] < id)
        at++;
    if (at < s->count && s->id[at] == id)
        return;
    if (s->count++ < SHARED_MAX) {
        memmove(&s->id[at + 1], &s->id[at], (s->count - 1 - at) * sizeof s->id[0]);
        s->id[at] = id;
    }
}

static void add_sinks(struct sinks *to, const struct sinks *from)
{
    if (from->count > SHARED_MAX)
        to->count = from->count;
    for (uint32_t i = 0; i < from->count && i < SHARED_MAX; i++)
        add_sink(to, from->id[i]);
}

static struct sinks sinks_of_gate(const struct vectors *v, const struct mp_netlist *n,
                                  uint32_t cell)
{
    struct sinks s = {0};
    for (uint32_t k = 0; k < type_of(n, cell)->pin_count; k++) {
        uint32_t net = mp_pin_net_if(n, cell, k, MP_DIR_OUTPUT);
        if (net != MP_NONE)
            add_sinks(&s, &v->net[net]);
    }
    return s;
}

static void find_sinks(struct finder *f, struct vectors *v)
{
    const struct mp_netlist *n = f->n;
    for (uint32_t c = 0; c < n->cell_count; c++) {
        v->of_register[c] =
            is_register(n, c) ? vector_named(f, v, name_of_register(n, c)) : MP_NONE;
        for (uint32_t k = 0; is_register(n, c) && k < type_of(n, c)->pin_count; k++) {
            uint32_t net = mp_pin_net_if(n, c, k, MP_DIR_INPUT);
            if (net != MP_NONE)
                add_sink(&v->net[net], v->of_register[c]);
        }
    }
    for (uint32_t i = 0; i < n->port_count; i++)
        for (uint32_t k = 0; k < n->ports[i].width && n->ports[i].direction == MP_DIR_OUTPUT; k++)
            add_sink(&v->net[n->ports[i].nets[k]], vector_named(f, v, n->ports[i].name));
    for (uint32_t i = n->order_count; i-- > 0;) {
        uint32_t c = n->order[i];
        struct sinks s = sinks_of_gate(v, n, c);
        for (uint32_t k = 0; k < type_of(n, c)->pin_count; k++) {
            uint32_t net = mp_pin_net_if(n, c, k, MP_DIR_INPUT);
            if (net != MP_NONE)
                add_sinks(&v->net[net], &s);
        }
    }
}

static uint32_t block_of_sinks(struct finder *f, const struct vectors *v, const struct sinks *s)
{
    if (s->count == 0)
        return block_named(f, "unused");
    if (s->count == 1)
        return block_joined(f, v->names[s->id[0]], " logic");
    if (s->count > SHARED_MAX)
        return block_named(f, "shared");
    struct mp_text name = {0};
    for (uint32_t i = 0; i < s->count; i++)
        mp_text_printf(&name, "%s%s", i ? ", " : "shared: ", v->names[s->id[i]]);
    uint32_t id = block_named(f, name.data);
    mp_text_release(&name);
    return id;
}

static void use_cones(struct finder *f)
{
    const struct mp_netlist *n = f->n;
    struct vectors v = {.names = mp_alloc(1, sizeof *v.names),
                        .capacity = 1,
                        .of_register = mp_alloc((size_t)n->cell_count + 1, sizeof(uint32_t)),
                        .net = mp_alloc((size_t)n->net_count + 1, sizeof *v.net)};
    find_sinks(f, &v);
    for (uint32_t c = 0; c < n->cell_count; c++) {
        const char *path = hierarchical_name(n, c);
        struct sinks s = sinks_of_gate(&v, n, c);
        if (path) {
            char *part = first_part(path);
            f->b->of_cell[c] = block_named(f, part);
            free(part);
        } else if (is_register(n, c)) {
            f->b->of_cell[c] = block_joined(f, v.names[v.of_register[c]], " registers");
        } else {
            f->b->of_cell[c] = block_of_sinks(f, &v, &s);
        }
    }
    mp_map_release(&v.by_name);
    free(v.names);
    free(v.of_register);
    free(v.net);
}

/* Join the smallest blocks where there are too many; of equal ones the later. */
static void limit_blocks(struct finder *f)
{
    struct mp_blocks *b = f->b;
    if (b->count <= MP_BLOCKS_LIMIT)
        return;
    uint32_t *cells = mp_alloc(b->count, sizeof *cells), *id = mp_alloc(b->count, sizeof *id);
    uint32_t kept = 0;
    for (uint32_t c = 0; c < f->n->cell_count; c++)
        cells[b->of_cell[c]]++;
    for (uint32_t k = 0; k < b->count; k++) {
        uint32_t larger = 0;
        for (uint32_t j = 0; j < b->count && larger < MP_BLOCKS_LIMIT; j++)
            larger += j < k ? cells[j] >= cells[k] : cells[j] > cells[k];
        id[k] = larger < MP_BLOCKS_LIMIT - 1 ? kept++ : MP_BLOCKS_LIMIT - 1;
        if (id[k] < MP_BLOCKS_LIMIT - 1)
            b->names[id[k]] = b->names[k];
    }
    b->names[MP_BLOCKS_LIMIT - 1] = "other blocks";
    b->count = MP_BLOCKS_LIMIT;
    for (uint32_t c = 0; c < f->n->cell_count; c++)
        b->of_cell[c] = id[b->of_cell[c]];
    free(cells);
    free(id);
}

void mp_blocks_find(struct mp_blocks *b, const struct mp_netlist *n)
{
    struct finder f = {.n = n, .b = b};
    *b = (struct mp_blocks){.of_cell = mp_alloc((size_t)n->cell_count + 1, sizeof *b->of_cell),
                            .origin = find_origin(n)};
    if (b->origin == MP_BLOCKS_APART || (b->origin == MP_BLOCKS_CONES && mp_own_is_design(n)))
        use_own_blocks(&f);
    else
        use_cones(&f);
    limit_blocks(&f);
    mp_map_release(&f.by_name);
}

void mp_blocks_release(struct mp_blocks *b)
{
    if (!b)
        return;
    free(b->names);
    free(b->of_cell);
    mp_arena_release(&b->arena);
    *b = (struct mp_blocks){0};
}
