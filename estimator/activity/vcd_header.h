/*
 * Inside of the VCD reader: words, declarations, and which net each bit of a variable is.
 */
#ifndef MP_ACTIVITY_VCD_HEADER_H
#define MP_ACTIVITY_VCD_HEADER_H

#include "estimator/activity/vcd.h"

struct mp_vcd_words {
    const char *at, *end;
    const char *file;
    int line;
    const char *word; /* the last one, not terminated */
    size_t length;
    struct mp_text copy;
};
/* The next word between blanks; false at the end. */
bool mp_vcd_next(struct mp_vcd_words *w);
bool mp_vcd_is(const struct mp_vcd_words *w, const char *word);
/* The last word, terminated; valid until the next call. */
const char *mp_vcd_word(struct mp_vcd_words *w);

/* A signal: everything declared with one id code. nets[width], from the most significant bit (the
 * order of values in the file); MP_NONE: a bit that the netlist does not know. */
struct mp_vcd_signal {
    uint32_t width;
    uint32_t first_net; /* into nets */
};
struct mp_vcd_header {
    double tick_s;
    struct mp_map by_code; /* id code -> signal */
    struct mp_vcd_signal *signals;
    size_t signal_count, signal_capacity;
    uint32_t *nets;
    size_t net_count, net_capacity;
};
/* Read up to $enddefinitions and match names; every net must be found. */
int mp_vcd_header_read(struct mp_vcd_header *h, struct mp_vcd_words *w, const struct mp_netlist *n,
                       const char *scope, struct mp_error *err);
void mp_vcd_header_release(struct mp_vcd_header *h);

#endif
