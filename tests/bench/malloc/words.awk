# Counts the words of a text, and joins what it has counted.
{
    for (i = 1; i <= NF; i++) {
        count[$i]++
        line[NR % 500] = line[NR % 500] $i
    }
    if (NR % 1000 == 0)
        for (k in line)
            delete line[k]
}
END {
    for (w in count)
        joined = joined count[w] ","
    print length(joined)
}
