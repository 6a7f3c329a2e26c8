#!/usr/bin/env bash
# Says whether VERSION can be released, and how: bash packaging/release.sh VERSION
# It changes nothing. Pushing the tag has .github/workflows/release.yml build the packages and attach them to a draft.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=packaging/common.sh
source packaging/common.sh

version=${1:?usage: bash packaging/release.sh VERSION, for example 0.1.0}
version=${version#v}
tag=v$version
wrong=0
complain() { echo "$1" >&2; wrong=1; }

[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || complain "$version is not a version: three numbers with dots, as in 0.1.0"
[[ $(package_version) == "$version" ]] || complain "Cargo.toml has version $(package_version), not $version"
lock=$(awk '/^name = "sockhop"$/ { getline; gsub(/"/, "", $3); print $3 }' Cargo.lock)
[[ $lock == "$version" ]] || complain "Cargo.lock has version $lock, not $version: cargo update --workspace"
[[ -n $(changes_of "$version") ]] || complain "CHANGELOG.md says nothing of $version"
heading=$(grep --extended-regexp "^## ${version//./\\.}(,| |\$)" CHANGELOG.md || true)
[[ $heading =~ ,\ [0-9]{4}-[0-9]{2}-[0-9]{2}$ ]] ||
    complain "The heading in CHANGELOG.md has no day: '## $version, $(date +%F)', not '${heading:-none}'"
[[ -z $(git status --porcelain) ]] || complain "Something is changed and not committed: git status"
if tagged=$(git rev-parse --quiet --verify "refs/tags/$tag^{commit}"); then
    [[ $tagged == $(git rev-parse HEAD) ]] || complain "The tag $tag is there, on another commit than this one"
fi
((wrong == 0)) || exit 1

if [[ -n $tagged ]]; then
    echo "$tag is this commit, and fits. To publish: git push origin $tag"
else
    echo "$version is ready. To publish, once bash tests/run.sh has passed: git tag --annotate $tag --message $tag && git push origin $tag"
fi
