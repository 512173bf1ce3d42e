/* Sets of deadlines: trees sorted by time, of which the first is at hand. */
#include "sched/deadline.h"

#include "lib/list.h"

static const struct tree_ops tree_ops;

static struct deadline *deadline_of(struct tree_node *node)
{
    return node ? container_of(node, struct deadline, node) : NULL;
}

void deadlines_init(struct deadlines *set)
{
    tree_init(&set->tree, &tree_ops);
    set->first = NULL;
}

void deadline_init(struct deadline *alarm, void (*due)(struct deadline *alarm))
{
    alarm->set = NULL;
    alarm->due = due;
}

void deadline_cancel(struct deadline *alarm)
{
    struct deadlines *set = alarm->set;

    if (!set)
        return;
    if (alarm == set->first)
        set->first = deadline_of(tree_next(&alarm->node));
    tree_remove(&set->tree, &alarm->node);
    alarm->set = NULL;
}

/* Those of one time are run in the order in which they were armed. */
void deadline_arm(struct deadlines *set, struct deadline *alarm, uint64_t at_ns)
{
    struct tree_node **slot = &set->tree.root, *parent = NULL;
    bool leftmost = true;

    deadline_cancel(alarm);
    alarm->at_ns = at_ns;
    while (*slot) {
        parent = *slot;
        if (at_ns < deadline_of(parent)->at_ns) {
            slot = &parent->left;
        } else {
            slot = &parent->right;
            leftmost = false;
        }
    }
    tree_insert_at(&set->tree, &alarm->node, parent, slot);
    alarm->set = set;
    if (leftmost)
        set->first = alarm;
}

void deadlines_run(struct deadlines *set, uint64_t now)
{
    while (set->first && set->first->at_ns <= now) {
        struct deadline *alarm = set->first;

        deadline_cancel(alarm);
        alarm->due(alarm);
    }
}
