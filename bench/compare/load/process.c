/* Clocks, and what the server uses. */
#include "load.h"
#include <signal.h>
#include <time.h>

static uint64_t read_clock(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) < 0)
        FAIL("clock: %s", strerror(errno));
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t now_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Of all threads, ended ones included, to the nanosecond: the scheduler's own account, which /proc/PID/stat rounds to ticks. 0: this process. */
uint64_t cpu_ns(pid_t pid)
{
    clockid_t clock;
    int error = clock_getcpuclockid(pid, &clock);
    if (error)
        FAIL("the server's clock: %s", strerror(error));
    return read_clock(clock);
}

/* From smaps_rollup, which counts pages now; statm lags by what each processor has not yet added up. */
uint64_t rss_bytes(pid_t pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "r");
    unsigned long long kb = 0;
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file))
        found = sscanf(line, "Rss: %llu kB", &kb) == 1;
    if (!found)
        FAIL("the server's memory cannot be read");
    fclose(file);
    return kb * 1024;
}

/* Has the server collect its garbage, and waits until its memory no longer changes, 6 s at most. */
uint64_t settled_rss(pid_t server)
{
    if (kill(server, SIGUSR1) < 0)
        FAIL("the server has ended");
    sleep(1);
    uint64_t before, rss = rss_bytes(server);
    for (int i = 0; i < 10; i++) {
        usleep(500 * 1000);
        before = rss;
        rss = rss_bytes(server);
        if (rss > before ? rss - before < 65536 : before - rss < 65536)
            break;
    }
    return rss;
}
