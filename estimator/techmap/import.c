#include "estimator/techmap/import.h"

#include <stdlib.h>

void mp_techmap_names_release(struct mp_techmap_names *names)
{
    free(names->net_of);
    free(names->gate_of);
    *names = (struct mp_techmap_names){0};
}
