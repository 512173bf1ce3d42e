"""Kernel stacks: the kernel's are deep enough, and the tool would say if not."""
import os
import re
import subprocess

import pytest

from machine import KERNEL, ROOT

CROSS = os.environ.get("CROSS", "i686-linux-gnu-")

# What the tool asks of every kernel, and a place for a test's own functions.
SOURCE = """
#define NOINLINE __attribute__((noinline))
void use(void *p);
asm(".globl use\\n.type use, @function\\nuse: ret\\n.size use, .-use");
asm(".section .extable, \\"a\\"\\n.globl extable_start, extable_end\\n"
    "extable_start: .long touch_user, 0\\nextable_end:\\n.text");
NOINLINE void touch_user(void) { use(0); }
struct file { const struct file_ops *ops; };
struct file_ops { int (*read)(struct file *file); };
%(functions)s
int sys_test(int x) { %(body)s; return x; }
asm(".globl syscall_entry\\n.type syscall_entry, @function\\n"
    "syscall_entry: call *%%eax\\nret\\n.size syscall_entry, .-syscall_entry");
asm(".globl call_function\\n.type call_function, @function\\n"
    "call_function: call *%%eax\\nret\\n.size call_function, .-call_function");
asm(".globl syscall_entry_traced\\n.type syscall_entry_traced, @function\\n"
    "syscall_entry_traced: call call_function\\nret\\n"
    ".size syscall_entry_traced, .-syscall_entry_traced");
void thread_create(void (*entry)(void *)), process_create(void);
NOINLINE void irq_dispatch(void) { %(irq)s; use(0); }
NOINLINE void upcall_page_fault(void) { %(fault)s; use(0); }
NOINLINE void trap_dispatch(int x)
{
    if (x)
        irq_dispatch();
    else
        upcall_page_fault();
    use(0);
}
NOINLINE void trap_entry(int x) { trap_dispatch(x); use(0); }
void kmain(void) { trap_entry(0); touch_user(); use(0); }
"""


def big(nbytes):
    return f"char room[{nbytes}]; use(room)"


def check(path, functions="", body="use(0)", irq="", fault=""):
    """Runs the tool on a kernel of these parts: its status and what it says."""
    source = path / "kernel"
    source.mkdir(exist_ok=True)
    (source / "test.c").write_text(SOURCE % {
        "functions": functions, "body": body, "irq": irq, "fault": fault})
    subprocess.run(
        [CROSS + "gcc", "-g", "-O1", "-ffreestanding", "-fno-pic", "-no-pie",
         "-fno-stack-protector", "-fcf-protection=none", "-nostdlib", "-w",
         "-mpreferred-stack-boundary=2", "-fno-optimize-sibling-calls",
         f"-ffile-prefix-map={path}=.", "-Wl,-e,kmain,--build-id=none",
         "kernel/test.c", "-o", "test.elf"], cwd=path, check=True)
    result = subprocess.run(
        [ROOT / "tools/stack-check.py", "--tools", CROSS, "--source", source,
         path / "test.elf"], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=60)
    return result.returncode, result.stdout


def depth(text):
    return int(re.search(r"kernel stacks: (\d+) bytes", text)[1])


def test_the_kernel_has_room():
    result = subprocess.run([ROOT / "tools/stack-check.py", "--tools", CROSS,
                             KERNEL], text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, timeout=120)
    assert result.returncode == 0, result.stdout
    print(result.stdout)
    # Less would mean that something deep is not seen.
    assert 2500 < depth(result.stdout) <= 8192


@pytest.mark.parametrize("where", ["body", "irq", "fault"])
def test_what_is_deep_is_counted_wherever_it_is(tmp_path, where):
    _, small = check(tmp_path, body="touch_user()")
    parts = {"body": "touch_user()", where: big(2000) + "; touch_user()"
             if where == "body" else big(2000)}
    status, large = check(tmp_path, **parts)
    assert status == 0
    assert 2000 <= depth(large) - depth(small) < 2050


def test_too_deep_is_an_error(tmp_path):
    status, text = check(tmp_path, body=big(8200))
    assert status == 1
    assert "a stack may overflow" in text and "sys_test" in text


def test_a_sum_that_is_too_deep(tmp_path):
    """A fault comes on top of what has called touch_user, and of no other."""
    status, text = check(
        tmp_path, "NOINLINE void deep(void) { %s; }" % big(2800),
        "deep(); touch_user()", irq=big(2800), fault=big(2800))
    assert status == 0, text
    status, text = check(
        tmp_path, body=big(2800) + "; touch_user(); use(room)",
        irq=big(2800), fault=big(2800))
    assert status == 1 and "of them" in text


@pytest.mark.parametrize("functions", [
    "NOINLINE int again(int x) { use(&x); return x ? again(x - 1) + x : 0; }",
    """int again(int x);
       NOINLINE int other(int x) { use(&x); return again(x) + x; }
       NOINLINE int again(int x) { use(&x); return x ? other(x - 1) + x : 0; }
    """])
def test_recursion_without_a_bound_is_an_error(tmp_path, functions):
    status, text = check(tmp_path, functions, "again(x)")
    assert status == 1
    assert "recursion without a known bound" in text and "again" in text


OPS = """
NOINLINE int deep_read(struct file *file) { %s; return 0; }
static const struct file_ops deep_ops = {
    .read = deep_read,
};
struct file the_file = {&deep_ops};
NOINLINE int do_read(struct file *file)
{
    return file->ops->read(file) + 1;
}
"""


def test_a_call_through_a_struct_of_functions(tmp_path):
    _, small = check(tmp_path, OPS % "", "do_read(&the_file)")
    status, large = check(tmp_path, OPS % big(3000), "do_read(&the_file)")
    assert status == 0
    assert 2900 <= depth(large) - depth(small) < 3050


def test_a_call_through_a_parameter(tmp_path):
    functions = """
NOINLINE void visitor(int n) { %s; }
NOINLINE void each(void (*visit)(int n), int n)
{
    visit(n);
    use(0);
}
""" % big(3000)
    status, text = check(tmp_path, functions, "each(visitor, x)")
    assert status == 0 and depth(text) > 3000


def test_a_call_that_may_lead_anywhere_is_an_error(tmp_path):
    status, text = check(
        tmp_path, "void (*hook)(void);", "hook()")
    assert status == 1
    assert "targets are not known" in text and "hook()" in text


def test_a_stack_of_unknown_size_is_an_error(tmp_path):
    status, text = check(tmp_path, body="char room[x]; use(room)")
    assert status == 1 and "is not known" in text
