/* The connection of libssvlux. */
#ifndef TLA_SSV_LINK_H
#define TLA_SSV_LINK_H

#include "link.h"

extern struct link SSV_LINK;

#endif
