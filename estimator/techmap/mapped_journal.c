#include "estimator/techmap/mapped_parts.h"

#include <assert.h>
#include <string.h>

struct records {
    void *base;
    size_t size;
};

static struct records records_of(const struct mp_mapped *m, uint32_t table)
{
    const struct mp_mapped_inner *in = m->inner;
    switch (table) {
    case MP_TABLE_GATE:
        return (struct records){m->gates, sizeof *m->gates};
    case MP_TABLE_SINK:
        return (struct records){m->sinks, sizeof *m->sinks};
    case MP_TABLE_NET:
        return (struct records){m->nets, sizeof *m->nets};
    case MP_TABLE_TIMING:
        return (struct records){m->timing, sizeof *m->timing};
    case MP_TABLE_ORDER:
        return (struct records){in->order, sizeof *in->order};
    case MP_TABLE_OUTPUT:
        return (struct records){m->outputs, sizeof *m->outputs};
    case MP_TABLE_FLOP:
        return (struct records){in->flops, sizeof *in->flops};
    case MP_TABLE_FLOP_INDEX:
        return (struct records){in->flop_index, sizeof *in->flop_index};
    default:
        return (struct records){in->end_s, sizeof *in->end_s};
    }
}

/* An entry is its record, padded to words, and then table and index, so that it can be taken off
 * the end. */
void mp_mapped_save(struct mp_mapped *m, enum mp_mapped_table table, uint32_t index)
{
    struct mp_mapped_inner *in = m->inner;
    struct records r = records_of(m, table);
    size_t words = (r.size + 7) / 8;
    if (in->log_size + words + 1 > in->log_capacity) {
        in->log_capacity = 2 * in->log_capacity + 1024;
        in->log = mp_realloc(in->log, in->log_capacity, sizeof *in->log);
    }
    uint64_t *to = &in->log[in->log_size];
    if (table == MP_TABLE_TIMING) /* most of them, at a fixed size */
        memcpy(to, &m->timing[index], sizeof *m->timing);
    else
        memcpy(to, (const char *)r.base + index * r.size, r.size);
    to[words] = (uint64_t)table << 32 | index;
    in->log_size += words + 1;
    in->stamp[table][index] = in->epoch;
}

void mp_mapped_queue_clear(struct mp_mapped_queue *q)
{
    for (uint32_t k = 0; k < q->count; k++)
        q->is_waiting[q->ids[k]] = 0;
    q->count = 0;
}

static void new_epoch(struct mp_mapped_inner *in)
{
    if (++in->epoch > 0)
        return;
    for (uint32_t t = 0; t < MP_TABLE_COUNT; t++)
        memset(in->stamp[t], 0, mp_mapped_table_capacity(in, t) * sizeof *in->stamp[t]);
    in->epoch = 1;
}

void mp_mapped_clear_waiting(struct mp_mapped *m)
{
    struct mp_mapped_inner *in = m->inner;
    mp_mapped_queue_clear(&in->gates);
    mp_mapped_queue_clear(&in->nets);
    mp_mapped_queue_clear(&in->ends);
    memset(in->dirty, 0, (in->position_limit + 63u) / 64 * sizeof *in->dirty);
    in->is_stopped = in->is_all = false;
}

uint32_t mp_mapped_checkpoint(struct mp_mapped *m)
{
    struct mp_mapped_inner *in = m->inner;
    assert(in->gates.count == 0 && in->nets.count == 0 && !in->is_stopped && !in->is_all);
    if (in->depth == in->mark_capacity) {
        in->mark_capacity = in->mark_capacity + 8;
        in->marks = mp_realloc(in->marks, in->mark_capacity, sizeof *in->marks);
    }
    in->marks[in->depth] = (struct mp_mapped_mark){
        in->log_size,
        {m->gate_limit, m->net_limit, m->gate_count, m->net_count, in->free_gate, in->free_net,
         in->flop_count, in->position_limit, in->area, m->delay_s}};
    new_epoch(in);
    return in->depth++;
}

static void restore_scalars(struct mp_mapped *m, const struct mp_mapped_scalars *s)
{
    m->gate_limit = s->gate_limit;
    m->net_limit = s->net_limit;
    m->gate_count = s->gate_count;
    m->net_count = s->net_count;
    m->inner->free_gate = s->free_gate;
    m->inner->free_net = s->free_net;
    m->inner->flop_count = s->flop_count;
    m->inner->position_limit = s->position_limit;
    m->inner->area = s->area;
    m->area_um2 = (double)s->area * 1e-6;
    m->delay_s = s->delay_s;
}

void mp_mapped_rollback(struct mp_mapped *m, uint32_t mark)
{
    struct mp_mapped_inner *in = m->inner;
    assert(mark < in->depth);
    const struct mp_mapped_mark *to = &in->marks[mark];
    mp_mapped_clear_waiting(m);
    while (in->log_size > to->log_size) {
        uint64_t entry = in->log[--in->log_size];
        struct records r = records_of(m, (uint32_t)(entry >> 32));
        in->log_size -= (r.size + 7) / 8;
        const uint64_t *from = &in->log[in->log_size];
        if (entry >> 32 == MP_TABLE_TIMING)
            memcpy(&m->timing[(uint32_t)entry], from, sizeof *m->timing);
        else
            memcpy((char *)r.base + (uint32_t)entry * r.size, from, r.size);
    }
    restore_scalars(m, &to->scalars);
    in->depth = mark;
    new_epoch(in);
}

void mp_mapped_commit(struct mp_mapped *m, uint32_t mark)
{
    struct mp_mapped_inner *in = m->inner;
    assert(mark < in->depth);
    in->depth = mark;
    if (mark == 0)
        in->log_size = 0;
    new_epoch(in);
}
