/* The load client: opens many WebSocket connections, publishes over HTTP, and measures.

   gcc -O2 -o build/load load.c && build/load MODE --port P [options]; one JSON object on stdout.
   See README.md for the modes. Exit status: 0 measured, 1 something was lost, out of order, slow
   beyond the time-out or dropped, 2 could not measure. */
#define _GNU_SOURCE
#include "load/base.h"
#include "load/histogram.h"
#include "load/checker.h"
#include "load/websocket.h"
#include "load/presence.h"
#include "load/subscriber.h"
#include "load/publisher.h"
#include "load/measure.h"
#include <getopt.h>
#include <sys/resource.h>

enum { PATIENCE = 10 }; /* seconds without any progress */

static bool input_ended;
static enum kind input = INPUT;

/* One turn of the loop: waits at most so long, and handles what has come. */
static void turn(int64_t wait)
{
    struct epoll_event events[256];
    struct timespec time = {.tv_sec = wait / SECOND, .tv_nsec = wait % SECOND};
    int count = epoll_pwait2(poller, events, 256, wait > 0 ? &time : &(struct timespec){0}, NULL);
    for (int at = 0; at < count; at++) {
        enum kind *who = events[at].data.ptr;
        char ignored[256];
        if (*who == SUBSCRIBER) subscriber_event((void *)who, events[at].events);
        else if (*who == PUBLISHER) publisher_event((void *)who);
        else input_ended = read(0, ignored, sizeof ignored) <= 0;
    }
    subscribers_advance();
}

static void open_all(void)
{
    int64_t begun = now_ns(), progress = begun;
    struct cpu before_opening = cpu_now();
    subscribers_start();
    subscribers_advance();
    for (int before = 0; ready + stalled_ready < options.connections;) {
        turn(SECOND);
        if (ready + stalled_ready > before) progress = now_ns();
        before = ready + stalled_ready;
        if (now_ns() - progress > PATIENCE * SECOND)
            die("only %d of %d connections got ready", before, options.connections);
    }
    opened_in = (now_ns() - begun) / 1e9;
    opening_cpu = shares(before_opening, opened_in);
}

/* Waits until `done()`, at most PATIENCE seconds after the last delivery or answer. */
static void settle(bool (*done)(void))
{
    int64_t progress = now_ns();
    for (int64_t before = 0; !done();) {
        turn(SECOND / 100);
        if (delivered + answers + ready != before) progress = now_ns();
        before = delivered + answers + ready;
        if (now_ns() - progress > PATIENCE * SECOND) {
            timed_out = true;
            return;
        }
    }
}

static bool nothing_in_flight(void) { return in_flight == 0 || dropped; }

/* Closed loop: --window publications in flight, each finished when every subscriber has got it. */
static void run_window(void)
{
    int64_t warm = now_ns() + options.warmup * SECOND, end = warm + options.seconds * SECOND;
    int64_t progress = now_ns(), before = delivered;
    for (started = 0; now_ns() < end && !dropped; turn(SECOND / 10)) {
        if (!started && now_ns() >= warm) measure();
        while (in_flight < options.window && publish(0, ready)) {}
        if (delivered > before) progress = now_ns();
        before = delivered;
        if (now_ns() - progress > PATIENCE * SECOND) break;
    }
    if (!started) measure();
    measured();
    settle(nothing_in_flight);
}

/* Open loop: one publication every 1/--rate seconds, whatever the server does. */
static void run_rate(void (*every_turn)(double), int expected)
{
    measure();
    double passed = 0;
    int64_t number = 0;
    while ((passed = (now_ns() - started) / 1e9) < options.seconds && !dropped) {
        int64_t due = started + number / options.rate * SECOND;
        while (due <= now_ns() && publish(due, expected))
            due = started + ++number / options.rate * SECOND;
        if (every_turn) every_turn(passed);
        int64_t wait = due - now_ns(); /* a late one waits for an answer, not for the time */
        turn(wait <= 0 || wait > SECOND / 100 ? SECOND / 100 : wait);
    }
    measured();
}

/* Requests only: each connection sends its next one when the last has been answered. */
static void run_http(void)
{
    int64_t warm = now_ns() + options.warmup * SECOND, end = warm + options.seconds * SECOND;
    for (started = 0; now_ns() < end; turn(SECOND / 10)) {
        if (!started && now_ns() >= warm) measure();
        for (int at = 0; at < options.http; at++) publish_on(&publishers[at], 0, 0);
    }
    if (!started) measure();
    measured();
}

