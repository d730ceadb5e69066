#include "estimator/module/stimulus.h"
#include "estimator/pipeline/planes.h"
#include <stdlib.h>
#include <string.h>

enum { WORDS = MP_STIMULUS_WORDS, LANES = MP_STIMULUS_LANES };

static void describe(struct mp_stimulus_port *p, const struct mp_binding *b, bool free_controls)
{
    switch (b->role) {
    case MP_ROLE_RESET:
        p->is_reset = true;
        p->active_low = b->active_low;
        p->varies = free_controls;
        break;
    case MP_ROLE_FIRST:
        p->varies = free_controls;
        p->constant = UINT64_MAX;
        p->fill = true;
        break;
    case MP_ROLE_CONSTANT:
        p->varies = free_controls;
        p->constant = b->constant;
        p->fill = b->fill;
        break;
    case MP_ROLE_NONE:
    case MP_ROLE_CLOCK:
    case MP_ROLE_ACTIVATION:
    case MP_ROLE_WEIGHT:
    case MP_ROLE_RANDOM:
    case MP_ROLE_HOLD:
    case MP_ROLE_ADDEND:
        p->varies = true;
        break;
    }
}

void mp_stimulus_create(struct mp_stimulus *s, const struct mp_netlist *n,
                        const struct mp_bindings *b, bool free_controls)
{
    memset(s, 0, sizeof *s);
    s->ports = mp_alloc(b->count + 1, sizeof *s->ports);
    for (uint32_t i = 0; i < b->count; i++) {
        uint32_t port = mp_netlist_port(n, b->ports[i].port);
        if (b->ports[i].role == MP_ROLE_CLOCK || port == MP_NONE)
            continue;
        struct mp_stimulus_port *p = &s->ports[s->port_count++];
        *p = (struct mp_stimulus_port){
            .name = b->ports[i].port, .width = b->ports[i].width, .row = s->row_count};
        describe(p, &b->ports[i], free_controls);
        s->row_count += p->width;
        s->free_bits += p->varies && !p->is_reset ? p->width : 0;
    }
    s->rows = mp_alloc((size_t)s->row_count * WORDS + 1, sizeof *s->rows);
    mp_random_seed(&s->random, 1);
}

void mp_stimulus_release(struct mp_stimulus *s)
{
    free(s->ports);
    free(s->rows);
    memset(s, 0, sizeof *s);
}

static uint64_t *row(const struct mp_stimulus *s, uint32_t i)
{
    return s->rows + (size_t)i * WORDS;
}

static void hold(const struct mp_stimulus *s, const struct mp_stimulus_port *p)
{
    for (uint32_t bit = 0; bit < p->width; bit++) {
        bool one = bit < 64 ? (p->constant >> bit & 1) != 0 : p->fill;
        memset(row(s, p->row + bit), one ? 0xff : 0, WORDS * sizeof(uint64_t));
    }
}

void mp_stimulus_combinations(struct mp_stimulus *s, uint64_t first)
{
    uint64_t codes[LANES], planes[MP_STIMULUS_ALL_BITS * WORDS];
    uint64_t mask = ((uint64_t)1 << s->free_bits) - 1;
    uint32_t at = 0;

    for (unsigned lane = 0; lane < LANES; lane++)
        codes[lane] = (first + lane) * 0x9e3779b97f4a7c15u & mask; /* odd: a permutation */
    mp_planes_from_codes(codes, s->free_bits, WORDS, planes);
    for (uint32_t i = 0; i < s->port_count; i++) {
        const struct mp_stimulus_port *p = &s->ports[i];
        if (!p->varies || p->is_reset) {
            hold(s, p);
            continue;
        }
        memcpy(row(s, p->row), planes + (size_t)at * WORDS, (size_t)p->width * WORDS * 8);
        at += p->width;
    }
}

/* 64 bits, about one in 2^halvings of them 1. */
static uint64_t sparse(struct mp_random *r, unsigned halvings)
{
    uint64_t x = UINT64_MAX;

    while (halvings-- > 0)
        x &= mp_random_u64(r);
    return x;
}

/* One word of 64 lanes of a port. */
static void fill_word(struct mp_stimulus *s, const struct mp_stimulus_port *p, unsigned w)
{
    uint64_t kind = mp_random_u64(&s->random), alike = mp_random_u64(&s->random);
    uint32_t small = (uint32_t)(kind >> 32) % (p->width + 1);

    for (uint32_t bit = 0; bit < p->width; bit++) {
        uint64_t x = mp_random_u64(&s->random);
        switch (kind % 8) {
        case 0: /* few ones */
            x = sparse(&s->random, 3);
            break;
        case 1: /* few zeros */
            x = ~sparse(&s->random, 3);
            break;
        case 2: /* 0, -1, the largest, the smallest */
            x = p->width > 1 && bit == p->width - 1 ? x : alike;
            break;
        case 3: /* small magnitudes */
            x = bit >= small ? alike : x;
            break;
        default:
            break;
        }
        row(s, p->row + bit)[w] = x;
    }
}

