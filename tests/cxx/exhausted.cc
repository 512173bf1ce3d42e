// Memory that is really short: bad_alloc, also while an exception is on its way
// when nothing can be allocated, and all of it is there again afterwards.
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "tap.hh"

static int nhandled;

// Fill memory to the last small block, then throw: the exception itself needs
// memory, which the library keeps for that.
static bool throw_without_memory()
{
    std::vector<void *> blocks;
    bool caught = false;

    blocks.reserve(4u << 20);
    for (std::size_t size = 1u << 20; size >= 16; size /= 2)
        while (blocks.size() < blocks.capacity())
            if (void *p = ::operator new(size, std::nothrow))
                blocks.push_back(p);
            else
                break;
    try {
        throw std::domain_error("no memory");
    } catch (const std::exception &) {
        caught = true;
    }
    for (int i = 0; i < 100; i++)
        try {
            throw i;
        } catch (int) {
        }
    for (void *p : blocks)
        ::operator delete(p);
    return caught;
}

int main()
{
    struct rlimit limit = {48u << 20, 48u << 20};

    CHECK(setrlimit(RLIMIT_DATA, &limit) == 0);
    limit = {160u << 20, 160u << 20};
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    THROWS(std::bad_alloc, delete[] new char[200u << 20]);
    THROWS(std::bad_alloc, std::string(200u << 20, 'x'));
    THROWS(std::bad_alloc, std::vector<int> v; for (;;) v.push_back(1));
    THROWS(std::bad_array_new_length,
           { volatile std::size_t n = std::size_t(-1) / 2; delete[] new int[n]; });
    std::set_new_handler([] {
        if (++nhandled == 3)
            std::set_new_handler(nullptr);
    });
    THROWS(std::bad_alloc, delete[] new char[200u << 20]);
    CHECK(nhandled == 3);
    CHECK(throw_without_memory());
    std::vector<char> again(20u << 20);
    CHECK(again.size() == 20u << 20);
    return tap_done();
}
