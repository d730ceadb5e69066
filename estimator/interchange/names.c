#include "estimator/interchange/names.h"
#include "estimator/util/number.h"
#include <stdlib.h>
#include <string.h>

#define MAX_TEXT  ((size_t)1 << 29)
#define MAX_DEPTH 256
#define LEVELS    4 /* how deep below a scope names are looked for to judge it */

struct matcher {
    struct mp_names_match *m;
    const struct mp_names *names;
    const struct mp_netlist *n;
    struct mp_map ids; /* name -> net, or net_count + pin */
    struct mp_text key;
    uint8_t *rank; /* [net] of its bit; 0: none yet */
};

void mp_names_release(struct mp_names *names)
{
    free(names->scopes);
    free(names->items);
    mp_text_release(&names->text);
    mp_map_release(&names->by_path);
    *names = (struct mp_names){0};
}

static uint32_t store(struct mp_names *names, const char *s)
{
    uint32_t at = (uint32_t)names->text.size;
    mp_text_add_bytes(&names->text, s, strlen(s) + 1);
    return at;
}

static const char *text_at(const struct mp_names *names, uint32_t offset)
{
    return names->text.data + offset;
}

static uint32_t add_scope(struct mp_names *names, const char *path, uint32_t parent, uint32_t depth)
{
    uint32_t id = mp_map_put(&names->by_path, path, (uint32_t)names->scope_count);
    if (id < names->scope_count)
        return id;
    mp_grow(&names->scopes, names->scope_count, &names->scope_capacity, sizeof *names->scopes);
    names->scopes[names->scope_count++] =
        (struct mp_names_scope){.path = store(names, path), .parent = parent, .depth = depth};
    return id;
}

static void start(struct mp_names *names)
{
    if (names->scope_count == 0)
        add_scope(names, "", 0, 0);
}

bool mp_names_enter(struct mp_names *names, const char *name)
{
    start(names);
    const struct mp_names_scope *s = &names->scopes[names->current];
    if (s->depth >= MAX_DEPTH || names->text.size + strlen(name) > MAX_TEXT)
        return false;
    char *path =
        s->depth > 0 ? mp_asprintf("%s.%s", text_at(names, s->path), name) : mp_strdup(name);
    names->current = add_scope(names, path, names->current, s->depth + 1);
    free(path);
    return true;
}

bool mp_names_leave(struct mp_names *names)
{
    if (names->scope_count == 0 || names->current == 0)
        return false;
    names->current = names->scopes[names->current].parent;
    return true;
}

bool mp_names_add(struct mp_names *names, const char *name, const struct mp_names_item *item)
{
    start(names);
    if (names->text.size + strlen(name) > MAX_TEXT)
        return false;
    mp_grow(&names->items, names->item_count, &names->item_capacity, sizeof *names->items);
    struct mp_names_item *i = &names->items[names->item_count++];
    *i = *item;
    i->scope = names->current;
    i->name = store(names, name);
    return true;
}

const char *mp_names_pin(const struct mp_netlist *n, uint32_t pin)
{
    uint32_t c = n->pin_cell[pin];
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[c]];
    return n->library->pins[type->first_pin + (pin - n->cell_first_pin[c])].name;
}

/* "[3]" */
static bool parse_index(const char *s, int64_t *index)
{
    char digits[16] = {0};
    size_t count = *s == '[' ? strcspn(s + 1, "]") : 0;
    if (count == 0 || count >= sizeof digits || strcmp(s + 1 + count, "]") != 0)
        return false;
    memcpy(digits, s + 1, count);
    return mp_parse_i64(digits, index) && *index > INT32_MIN / 2 && *index < INT32_MAX / 2;
}

/* The index in "port[index]", if the net is named so. */
static bool net_index(const struct mp_netlist *n, const struct mp_port *port, uint32_t bit,
                      int64_t *index)
{
    const char *name = n->net_name[port->nets[bit]];
    size_t length = strlen(port->name);
    return strncmp(name, port->name, length) == 0 && parse_index(name + length, index);
}

