# What test_ports.py gives to dash in Cairn and to the same dash on this host:
# the output must be the same to the byte.  It uses what the shell has itself,
# and of the utilities only what both agree about.  It runs in an empty folder.

LC_ALL=C
export LC_ALL
umask 022
n=0

section() {
    n=$((n + 1))
    printf -- '--- %02d %s\n' "$n" "$*"
}

fail() {
    echo "unexpected: $*"
}

# ---- words and expansion

section parameters
set -- one 'two words' '' four
echo $# "$1" "$2" "[$3]" "$4"
printf '<%s>' "$@"; echo
printf '<%s>' "$*"; echo
printf '<%s>' $@; echo
IFS=,; echo "$*"; IFS=' 	
'
shift 2
echo $# "$2"
set --
echo "${1-none}" $#

section 'parameter expansion'
empty= ; unset missing; path=/usr/lib/libc.so.6.0; word=abcabc
echo "${missing:-default}" "${empty:-default}" "${empty-unset}" "[${missing-}]"
echo "${missing:=assigned}" "$missing" "${word:+set}" "[${empty:+set}]"
echo "${path#*/}" "${path##*/}" "${path%.*}" "${path%%.*}" "${#path}"
echo "${word#*b}" "${word##*b}" "${word%b*}" "${word%%b*}" "${word#x}"
(: "${gone:?is not here}") 2>/dev/null || echo "refused with $?"
quoted='a"b'; echo "${quoted%\"*}" "${word#"a"}"
echo "${missing#"${missing%?}"}" '${word}' "\$word" "\"q\""
digits=0123456789; echo "${digits#???}" "${digits%[5-9]*}"

