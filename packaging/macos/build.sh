#!/usr/bin/env bash
# Builds the macOS package, on a Mac: bash packaging/macos/build.sh
# A .dmg with Sockhop.app, for Apple and Intel processors alike, in target/packages. Needs Xcode's command line tools and
# rustup. See README.md here: it has never been run.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=packaging/common.sh
source packaging/common.sh

[[ $(uname) == Darwin ]] || { echo "This needs a Mac: lipo, codesign and hdiutil come with the system" >&2; exit 1; }
need_cargo
version=$(package_version)
targets=(aarch64-apple-darwin x86_64-apple-darwin)

for target in "${targets[@]}"; do
    rustup target add "$target"
    announce_build
    cargo build --release --locked --bin sockhop --target "$target"
done

packages=target/packages
work=$packages/macos
app=$work/Sockhop.app
rm -rf "$work"
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources/zh-Hans.lproj"

step "Sockhop.app"
lipo -create -output "$app/Contents/MacOS/sockhop" \
    target/aarch64-apple-darwin/release/sockhop target/x86_64-apple-darwin/release/sockhop
sed "s/@VERSION@/$version/" packaging/macos/Info.plist >"$app/Contents/Info.plist"
cp packaging/macos/zh-Hans.lproj/InfoPlist.strings "$app/Contents/Resources/zh-Hans.lproj/"
plutil -lint "$app/Contents/Info.plist" "$app/Contents/Resources/zh-Hans.lproj/InfoPlist.strings"
cp LICENSE-MIT LICENSE-APACHE resources/licences.txt "$app/Contents/Resources/"

# Each picture under the names that iconutil asks for: of its size, and as half that size on a screen of twice the density.
icons=$work/sockhop.iconset
mkdir "$icons"
for size in 16 32 128 256 512; do
    cp "resources/icon/sockhop-$size.png" "$icons/icon_${size}x$size.png"
done
for half in 16 128 256; do
    cp "resources/icon/sockhop-$((2 * half)).png" "$icons/icon_${half}x$half@2x.png"
done
cp resources/icon/sockhop-64.png "$icons/icon_32x32@2x.png"
iconutil --convert icns --output "$app/Contents/Resources/sockhop.icns" "$icons"

# Ad hoc, without an identity: Apple's processors run nothing that is not signed at all.
codesign --force --sign - "$app"
codesign --verify --strict "$app"

step "the .dmg"
mkdir "$work/dmg"
mv "$app" "$work/dmg/"
ln -s /Applications "$work/dmg/Applications"
dmg=$packages/sockhop-$version-macos-universal.dmg
hdiutil create -volname Sockhop -srcfolder "$work/dmg" -ov -format UDZO "$dmg"

step "checks"
"$work/dmg/Sockhop.app/Contents/MacOS/sockhop" --version
lipo "$work/dmg/Sockhop.app/Contents/MacOS/sockhop" -verify_arch arm64 x86_64
hdiutil verify "$dmg"
rm -rf "$work"
step "done"
ls -l "$dmg"
shasum --algorithm 256 "$dmg"
