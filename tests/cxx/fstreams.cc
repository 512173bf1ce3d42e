// Streams of files: text and bytes, seeking, appending, errors, a large one.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <unistd.h>

#include "tap.hh"

int main()
{
    std::string name = "/tmp/fstreams." + std::to_string(getpid());

    {
        std::ofstream out(name);
        CHECK(out.is_open());
        for (int i = 0; i < 10000; i++)
            out << i << '\n';
    }
    {
        std::ifstream in(name);
        long sum = 0, n, count = 0;
        while (in >> n)
            sum += n, count++;
        CHECK(sum == 49995000 && count == 10000 && in.eof());
        in.clear();
        in.seekg(0);
        CHECK(in >> n && n == 0);
        in.seekg(-5, std::ios::end);
        CHECK(in >> n && n == 9999);
    }
    {
        std::fstream both(name, std::ios::in | std::ios::out);
        both.seekp(2);
        both << 'X';
        both.seekg(0);
        std::string first;
        both >> first >> first;
        CHECK(first == "X");
    }
    {
        std::ofstream more(name, std::ios::app);
        more << "end\n";
    }
    {
        std::ifstream in(name, std::ios::binary);
        std::string all((std::istreambuf_iterator<char>(in)),
                        std::istreambuf_iterator<char>());
        CHECK(all.size() == 48894 && all.substr(48890) == "end\n");
    }
    {
        std::vector<char> bytes(300000);
        for (std::size_t i = 0; i < bytes.size(); i++)
            bytes[i] = char(i * 7);
        std::ofstream(name, std::ios::binary).write(bytes.data(), 300000);
        std::vector<char> back(300001);
        std::ifstream in(name, std::ios::binary);
        in.read(back.data(), 300001);
        CHECK(in.gcount() == 300000 && in.eof());
        back.resize(300000);
        CHECK(back == bytes);
    }
    std::ifstream none("/no/such/file");
    CHECK(!none.is_open() && none.fail());
    std::ofstream dir("/tmp");
    CHECK(!dir);
    std::ofstream full("/dev/full");
    full << "x" << std::flush;
    CHECK(full.bad());
    std::filebuf closed;
    CHECK(closed.close() == nullptr);
    unlink(name.c_str());
    return tap_done();
}
