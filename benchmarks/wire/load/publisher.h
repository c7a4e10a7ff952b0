/* Keep-alive HTTP connections that send ready-made requests, one at a time each, and read answers.

   The request file holds each request after its length (32 bits, little-endian); request number i
   carries the sequence number i, and the file is used round and round. */
#pragma once
#include "base.h"
#include "checker.h"
#include <fcntl.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>

static struct publisher {
    enum kind kind;
    int fd; /* -1: to be opened before the next request */
    bool busy;
    int64_t sent;
    size_t have;
    char answer[4096];
} *publishers;
static int turn_of; /* in turn, so that the server sees requests in the order they were written */

static struct request {
    const char *text;
    size_t length;
} *requests;

static int64_t answers, bad_answers;
static struct histogram answer_times;

static int64_t load_requests(const char *path)
{
    struct stat about;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &about) < 0) die("%s: %s", path, strerror(errno));
    const char *at = mmap(NULL, about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (at == MAP_FAILED) die("%s: %s", path, strerror(errno));
    const char *end = at + about.st_size;
    int64_t count = 0;
    for (uint32_t length; at < end; at += 4 + length, count++) {
        memcpy(&length, at, 4);
        if (count % 4096 == 0) requests = realloc(requests, (count + 4096) * sizeof *requests);
        requests[count] = (struct request){at + 4, length};
    }
    if (!count) die("%s holds no requests", path);
    return count;
}

static void publisher_open(struct publisher *one)
{
    one->fd = dial(0);
    one->have = 0;
    fcntl(one->fd, F_SETFL, 0); /* loopback: wait for the connection, and for requests to go out */
    struct timeval patience = {.tv_sec = 5};
    setsockopt(one->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    watch(one->fd, EPOLLIN | EPOLLRDHUP, one);
}

static void publishers_open(int count)
{
    publishers = allocate(count, sizeof *publishers);
    for (int at = 0; at < count; at++) {
        publishers[at] = (struct publisher){.kind = PUBLISHER};
        publisher_open(&publishers[at]);
    }
}

/* Sends the next request; false when the connection is still waiting for an answer.
   `due`: when it should have gone out, or 0 for now. */
static bool publish_on(struct publisher *one, int64_t due, int expected)
{
    if (one->busy) return false;
    if (one->fd < 0) publisher_open(one);
    struct request *request = &requests[checker_peek()];
    one->busy = true;
    one->sent = due ? due : now_ns();
    checker_published(one->sent, expected);
    if (send(one->fd, request->text, request->length, MSG_NOSIGNAL) != (ssize_t)request->length)
        die("publishing: %s", strerror(errno));
    return true;
}

static bool publish(int64_t due, int expected)
{
    if (!publish_on(&publishers[turn_of], due, expected)) return false;
    turn_of = (turn_of + 1) % options.http;
    return true;
}

/* The length of a complete answer at the start of the buffer, or 0; `status` is its code. */
static size_t answer_length(const struct publisher *one, int *status)
{
    const char *end = memmem(one->answer, one->have, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t body = 0;
    *status = atoi(one->answer + strlen("HTTP/1.1 "));
    for (const char *line = one->answer; line < end; line = strstr(line, "\r\n") + 2)
        if (!strncasecmp(line, "content-length:", 15)) body = strtoul(line + 15, NULL, 10);
    size_t length = end + 4 - one->answer + body;
    return one->have >= length ? length : 0;
}

static void publisher_event(struct publisher *one)
{
    for (;;) {
        size_t room = sizeof one->answer - 1 - one->have;
        if (!room) die("an answer is longer than the load client reads");
        ssize_t got = recv(one->fd, one->answer + one->have, room, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) { /* an idle connection may be closed by the server at any time */
            if (one->busy) die("the server closed an HTTP connection that waits for its answer");
            close(one->fd);
            one->fd = -1;
            return;
        }
        one->have += got;
        one->answer[one->have] = 0;
        int status = 0;
        size_t length = answer_length(one, &status);
        if (!length) continue;
        answers++;
        histogram_add(&answer_times, now_ns() - one->sent);
        if (status != 200 && !bad_answers++) fprintf(stderr, "load: answered %s\n", one->answer);
        one->have -= length;
        memmove(one->answer, one->answer + length, one->have);
        one->busy = false;
    }
}
