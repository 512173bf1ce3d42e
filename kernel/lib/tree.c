/*
 * Intrusive AVL trees with a value per subtree.
 *
 * Every change ends in one walk from the deepest changed node up to the root
 * (`settle`): it sets heights, rotates where two siblings differ by two, and
 * makes the subtree values anew. A rotation lifts a child over its parent:
 *
 *          b                 d
 *         / \               / \
 *        a   d     <-->    b   e
 *           / \           / \
 *          c   e         a   c
 *
 * Heights and values depend only on a node and its children, so the lower of
 * the two is done first.
 */
#include "lib/tree.h"

/* A balanced tree this high has more nodes than memory has bytes. */
#define HEIGHT_MAX 48

void tree_init(struct tree *tree, const struct tree_ops *ops)
{
    tree->root = NULL;
    tree->ops = ops;
}

static int height_of(const struct tree_node *node)
{
    return node == NULL ? 0 : node->height;
}

static int balance_of(const struct tree_node *node)
{
    return height_of(node->right) - height_of(node->left);
}

/* Set height and value from the children; return whether either changed. */
static bool refresh(const struct tree *tree, struct tree_node *node)
{
    int left = height_of(node->left);
    int right = height_of(node->right);
    int height = 1 + (left > right ? left : right);
    bool changed = height != node->height;

    node->height = height;
    if (tree->ops->update != NULL && tree->ops->update(node))
        changed = true;
    return changed;
}

/* Where the tree points to `node`: in its parent or at the root. */
static struct tree_node **slot_of(struct tree *tree, struct tree_node *node)
{
    if (node->parent == NULL)
        return &tree->root;
    return node->parent->left == node ? &node->parent->left
                                      : &node->parent->right;
}

/* Lifts the right child of `node` into its place and returns that child. */
static struct tree_node *rotate_left(struct tree *tree, struct tree_node *node)
{
    struct tree_node *child = node->right;

    *slot_of(tree, node) = child;
    child->parent = node->parent;
    node->right = child->left;
    if (node->right != NULL)
        node->right->parent = node;
    child->left = node;
    node->parent = child;
    refresh(tree, node);
    refresh(tree, child);
    return child;
}

/* The mirror image. */
static struct tree_node *rotate_right(struct tree *tree, struct tree_node *node)
{
    struct tree_node *child = node->left;

    *slot_of(tree, node) = child;
    child->parent = node->parent;
    node->left = child->right;
    if (node->left != NULL)
        node->left->parent = node;
    child->right = node;
    node->parent = child;
    refresh(tree, node);
    refresh(tree, child);
    return child;
}

/* Brings one node back into balance and returns what is in its place now. */
static struct tree_node *rebalance(struct tree *tree, struct tree_node *node)
{
    if (balance_of(node) > 1) {
        if (balance_of(node->right) < 0)
            rotate_right(tree, node->right);
        return rotate_left(tree, node);
    }
    if (balance_of(node) < -1) {
        if (balance_of(node->left) > 0)
            rotate_left(tree, node->left);
        return rotate_right(tree, node);
    }
    return node;
}

/*
 * Repairs `node` and all above it. It may stop where a node did not change,
 * but only if the caller knows that no node further up is new.
 */
static void settle(struct tree *tree, struct tree_node *node, bool may_stop)
{
    struct tree_node *top;
    bool changed;

    while (node != NULL) {
        changed = refresh(tree, node);
        top = rebalance(tree, node);
        if (may_stop && !changed && top == node)
            return;
        node = top->parent;
    }
}

void tree_insert_at(struct tree *tree, struct tree_node *node,
                    struct tree_node *parent, struct tree_node **slot)
{
    node->parent = parent;
    node->left = NULL;
    node->right = NULL;
    node->height = 0;
    *slot = node;
    refresh(tree, node);
    settle(tree, parent, true);
}

struct tree_node *tree_insert(struct tree *tree, struct tree_node *node)
{
    struct tree_node **slot = &tree->root;
    struct tree_node *parent = NULL;
    int order;

