#include "estimator/cnn/cluster.h"
#include "estimator/util/memory.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NUMBERS   ((size_t)1 << 20)
#define MOST_EXACT     2048 /* distinct numbers that the optimum is found for */
#define MOST_ROUNDS    200
#define DENSITY_PIECES 1024

/* ---- distinct numbers */

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* The distinct numbers, sorted, if there are at most `limit`; else false. Most sets of numbers have
 * more after a few of them. */
static bool find_distinct(const struct mp_numbers *parts, size_t part_count, uint32_t limit,
                          float *distinct, uint32_t *count)
{
    uint32_t size = 4, used = 0;

    while (size < 2 * limit)
        size *= 2;
    uint32_t *slots = mp_alloc(size, sizeof *slots); /* 1 + index into distinct */
    bool few = true;
    for (size_t p = 0; p < part_count && few; p++)
        for (size_t i = 0; i < parts[p].count && few; i++) {
            float x = parts[p].values[i] + 0.0f; /* minus zero is zero */
            uint32_t bits, slot;
            memcpy(&bits, &x, sizeof bits);
            slot = (bits * 0x9e3779b1u ^ bits >> 15) & (size - 1);
            while (slots[slot] != 0 && distinct[slots[slot] - 1] != x)
                slot = (slot + 1) & (size - 1);
            if (slots[slot] != 0)
                continue;
            few = used < limit;
            if (few) {
                distinct[used++] = x;
                slots[slot] = used;
            }
        }
    free(slots);
    qsort(distinct, used, sizeof *distinct, compare);
    *count = used;
    return few;
}

/* ---- sorted numbers */

#define RADIX_BITS 11

