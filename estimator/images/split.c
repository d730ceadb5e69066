#include "estimator/images/split.h"

static bool is_whole(const struct mp_split *s)
{
    return s->every == 0 || s->part == MP_PART_ALL;
}

bool mp_split_has(const struct mp_split *s, uint32_t index)
{
    bool is_apart = !is_whole(s) && index % s->every == s->every - 1;

    return is_whole(s) || is_apart == (s->part == MP_PART_SET_APART);
}

void mp_split_hash(const struct mp_split *s, struct mp_hash *h)
{
    if (is_whole(s))
        return;
    mp_hash_string(h, "split");
    mp_hash_u64(h, s->every);
    mp_hash_u64(h, s->part);
}
