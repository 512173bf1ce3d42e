-- What a script does to an allocator: strings of many lengths, tables that
-- grow and shrink, closures, and a collector that frees in its own order.

local seed = 4

local function number(below)
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed // 65536 % below
end

local words, index = {}, {}
for i = 1, 4000 do
    local w = string.rep(string.char(97 + i % 26), number(40)) .. i
    words[i] = w
    index[w] = { i, name = w, next = words[i - 1] }
end

local queue, first, last = {}, 1, 0
for i = 1, 60000 do
    last = last + 1
    queue[last] = { key = words[number(4000) + 1], at = function() return i end }
    if last - first > 500 + number(500) then
        queue[first] = nil
        first = first + 1
    end
    if i % 100 == 0 then
        local part = {}
        for k = 1, number(200) do
            part[k] = words[k] .. i
        end
        index[words[i // 100]] = table.concat(part, ","):upper()
    end
end

local n = 0
for _ in pairs(index) do
    n = n + 1
end
print(n, last - first)
