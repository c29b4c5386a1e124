/* One run. Prints: seconds,frames,server_cpu_ns,load_cpu_ns,p50_us,p99_us,p99.9_us,rss_bytes,idle_bytes; or a reason and exit code 1. */
#include "load.h"
#include <getopt.h>
#include <math.h>
#include <signal.h>

static void usage(void)
{
    fputs("usage: load echo|hold|churn|pace --port P --server PID --connections N [--depth D] [--payload BYTES] [--warmup S] [--seconds S] [--any-order]\n", stderr);
    exit(64);
}

int main(int argc, char **argv)
{
    static const struct option names[] = {
        { "port", required_argument, NULL, 'p' }, { "server", required_argument, NULL, 's' }, { "connections", required_argument, NULL, 'c' },
        { "depth", required_argument, NULL, 'd' }, { "payload", required_argument, NULL, 'l' }, { "warmup", required_argument, NULL, 'w' },
        { "seconds", required_argument, NULL, 't' }, { "any-order", no_argument, NULL, 'a' }, { 0 },
    };
    struct options o = { .depth = 1, .payload = 64, .warmup = 1, .seconds = 3 };
    for (int name; (name = getopt_long(argc, argv, "", names, NULL)) >= 0;)
        switch (name) {
        case 'p': o.port = atoi(optarg); break;
        case 's': o.server = atoi(optarg); break;
        case 'c': o.connections = (uint32_t)atoi(optarg); break;
        case 'd': o.depth = (uint32_t)atoi(optarg); break;
        case 'l': o.payload = (uint32_t)atoi(optarg); break;
        case 'w': o.warmup = atof(optarg); break;
        case 't': o.seconds = atof(optarg); break;
        case 'a': o.any_order = true; break;
        default: usage();
        }
    if (optind != argc - 1 || o.port <= 0 || o.server <= 0 || o.connections == 0 || o.depth == 0 || o.payload > MAX_PAYLOAD)
        usage();

    signal(SIGPIPE, SIG_IGN);
    alarm(120 + (unsigned)(o.warmup + o.seconds));      /* whatever happens, it ends */
    frames_prepare();
    struct result r = { .idle_bytes = NAN };
    const char *mode = argv[optind];
    if (!strcmp(mode, "echo"))
        run_echo(&o, &r);
    else if (!strcmp(mode, "hold"))
        run_hold(&o, &r);
    else if (!strcmp(mode, "churn"))
        run_churn(&o, &r);
    else if (!strcmp(mode, "pace"))
        run_pace(&o, &r);
    else
        usage();
    if (r.frames == 0)
        FAIL("no frame came back in the time that was measured");

    printf("%.3f,%llu,%llu,%llu,%.1f,%.1f,%.1f,%llu,", r.seconds, (unsigned long long)r.frames, (unsigned long long)r.server_cpu,
        (unsigned long long)r.load_cpu, histogram_us(0.5), histogram_us(0.99), histogram_us(0.999), (unsigned long long)r.rss);
    if (!isnan(r.idle_bytes))
        printf("%.1f", r.idle_bytes);
    putchar('\n');
    return 0;
}