bool mp_names_port_range(const struct mp_netlist *n, const struct mp_port *port, int32_t *left,
                         int32_t *right)
{
    uint32_t first = MP_NONE;
    int64_t at = 0, other;
    *left = (int32_t)port->width - 1;
    *right = 0;
    for (uint32_t b = 0; b < port->width; b++) {
        if (!net_index(n, port, b, &other))
            continue;
        if (first == MP_NONE) {
            first = b;
            at = other;
            continue;
        }
        int32_t step = other > at ? 1 : -1;
        *right = (int32_t)(at - step * (int64_t)first);
        *left = *right + step * ((int32_t)port->width - 1);
        return true;
    }
    if (first == MP_NONE || port->width > 1)
        return false;
    *left = *right = (int32_t)at;
    return true;
}

/* A port is another name for its nets. */
static void index_ports(struct matcher *x)
{
    const struct mp_netlist *n = x->n;
    for (uint32_t p = 0; p < n->port_count; p++) {
        const struct mp_port *port = &n->ports[p];
        int32_t left, right;
        bool is_known = mp_names_port_range(n, port, &left, &right);
        for (uint32_t b = 0; b < port->width; b++) {
            if (port->nets[b] < 2)
                continue;
            if (port->width == 1)
                mp_map_put(&x->ids, port->name, port->nets[b]);
            x->key.size = 0;
            mp_text_printf(&x->key, "%s[%d]", port->name,
                           left >= right ? right + (int32_t)b : right - (int32_t)b);
            if (is_known || port->width == 1)
                mp_map_put(&x->ids, x->key.data, port->nets[b]);
        }
    }
}

/* A net's own name has the right of way, then a port's, then a pin's. */
static void index_names(struct matcher *x)
{
    const struct mp_netlist *n = x->n;
    for (uint32_t net = 2; net < n->net_count; net++)
        mp_map_put(&x->ids, n->net_name[net], net);
    index_ports(x);
    for (uint32_t pin = 0; pin < n->pin_count; pin++) {
        if (n->pin_net[pin] == MP_NONE || n->pin_net[pin] < 2)
            continue;
        x->key.size = 0;
        mp_text_printf(&x->key, "%s.%s", n->cell_name[n->pin_cell[pin]], mp_names_pin(n, pin));
        mp_map_put(&x->ids, x->key.data, n->net_count + pin);
    }
}

/* The id of bit k of an item, seen from `scope`, an ancestor of the item's; MP_MAP_NONE. */
static uint32_t look_up(struct matcher *x, const struct mp_names_item *item, uint32_t k,
                        uint32_t scope)
{
    const struct mp_names *names = x->names;
    const char *base = text_at(names, names->scopes[scope].path);
    const char *path = text_at(names, names->scopes[item->scope].path) + strlen(base);
    x->key.size = 0;
    if (item->scope != scope) {
        mp_text_add(&x->key, path + (*base != '\0'));
        mp_text_add(&x->key, ".");
    }
    mp_text_add(&x->key, text_at(names, item->name));
    if (item->is_vector)
        mp_text_printf(&x->key, "[%d]",
                       item->left > item->right ? item->left - (int32_t)k
                                                : item->left + (int32_t)k);
    uint32_t id = mp_map_get(&x->ids, x->key.data);
    if (id == MP_MAP_NONE && item->is_vector && item->width == 1) { /* x [0:0] for a plain x */
        *strrchr(x->key.data, '[') = '\0';
        id = mp_map_get(&x->ids, x->key.data);
    }
    if (id != MP_MAP_NONE || x->m->divider == '\0' || x->m->divider == '.')
        return id;
    bool any = false;
    for (char *c = x->key.data; *c; c++)
        if (*c == '.') { /* a flat name that was not escaped */
            *c = x->m->divider;
            any = true;
        }
    return any ? mp_map_get(&x->ids, x->key.data) : MP_MAP_NONE;
}

