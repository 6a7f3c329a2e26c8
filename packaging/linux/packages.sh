# shellcheck shell=bash disable=SC2034
# Sourced by the scripts here and in tests: system packages of Debian and Ubuntu.

# What rustc links with.
build_packages=(build-essential)

# What the window loads when it starts: OpenGL, X11, Wayland, the keyboard, the list of fonts.
window_packages=(
    libegl1 libgl1 libgl1-mesa-dri
    libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2
    libwayland-client0 libwayland-egl1
    libxkbcommon0 libxkbcommon-x11-0
    libfontconfig1
)

# What the window runs: ping.
command_packages=(iputils-ping)

# What makes the packages, and looks at them.
packaging_packages=(dpkg-dev desktop-file-utils appstream lintian)

# install_missing PACKAGE...: installs those that are not there, asking nothing; does nothing when all are.
install_missing() {
    local package missing=() as_root=()
    for package in "$@"; do
        [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if ! command -v apt-get >/dev/null; then
        echo "Neither Debian nor Ubuntu: install what these are called here, if the next step fails: ${missing[*]}" >&2
        return 0
    fi
    if ((EUID)); then
        command -v sudo >/dev/null || { echo "As root, install: ${missing[*]}" >&2; return 1; }
        as_root=(sudo)
    fi
    echo "Installing: ${missing[*]}" >&2
    # The lists may be old, or not there at all: then once more with new ones.
    apt_install() {
        ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
            apt-get install --yes --quiet --no-install-recommends "${missing[@]}"
    }
    apt_install || { ${as_root[@]+"${as_root[@]}"} apt-get update --quiet && apt_install; }
}
