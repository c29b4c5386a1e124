#!/usr/bin/env bash
# Runs the behaviour suite as a Windows program under Wine: the completion port's engine and the portable one, and the command under Wine
# against the command here. For correctness; Wine says nothing about speed. Ends with one line: N passed, N failed (under Wine).
#   eng/test-wine.sh            everything
#   eng/test-wine.sh --engine   the completion port's engine and the command
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

case ${1-} in
    "") classes=(-class "*.Iocp*" -class "*.Sockets*") ;;
    --engine) classes=(-class "*.Iocp*") ;;
    *) echo "usage: eng/test-wine.sh [--engine]" >&2; exit 64 ;;
esac

work=$(mktemp -d)
# A prefix of our own, so that nothing is left in the user's, and all that runs in it can be ended by name of the prefix.
export WINEPREFIX=$work/prefix WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES="mshtml=;winemenubuilder.exe=;winedbg.exe="
export DOTNET_EnableWriteXorExecute=0   # with it the runtime crashes under Wine
unset DISPLAY
wine=/usr/lib/wine/wine64
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null
    [ ! -d "$WINEPREFIX" ] || timeout -s KILL 30 /usr/lib/wine/wineserver64 -k 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

fail() { # fail WHAT: with the end of what was printed
    tail -n 30 "$work/output"
    echo "$1"
    echo "0 passed, 1 failed (under Wine)"
    exit 1
}

if [ ! -x "$wine" ]; then
    (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends wine64 wine) >"$work/output" 2>&1 || fail "Wine cannot be installed"
fi
mkdir -p "$WINEPREFIX"
(timeout -s KILL 120 "$wine" wineboot -i && timeout -s KILL 60 "$wine" winecfg -v win10) >"$work/output" 2>&1 </dev/null || fail "Wine does not start"
for project in tests/Integration src/Framing.Tool; do
    dotnet publish $project -c Release -r win-x64 --self-contained -m:1 -o "$work/${project##*/}" >"$work/output" 2>&1 </dev/null || fail "$project does not build for Windows"
done
# The other end of the command's test, for this side; after the publishes, which leave the project set up for Windows.
dotnet build src/Framing.Tool -c Release -m:1 >"$work/output" 2>&1 </dev/null || fail "src/Framing.Tool does not build"

passed=0
failed=0
timeout -s KILL 900 "$wine" "$work/Integration/Integration.exe" "${classes[@]}" >"$work/output" 2>&1 </dev/null
sed -n '/\[FAIL\]/,/^ *at /p' "$work/output"     # each with its message, to the place
read -r total errors bad skipped < <(sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+),.*/\1 \2 \3 \4/p' "$work/output") || fail "the tests did not come to their end"
[ "$total" -gt 0 ] || fail "there were no tests"
passed=$((passed + total - bad - skipped))
failed=$((failed + bad + errors))
echo "$skipped tests cannot run under Wine; each says why"

# The command: a server under Wine, a load on this side.
timeout -s KILL 120 "$wine" "$work/Framing.Tool/framing.exe" serve --engine iocp --listen 127.0.0.1:0 >"$work/serve" 2>"$work/serve.log" </dev/null &
server=$!
for _ in $(seq 600); do grep -q "^listening on" "$work/serve" && break; sleep 0.1; done
address=$(sed -nE '1s/^listening on ([^ ]+) .*iocp engine.*/\1/p' "$work/serve" | tr -d '\r')
if [ -n "$address" ] && timeout -s KILL 60 dotnet src/Framing.Tool/bin/Release/net10.0/framing.dll \
        load --connect "$address" --connections 2000 --duration 5s --json >"$work/output" 2>&1 </dev/null; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    tail -n 20 "$work/serve" "$work/serve.log" "$work/output"
    echo "FAIL  framing serve --engine iocp under Wine, framing load --connections 2000"
fi

echo "$passed passed, $failed failed (under Wine)"
[ "$failed" -eq 0 ]
