/* kernel/lib/log.c: levels, lines, sinks and the ring. */
#include <cairn/errno.h>
#include <stdio.h>

#include "tap.h"

#include "lib/log.h"

static char all[65536];
static char urgent[65536];

static void sink_all(const char *s, size_t nbytes)
{
    strncat(all, s, nbytes);
}

static void sink_urgent(const char *s, size_t nbytes)
{
    strncat(urgent, s, nbytes);
}

static char text[2 * LOG_RING_BYTES];

/* Reads the ring from `position` on, in pieces of `piece` bytes. */
static uint64_t read_all(uint64_t position, size_t piece)
{
    size_t n = 0;
    size_t got;

    while ((got = log_read(&position, text + n, piece)) > 0)
        n += got;
    text[n] = '\0';
    return position;
}

static void test_lines(void)
{
    klog(LOG_INFO, "one %d", 1);
    klog(LOG_ERR, "two\n");
    klog(LOG_INFO, "three\nfour");
    klog(99, "clipped");
    klog(-1, "urgent");
    klog(LOG_INFO, "%s", "");
    klog(LOG_INFO, "nul%cbehind", 0);
    read_all(0, 7);
    CHECK(memcmp(text,
                 "<6>one 1\n<3>two\n<6>three\n<6>four\n<7>clipped\n<0>urgent\n"
                 "<6>\n<6>nul\0behind\n",
                 72) == 0);
}

static void test_replay(void)
{
    CHECK_EQ(log_add_sink(sink_urgent, LOG_ERR), 0);
    CHECK_STR(urgent, "two\nurgent\n");
    klog(LOG_WARNING, "not so urgent");
    klog(LOG_CRIT, "burning");
    CHECK_STR(urgent, "two\nurgent\nburning\n");
}

static void test_level(void)
{
    CHECK_EQ(log_add_sink(sink_all, LOG_DEBUG), 0);
    all[0] = '\0';
    log_set_level(LOG_WARNING);
    klog(LOG_NOTICE, "hidden");
    klog(LOG_WARNING, "shown");
    CHECK_STR(all, "shown\n");
    log_set_level(LOG_DEBUG);
    read_all(0, sizeof(text));
    CHECK(strstr(text + 72, "<5>hidden\n<4>shown\n") != NULL);
}

static void test_long(void)
{
    char big[1000];

    memset(big, 'x', sizeof(big) - 1);
    big[999] = '\0';
    all[0] = '\0';
    klog(LOG_INFO, "%s", big);
    CHECK_EQ(strlen(all), 513);
    CHECK_STR(all + 508, "x...\n");
    all[0] = '\0';
    klog(LOG_INFO, "%.512s", big);
    CHECK_EQ(strlen(all), 513);
    CHECK_STR(all + 508, "xxxx\n");
}

static void test_ring(void)
{
    uint64_t old = read_all(0, sizeof(text));
    uint64_t end;
    char last[32] = "";

    for (int i = 0; i < 5000; i++) {
        klog(LOG_INFO, "line %d of many", i);
        all[0] = '\0';
        urgent[0] = '\0';
    }
    end = read_all(old, 100);
    CHECK(end > old + 2 * LOG_RING_BYTES);
    CHECK(strlen(text) <= LOG_RING_BYTES);
    CHECK(strlen(text) > LOG_RING_BYTES - 64);
    CHECK(strncmp(text, "<6>line ", 8) == 0);
    snprintf(last, sizeof(last), "<6>line %d of many\n", 4999);
    CHECK_STR(text + strlen(text) - strlen(last), last);
    CHECK_EQ(read_all(end, 10), end);
    CHECK_STR(text, "");
    klog(LOG_INFO, "more");
    read_all(end, 3);
    CHECK_STR(text, "<6>more\n");
}

static char replayed[65536];

static void sink_replayed(const char *s, size_t nbytes)
{
    strncat(replayed, s, nbytes);
}

/* A sink that comes late gets whole lines only, however the ring is cut. */
static void test_late_sink(void)
{
    CHECK_EQ(log_add_sink(sink_replayed, LOG_DEBUG), 0);
    CHECK(strncmp(replayed, "line ", 5) == 0);
    CHECK(strstr(replayed, "\nline 4999 of many\nmore\n") != NULL);
    CHECK(strchr(replayed, '<') == NULL);
}

static void test_too_many(void)
{
    CHECK_EQ(log_add_sink(sink_all, 0), 0);
    CHECK_EQ(log_add_sink(sink_all, 0), -ENOSPC);
}

int main(void)
{
    tap_run("lines get their level and newline", test_lines);
    tap_run("a new sink gets what was logged before", test_replay);
    tap_run("a level bounds all sinks, not the ring", test_level);
    tap_run("long messages are cut", test_long);
    tap_run("the ring keeps the last 16 KiB", test_ring);
    tap_run("a late sink gets whole lines", test_late_sink);
    tap_run("a fifth sink is refused", test_too_many);
    return tap_done();
}
