/* SHA-1 and base64, for the one answer of a WebSocket handshake (RFC 6455, 1.3). */
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t rotate(uint32_t word, int by) { return word << by | word >> (32 - by); }

static void sha1_block(uint32_t state[5], const uint8_t block[64])
{
    uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int at = 0; at < 16; at++) {
        memcpy(&w[at], block + 4 * at, 4);
        w[at] = __builtin_bswap32(w[at]);
    }
    for (int at = 16; at < 80; at++)
        w[at] = rotate(w[at - 3] ^ w[at - 8] ^ w[at - 14] ^ w[at - 16], 1);
    for (int at = 0; at < 80; at++) {
        uint32_t mixed = at < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                         : at < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                         : at < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                                   : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = rotate(a, 5) + mixed + e + w[at];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/* The digest of a text of at most 119 bytes: a handshake's has 60. */
static void sha1(const char *text, uint8_t digest[20])
{
    uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t padded[128] = {0};
    size_t length = strlen(text), blocks = length < 56 ? 1 : 2;
    memcpy(padded, text, length);
    padded[length] = 0x80;
    padded[64 * blocks - 2] = length * 8 >> 8;
    padded[64 * blocks - 1] = length * 8 & 0xff;
    for (size_t at = 0; at < blocks; at++) sha1_block(state, padded + 64 * at);
    for (int at = 0; at < 5; at++) {
        uint32_t word = __builtin_bswap32(state[at]);
        memcpy(digest + 4 * at, &word, 4);
    }
}

/* `accept`: what Sec-WebSocket-Accept says to a key of 24 characters. */
static void websocket_accept(const char key[24], char accept[29])
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t digest[21] = {0};
    char text[64];
    snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    sha1(text, digest);
    for (int at = 0; at < 7; at++) {
        uint32_t three = digest[3 * at] << 16 | digest[3 * at + 1] << 8 | digest[3 * at + 2];
        for (int digit = 0; digit < 4; digit++)
            accept[4 * at + digit] = digits[three >> (18 - 6 * digit) & 63];
    }
    accept[27] = '=';
    accept[28] = 0;
}
