/* The limit: an epoll broadcaster that does nothing but broadcast, and coalesces.

   gcc -O2 -o build/reference reference.c && build/reference PORT

   A WebSocket upgrade joins. The body of a plain POST goes to all who have joined, as one text
   frame; the frames of one epoll turn are written to each connection in one piece. Whatever
   clients send after the upgrade is thrown away, except a close frame. */
#define _GNU_SOURCE
#include "sha1.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_ROOM = 64 * 1024, TURN_ROOM = 16 * 1024 * 1024 };

struct buffer {
    char *data;
    size_t length, room;
};

static struct client {
    int fd, seat; /* its place among the joined, -1 before it has joined */
    struct buffer in, out;
} **joined;
static int joined_count, joined_room, poller;
static struct buffer frames; /* of this turn */

static void append(struct buffer *to, const void *data, size_t length)
{
    if (to->length + length > to->room) {
        to->room = (to->length + length) * 2;
        to->data = realloc(to->data, to->room);
    }
    memcpy(to->data + to->length, data, length);
    to->length += length;
}

static void drop_front(struct buffer *from, size_t length)
{
    from->length -= length;
    memmove(from->data, from->data + length, from->length);
}

static void leave(struct client *one)
{
    if (one->seat >= 0) {
        joined[one->seat] = joined[--joined_count];
        joined[one->seat]->seat = one->seat;
    }
    close(one->fd);
    free(one->in.data);
    free(one->out.data);
    free(one);
}

static void wait_for(struct client *one, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = one};
    epoll_ctl(poller, operation, one->fd, &event);
}

/* Writes what it can at once and keeps the rest until the socket takes more. */
static void write_to(struct client *one, const char *data, size_t length)
{
    ssize_t sent = 0;
    if (!one->out.length) {
        sent = send(one->fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent == (ssize_t)length) return;
        if (sent < 0) sent = 0; /* full, or broken: then epoll will say so */
        wait_for(one, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    }
    append(&one->out, data + sent, length - sent);
}

static void write_rest(struct client *one)
{
    ssize_t sent = send(one->fd, one->out.data, one->out.length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) drop_front(&one->out, sent);
    if (!one->out.length) wait_for(one, EPOLL_CTL_MOD, EPOLLIN);
}

static void broadcast_later(const char *text, size_t length)
{
    uint8_t header[10] = {0x81, length < 126 ? length : length < 65536 ? 126 : 127};
    int size = 2;
    if (length >= 126)
        for (int shift = length < 65536 ? 8 : 56; shift >= 0; shift -= 8)
            header[size++] = (uint64_t)length >> shift & 0xff;
    append(&frames, header, size);
    append(&frames, text, length);
}

static void join(struct client *one, const char *key)
{
    char accept[29], answer[256];
    websocket_accept(key, accept);
    int length = snprintf(answer, sizeof answer,
                          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
    if (joined_count == joined_room) {
        joined_room = joined_room ? joined_room * 2 : 1024;
        joined = realloc(joined, joined_room * sizeof *joined);
    }
    one->seat = joined_count;
    joined[joined_count++] = one;
    write_to(one, answer, length);
    free(one->in.data);
    one->in = (struct buffer){0};
}

/* Answers the complete requests that have arrived. */
static void answer_requests(struct client *one)
{
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                             "Content-Length: 2\r\n\r\n{}";
    while (one->seat < 0 && one->in.length) {
        char *data = one->in.data, *end = memmem(data, one->in.length, "\r\n\r\n", 4);
        if (!end) return;
        *end = 0;
        const char *key = strcasestr(data, "\r\nsec-websocket-key:");
        const char *said = strcasestr(data, "\r\ncontent-length:");
        size_t head = end + 4 - data, body = said ? strtoul(said + 17, NULL, 10) : 0;
        if (key) {
            key += strlen("\r\nsec-websocket-key:");
            join(one, key + strspn(key, " "));
            return;
        }
        if (one->in.length < head + body) {
            *end = '\r';
            return;
        }
        if (body) broadcast_later(data + head, body);
        write_to(one, ok, strlen(ok));
        drop_front(&one->in, head + body);
    }
}

static void receive(struct client *one)
{
    static char data[REQUEST_ROOM];
    ssize_t got = recv(one->fd, data, sizeof data, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0 || (one->seat >= 0 && (data[0] & 0x0f) == 8)) {
        leave(one);
    } else if (one->seat < 0) {
        append(&one->in, data, got);
        answer_requests(one);
    }
}

static void accept_all(int listener)
{
    int fd, yes = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct client *one = calloc(1, sizeof *one);
        *one = (struct client){.fd = fd, .seat = -1};
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        wait_for(one, EPOLL_CTL_ADD, EPOLLIN);
    }
}

int main(int count, char **words)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_port = htons(count > 1 ? atoi(words[1]) : 0),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0 || listen(listener, 4096) < 0) {
        perror("reference");
        return 1;
    }
    poller = epoll_create1(0);
    struct epoll_event events[256], incoming = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &incoming);
    for (;;) {
        int ready = epoll_wait(poller, events, 256, -1);
        for (int at = 0; at < ready; at++) {
            struct client *one = events[at].data.ptr;
            if (!one) accept_all(listener);
            else if (events[at].events & ~EPOLLOUT) receive(one);
            else write_rest(one);
        }
        if (!frames.length) continue;
        for (int at = 0; at < joined_count; at++) write_to(joined[at], frames.data, frames.length);
        frames.length = 0;
    }
}
