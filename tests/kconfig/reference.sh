#!/bin/sh
# Prepares the reference that the Kconfig tests compare with: the C program `conf` of Linux 6.12 and the parts of the
# kernel's tree that it reads. Prints the tree's path on standard output, and nothing else there.
#
#     tree=$(tests/kconfig/reference.sh)
#     "$tree/scripts/kconfig/conf" --help
#
# The source is Debian's package linux-source-6.12 (150 MB, fetched and deleted again); 30 MB of it stay, in
# target/kconfig-reference, or where KIT_KCONFIG_REFERENCE says. A second call only looks and prints.
# flex and bison are installed if they are missing; a C compiler, xz, tar and dpkg-deb must be there.
set -eu

package=linux-source-6.12
root=$(cd "$(dirname "$0")/../.." && pwd)
cache=${KIT_KCONFIG_REFERENCE:-$root/target/kconfig-reference}
tree=$cache/$package
conf=$tree/scripts/kconfig/conf

if [ -x "$conf" ]; then
    echo "$tree"
    exit 0
fi

fail() {
    echo "reference.sh: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

say() {
    echo "reference.sh: $*" >&2
}

for tool in apt-get dpkg-deb tar xz; do
    command -v $tool >/dev/null || fail "$tool is missing: the reference comes from Debian's package $package.
    On another system, unpack Linux 6.12, build its scripts/kconfig/conf ('make alldefconfig' does) and set
    KIT_KCONFIG_REFERENCE to a folder in which $package is that tree."
done
compiler=${CC:-}
[ -n "$compiler" ] || for compiler in gcc cc clang; do command -v $compiler >/dev/null && break; done
command -v "$compiler" >/dev/null || fail "no C compiler (gcc, cc or clang) to build conf with"

missing=
for tool in flex bison; do command -v $tool >/dev/null || missing="$missing $tool"; done
if [ -n "$missing" ]; then
    say "installing$missing"
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2 ||
        { as_root apt-get update -q >&2 &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2; } ||
        fail "cannot install$missing; install by hand and run again"
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

say "fetching $package"
fetch() {
    (cd "$work" && apt-get download -q -o APT::Sandbox::User=root "$package" >&2)
}
fetch || { as_root apt-get update -q >&2 && fetch; } ||
    fail "apt-get cannot download $package: Debian 12 (security) and 13 have it; see /etc/apt/sources.list"

say "unpacking what conf reads"
mkdir "$work/tree"
# The package holds one tar.xz. GNU tar complains about patterns without a match, so only patterns that have one.
dpkg-deb --fsys-tarfile "$work"/$package*.deb | tar -xO "./usr/src/$package.tar.xz" | xz -dc |
    tar -x -C "$work/tree" --strip-components=1 --wildcards --wildcards-match-slash \
        '*/Kconfig*' '*/configs/*' "$package/Makefile" "$package/arch/*/tools/*.sh" "$package/scripts/kconfig/*" \
        "$package/scripts/include/*" "$package/scripts/*.sh" "$package/scripts/*.h" ||
    fail "unpacking $package failed"
rm "$work"/*.deb

say "building conf"
(
    cd "$work/tree/scripts/kconfig"
    flex -L -olexer.lex.c lexer.l
    bison -t -l --defines=parser.tab.h -o parser.tab.c parser.y
    # The flags of the kernel's own build of host programs.
    "$compiler" -O2 -fomit-frame-pointer -std=gnu11 -I../include -I. -o conf conf.c confdata.c expr.c lexer.lex.c \
        menu.c parser.tab.c preprocess.c symbol.c util.c
) >&2 || fail "building conf failed"

rm -rf "$tree"
mv "$work/tree" "$tree"
say "ready: $(du -sm "$tree" | cut -f1) MB in $tree"
echo "$tree"
