#define _GNU_SOURCE
#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame_numbers.h"

int find_socket(struct sockaddr_un *address)
{
    const char *known = secure_getenv(PLACE_VARIABLE);
    const char *runtime = secure_getenv(PLACE_RUNTIME);
    const size_t room = sizeof address->sun_path;
    int size;

    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (known != NULL && *known != '\0')
        size = snprintf(address->sun_path, room, "%s", known);
    else if (runtime != NULL && *runtime != '\0')
        size = snprintf(address->sun_path, room, "%s/" PLACE_FOLDER "/" PLACE_NAME, runtime);
    else
        size = snprintf(address->sun_path, room, "/tmp/" PLACE_FOLDER "-%lu/" PLACE_NAME,
                        (unsigned long)getuid());
    return size > 0 && (size_t)size < room ? 0 : -1;
}
