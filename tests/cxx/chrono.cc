// Clocks and durations; calendars of C++20.
#include <chrono>
#include <ctime>

#include "tap.hh"

using namespace std::chrono;
using namespace std::literals;

int main()
{
    auto a = steady_clock::now();
    auto b = steady_clock::now();
    CHECK(b >= a && steady_clock::is_steady);
    timespec wait{0, 20000000};
    nanosleep(&wait, nullptr);
    CHECK(steady_clock::now() - a >= 20ms);
    std::time_t t = system_clock::to_time_t(system_clock::now());
    CHECK(t >= std::time(nullptr) - 2 && t <= std::time(nullptr));
    CHECK(duration_cast<minutes>(3h + 59s) == 180min);
    CHECK(1s / 250ms == 4 && 7s % 2s == 1s && round<seconds>(1600ms) == 2s);
    CHECK(duration<double>(1500ms).count() == 1.5);
    sys_days day = 2024y / February / 29;
    CHECK((day - sys_days(1970y / 1 / 1)).count() == 19782);
    CHECK(weekday(day) == Thursday && !(2023y / 2 / 29).ok());
    CHECK(sys_days(2000y / 3 / last) + days(1) == sys_days(2000y / 4 / 1));
    hh_mm_ss clock(3661s);
    CHECK(clock.hours() == 1h && clock.minutes() == 1min && clock.seconds() == 1s);
    return tap_done();
}
