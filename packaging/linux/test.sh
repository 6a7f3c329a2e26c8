#!/usr/bin/env bash
# Installs the .deb in a clean system and uses it there: bash packaging/linux/test.sh [FILE.deb]
# Needs root and Debian or Ubuntu; takes some minutes, so it is no part of tests/run.sh. Without FILE.deb, packaging/linux/build.sh
# must have run. The clean system has nothing but the package and what it depends on: the screen, the hands and the other end of
# the conversation are this system's. Leaves pictures in target/packages/pictures.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# Whatever is mounted or started here ends with this script, however it ends.
if [[ ${1:-} != --inside ]]; then
    ((EUID == 0)) || { echo "This makes a system of its own, which takes root: sudo bash packaging/linux/test.sh" >&2; exit 1; }
    work=$(mktemp -d)
    # Nothing is mounted there any more by then: mounts end with the script inside.
    trap 'rm -rf --one-file-system "$work"' EXIT
    unshare --mount --pid --fork --kill-child bash "${BASH_SOURCE[0]}" --inside "$work" "$@"
    exit
fi
work=$2
shift 2
# The processes of this script and no others.
mount -t proc proc /proc
# shellcheck source=packaging/common.sh
source packaging/common.sh
# shellcheck source=packaging/linux/packages.sh
source packaging/linux/packages.sh

install_missing debootstrap xvfb openbox xdotool imagemagick weston python3 desktop-file-utils
packages=$PWD/target/packages
pictures=$packages/pictures
deb=${1:-$packages/sockhop_$(package_version)_$(dpkg --print-architecture).deb}
[[ -f $deb ]] || { echo "No $deb: bash packaging/linux/build.sh makes it" >&2; exit 1; }
archive=$(find "$packages" -maxdepth 1 -name "sockhop-$(package_version)-linux-*.tar.gz")
mkdir -p "$pictures"

fail() { echo "FAILED: $1" >&2; exit 1; }

# until_it SECONDS WHAT COMMAND...: asks until the command succeeds.
until_it() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || fail "not in time: $what"
        sleep 0.3
    done
}

step "a clean system"
# In memory: dpkg waits for the disk after each file, and nothing of it is to be kept but what was downloaded.
root=$work/root
mkdir -p "$root" "$packages/debs"
mount -t tmpfs -o mode=755 tmpfs "$root"
# The same release, from where this system's packages come.
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016 # for apt, not for the shell
mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME)' 'Created-By: Packages' | awk -v name="$codename" '$2 == name && !site { site = $1 } END { print site }')
debootstrap --variant=minbase --cache-dir="$packages/debs" "$codename" "$root" "$mirror" >"$work/debootstrap.log" || { tail "$work/debootstrap.log"; fail "debootstrap"; }
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root/tmp/.X11-unix"
mount --bind "$work" "$root/mnt"
cp /etc/resolv.conf "$root/etc/resolv.conf"
# Proxies, if there are some, are part of how this system reaches its packages.
cp --recursive /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"

inside() { chroot "$root" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
# What there is, but for what every installation leaves: the package manager's own lists and logs, and caches.
listing() { (cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./mnt -o -path ./tmp -o -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/cache -o -path ./var/log -o -path ./etc/ld.so.cache \) -prune -o -print | sort); }

