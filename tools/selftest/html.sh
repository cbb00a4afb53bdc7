#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --html: the page in a browser, without a window.  Its table has all rows, filters work, a serial
# log cannot break out of it, nothing is reported on the console, nothing is loaded from elsewhere.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fake.sh"

old=$(fake 7.0.1 "$(fails 'test=fake.scenario ')")
new=$(fake 9.0.0)
# A test that fails as it is known to, with its page.
mkdir -p "$tmp/list/findings"
cat >"$tmp/list/known.json" <<'KNOWN'
{"issues": [{"finding": "odd-host", "test": "fake.host", "check": "second", "qemu": "<8.0",
             "reason": "the host is odd"}]}
KNOWN
echo '# The host is odd, </script><b>bold</b>' >"$tmp/list/findings/odd-host.md"
old=$(fake 7.0.1 "$(fails 'test=fake.scenario ' 'test=fake.host ')")
run 60 "$smmrun" --kernel-dir "$aux" --known "$tmp/list/known.json" --no-rerun \
    --keep-logs "$tmp/logs" --matrix --not-run 'QEMU <1.0> is lost' --json "$tmp/r.json" \
    --html "$tmp/r.html" --qemu "$old" --qemu "$new" "${tests[@]}"
expect 'the run' 1 '^fake\.host +xfail +xfail +pass +pass$'
check 'the page is one file' test "$(grep -cE '(src|href)=|@import|url\(' "$tmp/r.html")" = 0

# What a guest may print: the end of the script, another one, what begins a comment.
evil='<\/script><script>document.title = \\\"broken\\\"<\/script><!-- \& \&lt; ]]> \\u2028'
sed "s/\"serial\": \"/&$evil/" "$tmp/r.json" >"$tmp/evil.json"
run 60 "$smmrun" --merge --html "$tmp/evil.html" "$tmp/evil.json"
expect 'a serial log with markup' 1
check 'a serial log with markup: it is in the page' grep -q 'broken' "$tmp/evil.html"
check 'a serial log with markup: the page has its own scripts only' \
    test "$(grep -o '</script' "$tmp/evil.html" | wc -l)" = 2

browser=$(command -v chromium || command -v chromium-browser) || browser=
if [ -z "$browser" ]; then
    skip 'the page in a browser' "chromium is not installed: run 'make deps'"
    finish
fi

# browse FILE[#FRAGMENT] [OPTION]...: sets output to the document after loading, console to what was
# reported there
browse() {
    local page=$1
    shift
    run 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --no-first-run --disable-extensions --hide-scrollbars --user-data-dir="$tmp/profile" \
        --enable-logging=stderr --v=0 --virtual-time-budget=5000 "$@" "file://$page"
    console=$(grep -E 'CONSOLE' <<<"$output")
    # The browser's own worries: no D-Bus, no graphics.
    output=$(grep -vE '^(\[[0-9:/.]+:|/usr/bin/chromium)' <<<"$output")
}
rows() { grep -o 'class="test" data-test="[^"]*"' <<<"$output" | cut -d'"' -f4 | tr '\n' ' '; }

browse "$tmp/evil.html" --dump-dom
if [ "$status" != 0 ] || ! grep -q '<table' <<<"$output"; then
    skip 'the page in a browser' "$browser does not run here (status $status)"
    finish
fi
all=$(rows)
check 'a row for each test' test "$all" = 'fake.one fake.host fake.scenario fake.new '
check 'a cell for each configuration' \
    test "$(grep -oE '<td class="x?(pass|fail|skip|error|none)"' <<<"$output" | wc -l)" = 16
check 'four failures, two of them expected' \
    test "$(grep -oE '<td class="x?fail"' <<<"$output" | sort | uniq -c | tr -s ' \n' ' ')" = \
    ' 2 <td class="fail" 2 <td class="xfail" '
check 'what was not run' grep -q '<li>QEMU &lt;1.0&gt; is lost</li>' <<<"$output"
check 'the title is ours' grep -q '<title>smm-unit-tests</title>' <<<"$output"
check 'the console is silent' test -z "$console"

# acting NAME SCRIPT: the page with one more script, after its own
acting() {
    { sed '/<\/body>/,$d' "$tmp/evil.html" && printf '<script>%s</script></body></html>\n' "$2"; } \
        >"$tmp/$1.html"
    browse "$tmp/$1.html" --dump-dom
}
# A control: an error would be seen.
acting error 'nothing.there();'
check 'an error would be seen' grep -q 'nothing is not defined' <<<"$console"

