// Each allocation of a program is refused in turn: every one ends in bad_alloc,
// nothing is lost, and what was there is as before.
#include <cstdlib>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "tap.hh"

static long countdown = -1; // how many may succeed; -1: all
static long alive;          // blocks that are not freed yet
static long nallocations;

static void *take(std::size_t n)
{
    nallocations++;
    if (countdown == 0)
        return nullptr;
    if (countdown > 0)
        countdown--;
    void *p = std::malloc(n ? n : 1);
    if (p != nullptr)
        alive++;
    return p;
}

void *operator new(std::size_t n)
{
    void *p = take(n);

    if (p == nullptr)
        throw std::bad_alloc();
    return p;
}

void *operator new[](std::size_t n)
{
    return operator new(n);
}

void operator delete(void *p) noexcept
{
    if (p != nullptr)
        alive--;
    std::free(p);
}

void operator delete(void *p, std::size_t) noexcept
{
    operator delete(p);
}

void operator delete[](void *p) noexcept
{
    operator delete(p);
}

void operator delete[](void *p, std::size_t) noexcept
{
    operator delete(p);
}

struct Node {
    std::string name;
    std::vector<std::unique_ptr<Node>> children;
    explicit Node(int depth) : name(40, char('a' + depth))
    {
        for (int i = 0; i < depth; i++)
            children.push_back(std::make_unique<Node>(depth - 1));
    }
};

static void work()
{
    std::map<std::string, std::vector<int>> m;
    std::list<std::shared_ptr<std::string>> l;
    std::unordered_map<int, std::string> u;
    Node tree(3);

    for (int i = 0; i < 6; i++) {
        m["a key that is too long for the object itself " +
          std::to_string(i)].assign(100, i);
        l.push_back(std::make_shared<std::string>(50, 'x'));
        u[i] = std::string(30, 'u');
    }
    auto copy = m;
    std::vector<std::string> v(5, std::string(64, 'v'));
    v.insert(v.begin(), std::string(64, 'w'));
    v.resize(20);
}

// A vector that cannot grow is what it was.
static bool push_is_all_or_nothing()
{
    std::vector<std::string> v(4, std::string(50, 'q'));
    bool thrown = false;

    v.shrink_to_fit();
    countdown = 1;
    try {
        v.push_back(std::string(60, 'r'));
    } catch (const std::bad_alloc &) {
        thrown = true;
    }
    countdown = -1;
    return thrown && v.size() == 4 && v[3] == std::string(50, 'q');
}

int main()
{
    long before = alive, n = 0, total;
    bool all_thrown = true, none_lost = true;

    nallocations = 0;
    work();
    total = nallocations;
    CHECK(total > 100);
    CHECK(alive == before);
    for (; n < total; n++) {
        bool thrown = false;

        countdown = n;
        try {
            work();
        } catch (const std::bad_alloc &) {
            thrown = true;
        }
        countdown = -1;
        all_thrown &= thrown;
        none_lost &= alive == before;
    }
    CHECK(all_thrown);
    CHECK(none_lost);
    CHECK(push_is_all_or_nothing());
    CHECK(new (std::nothrow) int[10] != nullptr);
    std::printf("# %ld allocations, each refused once\n", total);
    return tap_done();
}
