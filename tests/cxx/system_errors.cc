// error_code, categories and system_error: texts and comparisons by errno.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <future>
#include <ios>
#include <string>
#include <system_error>

#include <fcntl.h>

#include "tap.hh"

int main()
{
    CHECK(open("/no/such", O_RDONLY) == -1);
    std::error_code code(errno, std::generic_category());
    CHECK(code == std::errc::no_such_file_or_directory);
    CHECK(code.message() == std::strerror(ENOENT) && code.value() == ENOENT);
    CHECK(std::string(std::system_category().name()) == "system");
    std::error_code full(ENOSPC, std::system_category());
    CHECK(full == std::errc::no_space_on_device && full.message() == std::strerror(ENOSPC));
    CHECK(full.default_error_condition().category() == std::generic_category());
    try {
        throw std::system_error(code, "opening");
    } catch (const std::system_error &e) {
        CHECK(std::string(e.what()) == "opening: " + code.message());
        CHECK(e.code() == code);
    }
    CHECK(!std::error_code() && std::make_error_code(std::errc::timed_out));
    CHECK(std::make_error_code(std::io_errc::stream).category() == std::iostream_category());
    bool all = true;
    for (int e = 1; e < 130; e++)
        all &= !std::generic_category().message(e).empty();
    CHECK(all);
    return tap_done();
}
