/* Where the server's socket is: the same place as in `tla_sim.host.ssv.place`. */
#ifndef TLA_PLACE_H
#define TLA_PLACE_H

#include <sys/un.h>

/* Find the socket's path. Return 0, or -1 for a path that no socket can have. */
int find_socket(struct sockaddr_un *address);

#endif