step "install"
inside apt-get update --quiet >"$work/apt.log"
listing >"$work/before"
cp "$deb" "$work/sockhop.deb"
inside apt-get install --yes --quiet /mnt/sockhop.deb >>"$work/apt.log" || { tail "$work/apt.log"; fail "the package cannot be installed"; }
[[ $(inside sockhop --version) == "sockhop $(package_version)" ]] || fail "sockhop --version"
desktop-file-validate "$root/usr/share/applications/sockhop.desktop"
for file in usr/share/man/man1/sockhop.1.gz usr/share/icons/hicolor/256x256/apps/sockhop.png usr/share/doc/sockhop/copyright; do
    [[ -f $root/$file || $file == usr/share/man/* ]] || fail "no $file"
done

# A screen, a window manager, and the other end of a conversation, of this system.
Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp 3>"$work/display" 2>/dev/null &
until_it 30 "a screen" test -s "$work/display"
DISPLAY=:$(<"$work/display")
export DISPLAY
openbox --sm-disable >/dev/null 2>&1 &
mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
listens() { grep --quiet --ignore-case "$(printf ':%04X 00000000:0000 0A' "$port")" /proc/net/tcp; }

# peer NAME: the other end, which prints into NAME.heard what it receives, and says what is written to NAME.says.
peer() {
    mkfifo "$work/$1.says"
    PYTHONUTF8=1 python3 tests/peers/chat.py 127.0.0.1 "$port" <"$work/$1.says" >"$work/$1.heard" 2>&1 &
}

step "talk on X11"
mkdir -p "$root/root/.local/share/sockhop"
inside DISPLAY="$DISPLAY" LIBGL_ALWAYS_SOFTWARE=1 sockhop --lang zh-CN --listen "127.0.0.1:$port" 2>"$work/x11.err" &
program=$!
until_it 90 "the window listens" listens
peer x11
exec 4>"$work/x11.says"
until_it 60 "a window" xdotool search --onlyvisible --class sockhop
window=$(xdotool search --onlyvisible --class sockhop | tail -n 1)
xdotool windowactivate --sync "$window"
sleep 3
xdotool key --clearmodifiers ctrl+i
sleep 1
xdotool type --delay 40 "hello from the package"
xdotool key Return
until_it 60 "a line reaches the other end" grep --line-regexp --fixed-strings "hello from the package" "$work/x11.heard"
echo "好，收到了" >&4
until_it 60 "a line of the other end is kept" sh -c "chroot '$root' env HOME=/root LC_ALL=C.UTF-8 sockhop history export | grep --fixed-strings 好，收到了"
sleep 2
import -window root "$pictures/x11.png"
xdotool key --clearmodifiers alt+F4
wait "$program" || { cat "$work/x11.err" >&2; fail "the window did not end in order"; }
exec 4>&-

step "talk on Wayland"
export XDG_RUNTIME_DIR=$work/runtime
mkdir --mode=700 "$XDG_RUNTIME_DIR"
(cd "$pictures" && exec env -u DISPLAY weston --backend=headless-backend.so --use-pixman --width=1280 --height=800 --socket=wayland-sockhop --debug --idle-time=0 >"$work/weston.log" 2>&1) &
until_it 30 "a Wayland display" test -S "$XDG_RUNTIME_DIR/wayland-sockhop"
mkdir -p "$root/tmp/wayland"
printf 'auto_reply = "text"\nreply_text = "收到"\n' >"$root/tmp/wayland/settings.toml"
inside XDG_RUNTIME_DIR=/mnt/runtime WAYLAND_DISPLAY=wayland-sockhop sockhop --data-dir /tmp/wayland --lang zh-CN --listen "127.0.0.1:$port" 2>"$work/wayland.err" &
program=$!
until_it 90 "the window listens" listens
peer wayland
exec 4>"$work/wayland.says"
echo "hello over Wayland" >&4
until_it 60 "a line each way" grep --fixed-strings 收到 "$work/wayland.heard"
sleep 3
# It asks nobody, and writes into the folder it is started in.
(cd "$work" && WAYLAND_DISPLAY=wayland-sockhop weston-screenshooter) || fail "no picture of Wayland"
mv "$work"/wayland-screenshot*.png "$pictures/wayland.png"
kill -TERM "$(pgrep --parent "$program" --full sockhop || echo "$program")"
wait "$program" || { cat "$work/wayland.err" >&2; fail "the window did not end in order on Wayland"; }
exec 4>&-

# says_why WHAT: the window cannot open, says so on standard error, and the program ends with status 1; nothing listens meanwhile or afterwards.
says_why() {
    local status=0
    timeout 90 chroot "$root" env -i HOME=/root PATH=/usr/bin LC_ALL=C.UTF-8 DISPLAY="$DISPLAY" sockhop --lang en --listen "127.0.0.1:$port" 2>"$work/broken.err" || status=$?
    ((status == 1)) || fail "$1: exit status $status"
    grep --quiet "No window can be opened" "$work/broken.err" || { cat "$work/broken.err" >&2; fail "$1: nothing said of it"; }
    ! listens || fail "$1: something listens"
    echo "$1: exit status $status, $(grep 'No window' "$work/broken.err")"
}
libraries=$root/usr/lib/$(gcc -print-multiarch 2>/dev/null || echo x86_64-linux-gnu)
step "OpenGL's drivers are broken"
mv "$libraries/dri" "$libraries/dri.away"
says_why "no driver"
mv "$libraries/dri.away" "$libraries/dri"
step "OpenGL is missing"
mkdir "$libraries/away"
mv "$libraries"/libEGL* "$libraries"/libGL* "$libraries/away/"
says_why "no OpenGL"
mv "$libraries/away"/* "$libraries/"
rmdir "$libraries/away"

step "remove"
inside apt-get purge --yes --quiet --auto-remove sockhop >>"$work/apt.log"
rm -r "$root/tmp/wayland"
listing >"$work/after"
# What Mesa computed for its own use is not the package's.
left=$(comm -13 "$work/before" "$work/after" | grep --invert-match --extended-regexp "^./root/(.local|.cache/mesa_shader_cache|.cache\$)" || true)
[[ -z $left ]] || fail "left behind: $left"
[[ -f $root/root/.local/share/sockhop/history.db || -n $(ls "$root/root/.local/share/sockhop") ]] || fail "the user's data is gone"

if [[ -n $archive ]]; then
    step "the .tar.gz, in a home folder"
    home=$work/home
    mkdir -p "$home/.local/share/sockhop"
    echo kept >"$home/.local/share/sockhop/settings.toml"
    (cd "$home" && find . | sort) >"$work/home-before"
    tar --extract --gzip --file "$archive" --directory "$work"
    for _ in first again; do
        HOME=$home sh "$work"/sockhop-*-linux-*/install.sh
    done
    desktop-file-validate "$home/.local/share/applications/sockhop.desktop"
    [[ $("$home/.local/bin/sockhop" --version) == "sockhop $(package_version)" ]] || fail "sockhop --version"
    HOME=$home sh "$home/.local/lib/sockhop/uninstall.sh"
    (cd "$home" && find . | sort) | diff "$work/home-before" - || fail "not as it was before"
fi
step "all is well; look at $pictures"
