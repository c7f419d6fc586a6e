#!/bin/sh
# Runs the kernel's own tests of Kconfig (scripts/kconfig/tests of Linux 6.12) against a `conf` program.
#
#     tests/kconfig/linux_tests.sh target/release/kit kconfig conf
#     tests/kconfig/linux_tests.sh "$(tests/kconfig/reference.sh)/scripts/kconfig/conf"      # the C program: all pass
#
# What follows `--` goes to pytest: `linux_tests.sh CONF -- -k choice`. pytest is taken from the system or installed
# into target/kconfig-reference/pytest. The exit code is pytest's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { echo "usage: $0 CONF [ARGUMENT...] [-- PYTEST-ARGUMENT...]" >&2; exit 2; }

tree=$("$here/reference.sh")
cache=${KIT_KCONFIG_REFERENCE:-$here/../../target/kconfig-reference}

if ! python3 -c 'import pytest' 2>/dev/null; then
    PYTHONPATH=$cache/pytest
    export PYTHONPATH
    if ! python3 -c 'import pytest' 2>/dev/null; then
        python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --target "$cache/pytest" pytest==8.3.5 >&2 || {
            echo "linux_tests.sh: pytest is missing and 'python3 -m pip install pytest' fails" >&2
            exit 1
        }
    fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# The tests call scripts/kconfig/conf of the current folder, each in a folder of its own.
mkdir -p "$work/scripts/kconfig"
cp -r "$tree/scripts/kconfig/tests" "$work/scripts/kconfig/"
program=$(command -v "$1") || { echo "linux_tests.sh: no program $1" >&2; exit 2; }
case $program in /*) ;; *) program=$PWD/$program ;; esac
shift
{
    echo '#!/bin/sh'
    printf "exec '%s'" "$program"
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        printf " '%s'" "$1"
        shift
    done
    echo ' "$@"'
} >"$work/scripts/kconfig/conf"
chmod +x "$work/scripts/kconfig/conf"
[ $# = 0 ] || shift

cd "$work"
unset CONFIG_ KCONFIG_CONFIG KCONFIG_ALLCONFIG KCONFIG_SEED KCONFIG_PROBABILITY KCONFIG_WERROR KCONFIG_OVERWRITECONFIG
python3 -B -m pytest scripts/kconfig/tests -o cache_dir="$work/cache" "$@"
