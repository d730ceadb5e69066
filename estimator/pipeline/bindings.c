#include "estimator/pipeline/bindings.h"
#include "estimator/pipeline/operands.h"
#include "estimator/util/number.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mp_role_name(enum mp_role r)
{
    static const char *const names[] = {"no role",  "clock",  "activation", "weight", "first",
                                        "constant", "random", "hold",       "reset",  "addend"};

    return names[r];
}

static void note(struct mp_bindings *b, char *text)
{
    b->notes = mp_realloc(b->notes, b->note_count + 1, sizeof *b->notes);
    b->notes[b->note_count++] = text;
}

void mp_bindings_release(struct mp_bindings *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        free(b->ports[i].port);
    for (size_t i = 0; i < b->note_count; i++)
        free(b->notes[i]);
    free(b->ports);
    free(b->notes);
    memset(b, 0, sizeof *b);
}

/* While bindings are made. */
struct maker {
    struct mp_bindings *b;
    const struct mp_netlist *n;
    const struct mp_bindings_options *o;
    struct mp_port_name *names; /* [b->count] */
    bool *is_read;              /* [b->count] */
    struct mp_error *err;
};

/* An error at the port's declaration, where that is known. */
static int fail_port(const struct maker *m, const char *port, const char *message)
{
    const struct mp_module_port *p =
        m->o->module != NULL ? mp_module_port(m->o->module, port) : NULL;

    return mp_fail_at(m->err, MP_E_USAGE, p != NULL ? p->file : NULL, p != NULL ? p->line : 0,
                      "port %s of module %s %s", port, m->n->name, message);
}

static void list_inputs(struct maker *m)
{
    const struct mp_netlist *n = m->n;
    uint8_t *is_output = mp_alloc(n->net_count, 1);

    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t k = 0; k < n->ports[p].width && n->ports[p].direction == MP_DIR_OUTPUT; k++)
            is_output[n->ports[p].nets[k]] = 1;
    m->b->ports = mp_alloc(n->port_count + 1, sizeof *m->b->ports);
    m->names = mp_alloc(n->port_count + 1, sizeof *m->names);
    m->is_read = mp_alloc(n->port_count + 1, sizeof *m->is_read);
    for (uint32_t p = 0; p < n->port_count; p++) {
        const struct mp_port *port = &n->ports[p];
        uint32_t i = m->b->count;
        if (port->direction != MP_DIR_INPUT)
            continue;
        m->b->ports[m->b->count++] = (struct mp_binding){
            .port = mp_strdup(port->name), .width = port->width, .operands = 1, .by = "no role"};
        mp_port_name_read(&m->names[i], port->name);
        for (uint32_t k = 0; k < port->width; k++) {
            uint32_t net = port->nets[k];
            m->is_read[i] |=
                is_output[net] || n->net_fanout_first[net + 1] > n->net_fanout_first[net];
            if (net == n->clock_net) {
                m->b->ports[i].role = MP_ROLE_CLOCK;
                m->b->ports[i].by = "clocks the registers";
            }
        }
    }
    free(is_output);
}

static struct mp_binding *find(const struct mp_bindings *b, const char *name, size_t size)
{
    for (uint32_t i = 0; i < b->count; i++)
        if (strlen(b->ports[i].port) == size && strncmp(b->ports[i].port, name, size) == 0)
            return &b->ports[i];
    return NULL;
}

static int no_port(const struct maker *m, const char *name, size_t size)
{
    struct mp_text all = {0};

    mp_text_add(&all, "");
    for (uint32_t i = 0; i < m->b->count; i++)
        mp_text_printf(&all, "%s%s", i > 0 ? ", " : "", m->b->ports[i].port);
    mp_fail(m->err, MP_E_USAGE, "module %s has no input %.*s; its inputs are %s", m->n->name,
            (int)size, name, all.data);
    mp_text_release(&all);
    return MP_E_USAGE;
}

