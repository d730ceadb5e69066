#include "estimator/techmap/template.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct row {
    unsigned function;
    const char *name, *formula;
} rows[] = {
    {MP_NODE_AND3, "and2", "t=AND2(a,b) y=AND2(t,c)"},
    {MP_NODE_AND4, "and2", "t=AND2(a,b) u=AND2(c,d) y=AND2(t,u)"},
    {MP_NODE_AND4, "and3", "t=AND3(a,b,c) y=AND2(t,d)"},
    {MP_NODE_XOR2, "oa21", "g=AND2(a,b) y=OA21(a,b,~g)"},
    {MP_NODE_XOR2, "aoi21", "n=NOR2(a,b) y=AOI21(a,b,n)"},
    {MP_NODE_XOR2, "ao22", "y=AO22(a,~b,~a,b)"},
    {MP_NODE_XOR2, "mux", "y=MUX2(a,~b,b)"},
    {MP_NODE_XOR2, "nand", "n=NAND2(a,b) u=NAND2(a,n) v=NAND2(b,n) y=NAND2(u,v)"},
    {MP_NODE_XOR3, "xor2", "t=XOR2(a,b) y=XOR2(t,c)"},
    {MP_NODE_MUX2, "ao22", "y=AO22(a,b,~a,c)"},
    {MP_NODE_MUX2, "nand", "u=NAND2(a,b) v=NAND2(~a,c) y=NAND2(u,v)"},
    {MP_NODE_MUX2, "ao21", "v=AND2(~a,c) y=AO21(a,b,v)"},
    {MP_NODE_MAJ3, "ao21", "u=OR2(a,b) v=AND2(u,c) y=AO21(a,b,v)"},
    {MP_NODE_MAJ3, "oa21", "u=AND2(a,b) v=OR2(u,c) y=OA21(a,b,v)"},
    {MP_NODE_MAJ3, "carry", "g=AND2(a,b) o=OR2(a,b) y=AO21(o,c,g)"},
    {MP_NODE_MAJ3, "nand", "g=AND2(a,b) v=OA21(a,b,c) y=OR2(g,v)"},
    {MP_NODE_MAJ3, "ao222", "y=AO222(a,b,a,c,b,c)"},
    {MP_NODE_MAJ3, "mux", "x=XOR2(a,b) y=MUX2(x,c,a)"},
    {MP_NODE_AO21, "and-or", "t=AND2(a,b) y=OR2(t,c)"},
    {MP_NODE_AO22, "and-or", "t=AND2(a,b) u=AND2(c,d) y=OR2(t,u)"},
    {MP_NODE_AO22, "ao21", "t=AND2(a,b) y=AO21(c,d,t)"},
    {MP_NODE_AO222, "ao22", "t=AO22(a,b,c,d) u=AND2(e,f) y=OR2(t,u)"},
    {MP_NODE_AO222, "nand", "t=AND2(a,b) u=AND2(c,d) v=AND2(e,f) y=OR3(t,u,v)"},
    {MP_NODE_AO222, "ao21", "t=AO22(a,b,c,d) y=AO21(e,f,t)"},
    {MP_NODE_AO222, "ao221", "t=AND2(e,f) y=AO221(a,b,c,d,t)"},
    {MP_FUNCTION_AO31, "and3", "t=AND3(a,b,c) y=OR2(t,d)"},
    {MP_FUNCTION_AO221, "ao22", "t=AO22(a,b,c,d) y=OR2(t,e)"},
    {MP_NODE_HALF_ADDER, "oa21", "co=AND2(a,b) s=OA21(a,b,~co)"},
    {MP_NODE_HALF_ADDER, "xor", "s=XOR2(a,b) co=AND2(a,b)"},
    {MP_NODE_HALF_ADDER, "aoi21", "n=NOR2(a,b) s=AOI21(a,b,n) co=AND2(a,b)"},
    {MP_NODE_HALF_ADDER, "or", "o=OR2(a,b) co=AND2(a,b) s=AND2(o,~co)"},
    {MP_NODE_HALF_ADDER_ONE, "ao21", "co=OR2(a,b) s=AO21(a,b,~co)"},
    {MP_NODE_HALF_ADDER_ONE, "xor", "s=XNOR2(a,b) co=OR2(a,b)"},
    {MP_NODE_HALF_ADDER_ONE, "or", "g=AND2(a,b) co=OR2(a,b) s=OR2(g,~co)"},
    /* c is the input that may come late in all but the last ones. */
    {MP_NODE_FULL_ADDER, "xor-ao21", "t=XOR2(a,b) g=AND2(a,b) s=XOR2(t,c) co=AO21(t,c,g)"},
    {MP_NODE_FULL_ADDER, "xor-nand", "t=XOR2(a,b) g=AND2(a,b) s=XOR2(t,c) h=AND2(t,c) co=OR2(g,h)"},
    {MP_NODE_FULL_ADDER, "xor-ao22", "t=XOR2(a,b) s=XOR2(t,c) co=AO22(a,b,t,c)"},
    {MP_NODE_FULL_ADDER, "xor-mux", "t=XOR2(a,b) s=XOR2(t,c) co=MUX2(t,c,a)"},
    {MP_NODE_FULL_ADDER, "xor-maj", "t=XOR2(a,b) s=XOR2(t,c) co=MAJ3(a,b,c)"},
    {MP_NODE_FULL_ADDER, "oa21",
     "g=AND2(a,b) t=OA21(a,b,~g) h=AND2(t,c) s=OA21(t,c,~h) co=OR2(g,h)"},
    {MP_NODE_FULL_ADDER, "oa21-inverted",
     "g=AND2(a,b) x=OAI21(a,b,~g) h=AND2(x,c) s=OAI21(x,c,~h) k=AND2(c,~h) co=OR2(g,k)"},
    {MP_NODE_FULL_ADDER, "oa21-xor", "g=AND2(a,b) t=OA21(a,b,~g) s=XOR2(t,c) co=AO21(t,c,g)"},
    {MP_NODE_FULL_ADDER, "oa21-xor-nand",
     "g=AND2(a,b) t=OA21(a,b,~g) s=XOR2(t,c) h=AND2(t,c) co=OR2(g,h)"},
    {MP_NODE_FULL_ADDER, "xor-oa21",
     "t=XOR2(a,b) g=AND2(a,b) h=AND2(t,c) s=OA21(t,c,~h) co=OR2(g,h)"},
    {MP_NODE_FULL_ADDER, "or-and",
     "g=AND2(a,b) o=OR2(a,b) t=AND2(o,~g) s=XOR2(t,c) co=AO21(o,c,g)"},
    {MP_NODE_FULL_ADDER, "half", "t,g=HALF_ADDER(a,b) s,h=HALF_ADDER(t,c) co=OR2(g,h)"},
    {MP_NODE_FULL_ADDER, "half-xor", "t,g=HALF_ADDER(a,b) s=XOR2(t,c) co=AO21(t,c,g)"},
    {MP_NODE_FULL_ADDER, "xor3", "s=XOR3(a,b,c) co=MAJ3(a,b,c)"},
    {MP_NODE_FULL_ADDER, "mux", "t=XOR2(a,b) s=MUX2(c,~t,t) co=MUX2(t,c,a)"},
    {MP_NODE_FULL_ADDER, "mirror", "co=MAJ3(a,b,c) o=OR3(a,b,c) w=AND3(a,b,c) s=AO21(o,~co,w)"},
    {MP_NODE_FULL_ADDER, "mirror-ao31",
     "co=MAJ3(a,b,c) o=OR3(a,b,c) t=AND2(o,~co) s=AO31(a,b,c,t)"},
};

