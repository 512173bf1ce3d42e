// std::thread and what belongs to it.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tap.hh"

static std::mutex mutex;
static long total;
static thread_local int own = 1;
static std::atomic<int> destroyed;

struct AtEnd {
    ~AtEnd() { destroyed++; }
};
static thread_local AtEnd at_end;

static void add(int n)
{
    (void)&at_end;
    for (int i = 0; i < n; i++) {
        std::lock_guard guard(mutex);
        total++;
    }
    own++;
}

int main()
{
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; i++)
        threads.emplace_back(add, 1000);
    for (auto &t : threads)
        t.join();
    CHECK(total == 8000 && own == 1 && destroyed == 8);
    auto f = std::async(std::launch::async, [] { return 42; });
    CHECK(f.get() == 42);
    std::promise<int> promise;
    auto broken = promise.get_future();
    std::thread([&] {
        promise.set_exception(std::make_exception_ptr(std::domain_error("x")));
    }).join();
    THROWS(std::domain_error, broken.get());
    std::condition_variable ready;
    bool flag = false;
    std::thread waker([&] {
        std::lock_guard guard(mutex);
        flag = true;
        ready.notify_one();
    });
    {
        std::unique_lock lock(mutex);
        ready.wait(lock, [&] { return flag; });
    }
    waker.join();
    CHECK(flag);
    std::once_flag once;
    int calls = 0;
    for (int i = 0; i < 3; i++)
        std::call_once(once, [&] { calls++; });
    CHECK(calls == 1);
    std::shared_mutex shared;
    CHECK(shared.try_lock_shared() && !shared.try_lock());
    shared.unlock_shared();
    std::timed_mutex timed;
    timed.lock();
    bool late = true;
    std::thread([&] {
        late = !timed.try_lock_for(std::chrono::milliseconds(20));
    }).join();
    CHECK(late);
    timed.unlock();
    CHECK(std::thread::hardware_concurrency() >= 1);
    {
        std::jthread j([](std::stop_token token) {
            while (!token.stop_requested())
                std::this_thread::yield();
        });
    }
    CHECK(true);
    return tap_done();
}
