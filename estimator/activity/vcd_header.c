#include "estimator/activity/vcd_header.h"
#include "estimator/util/number.h"
#include <stdlib.h>
#include <string.h>

#define MAX_WIDTH (1u << 16)
#define MAX_BITS  (1u << 24)
#define MAX_PATHS ((size_t)1 << 29) /* bytes of all names together */

struct declaration {
    uint32_t scope; /* offset of the scope's path in paths */
    uint32_t name;  /* offset of the full path */
    uint32_t signal;
    int32_t left, right;
    bool is_vector;
};

struct reader {
    struct mp_vcd_header *h;
    struct mp_vcd_words *w;
    const struct mp_netlist *n;
    struct declaration *declarations;
    size_t count, capacity;
    struct mp_text paths; /* NUL-terminated strings, one after the other */
    struct mp_text scope; /* "tb.dut" */
    uint32_t scope_path;
    uint32_t depth;
    struct mp_map names; /* hierarchical name, or driving pin -> net */
    struct mp_error *err;
};

bool mp_vcd_next(struct mp_vcd_words *w)
{
    while (w->at < w->end && (unsigned char)*w->at <= ' ') {
        w->line += *w->at == '\n';
        w->at++;
    }
    w->word = w->at;
    while (w->at < w->end && (unsigned char)*w->at > ' ')
        w->at++;
    w->length = (size_t)(w->at - w->word);
    return w->length > 0;
}

bool mp_vcd_is(const struct mp_vcd_words *w, const char *word)
{
    return w->length == strlen(word) && memcmp(w->word, word, w->length) == 0;
}

const char *mp_vcd_word(struct mp_vcd_words *w)
{
    w->copy.size = 0;
    mp_text_add_bytes(&w->copy, w->word, w->length);
    return w->copy.data;
}

static int bad(const struct reader *r, const char *what)
{
    return mp_fail_at(r->err, MP_E_INPUT, r->w->file, r->w->line, "value change dump: %s", what);
}

static uint32_t store(struct reader *r, const char *a, const char *b)
{
    uint32_t at = (uint32_t)r->paths.size;
    mp_text_add(&r->paths, a);
    if (*a && *b)
        mp_text_add(&r->paths, ".");
    mp_text_add(&r->paths, b);
    mp_text_add_bytes(&r->paths, "", 1);
    return at;
}

static int skip_to_end(struct reader *r)
{
    while (mp_vcd_next(r->w))
        if (mp_vcd_is(r->w, "$end"))
            return MP_OK;
    return bad(r, "a section without its $end; is the file cut off?");
}

static int read_timescale(struct reader *r)
{
    struct mp_text t = {0};
    while (mp_vcd_next(r->w) && !mp_vcd_is(r->w, "$end") && t.size < 32)
        mp_text_add_bytes(&t, r->w->word, r->w->length);
    bool good = t.data && mp_parse_quantity(t.data, "s", &r->h->tick_s) && r->h->tick_s > 0;
    mp_text_release(&t);
    return good ? MP_OK : bad(r, "a timescale that is no time, such as 1ps");
}

static int enter_scope(struct reader *r)
{
    bool has_kind = mp_vcd_next(r->w), has_name = has_kind && mp_vcd_next(r->w);
    if (!has_name || r->depth > 256)
        return bad(r, "a $scope without a name, or nested too deeply");
    if (r->scope.size > 0)
        mp_text_add(&r->scope, ".");
    const char *name = mp_vcd_word(r->w);
    mp_text_add(&r->scope, name[0] == '\\' ? name + 1 : name);
    r->scope_path = store(r, r->scope.data, "");
    r->depth++;
    return r->paths.size < MAX_PATHS ? skip_to_end(r) : bad(r, "more than 512 MiB of names");
}

/* The path is cut at its last part; a part with a '.' inside (an escaped name) is told apart by
 * remembering where scopes began. */
static int leave_scope(struct reader *r, uint32_t *starts)
{
    if (r->depth == 0)
        return bad(r, "$upscope without a $scope");
    r->depth--;
    r->scope.size = starts[r->depth];
    if (r->scope.data)
        r->scope.data[r->scope.size] = '\0';
    r->scope_path = store(r, r->scope.data ? r->scope.data : "", "");
    return skip_to_end(r);
}

/* "[7:0]" or "[3]"; false if it is neither. */
static bool read_range(const char *s, int32_t *left, int32_t *right, bool *is_vector)
{
    char part[16];
    int64_t a, b;
    size_t n = strcspn(s, ":]");
    if (*s != '[' || n < 2 || n > sizeof part)
        return false;
    memcpy(part, s + 1, n - 1);
    part[n - 1] = '\0';
    if (!mp_parse_i64(part, &a) || a < INT32_MIN / 4 || a > INT32_MAX / 4)
        return false;
    b = a;
    *is_vector = s[n] == ':';
    if (*is_vector) {
        s += n + 1;
        n = strcspn(s, "]");
        if (n < 1 || n >= sizeof part)
            return false;
        memcpy(part, s, n);
        part[n] = '\0';
        if (!mp_parse_i64(part, &b) || b < INT32_MIN / 4 || b > INT32_MAX / 4)
            return false;
    }
    *left = (int32_t)a;
    *right = (int32_t)b;
    return true;
}

