/* WebSocket connections: opening many at once, subscribing, receiving, leaving, stalling. */
#pragma once
#include "base.h"
#include "checker.h"
#include "presence.h"
#include "websocket.h"

enum { READ_SIZE = 64 * 1024, SMALL_BUFFER = 4096 };

enum state { CLOSED, UPGRADING, WELCOMING, SUBSCRIBING, READY, LEAVING, DRAINED };

static struct subscriber {
    enum kind kind;
    enum state state;
    int fd;
    int acknowledged;
    bool asked;   /* the upgrade has been sent */
    bool stalled; /* does not read once it is ready */
    bool leave;   /* is to leave when it has got everything below course.until */
    struct course course;
    uint32_t rest_length, rest_room;
    uint8_t *rest; /* the beginning of a frame that has not arrived whole */
} *subscribers;

static int opening, ready, stalled_ready, unopened;
static int64_t dropped, pings, leavers, stalled_closed, reads;
static int close_code;
static uint8_t inbox[READ_SIZE + 16 * 1024 * 1024]; /* pages are taken when they are touched */

static int acknowledgements(void) { return options.channels + (options.presence ? 1 : 0); }

static void subscriber_open(struct subscriber *one)
{
    one->fd = dial(one->stalled ? SMALL_BUFFER : 0);
    one->state = UPGRADING;
    one->acknowledged = 0;
    one->asked = one->leave = false;
    one->rest_length = 0;
    one->course = (struct course){.from = INT64_MAX};
    opening++;
    watch(one->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, one);
}

/* Opens further ones while fewer than --concurrency are on their way. */
static void subscribers_advance(void)
{
    while (unopened > 0 && opening < options.concurrency)
        subscriber_open(&subscribers[options.connections - unopened--]);
}

static void subscribers_start(void)
{
    subscribers = allocate(options.connections, sizeof *subscribers);
    for (int at = 0; at < options.connections; at++) subscribers[at].kind = SUBSCRIBER;
    for (int at = 0; at < options.stalled; at++) /* spread over the others */
        subscribers[(int64_t)at * options.connections / options.stalled].stalled = true;
    unopened = options.connections;
}

static void subscriber_ready(struct subscriber *one)
{
    one->state = READY;
    one->course.from = published;
    opening--;
    if (!one->stalled) {
        ready++;
        return;
    }
    stalled_ready++;
    struct epoll_event only_its_end = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = one};
    epoll_ctl(poller, EPOLL_CTL_MOD, one->fd, &only_its_end);
}

static void subscriber_ended(struct subscriber *one)
{
    close(one->fd);
    if (one->state == LEAVING) {
        leavers++;
        subscriber_open(one);
        return;
    }
    if (one->state < READY) die("the server closed a connection that was being opened");
    one->state = CLOSED;
    if (one->stalled) {
        stalled_closed++;
    } else {
        dropped++;
        ready--;
    }
}

/* Every second one says good-bye and waits for the answer, the others just go. */
static void subscriber_leave(struct subscriber *one)
{
    ready--;
    one->state = LEAVING;
    if ((one - subscribers) % 2 || !frame_send(one->fd, CLOSE, "\x03\xe8", 2))
        subscriber_ended(one);
}

static void subscribe(struct subscriber *one, const struct frame *welcome)
{
    char text[512], socket_id[64] = "";
    for (int channel = 0; channel < options.channels; channel++) {
        int length = snprintf(text, sizeof text,
                              "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"bench-%d\"}}",
                              channel);
        if (!frame_send(one->fd, TEXT, text, length)) die("subscribing: %s", strerror(errno));
    }
    if (options.presence) {
        static const char field[] = "socket_id\\\":\\\"";
        const char *at = memmem(welcome->text, welcome->length, field, strlen(field));
        if (!at || sscanf(at + strlen(field), "%63[0-9.]", socket_id) != 1)
            die("no socket id in %.*s", (int)welcome->length, welcome->text);
        size_t length = presence_message(text, sizeof text, one - subscribers, socket_id);
        if (!frame_send(one->fd, TEXT, text, length)) die("subscribing: %s", strerror(errno));
    }
    one->state = SUBSCRIBING;
    if (!acknowledgements()) subscriber_ready(one);
}

static bool mentions(const struct frame *frame, const char *what)
{
    return memmem(frame->text, frame->length, what, strlen(what)) != NULL;
}

