/*
 * Intrusive balanced search trees (AVL), with a value kept per subtree.
 *
 * The tree orders nodes; what a node means only its user knows. The user
 * searches by hand, from tree->root along left and right, and so needs no key
 * type and no call per step:
 *
 *      struct tree_node *node = tree->root;
 *      while (node != NULL && area_of(node)->start != va)
 *          node = va < area_of(node)->start ? node->left : node->right;
 *
 * The update function, if there is one, makes a node's subtree value from the
 * node and the values of its two children: the largest gap below it, say. The
 * tree calls it bottom-up for every node whose subtree changed, so at all times
 * between calls the values are right, and a search for the first or last node
 * that satisfies "value >= n" goes straight down in O(log n).
 *
 * Invariant: an in-order walk is sorted; the heights of two siblings differ by
 * at most one; every child points to its parent. tree_check() walks it.
 */
#ifndef LIB_TREE_H
#define LIB_TREE_H

#include <stdbool.h>
#include <stddef.h>

struct tree_node {
    struct tree_node *parent; /* NULL in the root */
    struct tree_node *left;   /* all of it sorts before this node */
    struct tree_node *right;  /* all of it sorts after this node */
    int height;               /* 1 in a leaf */
};

struct tree_ops {
    /* Below 0 if a sorts before b, above 0 if after; never 0 in one tree. */
    int (*compare)(const struct tree_node *a, const struct tree_node *b);

    /*
     * Sets the node's subtree value from itself and its children, and returns
     * whether it changed. May be NULL.
     */
    bool (*update)(struct tree_node *node);
};

struct tree {
    struct tree_node *root; /* NULL when empty */
    const struct tree_ops *ops;
};

/* An empty tree; `ops` must outlive it. */
void tree_init(struct tree *tree, const struct tree_ops *ops);

/*
 * Put `node`, which is in no tree, into its place. Return NULL, or, with
 * nothing changed, the node already there that compares equal. O(log n).
 */
struct tree_node *tree_insert(struct tree *tree, struct tree_node *node);

/*
 * Put `node` below `parent` at `*slot`, where a search ended: one of
 * parent->left and parent->right that is NULL, or tree->root of an empty tree
 * with a NULL parent. The place must keep the order.
 */
void tree_insert_at(struct tree *tree, struct tree_node *node,
                    struct tree_node *parent, struct tree_node **slot);

/* Take `node`, which must be in the tree, out of it. O(log n). */
void tree_remove(struct tree *tree, struct tree_node *node);

/* Put `node` into the place of `old`, which leaves the tree. O(log n). */
void tree_replace(struct tree *tree, struct tree_node *old,
                  struct tree_node *node);

/*
 * To be called after a change in `node` that its subtree value depends on;
 * the change must not move it in the order. Updates it and what lies above.
 */
void tree_update(struct tree *tree, struct tree_node *node);

/* First, last, next and previous in order, or NULL. */
struct tree_node *tree_first(const struct tree *tree);
struct tree_node *tree_last(const struct tree *tree);
struct tree_node *tree_next(const struct tree_node *node);
struct tree_node *tree_prev(const struct tree_node *node);

/*
 * Walk the whole tree. Return NULL, or what is broken. With an update
 * function it also checks that no value changes when computed anew; one that
 * does is told, and stays changed.
 */
const char *tree_check(struct tree *tree);

#endif
