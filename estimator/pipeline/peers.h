/*
 * What others reach for the same functions, measured apart from this program: a CSV file that a
 * config names (`peers:`), put into the database beside our own results. Lines that begin with #
 * and empty ones are passed over; the first other line is
 *
 *     peer,library,unit,weight,activation,accumulator_bits,terms,registers,area_um2,delay_ns
 *
 * in any order, with or without power_uw, runs, median_area_delay and worst_area_delay (um2 x ns
 * over the runs); accumulator_bits, terms and registers may be left out or empty (0, 1, none),
 * further columns are passed over. registers: none (or 0), both (or 1). No quotes: a value holds no
 * comma. Delay and area are of one and the same circuit, under the driving cells, loads and wires
 * of docs/config.md.
 */
#ifndef MP_PIPELINE_PEERS_H
#define MP_PIPELINE_PEERS_H

#include "estimator/store/store.h"
#include "estimator/util/memory.h"

/* Zero-initialise; release frees. Texts of the records are in the arena. */
struct mp_peers {
    struct mp_peer_record *records;
    size_t count;
    struct mp_arena arena;
};
/* MP_E_INPUT with file and line. */
int mp_peers_read(struct mp_peers *p, const char *path, struct mp_error *err);
/* The same from text; path is for messages. */
int mp_peers_read_text(struct mp_peers *p, const char *text, size_t size, const char *path,
                       struct mp_error *err);
void mp_peers_release(struct mp_peers *p);

#endif
