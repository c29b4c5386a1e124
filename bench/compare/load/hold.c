/* What an idle connection costs the server's process: it grew by so much for each, from when the first were open to when all were. */
#include "load.h"

/* Not counted: what the server compiles and allocates once, however many come, and what its garbage collector keeps at hand. In steps, because a
 * runtime that compiles hot methods again does so between bursts of calls; with ten frames each, so that the receive buffers
 * that all connections share have been filled before. */
enum { STEP = 1000, STEPS = 7, FRAMES = 10 };

/* A frame on each, a hundred at a time. */
static void echo_some(const struct options *o, const int *fds, uint32_t count, uint32_t serial)
{
    for (uint32_t i = 0; i < count; i += 100)
        echo_once(o, fds, i, count - i < 100 ? count - i : 100, serial);
}

void run_hold(const struct options *o, struct result *r)
{
    uint32_t step = o->connections > 2 * STEPS * STEP ? STEP : o->connections / (2 * STEPS);
    int *some[STEPS];
    for (int i = 0; i < STEPS; i++) {
        some[i] = open_connections(o, step);
        for (uint32_t serial = 1; serial < FRAMES; serial++)
            echo_some(o, some[i], step, serial);
        sleep(1);
    }
    settled_rss(o->server);     /* the first collection touches the collector itself */
    uint64_t before = settled_rss(o->server);

    uint64_t begin = now_ns(), cpu = cpu_ns(o->server), own = cpu_ns(0);
    uint32_t rest = o->connections - STEPS * step;
    int *fds = open_connections(o, rest);
    r->seconds = (double)(now_ns() - begin) / 1e9;
    r->frames = rest;
    r->server_cpu = cpu_ns(o->server) - cpu;
    r->load_cpu = cpu_ns(0) - own;
    r->rss = settled_rss(o->server);
    r->idle_bytes = ((double)r->rss - (double)before) / rest;

    /* They are all still there. */
    for (int n = 0; n < STEPS; n++)
        echo_some(o, some[n], step, FRAMES);
    echo_some(o, fds, rest, 1);
}
