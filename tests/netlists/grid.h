/* The designs that the simulations go through, shared by the tests of this folder. */
#ifndef MP_TESTS_NETLISTS_GRID_H
#define MP_TESTS_NETLISTS_GRID_H

#include "netlists/design.h"

struct grid_row {
    const char *weight, *activation;
};

static const struct grid_row grid[] = {
    {"int2", "int2"},     {"uint2", "uint2"},  {"int2", "uint3"},   {"uint3", "int2"},
    {"int4", "int5"},     {"uint4", "uint6"},  {"int8", "int8"},    {"uint8", "uint8"},
    {"int11", "uint8"},   {"uint7", "int12"},  {"int5", "uint16"},  {"int16", "int16"},
    {"uint16", "uint16"}, {"int16", "uint16"}, {"e4m2", "uint8"},   {"e4m2", "int8"},
    {"e4m3", "uint8"},    {"e4m2z", "uint8"},  {"e3m3z", "int6"},   {"e0m3", "uint4"},
    {"e0m3z", "int4"},    {"e0m1", "uint5"},   {"e0m1z", "int5"},   {"e1m0", "uint4"},
    {"e1m0z", "int3"},    {"e4m0", "uint8"},   {"e4m0z", "int8"},   {"e1m3", "int4"},
    {"e1m3z", "uint4"},   {"e2m1", "uint4"},   {"e2m0", "int2"},    {"e2m1z", "uint2"},
    {"e5m2", "int8"},     {"e6m10", "uint16"}, {"e6m10z", "int16"}, {"e6m0", "uint2"},
    {"e0m10", "int16"},   {"e3m7", "uint10"},  {"e3m1", "int2"},    {"e3m4", "int9"},
};

#define GRID_COUNT (sizeof grid / sizeof *grid)

/* Row `index`, resolved; false: it cannot be (a broken test). */
static inline bool grid_design(struct mp_design *d, size_t index, enum mp_unit unit,
                               const char *multiplier, unsigned accumulator_bits)
{
    *d = (struct mp_design){
        .unit = unit, .multiplier = multiplier, .accumulator_bits = accumulator_bits};
    return mp_format_parse(&d->weight, grid[index].weight, NULL) == MP_OK &&
           mp_format_parse(&d->activation, grid[index].activation, NULL) == MP_OK &&
           mp_design_resolve(d, NULL) == MP_OK;
}

#endif
