/* Connect, one frame there and back, close by reset, and again: `connections` of these at a time. */
#include "load.h"

enum { EVENTS = 256, PATIENCE_S = 10 };

struct visit {
    int fd;
    uint32_t index, received;
    bool connected;
    uint64_t begun;
    uint8_t reply[HEAD + MAX_PAYLOAD];
};

static const struct options *o;
static int poller;
static uint32_t visits;
static uint64_t done;

static void connected(struct visit *v)
{
    uint8_t frame[HEAD + MAX_PAYLOAD];
    size_t length = frame_write(frame, v->index, 0, o->payload);
    if (send(v->fd, frame, length, MSG_NOSIGNAL) != (ssize_t)length)
        FAIL("visit %u: connect or send: %s", v->index, strerror(errno));
    v->connected = true;
}

static void begin(struct visit *v)
{
    v->index = visits++;
    v->received = 0;
    v->connected = false;
    v->begun = now_ns();
    v->fd = open_socket(v->index, SOCK_NONBLOCK);
    if (connect_to(v->fd, o->port) == 0)
        connected(v);
    else if (errno != EINPROGRESS)
        FAIL("visit %u: connect: %s", v->index, strerror(errno));
    watch(poller, EPOLL_CTL_ADD, v->fd, v->connected ? EPOLLIN : EPOLLOUT, v);
}

static void go_on_with(struct visit *v)
{
    if (!v->connected) {
        connected(v);
        watch(poller, EPOLL_CTL_MOD, v->fd, EPOLLIN, v);
        return;
    }
    size_t length = HEAD + o->payload;
    ssize_t read = recv(v->fd, v->reply + v->received, length - v->received, 0);
    if (read < 0 && errno == EAGAIN)
        return;
    if (read <= 0)
        FAIL("visit %u: no answer (%s)", v->index, read < 0 ? strerror(errno) : "end");
    v->received += (uint32_t)read;
    if (v->received == length) {
        if (!frame_is(v->reply, v->index, 0, o->payload))
            FAIL("visit %u: other bytes came back", v->index);
        histogram_add(now_ns() - v->begun);
        done++;
        close_by_reset(v->fd);
        begin(v);
    }
}

static void go_on(double seconds)
{
    struct epoll_event events[EVENTS];
    uint64_t now = now_ns(), until = now + (uint64_t)(seconds * 1e9), progress = now, seen = done;
    for (; now < until; now = now_ns()) {
        if (done != seen)
            seen = done, progress = now;
        else if (now - progress > PATIENCE_S * 1000000000ull)
            FAIL("no visit ended for %d s", PATIENCE_S);
        int count = epoll_wait(poller, events, EVENTS, 50);
        for (int i = 0; i < count; i++)
            go_on_with(events[i].data.ptr);
    }
}

void run_churn(const struct options *options, struct result *r)
{
    o = options;
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct visit *all = calloc(o->connections, sizeof *all);
    for (uint32_t i = 0; i < o->connections; i++)
        begin(&all[i]);
    go_on(o->warmup);
    histogram_clear();
    uint64_t begun = now_ns(), before = done, server = cpu_ns(o->server), own = cpu_ns(0);
    go_on(o->seconds);
    r->seconds = (double)(now_ns() - begun) / 1e9;
    r->frames = done - before;
    r->server_cpu = cpu_ns(o->server) - server;
    r->load_cpu = cpu_ns(0) - own;
    r->rss = rss_bytes(o->server);
}
