# raw.csv to one Markdown table: medians with their quartiles, and ratios as medians of the paired runs of a pass.
# The interval of a ratio is that of the sign test: order statistics that hold the median in at least 95 % of cases, whatever the distribution. With three
# decimals, since it is read for whether it reaches 1.
# Written for any awk.
BEGIN {
    FS = ","
    bases = split("c-epoll kestrel saea", base, " ")
}

NR == 1 { next }

{
    key = $2 SUBSEP $3
    if (!(key in known)) {
        known[key] = 1
        order[++keys] = key
    }
    if ($1 > passes)
        passes = $1
    if ($13 != "") {
        failed[++failures] = "pass " $1 ", " $2 " " $3 ": " $13
        next
    }
    p = key SUBSEP $1
    done[p] = 1
    cpu[p] = $6 / $5 / 1000
    rate[p] = $5 / $4
    p50[p] = $8; p99[p] = $9; p999[p] = $10
    rss[p] = $11 / 1048576
    idle[p] = $12
    loading[p] = $7 / $4 / 1e9
    serving[p] = $6 / $4 / 1e9
}

function collect(values, key,    i, n) {
    n = 0
    for (i = 1; i <= passes; i++)
        if ((key, i) in done && values[key, i] != "")
            sorted[++n] = values[key, i]
    sort(n)
    return n
}

function sort(n,    i, j, v) {
    for (i = 2; i <= n; i++) {
        v = sorted[i] + 0
        for (j = i - 1; j >= 1 && sorted[j] + 0 > v; j--)
            sorted[j + 1] = sorted[j]
        sorted[j + 1] = v
    }
}

# Of what collect or ratios left sorted; between two values by their distance.
function quantile(n, q,    at, low) {
    at = 1 + (n - 1) * q
    low = int(at)
    return low >= n ? sorted[n] : sorted[low] + (at - low) * (sorted[low + 1] - sorted[low])
}

# The largest k for which fewer than k of n values below the median happen with at most 2.5 %; 0: n is too small for any interval.
function rank(n,    k, term, sum) {
    term = 0.5 ^ n
    sum = 0
    for (k = 0; sum + term <= 0.025; k++) {
        sum += term
        term = term * (n - k) / (k + 1)
    }
    return k
}

function ratio(values, key, other,    i, n, k) {
    if (key == other)
        return "1"
    n = 0
    for (i = 1; i <= passes; i++)
        if ((key, i) in done && (other, i) in done && values[other, i] > 0)
            sorted[++n] = values[key, i] / values[other, i]
    if (n == 0)
        return "–"
    sort(n)
    k = rank(n)
    return sprintf("%.3f%s", quantile(n, 0.5), k ? sprintf(" (%.3f–%.3f)", sorted[k], sorted[n + 1 - k]) : "")
}

function number(v) {
    return v >= 1000 ? sprintf("%.0f", v) : v >= 100 ? sprintf("%.0f", v) : v >= 10 ? sprintf("%.1f", v) : v >= 1 ? sprintf("%.2f", v) : sprintf("%.3f", v)
}

function median(values, key,    n) {
    n = collect(values, key)
    return n ? number(quantile(n, 0.5)) : "–"
}

function spread(values, key,    n) {
    n = collect(values, key)
    return n ? number(quantile(n, 0.5)) " (" number(quantile(n, 0.25)) "–" number(quantile(n, 0.75)) ")" : "–"
}

END {
    head = "| Workload | Server | CPU µs/frame (quartiles) |"
    line = "|---|---|---|"
    for (b = 1; b <= bases; b++) {
        head = head " x " base[b] " |"
        line = line "---|"
    }
    print head " x inline | thousand frames/s (quartiles) | x kestrel | p50 µs | p99 µs | p99.9 µs | RSS MB | bytes/idle connection |"
    print line "---|---|---|---|---|---|---|---|"
    for (w = 1; w <= 9; w++)
        for (i = 1; i <= keys; i++) {
            split(order[i], part, SUBSEP)
            if (part[1] == "W" w)
                row(order[i], part[1], part[2])
        }

    print "\nCPU is the server's, of all its threads; a frame is one there and back (W8: one connection). In brackets behind a median its quartiles, behind a"
    print "ratio its 95 % interval (sign test on paired runs; none below 6 passes). The two rate columns: more is better; all others: less is."
    for (i = 1; i <= keys; i++) {
        split(order[i], part, SUBSEP)
        if (part[1] == "W6" || part[1] == "W9")     # W9: its rate is the load's choice
            continue
        n = collect(loading, order[i])
        if (n && quantile(n, 0.5) > 0.97)
            full = full (full == "" ? "" : ", ") part[1] " " part[2]
        n = collect(serving, order[i])
        if (n && quantile(n, 0.5) < 0.95)
            idling = idling (idling == "" ? "" : ", ") part[1] " " part[2]
    }
    if (full != "" || idling != "")
        print "\nRates that are not the server's capacity:"
    if (full != "")
        print "- the load's processor was full (above 0.97 of the time): " full
    if (idling != "")
        print "- the server's was not (below 0.95 of the time): " idling
    if (failures) {
        print "\nFailed runs, not counted above:"
        for (i = 1; i <= failures; i++)
            print "- " failed[i]
    }
}

function row(key, w, server,    text, b, inline) {
    text = "| " w " | " server " | "
    if (w == "W6") {
        text = text "– |"
        for (b = 1; b <= bases + 1; b++)
            text = text " – |"
        text = text " – | – | – | – | –"
    } else {
        text = text spread(cpu, key) " |"
        for (b = 1; b <= bases; b++)
            text = text " " ratio(cpu, key, w SUBSEP base[b]) " |"
        inline = server
        text = text " " (sub(/-pull$/, "", inline) ? ratio(cpu, key, w SUBSEP inline) : "–") " | "
        text = text sprintf("%s | %s | %s | %s | %s", rates(key), w == "W9" ? "–" : ratio(rate, key, w SUBSEP "kestrel"), median(p50, key), median(p99, key), median(p999, key))
    }
    print text " | " median(rss, key) " | " (w == "W6" ? median(idle, key) : "–") " |"
}

function rates(key,    i) {
    for (i = 1; i <= passes; i++)
        thousand[key, i] = rate[key, i] / 1000
    return spread(thousand, key)
}
