#include "estimator/interchange/vcd.h"
#include "estimator/util/number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNDEFINED = 2, NEVER = 3 };

struct net_state {
    uint8_t now;     /* as last written */
    uint8_t settled; /* at the end of the time before; NEVER: not written yet */
    uint8_t known;   /* the last 0 or 1 */
    bool is_touched;
    uint64_t since; /* tick at which `settled` began, moved into the window */
    uint64_t high, low;
    uint64_t transitions;
};

struct replay {
    const struct mp_netlist *n;
    const struct mp_annotation_options *options;
    struct mp_vcd_header header;
    struct mp_source *s;
    struct mp_text digits;
    struct net_state *nets;
    uint32_t *touched;
    uint32_t touched_count;
    uint64_t now, begin, end; /* ticks; end UINT64_MAX: as far as the file goes */
    uint64_t gap, gap_begin;  /* ticks of the window between $dumpoff and $dumpon */
    unsigned gaps;
    bool has_time, is_off;
    struct mp_error *err;
};

#define bad(r, ...)                                                                                \
    ((r)->s->is_cut ? mp_source_bad((r)->s, MP_VCD_CUT_OFF)                                        \
                    : mp_source_bad((r)->s, "value change dump: " __VA_ARGS__))

/* The part of from..to that is in the window. */
static uint64_t inside(const struct replay *r, uint64_t from, uint64_t to)
{
    from = from < r->begin ? r->begin : from;
    to = to > r->end ? r->end : to;
    return to > from ? to - from : 0;
}

static uint64_t in_window(const struct replay *r, uint64_t tick)
{
    tick = tick < r->begin ? r->begin : tick;
    return tick > r->end ? r->end : tick;
}

/* to: in the window. No branches: what nets do is hard to predict. */
static inline void account(struct net_state *s, uint64_t to)
{
    uint64_t span = to - s->since;
    s->high += span & (uint64_t) - (s->settled == 1);
    s->low += span & (uint64_t) - (s->settled == 0);
    s->since = to;
}

/* The changes at r->now are final. A change at the very begin of the window belongs to what was
 * before it, one at its end to it. */
static void settle(struct replay *r)
{
    uint64_t to = in_window(r, r->now);
    bool counts = r->now > r->begin && r->now <= r->end;
    for (uint32_t i = 0; i < r->touched_count; i++) {
        uint32_t net = r->touched[i];
        struct net_state *s = &r->nets[net];
        s->is_touched = false;
        if (s->now == s->settled)
            continue;
        account(s, to);
        s->settled = s->now;
        s->transitions += counts & (s->known + s->now == 1);
        s->known = s->now < UNDEFINED ? s->now : s->known;
        if (r->options->observer)
            r->options->observer(r->options->context, (double)r->now * r->header.tick_s, net,
                                 s->now);
    }
    r->touched_count = 0;
}

static inline void set_net(struct replay *r, uint32_t net, uint8_t value)
{
    struct net_state *s = &r->nets[net];
    s->now = value;
    r->touched[r->touched_count] = net;
    r->touched_count += !s->is_touched;
    s->is_touched = true;
}

static inline uint8_t value_of(char c)
{
    return c == '0' ? 0 : c == '1' ? 1 : UNDEFINED;
}

static void set_bit(struct replay *r, uint32_t bit, char c)
{
    for (uint32_t net = r->header.bit_net[bit]; net != MP_NONE; net = r->header.net_next[net])
        set_net(r, net, value_of(c));
}

/* Nearly all of a dump: lines of 0 or 1 and a short id code. Stops at anything else, which the
 * general way then reads, and short of the buffer's end. */
static void read_bits(struct replay *r)
{
    struct mp_source *s = r->s;
    const uint32_t *net_of_code = r->header.net_of_code;
    const char *p = s->at;
    int64_t lines = 0;
    while (s->end - p > 8 && (*p | 1) == '1') {
        uint32_t number = (uint32_t)(unsigned char)p[1] - ' ';
        const char *end = p + 2;
        for (uint32_t scale = 95; *end > ' ' && end < p + 4; scale *= 95, end++)
            number += ((uint32_t)(unsigned char)*end - ' ') * scale;
        if (*end != '\n' || number >= r->header.short_count || p[1] <= ' ')
            break;
        uint32_t net = net_of_code[number];
        if (net == MP_NONE)
            break;
        if (net > 0)
            set_net(r, net, (uint8_t)(*p & 1));
        p = end + 1;
        lines++;
    }
    r->has_time = r->has_time || lines > 0;
    s->lines += lines;
    s->at = p;
}

