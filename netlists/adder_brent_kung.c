/* Brent and Kung's prefix graph. */
#include "netlists/adder.h"

const struct mp_adder mp_adder_brent_kung = {.name = "brent-kung",
                                             .summary = "prefix graph of 2n nodes, depth 2 log n",
                                             .split = mp_prefix_brent_kung};
