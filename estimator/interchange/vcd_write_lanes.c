#include "estimator/interchange/vcd_writer.h"
#include <stdlib.h>
#include <string.h>

static bool bit(const uint64_t *words, uint32_t lane)
{
    return words[lane / 64] >> (lane % 64) & 1;
}

void mp_vcd_writer_drop_lanes(struct mp_vcd_writer *w)
{
    for (size_t i = 0; i < w->record_count; i++) {
        free(w->records[i]);
        free(w->masks[i]);
    }
    free(w->records);
    free(w->masks);
    w->records = w->masks = NULL;
    w->record_count = w->record_capacity = w->mask_capacity = 0;
}

/* One lane as it goes; scratch holds the values of the step before. */
static int step_lane(struct mp_vcd_writer *w, const struct mp_simulator *s, bool counts,
                     struct mp_error *err)
{
    uint32_t lane = w->options.lane;
    int rc = MP_OK;
    if (counts && !w->is_running) {
        if (w->record_count == 0)
            return mp_fail(err, MP_E_USAGE,
                           "the values before the first cycle of the dump are "
                           "not known; give a step that is not counted first");
        mp_vcd_writer_begin(w, w->scratch, 0);
    }
    if (!counts && w->is_running)
        rc = mp_vcd_writer_end(w, w->cycles, err);
    w->is_running = counts;
    for (uint32_t net = 2; net < w->n->net_count; net++)
        w->scratch[net] = bit(mp_simulator_net(s, net), lane);
    if (counts)
        mp_vcd_writer_cycle(w, w->scratch);
    return rc;
}

static void add_record(struct mp_vcd_writer *w)
{
    size_t words = w->options.words;
    mp_grow(&w->records, w->record_count, &w->record_capacity, sizeof *w->records);
    mp_grow(&w->masks, w->record_count, &w->mask_capacity, sizeof *w->masks);
    w->records[w->record_count] = mp_alloc(w->n->net_count * words, sizeof(uint64_t));
    w->masks[w->record_count++] = mp_alloc(words, sizeof(uint64_t));
}

int mp_vcd_writer_step(struct mp_vcd_writer *w, const struct mp_simulator *s, const uint64_t *mask,
                       struct mp_error *err)
{
    size_t words = w->options.words;
    if (words == 0)
        return mp_fail(err, MP_E_USAGE, "the writer was not told how many words the simulator has");
    if (w->options.lane != MP_NONE) {
        int rc = step_lane(w, s, mask && bit(mask, w->options.lane), err);
        if (w->record_count == 0) /* marks that scratch is filled */
            add_record(w);
        return rc;
    }
    uint64_t any = 0, before = 0;
    for (size_t i = 0; i < words; i++) {
        any |= mask ? mask[i] : 0;
        before |= w->record_count ? w->masks[w->record_count - 1][i] : 1;
    }
    if (any && w->record_count == 0)
        return mp_fail(err, MP_E_USAGE,
                       "the values before the first cycle of the dump are not "
                       "known; give a step that is not counted first");
    size_t size = w->n->net_count * words * sizeof(uint64_t);
    size_t limit = w->options.limit_bytes ? w->options.limit_bytes : (size_t)1 << 30;
    if (any || before) { /* else the one before is of no use any more */
        if ((w->record_count + 1) > limit / size)
            return mp_fail(err, MP_E_MEMORY,
                           "a dump of all lanes takes more than %zu MiB after %zu cycles of each; "
                           "dump one lane or fewer cycles",
                           limit >> 20, w->record_count);
        add_record(w);
    }
    uint64_t *record = w->records[w->record_count - 1];
    for (uint32_t net = 2; net < w->n->net_count; net++)
        memcpy(record + net * words, mp_simulator_net(s, net), words * sizeof *record);
    for (size_t i = 0; i < words; i++)
        w->masks[w->record_count - 1][i] = mask ? mask[i] : 0;
    return MP_OK;
}

static void take_lane(struct mp_vcd_writer *w, size_t record, uint32_t lane)
{
    size_t words = w->options.words;
    for (uint32_t net = 2; net < w->n->net_count; net++)
        w->scratch[net] = bit(w->records[record] + net * words, lane);
}

static int write_lane(struct mp_vcd_writer *w, uint32_t lane, struct mp_error *err)
{
    bool is_running = false;
    int rc = MP_OK;
    for (size_t i = 0; i < w->record_count && rc == MP_OK; i++) {
        bool counts = bit(w->masks[i], lane);
        if (counts && !is_running) {
            take_lane(w, i - 1, lane);
            mp_vcd_writer_begin(w, w->scratch, 0);
        }
        if (!counts && is_running)
            rc = mp_vcd_writer_end(w, w->cycles, err);
        is_running = counts;
        if (!counts)
            continue;
        take_lane(w, i, lane);
        mp_vcd_writer_cycle(w, w->scratch);
    }
    return is_running && rc == MP_OK ? mp_vcd_writer_end(w, w->cycles, err) : rc;
}

int mp_vcd_writer_lanes(struct mp_vcd_writer *w, struct mp_error *err)
{
    int rc = MP_OK;
    if (w->options.lane != MP_NONE) {
        if (w->is_running)
            rc = mp_vcd_writer_end(w, w->cycles, err);
        w->is_running = false;
    } else {
        for (uint32_t lane = 0; lane < w->options.words * 64 && rc == MP_OK; lane++)
            rc = write_lane(w, lane, err);
    }
    mp_vcd_writer_drop_lanes(w);
    return rc;
}
