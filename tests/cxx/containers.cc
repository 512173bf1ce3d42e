// Sequences and sets: vector, deque, list, forward_list, array, map, set, the
// unordered ones, queues, bitset; a model against sorted vectors at random.
#include <algorithm>
#include <array>
#include <bitset>
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <queue>
#include <random>
#include <set>
#include <stack>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tap.hh"

// Keys come and go; the map, the hash and a vector agree.
static bool model(unsigned seed)
{
    std::mt19937 random(seed);
    std::map<int, int> tree;
    std::unordered_map<int, int> hash;
    std::vector<std::pair<int, int>> list;

    for (int i = 0; i < 4000; i++) {
        int key = int(random() % 500), value = int(random());
        auto at = std::lower_bound(list.begin(), list.end(), std::pair(key, -1),
                                   [](auto a, auto b) {
                                       return a.first < b.first;
                                   });
        bool there = at != list.end() && at->first == key;

        if (random() % 2) {
            tree[key] = hash[key] = value;
            if (there)
                at->second = value;
            else
                list.insert(at, {key, value});
        } else {
            if (tree.erase(key) != there || hash.erase(key) != there)
                return false;
            if (there)
                list.erase(at);
        }
    }
    std::vector<std::pair<int, int>> sorted(hash.begin(), hash.end());
    std::sort(sorted.begin(), sorted.end());
    return sorted == list &&
           std::equal(tree.begin(), tree.end(), list.begin(), list.end(),
                      [](auto &a, auto &b) {
                          return a.first == b.first && a.second == b.second;
                      });
}

int main()
{
    std::vector<int> v{3, 1, 2};
    v.insert(v.begin() + 1, 5, 9);
    v.erase(std::remove(v.begin(), v.end(), 9), v.end());
    CHECK(v == std::vector({3, 1, 2}));
    THROWS(std::out_of_range, v.at(3));
    v.emplace_back(4);
    CHECK(v.size() == 4 && v.back() == 4);
    std::vector<bool> bits(100);
    bits[63] = true;
    CHECK(std::count(bits.begin(), bits.end(), true) == 1);
    std::deque<int> d;
    for (int i = 0; i < 1000; i++)
        i % 2 ? d.push_back(i) : d.push_front(i);
    CHECK(d.front() == 998 && d.back() == 999 && d[500] == 1);
    std::list<int> l{5, 3, 8}, other{1, 9};
    l.sort();
    l.merge(other);
    CHECK(l == std::list({1, 3, 5, 8, 9}) && other.empty());
    l.splice(l.begin(), l, std::prev(l.end()));
    CHECK(l.front() == 9);
    std::forward_list<int> f{1, 2, 3};
    f.reverse();
    CHECK(f.front() == 3);
    std::array<int, 3> a{1, 2, 3};
    CHECK(a.size() == 3 && std::get<1>(a) == 2);
    std::multimap<std::string, int> mm{{"a", 1}, {"b", 2}, {"a", 3}};
    CHECK(mm.count("a") == 2 && mm.equal_range("a").first->second == 1);
    std::map<std::string, int> m{{"x", 1}};
    auto [at, fresh] = m.try_emplace("x", 7);
    CHECK(!fresh && at->second == 1);
    auto node = m.extract("x");
    node.key() = "y";
    m.insert(std::move(node));
    CHECK(m.count("y") == 1 && m.count("x") == 0);
    std::set<int, std::greater<>> s{1, 5, 3};
    CHECK(*s.begin() == 5 && *s.lower_bound(4) == 3);
    std::unordered_set<std::string> u;
    for (int i = 0; i < 5000; i++)
        u.insert(std::to_string(i % 2500));
    CHECK(u.size() == 2500 && u.count("2499") && u.load_factor() <= 1);
    std::priority_queue<int> q;
    for (int x : {3, 9, 1})
        q.push(x);
    CHECK(q.top() == 9);
    std::stack<int> st;
    st.push(1);
    std::queue<int> fifo;
    fifo.push(1), fifo.push(2);
    CHECK(st.top() == 1 && fifo.front() == 1);
    std::bitset<70> b("101");
    CHECK(b.count() == 2 && (b << 60).test(62) && b.to_string().size() == 70);
    for (unsigned seed = 1; seed <= 5; seed++)
        CHECK(model(seed));
    return tap_done();
}
