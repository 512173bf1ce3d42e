/*
 * tools/cairn-run/profile_tree.h - a profile with names, as the files show it
 */
#ifndef PROFILE_TREE_H
#define PROFILE_TREE_H

#include <stddef.h>
#include <stdint.h>

enum function_kind { KIND_PROGRAM, KIND_LIBRARY, KIND_KERNEL };

struct profile_function {
    const char *name, *file; /* file: "" if it is not known */
    const char *object;      /* the path of its program or library */
    enum function_kind kind;
    uint64_t self, total;
};

/* A function as it was called from its parent; 0 is the root of all. */
struct profile_frame {
    uint32_t parent, function;
    const char *file; /* of the call, and its line */
    uint32_t line;
    uint64_t self, total, calls;
    uint32_t child, next; /* frames called from it: a list; 0 ends it */
};

/* Instructions of a function in one line. */
struct profile_cost {
    uint32_t function;
    const char *file;
    uint32_t line;
    uint64_t count;
};

struct profile {
    const char *command;
    struct profile_function *functions;
    struct profile_frame *frames;
    struct profile_cost *costs; /* sorted */
    size_t nfunctions, nframes, ncosts;
    uint64_t total;
};

/* Write it in callgrind's format; as a flame graph. Exit if that fails. */
void profile_write_callgrind(const char *path, const struct profile *profile);
void profile_write_flames(const char *path, const struct profile *profile);

#endif
