/* The load: one thread, one epoll, every echoed byte compared with what was sent. */
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

struct options {
    int port;
    pid_t server;           /* whose CPU time and memory are read */
    uint32_t connections;
    uint32_t depth;         /* frames under way on each connection */
    uint32_t payload;
    double warmup, seconds;
    bool any_order;         /* frames of a connection may come back in any order: several consumers of one queue */
};

/* What one run prints as a line of CSV; see main.c. */
struct result {
    double seconds;
    uint64_t frames, server_cpu, load_cpu;      /* ns */
    uint64_t rss;                               /* bytes */
    double idle_bytes;                          /* for each connection; NAN: not measured */
};

#define FAIL(...) (fprintf(stderr, "load: " __VA_ARGS__), fputc('\n', stderr), exit(1))

/* frames.c */
enum { HEAD = 12, MAX_PAYLOAD = 8192 };
void frames_prepare(void);
size_t frame_write(uint8_t *to, uint32_t connection, uint32_t serial, uint32_t payload);
uint32_t frame_serial(const uint8_t *at);
bool frame_is(const uint8_t *at, uint32_t connection, uint32_t serial, uint32_t payload);

/* histogram.c */
void histogram_clear(void);
void histogram_add(uint64_t nanoseconds);
double histogram_us(double quantile);

/* process.c */
uint64_t now_ns(void);
uint64_t cpu_ns(pid_t pid);
uint64_t rss_bytes(pid_t pid);
uint64_t settled_rss(pid_t server);

/* sockets.c */
int open_socket(uint32_t index, int flags);
int connect_to(int fd, int port);
void watch(int poller, int operation, int fd, uint32_t events, void *data);
void close_by_reset(int fd);
int *open_connections(const struct options *o, uint32_t count);
void echo_once(const struct options *o, const int *fds, uint32_t first, uint32_t count, uint32_t serial);

/* The modes. */
void run_echo(const struct options *o, struct result *r);
void run_hold(const struct options *o, struct result *r);
void run_churn(const struct options *o, struct result *r);
void run_pace(const struct options *o, struct result *r);
