/*
 * The limit to compare with: an echo of PACKET_HEAD frames on one edge-triggered epoll, in one thread, with as little as correctness
 * allows. Whole frames go back from the buffer they were read into, all frames of a read in one send; what is copied is the piece of a
 * frame that a read cut off, and what the socket would not take. Memory of an idle connection: its structure.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEAD = 12,
    MAX_PAYLOAD = 8192,
    READ = 65536,
    READS_IN_A_ROW = 16, /* then the others get a turn */
    EVENTS = 512,
};

struct connection {
    int fd;
    bool unsent;            /* frames wait for room in the socket; nothing is read meanwhile */
    bool ready;             /* on the list of those that had their turn and may have more to read */
    uint8_t *rest;          /* `kept` bytes: the frames that wait for room, then the piece of a frame that a read cut off */
    uint32_t kept;
    uint32_t start;         /* of the bytes that wait for room */
    uint32_t tail;          /* length of the piece behind them */
    struct connection *next;
};

static int poller;
static uint8_t buffer[READ];
static struct connection *ready;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint32_t u32(const uint8_t *at) { uint32_t value; memcpy(&value, at, 4); return value; }
static uint16_t u16(const uint8_t *at) { uint16_t value; memcpy(&value, at, 2); return value; }

/* Bytes of the whole frames at the beginning; -1: an illegal header. */
static ssize_t whole_frames(const uint8_t *bytes, size_t length)
{
    size_t offset = 0;
    while (length - offset >= HEAD) {
        int32_t total = (int32_t)u32(bytes + offset);
        uint32_t payload = u16(bytes + offset + 8);
        if (payload > MAX_PAYLOAD || total < (int32_t)payload)
            return -1;
        if (length - offset < HEAD + payload)
            break;
        offset += HEAD + payload;
    }
    return (ssize_t)offset;
}

/* Keeps bytes for later; nothing else is kept then. */
static void keep(struct connection *c, const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return;
    c->rest = malloc(length);
    if (!c->rest)
        die("malloc");
    memcpy(c->rest, bytes, length);
    c->kept = (uint32_t)length;
}

static void drop(struct connection *c)
{
    free(c->rest);
    c->rest = NULL;
    c->kept = c->start = c->tail = 0;
    c->unsent = false;
}

/* Sends what it can: the number of bytes taken, or -1 when the connection is broken. */
static ssize_t send_some(int fd, const uint8_t *bytes, size_t length)
{
    ssize_t sent;
    do
        sent = send(fd, bytes, length, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 && errno == EAGAIN ? 0 : sent;
}

/* Sends what waits for room. False: broken. When all has left, only the piece of a frame is kept. */
static bool flush(struct connection *c)
{
    uint32_t end = c->kept - c->tail;
    ssize_t sent = send_some(c->fd, c->rest + c->start, end - c->start);
    if (sent < 0)
        return false;
    c->start += (uint32_t)sent;
    if (c->start == end) {
        uint8_t *all = c->rest;
        uint32_t tail = c->tail;
        c->rest = NULL;
        drop(c);
        keep(c, all + end, tail);
        free(all);
    }
    return true;
}

/* Reads and echoes until there is nothing more to read, the peer takes no more, or the turn is over. False: it has ended.
 * `ended`: the peer has finished, and no event will say so again, so the reads go on to the end. */
static bool serve(struct connection *c, bool ended)
{
    for (int turn = 0; turn < READS_IN_A_ROW; turn++) {
        size_t kept = c->kept;
        if (kept) {
            memcpy(buffer, c->rest, kept);
            drop(c);
        }
        ssize_t read = recv(c->fd, buffer + kept, READ - kept, 0);
        if (read <= 0) {
            keep(c, buffer, kept);
            if (read < 0 && errno == EINTR)
                continue;
            return read < 0 && errno == EAGAIN;
        }

        size_t length = kept + (size_t)read;
        ssize_t whole = whole_frames(buffer, length);
        if (whole < 0)
            return false;
        ssize_t sent = whole ? send_some(c->fd, buffer, (size_t)whole) : 0;
        if (sent < 0)
            return false;
        keep(c, buffer + sent, length - (size_t)sent);
        if (sent < whole) {
            c->unsent = true;
            c->tail = (uint32_t)(length - (size_t)whole);
            return true;        /* goes on when there is room: the event comes, for the socket was full just now */
        }
        if (!ended && (size_t)read < READ - kept)
            return true;        /* the socket is empty: the next byte, or the end, makes a new event */
    }

    if (!c->ready) {
        c->ready = true;
        c->next = ready;
        ready = c;
    }
    return true;
}

static void run(struct connection *c, uint32_t events)
{
    const uint32_t end = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if (!c->unsent && !(events & (EPOLLIN | end)))
        return;                 /* there is room, which nobody waits for: so after each accept */
    bool alive = !c->unsent || flush(c);
    if (alive && !c->unsent)    /* whatever the event: what came while frames waited for room was not read */
        alive = serve(c, events & end);
    if (!alive) {
        close(c->fd);
        c->fd = -1;
        drop(c);
        if (!c->ready)          /* otherwise the list still holds it */
            free(c);
    }
}

static void accept_all(int listener)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN)
                return;
            if (errno == ECONNABORTED || errno == EINTR || errno == EPROTO)
                continue;
            die("accept");
        }
        struct connection *c = calloc(1, sizeof *c);
        if (!c)
            die("calloc");
        c->fd = fd;
        struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c };
        if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
            die("epoll_ctl");
    }
}

int main(void)
{
    signal(SIGUSR1, SIG_IGN);   /* the others collect their garbage on it */
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int on = 1;                 /* what is accepted inherits it */
    if (listener < 0 || setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0
        || bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 4096) < 0
        || getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        die("listen");
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
    if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0)
        die("epoll");
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);

    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(poller, events, EVENTS, ready ? 0 : -1);
        if (count < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (!c)
                accept_all(listener);
            else if (c->fd >= 0)
                run(c, events[i].events);
        }

        struct connection *list = ready;
        ready = NULL;
        while (list) {
            struct connection *c = list;
            list = c->next;
            c->ready = false;
            if (c->fd < 0)
                free(c);
            else
                run(c, EPOLLIN | EPOLLRDHUP);     /* perhaps: to look costs one read */
        }
    }
}