section 'field splitting and globs'
text='  one   two	three
four '
set -- $text; echo $#
set -- "$text"; echo $#
IFS=:; set -- a:b::c:; echo $# "$4"; line=a:b::c:; set -- $line; echo $# "[$3]"; unset IFS
mkdir globs; cd globs
: >b.c; : >a.c; : >.hidden; : >'with space'; mkdir d; : >d/e.h
echo *; echo *.c; echo ?.c; echo [!a]*.c; echo .h*; echo */*; echo none*; echo "*"
set -f; echo *.c; set +f
for f in *; do printf '[%s]' "$f"; done; echo
cd ..

section arithmetic
i=7; echo $((i + 3 * 2)) $(((i + 3) * 2)) $((i / 2)) $((i % 4)) $((-i))
echo $((1 << 10)) $((0xff & 0x0f | 0x30)) $((5 ^ 1)) $((~0)) $((!3)) $((010))
echo $((i > 3 && i < 10)) $((i == 7 ? 100 : 200)) $((i += 5)) $i $((i -= 1)) $((i))
echo $((9223372036854775807)) $((9223372036854775807 + 1)) $((2 * (3 + (4 - 1))))
j='i + 1'; echo $((i + 0)) $(( (1 || 0) && 0 )) $((1 ? 2 ? 3 : 4 : 5))
(echo $((1 / 0))) 2>/dev/null || echo "division refused"

section 'command substitution'
echo "$(echo a; echo b)" $(echo c; echo d) "[$(printf 'e\n\n\n')]"
echo "nested $(echo "in $(echo deepest) out")" `echo back \`echo ticks\``
status=$(exit 3) || echo "status $?"
lines=$(printf '1\n2\n3\n' | while read -r l; do echo "<$l>"; done); echo $lines

section 'tilde and quotes'
HOME=/home/me; echo ~ ~/x "~" a~; eval 'echo "a  b" '\''c  d'\'' e\ \ f'
printf '%s\n' 'single $HOME `x` \n' "double $HOME \\ \`"

# ---- control

section 'if, case'
classify() {
    case $1 in
    '') echo empty ;;
    [0-9]) echo digit ;;
    [0-9]*[!0-9]*) echo mixed ;;
    -*|+*) echo signed ;;
    *.txt | *.md) echo text ;;
    a\*b) echo star ;;
    *) echo other ;;
    esac
}
for w in '' 5 12x -3 +4 note.md 'a*b' axb; do classify "$w"; done
if false; then fail if; elif [ 1 -lt 2 ]; then echo elif; else fail else; fi
! false && echo negated; [ ! -e nosuch ] && echo absent
true && false || echo chain; { false; echo group; } | cat

section loops
for i in 1 2 3 4 5 6; do
    [ $i = 2 ] && continue
    [ $i = 5 ] && break
    printf '%s ' $i
done; echo "left $i"
i=0; while [ $i -lt 3 ]; do i=$((i + 1)); j=0
    until [ $j -ge 3 ]; do
        j=$((j + 1))
        [ $j = 2 ] && continue 2
        printf '%d.%d ' $i $j
    done
done; echo
for i in a b; do for j in 1 2 3; do [ $i$j = b2 ] && break 2; printf $i$j' '; done; done; echo
set -- x y z; for arg do printf '(%s)' "$arg"; done; echo

section functions
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }
fact 10
outer() { local v=inner; inner; echo "outer sees $v"; }
inner() { echo "inner sees $v"; v=changed; }
v=global; outer; echo "v is $v"
give() { return $1; }
give 0 && echo zero; give 42 || echo $?
args() { echo $# "$@"; shift; echo $# "$@"; }
set -- keep me; args 1 2 3; echo "$@"
redirected() { echo to file; echo to stderr >&2; } >out 2>&1
redirected; cat out
sub() (v=sub; cd /; echo $v); sub; echo $v
unset -f give; give 2>/dev/null || echo "gone $?"

section getopts
parse() {
    OPTIND=1; a=0; b=
    while getopts :ab:v opt; do
        case $opt in
        a) a=$((a + 1)) ;;
        b) b=$OPTARG ;;
        v) echo verbose ;;
        :) echo "-$OPTARG wants a value" ;;
        \?) echo "unknown -$OPTARG" ;;
        esac
    done
    shift $((OPTIND - 1))
    echo "a=$a b=$b rest=$*"
}
parse -a -a -b value x y; parse -aabjoined -- -v; parse -z -v -b; parse plain -a

# ---- input and output

section redirection
echo first >f; echo second >>f; cat <f; echo third 1>&2 2>err; cat f | wc -l | tr -d ' '
{ echo out; echo err >&2; } >both 2>&1; cat both
exec 3>three 4<f; echo via three >&3; read -r l <&4; echo "read $l"; read -r l <&4; echo "then $l"
exec 3>&- 4<&-; cat three; (echo x >&3) 2>/dev/null || echo "3 is closed"
set -C; (echo over >f) 2>/dev/null || echo "noclobber"; echo over >|f; cat f; set +C
echo swapped 3>&1 1>&2 2>&3 3>&- 2>/dev/null | cat
while read -r l; do echo "<$l>"; done <<X | tr a-z A-Z
one
two
X
cat <nosuch 2>/dev/null || echo "no such file: $?"

section 'here-documents'
name=World
cat <<END
Hello, $name! $((6 * 7)) $(echo sub) \$name \\ "quoted" 'single'
a back\
slash joins lines
END
cat <<'END'
Hello, $name! $((6 * 7)) \$name
END
cat <<-END
	tabs	go
		at the start
	END
cat <<A; cat <<B
from a
A
from b
B
f() { cat <<X; }
in a function: $1
X
f argument
big=$(i=0; while [ $i -lt 2000 ]; do echo "line $i of a long text"; i=$((i + 1)); done)
cat <<X | wc -c | tr -d ' '
$big
X

section read
printf 'a b c d\n' | { read x y; echo "$x|$y"; }
printf 'a:b:c\n' | { IFS=: read x y z; echo "$x|$y|$z"; }
printf '  lead and trail  \n' | { read x; echo "[$x]"; }
printf '  lead and trail  \n' | { IFS= read -r x; echo "[$x]"; }
printf 'back\\slash\\\njoined\n' | { read x; echo "$x"; }
printf 'back\\slash\n' | { read -r x; echo "$x"; }
printf 'no newline' | { read x; echo "$? $x"; read y; echo "$? [$y]"; }
total=0; while IFS=, read -r item count; do total=$((total + count)); done <<X
pears,3
plums,39
X
echo "total $total"

section printf
printf '%d %i %o %x %X %u\n' 42 -42 8 255 255 7
printf '%5d|%-5d|%05d|%+d|% d\n' 42 42 42 42 42
printf '%s|%10s|%-10s|%.2s|%c\n' abc abc abc abc abc
printf '%b|%s\n' 'tab\there' 'tab\tnot'; printf '%s-' 1 2 3; echo; printf '%%|\101|\x41\n'
printf '%.3f|%8.2f|%e|%g\n' 3.14159 2.5 12345.678 0.0001; printf '%d %d\n' 0x10 "'A"

# ---- processes

section pipelines
seq 1 100 | grep 7 | sed 's/7/seven/' | sort -r | head -n 3
echo start | cat | cat | cat | cat | cat | cat | cat | cat | cat
i=0; echo x | while read -r l; do i=9; done; echo "i is $i"
false | true; echo $?; true | false; echo $?; ! true | false; echo $?
(exit 7) | cat; echo $?; yes | head -n 2

section 'subshells and environment'
x=1; (x=2; echo $x; exit 5); echo "$x $?"
export E=exported; N=none sh -c 'echo $E $N'; echo "[${N-}]"
sh -c 'echo $0 $# $2' name a b; env -i A=1 sh -c 'echo $A [$E]'
unset E; sh -c 'echo [$E]'; readonly r=1; (r=2) 2>/dev/null || echo "readonly"
pwd=$(pwd); cd globs/d; [ "$OLDPWD" = "$pwd" ] && cd - >/dev/null; [ "$(pwd)" = "$pwd" ] && echo back
cd globs/../globs/d; pwd | sed 's,.*/globs,globs,'; cd "$pwd"

