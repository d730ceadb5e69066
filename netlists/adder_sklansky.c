/* Sklansky's prefix graph. */
#include "netlists/adder.h"

const struct mp_adder mp_adder_sklansky = {
    .name = "sklansky",
    .summary = "prefix graph of least depth, n/2 log n nodes, fan-out up to n/2",
    .split = mp_prefix_sklansky};