# As a reader does: types, chooses, opens a row.
read -r -d '' set <<'JS'
const put = (id, value) => {
    const field = document.getElementById(id);
    field.value = value;
    field.dispatchEvent(new Event('input', {bubbles: true}));
};
const shown = () => [...document.querySelectorAll('tr.test')].map(e => e.dataset.test).join(' ');
const seen = [];
const note = text => seen.push(text);
put('text', 'SCENARIO'); note('text ' + shown());
put('text', 'odd-host'); note('finding ' + shown());
put('text', 'second steps'); note('words ' + shown());
put('text', 'no such thing'); note('none ' + shown());
put('text', '');
for (const verdict of ['fail', 'xfail', 'skip', 'error', 'differs', 'unexpected'])
    { put('verdict', verdict); note(verdict + ' ' + shown()); }
note('address ' + location.hash);
put('verdict', ''); put('area', 'fake'); note('area ' + shown());
put('text', 'scenario'); document.querySelector('tr.test').click();
const text = document.querySelector('tr.detail').textContent;
note('log ' + text.includes('<\/script><script>document.title = "broken"<\/script><!-- & &lt;'));
note('diagnostic ' + text.includes('second: got 1, wanted 2 (fake.c:1)'));
note('command ' + /build\/smmrun -v --qemu \S+qemu-7.0.1\S+ .*fake\.scenario/.test(text));
put('text', 'host'); document.querySelector('tr.test').click();
const page = document.querySelector('tr.detail').textContent;
note('page ' + page.includes('odd, <\/script><b>bold</b>'));
const back = () => getComputedStyle(document.body).backgroundColor;
const before = back();
document.getElementById('theme').click(); note('theme ' + (back() !== before));
const list = document.body.appendChild(document.createElement('pre'));
list.textContent = 'SEEN\n' + seen.join('\n') + '\nEND\n';
JS
acting reader "$set"
mapfile -t got < <(sed -n '/SEEN$/,/^END/p' <<<"$output" | sed '1d;$d')
i=0
for want in 'text fake.scenario' 'finding fake.host' 'words fake.scenario' 'none ' \
    'fail fake.scenario' 'xfail fake.host' 'skip fake.new' 'error ' \
    'differs fake.host fake.scenario' 'unexpected fake.scenario' 'address #verdict=unexpected' \
    'area fake.one fake.host fake.scenario fake.new' 'log true' 'diagnostic true' 'command true' \
    'page true' 'theme true'; do
    if [ "${got[i]-}" = "$want" ]; then
        pass "a reader: $want"
    else
        fail "a reader: $want" "got: ${got[i]-nothing}" "$console"
    fi
    ((++i))
done
check 'a reader: the console is silent' test -z "$console"

# Tests of an area stand together, whatever the order of the files.
sed 's/fake\.host/area.host/; s/fake\.new/area.new/' "$tmp/r.json" >"$tmp/areas.json"
run 60 "$smmrun" --merge --html "$tmp/areas.html" "$tmp/areas.json"
browse "$tmp/areas.html" --dump-dom
check 'areas' test "$(rows)" = 'area.host area.new fake.one fake.scenario '
check 'areas: one heading each' test "$(grep -o '<tr class="area">' <<<"$output" | wc -l)" = 2

# A view that was bookmarked; and the picture of it, for eyes.
browse "$tmp/evil.html#verdict=fail&test=fake.scenario" --dump-dom
check 'a bookmark' test "$(rows)" = 'fake.scenario '
check 'a bookmark opens a test' grep -q 'class="detail"' <<<"$output"
for theme in light dark; do
    value=$([ $theme = dark ] && echo 0 || echo 1)
    browse "$tmp/evil.html#test=fake.scenario" --window-size=1200,900 \
        --blink-settings=preferredColorScheme="$value" --screenshot="$tmp/$theme.png"
    check "a picture, $theme" test -s "$tmp/$theme.png"
    cp "$tmp/$theme.png" "$build/report-$theme.png"
done
check 'light and dark differ' test "$(cmp -s "$tmp/light.png" "$tmp/dark.png"; echo $?)" = 1
check 'nothing is left' nothing_left
finish
