// Coroutines: a generator, exceptions through it, destruction half-way.
#include <coroutine>
#include <exception>
#include <stdexcept>
#include <utility>

#include "tap.hh"

static int frames;

struct Generator {
    struct promise_type {
        int value = 0;
        std::exception_ptr error;
        promise_type() { frames++; }
        ~promise_type() { frames--; }
        Generator get_return_object()
        {
            return Generator{
                std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        std::suspend_always yield_value(int n)
        {
            value = n;
            return {};
        }
        void return_void() {}
        void unhandled_exception() { error = std::current_exception(); }
    };
    std::coroutine_handle<promise_type> handle;
    explicit Generator(std::coroutine_handle<promise_type> h) : handle(h) {}
    Generator(Generator &&other) : handle(std::exchange(other.handle, {})) {}
    ~Generator()
    {
        if (handle)
            handle.destroy();
    }
    bool next()
    {
        handle.resume();
        if (handle.promise().error)
            std::rethrow_exception(handle.promise().error);
        return !handle.done();
    }
    int value() const { return handle.promise().value; }
};

static Generator squares(int n)
{
    for (int i = 0; i < n; i++)
        co_yield i * i;
}

static Generator broken()
{
    co_yield 1;
    throw std::runtime_error("inside");
}

int main()
{
    int sum = 0;
    {
        Generator g = squares(10);
        while (g.next())
            sum += g.value();
        CHECK(sum == 285 && frames == 1);
    }
    {
        Generator g = broken();
        CHECK(g.next() && g.value() == 1);
        THROWS(std::runtime_error, g.next());
    }
    {
        Generator g = squares(1000);
        g.next();
    }
    CHECK(frames == 0);
    return tap_done();
}
