// typeid and dynamic_cast across single, multiple and virtual inheritance.
#include <typeindex>
#include <typeinfo>
#include <new>
#include <string>

#include <cxxabi.h>
#include <cstdlib>

#include "tap.hh"

namespace shapes {
struct A { virtual ~A() = default; int a = 1; };
struct B { virtual ~B() = default; int b = 2; };
struct V : virtual A { int v = 3; };
struct W : virtual A { int w = 4; };
struct X : V, W, B { int x = 5; };
template <class T> struct Box { T t; };
}

int main()
{
    using namespace shapes;
    X x;
    A *a = &x;
    B *b = &x;
    A object, &plain = *std::launder(&object);
    A *none = nullptr;

    CHECK(dynamic_cast<X *>(a) == &x);
    CHECK(dynamic_cast<B *>(a) == b);
    CHECK(dynamic_cast<W *>(b)->w == 4);
    CHECK(dynamic_cast<void *>(b) == static_cast<void *>(&x));
    CHECK(dynamic_cast<X *>(&plain) == nullptr);
    CHECK(dynamic_cast<X *>(none) == nullptr);
    THROWS(std::bad_cast, (void)dynamic_cast<X &>(plain));
    THROWS(std::bad_typeid, (void)typeid(*none).name());
    CHECK(typeid(*a) == typeid(X) && typeid(a) == typeid(A *));
    CHECK(typeid(int) != typeid(unsigned));
    CHECK(std::type_index(typeid(*b)) == std::type_index(typeid(X)));
    CHECK(typeid(X).hash_code() == typeid(x).hash_code());
    int status = -1;
    char *name = abi::__cxa_demangle(typeid(Box<std::string>).name(), nullptr,
                                     nullptr, &status);
    CHECK(status == 0 && std::string(name).find("shapes::Box<std::") == 0);
    std::free(name);
    return tap_done();
}
