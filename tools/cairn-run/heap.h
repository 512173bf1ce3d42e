/* tools/cairn-run/heap.h - what a program asks of malloc, as files */
#ifndef HEAP_H
#define HEAP_H

#include <stdbool.h>

#include "dev/trace_proto.h"

/* A record of the program's calls; false: it is malformed. */
bool heap_take(const struct cairn_record *head, const unsigned char *body,
               const unsigned char *end);

/*
 * Say on stderr which block an address lies in or shortly after, who took it
 * and who freed it; false if nothing is known of it.
 */
bool heap_explain(uint32_t address, const char *path);

/* The calls as tests/bench/malloc/replay.c reads them. */
void heap_write_trace(const char *path);

/*
 * The page FILE.html, and beside it FILE.json and FILE.massif with the same
 * name. `program` is what was run, `path` its file.
 */
void heap_write_page(const char *file, const char *program, const char *path);

#endif
