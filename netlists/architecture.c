#include "netlists/architecture.h"

#include <string.h>

/* The first is the default. */
static const struct mp_architecture table[] = {
    {{"dadda", "AND array, Dadda's tree; final adder half ripple, half Brent-Kung"},
     &mp_partial_and,
     &mp_tree_dadda,
     &mp_adder_staggered},
    {{"array", "AND array, carry-save rows one after the other; ripple-carry last row"},
     &mp_partial_and,
     &mp_tree_array,
     &mp_adder_ripple},
    {{"wallace", "AND array, Wallace's tree; Brent-Kung adder"},
     &mp_partial_and,
     &mp_tree_wallace,
     &mp_adder_brent_kung},
    {{"compressor", "AND array, 4:2 compressors; Brent-Kung adder"},
     &mp_partial_and,
     &mp_tree_compressor,
     &mp_adder_brent_kung},
    {{"tdm", "AND array, three-dimensional tree; adder by arrival"},
     &mp_partial_and,
     &mp_tree_tdm,
     &mp_adder_arrival},
    {{"booth4", "radix-4 Booth, three-dimensional tree; adder by arrival"},
     &mp_partial_booth4,
     &mp_tree_tdm,
     &mp_adder_arrival},
    {{"booth4-plain", "radix-4 Booth with +1 in the tree, three-dimensional; adder by arrival"},
     &mp_partial_booth4_plain,
     &mp_tree_tdm,
     &mp_adder_arrival},
    {{"booth4-select", "radix-4 Booth that negates last, three-dimensional; adder by arrival"},
     &mp_partial_booth4_select,
     &mp_tree_tdm,
     &mp_adder_arrival},
    {{"booth4-dadda", "radix-4 Booth, Dadda's tree; final adder half ripple, half Brent-Kung"},
     &mp_partial_booth4,
     &mp_tree_dadda,
     &mp_adder_staggered},
    {{"booth8", "radix-8 Booth, three-dimensional tree; adder by arrival"},
     &mp_partial_booth8,
     &mp_tree_tdm,
     &mp_adder_arrival},
};

#define ROWS (sizeof table / sizeof *table)

size_t mp_architecture_count(void)
{
    return ROWS;
}

const struct mp_architecture_info *mp_architecture_at(size_t index)
{
    return &table[index].info;
}

const char *mp_architecture_default(void)
{
    return table[0].info.name;
}

const struct mp_architecture *mp_architecture_find(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(table[i].info.name, name) == 0)
            return &table[i];
    return NULL;
}

void mp_architecture_write(struct mp_graph *g, const struct mp_architecture *a,
                           const struct mp_adder *adder, const struct mp_operands *o,
                           struct mp_columns *c, uint32_t *sum)
{
    a->partial->write(g, c, o);
    mp_tree_reduce(g, a->tree, c);
    mp_columns_sum(g, c, adder != NULL ? adder : a->adder, sum);
}
