/* kernel/lib/list.h: a list against an array that does the same. */
#include "tap.h"

#include "lib/list.h"

#define MAX 64

struct item {
    int value;
    struct list link;
};

static struct item items[MAX];
static struct list head;

/* The list must hold exactly these values, forwards and backwards. */
static void check_values(const int *values, size_t n)
{
    struct list *link;
    struct item *item;
    size_t i = 0;

    list_for_each(link, &head)
    {
        if (i < n)
            CHECK_EQ(list_entry(link, struct item, link)->value, values[i]);
        i++;
    }
    CHECK_EQ(i, n);
    for (link = head.prev; link != &head; link = link->prev, i--) {
        if (i > 0)
            CHECK_EQ(list_entry(link, struct item, link)->value, values[i - 1]);
    }
    CHECK_EQ(i, 0);
    list_for_each_entry(item, &head, struct item, link)
        CHECK_EQ(item->value, values[i++]);
    CHECK_EQ(list_is_empty(&head), n == 0);
    CHECK(list_first(&head) == (n == 0 ? NULL : head.next));
    CHECK(list_last(&head) == (n == 0 ? NULL : head.prev));
}

static void reset(void)
{
    list_init(&head);
    for (int i = 0; i < MAX; i++) {
        items[i].value = i;
        list_init(&items[i].link);
    }
}

static void insert(int *values, size_t *n, size_t at, int value)
{
    memmove(values + at + 1, values + at, (*n - at) * sizeof(*values));
    values[at] = value;
    (*n)++;
}

static struct list *link_at(const int *values, size_t at)
{
    return &items[values[at]].link;
}

static void test_random(void)
{
    uint64_t state = tap_seed(11);
    int values[MAX];
    bool used[MAX] = {false};
    size_t n = 0;

    reset();
    for (unsigned long step = 0; step < tap_repeats(20000); step++) {
        int value = (int)(tap_random(&state) % MAX);
        size_t at = n == 0 ? 0 : tap_random(&state) % n;
        if (used[value]) {
            for (at = 0; values[at] != value;)
                at++;
            list_remove(&items[value].link);
            CHECK(list_is_empty(&items[value].link));
            memmove(values + at, values + at + 1, (--n - at) * sizeof(*values));
        } else if (n == 0 || tap_random(&state) % 4 == 0) {
            list_add_head(&head, &items[value].link);
            insert(values, &n, 0, value);
        } else if (tap_random(&state) % 3 == 0) {
            list_add_tail(&head, &items[value].link);
            insert(values, &n, n, value);
        } else if (tap_random(&state) % 2 == 0) {
            list_add_before(link_at(values, at), &items[value].link);
            insert(values, &n, at, value);
        } else {
            list_add_after(link_at(values, at), &items[value].link);
            insert(values, &n, at + 1, value);
        }
        used[value] = !used[value];
        check_values(values, n);
    }
}

static void test_take_and_splice(void)
{
    struct list other = LIST_INIT(other);
    struct list *link;
    struct list *after;

    reset();
    list_splice_tail(&head, &other);
    check_values(NULL, 0);
    list_add_tail(&other, &items[2].link);
    list_add_tail(&other, &items[3].link);
    list_add_tail(&head, &items[1].link);
    list_splice_tail(&head, &other);
    CHECK(list_is_empty(&other));
    check_values((int[]){1, 2, 3}, 3);
    CHECK(list_take_first(&head) == &items[1].link);
    check_values((int[]){2, 3}, 2);
    list_for_each_safe(link, after, &head) list_remove(link);
    CHECK(list_take_first(&head) == NULL);
}

int main(void)
{
    tap_run("random operations", test_random);
    tap_run("take first, splice, remove while walking", test_take_and_splice);
    return tap_done();
}