section 'background jobs'
(sleep 0.2; echo slow >slow) & slow=$!
(exit 4) & wait $!; echo "first $?"
wait $slow; echo "second $? $(cat slow)"
for i in 1 2 3 4 5; do (exit $i) & pids="$pids $!"; done
for p in $pids; do wait $p; printf '%d ' $?; done; echo
# Whether the shell says "Terminated" depends on when the child is reaped.
sleep 30 & kill $!; wait $! 2>/dev/null; echo "killed $?"
sleep 30 & kill -9 $!; wait $! 2>/dev/null; echo "killed $?"
{ echo in; sleep 0.1; echo background; } >bg & wait; cat bg
wait 99999 2>/dev/null; echo "stranger $?"
kill -0 $$ && echo alive

section traps
(trap 'echo bye' EXIT; echo working)
(trap 'echo caught TERM; exit 3' TERM; kill -TERM $(sh -c 'echo $PPID'); echo never); echo $?
sh -c 'trap "echo got INT" INT; kill -INT $$; echo still here; trap - INT; kill -INT $$; echo never'; echo $?
sh -c 'trap "" TERM; kill -TERM $$; echo immune'
sh -c 'trap "echo usr1" USR1; (sleep 0.2; kill -USR1 $$; sleep 0.2) & wait $!; echo "wait $?"; wait'
trap 'echo one' USR1; trap 'echo two' USR2; trap | sort; kill -USR1 $$; kill -USR2 $$; trap - USR1 USR2
sh -c 'trap "echo exit \$?" 0; exit 9'; echo $?
sh -c 'kill -SEGV $$' 2>/dev/null; echo $?

section 'set and options'
sh -c 'set -e; false; echo never'; echo $?
sh -c 'set -e; if false; then :; fi; false || :; echo reached'
sh -c 'set -u; echo $nosuch; echo never' 2>/dev/null; echo $?
sh -c 'set -x; echo traced' 2>&1; sh -nc 'echo not run'; set -- -a; echo "$1"
case $- in *i*) fail interactive ;; *) echo quiet ;; esac