static int add_signal(struct reader *r, const char *code, uint32_t width, uint32_t *id)
{
    struct mp_vcd_header *h = r->h;
    *id = mp_map_get(&h->by_code, code);
    if (*id != MP_MAP_NONE)
        return h->signals[*id].width == width ? MP_OK : bad(r, "one id code with two widths");
    if (h->net_count + width > MAX_BITS)
        return bad(r, "more than 16 million bits");
    *id = (uint32_t)h->signal_count;
    mp_map_put(&h->by_code, code, *id);
    mp_grow(&h->signals, h->signal_count, &h->signal_capacity, sizeof *h->signals);
    h->signals[h->signal_count++] =
        (struct mp_vcd_signal){.width = width, .first_net = (uint32_t)h->net_count};
    for (uint32_t i = 0; i < width; i++) {
        mp_grow(&h->nets, h->net_count, &h->net_capacity, sizeof *h->nets);
        h->nets[h->net_count++] = MP_NONE;
    }
    return MP_OK;
}

/* $var wire 8 # x [7:0] $end */
static int read_variable(struct reader *r)
{
    struct declaration d = {.scope = r->scope_path};
    uint64_t width;
    if (!mp_vcd_next(r->w))
        return bad(r, "the file ends in a $var");
    bool is_real = mp_vcd_is(r->w, "real") || mp_vcd_is(r->w, "event");
    if (!mp_vcd_next(r->w) || !mp_parse_u64(mp_vcd_word(r->w), &width) || width < 1 ||
        width > MAX_WIDTH)
        return bad(r, "a $var whose width is not 1 to 65536");
    if (!mp_vcd_next(r->w))
        return bad(r, "a $var without id code");
    int rc = add_signal(r, mp_vcd_word(r->w), (uint32_t)width, &d.signal);
    if (rc < 0)
        return rc;
    if (!mp_vcd_next(r->w) || mp_vcd_is(r->w, "$end"))
        return bad(r, "a $var without name");
    const char *name = mp_vcd_word(r->w), *range = strrchr(name, '[');
    struct mp_text full = {0};
    mp_text_add(&full, name[0] == '\\' ? name + 1 : name);
    if (width > 1 && range && read_range(range, &d.left, &d.right, &d.is_vector)) {
        full.size -= strlen(range); /* x[7:0] in one word */
        full.data[full.size] = '\0';
    }
    if (mp_vcd_next(r->w) && !mp_vcd_is(r->w, "$end")) {
        const char *word = mp_vcd_word(r->w);
        if (!read_range(word, &d.left, &d.right, &d.is_vector))
            rc = bad(r, "a $var with a range that cannot be read");
        else if (!d.is_vector)
            mp_text_add(&full, word);
        if (rc == MP_OK)
            rc = skip_to_end(r);
    }
    if (width > 1 && !d.is_vector) {
        d.is_vector = true;
        d.left = (int32_t)width - 1;
    }
    int64_t span = d.left > d.right ? (int64_t)d.left - d.right : (int64_t)d.right - d.left;
    if (rc == MP_OK && d.is_vector && span + 1 != (int64_t)width)
        rc = bad(r, "a $var whose range and width do not agree");
    d.name = store(r, r->scope.data ? r->scope.data : "", full.data);
    mp_text_release(&full);
    if (rc < 0 || is_real)
        return rc;
    mp_grow(&r->declarations, r->count, &r->capacity, sizeof *r->declarations);
    r->declarations[r->count++] = d;
    return r->paths.size < MAX_PATHS ? MP_OK : bad(r, "more than 512 MiB of names");
}

static int read_declarations(struct reader *r)
{
    uint32_t starts[258] = {0};
    int rc = MP_OK;
    while (rc == MP_OK) {
        if (!mp_vcd_next(r->w))
            return bad(r, "no $enddefinitions; is this a VCD file, or cut off?");
        if (mp_vcd_is(r->w, "$enddefinitions"))
            return skip_to_end(r);
        if (mp_vcd_is(r->w, "$timescale")) {
            rc = read_timescale(r);
        } else if (mp_vcd_is(r->w, "$scope")) {
            starts[r->depth] = (uint32_t)r->scope.size;
            rc = enter_scope(r);
        } else if (mp_vcd_is(r->w, "$upscope")) {
            rc = leave_scope(r, starts);
        } else if (mp_vcd_is(r->w, "$var")) {
            rc = read_variable(r);
        } else if (r->w->word[0] == '$') {
            rc = skip_to_end(r);
        } else {
            return bad(r, "text outside of a $section; is this a VCD file?");
        }
    }
    return rc;
}

