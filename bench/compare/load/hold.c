/* What an idle connection costs the server's process: it grew by so much when N were opened and had been served a frame each. */
#include "load.h"

enum { REHEARSAL = 500 };

void run_hold(const struct options *o, struct result *r)
{
    /* First some that go again: what the server compiles and allocates once, for however many connections, is not counted. */
    int *fds = open_connections(o, REHEARSAL);
    for (int i = 0; i < REHEARSAL; i++)
        close_by_reset(fds[i]);
    free(fds);
    sleep(1);
    uint64_t before = settled_rss(o->server);

    uint64_t begin = now_ns(), cpu = cpu_ns(o->server), own = cpu_ns(0);
    fds = open_connections(o, o->connections);
    r->seconds = (double)(now_ns() - begin) / 1e9;
    r->frames = o->connections;
    r->server_cpu = cpu_ns(o->server) - cpu;
    r->load_cpu = cpu_ns(0) - own;
    r->rss = settled_rss(o->server);
    r->idle_bytes = ((double)r->rss - (double)before) / o->connections;

    /* They are all still there. */
    for (uint32_t i = 0; i < o->connections; i += 100)
        echo_once(o, fds, i, o->connections - i < 100 ? o->connections - i : 100, 1);
}
