/* PACKET_HEAD frames whose every byte follows from connection and serial number: payloads are windows on one random text. */
#include "load.h"

enum { WINDOWS = 1 << 16 };

static uint8_t text[WINDOWS + MAX_PAYLOAD];

void frames_prepare(void)
{
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < sizeof text; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        text[i] = (uint8_t)state;
    }
}

static const uint8_t *payload_of(uint32_t connection, uint32_t serial)
{
    return text + ((connection * 2654435761u + serial * 2246822519u) >> 16);
}

static void head_write(uint8_t *to, uint32_t connection, uint32_t serial, uint32_t payload)
{
    uint16_t length = (uint16_t)payload, type = (uint16_t)connection;
    memcpy(to, &payload, 4);
    memcpy(to + 4, &serial, 4);
    memcpy(to + 8, &length, 2);
    memcpy(to + 10, &type, 2);
}

size_t frame_write(uint8_t *to, uint32_t connection, uint32_t serial, uint32_t payload)
{
    head_write(to, connection, serial, payload);
    memcpy(to + HEAD, payload_of(connection, serial), payload);
    return HEAD + payload;
}

uint32_t frame_serial(const uint8_t *at)
{
    uint32_t serial;
    memcpy(&serial, at + 4, 4);
    return serial;
}

bool frame_is(const uint8_t *at, uint32_t connection, uint32_t serial, uint32_t payload)
{
    uint8_t head[HEAD];
    head_write(head, connection, serial, payload);
    return memcmp(at, head, HEAD) == 0 && memcmp(at + HEAD, payload_of(connection, serial), payload) == 0;
}
