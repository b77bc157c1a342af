/* Values of fields in files: SGD_AjouterChampFichier and SGD_LireChampFichier. */
#ifndef TLA_VALUE_FILE_H
#define TLA_VALUE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "sgd_codes.h"

/* Read a regular file of at most LONGEST_UNDECLARED_VALUE bytes; free() returns `*content`. Return 0,
 * SGD_BAD_INPUT when there is no such file or it cannot be read or is longer, or SGD_NO_MEMORY. */
uint16_t read_value_file(const char *path, void **content, size_t *size);

/* Replace a file, or make it, for the user alone. Return 0, or SGD_NO_ROOM when it cannot be written or is
 * something other than a regular file; then it is as before. */
uint16_t write_value_file(const char *path, const void *content, size_t size);

#endif