/* Operators beside the functions' own names: inverted inputs and output of one. */
static const struct form {
    const char *name;
    unsigned function;
    uint8_t inverted_inputs, inverted_output;
} forms[] = {
    {"NAND2", MP_NODE_AND2, 0, 1}, {"NAND3", MP_NODE_AND3, 0, 1},   {"NAND4", MP_NODE_AND4, 0, 1},
    {"OR2", MP_NODE_AND2, 3, 1},   {"OR3", MP_NODE_AND3, 7, 1},     {"OR4", MP_NODE_AND4, 15, 1},
    {"NOR2", MP_NODE_AND2, 3, 0},  {"NOR3", MP_NODE_AND3, 7, 0},    {"NOR4", MP_NODE_AND4, 15, 0},
    {"XNOR2", MP_NODE_XOR2, 0, 1}, {"XNOR3", MP_NODE_XOR3, 0, 1},   {"AOI21", MP_NODE_AO21, 0, 1},
    {"AOI22", MP_NODE_AO22, 0, 1}, {"AOI222", MP_NODE_AO222, 0, 1}, {"OA21", MP_NODE_AO21, 7, 1},
    {"OAI21", MP_NODE_AO21, 7, 0}, {"OA22", MP_NODE_AO22, 15, 1},   {"OAI22", MP_NODE_AO22, 15, 0},
};

#define NAMES     24
#define NAME_SIZE 8

struct parser {
    const char *p, *formula;
    struct mp_template *out;
    char names[NAMES][NAME_SIZE];
    bool made[NAMES];
    struct mp_error *err;
};

