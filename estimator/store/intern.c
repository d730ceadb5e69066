#include "estimator/store/internal.h"

/* Fields of a shared row, in the order of both its statements. */
typedef void bind_row(struct mp_bound *b, const void *record);

/* A transaction holds the write lock, so that nobody inserts between the two statements. */
static int intern(struct mp_store *s, enum mp_statement find, enum mp_statement insert,
                  const char *what, bind_row *bind, const void *record, int64_t *id,
                  struct mp_error *err)
{
    struct mp_bound b;
    mp_bound_init(&b, s, find, what, err);
    bind(&b, record);
    int rc = mp_bound_find(&b, id);
    if (rc != MP_OK || *id >= 0)
        return rc;
    mp_bound_init(&b, s, insert, what, err);
    bind(&b, record);
    return mp_bound_find(&b, id);
}

static void bind_context(struct mp_bound *b, const void *record)
{
    const struct mp_store_context *c = record;
    mp_bind_text(b, "macppa_version", c->macppa_version);
    mp_bind_text(b, "git_commit", c->git_commit);
    mp_bind_text(b, "host", c->host);
    mp_bind_text(b, "yosys_version", c->yosys_version);
    mp_bind_text(b, "opensta_version", c->opensta_version);
    mp_bind_count(b, "generator_version", c->generator_version);
    mp_bind_count(b, "recipe_version", c->recipe_version);
}

int mp_intern_context(struct mp_store *s, const struct mp_store_context *c, int64_t *id,
                      struct mp_error *err)
{
    return intern(s, MP_SQL_FIND_CONTEXT, MP_SQL_INSERT_CONTEXT, "context", bind_context, c, id,
                  err);
}

static void bind_library(struct mp_bound *b, const void *record)
{
    const struct mp_ppa_record *r = record;
    mp_bind_text(b, "library", r->library);
    mp_bind_text(b, "library_hash", r->library_hash);
    mp_bind_text(b, "corner", r->corner);
    mp_bind_real(b, "voltage_v", r->voltage_v);
    mp_bind_real(b, "temperature_c", r->temperature_c);
}

int mp_intern_library(struct mp_store *s, const struct mp_ppa_record *r, int64_t *id,
                      struct mp_error *err)
{
    return intern(s, MP_SQL_FIND_LIBRARY, MP_SQL_INSERT_LIBRARY, "library", bind_library, r, id,
                  err);
}

static void bind_design(struct mp_bound *b, const void *record)
{
    const struct mp_ppa_record *r = record;
    mp_bind_text(b, "design", r->design);
    mp_bind_text(b, "weight_format", r->weight_format);
    mp_bind_text(b, "activation_format", r->activation_format);
    mp_bind_text(b, "unit", r->unit);
    mp_bind_text(b, "multiplier", r->multiplier);
    mp_bind_count(b, "weight_bits", r->weight_bits);
    mp_bind_count(b, "activation_bits", r->activation_bits);
    mp_bind_count(b, "accumulator_bits", r->accumulator_bits);
    mp_bind_plain_text(b, "adder", r->adder);
    mp_bind_plain_text(b, "form", r->form);
    mp_bind_plain_text(b, "sign", r->sign);
    mp_bind_plain_text(b, "shift", r->shift);
    mp_bind_plain_text(b, "shifter", r->shifter);
    mp_bind_plain_text(b, "alignment", r->alignment);
    mp_bind_plain_text(b, "rounding", r->rounding);
    mp_bind_plain_text(b, "low_power", r->low_power);
    mp_bind_count(b, "terms", r->terms > 0 ? r->terms : 1);
    mp_bind_count(b, "stages", r->stages);
    mp_bind_count(b, "drop_bits", r->drop_bits);
    mp_bind_count(b, "guard_bits", r->guard_bits);
    mp_bind_count(b, "registers", !r->is_combinational);
}

int mp_intern_design(struct mp_store *s, const struct mp_ppa_record *r, int64_t *id,
                     struct mp_error *err)
{
    return intern(s, MP_SQL_FIND_DESIGN, MP_SQL_INSERT_DESIGN, "design", bind_design, r, id, err);
}

static void bind_network(struct mp_bound *b, const void *record)
{
    const struct mp_network_record *r = record;
    mp_bind_text(b, "network", r->network);
    mp_bind_text(b, "network_hash", r->network_hash);
}

int mp_intern_network(struct mp_store *s, const char *network, const char *network_hash,
                      int64_t *id, struct mp_error *err)
{
    const struct mp_network_record r = {.network = network, .network_hash = network_hash};
    return intern(s, MP_SQL_FIND_NETWORK, MP_SQL_INSERT_NETWORK, "network", bind_network, &r, id,
                  err);
}

static void bind_part(struct mp_bound *b, const void *record)
{
    const struct mp_power_row *r = record;
    mp_bind_text(b, "scope", r->scope);
    mp_bind_text(b, "name", r->name);
}

int mp_intern_part(struct mp_store *s, const struct mp_power_row *r, int64_t *id,
                   struct mp_error *err)
{
    return intern(s, MP_SQL_FIND_PART, MP_SQL_INSERT_PART, "power row", bind_part, r, id, err);
}

int mp_find_key(struct mp_store *s, enum mp_statement id, const char *what, const char *key,
                int64_t *row, struct mp_error *err)
{
    struct mp_bound b;
    mp_bound_init(&b, s, id, what, err);
    mp_bind_text(&b, "key", key);
    return mp_bound_find(&b, row);
}