/* Net and driving pin names; a net's own name has the right of way. */
static void index_names(struct reader *r)
{
    const struct mp_netlist *n = r->n;
    struct mp_text pin = {0};
    for (uint32_t net = 2; net < n->net_count; net++)
        mp_map_put(&r->names, n->net_name[net], net);
    for (uint32_t net = 2; net < n->net_count; net++) {
        uint32_t p = n->net_driver[net], c = p == MP_NONE ? 0 : n->pin_cell[p];
        if (p == MP_NONE)
            continue;
        pin.size = 0;
        mp_text_printf(
            &pin, "%s.%s", n->cell_name[c],
            n->library
                ->pins[n->library->cells[n->cell_type[c]].first_pin + (p - n->cell_first_pin[c])]
                .name);
        mp_map_put(&r->names, pin.data, net);
    }
    mp_text_release(&pin);
}

/* How many bits below scope have a net; with `assign`, write them down. */
static uint32_t match(struct reader *r, const char *scope, bool assign)
{
    struct mp_text name = {0};
    size_t prefix = strlen(scope);
    uint32_t found = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct declaration *d = &r->declarations[i];
        const struct mp_vcd_signal *s = &r->h->signals[d->signal];
        const char *path = r->paths.data + d->name;
        if (prefix > 0 && (strncmp(path, scope, prefix) != 0 || path[prefix] != '.'))
            continue;
        path += prefix > 0 ? prefix + 1 : 0;
        for (uint32_t k = 0; k < s->width; k++) {
            uint32_t net;
            name.size = 0;
            mp_text_add(&name, path);
            if (d->is_vector)
                mp_text_printf(&name, "[%d]",
                               d->left > d->right ? d->left - (int32_t)k : d->left + (int32_t)k);
            net = mp_map_get(&r->names, name.data);
            if (net == MP_MAP_NONE)
                continue;
            found++;
            if (assign && r->h->nets[s->first_net + k] == MP_NONE)
                r->h->nets[s->first_net + k] = net;
        }
    }
    mp_text_release(&name);
    return found;
}

/* The scope that declares the netlist's first port and has most of its nets. */
static const char *find_scope(struct reader *r)
{
    const char *best = NULL;
    uint32_t most = 0;
    for (size_t i = 0; i < r->count && r->n->port_count > 0; i++) {
        const struct declaration *d = &r->declarations[i];
        const char *path = r->paths.data + d->name, *scope = r->paths.data + d->scope;
        size_t prefix = strlen(scope);
        if (strcmp(path + prefix + (prefix > 0), r->n->ports[0].name) != 0)
            continue;
        uint32_t found = match(r, scope, false);
        if (found > most) {
            most = found;
            best = scope;
        }
    }
    return best;
}

static int check_found(struct reader *r, const char *scope)
{
    bool *found = mp_alloc(r->n->net_count, sizeof *found);
    uint32_t missing = 0, first = 0;
    for (size_t i = 0; i < r->h->net_count; i++)
        if (r->h->nets[i] != MP_NONE)
            found[r->h->nets[i]] = true;
    for (uint32_t net = r->n->net_count; net-- > 2;)
        if (!found[net]) {
            missing++;
            first = net;
        }
    free(found);
    if (missing == 0)
        return MP_OK;
    return mp_fail_at(r->err, MP_E_INPUT, r->w->file, 0,
                      "net %s and %u more of %u are not under scope %s; dump every net of the "
                      "design, e.g. $dumpvars(0, dut)",
                      r->n->net_name[first], missing - 1, r->n->net_count - 2, scope);
}

int mp_vcd_header_read(struct mp_vcd_header *h, struct mp_vcd_words *w, const struct mp_netlist *n,
                       const char *scope, struct mp_error *err)
{
    struct reader r = {.h = h, .w = w, .n = n, .err = err};
    *h = (struct mp_vcd_header){0};
    store(&r, "", "");
    int rc = read_declarations(&r);
    if (rc < 0)
        goto out;
    if (h->tick_s <= 0) {
        rc = bad(&r, "no $timescale");
        goto out;
    }
    index_names(&r);
    if (scope == NULL)
        scope = find_scope(&r);
    if (scope == NULL || match(&r, scope, true) == 0) {
        rc = mp_fail_at(err, MP_E_NOT_FOUND, w->file, 0,
                        "no scope %s with the nets of module %s; name it as in tb.dut",
                        scope ? scope : "", n->name);
        goto out;
    }
    rc = check_found(&r, scope);
out:
    free(r.declarations);
    mp_text_release(&r.paths);
    mp_text_release(&r.scope);
    mp_map_release(&r.names);
    return rc;
}

void mp_vcd_header_release(struct mp_vcd_header *h)
{
    mp_map_release(&h->by_code);
    free(h->signals);
    free(h->nets);
    *h = (struct mp_vcd_header){0};
}
