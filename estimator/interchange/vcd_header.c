#include "estimator/interchange/vcd.h"
#include "estimator/util/number.h"
#include <stdlib.h>
#include <string.h>

#define MAX_WIDTH (1u << 16)
#define MAX_BITS  (1u << 26)
#define MAX_CODE  256

struct reader {
    struct mp_vcd_header *h;
    struct mp_source *s;
    struct mp_names names;
};

#define bad(r, ...)                                                                                \
    ((r)->s->is_cut ? mp_source_bad((r)->s, MP_VCD_CUT_OFF)                                        \
                    : mp_source_bad((r)->s, "value change dump: " __VA_ARGS__))

static int skip_to_end(struct reader *r)
{
    while (mp_source_word(r->s))
        if (mp_source_is(r->s, "$end"))
            return MP_OK;
    return bad(r, "a section without its $end; is the file cut off?");
}

static int read_timescale(struct reader *r)
{
    struct mp_text t = {0};
    bool has_end = false;
    while (!has_end && t.size < 32 && mp_source_word(r->s)) {
        has_end = mp_source_is(r->s, "$end");
        if (!has_end)
            mp_text_add_bytes(&t, r->s->word, r->s->length);
    }
    bool good = has_end && t.data && mp_parse_quantity(t.data, "s", &r->h->tick_s) &&
                r->h->tick_s >= 1e-18 && r->h->tick_s <= 1000;
    mp_text_release(&t);
    return good ? MP_OK : bad(r, "a $timescale that is no time, such as 1ps");
}

static int enter_scope(struct reader *r)
{
    bool has_kind = mp_source_word(r->s), has_name = has_kind && mp_source_word(r->s);
    if (!has_name || mp_source_is(r->s, "$end"))
        return bad(r, "a $scope without a name");
    const char *name = mp_source_terminated(r->s);
    if (!mp_names_enter(&r->names, name[0] == '\\' ? name + 1 : name))
        return bad(r, "scopes nested more than 256 deep, or more than 512 MiB of names");
    return skip_to_end(r);
}

static bool parse_index(const char *s, size_t n, int32_t *out)
{
    char part[16];
    int64_t value;
    if (n < 1 || n >= sizeof part)
        return false;
    memcpy(part, s, n);
    part[n] = '\0';
    if (!mp_parse_i64(part, &value) || value < INT32_MIN / 4 || value > INT32_MAX / 4)
        return false;
    *out = (int32_t)value;
    return true;
}

/* "[7:0]" or "[3]"; false if it is neither. */
static bool read_range(const char *s, struct mp_names_item *item)
{
    size_t n = strcspn(s, ":]");
    if (*s != '[' || n < 2 || !parse_index(s + 1, n - 1, &item->left))
        return false;
    item->right = item->left;
    item->is_vector = s[n] == ':';
    if (!item->is_vector)
        return strcmp(s + n, "]") == 0;
    s += n + 1;
    n = strcspn(s, "]");
    return strcmp(s + n, "]") == 0 && parse_index(s, n, &item->right);
}

static int add_signal(struct reader *r, uint32_t width, uint32_t *id)
{
    struct mp_vcd_header *h = r->h;
    const char *code = mp_source_terminated(r->s);
    size_t length = r->s->length;
    for (size_t i = 0; i < length; i++)
        if (code[i] < '!' || code[i] > '~' || length > MAX_CODE)
            return bad(r, "an id code that is not 1 to 256 printable characters");
    *id = mp_map_put(&h->by_code, code, (uint32_t)h->signal_count);
    if (*id < h->signal_count)
        return h->signals[*id].width == width ? MP_OK : bad(r, "one id code with two widths");
    if (h->bit_count + width > MAX_BITS)
        return bad(r, "more than 64 million bits");
    mp_grow(&h->signals, h->signal_count, &h->signal_capacity, sizeof *h->signals);
    h->signals[h->signal_count++] =
        (struct mp_vcd_signal){.width = width, .first_bit = h->bit_count};
    h->bit_count += width;
    if (length > MP_VCD_SHORT)
        return MP_OK;
    uint32_t number = 0, old = h->short_count;
    for (size_t i = length; i-- > 0;)
        number = number * 95 + (uint32_t)(code[i] - '!') + 1;
    if (number >= old) {
        h->short_count = number < old * 2 ? old * 2 : number + 1;
        h->by_short = mp_realloc(h->by_short, h->short_count, sizeof *h->by_short);
        for (uint32_t i = old; i < h->short_count; i++)
            h->by_short[i] = MP_NONE;
    }
    h->by_short[number] = *id;
    return MP_OK;
}

uint32_t mp_vcd_long_code(const struct mp_vcd_header *h, const char *code, size_t length)
{
    char text[MAX_CODE + 1];
    if (length > MAX_CODE)
        return MP_NONE;
    memcpy(text, code, length);
    text[length] = '\0';
    uint32_t id = mp_map_get(&h->by_code, text);
    return id == MP_MAP_NONE ? MP_NONE : id;
}

/* The name and range that end a $var: "x [7:0] $end", "x[7:0] $end", "\b[7] $end". */
static int read_name(struct reader *r, struct mp_text *name, struct mp_names_item *item)
{
    if (!mp_source_word(r->s) || mp_source_is(r->s, "$end"))
        return bad(r, "a $var without a name");
    const char *word = mp_source_terminated(r->s);
    mp_text_add(name, word[0] == '\\' ? word + 1 : word);
    const char *range = strrchr(name->data, '[');
    if (range && range != name->data && (item->width > 1 || strchr(range, ':')) &&
        read_range(range, item)) {
        name->size = (size_t)(range - name->data); /* x[7:0] in one word */
        name->data[name->size] = '\0';
    }
    if (!mp_source_word(r->s))
        return bad(r, "the file ends in a $var");
    if (mp_source_is(r->s, "$end"))
        return MP_OK;
    word = mp_source_terminated(r->s);
    if (!read_range(word, item))
        return bad(r, "a $var with a range that cannot be read");
    if (!item->is_vector)
        mp_text_add(name, word);
    return skip_to_end(r);
}