/* What is not a publication: the protocol's own events. */
static void on_protocol(struct subscriber *one, const struct frame *frame)
{
    if (mentions(frame, "\"pusher:ping\"")) {
        static const char pong[] = "{\"event\":\"pusher:pong\",\"data\":{}}";
        pings++;
        frame_send(one->fd, TEXT, pong, strlen(pong));
    } else if (mentions(frame, "\"pusher:error\"") || mentions(frame, "subscription_error")) {
        fprintf(stderr, "load: %.*s\n", (int)frame->length, frame->text);
    } else if (one->state == WELCOMING && mentions(frame, "\"pusher:connection_established\"")) {
        subscribe(one, frame);
    } else if (one->state == SUBSCRIBING &&
               mentions(frame, "\"pusher_internal:subscription_succeeded\"") &&
               ++one->acknowledged == acknowledgements()) {
        subscriber_ready(one);
    }
}

/* The number after "seq=", eight digits, or -1. It is looked for where it was the last time. */
static inline int64_t sequence_in(const struct frame *frame)
{
    static size_t usual;
    const uint8_t *at = frame->text + usual;
    if (frame->length < usual + 12 || memcmp(at, "seq=", 4)) {
        at = memmem(frame->text, frame->length, "seq=", 4);
        if (!at || frame->text + frame->length - at < 12) return -1;
        usual = at - frame->text;
    }
    int64_t number = 0;
    for (int digit = 4; digit < 12; digit++) number = number * 10 + (at[digit] - '0');
    return number;
}

static inline void on_frame(struct subscriber *one, const struct frame *frame, int64_t now)
{
    if (frame->opcode == TEXT) {
        if (one->state >= LEAVING) return;
        int64_t sequence = sequence_in(frame);
        if (sequence < 0) on_protocol(one, frame);
        else if (options.pusher && !one->acknowledged) order_errors++; /* not subscribed yet */
        else checker_delivered(&one->course, sequence, now);
    } else if (frame->opcode == PING) {
        pings++;
        frame_send(one->fd, PONG, frame->text, frame->length);
    } else if (frame->opcode == CLOSE && frame->length >= 2 && one->state != LEAVING) {
        close_code = frame->text[0] << 8 | frame->text[1];
    }
}

/* Handles what is complete in `data`; returns how much that was. */
static size_t digest(struct subscriber *one, const uint8_t *data, size_t size, int64_t now)
{
    size_t done = 0, length;
    struct frame frame;
    if (one->state == UPGRADING) {
        done = upgrade_answer(data, size);
        if (!done) return 0;
        one->state = WELCOMING;
        if (!options.pusher) subscriber_ready(one);
    }
    while ((length = frame_in(data + done, size - done, &frame))) {
        on_frame(one, &frame, now);
        done += length;
    }
    return done;
}

static void keep(struct subscriber *one, const uint8_t *data, size_t size)
{
    if (size > one->rest_room) {
        one->rest_room = size;
        one->rest = realloc(one->rest, size);
    }
    memcpy(one->rest, data, size);
    one->rest_length = size;
}

/* Reads until nothing is left; false when the connection has ended. */
static bool subscriber_read(struct subscriber *one, bool to_the_end)
{
    for (;;) {
        size_t before = one->rest_length;
        if (before) memcpy(inbox, one->rest, before);
        ssize_t got = recv(one->fd, inbox + before, READ_SIZE, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
        if (got <= 0) return false;
        reads++;
        size_t size = before + got, done = digest(one, inbox, size, now_ns());
        one->rest_length = 0;
        if (done < size) keep(one, inbox + done, size - done);
        if (got < READ_SIZE && !to_the_end) return true;
        if (one->rest_length > sizeof inbox - READ_SIZE) die("a frame is too long");
    }
}

static void subscriber_event(struct subscriber *one, uint32_t events)
{
    static char upgrade[1024];
    static size_t length;
    if (one->state == UPGRADING && !one->asked && events & EPOLLOUT) {
        if (!length) length = upgrade_request(upgrade, sizeof upgrade);
        if (send(one->fd, upgrade, length, MSG_NOSIGNAL) != (ssize_t)length)
            die("sending the upgrade: %s", strerror(errno));
        one->asked = true;
    }
    bool ending = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    if (one->state == READY && one->stalled) {
        if (ending) subscriber_ended(one);
        return;
    }
    if (!(events & EPOLLIN) && !ending) return;
    if (!subscriber_read(one, ending)) subscriber_ended(one);
    else if (one->leave && one->state == READY &&
             checker_complete(&one->course, one->course.until))
        subscriber_leave(one);
}

/* At the end of a run: reads from the stalled ones to see whether the server has closed them. */
static void stalled_look(void)
{
    for (int at = 0; at < options.connections; at++) {
        struct subscriber *one = &subscribers[at];
        if (!one->stalled || one->state != READY) continue;
        int64_t deadline = now_ns() + 2000000000LL;
        bool open = true;
        one->state = DRAINED;
        while ((open = subscriber_read(one, true)) && now_ns() < deadline) usleep(1000);
        if (!open) subscriber_ended(one);
    }
}
