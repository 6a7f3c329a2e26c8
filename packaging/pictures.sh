#!/usr/bin/env bash
# Takes the pictures of the READMEs again, into resources/pictures: bash packaging/pictures.sh PROGRAM
# PROGRAM is a built sockhop. A server on port 8888, a Python client and nc, on a screen of its own. Look at them afterwards: the
# address is this machine's.
set -euo pipefail

program=$(realpath "${1:?usage: bash packaging/pictures.sh PROGRAM}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=packaging/linux/packages.sh
source packaging/linux/packages.sh
install_missing xvfb xdotool imagemagick python3 netcat-openbsd

pictures=$PWD/resources/pictures
work=$(mktemp -d)
# Every process that is started here ends with this script.
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
# Larger than the window, which leaves room for a panel where nobody manages windows.
Xvfb -displayfd 3 -screen 0 1600x1100x24 -nolisten tcp 3>"$work/display" 2>/dev/null &
until [[ -s $work/display ]]; do sleep 0.1; done
DISPLAY=:$(<"$work/display")
export DISPLAY LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS

# Says what it is told to, and reads what is answered.
cat >"$work/client.py" <<'CLIENT'
import socket, time
client = socket.create_connection(("127.0.0.1", 8888))
for said in ("你好", "我的端口为什么是这个？我没有 bind。"):
    client.sendall(said.encode())
    client.recv(4096)
    time.sleep(1.7)
client.recv(4096)
CLIENT

# take NAME LANGUAGE INSPECTOR [KEY]: the picture NAME.png, with the inspector or without, after this key.
take() {
    local data=$work/$1 program_id window client other
    mkdir "$data"
    cat >"$data/settings.toml" <<SETTINGS
theme = "light"
visible = "off"
auto_reply = "text"
reply_text = "数据已收到"
inspector = $3
[window]
position = [40, 40]
size = [1280, 800]
SETTINGS
    XDG_RUNTIME_DIR=$data "$program" --data-dir "$data" --lang "$2" --listen 0.0.0.0:8888 2>/dev/null &
    program_id=$!
    until window=$(xdotool search --onlyvisible --pid "$program_id" | tail -n 1) && [[ -n $window ]]; do sleep 0.2; done
    # A look at the list, rather than a connection, of which the window would tell.
    until grep --quiet ':22B8 00000000:0000 0A' /proc/net/tcp; do sleep 0.2; done
    # The pointer is on nothing, so that no menu of a message shows.
    xdotool mousemove 2 2
    sleep 4
    [[ -z ${4:-} ]] || xdotool key "$4"
    PYTHONUTF8=1 python3 "$work/client.py" &
    client=$!
    sleep 3
    (echo 'hello from nc' && exec sleep 60) | nc 127.0.0.1 8888 >/dev/null &
    other=$!
    sleep 2
    import -window "$window" -strip "$pictures/$1.png"
    kill "$program_id" "$client" "$other" || true
    wait "$program_id" || true
}

take window-en en false
take inspector-en en true
take window-zh zh-CN false
take inspector-zh zh-CN true
take presenter-zh zh-CN true F11
