#include "netlists/old_architecture.h"

#include <string.h>

/* The first is the default. */
static const struct mp_old_architecture *const table[] = {
    &mp_old_architecture_dadda,
    &mp_old_architecture_array,
};

size_t mp_architecture_count(void)
{
    return sizeof table / sizeof *table;
}

const struct mp_architecture_info *mp_architecture_at(size_t index)
{
    return &table[index]->info;
}

const char *mp_architecture_default(void)
{
    return table[0]->info.name;
}

const struct mp_old_architecture *mp_old_architecture_find(const char *name)
{
    for (size_t i = 0; i < mp_architecture_count(); i++)
        if (strcmp(table[i]->info.name, name) == 0)
            return table[i];
    return NULL;
}