/* Bits of a float, turned so that they are in the order of the numbers, and back. */
static uint32_t key_of(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static float number_of(uint32_t key)
{
    uint32_t bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Digit by digit from the lowest: a tenth of qsort's time. */
static void sort_floats(float *values, size_t count)
{
    uint32_t *from = mp_alloc(count + 1, sizeof *from), *to = mp_alloc(count + 1, sizeof *to);
    size_t *starts = mp_alloc((size_t)1 << RADIX_BITS, sizeof *starts);

    for (size_t i = 0; i < count; i++)
        from[i] = key_of(values[i]);
    for (unsigned shift = 0; shift < 32; shift += RADIX_BITS) {
        uint32_t mask = ((uint32_t)1 << RADIX_BITS) - 1;
        size_t sum = 0;
        memset(starts, 0, sizeof *starts << RADIX_BITS);
        for (size_t i = 0; i < count; i++)
            starts[from[i] >> shift & mask]++;
        for (uint32_t d = 0; d <= mask; d++) {
            size_t here = starts[d];
            starts[d] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            to[starts[from[i] >> shift & mask]++] = from[i];
        uint32_t *swapped = from;
        from = to;
        to = swapped;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = number_of(from[i]);
    free(from);
    free(to);
    free(starts);
}

/* sums over numbers first .. i - 1; numbers are taken from their middle, for precision. */
struct sorted {
    float *values;
    size_t count;
    double middle;
    double *weight; /* [count + 1] how many there are */
    double *sum;    /* [count + 1] */
    double *square; /* [count + 1] */
};

static void sorted_release(struct sorted *s)
{
    free(s->values);
    free(s->weight);
    free(s->sum);
    free(s->square);
}

/* Evenly spread ones of all parts, each number once with its weight. */
static void sort_numbers(struct sorted *s, const struct mp_numbers *parts, size_t part_count)
{
    size_t total = 0, taken = 0;

    for (size_t p = 0; p < part_count; p++)
        total += parts[p].count;
    assert(total > 0);
    size_t stride = (total + MOST_NUMBERS - 1) / MOST_NUMBERS, at = 0;
    s->values = mp_alloc(total / stride + 1, sizeof *s->values);
    for (size_t p = 0; p < part_count; p++) {
        for (; at < parts[p].count; at += stride)
            s->values[taken++] = parts[p].values[at] + 0.0f;
        at -= parts[p].count;
    }
    sort_floats(s->values, taken);
    s->weight = mp_alloc(taken + 1, sizeof *s->weight);
    s->sum = mp_alloc(taken + 1, sizeof *s->sum);
    s->square = mp_alloc(taken + 1, sizeof *s->square);
    s->middle = (double)s->values[taken / 2];
    for (size_t i = 0; i < taken; i++) {
        if (s->count == 0 || s->values[s->count - 1] != s->values[i]) {
            size_t k = s->count++;
            s->values[k] = s->values[i];
            s->weight[k + 1] = s->weight[k];
            s->sum[k + 1] = s->sum[k];
            s->square[k + 1] = s->square[k];
        }
        double x = (double)s->values[i] - s->middle;
        s->weight[s->count] += 1;
        s->sum[s->count] += x;
        s->square[s->count] += x * x;
    }
}

static double mean_of(const struct sorted *s, size_t from, size_t to)
{
    return (s->sum[to] - s->sum[from]) / (s->weight[to] - s->weight[from]) + s->middle;
}

/* Squared error of the numbers from .. to - 1 around their mean. */
static double error_of(const struct sorted *s, size_t from, size_t to)
{
    double sum = s->sum[to] - s->sum[from];
    double e = s->square[to] - s->square[from] - sum * sum / (s->weight[to] - s->weight[from]);

    return e > 0 ? e : 0;
}

/* ---- exactly */

struct exact {
    const struct sorted *s;
    const double *before; /* [i] least error of the first i numbers in one cluster less */
    double *now;
    uint16_t *start; /* [i] where the last cluster begins then */
};

/* now[low..high]; the last cluster begins no earlier than that of fewer numbers, no later than that
 * of more, so halving makes n log n of n^2. */
static void fill(const struct exact *x, size_t low, size_t high, size_t first, size_t last)
{
    size_t middle = low + (high - low) / 2, best = first;
    double least = INFINITY;

    for (size_t j = first; j <= last && j < middle; j++) {
        double e = x->before[j] + error_of(x->s, j, middle);
        if (e < least) {
            least = e;
            best = j;
        }
    }
    x->now[middle] = least;
    x->start[middle] = (uint16_t)best;
    if (middle > low)
        fill(x, low, middle - 1, first, best);
    if (middle < high)
        fill(x, middle + 1, high, best, last);
}

static void cluster_exactly(const struct sorted *s, uint32_t count, float *centres)
{
    size_t n = s->count, row = n + 1;
    double *errors = mp_alloc(2 * row, sizeof *errors);
    uint16_t *starts = mp_alloc(count * row, sizeof *starts);

    for (size_t i = 1; i <= n; i++)
        errors[i] = error_of(s, 0, i);
    for (uint32_t k = 1; k < count; k++) {
        struct exact x = {s, errors + (k + 1) % 2 * row, errors + k % 2 * row, starts + k * row};
        /* k + 1 clusters need as many numbers. */
        for (size_t i = 0; i <= k; i++)
            x.now[i] = INFINITY;
        fill(&x, k + 1, n, k, n - 1);
    }
    size_t end = n;
    for (uint32_t k = count; k-- > 0;) {
        size_t from = starts[k * row + end];
        centres[k] = (float)mean_of(s, from, end);
        end = from;
    }
    free(errors);
    free(starts);
}

/* ---- Lloyd */

/* Centres with as many numbers' cube roots of the density on both sides. */
static void spread(const struct sorted *s, uint32_t count, float *centres)
{
    double low = (double)s->values[0], width = (double)s->values[s->count - 1] - low;
    double density[DENSITY_PIECES] = {0}, sum = 0, done = 0;
    uint32_t piece = 0;

    for (size_t i = 0; i < s->count; i++) {
        double place = ((double)s->values[i] - low) / width * DENSITY_PIECES;
        uint32_t k = place < DENSITY_PIECES - 1 ? (uint32_t)place : DENSITY_PIECES - 1;
        density[k] += s->weight[i + 1] - s->weight[i];
    }
    for (uint32_t k = 0; k < DENSITY_PIECES; k++)
        sum += density[k] = cbrt(density[k]);
    for (uint32_t c = 0; c < count; c++) {
        double wanted = sum * (c + 0.5) / count;
        while (piece < DENSITY_PIECES - 1 && done + density[piece] < wanted)
            done += density[piece++];
        double part = density[piece] > 0 ? (wanted - done) / density[piece] : 0.5;
        centres[c] = (float)(low + width * (piece + (part < 1 ? part : 1)) / DENSITY_PIECES);
    }
}

/* First number above x. */
static size_t above(const struct sorted *s, double x)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((double)s->values[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A centre that has no numbers goes where it takes away the most error. */
static void move_to_worst(const struct sorted *s, size_t *ends, uint32_t count, float *centres)
{
    double worst = -1;
    size_t from = 0, best_from = 0, best_to = 0;

    for (uint32_t c = 0; c < count; c++) {
        if (ends[c] > from + 1 && error_of(s, from, ends[c]) > worst) {
            worst = error_of(s, from, ends[c]);
            best_from = from;
            best_to = ends[c];
        }
        from = ends[c];
    }
    for (uint32_t c = 0; c < count; c++)
        if (ends[c] == (c > 0 ? ends[c - 1] : 0) && best_to > best_from) {
            centres[c] = s->values[best_from];
            return;
        }
}

static double assign(const struct sorted *s, uint32_t count, const float *centres, size_t *ends,
                     bool *is_empty)
{
    double error = 0;
    size_t from = 0;

    *is_empty = false;
    for (uint32_t c = 0; c < count; c++) {
        ends[c] =
            c + 1 < count ? above(s, ((double)centres[c] + (double)centres[c + 1]) / 2) : s->count;
        if (ends[c] == from)
            *is_empty = true;
        else
            error += error_of(s, from, ends[c]);
        from = ends[c];
    }
    return error;
}

static void iterate(const struct sorted *s, uint32_t count, float *centres)
{
    size_t *ends = mp_alloc(count, sizeof *ends);
    double before = INFINITY;

    for (uint32_t round = 0; round < MOST_ROUNDS; round++) {
        bool is_empty;
        double error = assign(s, count, centres, ends, &is_empty);
        for (uint32_t c = 0; c < count; c++) {
            size_t from = c > 0 ? ends[c - 1] : 0;
            if (ends[c] > from)
                centres[c] = (float)mean_of(s, from, ends[c]);
        }
        if (is_empty)
            move_to_worst(s, ends, count, centres);
        qsort(centres, count, sizeof *centres, compare);
        if (!is_empty && !(error < before * (1 - 1e-9)))
            break;
        before = is_empty ? INFINITY : error;
    }
    free(ends);
}

/* ---- all */

/* The optimum of whole pieces of the numbers, MOST_EXACT of them, dense where centres will be. */
static void cluster_pieces(const struct sorted *s, uint32_t count, float *centres)
{
    struct sorted pieces = {.middle = s->middle};
    float *edges = mp_alloc(MOST_EXACT, sizeof *edges);
    size_t before = 0;

    spread(s, MOST_EXACT, edges);
    pieces.weight = mp_alloc(MOST_EXACT + 2, sizeof *pieces.weight);
    pieces.sum = mp_alloc(MOST_EXACT + 2, sizeof *pieces.sum);
    pieces.square = mp_alloc(MOST_EXACT + 2, sizeof *pieces.square);
    for (uint32_t k = 0; k <= MOST_EXACT; k++) {
        size_t end = k < MOST_EXACT ? above(s, (double)edges[k]) : s->count;
        if (end <= before)
            continue;
        size_t i = ++pieces.count;
        pieces.weight[i] = s->weight[end];
        pieces.sum[i] = s->sum[end];
        pieces.square[i] = s->square[end];
        before = end;
    }
    if (pieces.count > count)
        cluster_exactly(&pieces, count, centres);
    else
        spread(s, count, centres);
    free(edges);
    sorted_release(&pieces);
}

int mp_cluster(const struct mp_numbers *parts, size_t part_count, uint32_t count, float *centres,
               struct mp_error *err)
{
    struct sorted s = {0};
    uint32_t distinct;
    size_t total = 0;

    for (size_t p = 0; p < part_count; p++) {
        total += parts[p].count;
        for (size_t i = 0; i < parts[p].count; i++)
            if (!isfinite(parts[p].values[i]))
                return mp_fail(err, MP_E_INPUT, "value %zu of %zu to cluster is no finite number",
                               i, parts[p].count);
    }
    memset(centres, 0, count * sizeof *centres);
    if (total == 0)
        return MP_OK;
    if (find_distinct(parts, part_count, count, centres, &distinct)) {
        for (uint32_t c = distinct; c < count; c++)
            centres[c] = centres[distinct - 1];
        return MP_OK;
    }
    sort_numbers(&s, parts, part_count);
    if (s.count <= count) {
        for (uint32_t c = 0; c < count; c++)
            centres[c] = s.values[c < s.count ? c : s.count - 1];
    } else if (s.count <= MOST_EXACT) {
        cluster_exactly(&s, count, centres);
    } else {
        if (count <= MOST_EXACT / 4)
            cluster_pieces(&s, count, centres);
        else
            spread(&s, count, centres);
        iterate(&s, count, centres);
    }
    sorted_release(&s);
    return MP_OK;
}

void mp_cluster_apply(const float *centres, uint32_t count, size_t n, const float *in, float *out)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t low = 0, high = count - 1;
        double x = (double)in[i];
        /* The first centre whose edge with the next one is not below x. */
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (((double)centres[middle] + (double)centres[middle + 1]) / 2 < x)
                low = middle + 1;
            else
                high = middle;
        }
        out[i] = centres[low];
    }
}
