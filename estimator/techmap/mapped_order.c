#include "estimator/techmap/mapped_parts.h"

/* Of visited[]. */
enum { UNSEEN, AFTER, BEFORE };

static bool is_placed(const struct mp_mapped *m, uint32_t gate)
{
    return m->gates[gate].position != MP_NONE;
}

static bool is_ordered(const struct mp_mapped *m, uint32_t gate)
{
    return m->gates[gate].type != MP_NONE && mp_mapped_cell(m, gate)->kind != MP_NLDM_FLIP_FLOP;
}

static void put(struct mp_mapped *m, uint32_t gate, uint32_t position)
{
    mp_mapped_touch(m, MP_TABLE_GATE, gate);
    mp_mapped_touch(m, MP_TABLE_ORDER, position);
    m->gates[gate].position = position;
    m->inner->order[position] = gate;
}

static void clear(struct mp_mapped *m, uint32_t position)
{
    mp_mapped_touch(m, MP_TABLE_ORDER, position);
    m->inner->order[position] = MP_NONE;
}

/* The gate that drives an input and has a position; MP_NONE: none. */
static uint32_t driver_of(const struct mp_mapped *m, uint32_t net)
{
    uint32_t driver = m->nets[net].driver;
    return driver != MP_NONE && is_placed(m, driver / 2) ? driver / 2 : MP_NONE;
}

/* Behind the last driver and, if that can be, before the first sink: [first, end). */
static void find_range(const struct mp_mapped *m, uint32_t gate, uint32_t *first, uint32_t *end)
{
    const struct mp_mapped_gate *g = &m->gates[gate];
    const struct mp_nldm_cell *cell = mp_mapped_cell(m, gate);
    *first = 0;
    *end = m->inner->position_limit;
    for (uint32_t k = 0; k < cell->input_count; k++) {
        uint32_t d = driver_of(m, g->inputs[k]);
        if (d != MP_NONE && m->gates[d].position >= *first)
            *first = m->gates[d].position + 1;
    }
    for (uint32_t o = 0; o < cell->output_count; o++) {
        if (g->outputs[o] == MP_NONE)
            continue;
        for (uint32_t s = m->nets[g->outputs[o]].first_sink; s != MP_NONE; s = m->sinks[s].next) {
            uint32_t p = m->gates[mp_mapped_pin_gate(s)].position;
            *end = p < *end ? p : *end;
        }
    }
}

static void place(struct mp_mapped *m, uint32_t gate)
{
    struct mp_mapped_inner *in = m->inner;
    uint32_t first, end, hole;
    find_range(m, gate, &first, &end);
    for (hole = end; hole > first; hole--)
        if (in->order[hole - 1] == MP_NONE) {
            put(m, gate, hole - 1);
            return;
        }
    for (hole = first; hole < in->position_limit && in->order[hole] != MP_NONE; hole++)
        ;
    mp_mapped_reserve_positions(m, hole + 1);
    /* Where the sinks stand behind the drivers, make room between them. */
    uint32_t stop = first <= end ? first : hole;
    for (; hole > stop; hole--)
        put(m, in->order[hole - 1], hole);
    put(m, gate, hole);
}

static bool see(struct mp_mapped *m, uint32_t gate, uint8_t as, uint32_t *count)
{
    struct mp_mapped_inner *in = m->inner;
    if (in->visited[gate] == UNSEEN) {
        in->visited[gate] = as;
        in->scratch[(*count)++] = gate;
    }
    return in->visited[gate] == as;
}

/* All that `gate` reaches up to position `last`; false: `target`, at last, is among it. */
static bool find_after(struct mp_mapped *m, uint32_t gate, uint32_t last, uint32_t *count)
{
    uint32_t next = *count;
    see(m, gate, AFTER, count);
    for (; next < *count; next++) {
        uint32_t from = m->inner->scratch[next];
        for (uint32_t o = 0; o < MP_NLDM_OUTPUTS; o++) {
            uint32_t net = m->gates[from].outputs[o];
            uint32_t s = net == MP_NONE ? MP_NONE : m->nets[net].first_sink;
            for (; s != MP_NONE; s = m->sinks[s].next) {
                uint32_t to = mp_mapped_pin_gate(s), position = m->gates[to].position;
                if (position == last)
                    return false;
                if (position < last)
                    see(m, to, AFTER, count);
            }
        }
    }
    return true;
}

/* All that reaches `gate` from position `first` on. */
static bool find_before(struct mp_mapped *m, uint32_t gate, uint32_t first, uint32_t *count)
{
    uint32_t next = *count, last = m->gates[gate].position;
    see(m, gate, BEFORE, count);
    for (; next < *count; next++) {
        const struct mp_mapped_gate *g = &m->gates[m->inner->scratch[next]];
        for (uint32_t k = 0; k < MP_NLDM_INPUTS && g->inputs[k] != MP_NONE; k++) {
            uint32_t d = driver_of(m, g->inputs[k]);
            uint32_t position = d == MP_NONE ? MP_NONE : m->gates[d].position;
            if (position >= first && position <= last && !see(m, d, BEFORE, count))
                return false;
        }
    }
    return true;
}