section 'eval, dot, exec, command'
v=name; name=value; eval "echo \$$v"; eval 'for i in 1 2; do echo $i; done'
echo 'sourced=yes; return 6; sourced=no' >lib.sh; . ./lib.sh; echo "$? $sourced"
(exec echo replaced; echo never); command -v cd; command echo plain; type cd
echo() { printf 'fn:'; command echo "$@"; }; echo x; unset -f echo; echo y
alias hi='echo hello'; eval hi; unalias hi; command nosuch 2>/dev/null; echo $?
nosuch 2>/dev/null; echo $?; ./lib.sh 2>/dev/null; echo $?

section tests
: >e; echo x >s; ln -s s l; mkdir t; chmod +x s
for t in '-e e' '-f e' '-s e' '-s s' '-d t' '-L l' '-h l' '-x s' '-r s' '-p e' '! -e q' '-n x' '-z x'; do
    [ $t ] && printf 'y' || printf 'n'
done; echo
[ abc = abc ] && [ abc != abd ] && [ 3 -gt 2 ] && [ 2 -le 2 ] && [ a = a -a b = b ] && echo all
touch -t 202001010000 e s; [ s -nt e ] || [ e -ot s ] || echo "same age"
touch -t 202001010001 s; [ s -nt e ] && [ e -ot s ] && echo newer; [ s -ef l ] && echo same; test 1 -eq x 2>/dev/null; echo $?

section 'a program: the sieve'
limit=60 primes=
i=2; while [ $i -le $limit ]; do eval "c=\${c_$i-}"
    if [ -z "$c" ]; then
        primes="$primes $i"
        j=$((i * i)); while [ $j -le $limit ]; do eval c_$j=1; j=$((j + i)); done
    fi; i=$((i + 1))
done; echo $primes

section 'a program: words counted'
for w in the cat and the dog and the bird; do echo $w; done | sort | uniq -c | sort -k1,1nr -k2 | sed 's/^ *//'

section 'a program: a stack and a calculator'
rpn() {
    stack=
    for token; do
        case $token in
        [0-9]*) stack="$token $stack" ;;
        [-+x/])
            set -- $stack
            b=$1 a=$2
            shift 2
            [ $token = x ] && token='*'
            stack="$((a $token b)) $*"
            ;;
        esac
    done
    echo ${stack% }
}
rpn 3 4 + 5 x; rpn 100 7 / 2 -; rpn 2 3 4 x +

section 'a program: a table'
while IFS='|' read -r name size unit; do
    [ -n "$name" ] || continue
    case $unit in
    K) bytes=$((size * 1024)) ;;
    M) bytes=$((size * 1024 * 1024)) ;;
    *) bytes=$size ;;
    esac
    printf '%-8s %10d\n' "$name" "$bytes"
done <<TABLE | sort -k2n
frame|4|K

large|2|M
line|64|
page table|4|K
TABLE

section 'a program: producers and a consumer'
mkfifo pipe
for who in a b c; do
    (
        i=0
        while [ $i -lt 50 ]; do
            i=$((i + 1))
            echo "$who $i"
        done >pipe
    ) &
done
sort pipe | cut -d' ' -f1 | uniq -c | sed 's/^ *//'
wait

section 'a program: files by their first line'
for k in 3 1 2; do
    printf '%s\nbody of %s\n' "key$k" "$k" >"file.$k"
done
for f in file.*; do
    IFS= read -r key <"$f"
    printf '%s:%s\n' "$key" "$f"
done | sort | while IFS=: read -r key f; do
    sed -n "2s/^/$key /p" "$f"
done

section 'a program: queue of files'
mkdir q; i=0; while [ $i -lt 20 ]; do echo $((i * i)) >q/$(printf %02d $i); i=$((i + 1)); done
sum=0; for f in q/*; do read -r k <$f; sum=$((sum + k)); done; echo "$sum $(ls q | wc -l | tr -d ' ')"
find q -name '1*' | sort | xargs rm; ls q | tr '\n' ' '; echo; rm -r q; ls -d q 2>/dev/null || echo removed
section done
exit 17