    while (*slot != NULL) {
        parent = *slot;
        order = tree->ops->compare(node, parent);
        if (order == 0)
            return parent;
        slot = order < 0 ? &parent->left : &parent->right;
    }
    tree_insert_at(tree, node, parent, slot);
    return NULL;
}

/* Put `node` where `old` is: links, height, and the pointers back. */
static void take_place(struct tree *tree, struct tree_node *old,
                       struct tree_node *node)
{
    *slot_of(tree, old) = node;
    *node = *old;
    if (node->left != NULL)
        node->left->parent = node;
    if (node->right != NULL)
        node->right->parent = node;
}

/* Take out a node with at most one child and settle what is above it. */
static struct tree_node *unlink_node(struct tree *tree, struct tree_node *node)
{
    struct tree_node *child = node->left != NULL ? node->left : node->right;

    *slot_of(tree, node) = child;
    if (child != NULL)
        child->parent = node->parent;
    return node->parent;
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
    struct tree_node *next;
    struct tree_node *lowest;

    if (node->left == NULL || node->right == NULL) {
        settle(tree, unlink_node(tree, node), true);
        return;
    }
    /* Its successor has no left child: it leaves its place for this one. */
    next = tree_next(node);
    lowest = unlink_node(tree, next);
    take_place(tree, node, next);
    settle(tree, lowest == node ? next : lowest, false);
}

void tree_replace(struct tree *tree, struct tree_node *old,
                  struct tree_node *node)
{
    take_place(tree, old, node);
    settle(tree, node, false);
}

void tree_update(struct tree *tree, struct tree_node *node)
{
    settle(tree, node, true);
}

struct tree_node *tree_first(const struct tree *tree)
{
    struct tree_node *node = tree->root;

    while (node != NULL && node->left != NULL)
        node = node->left;
    return node;
}

struct tree_node *tree_last(const struct tree *tree)
{
    struct tree_node *node = tree->root;

    while (node != NULL && node->right != NULL)
        node = node->right;
    return node;
}

struct tree_node *tree_next(const struct tree_node *node)
{
    struct tree_node *up;

    if (node->right != NULL) {
        up = node->right;
        while (up->left != NULL)
            up = up->left;
        return up;
    }
    for (up = node->parent; up != NULL && up->right == node; up = up->parent)
        node = up;
    return up;
}

struct tree_node *tree_prev(const struct tree_node *node)
{
    struct tree_node *up;

    if (node->left != NULL) {
        up = node->left;
        while (up->right != NULL)
            up = up->right;
        return up;
    }
    for (up = node->parent; up != NULL && up->left == node; up = up->parent)
        node = up;
    return up;
}

/* Check one node against its children and its predecessor. */
static const char *check_node(const struct tree *tree, struct tree_node *node,
                              const struct tree_node *prev)
{
    int balance = balance_of(node);

    if (balance < -1 || balance > 1)
        return "two siblings differ in height by more than one";
    if (prev != NULL && tree->ops->compare(prev, node) >= 0)
        return "two neighbours are out of order";
    if (refresh(tree, node))
        return "a height or subtree value is out of date";
    return NULL;
}

/*
 * Check what lies below `parent` at `node`, in order; *prev is the node
 * before. It goes down by child links alone, at most `depth` of them.
 */
static const char *check_subtree(const struct tree *tree,
                                 const struct tree_node *parent,
                                 struct tree_node *node,
                                 const struct tree_node **prev, int depth)
{
    const char *broken;

    if (node == NULL)
        return NULL;
    if (depth == 0)
        return "the tree is too deep";
    if (node->parent != parent)
        return "a node does not point to its parent";
    broken = check_subtree(tree, node, node->left, prev, depth - 1);
    if (broken == NULL)
        broken = check_node(tree, node, *prev);
    if (broken != NULL)
        return broken;
    *prev = node;
    return check_subtree(tree, node, node->right, prev, depth - 1);
}

const char *tree_check(struct tree *tree)
{
    const struct tree_node *prev = NULL;

    return check_subtree(tree, NULL, tree->root, &prev, HEIGHT_MAX);
}