static bool is_above(const struct mp_names *names, uint32_t above, uint32_t scope)
{
    while (scope != above && scope != 0)
        scope = names->scopes[scope].parent;
    return scope == above;
}

/* The scope with most names of the netlist at most LEVELS below it; of two that are one in the
 * other the deeper. rival: another scope as good, or MP_NONE. */
static uint32_t find_scope(struct matcher *x, uint32_t *rival)
{
    const struct mp_names *names = x->names;
    uint32_t *score = mp_alloc(names->scope_count + 1, sizeof *score);
    uint32_t best = MP_NONE;
    *rival = MP_NONE;
    for (size_t i = 0; i < names->item_count; i++) {
        const struct mp_names_item *item = &names->items[i];
        uint32_t scope = item->scope;
        for (unsigned level = 0; level < LEVELS; level++) {
            for (uint32_t k = 0; k < item->width; k++)
                score[scope] += look_up(x, item, k, scope) != MP_MAP_NONE;
            if (scope == 0)
                break;
            scope = names->scopes[scope].parent;
        }
    }
    for (uint32_t s = 0; s < names->scope_count; s++) {
        if (score[s] == 0 || (best != MP_NONE && score[s] < score[best]))
            continue;
        bool is_rival = best != MP_NONE && score[s] == score[best] && !is_above(names, best, s);
        *rival = is_rival ? s : MP_NONE;
        if (!is_rival)
            best = s;
    }
    free(score);
    return best;
}

/* The one scope whose path ends with ".name"; MP_NONE: none or several. */
static uint32_t scope_by_end(const struct mp_names *names, const char *name)
{
    uint32_t found = MP_NONE;
    size_t length = strlen(name);
    for (uint32_t s = 1; s < names->scope_count; s++) {
        const char *path = text_at(names, names->scopes[s].path);
        size_t size = strlen(path);
        if (size <= length || path[size - length - 1] != '.' ||
            strcmp(path + size - length, name) != 0)
            continue;
        if (found != MP_NONE)
            return MP_NONE;
        found = s;
    }
    return found;
}

/* By its whole path, or by the end of it: Verilator puts TOP in front. */
static uint32_t named_scope(const struct mp_names *names, const char *name)
{
    char *dotted = mp_strdup(name);
    uint32_t id = mp_map_get(&names->by_path, name);
    for (char *c = dotted; *c; c++)
        if (*c == '/')
            *c = '.';
    if (id == MP_MAP_NONE)
        id = mp_map_get(&names->by_path, dotted);
    if (id == MP_MAP_NONE)
        id = scope_by_end(names, dotted);
    free(dotted);
    return id;
}

static int no_scope(const struct matcher *x, const char *file, struct mp_error *err)
{
    struct mp_text seen = {0};
    unsigned listed = 0;
    for (uint32_t s = 1; s < x->names->scope_count && listed < 6; s++, listed++) {
        mp_text_add(&seen, listed ? ", " : "");
        mp_text_add(&seen, text_at(x->names, x->names->scopes[s].path));
    }
    if (x->names->scope_count > listed + 1)
        mp_text_printf(&seen, " and %zu more", x->names->scope_count - listed - 1);
    int rc = mp_fail_at(err, MP_E_NOT_FOUND, file, 0,
                        "no scope%s%s with names of module %s; the file has %.600s; name the "
                        "scope that is this module, as in tb.dut, or dump this very netlist",
                        x->m->scope ? " " : "", x->m->scope ? x->m->scope : "", x->n->name,
                        seen.data ? seen.data : "no scope at all");
    mp_text_release(&seen);
    return rc;
}

static int take(struct matcher *x, uint32_t id, uint32_t bit)
{
    const struct mp_netlist *n = x->n;
    uint32_t net = id < n->net_count ? id : n->pin_net[id - n->net_count];
    uint8_t rank = id < n->net_count ? 1 : n->net_driver[net] == id - n->net_count ? 2 : 3;
    if (x->m->same && rank < 3 && x->rank[net] > 0 && x->rank[net] < 3 && x->m->bit[net] != bit) {
        int rc = x->m->same(x->m->context, net, x->m->bit[net], bit);
        if (rc < 0)
            return rc;
    }
    if (x->rank[net] == 0 || rank < x->rank[net]) {
        x->rank[net] = rank;
        x->m->bit[net] = bit;
    }
    return MP_OK;
}

