/* Kogge and Stone's prefix graph. */
#include "netlists/adder.h"

const struct mp_adder mp_adder_kogge_stone = {
    .name = "kogge-stone",
    .summary = "prefix graph of least depth with fan-out 2, n log n nodes",
    .split = mp_prefix_kogge_stone};
