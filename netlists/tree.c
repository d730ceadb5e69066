#include "netlists/tree.h"

#include <assert.h>
#include <string.h>

static const struct mp_tree *const table[] = {
    &mp_tree_array, &mp_tree_wallace, &mp_tree_dadda, &mp_tree_tdm, &mp_tree_compressor,
};

size_t mp_tree_count(void)
{
    return sizeof table / sizeof *table;
}

const struct mp_tree *mp_tree_at(size_t index)
{
    return table[index];
}

const struct mp_tree *mp_tree_find(const char *name)
{
    for (size_t i = 0; i < mp_tree_count(); i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

void mp_tree_reduce(struct mp_graph *g, const struct mp_tree *tree, struct mp_columns *c)
{
    mp_columns_begin(g, c);
    tree->reduce(g, c);
    assert(mp_columns_tallest(c) <= 2);
}
