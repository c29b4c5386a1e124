/* N connections, one frame a second on each, evenly spread over the second: many clients of which few talk at a time. */
#include "load.h"
#include <fcntl.h>

enum { EVENTS = 512, PATIENCE_S = 10 };
static const uint64_t second_ns = 1000000000;

struct connection {
    int fd;
    uint32_t index, serial;
    uint32_t received;      /* bytes of the frame that is to come back */
    bool under_way;
    uint64_t due;           /* when it was to be sent: if this process was late, that counts */
    uint8_t *in;
};

static const struct options *o;
static size_t frame_length;
static int poller;
static struct connection *all;
static uint32_t turn;
static uint64_t frames;

static void receive(struct connection *c)
{
    ssize_t read = recv(c->fd, c->in + c->received, frame_length - c->received, 0);
    if (read < 0 && errno == EAGAIN)
        return;
    if (read <= 0)
        FAIL("connection %u: the server closed it (%s)", c->index, read < 0 ? strerror(errno) : "end");
    c->received += (uint32_t)read;
    if (c->received < frame_length)
        return;
    if (!c->under_way || !frame_is(c->in, c->index, c->serial, o->payload))
        FAIL("connection %u, frame %u: other bytes came back", c->index, c->serial);
    histogram_add(now_ns() - c->due);
    c->under_way = false;
    c->received = 0;
    frames++;
}

static void send_frame(struct connection *c, uint64_t due)
{
    if (c->under_way)
        receive(c);     /* it may be here: this process was late */
    if (c->under_way)
        FAIL("connection %u: its frame did not come back within a second", c->index);
    uint8_t frame[HEAD + MAX_PAYLOAD];
    frame_write(frame, c->index, ++c->serial, o->payload);
    c->under_way = true;
    c->due = due;
    ssize_t sent = send(c->fd, frame, frame_length, MSG_NOSIGNAL);
    if (sent != (ssize_t)frame_length)
        FAIL("connection %u: send: %zd bytes (%s)", c->index, sent, strerror(errno));
}

static void receive_some(void)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(poller, events, EVENTS, 1);
    for (int i = 0; i < count; i++)
        receive(events[i].data.ptr);
}

static void go_on(double seconds)
{
    uint64_t begin = now_ns(), sent = 0;
    for (uint64_t passed = 0; passed < (uint64_t)(seconds * 1e9); passed = now_ns() - begin) {
        for (; sent * second_ns < passed * o->connections; sent++)
            send_frame(&all[turn++ % o->connections], begin + sent * second_ns / o->connections);
        receive_some();
    }
}

void run_pace(const struct options *options, struct result *r)
{
    o = options;
    frame_length = HEAD + o->payload;
    poller = epoll_create1(EPOLL_CLOEXEC);
    int *fds = open_connections(o, o->connections);
    all = calloc(o->connections, sizeof *all);
    for (uint32_t i = 0; i < o->connections; i++) {
        all[i] = (struct connection){ .fd = fds[i], .index = i, .in = malloc(frame_length) };
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
        watch(poller, EPOLL_CTL_ADD, fds[i], EPOLLIN, &all[i]);
    }

    go_on(o->warmup);
    histogram_clear();
    uint64_t begin = now_ns(), frames_before = frames, server = cpu_ns(o->server), own = cpu_ns(0);
    go_on(o->seconds);
    r->seconds = (double)(now_ns() - begin) / 1e9;
    r->frames = frames - frames_before;
    r->server_cpu = cpu_ns(o->server) - server;
    r->load_cpu = cpu_ns(0) - own;
    r->rss = rss_bytes(o->server);

    uint64_t end = now_ns() + PATIENCE_S * second_ns;
    for (uint32_t i = 0; i < o->connections; i++)
        while (all[i].under_way) {
            if (now_ns() > end)
                FAIL("connection %u: its last frame did not come back", i);
            receive_some();
        }
}