/* A number in the port's width; unsigned, or two's complement. */
static int read_constant(const struct maker *m, struct mp_binding *p, const char *text)
{
    uint64_t x = 0;
    int64_t negative = 0;
    bool ok = false;
    char *message;

    if (text[0] == '-') {
        ok = mp_parse_i64(text, &negative);
        x = (uint64_t)negative;
        p->fill = negative < 0;
        ok = ok && (p->width >= 64 || negative >= -((int64_t)1 << (p->width - 1)));
    } else if (strncmp(text, "0x", 2) == 0 || strncmp(text, "0b", 2) == 0) {
        unsigned base = text[1] == 'x' ? 16 : 2;
        const char *digits = text[1] == 'x' ? "0123456789abcdefABCDEF" : "01";
        size_t count = strlen(text + 2);
        ok = count > 0 && strspn(text + 2, digits) == count && count <= (base == 16 ? 16 : 64);
        x = ok ? strtoull(text + 2, NULL, (int)base) : 0;
        ok = ok && (p->width >= 64 || x >> p->width == 0);
    } else {
        ok = mp_parse_u64(text, &x) && (p->width >= 64 || x >> p->width == 0);
    }
    p->constant = x;
    p->role = MP_ROLE_CONSTANT;
    if (ok)
        return MP_OK;
    message = mp_asprintf("cannot be `%s`: take activation or weight (also *K), first, random, "
                          "hold, reset, reset_n, or a number of %u bit%s",
                          text, p->width, p->width == 1 ? "" : "s");
    fail_port(m, p->port, message);
    free(message);
    return MP_E_USAGE;
}

static int read_role(const struct maker *m, struct mp_binding *p, const char *text)
{
    static const struct {
        const char *name;
        enum mp_role role;
    } roles[] = {
        {"activation", MP_ROLE_ACTIVATION}, {"weight", MP_ROLE_WEIGHT}, {"first", MP_ROLE_FIRST},
        {"random", MP_ROLE_RANDOM},         {"hold", MP_ROLE_HOLD},     {"reset", MP_ROLE_RESET},
        {"reset_n", MP_ROLE_RESET},         {"clock", MP_ROLE_CLOCK}};
    size_t size = strcspn(text, "*");
    uint64_t operands = 1;

    if (p->role == MP_ROLE_CLOCK)
        return strcmp(text, "clock") == 0
                   ? MP_OK
                   : fail_port(m, p->port, "clocks the registers and can have no other role");
    p->by = "asked for";
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strlen(roles[i].name) == size && strncmp(text, roles[i].name, size) == 0)
            p->role = roles[i].role;
    if (p->role == MP_ROLE_CLOCK)
        return fail_port(m, p->port, "is not what clocks the registers");
    if (p->role == MP_ROLE_NONE)
        return read_constant(m, p, text);
    p->active_low = strcmp(text, "reset_n") == 0;
    if (text[size] == '\0')
        return MP_OK;
    if (p->role != MP_ROLE_ACTIVATION && p->role != MP_ROLE_WEIGHT)
        return fail_port(m, p->port, "cannot be packed: only activations and weights can");
    if (!mp_parse_u64(text + size + 1, &operands) || operands < 1 || operands > p->width ||
        p->width % operands != 0)
        return fail_port(m, p->port, "is no whole number of that many operands wide");
    p->operands = (uint32_t)operands;
    return MP_OK;
}

static int take_asked(const struct maker *m)
{
    for (size_t i = 0; i < m->o->port_count; i++) {
        const char *text = m->o->ports[i], *equals = strchr(text, '=');
        int rc;
        if (equals == NULL || equals == text)
            return mp_fail(m->err, MP_E_USAGE, "\"%s\" is no NAME=ROLE of a port", text);
        struct mp_binding *p = find(m->b, text, (size_t)(equals - text));
        if (p == NULL)
            return no_port(m, text, (size_t)(equals - text));
        if (p->role != MP_ROLE_NONE && p->role != MP_ROLE_CLOCK)
            return fail_port(m, p->port, "has been given a role twice");
        if ((rc = read_role(m, p, equals + 1)) < 0)
            return rc;
    }
    return MP_OK;
}

static bool has_role(const struct mp_bindings *b, enum mp_role role)
{
    for (uint32_t i = 0; i < b->count; i++)
        if (b->ports[i].role == role)
            return true;
    return false;
}

/* Ports by their names, for a role that none was asked for. Several of one base (a0, a1) are
 * several operands; of several bases one cannot be chosen. */
static int take_operands(const struct maker *m, enum mp_role role)
{
    const char *base = NULL;
    struct mp_text other = {0};
    int rc = MP_OK;

    if (has_role(m->b, role))
        return MP_OK;
    for (uint32_t i = 0; i < m->b->count; i++) {
        struct mp_binding *p = &m->b->ports[i];
        if (p->role != MP_ROLE_NONE || m->names[i].role != role)
            continue;
        if (base == NULL)
            base = m->names[i].base;
        if (strcmp(base, m->names[i].base) != 0) {
            mp_text_printf(&other, "%s%s", other.size > 0 ? ", " : "", p->port);
            continue;
        }
        p->role = role;
        p->by = "by name";
    }
    if (other.size > 0 && !m->o->random_operands)
        rc = mp_fail(m->err, MP_E_USAGE,
                     "module %s: by their names, %s and %s could both be the %s: say which with "
                     "--port NAME=%s, and a role for the other",
                     m->n->name, base, other.data, mp_role_name(role), mp_role_name(role));
    mp_text_release(&other);
    return rc;
}

