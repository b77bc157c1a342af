#include "reply.h"

int reply_number(struct reply *reply, unsigned size, uint32_t *number)
{
    if (reply->left < size)
        return -1;
    *number = 0;
    reply->left -= size;
    while (size-- > 0)
        *number = *number << 8 | *reply->at++;
    return 0;
}

int reply_bytes(struct reply *reply, unsigned size, const uint8_t **bytes, size_t *count)
{
    uint32_t length;

    if (reply_number(reply, size, &length) != 0 || length > reply->left)
        return -1;
    *bytes = reply->at;
    *count = length;
    reply->at += length;
    reply->left -= length;
    return 0;
}
