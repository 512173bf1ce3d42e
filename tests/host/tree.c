/*
 * kernel/lib/tree.c: a tree of ranges that knows the largest gap below each
 * node, as address spaces use it, against an array that does the same.
 */
#include "tap.h"

#include "lib/list.h"
#include "lib/tree.h"

#define MAX 512

struct range {
    struct tree_node node;
    int key;
    int weight;
    int heaviest; /* of the subtree */
};

static struct range ranges[MAX];
static struct tree tree;

static struct range *range_of(const struct tree_node *node)
{
    return container_of(node, struct range, node);
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
    return range_of(a)->key - range_of(b)->key;
}

static bool update(struct tree_node *node)
{
    struct range *range = range_of(node);
    int heaviest = range->weight;

    if (node->left != NULL && range_of(node->left)->heaviest > heaviest)
        heaviest = range_of(node->left)->heaviest;
    if (node->right != NULL && range_of(node->right)->heaviest > heaviest)
        heaviest = range_of(node->right)->heaviest;
    if (heaviest == range->heaviest)
        return false;
    range->heaviest = heaviest;
    return true;
}

static const struct tree_ops ops = {compare, update};
static const struct tree_ops plain_ops = {compare, NULL};

/* The first node whose weight is at least `least`, straight down. */
static struct range *first_heavy(int least)
{
    struct tree_node *node = tree.root;

    if (node == NULL || range_of(node)->heaviest < least)
        return NULL;
    for (;;) {
        if (node->left != NULL && range_of(node->left)->heaviest >= least)
            node = node->left;
        else if (range_of(node)->weight >= least)
            return range_of(node);
        else
            node = node->right;
    }
}

static void reset(const struct tree_ops *with)
{
    tree_init(&tree, with);
    for (int i = 0; i < MAX; i++)
        ranges[i] = (struct range){.key = i, .weight = i % 7};
}

/* Compares the tree with the set of keys in it. */
static void check_against(const bool *present)
{
    struct tree_node *node = tree_first(&tree);
    struct tree_node *prev = NULL;

    for (int key = 0; key < MAX; key++) {
        if (!present[key])
            continue;
        if (!CHECK(node == &ranges[key].node))
            return;
        CHECK(tree_prev(node) == prev);
        prev = node;
        node = tree_next(node);
    }
    CHECK(node == NULL);
    CHECK(tree_last(&tree) == prev);
    CHECK_STR(tree_check(&tree), NULL);
}

static void check_search(const bool *present, int least)
{
    struct range *want = NULL;

    for (int key = 0; key < MAX && want == NULL; key++) {
        if (present[key] && ranges[key].weight >= least)
            want = &ranges[key];
    }
    CHECK(first_heavy(least) == want);
}

static void test_random(void)
{
    uint64_t state = tap_seed(3);
    bool present[MAX] = {false};

    reset(&ops);
    for (unsigned long step = 0; step < tap_repeats(20000); step++) {
        int key = (int)(tap_random(&state) % MAX);
        struct range *range = &ranges[key];
        if (!present[key]) {
            range->heaviest = -1;
            CHECK(tree_insert(&tree, &range->node) == NULL);
            present[key] = true;
        } else if (tap_random(&state) % 3 != 0) {
            tree_remove(&tree, &range->node);
            present[key] = false;
        } else {
            range->weight = (int)(tap_random(&state) % 1000);
            tree_update(&tree, &range->node);
        }
        check_search(present, (int)(tap_random(&state) % 1000));
        if (step % 16 == 0)
            check_against(present);
    }
    check_against(present);
}

/* All orders of inserting and removing a few: every shape of rotation. */
static void permute(const int *order, int n)
{
    bool present[MAX] = {false};

    reset(&ops);
    for (int i = 0; i < n; i++) {
        tree_insert(&tree, &ranges[order[i]].node);
        present[order[i]] = true;
        check_against(present);
    }
    for (int i = 0; i < n; i++) {
        int key = order[(i * 3 + 1) % n];
        tree_remove(&tree, &ranges[key].node);
        present[key] = false;
        check_against(present);
    }
}

static void all_orders(int *order, int n, int fixed)
{
    if (fixed == n) {
        permute(order, n);
        return;
    }
    for (int i = fixed; i < n; i++) {
        int t = order[fixed];
        order[fixed] = order[i];
        order[i] = t;
        all_orders(order, n, fixed + 1);
        order[i] = order[fixed];
        order[fixed] = t;
    }
}

static void test_orders(void)
{
    int order[7] = {0, 1, 2, 3, 4, 5, 6};

    all_orders(order, 7, 0);
}

static void test_height(void)
{
    bool present[MAX];

    reset(&plain_ops);
    for (int key = 0; key < MAX; key++) {
        tree_insert(&tree, &ranges[key].node);
        present[key] = true;
    }
    check_against(present);
    CHECK(tree.root->height <= 10);
}

static void test_duplicates_and_replace(void)
{
    struct range twin = {.key = 5, .weight = 900};
    bool present[MAX] = {false};

    reset(&ops);
    for (int key = 0; key < 10; key++) {
        tree_insert(&tree, &ranges[key].node);
        present[key] = true;
    }
    CHECK(tree_insert(&tree, &twin.node) == &ranges[5].node);
    check_against(present);
    tree_replace(&tree, &ranges[5].node, &twin.node);
    CHECK_STR(tree_check(&tree), NULL);
    CHECK(first_heavy(900) == &twin);
    tree_replace(&tree, &twin.node, &ranges[5].node);
    check_against(present);
    for (int key = 0; key < 10; key++)
        tree_remove(&tree, &ranges[key].node);
    CHECK(tree.root == NULL && tree_first(&tree) == NULL &&
          tree_last(&tree) == NULL);
    CHECK_STR(tree_check(&tree), NULL);
}

/* tree_check finds each kind of damage. */
static void test_check(void)
{
    struct tree_node *root;

    reset(&ops);
    for (int key = 0; key < 20; key++)
        tree_insert(&tree, &ranges[key].node);
    root = tree.root;
    root->parent = root->left;
    CHECK(tree_check(&tree) != NULL);
    root->parent = NULL;
    ranges[3].key = 100;
    CHECK(tree_check(&tree) != NULL);
    ranges[3].key = 3;
    ranges[4].weight = 5000;
    CHECK(tree_check(&tree) != NULL);
    for (int level = 0; level < 5; level++)
        tree_check(&tree); /* each walk sets one value right */
    CHECK_STR(tree_check(&tree), NULL);
    root->left->parent = root->right;
    CHECK(tree_check(&tree) != NULL);
    root->left->parent = root;
    root->height += 1;
    CHECK(tree_check(&tree) != NULL);
    CHECK_STR(tree_check(&tree), NULL); /* the walk has set it right */
}

int main(void)
{
    tap_run("random inserts, removals and changes", test_random);
    tap_run("every order of seven", test_orders);
    tap_run("a tree of 512 is at most 10 high", test_height);
    tap_run("duplicates are refused, nodes replaced",
            test_duplicates_and_replace);
    tap_run("the check finds damage", test_check);
    return tap_done();
}
