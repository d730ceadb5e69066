#include "estimator/power/truth.h"

static size_t word_count(uint32_t variables)
{
    return variables > 6 ? (size_t)1 << (variables - 6) : 1;
}

static bool get_row(const struct mp_truth *t, size_t row)
{
    return t->bits[row / 64] >> (row % 64) & 1;
}

/* The pin values of a row as the bits that mp_expr_eval() takes. */
static uint64_t row_pins(const struct mp_truth *t, size_t row)
{
    uint64_t pins = 0;
    for (uint32_t k = 0; k < t->count; k++)
        if (row >> k & 1)
            pins |= (uint64_t)1 << t->variable[k];
    return pins;
}

int mp_truth_make(struct mp_truth *out, const struct mp_expr *e, struct mp_arena *arena,
                  struct mp_error *err)
{
    uint64_t support = mp_expr_support(e);
    *out = (struct mp_truth){0};
    for (uint32_t pin = 0; pin < 64; pin++) {
        if (!(support >> pin & 1))
            continue;
        if (out->count == MP_TRUTH_VARIABLES)
            return mp_fail(err, MP_E_UNSUPPORTED, "an expression reads more than %d pins",
                           MP_TRUTH_VARIABLES);
        out->variable[out->count++] = (uint8_t)pin;
    }
    uint64_t *bits = mp_arena_alloc(arena, word_count(out->count) * sizeof *bits);
    for (size_t w = 0; w < word_count(out->count); w++)
        bits[w] = 0;
    for (size_t row = 0; row < (size_t)1 << out->count; row++)
        if (mp_expr_eval(e, row_pins(out, row)))
            bits[row / 64] |= (uint64_t)1 << (row % 64);
    out->bits = bits;
    return MP_OK;
}

bool mp_truth_reads(const struct mp_truth *t, uint32_t pin)
{
    for (uint32_t k = 0; k < t->count; k++)
        if (t->variable[k] == pin)
            return true;
    return false;
}

void mp_truth_difference(struct mp_truth *out, const struct mp_truth *t, uint32_t pin,
                         struct mp_arena *arena)
{
    *out = (struct mp_truth){0};
    uint32_t position = MP_TRUTH_VARIABLES;
    for (uint32_t k = 0; k < t->count; k++) {
        if (t->variable[k] == pin)
            position = k;
        else
            out->variable[out->count++] = t->variable[k];
    }
    uint64_t *bits = mp_arena_alloc(arena, word_count(out->count) * sizeof *bits);
    for (size_t w = 0; w < word_count(out->count); w++)
        bits[w] = 0;
    out->bits = bits;
    if (position == MP_TRUTH_VARIABLES) {
        out->count = 0;
        return;
    }
    for (size_t row = 0; row < (size_t)1 << out->count; row++) {
        size_t below = row & (((size_t)1 << position) - 1);
        size_t low = (row >> position << (position + 1)) | below;
        if (get_row(t, low) != get_row(t, low | (size_t)1 << position))
            bits[row / 64] |= (uint64_t)1 << (row % 64);
    }
}

int mp_truth_compare(const struct mp_truth *a, const struct mp_truth *b)
{
    if (!a->bits || !b->bits || a->count != b->count)
        return 0;
    for (uint32_t k = 0; k < a->count; k++)
        if (a->variable[k] != b->variable[k])
            return 0;
    bool equal = true, opposite = true;
    for (size_t row = 0; row < (size_t)1 << a->count; row++) {
        bool same = get_row(a, row) == get_row(b, row);
        equal = equal && same;
        opposite = opposite && !same;
    }
    return equal ? 1 : opposite ? -1 : 0;
}

/* Shannon expansion about the highest of n variables; d[k] is the duty of variable k. Parts that
 * are constant end early, which makes the usual one-minterm conditions cheap. */
static double word_probability(uint64_t word, uint32_t n, const double *d)
{
    uint64_t full = n == 6 ? UINT64_MAX : ((uint64_t)1 << (1u << n)) - 1;
    if (word == 0)
        return 0.0;
    if (n == 0 || word == full)
        return 1.0;
    uint32_t half = 1u << (n - 1);
    double low = word_probability(word & (((uint64_t)1 << half) - 1), n - 1, d);
    double high = word_probability(word >> half, n - 1, d);
    return (1.0 - d[n - 1]) * low + d[n - 1] * high;
}

static double table_probability(const uint64_t *bits, uint32_t n, const double *d)
{
    if (n <= 6)
        return word_probability(bits[0], n, d);
    double low = table_probability(bits, n - 1, d);
    double high = table_probability(bits + word_count(n) / 2, n - 1, d);
    return (1.0 - d[n - 1]) * low + d[n - 1] * high;
}

double mp_truth_probability(const struct mp_truth *t, const double *duty)
{
    double d[MP_TRUTH_VARIABLES];
    for (uint32_t k = 0; k < t->count; k++)
        d[k] = duty[t->variable[k]];
    return table_probability(t->bits, t->count, d);
}
