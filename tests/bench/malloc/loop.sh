# What scripts of configure do: variables, functions, lists, case and test.
list=
step() {
    local word="$1"
    case $word in
    *7*) list="$list $word" ;;
    *) last="${word%?}x${word#?}" ;;
    esac
}
i=0
while [ $i -lt 3000 ]; do
    step "word$i"
    i=$((i + 1))
    set -- $i a b "$last" c
    [ "$#" -eq 5 ] || exit 1
done
count=0
for word in $list; do
    count=$((count + 1))
done
echo $count
