/* Who got what, in which order, and how long it took.

   Publications are numbered 0, 1, 2, ... as they are written (their *index*). Each has a *place*
   in the order of delivery. With one HTTP connection the place is the index: the server had no
   choice. With several, publications in flight together may be taken in any order, so the place
   is the one at which the first subscriber got it (`overtaken` counts those that differ from the
   index), and every other subscriber must get the same order.

   A subscriber must get consecutive places: a step other than +1 is an order error, and is also
   counted as lost (the places jumped over) or duplicated (a place it is already past). So two
   messages swapped count as one lost and one duplicated.

   Where it must start: with `from`, the number of publications written when its subscription had
   been acknowledged; anything before that is a bonus, but must be consecutive as well. Where it
   may end: when it is told to leave, `until` is the number of publications written by then, and
   it stays until it has got all below that. So nothing that was published while a connection was
   subscribed for the whole time may be missing, whatever comes and goes around it. */
#pragma once
#include "base.h"
#include "histogram.h"

struct course {
    int64_t next, from, until;
    bool started;
};

static struct record {
    int64_t index, place, sent;
    int missing; /* deliveries still to come */
} *records; /* by the sequence number in the payload; the request file is used round and round */
static int64_t record_count;

static bool strict; /* one HTTP connection */
static int64_t published, placed, in_flight, delivered, order_errors, lost, duplicated, overtaken;
static struct histogram delivery_times;

static void checker_start(int64_t requests, bool one_publisher)
{
    records = allocate(requests, sizeof *records);
    record_count = requests;
    for (int64_t at = 0; at < requests; at++) records[at].index = -1;
    strict = one_publisher;
}

/* Returns the sequence number of the next publication. */
static inline int64_t checker_peek(void) { return published % record_count; }

static void checker_published(int64_t sent, int expected)
{
    struct record *one = &records[checker_peek()];
    *one = (struct record){.index = published, .place = -1, .sent = sent, .missing = expected};
    published++;
    in_flight += expected > 0;
}

static inline void checker_delivered(struct course *course, int64_t sequence, int64_t now)
{
    if (sequence < 0 || sequence >= record_count || records[sequence].index < 0) {
        order_errors++;
        return;
    }
    struct record *one = &records[sequence];
    if (one->place < 0) {
        one->place = strict ? one->index : placed;
        overtaken += placed++ != one->index;
    }
    if (!course->started) {
        course->started = true;
        course->next = one->place <= course->from ? one->place : course->from;
    }
    if (one->place != course->next) {
        order_errors++;
        if (one->place < course->next) {
            duplicated++;
            return;
        }
        lost += one->place - course->next;
    }
    course->next = one->place + 1;
    delivered++;
    histogram_add(&delivery_times, now - one->sent);
    if (--one->missing == 0) in_flight--;
}

static inline bool checker_complete(const struct course *course, int64_t until)
{
    return until <= course->from || (course->started && course->next >= until);
}

/* Counts what a subscriber should have got below `until` and has not. */
static void checker_missed(const struct course *course, int64_t until)
{
    int64_t next = course->started ? course->next : course->from;
    if (next < until) lost += until - next;
}
