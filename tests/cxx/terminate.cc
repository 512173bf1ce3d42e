// How a program ends that nothing catches: what it says, and SIGABRT.
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "tap.hh"

struct Ending {
    int signal, status;
    std::string said;
};

static Ending run(void (*end)())
{
    Ending ending{};
    int ends[2], status = 0;
    char buffer[256];
    ssize_t n;

    std::fflush(nullptr);
    if (pipe(ends) != 0)
        return ending;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        end();
        _exit(0);
    }
    close(ends[1]);
    while ((n = read(ends[0], buffer, sizeof(buffer))) > 0)
        ending.said.append(buffer, std::size_t(n));
    close(ends[0]);
    waitpid(pid, &status, 0);
    ending.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    ending.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ending;
}

struct Thrower {
    ~Thrower() noexcept(false) { throw 2; }
};

struct Abstract {
    Abstract() { call(this); }
    [[gnu::noipa]] static void call(Abstract *self) { self->pure(); }
    virtual void pure() = 0;
};
struct Concrete : Abstract {
    void pure() override {}
};

int main()
{
    Ending e = run([] { throw std::runtime_error("the reason"); });
    CHECK(e.signal == SIGABRT);
    CHECK(e.said.find("terminate called after throwing an instance of "
                      "'std::runtime_error'") == 0);
    CHECK(e.said.find("what():  the reason") != std::string::npos);
    e = run([]() noexcept { std::rethrow_exception(std::make_exception_ptr(1)); });
    CHECK(e.signal == SIGABRT && e.said.find("'int'") != std::string::npos);
    e = run([] {
        try {
            Thrower t;
            throw 1;
        } catch (...) {
        }
    });
    CHECK(e.signal == SIGABRT);
    e = run([] { throw; });
    CHECK(e.signal == SIGABRT &&
          e.said.find("without an active exception") != std::string::npos);
    e = run([] { Concrete c; });
    CHECK(e.signal == SIGABRT &&
          e.said.find("pure virtual method called") != std::string::npos);
    e = run([] {
        std::set_terminate([] { _exit(9); });
        throw 1;
    });
    CHECK(e.signal == 0 && e.status == 9);
    e = run([] { std::exit(4); });
    CHECK(e.status == 4);
    e = run([] {
        std::at_quick_exit([] { _exit(6); });
        std::quick_exit(1);
    });
    CHECK(e.status == 6);
    return tap_done();
}
