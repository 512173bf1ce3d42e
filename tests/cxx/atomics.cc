// Atomics of each size, 64 bits among them, flags, fences, shared_ptr.
#include <atomic>
#include <cstdint>
#include <memory>

#include "tap.hh"

template <class T> static bool works()
{
    std::atomic<T> a{5};
    T expected = 4;

    if (a.compare_exchange_strong(expected, 9) || expected != 5)
        return false;
    if (!a.compare_exchange_strong(expected, 9) || a.exchange(3) != 9)
        return false;
    return a.fetch_add(2) == 3 && --a == 4 && (a |= 3) == 7 &&
           a.fetch_and(6) == 7 && a.load() == 6;
}

int main()
{
    CHECK(works<char>());
    CHECK(works<short>());
    CHECK(works<int>());
    CHECK(works<std::int64_t>());
    CHECK(std::atomic<std::int64_t>().is_lock_free());
    std::atomic_flag flag = ATOMIC_FLAG_INIT;
    CHECK(!flag.test_and_set() && flag.test_and_set());
    std::atomic<double> d{1.5};
    d = d + 1;
    CHECK(d == 2.5);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    int n = 1;
    std::atomic_ref<int> ref(n);
    ref += 4;
    CHECK(n == 5);
    auto p = std::make_shared<int>(3);
    std::atomic_store(&p, std::make_shared<int>(4));
    CHECK(*std::atomic_load(&p) == 4);
    return tap_done();
}
