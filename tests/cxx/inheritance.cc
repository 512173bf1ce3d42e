// Objects: the order of bases and members, virtual calls while they are built
// and destroyed, covariant results, pointers to members, copies and moves.
#include <string>
#include <utility>

#include "tap.hh"

static std::string trace;

struct Part {
    char c;
    explicit Part(char name) : c(name) { trace += c; }
    ~Part() { trace += char(c - 32); }
};

struct Root {
    Part p{'r'};
    Root() { trace += who(); }
    virtual ~Root() { trace += who(); }
    virtual char who() const { return '1'; }
    virtual Root *self() { return this; }
};
struct Mid1 : virtual Root {
    Part p{'m'};
};
struct Mid2 : virtual Root {
    Part p{'n'};
};
struct Leaf : Mid1, Mid2 {
    Part a{'a'}, b{'b'};
    Leaf() { trace += who(); }
    ~Leaf() override { trace += who(); }
    char who() const override { return '2'; }
    Leaf *self() override { return this; }
};

struct Tracked {
    static inline int copies, moves;
    Tracked() = default;
    Tracked(const Tracked &) { copies++; }
    Tracked(Tracked &&) noexcept { moves++; }
};

static Tracked make()
{
    Tracked t;
    return t;
}

int main()
{
    {
        Leaf leaf;
        Root &root = leaf;
        CHECK(root.self() == &leaf && root.who() == '2');
        char (Root::*call)() const = &Root::who;
        CHECK((root.*call)() == '2');
        Part Leaf::*member = &Leaf::b;
        CHECK((leaf.*member).c == 'b');
    }
    CHECK(trace == "r1mnab22BANM1R");
    Tracked t = make();
    CHECK(Tracked::copies == 0);
    Tracked u = t, w = std::move(u);
    (void)w;
    CHECK(Tracked::copies == 1 && Tracked::moves >= 1);
    Root *p = new Leaf;
    trace.clear();
    delete p;
    CHECK(trace == "2BANM1R");
    return tap_done();
}
