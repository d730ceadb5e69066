/* Shared by the parts of the search (search.c, search_uniform.c, search_layers.c).
 */
#ifndef MP_SEARCH_SEARCH_PARTS_H
#define MP_SEARCH_SEARCH_PARTS_H

#include "estimator/search/search.h"

struct search {
    const struct mp_search_options *options;
    const struct mp_search_calls *calls;
    struct mp_search_result *result;
    size_t point_capacity;
    char (*keys)[MP_HASH_SIZE]; /* [point_count] of the schemes */
    size_t key_capacity;
    uint32_t steps_done, steps_total;
};

/* The options' scheme with these formats; float32: NULL. */
struct mp_scheme search_scheme(const struct search *s, const struct mp_format *weight,
                               enum mp_scope scope, const struct mp_format *activation);
/* Score a scheme until it is complete or hopeless, unless that has been done; *index into the
 * points. The scheme's overrides are copied. */
int search_look(struct search *s, const struct mp_scheme *scheme, int64_t *index,
                struct mp_error *err);
const struct mp_search_point *search_point(const struct search *s, int64_t index);
bool search_keeps(const struct search *s, int64_t index); /* false for -1 */

/* Steps of the estimate of what is to do that will not be taken. */
void search_skip(struct search *s, uint32_t steps);

struct mp_format search_int(uint32_t bits);
struct mp_format search_fixed(uint32_t bits);
struct mp_format search_float(uint32_t exponent, uint32_t mantissa);

/* The steps of search.h. */
int search_activations(struct search *s, struct mp_error *err);
int search_weights(struct search *s, struct mp_search_scope *scope, struct mp_error *err);
int search_joint(struct search *s, struct mp_error *err);
int search_layers(struct search *s, int64_t from, int64_t *found, struct mp_error *err);

#endif