static int set_signal(struct replay *r, const char *code, size_t length, const char *digits,
                      size_t count)
{
    uint32_t id = mp_vcd_signal_of(&r->header, code, length);
    if (id == MP_NONE)
        return length ? bad(r, "a value for id code %.*s, which was not declared",
                            length > 40 ? 40 : (int)length, code)
                      : bad(r, "a value without id code");
    const struct mp_vcd_signal *s = &r->header.signals[id];
    if (count > s->width)
        return bad(r, "a value that is wider than its variable");
    r->has_time = true; /* values in front of the first time stand at 0 */
    if (r->is_off)
        return MP_OK;
    /* what is left out on the left is 0, or x and z as the first digit is */
    char fill = digits[0] == '1' || digits[0] == '0' ? '0' : digits[0];
    uint32_t missing = s->width - (uint32_t)count;
    for (uint32_t k = 0; k < s->width; k++)
        set_bit(r, s->first_bit + k, k < missing ? fill : digits[k - missing]);
    return MP_OK;
}

static int read_time(struct replay *r)
{
    uint64_t t = 0;
    size_t length = r->s->length;
    for (size_t i = 1; i < length; i++) {
        unsigned digit = (unsigned)(unsigned char)r->s->word[i] - '0';
        if (digit > 9 || t > (UINT64_MAX >> 4) / 10)
            return bad(r, "a time that is no number below 2^60");
        t = t * 10 + digit;
    }
    if (length < 2)
        return bad(r, "a # without its time");
    if (r->has_time && t < r->now)
        return bad(r, "time %llu, earlier than the one before, %llu", (unsigned long long)t,
                   (unsigned long long)r->now);
    if (r->has_time)
        settle(r);
    else
        r->begin = r->begin > t ? r->begin : t;
    r->has_time = true;
    r->now = t;
    return MP_OK;
}

/* b0101 ! */
static int read_vector(struct replay *r)
{
    r->digits.size = 0;
    mp_text_add_bytes(&r->digits, r->s->word + 1, r->s->length - 1);
    if (r->digits.size == 0 || strspn(r->digits.data, "01xXzZ") != r->digits.size)
        return bad(r, "a vector value with other digits than 0, 1, x, z");
    if (!mp_source_word(r->s))
        return bad(r, "a vector value without id code; is the file cut off?");
    return set_signal(r, r->s->word, r->s->length, r->digits.data, r->digits.size);
}

/* What the nets do until $dumpon is not known: that time is left out. */
static void begin_gap(struct replay *r)
{
    if (r->is_off)
        return;
    settle(r);
    for (uint32_t net = 2; net < r->n->net_count; net++) {
        struct net_state *s = &r->nets[net];
        account(s, in_window(r, r->now));
        if (r->options->observer && s->settled != NEVER)
            r->options->observer(r->options->context, (double)r->now * r->header.tick_s, net,
                                 UNDEFINED);
        s->now = s->settled = s->known = NEVER;
    }
    r->is_off = true;
    r->gap_begin = r->now;
}

static void end_gap(struct replay *r)
{
    if (!r->is_off)
        return;
    r->is_off = false;
    if (inside(r, r->gap_begin, r->now) > 0) {
        r->gap += inside(r, r->gap_begin, r->now);
        r->gaps++;
    }
    for (uint32_t net = 2; net < r->n->net_count; net++)
        r->nets[net].since = in_window(r, r->now);
}

static int read_section(struct replay *r)
{
    if (mp_source_is(r->s, "$comment")) {
        while (mp_source_word(r->s))
            if (mp_source_is(r->s, "$end"))
                return MP_OK;
        return bad(r, "a $comment without $end");
    }
    if (mp_source_is(r->s, "$dumpoff"))
        begin_gap(r);
    else if (mp_source_is(r->s, "$dumpon"))
        end_gap(r);
    else if (!mp_source_is(r->s, "$dumpvars") && !mp_source_is(r->s, "$dumpall") &&
             !mp_source_is(r->s, "$end"))
        return bad(r, "a section that has no place among the values");
    return MP_OK;
}

