#include "estimator/pipeline/planes.h"
#include <stddef.h>
#include <string.h>

/* In place: bit j of row i <-> bit i of row j (Warren, Hacker's Delight, 7-3; low bit first). */
static void transpose64(uint64_t rows[64])
{
    uint64_t mask = 0x00000000ffffffffu;

    for (unsigned j = 32; j != 0; j >>= 1, mask ^= mask << j)
        for (unsigned k = 0; k < 64; k = (k + j + 1) & ~j) {
            uint64_t t = ((rows[k] >> j) ^ rows[k + j]) & mask;
            rows[k] ^= t << j;
            rows[k + j] ^= t;
        }
}

void mp_planes_from_codes(const uint64_t *codes, unsigned bits, unsigned words, uint64_t *planes)
{
    uint64_t rows[64];

    for (unsigned w = 0; w < words; w++) {
        memcpy(rows, codes + 64 * (size_t)w, sizeof rows);
        transpose64(rows);
        for (unsigned b = 0; b < bits; b++)
            planes[(size_t)b * words + w] = rows[b];
    }
}
