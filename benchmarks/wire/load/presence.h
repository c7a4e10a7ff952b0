/* HMAC-SHA256, for the one thing that cannot be signed beforehand: joining a presence channel,
   whose signature covers the socket id that the server has just given. */
#pragma once
#include "base.h"

struct sha256 {
    uint32_t state[8];
    uint8_t block[64];
    uint64_t length;
};

static void sha256_block(struct sha256 *hash)
{
    static uint32_t k[64]; /* the fractional parts of the cube roots of the first 64 primes */
    if (!k[0]) {
        for (int at = 0, number = 2; at < 64; number++) {
            bool prime = true;
            for (int by = 2; by * by <= number; by++) prime = prime && number % by;
            if (!prime) continue;
            /* The largest root with root^3 <= number << 96, by bisection on 128 bits. */
            unsigned __int128 low = 0, high = (unsigned __int128)8 << 32;
            while (high - low > 1) {
                unsigned __int128 root = (low + high) / 2;
                if (root * root * root <= (unsigned __int128)number << 96) low = root;
                else high = root;
            }
            k[at++] = (uint32_t)low;
        }
    }
    uint32_t w[64], s[8];
#define ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))
    for (int at = 0; at < 16; at++) {
        memcpy(&w[at], hash->block + 4 * at, 4);
        w[at] = __builtin_bswap32(w[at]);
    }
    for (int at = 16; at < 64; at++)
        w[at] = w[at - 16] + w[at - 7] +
                (ROTATE(w[at - 15], 7) ^ ROTATE(w[at - 15], 18) ^ w[at - 15] >> 3) +
                (ROTATE(w[at - 2], 17) ^ ROTATE(w[at - 2], 19) ^ w[at - 2] >> 10);
    memcpy(s, hash->state, sizeof s);
    for (int at = 0; at < 64; at++) {
        uint32_t one = s[7] + (ROTATE(s[4], 6) ^ ROTATE(s[4], 11) ^ ROTATE(s[4], 25)) +
                       ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[at] + w[at];
        uint32_t two = (ROTATE(s[0], 2) ^ ROTATE(s[0], 13) ^ ROTATE(s[0], 22)) +
                       ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += one;
        s[0] = one + two;
    }
    for (int at = 0; at < 8; at++) hash->state[at] += s[at];
}

static void sha256_add(struct sha256 *hash, const void *data, size_t size)
{
    for (size_t at = 0; at < size; at++) {
        hash->block[hash->length++ % 64] = ((const uint8_t *)data)[at];
        if (hash->length % 64 == 0) sha256_block(hash);
    }
}

static void sha256_end(struct sha256 *hash, uint8_t digest[32])
{
    uint64_t bits = __builtin_bswap64(hash->length * 8);
    sha256_add(hash, "\x80", 1);
    while (hash->length % 64 != 56) sha256_add(hash, "", 1);
    sha256_add(hash, &bits, 8);
    for (int at = 0; at < 8; at++) {
        uint32_t word = __builtin_bswap32(hash->state[at]);
        memcpy(digest + 4 * at, &word, 4);
    }
}

static const struct sha256 FRESH = {.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                              0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};

/* The signature in hexadecimal; the secret may have up to 64 bytes. */
static void sign(const char *secret, const char *text, char hex[65])
{
    uint8_t inner[64], outer[64], digest[32];
    memset(inner, 0x36, 64);
    memset(outer, 0x5c, 64);
    for (size_t at = 0; secret[at] && at < 64; at++) {
        inner[at] ^= secret[at];
        outer[at] ^= secret[at];
    }
    struct sha256 hash = FRESH;
    sha256_add(&hash, inner, 64);
    sha256_add(&hash, text, strlen(text));
    sha256_end(&hash, digest);
    hash = FRESH;
    sha256_add(&hash, outer, 64);
    sha256_add(&hash, digest, 32);
    sha256_end(&hash, digest);
    for (int at = 0; at < 32; at++) sprintf(hex + 2 * at, "%02x", digest[at]);
}

/* The subscribe message of member number `member`: 50 members in each channel. */
static size_t presence_message(char *to, size_t room, int member, const char *socket_id)
{
    const char *colon = strchr(options.presence, ':');
    char text[256], hex[65];
    if (!colon) die("--presence wants KEY:SECRET");
    snprintf(text, sizeof text, "%s:presence-bench-%d:{\"user_id\":\"%d\"}", socket_id,
             member / 50, member);
    sign(colon + 1, text, hex);
    return snprintf(to, room,
                    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"presence-bench-%d\","
                    "\"auth\":\"%.*s:%s\",\"channel_data\":\"{\\\"user_id\\\":\\\"%d\\\"}\"}}",
                    member / 50, (int)(colon - options.presence), options.presence, hex, member);
}
