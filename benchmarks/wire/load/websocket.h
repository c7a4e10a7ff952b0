/* The client's side of WebSocket: the upgrade, masked frames out, unmasked frames in. */
#pragma once
#include "base.h"

/* The example of RFC 6455, whose answer is known: so nothing has to be hashed here. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

enum opcode { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

struct frame {
    enum opcode opcode;
    const uint8_t *text;
    size_t length;
};

static size_t upgrade_request(char *to, size_t room)
{
    return snprintf(to, room,
                    "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Key: " KEY "\r\n"
                    "Sec-WebSocket-Version: 13\r\n\r\n",
                    options.path, options.host, options.port);
}

/* The length of the answer to the upgrade, 0 while it is incomplete. */
static size_t upgrade_answer(const uint8_t *data, size_t size)
{
    const uint8_t *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t length = end + 4 - data;
    if (memcmp(data, "HTTP/1.1 101", 12) || !memmem(data, length, ACCEPT, strlen(ACCEPT)))
        die("the upgrade was refused: %.*s", (int)length, data);
    return length;
}

/* Takes the next frame off `data`: its length with the header, or 0 while it is incomplete. */
static inline size_t frame_in(const uint8_t *data, size_t size, struct frame *frame)
{
    if (size < 2) return 0;
    size_t header = 2, length = data[1] & 0x7f;
    if (length == 126) {
        if (size < 4) return 0;
        header = 4;
        length = (size_t)data[2] << 8 | data[3];
    } else if (length == 127) {
        if (size < 10) return 0;
        uint64_t wide;
        memcpy(&wide, data + 2, 8);
        header = 10;
        length = __builtin_bswap64(wide);
    }
    if ((data[0] & 0xf0) != 0x80 || data[1] & 0x80)
        die("a frame is fragmented, compressed or masked: %02x %02x", data[0], data[1]);
    if (size < header + length) return 0;
    *frame = (struct frame){data[0] & 0x0f, data + header, length};
    return header + length;
}

/* Writes a masked frame of at most 65,535 bytes; returns its length with the header. */
static size_t frame_out(uint8_t *to, enum opcode opcode, const void *text, size_t length)
{
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    size_t at = 0;
    to[at++] = 0x80 | opcode;
    to[at++] = 0x80 | (length < 126 ? length : 126);
    if (length >= 126) {
        to[at++] = length >> 8;
        to[at++] = length & 0xff;
    }
    memcpy(to + at, mask, 4);
    at += 4;
    for (size_t byte = 0; byte < length; byte++)
        to[at + byte] = ((const uint8_t *)text)[byte] ^ mask[byte % 4];
    return at + length;
}

/* Sends one frame on a socket whose send buffer is all but empty. */
static bool frame_send(int fd, enum opcode opcode, const void *text, size_t length)
{
    uint8_t frame[1024];
    if (length > sizeof frame - 8) die("a frame of %zu bytes is too long to send", length);
    ssize_t size = frame_out(frame, opcode, text, length);
    return send(fd, frame, size, MSG_NOSIGNAL) == size;
}
