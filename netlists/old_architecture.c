#include "netlists/old_architecture.h"

#include <string.h>

/* The first is the default. */
static const struct mp_old_architecture *const table[] = {
    &mp_old_architecture_dadda,
    &mp_old_architecture_array,
};

const struct mp_old_architecture *mp_old_architecture_find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i]->info.name, name) == 0)
            return table[i];
    return NULL;
}
