/* Sockets, and connections that are known to be served. */
#include "load.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/time.h>

enum { ADDRESSES = 32, BATCH = 256 };

/* From one of many addresses on 127/8, so that ports never run out; with the congestion control that disturbs comparisons least. */
int open_socket(uint32_t index, int flags)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0)
        FAIL("socket %u: %s", index, strerror(errno));
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001 + ((1 + index % ADDRESSES) << 8)) };
    if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
        FAIL("bind: %s", strerror(errno));
    return fd;
}

/* As connect: 0, or -1 and errno. */
int connect_to(int fd, int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    return connect(fd, (struct sockaddr *)&to, sizeof to);
}

void watch(int poller, int operation, int fd, uint32_t events, void *data)
{
    struct epoll_event event = { .events = events, .data.ptr = data };
    if (epoll_ctl(poller, operation, fd, &event) < 0)
        FAIL("epoll_ctl: %s", strerror(errno));
}

/* Without TIME_WAIT. */
void close_by_reset(int fd)
{
    struct linger now = { .l_onoff = 1 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

static void whole(const char *what, ssize_t done, size_t length)
{
    if (done != (ssize_t)length)
        FAIL("%s: %zd of %zu bytes (%s)", what, done, length, done < 0 ? strerror(errno) : "ended");
}

/* One frame on each connection there and back; blocking sockets. */
void echo_once(const struct options *o, const int *fds, uint32_t first, uint32_t count, uint32_t serial)
{
    uint8_t frame[HEAD + MAX_PAYLOAD];
    size_t length = HEAD + o->payload;
    for (uint32_t i = first; i < first + count; i++) {
        frame_write(frame, i, serial, o->payload);
        whole("send", send(fds[i], frame, length, MSG_NOSIGNAL), length);
    }
    for (uint32_t i = first; i < first + count; i++) {
        whole("receive", recv(fds[i], frame, length, MSG_WAITALL), length);
        if (!frame_is(frame, i, serial, o->payload))
            FAIL("connection %u: other bytes came back", i);
    }
}

/* Blocking sockets, each of which was served one frame. In batches, since a full backlog would cost seconds. */
int *open_connections(const struct options *o, uint32_t count)
{
    int *fds = calloc(count, sizeof *fds);
    struct timeval patience = { .tv_sec = 15 };
    for (uint32_t i = 0; i < count; i++) {
        fds[i] = open_socket(i, 0);
        setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(fds[i], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (connect_to(fds[i], o->port) < 0)
            FAIL("connect %u: %s", i, strerror(errno));
        if (i % BATCH == BATCH - 1 || i == count - 1)
            echo_once(o, fds, i - i % BATCH, i % BATCH + 1, 0);
    }
    return fds;
}
