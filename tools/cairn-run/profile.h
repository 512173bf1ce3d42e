/*
 * tools/cairn-run/profile.h - what the plugin of --profile counts, in memory
 * that it shares with cairn-run
 *
 * A node is a chain of calls: a function, and the node that called it. A cell
 * counts how often one instruction was executed in one node. Roots have node 0
 * as their parent and the number of an image as their pc.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stdint.h>

#define PROFILE_MAX_NODES (1u << 20)
#define PROFILE_MAX_CELLS (1u << 22) /* a power of two */
#define PROFILE_MAX_DEPTH 200        /* deeper calls count for the last node */

/* Roots of threads that run no program. */
#define PROFILE_NO_IMAGE 0xFFFFFFFFu

struct profile_node {
    uint32_t parent;
    uint32_t pc;   /* the first instruction that was executed in it */
    uint32_t from; /* the instruction that called; the last one before a trap */
    uint32_t depth;
    uint64_t calls;
};

struct profile_cell {
    uint32_t node; /* 0: free place */
    uint32_t pc;
    uint64_t count;
};

struct profile_data {
    uint32_t is_ready; /* the plugin was loaded */
    uint32_t nnodes, ncells;
    uint64_t lost; /* instructions for which there was no room */
    struct profile_node nodes[PROFILE_MAX_NODES];
    struct profile_cell cells[PROFILE_MAX_CELLS];
};

/* Where a cell of this node and pc is looked for first. */
static inline uint32_t profile_hash(uint32_t node, uint32_t pc)
{
    uint32_t h = node * 2654435761u ^ pc * 2246822519u;

    return h ^ h >> 15;
}

#endif
