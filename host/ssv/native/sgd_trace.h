/* The trace of SGD: one line a call, with numbers of sessions, groups and fields, and lengths. What fields hold
 * and the names of files say who is ill: they are never in it. */
#ifndef TLA_SGD_TRACE_H
#define TLA_SGD_TRACE_H

#include <stdatomic.h>
#include <stdint.h>

#include "sgd_codes.h"

enum { TRACE_NOTHING, TRACE_FAILURES, TRACE_EVERYTHING };

extern _Atomic uint8_t trace_level;

/* Begin a trace in a regular file, which is made for the user alone. `mode` is "w" (anew) or "a" (append). Level 0
 * ends the trace. Return 0 or SGD_BAD_TRACE_FILE; then the trace goes on as before. */
uint16_t trace_open(const char *file, const char *mode, uint8_t level);

/* Write one line. The program's work goes on when it cannot be written. */
void trace_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether calls that end so are traced. */
static inline int trace_wants(uint16_t code)
{
    return atomic_load_explicit(&trace_level, memory_order_relaxed)
           >= (code == SGD_DONE ? TRACE_EVERYTHING : TRACE_FAILURES);
}

/* Trace a call: its name, what it was about, and its code. */
#define TRACE(code, name, format, ...)                                                                        \
    do {                                                                                                      \
        if (trace_wants(code))                                                                                \
            trace_line(name " " format " -> %04X", __VA_ARGS__, (unsigned)(code));                            \
    } while (0)

#endif
