// unique_ptr, shared_ptr, weak_ptr; deleters, aliasing, aligned operator new.
#include <cstdint>
#include <memory>
#include <vector>

#include "tap.hh"

static int alive;

struct Thing : std::enable_shared_from_this<Thing> {
    int value;
    explicit Thing(int v = 0) : value(v) { alive++; }
    ~Thing() { alive--; }
};

struct alignas(256) Wide {
    char bytes[300];
};

int main()
{
    {
        auto p = std::make_unique<Thing>(1);
        auto q = std::move(p);
        CHECK(!p && q->value == 1);
        std::unique_ptr<Thing[]> many(new Thing[5]);
        CHECK(alive == 6);
    }
    CHECK(alive == 0);
    std::weak_ptr<Thing> weak;
    {
        auto p = std::make_shared<Thing>(2);
        auto q = p, self = p->shared_from_this();
        std::shared_ptr<int> member(p, &p->value);
        weak = p;
        CHECK(p.use_count() == 4 && *member == 2 && weak.lock() == q);
    }
    CHECK(weak.expired() && alive == 0);
    THROWS(std::bad_weak_ptr, std::shared_ptr<Thing> again(weak));
    THROWS(std::bad_weak_ptr, Thing().shared_from_this());
    int closed = 0;
    {
        auto deleter = [&closed](int *n) { closed = *n; };
        int n = 9;
        std::unique_ptr<int, decltype(deleter)> p(&n, deleter);
    }
    CHECK(closed == 9);
    std::vector<std::unique_ptr<Wide>> wide;
    bool aligned = true;
    for (int i = 0; i < 20; i++) {
        wide.push_back(std::make_unique<Wide>());
        aligned &= reinterpret_cast<std::uintptr_t>(wide.back().get()) % 256 == 0;
    }
    CHECK(aligned);
    void *p = ::operator new(100, std::align_val_t(4096));
    CHECK(reinterpret_cast<std::uintptr_t>(p) % 4096 == 0);
    ::operator delete(p, std::align_val_t(4096));
    return tap_done();
}
