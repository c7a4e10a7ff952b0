/* What is measured between `measure` and `measured`, and the report. */
#pragma once
#include "base.h"
#include "checker.h"
#include "publisher.h"
#include "subscriber.h"
#include <sys/resource.h>

/* CPU seconds, then shares of one core: of the load client, and of the server (--pid). */
struct cpu {
    double client, server;
};

static int64_t started;
static double opened_in, measured_for;
static struct cpu cpu_before, opening_cpu, cpu;
static int64_t measured_published, measured_delivered, measured_reads;
static bool timed_out;

static double server_cpu(void)
{
    char path[64], line[1024] = "";
    long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", options.pid);
    FILE *file = options.pid ? fopen(path, "r") : NULL;
    if (!file) return 0;
    char *after_name = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    if (after_name) sscanf(after_name + 2, "%*c" "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %ld",
                           &user, &system);
    return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

static struct cpu cpu_now(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double client = used.ru_utime.tv_sec + used.ru_stime.tv_sec +
                    (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    return (struct cpu){client, server_cpu()};
}

static struct cpu shares(struct cpu before, double seconds)
{
    struct cpu after = cpu_now();
    return (struct cpu){(after.client - before.client) / seconds,
                        (after.server - before.server) / seconds};
}

/* From here on; what came before was the warm-up. */
static void measure(void)
{
    memset(&delivery_times, 0, sizeof delivery_times);
    memset(&answer_times, 0, sizeof answer_times);
    measured_published = published;
    measured_delivered = delivered;
    measured_reads = reads;
    cpu_before = cpu_now();
    started = now_ns();
}

static void measured(void)
{
    measured_for = (now_ns() - started) / 1e9;
    cpu = shares(cpu_before, measured_for);
    measured_published = published - measured_published;
    measured_delivered = delivered - measured_delivered;
    measured_reads = reads - measured_reads;
}

static int report(void)
{
    const struct histogram *times = !strcmp(options.mode, "http") ? &answer_times : &delivery_times;
    double seconds = measured_for > 0 ? measured_for : 1;
    if (!measured_for) cpu = opening_cpu;
    printf("{\"mode\": \"%s\", \"connections\": %d, \"channels\": %d, \"window\": %d, ",
           options.mode, options.connections, options.channels, options.window);
    printf("\"seconds\": %.3f, \"connections_per_second\": %.0f, ", measured_for,
           opened_in > 0 ? options.connections / opened_in : 0);
    printf("\"published\": %ld, \"delivered\": %ld, \"answers\": %ld, ", published, delivered,
           answers);
    printf("\"requests_per_second\": %.1f, \"deliveries_per_second\": %.0f, ",
           measured_published / seconds, measured_delivered / seconds);
    printf("\"deliveries_per_read\": %.2f, ",
           measured_reads ? (double)measured_delivered / measured_reads : 0);
    printf("\"p50_ms\": %.3f, \"p95_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, ",
           histogram_ms(times, 0.5), histogram_ms(times, 0.95), histogram_ms(times, 0.99),
           times->longest / 1e6);
    printf("\"order_errors\": %ld, \"overtaken\": %ld, \"lost\": %ld, \"duplicated\": %ld, ",
           order_errors, overtaken, lost, duplicated);
    printf("\"dropped\": %ld, \"close_code\": %d, \"bad_answers\": %ld, \"left\": %ld, ", dropped,
           close_code, bad_answers, leavers);
    printf("\"stalled\": %d, \"stalled_closed\": %ld, \"pings\": %ld, \"timed_out\": %s, ",
           options.stalled, stalled_closed, pings, timed_out ? "true" : "false");
    printf("\"client_cpu\": %.3f, \"server_cpu\": %.3f}\n", cpu.client, cpu.server);
    return order_errors || lost || duplicated || dropped || bad_answers || timed_out;
}
