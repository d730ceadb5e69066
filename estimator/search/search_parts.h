/* Shared by the parts of the search (search.c, search_uniform.c, search_layers.c).
 */
#ifndef MP_SEARCH_SEARCH_PARTS_H
#define MP_SEARCH_SEARCH_PARTS_H

#include "estimator/search/search.h"

struct mp_search {
    const struct mp_search_options *options;
    const struct mp_search_calls *calls;
    struct mp_search_result *result;
    size_t point_capacity;
    char (*keys)[MP_HASH_SIZE]; /* [point_count] of the schemes */
    size_t key_capacity;
    uint32_t steps_done, steps_total;
};

/* The options' scheme with these formats; float32: NULL. */
struct mp_scheme mp_search_scheme(const struct mp_search *s, const struct mp_format *weight,
                                  enum mp_scope scope, const struct mp_format *activation);
/* Score a scheme until it is complete or hopeless, unless that has been done; *index into the
 * points. The scheme's overrides are copied. */
int mp_search_look(struct mp_search *s, const struct mp_scheme *scheme, int64_t *index,
                   struct mp_error *err);
const struct mp_search_point *mp_search_point(const struct mp_search *s, int64_t index);
bool mp_search_keeps(const struct mp_search *s, int64_t index); /* false for -1 */

/* Steps of the estimate of what is to do that will not be taken. */
void mp_search_skip(struct mp_search *s, uint32_t steps);

struct mp_format mp_search_int(uint32_t bits);
struct mp_format mp_search_fixed(uint32_t bits);
struct mp_format mp_search_float(uint32_t exponent, uint32_t mantissa);

/* The steps of search.h. */
int mp_search_activations(struct mp_search *s, struct mp_error *err);
int mp_search_weights(struct mp_search *s, struct mp_search_scope *scope, struct mp_error *err);
int mp_search_joint(struct mp_search *s, struct mp_error *err);
int mp_search_layers(struct mp_search *s, int64_t from, int64_t *found, struct mp_error *err);

#endif