void mp_stimulus_random(struct mp_stimulus *s)
{
    for (uint32_t i = 0; i < s->port_count; i++) {
        const struct mp_stimulus_port *p = &s->ports[i];
        if (!p->varies || p->is_reset) {
            hold(s, p);
            continue;
        }
        for (unsigned w = 0; w < WORDS; w++)
            fill_word(s, p, w);
    }
}

void mp_stimulus_resets(struct mp_stimulus *s, enum mp_stimulus_reset how)
{
    for (uint32_t i = 0; i < s->port_count; i++) {
        const struct mp_stimulus_port *p = &s->ports[i];
        if (!p->is_reset)
            continue;
        for (unsigned w = 0; w < WORDS; w++) {
            uint64_t active = how == MP_RESET_ACTIVE ? UINT64_MAX : 0;
            if (how == MP_RESET_RARE && p->varies && w > 0) /* word 0 runs long */
                active = sparse(&s->random, 6);
            for (uint32_t bit = 0; bit < p->width; bit++)
                row(s, p->row + bit)[w] = p->active_low ? ~active : active;
        }
    }
}

static unsigned digit_of(const uint64_t *const *bits, uint32_t count, unsigned lane)
{
    unsigned digit = 0;

    for (uint32_t i = 0; i < count; i++)
        digit |= (unsigned)(bits[i][lane / 64] >> (lane % 64) & 1) << i;
    return digit;
}

void mp_stimulus_print(const struct mp_stimulus *s, const uint64_t *rows, unsigned lane,
                       struct mp_text *out)
{
    const char *comma = "";

    for (uint32_t i = 0; i < s->port_count; i++) {
        const struct mp_stimulus_port *p = &s->ports[i];
        if (!p->varies)
            continue;
        mp_text_printf(out, "%s%s = 0x", comma, p->name);
        for (uint32_t digit = (p->width + 3) / 4; digit-- > 0;) {
            const uint64_t *bits[4];
            uint32_t count = 0;
            for (; count < 4 && 4 * digit + count < p->width; count++)
                bits[count] = rows + (size_t)(p->row + 4 * digit + count) * WORDS;
            mp_text_printf(out, "%x", digit_of(bits, count, lane));
        }
        comma = ", ";
    }
}

int mp_side_create(struct mp_side *side, const struct mp_netlist *n, const struct mp_stimulus *s,
                   struct mp_error *err)
{
    int rc;

    *side = (struct mp_side){.netlist = n};
    if ((rc = mp_simulator_create(&side->simulator, n, WORDS, MP_KERNEL_AUTO, err)) < 0)
        return rc;
    side->input = mp_alloc(s->row_count + 1, sizeof *side->input);
    side->inputs = mp_alloc((size_t)mp_simulator_input_count(side->simulator) * WORDS + 1, 8);
    for (uint32_t i = 0; i < s->port_count; i++) {
        const struct mp_stimulus_port *p = &s->ports[i];
        uint32_t port = mp_netlist_port(n, p->name),
                 at = mp_simulator_input(side->simulator, p->name);
        for (uint32_t bit = 0; bit < p->width; bit++)
            side->input[p->row + bit] = at == MP_NONE ? MP_NONE : at + bit;
        if (at != MP_NONE && n->ports[port].width != p->width)
            return mp_fail(err, MP_E_INPUT,
                           "port %s has %u bits in one netlist and %u in module %s", p->name,
                           p->width, n->ports[port].width, n->name);
    }
    return MP_OK;
}

void mp_side_release(struct mp_side *side)
{
    mp_simulator_destroy(side->simulator);
    free(side->input);
    free(side->inputs);
    memset(side, 0, sizeof *side);
}

void mp_side_step(struct mp_side *side, const struct mp_stimulus *s)
{
    for (uint32_t i = 0; i < s->row_count; i++)
        if (side->input[i] != MP_NONE)
            memcpy(side->inputs + (size_t)side->input[i] * WORDS, row(s, i), WORDS * 8);
    mp_simulator_step(side->simulator, side->inputs, NULL);
}

void mp_side_print(const struct mp_side *side, const struct mp_port *port, unsigned lane,
                   struct mp_text *out)
{
    mp_text_add(out, "0x");
    for (uint32_t digit = (port->width + 3) / 4; digit-- > 0;) {
        const uint64_t *bits[4];
        uint32_t count = 0;
        for (; count < 4 && 4 * digit + count < port->width; count++)
            bits[count] = mp_simulator_net(side->simulator, port->nets[4 * digit + count]);
        mp_text_printf(out, "%x", digit_of(bits, count, lane));
    }
}
