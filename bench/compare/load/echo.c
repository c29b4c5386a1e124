/* N connections, D frames under way on each: whatever comes back is checked, counted, and followed by as many new frames in one send. */
#include "load.h"
#include <fcntl.h>

enum { READ = 65536, EVENTS = 512, PATIENCE_S = 10 };

/* Serial s has the slot s mod depth, and is followed there by s + depth when it has come back. */
struct slot {
    uint64_t sent;
    uint32_t serial;
};

struct connection {
    int fd;
    uint32_t index, next;   /* the serial that is due, where order is asked for */
    uint32_t carried;       /* bytes of a frame that a read cut off */
    uint32_t start, end;    /* bytes that wait for room in the socket */
    uint32_t under_way;
    uint8_t *carry, *out;
    struct slot *slots;
};

static const struct options *o;
static size_t frame_length;
static int poller;
static bool stopping;
static uint64_t frames;
static uint8_t in[READ + HEAD + MAX_PAYLOAD];
static uint8_t *batch;

static void send_out(struct connection *c, const uint8_t *bytes, size_t length)
{
    if (c->out) {               /* others wait already: line up */
        memmove(c->out, c->out + c->start, c->end - c->start);
        c->end -= c->start;
        c->start = 0;
        memcpy(c->out + c->end, bytes, length);
        c->end += (uint32_t)length;
        return;
    }
    ssize_t sent = send(c->fd, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        FAIL("connection %u: send: %s", c->index, strerror(errno));
    if (sent < 0)
        sent = 0;
    if ((size_t)sent < length) {
        c->out = malloc(o->depth * frame_length);       /* never more is under way */
        memcpy(c->out, bytes + sent, length - (size_t)sent);
        c->start = 0;
        c->end = (uint32_t)(length - (size_t)sent);
        watch(poller, EPOLL_CTL_MOD, c->fd, EPOLLIN | EPOLLOUT, c);
    }
}

static void flush(struct connection *c)
{
    ssize_t sent = send(c->fd, c->out + c->start, c->end - c->start, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        FAIL("connection %u: send: %s", c->index, strerror(errno));
    c->start += sent > 0 ? (uint32_t)sent : 0;
    if (c->start == c->end) {
        free(c->out);
        c->out = NULL;
        watch(poller, EPOLL_CTL_MOD, c->fd, EPOLLIN, c);
    }
}

static void receive(struct connection *c)
{
    memcpy(in, c->carry, c->carried);
    ssize_t read = recv(c->fd, in + c->carried, READ, 0);
    if (read < 0 && errno == EAGAIN)
        return;
    if (read <= 0)
        FAIL("connection %u: the server closed it (%s)", c->index, read < 0 ? strerror(errno) : "end");
    uint64_t now = now_ns();
    size_t length = c->carried + (size_t)read, offset = 0, new_bytes = 0;
    for (; length - offset >= frame_length; offset += frame_length) {
        uint32_t serial = frame_serial(in + offset);
        struct slot *slot = &c->slots[serial % o->depth];
        if (slot->serial != serial || (!o->any_order && serial != c->next) || !frame_is(in + offset, c->index, serial, o->payload))
            FAIL("connection %u, frame %u: other bytes came back", c->index, c->next);
        c->next++;
        c->under_way--;
        frames++;
        histogram_add(now - slot->sent);
        if (!stopping) {
            slot->serial = serial + o->depth;
            slot->sent = now;
            c->under_way++;
            new_bytes += frame_write(batch + new_bytes, c->index, slot->serial, o->payload);
        } else {
            slot->serial = UINT32_MAX;      /* nothing more may come for it */
        }
    }
    c->carried = (uint32_t)(length - offset);
    memcpy(c->carry, in + offset, c->carried);
    if (new_bytes)
        send_out(c, batch, new_bytes);
}

/* Until the time is over; or, when stopping, until all has come back. */
static void go_on(uint64_t until, struct connection *all)
{
    struct epoll_event events[EVENTS];
    uint64_t progress = now_ns(), seen = frames;
    for (uint64_t now; (now = now_ns()) < until || stopping;) {
        if (frames != seen)
            seen = frames, progress = now;
        else if (now - progress > PATIENCE_S * 1000000000ull)
            FAIL("nothing came back for %d s", PATIENCE_S);
        int count = epoll_wait(poller, events, EVENTS, 50);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (c->out && events[i].events & EPOLLOUT)
                flush(c);
            if (events[i].events & ~(uint32_t)EPOLLOUT)
                receive(c);
        }
        if (stopping && count <= 0) {
            uint32_t left = 0;
            for (uint32_t i = 0; i < o->connections; i++)
                left += all[i].under_way;
            if (left == 0)
                return;
        }
    }
}

static uint64_t in_seconds(double seconds) { return now_ns() + (uint64_t)(seconds * 1e9); }

void run_echo(const struct options *options, struct result *r)
{
    o = options;
    frame_length = HEAD + o->payload;
    poller = epoll_create1(EPOLL_CLOEXEC);
    batch = malloc((READ / frame_length + 2 + o->depth) * frame_length);
    int *fds = open_connections(o, o->connections);
    struct connection *all = calloc(o->connections, sizeof *all);
    for (uint32_t i = 0; i < o->connections; i++) {
        struct connection *c = &all[i];
        *c = (struct connection){ .fd = fds[i], .index = i, .next = 1, .under_way = o->depth,
            .carry = malloc(frame_length), .slots = calloc(o->depth, sizeof *c->slots) };
        fcntl(c->fd, F_SETFL, O_NONBLOCK);
        watch(poller, EPOLL_CTL_ADD, c->fd, EPOLLIN, c);
    }
    for (uint32_t i = 0; i < o->connections; i++) {
        uint64_t now = now_ns();
        size_t length = 0;
        for (uint32_t s = 1; s <= o->depth; s++) {
            all[i].slots[s % o->depth] = (struct slot){ .sent = now, .serial = s };
            length += frame_write(batch + length, i, s, o->payload);
        }
        send_out(&all[i], batch, length);
    }

    go_on(in_seconds(o->warmup), all);
    histogram_clear();
    uint64_t begin = now_ns(), frames_before = frames, server = cpu_ns(o->server), own = cpu_ns(0);
    go_on(in_seconds(o->seconds), all);
    r->seconds = (double)(now_ns() - begin) / 1e9;
    r->frames = frames - frames_before;
    r->server_cpu = cpu_ns(o->server) - server;
    r->load_cpu = cpu_ns(0) - own;
    r->rss = rss_bytes(o->server);

    stopping = true;
    go_on(0, all);
}
