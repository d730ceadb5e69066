/* Han and Carlson's prefix graph. */
#include "netlists/adder.h"

const struct mp_adder mp_adder_han_carlson = {
    .name = "han-carlson",
    .summary = "Kogge-Stone over every second column, one level deeper",
    .split = mp_prefix_han_carlson};