/* $var wire 8 # x [7:0] $end */
static int read_variable(struct reader *r)
{
    struct mp_names_item item = {0};
    struct mp_text name = {0};
    uint64_t width;
    uint32_t signal = 0;
    if (!mp_source_word(r->s))
        return bad(r, "the file ends in a $var");
    bool is_value = !mp_source_is(r->s, "real") && !mp_source_is(r->s, "realtime") &&
                    !mp_source_is(r->s, "event") && !mp_source_is(r->s, "string");
    if (!mp_source_word(r->s))
        return bad(r, "the file ends in a $var");
    if (!mp_parse_u64(mp_source_terminated(r->s), &width) || width > MAX_WIDTH ||
        (width < 1 && is_value))
        return bad(r, "a $var whose width is not 1 to 65536");
    if (!mp_source_word(r->s))
        return bad(r, "a $var without id code");
    int rc = add_signal(r, (uint32_t)width, &signal);
    if (rc < 0)
        return rc;
    if (!is_value)
        return skip_to_end(r);
    item.width = (uint32_t)width;
    item.first_bit = r->h->signals[signal].first_bit;
    rc = read_name(r, &name, &item);
    if (item.width > 1 && !item.is_vector) {
        item.is_vector = true;
        item.left = (int32_t)item.width - 1;
        item.right = 0;
    }
    int64_t span = (int64_t)item.left - item.right;
    if (rc == MP_OK && item.is_vector && (span < 0 ? -span : span) + 1 != (int64_t)item.width)
        rc = bad(r, "a $var whose range and width do not agree");
    if (rc == MP_OK && !mp_names_add(&r->names, name.data, &item))
        rc = bad(r, "more than 512 MiB of names");
    mp_text_release(&name);
    return rc;
}

static int read_declarations(struct reader *r)
{
    int rc = MP_OK;
    while (rc == MP_OK) {
        if (!mp_source_word(r->s))
            return bad(r, "no $enddefinitions; is this a VCD file, or cut off?");
        if (mp_source_is(r->s, "$enddefinitions"))
            return skip_to_end(r);
        if (mp_source_is(r->s, "$timescale"))
            rc = read_timescale(r);
        else if (mp_source_is(r->s, "$scope"))
            rc = enter_scope(r);
        else if (mp_source_is(r->s, "$upscope"))
            rc = mp_names_leave(&r->names) ? skip_to_end(r) : bad(r, "$upscope without a $scope");
        else if (mp_source_is(r->s, "$var"))
            rc = read_variable(r);
        else if (r->s->word[0] == '$' && !mp_source_is(r->s, "$end"))
            rc = skip_to_end(r);
        else
            return bad(r, "text outside of a $section; is this a VCD file?");
    }
    return rc;
}

static uint32_t one_net(const struct mp_vcd_header *h, uint32_t signal)
{
    if (signal == MP_NONE || h->signals[signal].width != 1)
        return MP_NONE;
    uint32_t net = h->bit_net[h->signals[signal].first_bit];
    return net == MP_NONE ? 0 : h->net_next[net] == MP_NONE ? net : MP_NONE;
}

static int match(struct reader *r, const struct mp_netlist *n, const char *scope,
                 struct mp_error *err)
{
    struct mp_vcd_header *h = r->h;
    struct mp_names_match m = {.scope = scope};
    m.bit = mp_alloc(n->net_count, sizeof *m.bit);
    int rc = mp_names_match(&m, &r->names, n, r->s->file, err);
    if (rc < 0)
        goto out;
    h->scope = mp_strdup(m.scope);
    h->bit_net = mp_alloc((size_t)h->bit_count + 1, sizeof *h->bit_net);
    h->net_next = mp_alloc(n->net_count, sizeof *h->net_next);
    for (uint32_t b = 0; b < h->bit_count; b++)
        h->bit_net[b] = MP_NONE;
    for (uint32_t net = 0; net < n->net_count; net++) {
        if (m.bit[net] == MP_NONE)
            continue;
        h->net_next[net] = h->bit_net[m.bit[net]];
        h->bit_net[m.bit[net]] = net;
    }
    h->net_of_code = mp_alloc((size_t)h->short_count + 1, sizeof *h->net_of_code);
    for (uint32_t i = 0; i < h->short_count; i++)
        h->net_of_code[i] = one_net(h, h->by_short[i]);
out:
    free(m.bit);
    return rc;
}

int mp_vcd_header_read(struct mp_vcd_header *h, struct mp_source *s, const struct mp_netlist *n,
                       const char *scope, struct mp_error *err)
{
    struct reader r = {.h = h, .s = s};
    *h = (struct mp_vcd_header){0};
    int rc = read_declarations(&r);
    if (rc == MP_OK && h->tick_s <= 0)
        rc = bad(&r, "no $timescale, so the times mean nothing");
    if (rc == MP_OK)
        rc = match(&r, n, scope, err);
    mp_names_release(&r.names);
    return rc;
}

void mp_vcd_header_release(struct mp_vcd_header *h)
{
    mp_map_release(&h->by_code);
    free(h->by_short);
    free(h->net_of_code);
    free(h->signals);
    free(h->bit_net);
    free(h->net_next);
    free(h->scope);
    *h = (struct mp_vcd_header){0};
}
