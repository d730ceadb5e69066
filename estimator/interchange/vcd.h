/*
 * The VCD reader behind mp_annotation_read(), and the inside of it: declarations, and which nets
 * each bit of a variable is. Extended VCD (ports with strengths) is not read.
 */
#ifndef MP_INTERCHANGE_VCD_H
#define MP_INTERCHANGE_VCD_H

#include "estimator/interchange/annotation.h"
#include "estimator/interchange/names.h"
#include "estimator/interchange/source.h"

/* options are checked already; see mp_annotation_read(). The source stays open. */
int mp_vcd_read(struct mp_annotation *out, const struct mp_netlist *n, struct mp_source *s,
                const struct mp_annotation_options *options, struct mp_error *err);

/* Whatever else is wrong where a file ends so. */
#define MP_VCD_CUT_OFF                                                                             \
    "value change dump: the file ends in the middle of a line, so it is cut off; dump it again, "  \
    "or end it with a line end if it is complete"

/* A signal: everything declared with one id code. Its bits count from first_bit, the most
 * significant first (the order of values in the file). */
struct mp_vcd_signal {
    uint32_t width;
    uint32_t first_bit;
};
#define MP_VCD_SHORT 3 /* longest id code that is looked up in a plain array */
struct mp_vcd_header {
    double tick_s;
    uint32_t *by_short; /* [number of the code] -> signal, MP_NONE: none; codes as numbers with
                           the digits '!' .. '~', as mp_vcd_signal_of() makes them */
    uint32_t short_count;
    uint32_t *net_of_code; /* [number of the code] the one net of a one-bit signal; 0: it has none;
                              MP_NONE: anything else, see below */
    struct mp_map by_code; /* longer codes -> signal */
    struct mp_vcd_signal *signals;
    size_t signal_count, signal_capacity;
    uint32_t bit_count;
    /* The nets of a bit, as a list: bit_net[bit] is the first, net_next[net] the next, MP_NONE the
     * end. One bit is several nets where a simulator joined equal signals. */
    uint32_t *bit_net, *net_next;
    char *scope; /* the one taken */
};
/* Read up to $enddefinitions and match names. */
int mp_vcd_header_read(struct mp_vcd_header *h, struct mp_source *s, const struct mp_netlist *n,
                       const char *scope, struct mp_error *err);
void mp_vcd_header_release(struct mp_vcd_header *h);

/* The signal of an id code; MP_NONE: not declared. */
uint32_t mp_vcd_long_code(const struct mp_vcd_header *h, const char *code, size_t length);
static inline uint32_t mp_vcd_signal_of(const struct mp_vcd_header *h, const char *code,
                                        size_t length)
{
    uint32_t number = 0;
    if (length > MP_VCD_SHORT)
        return mp_vcd_long_code(h, code, length);
    for (size_t i = length; i-- > 0;) {
        uint32_t digit = (uint32_t)(unsigned char)code[i] - '!';
        if (digit >= 94)
            return MP_NONE;
        number = number * 95 + digit + 1;
    }
    return number < h->short_count ? h->by_short[number] : MP_NONE;
}

#endif
