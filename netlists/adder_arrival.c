/* The prefix graph that fits when the columns arrive. */
#include "netlists/adder.h"

const struct mp_adder mp_adder_arrival = {
    .name = "arrival",
    .summary = "prefix graph of least depth behind its columns' arrivals, few nodes",
    .split = mp_prefix_by_arrival};