/* What names and structure say of the others. */
static void take_names(const struct maker *m)
{
    for (uint32_t i = 0; i < m->b->count; i++) {
        struct mp_binding *p = &m->b->ports[i];
        const struct mp_port_name *name = &m->names[i];
        const struct mp_module_port *port =
            m->o->module != NULL ? mp_module_port(m->o->module, p->port) : NULL;
        if (p->role != MP_ROLE_NONE)
            continue;
        if (port != NULL && port->reset_active != 0) {
            p->role = MP_ROLE_RESET;
            p->active_low = port->reset_active < 0;
            p->by = "drives resets";
        } else if (!m->is_read[i]) {
            p->role = MP_ROLE_CONSTANT;
            p->by = "nothing reads it";
        } else if (name->role == MP_ROLE_RESET || (name->role == MP_ROLE_FIRST && p->width == 1) ||
                   (name->role == MP_ROLE_CONSTANT && p->width == 1)) {
            p->role = name->role;
            p->active_low = name->active_low;
            p->constant = name->role == MP_ROLE_CONSTANT;
            p->by = "by name";
        }
    }
}

static int take_rest(const struct maker *m)
{
    struct mp_text all = {0};
    int rc = MP_OK;

    for (uint32_t i = 0; i < m->b->count; i++) {
        struct mp_binding *p = &m->b->ports[i];
        if (p->role != MP_ROLE_NONE)
            continue;
        if (m->o->random_operands)
            p->role = MP_ROLE_RANDOM;
        else
            mp_text_printf(&all, "%s%s", all.size > 0 ? ", " : "", p->port);
    }
    if (all.size > 0)
        rc = mp_fail(m->err, MP_E_USAGE,
                     "module %s: the trace does not say what drives %s: give each a role with "
                     "--port NAME=activation, weight, first, random, hold, reset, reset_n or a "
                     "number",
                     m->n->name, all.data);
    mp_text_release(&all);
    return rc;
}

/* int<W> or uint<W> of the first port, unless asked for; all ports of the role must fit. */
static int find_format(const struct maker *m, enum mp_role role, const struct mp_format *asked,
                       struct mp_format *format, bool *has)
{
    bool known = asked != NULL;
    char name[MP_FORMAT_NAME_SIZE], message[160];

    if (known)
        *format = *asked;
    *has = false;
    for (uint32_t i = 0; i < m->b->count; i++) {
        const struct mp_binding *p = &m->b->ports[i];
        uint32_t bits = p->width / p->operands;
        if (p->role != role)
            continue;
        *has = true;
        if (!known) {
            const struct mp_module_port *port =
                m->o->module != NULL ? mp_module_port(m->o->module, p->port) : NULL;
            snprintf(name, sizeof name, "%s%u", port != NULL && port->is_signed ? "int" : "uint",
                     bits);
            if (mp_format_parse(format, name, m->err) < 0) {
                snprintf(message, sizeof message,
                         "has operands of %u bits, which no format fits: say how many it packs "
                         "(*K), or give it another role",
                         bits);
                return fail_port(m, p->port, message);
            }
            known = true;
        }
        if (format->bits != bits) {
            snprintf(message, sizeof message,
                     "has %u bits for each %s, not the %u of %s: port and format must agree", bits,
                     mp_role_name(role), format->bits, mp_format_name(format, name));
            return fail_port(m, p->port, message);
        }
    }
    return MP_OK;
}

/* Terms in the order of the numbers in the names, then of the ports. Returns how many. */
static uint32_t number_terms(const struct maker *m, enum mp_role role)
{
    uint32_t next = 0;
    bool *done = mp_alloc(m->b->count + 1, sizeof *done);

    for (;;) {
        uint32_t best = m->b->count;
        for (uint32_t i = 0; i < m->b->count; i++)
            if (m->b->ports[i].role == role && !done[i] &&
                (best == m->b->count || m->names[i].number < m->names[best].number))
                best = i;
        if (best == m->b->count)
            break;
        done[best] = true;
        m->b->ports[best].first_term = next;
        next += m->b->ports[best].operands;
    }
    free(done);
    return next;
}