static int read_values(struct replay *r)
{
    struct mp_source *s = r->s;
    int rc = MP_OK;
    while (rc == MP_OK) {
        if (!r->is_off && mp_source_peek(s) != '\0')
            read_bits(r);
        if (!mp_source_word(s))
            break;
        switch (s->word[0]) {
        case '0':
        case '1':
        case 'x':
        case 'X':
        case 'z':
        case 'Z':
            rc = set_signal(r, s->word + 1, s->length - 1, s->word, 1);
            break;
        case '#':
            rc = read_time(r);
            break;
        case 'b':
        case 'B':
            rc = read_vector(r);
            break;
        case '$':
            rc = read_section(r);
            break;
        case 'r':
        case 'R':
        case 's':
        case 'S':
            if (!mp_source_word(s))
                return bad(r, "a value without id code");
            break;
        case 'p':
            return bad(r, "values of an extended VCD ($dumpports); use $dumpvars");
        default:
            return bad(r, "a word that is neither time nor value");
        }
    }
    if (rc == MP_OK && s->failed < 0)
        return s->failed;
    if (rc == MP_OK && !s->at_end)
        return bad(r, "a word of more than a million characters");
    if (rc == MP_OK && s->is_cut)
        return mp_source_bad(s, MP_VCD_CUT_OFF);
    return rc;
}

static int finish(struct replay *r, struct mp_annotation *out)
{
    settle(r);
    if (r->is_off)
        end_gap(r);
    if (r->end > r->now)
        r->end = r->now;
    if (!r->has_time || r->end <= r->begin || r->end - r->begin <= r->gap)
        return bad(r, "no time passes in it (or in the window that was asked for)");
    out->kind = MP_ANNOTATION_VCD;
    out->window_s = (double)(r->end - r->begin - r->gap) * r->header.tick_s;
    snprintf(out->scope, sizeof out->scope, "%s", r->header.scope);
    for (uint32_t bit = 0; bit < r->header.bit_count; bit++)
        for (uint32_t net = r->header.bit_net[bit]; net != MP_NONE; net = r->header.net_next[net]) {
            struct net_state *s = &r->nets[net];
            account(s, in_window(r, r->now));
            if (s->high + s->low == 0)
                return mp_fail_at(r->err, MP_E_INPUT, r->s->file, 0,
                                  "net %s has no defined value in the window; reset or clock the "
                                  "design before it begins",
                                  r->n->net_name[net]);
            out->net_annotated[net] = true;
            out->duty[net] = (double)s->high / (double)(s->high + s->low);
            out->activity.transitions[net] = s->transitions;
            out->transitions_per_cycle[net] =
                (double)s->transitions * r->options->period_s / out->window_s;
        }
    return mp_annotation_finish(out, r->n, r->s->file, r->options, 2 + 2 * r->gaps, r->err);
}

int mp_vcd_read(struct mp_annotation *out, const struct mp_netlist *n, struct mp_source *s,
                const struct mp_annotation_options *options, struct mp_error *err)
{
    struct replay r = {.n = n, .options = options, .s = s, .err = err};
    mp_annotation_init(out, n);
    int rc = mp_vcd_header_read(&r.header, s, n, options->scope, err);
    if (rc < 0)
        goto out;
    double end = options->end_s / r.header.tick_s, begin = options->begin_s / r.header.tick_s;
    r.begin = begin < 1e18 ? (uint64_t)llround(begin) : UINT64_MAX;
    r.end = options->end_s > 0 && end < 1e18 ? (uint64_t)llround(end) : UINT64_MAX;
    r.nets = mp_alloc(n->net_count, sizeof *r.nets);
    r.touched = mp_alloc((size_t)n->net_count + 1, sizeof *r.touched);
    for (uint32_t i = 0; i < n->net_count; i++)
        r.nets[i].now = r.nets[i].settled = r.nets[i].known = NEVER;
    if ((rc = read_values(&r)) == MP_OK)
        rc = finish(&r, out);
out:
    free(r.touched);
    free(r.nets);
    mp_text_release(&r.digits);
    mp_vcd_header_release(&r.header);
    return rc;
}