static int fail(const struct parser *x, const char *what)
{
    return mp_fail(x->err, MP_E_INPUT, "template %s: %s at '%.20s' of %s", x->out->name, what, x->p,
                   x->formula);
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The next word, "" where there is none or it is too long. */
static void word(struct parser *x, char *out, size_t size)
{
    size_t n = 0;

    while (is_word(x->p[n]))
        n++;
    if (n >= size)
        n = 0;
    memcpy(out, x->p, n);
    out[n] = '\0';
    x->p += n;
}

/* Operand of a name, made where it is new; NAMES: no room. */
static unsigned operand(struct parser *x, const char *name)
{
    unsigned k = 0;

    while (k < x->out->operand_count && strcmp(x->names[k], name) != 0)
        k++;
    if (k == x->out->operand_count && k < NAMES) {
        memcpy(x->names[k], name, strlen(name) + 1);
        x->out->operand_count++;
    }
    return k;
}

static bool find_operator(const char *name, struct form *out)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, name) == 0) {
            *out = forms[i];
            return true;
        }
    for (unsigned f = MP_NODE_AND2; f < MP_FUNCTION_COUNT; f++) {
        const char *own = mp_function_info(f)->name;
        size_t n = 0;

        while (own[n] != '\0' &&
               (own[n] >= 'a' && own[n] <= 'z' ? own[n] - 'a' + 'A' : own[n]) == name[n])
            n++;
        if (own[n] == '\0' && name[n] == '\0') {
            *out = (struct form){own, f, 0, 0};
            return true;
        }
    }
    return false;
}

/* Takes the character where it is the next one. */
static bool take(struct parser *x, char c)
{
    if (*x->p != c)
        return false;
    x->p++;
    return true;
}

static int parse_arguments(struct parser *x, struct mp_template_part *part, const struct form *form)
{
    for (unsigned k = 0; k < part->inputs; k++) {
        char name[NAME_SIZE];
        bool inverted = form->inverted_inputs >> k & 1;
        unsigned from;

        if (!take(x, k == 0 ? '(' : ','))
            return fail(x, "expected another operand");
        if (take(x, '~'))
            inverted = !inverted;
        word(x, name, sizeof name);
        from = operand(x, name);
        if (from >= NAMES || !x->made[from])
            return fail(x, "operand is not known yet");
        part->in[k] = (uint8_t)(2 * from + inverted);
    }
    return take(x, ')') ? MP_OK : fail(x, "expected )");
}

static int parse_part(struct parser *x)
{
    struct mp_template_part *part = &x->out->parts[x->out->part_count];
    char targets[2][NAME_SIZE], name[24];
    unsigned target_count = 0;
    struct form form;
    int rc;

    if (x->out->part_count == MP_TEMPLATE_PARTS)
        return fail(x, "too many parts");
    do {
        word(x, targets[target_count++], NAME_SIZE);
    } while (target_count < 2 && take(x, ','));
    if (!take(x, '='))
        return fail(x, "expected =");
    word(x, name, sizeof name);
    if (!find_operator(name, &form))
        return fail(x, "unknown operator before");
    part->function = (uint8_t)form.function;
    part->inputs = mp_function_info(form.function)->inputs;
    part->outputs = mp_function_info(form.function)->outputs;
    if (part->outputs != target_count)
        return fail(x, "wrong number of results before");
    rc = parse_arguments(x, part, &form);
    for (unsigned k = 0; k < target_count && rc == MP_OK; k++) {
        unsigned to = targets[k][0] == '\0' ? NAMES : operand(x, targets[k]);

        if (to >= NAMES || x->made[to])
            return fail(x, "result has no name, or was there already, before");
        x->made[to] = true;
        part->out[k] = (uint8_t)(2 * to + form.inverted_output);
    }
    x->out->part_count++;
    return rc;
}

int mp_template_parse(struct mp_template *out, unsigned function, const char *name,
                      const char *formula, struct mp_error *err)
{
    const struct mp_node_kind_info *f = mp_function_info(function);
    struct parser x = {.p = formula, .formula = formula, .out = out, .err = err};
    static const char *const results[2][2] = {{"y", ""}, {"s", "co"}};

    *out = (struct mp_template){.function = (uint8_t)function, .name = name};
    for (unsigned k = 0; k < f->inputs; k++)
        x.made[operand(&x, (const char[]){(char)('a' + k), '\0'})] = true;
    for (unsigned k = 0; k < f->outputs; k++)
        operand(&x, results[f->outputs - 1][k]);
    while (*x.p != '\0') {
        if (parse_part(&x) < 0)
            return MP_E_INPUT;
        while (*x.p == ' ')
            x.p++;
    }
    for (unsigned k = 0; k < f->outputs; k++)
        if (!x.made[f->inputs + k])
            return fail(&x, "a result is missing");
    return MP_OK;
}

