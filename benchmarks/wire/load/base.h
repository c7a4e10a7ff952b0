/* What every part of the load client shares: the options, the clock, the epoll descriptor. */
#pragma once
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

/* First member of whatever epoll hands back. */
enum kind { SUBSCRIBER, PUBLISHER, INPUT };

static struct {
    const char *mode;
    const char *host;
    int port;
    const char *path;     /* of the WebSocket */
    bool pusher;          /* wait for connection_established and subscribe */
    const char *requests; /* file of ready-made HTTP requests, see requests.py */
    const char *presence; /* "key:secret": also join a presence channel, 50 members each */
    int connections, channels, concurrency, stalled;
    int window, http;
    int pid;              /* of the server, to measure how busy it is */
    double seconds, warmup, rate, churn;
} options = {
    .host = "127.0.0.1", .path = "/", .connections = 1000, .channels = 1, .concurrency = 100,
    .window = 1, .http = 0, .seconds = 3, .warmup = 0.5, .rate = 1000,
};

static int poller;

static void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "load: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(2);
}

static inline int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory) die("out of memory");
    return memory;
}

/* A non-blocking socket on its way to the server; `receive` > 0 makes its receive buffer small. */
static int dial(int receive)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(options.port)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket: %s", strerror(errno));
    if (inet_pton(AF_INET, options.host, &to.sin_addr) != 1) die("not an IPv4: %s", options.host);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (receive > 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
        die("connect: %s", strerror(errno));
    return fd;
}

/* Edge-triggered: a short read needs no second one to learn that nothing is left. */
static void watch(int fd, uint32_t events, void *who)
{
    struct epoll_event event = {.events = events | EPOLLET, .data.ptr = who};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
        die("watching descriptor %d: %s", fd, strerror(errno));
}
