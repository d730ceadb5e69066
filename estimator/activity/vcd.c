#include "estimator/activity/vcd.h"
#include "estimator/activity/vcd_header.h"
#include "estimator/util/file.h"
#include "estimator/util/number.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { UNDEFINED = 2, NEVER = 3 };

struct net_state {
    uint8_t now;     /* as last written */
    uint8_t settled; /* at the end of the time before; NEVER: not written yet */
    uint8_t known;   /* the last 0 or 1 */
    bool is_touched;
    uint64_t since; /* tick at which `settled` began */
    uint64_t high, low;
    uint64_t transitions;
};

struct replay {
    const struct mp_netlist *n;
    const struct mp_vcd_options *options;
    struct mp_vcd_header header;
    struct mp_vcd_words words;
    struct net_state *nets;
    uint32_t *touched;
    uint32_t touched_count;
    uint64_t now, begin, end; /* ticks; end UINT64_MAX: as far as the file goes */
    bool has_time, is_off;
    struct mp_error *err;
};

static int bad(const struct replay *r, const char *what)
{
    return mp_fail_at(r->err, MP_E_INPUT, r->words.file, r->words.line, "value change dump: %s",
                      what);
}

/* The part of from..to that is in the window. */
static uint64_t inside(const struct replay *r, uint64_t from, uint64_t to)
{
    from = from < r->begin ? r->begin : from;
    to = to > r->end ? r->end : to;
    return to > from ? to - from : 0;
}

static void account(const struct replay *r, struct net_state *s, uint64_t to)
{
    if (s->settled == 1)
        s->high += inside(r, s->since, to);
    else if (s->settled == 0)
        s->low += inside(r, s->since, to);
    s->since = to;
}

/* The changes at r->now are final. A change at the very begin of the window belongs to what was
 * before it, one at its end to it. */
static void settle(struct replay *r)
{
    for (uint32_t i = 0; i < r->touched_count; i++) {
        uint32_t net = r->touched[i];
        struct net_state *s = &r->nets[net];
        s->is_touched = false;
        if (s->now == s->settled)
            continue;
        account(r, s, r->now);
        s->settled = s->now;
        if (s->now < UNDEFINED) {
            if (s->known < UNDEFINED && s->known != s->now && r->now > r->begin && r->now <= r->end)
                s->transitions++;
            s->known = s->now;
        }
        if (r->options->observer)
            r->options->observer(r->options->context, (double)r->now * r->header.tick_s, net,
                                 s->now);
    }
    r->touched_count = 0;
}

static void set_net(struct replay *r, uint32_t net, char c)
{
    if (net == MP_NONE)
        return;
    struct net_state *s = &r->nets[net];
    s->now = c == '0' ? 0 : c == '1' ? 1 : UNDEFINED;
    if (!s->is_touched) {
        s->is_touched = true;
        r->touched[r->touched_count++] = net;
    }
}

static int set_signal(struct replay *r, const char *code, const char *digits, size_t count)
{
    uint32_t id = mp_map_get(&r->header.by_code, code);
    if (id == MP_MAP_NONE)
        return bad(r, "a value for an id code that was not declared");
    const struct mp_vcd_signal *s = &r->header.signals[id];
    if (count > s->width)
        return bad(r, "a value that is wider than its variable");
    if (!r->has_time) /* values in front of the first time stand at 0 */
        r->has_time = true;
    /* what is left out on the left is 0, or x and z as the first digit is */
    char fill = digits[0] == '1' || digits[0] == '0' ? '0' : digits[0];
    for (uint32_t k = 0; k < s->width; k++) {
        uint32_t missing = s->width - (uint32_t)count;
        set_net(r, r->header.nets[s->first_net + k], k < missing ? fill : digits[k - missing]);
    }
    return MP_OK;
}

static int read_time(struct replay *r)
{
    uint64_t t;
    if (!mp_parse_u64(mp_vcd_word(&r->words) + 1, &t) || (r->has_time && t < r->now))
        return bad(r, "a time that is no number, or earlier than the one before");
    if (r->has_time)
        settle(r);
    else
        r->begin = r->begin > t ? r->begin : t;
    r->has_time = true;
    r->now = t;
    if (r->is_off && t > r->begin && t <= r->end)
        return mp_fail_at(r->err, MP_E_UNSUPPORTED, r->words.file, r->words.line,
                          "$dumpoff inside the window: what happened then is not known; choose a "
                          "window without it");
    return MP_OK;
}

static int read_vector(struct replay *r)
{
    struct mp_text digits = {0};
    mp_text_add_bytes(&digits, r->words.word + 1, r->words.length - 1);
    int rc = MP_OK;
    if (r->words.length < 2 || strspn(digits.data, "01xXzZ") != digits.size)
        rc = bad(r, "a vector value with other digits than 0, 1, x, z");
    else if (!mp_vcd_next(&r->words))
        rc = bad(r, "a vector value without id code; is the file cut off?");
    else
        rc = set_signal(r, mp_vcd_word(&r->words), digits.data, digits.size);
    mp_text_release(&digits);
    return rc;
}

