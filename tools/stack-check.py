#!/usr/bin/env python3
"""Computes how deep the kernel's stacks can get, and fails if one may overflow.

    stack-check.py [--all] [--tools PREFIX] [--source DIR] KERNEL.ELF

The machine code is followed, instruction by instruction, so that pushes, saved
registers, arguments, tail calls and inlined functions count as what they are.
For each function that gives the calls it makes, and how much of the stack is
in use at each.  The deepest way from an entry point down is the answer.

    syscall_entry   a system call, and what is done on the way back to the user
    ..._traced      the same when it is recorded (sys/lab.c)
    trap_entry      an exception or interrupt of user code
    thread ...      each function that a kernel thread begins with
    kmain           the boot, on a stack of its own

On top of it come, where they can: a page fault of the kernel in a copy from or
to user memory (functions with an entry in .extable), and an interrupt.  The
double fault has its own stack; panic does not return, so what it needs is not
counted: if it overflows, the page below the stack is not mapped.

Calls through pointers are found in the source, by the line of the call:
x->ops->read(...) can reach each function that `.read =` or `read =` names in a
struct of that type, and visit(...) each function that is passed on for a
parameter of that name.  A call with no known target is an error.  Functions
that call themselves, directly or through others, must be in RECURSION with a
bound, else that is an error too.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys

STACK = 8192       # KSTACK_SIZE
BOOT_STACK = 8192  # boot_stack in start.S

# Functions that may call themselves, directly or through others: how many of
# them can be under way at once, and why no more.  Every circle of calls must
# lead through one of them.
RECURSION = {
    "count": (7, "the levels of a file's tree of pages (fs/pagemap.c)"),
    "claim": (7, "the same levels"),
    "check_subtree": (49, "HEIGHT_MAX (lib/tree.c)"),
    "find_in_way": (49, "the same (fs/lock.c)"),
    "visit_one": (1, "none of them is ever told to visit another "
                     "(fs/inode.c, fs/dentry.c)"),
    "wake_waiters": (2, "a call within another leaves the waking to that one "
                        "(proc/epoll.c)"),
    "epoll_poll": (5, "EPOLL_DEPTH (proc/epoll.c)"),
    "sets_above": (6, "the same, and the set that is to be added"),
    "height_of": (6, "the same"),
    "screen_reply": (2, "it drops an answer to an answer (dev/console.c)"),
}

# Whose faults are those of segments, not of pages.
NO_PAGES = {"segment_load_fs", "segment_load_gs"}

# What the receivers of a call through a pointer are called, and their type or
# the function by which they get it.
RECEIVERS = [
    (r"(file|in|out)->ops|\bops->(open|release)\(file", "file_ops"),
    (r"(inode|root|place|victim|dir)(->inode)?->ops", "inode_ops"),
    (r"obj->ops", "mobject_ops"),
    (r"tty->ops", "tty_ops"),
    (r"screen\.output->", "screen_output"),
    (r"tree->ops", "tree_ops"),
    (r"serial\.ops", "port_ops"),
    (r"transport->", "virtio_transport"),
    (r"\bfs->", "fs"),
    (r"sinks?(\[i\]\.|->)", "log_add_sink()"),
    (r"\btar->", "tar"),
    (r"\bentry->", "procfs_entry"),
    (r"\breader->", "dir_reader"),
]

# Never counted: the machine stops there.
LAST = {"panic", "panic_trap"}


def fail(message):
    sys.exit(f"stack-check: {message}")


def run(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


# ---- the source: which functions a pointer may lead to ----

class Source:
    """Functions by the members, variables and parameters that name them."""

    def __init__(self, root, names):
        self.names = names
        self.files = {}
        self.members = collections.defaultdict(set)   # (type, member)
        self.anywhere = collections.defaultdict(set)  # member or variable
        self.passed = collections.defaultdict(set)    # parameter
        self.alias = collections.defaultdict(set)     # name: parameter
        self.given = collections.defaultdict(set)     # function: arguments
        self.loose = set()  # functions that are passed a parameter on
        for path in sorted(root.rglob("*.[ch]")):
            self.files[path] = path.read_text()
        for text in self.files.values():
            self.read_assignments(text)
        self.read_parameters()

    def read_assignments(self, text):
        for match in re.finditer(r"\bstruct (\w+) \w+(?:\[\w*\])* = \{", text):
            body = text[match.end():text.find("\n};", match.end())]
            body = body if "};" not in body else body[:body.find("};")]
            for member, value in re.findall(r"\.(\w+) = (\w+)\b", body):
                if value in self.names:
                    self.members[match[1], member].add(value)
            if "." not in body:
                for value in re.findall(r"\b(\w+)\b", body):
                    if value in self.names:
                        self.members[match[1], "*"].add(value)
        for member, value in re.findall(r"\b(\w+) = &?(\w+)[,;} \n]", text):
            if value in self.names:
                self.anywhere[member].add(value)

    @staticmethod
    def arguments(text, start):
        """The text between the parenthesis before `start` and its match."""
        depth, end = 1, start
        while depth and end < len(text):
            depth += (text[end] == "(") - (text[end] == ")")
            end += 1
        return text[start:end - 1]

    def read_parameters(self):
        """Which functions are passed on for parameters that are functions."""
        takers = collections.defaultdict(set)
        for text in self.files.values():
            for match in re.finditer(r"^[\w *]*?\b(\w+)\(", text, re.M):
                given = self.arguments(text, match.end())
                for name in re.findall(r"\(\*(\w+)\)\s*\(|\w+_fn \*(\w+)",
                                       given):
                    takers[match[1]].add(name[0] or name[1])
        parameters = set().union(*takers.values())
        for text in self.files.values():
            for match in re.finditer(r"\b(\w+)\(", text):
                if match[1] not in takers:
                    continue
                given = self.arguments(text, match.end())
                for word in re.findall(r"\b\w+\b", given):
                    if word in self.names:
                        self.given[match[1]].add(word)
                    for name in takers[match[1]]:
                        if word in self.names:
                            self.passed[name].add(word)
                        elif word in parameters and word != name:
                            self.alias[name].add(word)
                            self.loose.add(match[1])
        for text in self.files.values():
            for name, value in re.findall(r"\b(\w+) = (\w+);", text):
                if value in parameters:
                    self.alias[name].add(value)

    def named(self, name, depth=3):
        """What a variable, member or parameter of this name may be."""
        found = self.anywhere[name] | self.passed[name]
        if not found and depth > 0:
            for other in self.alias[name]:
                found |= self.named(other, depth - 1)
        return found

    def line(self, path, number):
        """The source of a call: its line, and the next ones if it goes on."""
        lines = self.files[path].split("\n")
        return " ".join(lines[number - 1:number + 3])

    def targets(self, path, number, inside):
        """What an indirect call in this line of a function may reach."""
        text = self.line(path, number)
        found = set()
        match = re.search(r"((?:[\w.]|->|\[\w+\])*)(->|\.)(\w+)\(", text)
        bare = re.match(r"[^;]*?(?<![\w.>])(\w+)\(", text)
        if match:
            receiver, member = match[1] + match[2], match[3]
            for pattern, kind in RECEIVERS:
                if re.search(pattern, receiver):
                    found |= self.members[kind, member]
                    found |= self.members[kind, "*"]
                    if kind.endswith("()"):
                        found = self.given[kind[:-2]] or self.passed[member]
            found = found or self.named(member)
        if not found and bare:
            for name in re.findall(r"(?<![\w.>])(\w+)\(", text):
                found = self.named(name)
                if found & self.given[inside] and inside not in self.loose:
                    found = found & self.given[inside]
                if found:
                    break
        return found, text.strip()


# ---- the machine code ----

class Function:
    def __init__(self, name, start):
        self.name = name
        self.start = start
        self.local = 0    # deepest use of its own
        self.calls = {}   # address of the callee: stack in use at the call
        self.indirect = {}  # address of the call: stack in use


class Code:
    def __init__(self, elf, prefix, no_return):
        self.elf, self.prefix = elf, prefix
        self.no_return = no_return
        self.instructions = {}  # address: (mnemonic, operands, next address)
        self.functions = {}
        self.pops = {}          # function: bytes that its return takes away
        self.read_symbols()
        self.disassemble()

    def tool(self, name, *arguments):
        return run(self.prefix + name, *arguments)

    def read_symbols(self):
        self.by_name = collections.defaultdict(set)
        self.symbols = {}
        for line in self.tool("readelf", "-sW", self.elf).splitlines():
            words = line.split()
            if len(words) < 8 or words[3] not in ("FUNC", "NOTYPE"):
                continue
            address, name = int(words[1], 16), words[7]
            self.symbols[name] = address
            if words[3] == "FUNC" and ".cold" not in name:
                self.functions.setdefault(address, Function(name, address))
                self.by_name[name.split(".")[0]].add(address)

    def disassemble(self):
        previous, owner = None, 0
        text = self.tool("objdump", "-d", "--no-show-raw-insn", "-w", self.elf)
        for line in text.splitlines():
            header = re.match(r"([0-9a-f]+) <.+>:$", line)
            if header:
                owner = int(header[1], 16)
                previous = None
                continue
            match = re.match(r" *([0-9a-f]+):\s+(.*?)\s*$", line)
            if not match:
                continue
            address = int(match[1], 16)
            body = re.sub(r"\s*<[^>]*>", "", match[2])
            body = re.sub(r"^(?:(?:rep\w*|lock|cs|ds|es|data16|notrack) )+", "",
                          body)
            words = body.split(None, 1)
            mnemonic = words[0] if words else "nop"
            operands = words[1].strip() if len(words) > 1 else ""
            self.instructions[address] = [mnemonic, operands, None]
            if mnemonic == "ret" and operands:
                self.pops[owner] = int(operands.lstrip("$"), 0)
            if previous is not None:
                self.instructions[previous][2] = address
            previous = address

    def lines(self, addresses):
        """The innermost function and the source line of each address."""
        out = self.tool("addr2line", "-f", "-e", self.elf,
                        *(hex(a) for a in addresses)).splitlines()
        return dict(zip(addresses, zip(out[::2], out[1::2])))

    # ---- one function ----

    def step(self, function, mnemonic, operands, depth, frame):
        """Stack in use, and at the frame pointer, after an instruction."""
        number = re.match(r"\$(-?0x[0-9a-f]+|-?\d+),%esp$", operands)
        if mnemonic in ("push", "pushl", "pushf", "pushfl"):
            depth += 4
        elif mnemonic in ("pusha", "pushal"):
            depth += 32
        elif mnemonic in ("pop", "popl", "popf", "popfl"):
            depth -= 4
            if operands == "%esp":
                fail(f"{function.name}: pop %esp")
        elif mnemonic in ("popa", "popal"):
            depth -= 32
        elif mnemonic in ("sub", "subl") and number:
            depth += int(number[1], 0)
        elif mnemonic in ("add", "addl") and number:
            depth -= int(number[1], 0)
        elif mnemonic in ("and", "andl") and number:
            depth += -int(number[1], 0) - 4 if int(number[1], 0) < 0 else 12
        elif mnemonic == "mov" and operands == "%esp,%ebp":
            frame = depth
        elif mnemonic == "mov" and operands == "%ebp,%esp":
            depth = frame
        elif mnemonic == "leave":
            depth = frame - 4
        elif mnemonic == "lea" and operands.endswith(",%esp"):
            match = re.match(r"(-?0x[0-9a-f]+)?\((%\w+)\)", operands)
            offset = int(match[1] or "0", 0)
            if match[2] == "%esp":
                depth -= offset
            elif match[2] == "%ebp":
                depth = frame - offset
            # Else the end of a function that has aligned its stack.
        elif operands.endswith(",%esp") and mnemonic not in ("cmp", "test",
                                                             "mov", "movl"):
            fail(f"{function.name}: {mnemonic} {operands}: the stack grows by "
                 f"what is not known")
        return depth, frame

    def follow(self, function):
        """Find all calls of a function and the depth at each."""
        todo = [(function.start, 0, 0)]
        seen = {}
        tables = []
        while todo:
            address, depth, frame = todo.pop()
            while address is not None and address in self.instructions:
                if seen.get(address, -1) >= depth:
                    break
                if seen.get(address, -1) >= 0 and depth > STACK:
                    fail(f"{function.name}: a loop that fills the stack")
                seen[address] = depth
                function.local = max(function.local, depth)
                mnemonic, operands, after = self.instructions[address]
                target = re.match(r"(0x)?([0-9a-f]+)$", operands)
                target = int(target[2], 16) if target else None
                if mnemonic.startswith("call"):
                    if operands.startswith("*"):
                        function.indirect[address] = max(
                            function.indirect.get(address, 0), depth + 4)
                    else:
                        self.call(function, target, depth + 4)
                        if self.ends(target):
                            break
                        depth -= self.pops.get(target, 0)
                elif mnemonic in ("jmp", "jmpl") and operands.startswith("*"):
                    if "(,%" in operands:
                        tables.append((depth, frame))
                    else:
                        function.indirect[address] = max(
                            function.indirect.get(address, 0), depth)
                    break
                elif mnemonic.startswith("j") and target is not None:
                    if target in self.functions and target != function.start:
                        self.call(function, target, depth)
                    else:
                        todo.append((target, depth, frame))
                    if mnemonic == "jmp":
                        break
                elif mnemonic.startswith(("ret", "iret", "ud2", "lret")):
                    break
                else:
                    depth, frame = self.step(function, mnemonic, operands,
                                             depth, frame)
                address = after
            if not todo and tables:
                depth, frame = max(tables)
                tables = []
                todo = [(a, depth, frame)
                        for a in self.unseen(function, seen)]

    def ends(self, target):
        function = self.functions.get(target)
        return (function is not None and
                function.name.split(".")[0] in self.no_return)

    def call(self, function, target, depth):
        if target in self.functions:
            if self.functions[target].name not in LAST:
                function.calls[target] = max(function.calls.get(target, 0),
                                             depth)
        else:
            fail(f"{function.name}: a call of {target:x}, which is no function")

    def unseen(self, function, seen):
        """Where a jump through a table may lead: what is not yet followed."""
        address, previous = function.start, True
        found = []
        while address in self.instructions:
            if address != function.start and address in self.functions:
                break
            if address not in seen and previous:
                found.append(address)
            previous = address in seen or self.instructions[address][0] in (
                "jmp", "ret", "nop", "xchg", "lea")
            address = self.instructions[address][2]
            if address is None:
                break
        return found


# ---- the whole ----

class Check:
    def __init__(self, elf, prefix, source):
        no_return = set()
        for path in source.rglob("*.[chS]"):
            no_return |= set(re.findall(r"\b_Noreturn [\w *]*?\b(\w+)\(",
                                        path.read_text()))
        self.code = Code(elf, prefix, no_return)
        self.source = Source(source, set(self.code.by_name))
        self.root = source.parent
        self.recursive, self.unbounded = [], []
        for function in self.code.functions.values():
            self.code.follow(function)
        self.add_system_calls()
        self.resolve()
        self.depth = {}
        self.next = {}

    def one(self, name):
        addresses = self.code.by_name.get(name)
        if not addresses:
            fail(f"there is no function {name}")
        return min(addresses)

    def add_system_calls(self):
        """These reach each sys_*; no C source says so."""
        for caller in "syscall_entry", "call_function":
            entry = self.code.functions[self.one(caller)]
            for name, addresses in self.code.by_name.items():
                if name.startswith("sys_"):
                    for address in addresses:
                        for depth in entry.indirect.values():
                            self.code.call(entry, address, depth)
            entry.indirect = {}

    def resolve(self):
        """Turn calls through pointers into calls of all that they may reach."""
        code = self.code
        wanted = [address for f in code.functions.values()
                  for address in f.indirect]
        lines = code.lines(wanted)
        errors = []
        for function in code.functions.values():
            for address, depth in function.indirect.items():
                inside, place = lines[address]
                place = re.match(r"(.*):(\d+)", place)
                path = self.root / place[1].removeprefix("./") if place else None
                if path is None or path.suffix == ".S":
                    continue  # context_start: a root of its own
                found, text = self.source.targets(path, int(place[2]),
                                                  inside)
                if not found:
                    errors.append(f"{place[1]}:{place[2]}: {text[:70]}")
                for name in found:
                    for target in code.by_name[name]:
                        code.call(function, target, depth)
        if errors:
            fail("calls whose targets are not known:\n  " +
                 "\n  ".join(sorted(set(errors))))

    # ---- faults of the kernel, and interrupts ----

    def faulting(self):
        """Functions with an instruction that may fault on user memory."""
        out = self.code.tool(
            "objdump", "-s", self.code.elf,
            *(f"--{side}-address={self.code.symbols['extable_' + end]}"
              for side, end in (("start", "start"), ("stop", "end"))))
        words = []
        for line in out.splitlines():
            match = re.match(r" [0-9a-f]+ ((?:[0-9a-f]{8} ?){1,4})", line)
            if match:
                words += [int.from_bytes(bytes.fromhex(w), "little")
                          for w in match[1].split()]
        starts = sorted(self.code.functions)
        for address in words[::2]:
            below = [s for s in starts if s <= address]
            if below:
                yield self.code.functions[below[-1]]

    def add_faults(self):
        """A page fault in a copy: the frame, trap_dispatch, and the fault."""
        code = self.code
        dispatch = code.functions[self.one("trap_dispatch")]
        entry = code.functions[self.one("trap_entry")]
        frame = 12 + 8 + max(entry.calls.values())
        fault = Function("(page fault)", -1)
        interrupt = Function("(interrupt)", -2)
        code.functions[-1], code.functions[-2] = fault, interrupt
        for target, depth in list(dispatch.calls.items()):
            name = code.functions[target].name
            into = interrupt if "dispatch" in name else fault
            if "user" not in name:
                into.calls[target] = frame + depth
            if into is interrupt:  # counted on top of every way
                del dispatch.calls[target]
        fault.local = interrupt.local = frame + dispatch.local
        for function in set(self.faulting()):
            if (function is not entry and function.name != "syscall_entry" and
                    function.name not in NO_PAGES):
                function.calls[-1] = function.local

    # ---- the deepest way ----

    def components(self):
        """Tarjan's strongly connected components, callees first."""
        functions = self.code.functions
        index, low, on_stack, stack, out = {}, {}, set(), [], []
        for root in functions:
            if root in index:
                continue
            work = [(root, iter(functions[root].calls))]
            index[root] = low[root] = len(index)
            stack.append(root)
            on_stack.add(root)
            while work:
                node, callees = work[-1]
                for callee in callees:
                    if callee not in index:
                        index[callee] = low[callee] = len(index)
                        stack.append(callee)
                        on_stack.add(callee)
                        work.append((callee, iter(functions[callee].calls)))
                        break
                    if callee in on_stack:
                        low[node] = min(low[node], index[callee])
                else:
                    work.pop()
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[node])
                    if low[node] == index[node]:
                        component = []
                        while True:
                            component.append(stack.pop())
                            on_stack.discard(component[-1])
                            if component[-1] == node:
                                break
                        out.append(component)
        return out

    def measure(self):
        functions = self.code.functions
        for component in self.components():
            members = set(component)
            cycle = len(component) > 1 or component[0] in functions[
                component[0]].calls
            extra = self.recursion(component) if cycle else 0
            for node in component:
                function = functions[node]
                self.depth[node], self.next[node] = function.local, None
                for callee, depth in function.calls.items():
                    if callee in members:
                        continue
                    if depth + self.depth[callee] > self.depth[node]:
                        self.depth[node] = depth + self.depth[callee]
                        self.next[node] = callee
            if cycle:
                deepest = max(component, key=self.depth.get)
                for node in component:
                    self.depth[node] = self.depth[deepest] + extra
                    self.next[node] = (self.next[node] if node == deepest
                                       else deepest)

    def recursion(self, component):
        """What a cycle adds to its deepest way out."""
        functions = self.code.functions
        names = {n: functions[n].name.split(".")[0] for n in component}
        through = {names[n] for n in component} & set(RECURSION)
        rest = [n for n in component if names[n] not in through]
        if not through or self.has_circle(rest):
            self.unbounded.append(", ".join(sorted(names.values())))
            return 0
        for name in through:
            self.recursive.append((sorted(names.values()), RECURSION[name]))
        return (self.longest_way(component) *
                sum(RECURSION[name][0] for name in through))

    def has_circle(self, nodes):
        """Whether these can still call each other in a circle."""
        left = set(nodes)
        while left:
            free = {n for n in left
                    if not left & set(self.code.functions[n].calls)}
            if not free:
                return True
            left -= free
        return False

    def longest_way(self, component):
        """The most that one round through a cycle can take."""
        functions = self.code.functions
        members = set(component)
        if len(component) > 16:  # too many ways: take all functions
            return sum(max(d for c, d in functions[n].calls.items()
                           if c in members) for n in component)

        def longest(node, seen):
            return max((d + longest(c, seen | {c})
                        for c, d in functions[node].calls.items()
                        if c in members and c not in seen),
                       default=max((d for c, d in functions[node].calls.items()
                                    if c in members), default=0))

        return max(longest(n, {n}) for n in component)

    def way(self, node):
        while node is not None:
            yield self.code.functions[node]
            node = self.next[node]

    def threads(self):
        """What kernel threads begin with."""
        given = self.source.given
        return sorted(given["thread_create"] | given["process_create"] |
                      given["process_create_first"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--all", action="store_true",
                        help="print the deepest way of every entry point")
    parser.add_argument("--tools", metavar="PREFIX",
                        default="i686-linux-gnu-")
    parser.add_argument("--source", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent /
                        "kernel")
    parser.add_argument("elf")
    options = parser.parse_args()

    check = Check(options.elf, options.tools, options.source)
    check.add_faults()
    check.measure()
    interrupt = check.depth[-2]
    roots = [("system call", "syscall_entry", 20, STACK),
             ("traced system call", "syscall_entry_traced", 20, STACK),
             ("exception of a program", "trap_entry", 28, STACK)]
    roots += [(f"thread {name}", name, 8, STACK) for name in check.threads()]
    roots += [("boot", "kmain", 16, BOOT_STACK)]
    worst, over = 0, []
    for what, name, start, room in roots:
        depth = start + check.depth[check.one(name)] + interrupt
        worst = max(worst, depth)
        if depth > room:
            over.append(f"{what}: {depth} bytes of {room}")
        if options.all or depth > room:
            print(f"{what}: {depth} bytes, of them {interrupt} by an interrupt")
            for function in check.way(check.one(name)):
                print(f"    {function.name}")
    if options.all:
        print("interrupt:")
        for function in check.way(-2):
            print(f"    {function.name}")
        for names, (bound, why) in check.recursive:
            print(f"recursion of {', '.join(names)}: {bound} at most, {why}")
    print(f"kernel stacks: {worst} bytes of {STACK} at most, "
          f"{len(check.code.functions)} functions, "
          f"{len(check.recursive)} recursions, all bounded")
    if check.unbounded:
        fail("recursion without a known bound:\n  " +
             "\n  ".join(check.unbounded))
    if over:
        fail("a stack may overflow: " + "; ".join(over))


if __name__ == "__main__":
    main()
