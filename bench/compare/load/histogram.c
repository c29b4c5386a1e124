/* Log-linear: 64 buckets for each power of two, so a quantile is right within 1.6 %. */
#include "load.h"

enum { BITS = 6, LINEAR = 1 << BITS, BUCKETS = (64 - BITS + 1) * LINEAR };

static uint64_t counts[BUCKETS], total;

void histogram_clear(void)
{
    memset(counts, 0, sizeof counts);
    total = 0;
}

void histogram_add(uint64_t value)
{
    int shift = value < LINEAR ? 0 : 63 - __builtin_clzll(value) - BITS;
    counts[(shift << BITS) + (value >> shift)]++;
    total++;
}

double histogram_us(double quantile)
{
    uint64_t rank = (uint64_t)(quantile * (double)total), seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
        seen += counts[i];
        if (seen > rank) {
            int shift = i < 2 * LINEAR ? 0 : (i >> BITS) - 1;
            uint64_t low = (uint64_t)(i - (shift << BITS)) << shift;
            return (double)(low + ((1ull << shift) >> 1)) / 1000;
        }
    }
    return 0;
}
