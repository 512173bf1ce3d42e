// std::filesystem: paths, making and removing, walking, links, errors.
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <unistd.h>

#include "tap.hh"

namespace fs = std::filesystem;

int main()
{
    fs::path root = "/tmp/files." + std::to_string(getpid());
    fs::path p = "/a/b/../c.tar.gz";

    CHECK(p.filename() == "c.tar.gz" && p.extension() == ".gz");
    CHECK(p.stem() == "c.tar" && p.lexically_normal() == "/a/c.tar.gz");
    CHECK(fs::path("/a/b").lexically_relative("/a/c") == "../b");
    CHECK((fs::path("x") / "y").string() == "x/y" && p.is_absolute());
    CHECK(fs::create_directories(root / "d/e/f"));
    CHECK(!fs::create_directory(root));
    std::ofstream(root / "d/file") << "content";
    CHECK(fs::file_size(root / "d/file") == 7);
    CHECK(fs::is_directory(root / "d") && fs::is_regular_file(root / "d/file"));
    fs::create_symlink("d/file", root / "link");
    CHECK(fs::is_symlink(root / "link") && fs::read_symlink(root / "link") == "d/file");
    CHECK(fs::canonical(root / "d/e/../../link") == root / "d/file");
    CHECK(fs::equivalent(root / "link", root / "d/file"));
    fs::create_hard_link(root / "d/file", root / "hard");
    CHECK(fs::hard_link_count(root / "hard") == 2);
    CHECK(fs::copy_file(root / "d/file", root / "copy"));
    THROWS(fs::filesystem_error, fs::copy_file(root / "d/file", root / "copy"));
    CHECK(fs::copy_file(root / "d/file", root / "copy",
                        fs::copy_options::overwrite_existing));
    fs::copy(root / "d", root / "tree", fs::copy_options::recursive);
    CHECK(fs::exists(root / "tree/e/f"));
    fs::rename(root / "copy", root / "renamed");
    fs::resize_file(root / "renamed", 100);
    CHECK(fs::file_size(root / "renamed") == 100);
    fs::permissions(root / "renamed", fs::perms(0600));
    CHECK((fs::status(root / "renamed").permissions() & fs::perms::mask) ==
          fs::perms(0600));
    auto when = fs::last_write_time(root / "renamed");
    fs::last_write_time(root / "renamed", when - std::chrono::hours(1));
    CHECK(when - fs::last_write_time(root / "renamed") == std::chrono::hours(1));
    std::set<std::string> names;
    for (auto &entry : fs::recursive_directory_iterator(root / "d"))
        names.insert(entry.path().lexically_relative(root));
    CHECK(names == std::set<std::string>({"d/e", "d/e/f", "d/file"}));
    std::error_code code;
    CHECK(!fs::exists("/no/such", code));
    CHECK(fs::file_size("/no/such", code) == std::uintmax_t(-1) &&
          code == std::errc::no_such_file_or_directory);
    THROWS(fs::filesystem_error, fs::remove(root / "d"));
    CHECK(fs::space("/tmp").capacity > 0 && fs::temp_directory_path() == "/tmp");
    auto before = fs::current_path();
    fs::current_path(root);
    CHECK(fs::current_path() == root);
    fs::current_path(before);
    CHECK(fs::remove_all(root) == 13 || !fs::exists(root));
    CHECK(!fs::exists(root));
    return tap_done();
}