static void add_notes(const struct maker *m, uint32_t weights, uint32_t activations)
{
    for (uint32_t i = 0; i < m->b->count; i++) {
        const struct mp_binding *p = &m->b->ports[i];
        bool asked = strcmp(p->by, "asked for") == 0;
        if (p->role == MP_ROLE_RANDOM && !asked)
            note(m->b, mp_asprintf("port %s has no role: random bits in every cycle", p->port));
        else if (p->role == MP_ROLE_RESET)
            note(m->b, mp_asprintf("port %s is a reset (%s): active (%d) for %u cycles, then held "
                                   "inactive",
                                   p->port, p->by, p->active_low ? 0 : 1, m->b->reset_cycles));
        else if (p->role == MP_ROLE_CONSTANT && !asked && p->constant == 1)
            note(m->b, mp_asprintf("port %s is held at 1 (an enable by its name)", p->port));
        if (p->role == MP_ROLE_RESET && strcmp(p->by, "drives resets") == 0 &&
            m->names[i].role == MP_ROLE_RESET && m->names[i].active_low != p->active_low)
            note(m->b, mp_asprintf("port %s is active %s, whatever its name says", p->port,
                                   p->active_low ? "low" : "high"));
    }
    if (weights > 0 && activations > 0 && weights != activations)
        note(m->b, mp_asprintf("%u activations and %u weights a cycle: of the terms of a cycle the "
                               "first ones are used",
                               activations, weights));
}

static int make(struct maker *m)
{
    struct mp_bindings *b = m->b;
    const struct mp_bindings_options *o = m->o;
    int rc;

    list_inputs(m);
    if ((rc = take_asked(m)) < 0 || (rc = take_operands(m, MP_ROLE_ACTIVATION)) < 0 ||
        (rc = take_operands(m, MP_ROLE_WEIGHT)) < 0)
        return rc;
    take_names(m);
    if ((rc = take_rest(m)) < 0 ||
        (rc = find_format(m, MP_ROLE_ACTIVATION, o->activation, &b->activation,
                          &b->has_activation)) < 0 ||
        (rc = find_format(m, MP_ROLE_WEIGHT, o->weight, &b->weight, &b->has_weight)) < 0)
        return rc;
    if (!b->has_activation && !b->has_weight && !o->random_operands)
        return mp_fail(m->err, MP_E_USAGE,
                       "module %s: no port takes activations or weights: give one that role with "
                       "--port NAME=activation",
                       m->n->name);
    struct mp_format any;
    if ((rc = mp_format_parse(&any, "uint8", m->err)) < 0)
        return rc;
    if (!b->has_activation && o->activation == NULL)
        b->activation = b->has_weight ? b->weight : any;
    if (!b->has_weight && o->weight == NULL)
        b->weight = b->activation;
    uint32_t weights = number_terms(m, MP_ROLE_WEIGHT);
    uint32_t activations = number_terms(m, MP_ROLE_ACTIVATION);
    b->terms = weights > activations ? weights : activations;
    b->terms = b->terms > 0 ? b->terms : 1;
    uint32_t depth = o->module != NULL ? o->module->depth : 0;
    b->warmup_cycles = o->warmup_cycles > 0        ? o->warmup_cycles
                       : depth >= MP_WARMUP_CYCLES ? depth + 1
                                                   : MP_WARMUP_CYCLES;
    b->reset_cycles = has_role(b, MP_ROLE_RESET) ? 2 : 0;
    add_notes(m, weights, activations);
    return MP_OK;
}

int mp_bindings_make(struct mp_bindings *b, const struct mp_netlist *n,
                     const struct mp_bindings_options *o, struct mp_error *err)
{
    struct maker m = {.b = b, .n = n, .o = o, .err = err};
    int rc = make(&m);

    free(m.names);
    free(m.is_read);
    return rc;
}

const char *mp_binding_text(const struct mp_bindings *b, const struct mp_binding *p, char *out,
                            size_t size)
{
    char format[MP_FORMAT_NAME_SIZE], terms[64] = "";

    if (b->terms > 1 && p->operands == 1)
        snprintf(terms, sizeof terms, " %u of %u a cycle", p->first_term + 1, b->terms);
    else if (b->terms > 1)
        snprintf(terms, sizeof terms, " %u to %u of %u a cycle", p->first_term + 1,
                 p->first_term + p->operands, b->terms);
    if (p->role == MP_ROLE_ACTIVATION || p->role == MP_ROLE_WEIGHT)
        snprintf(out, size, "%s%s (%s), %s", mp_role_name(p->role), terms,
                 mp_format_name(p->role == MP_ROLE_WEIGHT ? &b->weight : &b->activation, format),
                 p->by);
    else if (p->role == MP_ROLE_CONSTANT)
        snprintf(out, size, "constant 0x%llx, %s", (unsigned long long)p->constant, p->by);
    else
        snprintf(out, size, "%s%s, %s", mp_role_name(p->role), p->active_low ? ", active low" : "",
                 p->by);
    return out;
}
