#!/usr/bin/env bash
# Builds the Linux packages: bash packaging/linux/build.sh [PROGRAM]
# A .deb, and a .tar.gz with scripts that install it for one user and remove it, in target/packages.
# PROGRAM is packaged in place of the one built here: to try the scripts on one that is there already.
# On Debian and Ubuntu it installs the system packages that are missing. Needs a Rust toolchain.
#
# The .deb is made with Debian's own tools rather than with cargo-deb: both packages are the same tree of files, the libraries
# that the window loads at run time are listed in packages.sh already, and there is nothing to compile first.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=packaging/common.sh
source packaging/common.sh
# shellcheck source=packaging/linux/packages.sh
source packaging/linux/packages.sh

# In the package's fields and its changelog. There is no address to write to, and none of somebody else's is named.
maintainer='Sockhop contributors <sockhop@localhost>'

need_cargo
install_missing "${build_packages[@]}" "${packaging_packages[@]}"

version=$(package_version)
architecture=$(dpkg --print-architecture)
program=${1:-target/release/sockhop}
if (($# == 0)); then
    announce_build
    cargo build --release --locked --bin sockhop
fi

# The same commit gives the same files: their time is that of the commit. Not set before: C is compiled again when it changes.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

packages=target/packages
work=$packages/linux
rm -rf "$work"
mkdir -p "$work"

# fill_tree ROOT ZSH: the program and what belongs to it, below ROOT/bin and ROOT/share. The folder in which zsh looks for
# completions is another one in a distribution's packages and elsewhere.
fill_tree() {
    local root=$1 zsh=$2 size
    install -D --strip --mode=755 "$program" "$root/bin/sockhop"
    mkdir -p "$root/share"
    cp --recursive packaging/linux/share/. "$root/share/"
    [[ $zsh == vendor-completions ]] || mv "$root/share/zsh/vendor-completions" "$root/share/zsh/$zsh"
    sed --in-place --expression="s/@VERSION@/$version/" \
        --expression="s/@DATE@/$(date --utc --date="@$SOURCE_DATE_EPOCH" +%F)/" "$root/share/metainfo/sockhop.metainfo.xml"
    gzip --best --no-name "$root"/share/man/man1/*.1
    install -D --mode=644 resources/icon/sockhop.svg "$root/share/icons/hicolor/scalable/apps/sockhop.svg"
    for size in 16 24 32 48 64 128 256 512; do
        install -D --mode=644 "resources/icon/sockhop-$size.png" "$root/share/icons/hicolor/${size}x$size/apps/sockhop.png"
    done
    mkdir -p "$root/share/doc/sockhop"
    install --mode=644 resources/licences.txt "$root/share/doc/sockhop/licences.txt"
    chmod --recursive u=rwX,go=rX "$root"
}

# same_times FOLDER: every file has the time of the commit.
same_times() { find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }

step "the .deb"
deb=$packages/sockhop_${version}_$architecture.deb
tree=$work/deb
fill_tree "$tree/usr" vendor-completions
doc=$tree/usr/share/doc/sockhop

# What belongs to this version in CHANGELOG.md, with the marks that Debian's format asks for.
{
    printf 'sockhop (%s) unstable; urgency=medium\n\n' "$version"
    # A point a line, then each line cut at what Debian allows.
    changes_of "$version" | awk '/^- / { if (point) print point; point = $0; next } { sub(/^ +/, ""); point = point " " $0 } END { print point }' |
        while IFS= read -r point; do
            fold --spaces --width=74 <<<"${point#- }" | sed --expression='s/ *$//; 1s/^/  * /; 2,$s/^/    /'
        done
    printf '\n -- %s  %s\n' "$maintainer" "$(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")"
} | gzip --best --no-name >"$doc/changelog.gz"

{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: sockhop\n\n'
    printf 'Files: *\nCopyright: Sockhop contributors\nLicense: MIT or Apache-2.0\n'
    printf 'Comment: the licences of the crates and fonts in the program are in licences.txt beside this file.\n\n'
    printf 'License: MIT\n'
    sed --expression='s/^$/./' --expression='s/^/ /' LICENSE-MIT
    printf '\nLicense: Apache-2.0\n On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.\n'
} >"$doc/copyright"

install -D --mode=644 packaging/linux/lintian-overrides "$tree/usr/share/lintian/overrides/sockhop"

# What the program is linked with, as dpkg knows it; it wants a source package's file to be there.
mkdir -p "$work/shlibdeps/debian"
printf 'Source: sockhop\n\nPackage: sockhop\nArchitecture: any\n' >"$work/shlibdeps/debian/control"
linked=$(cd "$work/shlibdeps" && dpkg-shlibdeps -O "$OLDPWD/$tree/usr/bin/sockhop" | sed --quiet 's/^shlibs:Depends=//p')
[[ -n $linked ]] || { echo "dpkg-shlibdeps found no library that the program is linked with" >&2; exit 1; }

join() { local list; printf -v list '%s, ' "$@"; printf '%s\n' "${list%, }"; }
mkdir "$tree/DEBIAN"
{
    printf 'Package: sockhop\nVersion: %s\nArchitecture: %s\n' "$version" "$architecture"
    printf 'Maintainer: %s\nInstalled-Size: %s\n' "$maintainer" "$(du --summarize --apparent-size --block-size=1024 "$tree/usr" | cut --fields=1)"
    printf 'Depends: %s, %s\n' "$linked" "$(join "${window_packages[@]}")"
    printf 'Recommends: %s\n' "$(join "${command_packages[@]}")"
    printf 'Section: net\nPriority: optional\n'
    printf 'Description: chat over a bare TCP socket, and see what the socket does\n'
    printf ' Two machines chat over a bare TCP socket, and everyone in the room can see\n'
    printf ' what the socket does: its calls, its bytes and its states. One window is both\n'
    printf ' ends; the other end may be another Sockhop, a Python script, nc or a device.\n'
} >"$tree/DEBIAN/control"
(cd "$tree" && find usr -type f -print0 | sort --zero-terminated | xargs --null md5sum) >"$tree/DEBIAN/md5sums"
same_times "$tree"
dpkg-deb --root-owner-group -Zxz --build "$tree" "$deb"

step "the .tar.gz"
name=sockhop-$version-linux-$(uname -m)
tree=$work/$name
fill_tree "$tree" site-functions
install --mode=644 README.md README.zh-CN.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$tree/share/doc/sockhop/"
install --mode=755 packaging/linux/install.sh packaging/linux/uninstall.sh "$tree/"
same_times "$tree"
tar --create --gzip --file "$packages/$name.tar.gz" --directory "$work" --sort=name --owner=0 --group=0 --numeric-owner "$name"

step "checks"
desktop-file-validate "$tree/share/applications/sockhop.desktop"
# Without a domain of its own the project has no name of that form; what fails otherwise is a mistake. Before 0.15.4, as in
# Ubuntu 22.04, appstreamcli cannot be told so.
if appstreamcli validate --help | grep --fixed-strings -e --override >/dev/null; then
    appstreamcli validate --no-net --override=cid-desktopapp-is-not-rdns=info "$tree/share/metainfo/sockhop.metainfo.xml"
else
    echo "appstreamcli is too old: the metadata were not validated" >&2
fi
lintian --fail-on error --allow-root "$deb"
rm -rf "$work"
step "done"
ls -l "$deb" "$packages/$name.tar.gz"
sha256sum "$deb" "$packages/$name.tar.gz"