/* x drives y but stands behind it: all that leads to x moves before all that follows y, in the
 * places that they have. */
static bool repair(struct mp_mapped *m, uint32_t x, uint32_t y)
{
    struct mp_mapped_inner *in = m->inner;
    uint32_t first = m->gates[y].position, last = m->gates[x].position, count = 0;
    uint32_t *places = in->scratch + in->gate_capacity, *gates = places + in->gate_capacity;
    bool ok = find_after(m, y, last, &count);
    uint32_t place_count = 0, gate_count = 0;
    ok = ok && find_before(m, x, first, &count);
    for (uint8_t as = BEFORE; ok && as >= AFTER; as--)
        for (uint32_t p = first; p <= last; p++) {
            uint32_t g = in->order[p];
            if (g != MP_NONE && in->visited[g] == as)
                gates[gate_count++] = g;
            if (g != MP_NONE && as == BEFORE && in->visited[g] != UNSEEN)
                places[place_count++] = p;
        }
    for (uint32_t k = 0; ok && k < gate_count; k++)
        put(m, gates[k], places[k]);
    for (uint32_t k = 0; k < count; k++)
        in->visited[in->scratch[k]] = UNSEEN;
    return ok;
}

static bool repair_around(struct mp_mapped *m, uint32_t gate)
{
    const struct mp_mapped_gate *g = &m->gates[gate];
    for (uint32_t k = 0; k < MP_NLDM_INPUTS && g->inputs[k] != MP_NONE; k++) {
        uint32_t d = driver_of(m, g->inputs[k]);
        if (d == gate ||
            (d != MP_NONE && m->gates[d].position > g->position && !repair(m, d, gate)))
            return false;
    }
    for (uint32_t o = 0; o < MP_NLDM_OUTPUTS; o++) {
        uint32_t s = g->outputs[o] == MP_NONE ? MP_NONE : m->nets[g->outputs[o]].first_sink;
        for (; s != MP_NONE; s = m->sinks[s].next) {
            uint32_t to = mp_mapped_pin_gate(s);
            if (is_placed(m, to) && m->gates[to].position < g->position && !repair(m, gate, to))
                return false;
        }
    }
    return true;
}

bool mp_mapped_repair_order(struct mp_mapped *m)
{
    const struct mp_mapped_queue *q = &m->inner->gates;
    uint32_t new_count = 0;
    for (uint32_t k = 0; k < q->count; k++)
        new_count += is_ordered(m, q->ids[k]) && !is_placed(m, q->ids[k]);
    if (new_count > 16 && new_count > m->gate_count / 4)
        return mp_mapped_rebuild_order(m);
    for (uint32_t k = 0; k < q->count && new_count > 0; k++)
        if (is_ordered(m, q->ids[k]) && !is_placed(m, q->ids[k]))
            place(m, q->ids[k]);
    for (uint32_t k = 0; k < q->count; k++)
        if (is_ordered(m, q->ids[k]) && !repair_around(m, q->ids[k]))
            return false;
    return true;
}

static uint32_t count_drivers(const struct mp_mapped *m, uint32_t gate)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < mp_mapped_cell(m, gate)->input_count; k++) {
        uint32_t driver = m->nets[m->gates[gate].inputs[k]].driver;
        count += driver != MP_NONE && is_ordered(m, driver / 2);
    }
    return count;
}

/* Kahn's algorithm into scratch: the order, then how many drivers each gate waits for. */
static bool sort_gates(struct mp_mapped *m, uint32_t *count)
{
    uint32_t *sorted = m->inner->scratch, *waits = sorted + m->inner->gate_capacity, all = 0;
    *count = 0;
    for (uint32_t g = 0; g < m->gate_limit; g++) {
        if (!is_ordered(m, g))
            continue;
        all++;
        waits[g] = count_drivers(m, g);
        if (waits[g] == 0)
            sorted[(*count)++] = g;
    }
    for (uint32_t next = 0; next < *count; next++)
        for (uint32_t o = 0; o < MP_NLDM_OUTPUTS; o++) {
            uint32_t net = m->gates[sorted[next]].outputs[o];
            uint32_t s = net == MP_NONE ? MP_NONE : m->nets[net].first_sink;
            for (; s != MP_NONE; s = m->sinks[s].next) {
                uint32_t to = mp_mapped_pin_gate(s);
                if (is_ordered(m, to) && --waits[to] == 0)
                    sorted[(*count)++] = to;
            }
        }
    return *count == all;
}

bool mp_mapped_rebuild_order(struct mp_mapped *m)
{
    struct mp_mapped_inner *in = m->inner;
    uint32_t count;
    if (!sort_gates(m, &count))
        return false;
    mp_mapped_reserve_positions(m, 2 * count + 64);
    for (uint32_t p = 0; p < in->position_limit; p++)
        if (in->order[p] != MP_NONE)
            clear(m, p);
    for (uint32_t k = 0; k < count; k++)
        put(m, in->scratch[k], 2 * k);
    return true;
}
