/* Ripple carry, as a prefix graph. */
#include "netlists/adder.h"

const struct mp_adder mp_adder_ripple = {.name = "ripple",
                                         .summary =
                                             "each carry from the one below: fewest gates, delay n",
                                         .split = mp_prefix_ripple};
