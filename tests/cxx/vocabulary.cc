// optional, variant, any, tuple, function, bind, span.
#include <any>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "tap.hh"

template <class... T> struct Overloaded : T... {
    using T::operator()...;
};
template <class... T> Overloaded(T...) -> Overloaded<T...>;

struct Adder {
    int base;
    int add(int n) const { return base + n; }
};

int main()
{
    std::optional<std::string> o;
    CHECK(!o && o.value_or("none") == "none");
    THROWS(std::bad_optional_access, o.value());
    o = "some";
    CHECK(o->size() == 4);
    std::variant<int, std::string> v = 5;
    auto visit = Overloaded{[](int) { return 1; },
                            [](const std::string &) { return 2; }};
    CHECK(std::visit(visit, v) == 1);
    v = "text";
    CHECK(std::visit(visit, v) == 2 && std::holds_alternative<std::string>(v));
    THROWS(std::bad_variant_access, std::get<int>(v));
    std::any any = 3.5;
    CHECK(std::any_cast<double>(any) == 3.5);
    THROWS(std::bad_any_cast, std::any_cast<int>(any));
    auto t = std::make_tuple(1, std::string("b"), 2.5);
    auto [i, s, d] = t;
    CHECK(i == 1 && s == "b" && d == 2.5 && std::tuple_size_v<decltype(t)> == 3);
    CHECK(std::apply([](auto... x) { return sizeof...(x); }, t) == 3);
    std::function<int(int)> f;
    THROWS(std::bad_function_call, f(1));
    f = [n = 10](int x) mutable { return n += x; };
    CHECK(f(1) == 11 && f(1) == 12);
    f = std::bind(&Adder::add, Adder{100}, std::placeholders::_1);
    CHECK(f(5) == 105 && std::invoke(&Adder::base, Adder{7}) == 7);
    std::vector<int> data{1, 2, 3, 4};
    std::span<int> span(data);
    span.subspan(1, 2)[0] = 9;
    CHECK(data[1] == 9 && span.last(1)[0] == 4);
    int n = 0;
    auto ref = std::ref(n);
    ref.get()++;
    CHECK(n == 1);
    return tap_done();
}