/* Bits of a port that the netlist's port does not have: names may fit, but it is another design. */
static int check_port(const struct matcher *x, const struct mp_names_item *item, const char *file,
                      struct mp_error *err)
{
    const char *name = text_at(x->names, item->name), *bracket = strrchr(name, '[');
    size_t length = item->is_vector || !bracket ? strlen(name) : (size_t)(bracket - name);
    for (uint32_t p = 0; p < x->n->port_count; p++) {
        const struct mp_port *port = &x->n->ports[p];
        int32_t left, right;
        int64_t index = 0;
        if (strlen(port->name) != length || strncmp(port->name, name, length) != 0)
            continue;
        if (item->is_vector && item->width != port->width)
            return mp_fail_at(err, MP_E_INPUT, file, 0,
                              "port %s has %u bits in the file and %u in module %s; the file is of "
                              "another design",
                              port->name, item->width, port->width, x->n->name);
        if (item->is_vector || !bracket || !parse_index(bracket, &index) ||
            !mp_names_port_range(x->n, port, &left, &right))
            return MP_OK;
        if (index < (left < right ? left : right) || index > (left < right ? right : left))
            return mp_fail_at(err, MP_E_INPUT, file, 0,
                              "the file has %s, which port %s [%d:%d] of module %s does not; the "
                              "file is of another design",
                              name, port->name, left, right, x->n->name);
        return MP_OK;
    }
    return MP_OK;
}

static int assign(struct matcher *x, uint32_t scope, const char *file, uint32_t *found,
                  struct mp_error *err)
{
    const struct mp_names *names = x->names;
    *found = 0;
    for (size_t i = 0; i < names->item_count; i++) {
        const struct mp_names_item *item = &names->items[i];
        if (!is_above(names, scope, item->scope))
            continue;
        uint32_t before = *found;
        int rc = MP_OK;
        for (uint32_t k = 0; k < item->width && rc == MP_OK; k++) {
            uint32_t id = look_up(x, item, k, scope);
            rc = id == MP_MAP_NONE ? MP_OK : take(x, id, item->first_bit + k);
            *found += id != MP_MAP_NONE;
        }
        if (rc == MP_OK && *found - before < item->width && item->scope == scope)
            rc = check_port(x, item, file, err);
        if (rc < 0)
            return rc;
    }
    return MP_OK;
}

int mp_names_match(struct mp_names_match *m, const struct mp_names *names,
                   const struct mp_netlist *n, const char *file, struct mp_error *err)
{
    struct matcher x = {.m = m, .names = names, .n = n};
    uint32_t rival = MP_NONE, found = 0;
    int rc = MP_OK;
    for (uint32_t net = 0; net < n->net_count; net++)
        m->bit[net] = MP_NONE;
    x.rank = mp_alloc(n->net_count, 1);
    index_names(&x);
    uint32_t scope = m->scope ? named_scope(names, m->scope) : find_scope(&x, &rival);
    if (scope == MP_NONE)
        rc = no_scope(&x, file, err);
    else if (rival != MP_NONE)
        rc = mp_fail_at(err, MP_E_INPUT, file, 0,
                        "scopes %s and %s fit module %s equally well; name the one that is meant",
                        text_at(names, names->scopes[scope].path),
                        text_at(names, names->scopes[rival].path), n->name);
    else
        rc = assign(&x, scope, file, &found, err);
    if (rc == MP_OK && found == 0)
        rc = no_scope(&x, file, err);
    if (rc == MP_OK)
        m->scope = text_at(names, names->scopes[scope].path);
    free(x.rank);
    mp_text_release(&x.key);
    mp_map_release(&x.ids);
    return rc;
}