static int read_section(struct replay *r)
{
    if (mp_vcd_is(&r->words, "$comment")) {
        while (mp_vcd_next(&r->words))
            if (mp_vcd_is(&r->words, "$end"))
                return MP_OK;
        return bad(r, "a $comment without $end");
    }
    if (mp_vcd_is(&r->words, "$dumpoff"))
        r->is_off = true;
    else if (mp_vcd_is(&r->words, "$dumpon"))
        r->is_off = false;
    else if (!mp_vcd_is(&r->words, "$dumpvars") && !mp_vcd_is(&r->words, "$dumpall") &&
             !mp_vcd_is(&r->words, "$end"))
        return bad(r, "a section that has no place among the values");
    return MP_OK;
}

static int read_values(struct replay *r)
{
    int rc = MP_OK;
    while (rc == MP_OK && mp_vcd_next(&r->words)) {
        switch (r->words.word[0]) {
        case '#':
            rc = read_time(r);
            break;
        case '$':
            rc = read_section(r);
            break;
        case '0':
        case '1':
        case 'x':
        case 'X':
        case 'z':
        case 'Z':
            if (r->words.length < 2)
                return bad(r, "a value without id code");
            rc = set_signal(r, mp_vcd_word(&r->words) + 1, r->words.word, 1);
            break;
        case 'b':
        case 'B':
            rc = read_vector(r);
            break;
        case 'r':
        case 'R':
        case 's':
            if (!mp_vcd_next(&r->words))
                return bad(r, "a value without id code");
            break;
        default:
            return bad(r, "a word that is neither time nor value");
        }
    }
    return rc;
}

static int finish(struct replay *r, struct mp_vcd_activity *out)
{
    settle(r);
    if (r->end > r->now)
        r->end = r->now;
    if (!r->has_time || r->end <= r->begin)
        return bad(r, "no time passes in it (or in the window that was asked for)");
    double period = r->options->period_s;
    out->window_s = (double)(r->end - r->begin) * r->header.tick_s;
    struct mp_activity *a = &out->activity;
    a->net_count = r->n->net_count;
    a->cycles = (uint64_t)llround(out->window_s / period);
    a->transitions = mp_alloc(a->net_count, sizeof *a->transitions);
    a->ones = mp_alloc(a->net_count, sizeof *a->ones);
    out->transitions_per_cycle = mp_alloc(a->net_count, sizeof *out->transitions_per_cycle);
    out->duty = mp_alloc(a->net_count, sizeof *out->duty);
    out->duty[1] = 1;
    a->ones[1] = a->cycles;
    for (uint32_t net = 2; net < a->net_count; net++) {
        struct net_state *s = &r->nets[net];
        account(r, s, r->now);
        if (s->high + s->low == 0)
            return mp_fail_at(r->err, MP_E_INPUT, r->words.file, 0,
                              "net %s has no defined value in the window; reset or clock the "
                              "design before it begins",
                              r->n->net_name[net]);
        out->duty[net] = (double)s->high / (double)(s->high + s->low);
        out->transitions_per_cycle[net] = (double)s->transitions * period / out->window_s;
        a->transitions[net] = s->transitions;
        a->ones[net] = (uint64_t)llround(out->duty[net] * (double)a->cycles);
    }
    return MP_OK;
}

int mp_vcd_read_text(struct mp_vcd_activity *out, const struct mp_netlist *n, const char *text,
                     size_t size, const char *file_name, const struct mp_vcd_options *options,
                     struct mp_error *err)
{
    struct replay r = {.n = n,
                       .options = options,
                       .words = {.at = text, .end = text + size, .file = file_name, .line = 1},
                       .err = err};
    *out = (struct mp_vcd_activity){0};
    if (!(options->period_s > 0) || !(options->begin_s >= 0) || options->end_s < options->begin_s)
        return mp_fail(err, MP_E_USAGE,
                       "a clock period above 0 and a window that begins before "
                       "it ends are needed to read a value change dump");
    int rc = mp_vcd_header_read(&r.header, &r.words, n, options->scope, err);
    if (rc < 0)
        goto out;
    double end = options->end_s / r.header.tick_s, begin = options->begin_s / r.header.tick_s;
    r.begin = begin < 1e18 ? (uint64_t)llround(begin) : UINT64_MAX;
    r.end = options->end_s > 0 && end < 1e18 ? (uint64_t)llround(end) : UINT64_MAX;
    r.nets = mp_alloc(n->net_count, sizeof *r.nets);
    r.touched = mp_alloc(n->net_count, sizeof *r.touched);
    for (uint32_t i = 0; i < n->net_count; i++)
        r.nets[i].now = r.nets[i].settled = r.nets[i].known = NEVER;
    if ((rc = read_values(&r)) == MP_OK)
        rc = finish(&r, out);
out:
    free(r.touched);
    free(r.nets);
    mp_text_release(&r.words.copy);
    mp_vcd_header_release(&r.header);
    if (rc < 0)
        mp_vcd_activity_release(out);
    return rc;
}

int mp_vcd_read(struct mp_vcd_activity *out, const struct mp_netlist *n, const char *path,
                const struct mp_vcd_options *options, struct mp_error *err)
{
    struct mp_text text = {0};
    *out = (struct mp_vcd_activity){0};
    int rc = mp_file_read(&text, path, 0, err);
    if (rc == MP_OK)
        rc = mp_vcd_read_text(out, n, text.data ? text.data : "", text.size, path, options, err);
    mp_text_release(&text);
    return rc;
}

void mp_vcd_activity_release(struct mp_vcd_activity *a)
{
    mp_activity_release(&a->activity);
    free(a->transitions_per_cycle);
    free(a->duty);
    *a = (struct mp_vcd_activity){0};
}
