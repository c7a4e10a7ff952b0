/* A histogram of durations. A bucket is at most 1/32 of its value wide: figures are within 3 %. */
#pragma once
#include "base.h"

enum { FINE = 64, OCTAVES = 40 };

struct histogram {
    int64_t buckets[OCTAVES * FINE];
    int64_t count, longest;
};

static inline void histogram_add(struct histogram *all, int64_t ns)
{
    uint64_t value = ns < 0 ? 0 : (uint64_t)ns;
    int octave = value < FINE ? 0 : 58 - __builtin_clzll(value); /* value >> octave is in 32..63 */
    all->buckets[octave * FINE + (value >> octave)]++;
    all->count++;
    if (ns > all->longest) all->longest = ns;
}

static double histogram_ms(const struct histogram *all, double share)
{
    int64_t passed = 0, wanted = (int64_t)(share * (double)all->count);
    for (int bucket = 0; bucket < OCTAVES * FINE; bucket++) {
        passed += all->buckets[bucket];
        if (passed > wanted)
            return (double)((int64_t)(bucket % FINE) << (bucket / FINE)) / 1e6;
    }
    return (double)all->longest / 1e6;
}