static uint64_t function_value(unsigned function, unsigned output, const uint64_t *in)
{
    const struct mp_node_kind_info *f = mp_function_info(function);
    uint64_t value = 0;

    for (unsigned i = 0; i < 1u << f->inputs; i++) {
        uint64_t term = f->truth[output] >> i & 1 ? UINT64_MAX : 0;

        for (unsigned k = 0; k < f->inputs; k++)
            term &= i >> k & 1 ? in[k] : ~in[k];
        value |= term;
    }
    return value;
}

void mp_template_truth(const struct mp_template *t, uint64_t truth[MP_GRAPH_OUTPUTS])
{
    static const uint64_t variable[MP_GRAPH_INPUTS] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc,
                                                       0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00,
                                                       0xffff0000ffff0000, 0xffffffff00000000};
    const struct mp_node_kind_info *f = mp_function_info(t->function);
    uint64_t value[NAMES] = {0};

    memcpy(value, variable, f->inputs * sizeof *value);
    for (unsigned p = 0; p < t->part_count; p++) {
        const struct mp_template_part *part = &t->parts[p];
        uint64_t in[MP_GRAPH_INPUTS];

        for (unsigned k = 0; k < part->inputs; k++)
            in[k] = value[part->in[k] >> 1] ^ (part->in[k] & 1 ? UINT64_MAX : 0);
        for (unsigned k = 0; k < part->outputs; k++)
            value[part->out[k] >> 1] =
                function_value(part->function, k, in) ^ (part->out[k] & 1 ? UINT64_MAX : 0);
    }
    for (unsigned k = 0; k < f->outputs; k++)
        truth[k] = value[f->inputs + k];
}

/* Marks functions that have a cell or a row all of whose parts can be made, until none is added. */
static void find_made(bool *can, const struct mp_matcher *m, const struct mp_template *all,
                      uint32_t count)
{
    bool is_more = true;

    for (unsigned f = 0; f < MP_FUNCTION_COUNT; f++)
        can[f] = m->first[f] < m->first[f + 1];
    while (is_more) {
        is_more = false;
        for (uint32_t i = 0; i < count; i++) {
            bool fits = !can[all[i].function];

            for (unsigned p = 0; p < all[i].part_count; p++)
                fits = fits && can[all[i].parts[p].function];
            can[all[i].function] |= fits;
            is_more |= fits;
        }
    }
}

/* XOR2 as MUX2 as XOR2 never ends: a row is kept when its parts are simpler functions or have
 * cells.
 */
static bool ends(const struct mp_template *t, const struct mp_matcher *m, const bool *can)
{
    bool fits = true;

    for (unsigned p = 0; p < t->part_count; p++) {
        unsigned f = t->parts[p].function;
        fits =
            fits && can[f] &&
            (m->first[f] < m->first[f + 1] || f < t->function || t->function >= MP_NODE_KIND_COUNT);
    }
    return fits;
}

int mp_templates_init(struct mp_templates *t, const struct mp_matcher *matcher,
                      struct mp_error *err)
{
    const uint32_t row_count = sizeof rows / sizeof *rows;
    bool can[MP_FUNCTION_COUNT];
    struct mp_template *all = mp_alloc(row_count, sizeof *all);
    int rc = MP_OK;

    *t = (struct mp_templates){.items = mp_alloc(row_count, sizeof *t->items)};
    for (uint32_t i = 0; i < row_count && rc == MP_OK; i++)
        rc = mp_template_parse(&all[i], rows[i].function, rows[i].name, rows[i].formula, err);
    if (rc < 0)
        goto out;
    find_made(can, matcher, all, row_count);
    for (unsigned f = 0; f < MP_FUNCTION_COUNT; f++) {
        t->first[f] = t->count;
        for (uint32_t i = 0; i < row_count; i++)
            if (all[i].function == f && ends(&all[i], matcher, can))
                t->items[t->count++] = all[i];
        if (f >= MP_NODE_AND2 && f < MP_NODE_KIND_COUNT && t->count == t->first[f] &&
            matcher->first[f] == matcher->first[f + 1]) {
            rc = mp_fail(err, MP_E_UNSUPPORTED, "library %s has no cells that make %s",
                         matcher->nldm->library->name, mp_function_info(f)->name);
            goto out;
        }
    }
    t->first[MP_FUNCTION_COUNT] = t->count;
out:
    free(all);
    if (rc < 0)
        mp_templates_release(t);
    return rc;
}

void mp_templates_release(struct mp_templates *t)
{
    free(t->items);
    *t = (struct mp_templates){0};
}