/* Churn: so many percent of the connections, picked by chance, leave and come again per second. */
static void churn(double passed)
{
    static int64_t told;
    static uint64_t chance = 88172645463325252ULL;
    int64_t due = passed * options.churn / 100 * options.connections;
    for (int tries = 0; told < due && tries < 1000; tries++) {
        chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
        struct subscriber *one = &subscribers[chance % options.connections];
        if (one->state != READY || one->leave) continue;
        told++;
        one->leave = true;
        one->course.until = published;
        if (checker_complete(&one->course, published)) subscriber_leave(one);
    }
}

static bool all_back_and_complete(void)
{
    bool complete = ready == options.connections;
    for (int at = 0; complete && at < options.connections; at++)
        complete = checker_complete(&subscribers[at].course, published);
    return complete || dropped;
}

static void count_missed(void)
{
    for (int at = 0; at < options.connections; at++)
        if (!subscribers[at].stalled) checker_missed(&subscribers[at].course, published);
}

static void hold(void)
{
    fprintf(stderr, "ready\n");
    if (options.requests && options.seconds > 0) {
        run_rate(options.churn > 0 ? churn : NULL, 0);
        settle(all_back_and_complete);
        count_missed();
        fprintf(stderr, "settled\n");
    }
    watch(0, EPOLLIN, &input);
    while (!input_ended && !dropped) turn(SECOND);
}

static void read_options(int count, char **words)
{
    static const struct option names[] = {
        {"host", 1, 0, 'h'},     {"port", 1, 0, 'p'},       {"path", 1, 0, 'u'},
        {"pusher", 0, 0, 'P'},   {"presence", 1, 0, 'e'},   {"requests", 1, 0, 'f'},
        {"stalled", 1, 0, 'z'},  {"connections", 1, 0, 'n'}, {"channels", 1, 0, 'k'},
        {"window", 1, 0, 'w'},   {"http", 1, 0, 'm'},       {"concurrency", 1, 0, 'c'},
        {"seconds", 1, 0, 's'},  {"warmup", 1, 0, 'W'},     {"rate", 1, 0, 'r'},
        {"churn", 1, 0, 'x'},    {"pid", 1, 0, 'i'},        {0, 0, 0, 0},
    };
    for (int letter; (letter = getopt_long(count, words, "", names, NULL)) != -1;) {
        double number = optarg ? atof(optarg) : 0;
        switch (letter) {
        case 'h': options.host = optarg; break;
        case 'p': options.port = number; break;
        case 'u': options.path = optarg; break;
        case 'P': options.pusher = true; break;
        case 'e': options.presence = optarg; break;
        case 'f': options.requests = optarg; break;
        case 'z': options.stalled = number; break;
        case 'n': options.connections = number; break;
        case 'k': options.channels = number; break;
        case 'w': options.window = number; break;
        case 'm': options.http = number; break;
        case 'c': options.concurrency = number; break;
        case 's': options.seconds = number; break;
        case 'W': options.warmup = number; break;
        case 'r': options.rate = number; break;
        case 'x': options.churn = number; break;
        case 'i': options.pid = number; break;
        default: die("unknown option");
        }
    }
    if (optind != count - 1 || !options.port) die("usage: load MODE --port P [options]");
    options.mode = words[optind];
    if (!options.http) options.http = options.window;
}

int main(int count, char **words)
{
    read_options(count, words);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    bool http = !strcmp(options.mode, "http");
    if ((int64_t)files.rlim_max < options.connections + options.http + 16)
        die("%d connections need more open files than %ld (ulimit -Hn)", options.connections,
            (long)files.rlim_max);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (options.requests) checker_start(load_requests(options.requests), options.http == 1);
    if (!http) open_all();
    if (options.requests) publishers_open(options.http);
    else if (strcmp(options.mode, "accept") && strcmp(options.mode, "hold"))
        die("mode %s needs --requests", options.mode);

    if (http) run_http();
    else if (!strcmp(options.mode, "fanout") || !strcmp(options.mode, "stall")) run_window();
    else if (!strcmp(options.mode, "rate")) {
        run_rate(NULL, ready);
        settle(nothing_in_flight);
        count_missed();
    } else if (!strcmp(options.mode, "hold")) hold();
    else if (strcmp(options.mode, "accept")) die("unknown mode %s", options.mode);
    if (options.stalled) stalled_look();
    return report();
}
