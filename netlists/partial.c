#include "netlists/partial.h"

#include <string.h>

static const struct mp_partial *const table[] = {
    &mp_partial_and,          &mp_partial_booth4, &mp_partial_booth4_select,
    &mp_partial_booth4_plain, &mp_partial_booth8,
};

size_t mp_partial_count(void)
{
    return sizeof table / sizeof *table;
}

const struct mp_partial *mp_partial_at(size_t index)
{
    return table[index];
}

const struct mp_partial *mp_partial_find(const char *name)
{
    for (size_t i = 0; i < mp_partial_count(); i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

struct mp_operands mp_operands_swapped(const struct mp_operands *o)
{
    return (struct mp_operands){.x = o->y,
                                .y = o->x,
                                .x_bits = o->y_bits,
                                .y_bits = o->x_bits,
                                .x_signed = o->y_signed,
                                .y_signed = o->x_signed};
}

uint32_t mp_operand_bit(const uint32_t *bits, unsigned count, bool is_signed, int i)
{
    if (i < 0)
        return MP_LIT_FALSE;
    if ((unsigned)i < count)
        return bits[i];
    return is_signed ? bits[count - 1] : MP_LIT_FALSE;
}
