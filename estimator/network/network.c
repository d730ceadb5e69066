#include "estimator/network/network.h"

#include <stdlib.h>

void mp_network_release(struct mp_network *n)
{
    if (n == NULL)
        return;
    for (uint32_t i = 0; i < n->layer_count; i++) {
        free(n->layers[i].weights);
        free(n->layers[i].bias);
    }
    mp_arena_release(&n->arena);
    *n = (struct mp_network){0};
}

uint64_t mp_network_macs(const struct mp_network *n)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < n->layer_count; i++)
        sum += n->layers[i].macs;
    return sum;
}

uint64_t mp_network_weight_count(const struct mp_network *n)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < n->layer_count; i++)
        sum += n->layers[i].weight_count;
    return sum;
}

uint64_t mp_shape_elements(const struct mp_shape *s)
{
    return (uint64_t)s->channels * s->height * s->width;
}
