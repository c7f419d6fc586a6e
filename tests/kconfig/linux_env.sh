#!/bin/sh
# Runs a command with the environment that the kernel's Makefile gives to scripts/kconfig/conf.
#
#     tests/kconfig/linux_env.sh TREE SRCARCH COMMAND [ARGUMENT…]
#     tests/kconfig/linux_env.sh "$tree" arm64 "$tree/scripts/kconfig/conf" -s --alldefconfig Kconfig
#
# The command reads from TREE (srctree) and writes .config and include/ in the current folder. CROSS_COMPILE, CC, LD and
# the others may be set; the host's tools answer otherwise, which is enough: both sides of a comparison get the same.
set -eu
[ $# -ge 3 ] || { echo "usage: $0 TREE SRCARCH COMMAND [ARGUMENT...]" >&2; exit 2; }
srctree=$1 SRCARCH=$2
shift 2

value() { sed -n "s/^$1 = *//p" "$srctree/Makefile" | head -n 1; }

: "${ARCH:=$SRCARCH}" "${SUBARCH:=x86}" "${CROSS_COMPILE:=}"
: "${CC:=${CROSS_COMPILE}gcc}" "${LD:=${CROSS_COMPILE}ld}" "${AR:=${CROSS_COMPILE}ar}" "${NM:=${CROSS_COMPILE}nm}"
: "${OBJCOPY:=${CROSS_COMPILE}objcopy}" "${OBJDUMP:=${CROSS_COMPILE}objdump}" "${STRIP:=${CROSS_COMPILE}strip}"
: "${READELF:=${CROSS_COMPILE}readelf}" "${HOSTCC:=gcc}" "${RUSTC:=rustc}" "${BINDGEN:=bindgen}" "${PAHOLE:=pahole}"
: "${PYTHON3:=python3}" "${PERL:=perl}" "${MAKE:=make}"
: "${KERNELVERSION:=$(value VERSION).$(value PATCHLEVEL).$(value SUBLEVEL)$(value EXTRAVERSION)}"
: "${CC_VERSION_TEXT:=$(LC_ALL=C $CC --version 2>/dev/null | head -n 1 | tr -d '#')}"
: "${RUSTC_VERSION_TEXT:=$($RUSTC --version 2>/dev/null | tr -d '#')}"
: "${KCONFIG_CONFIG:=.config}"
# User-mode Linux takes its processor's part from another architecture.
[ "$SRCARCH" != um ] || : "${HEADER_ARCH:=x86}"
export srctree SRCARCH ARCH SUBARCH CROSS_COMPILE CC LD AR NM OBJCOPY OBJDUMP STRIP READELF HOSTCC RUSTC BINDGEN PAHOLE
export PYTHON3 PERL MAKE KERNELVERSION CC_VERSION_TEXT RUSTC_VERSION_TEXT KCONFIG_CONFIG
[ -z "${HEADER_ARCH:-}" ] || export HEADER_ARCH
objtree=. LC_COLLATE=C LC_NUMERIC=C
export objtree LC_COLLATE LC_NUMERIC
unset LC_ALL CONFIG_ GREP_OPTIONS
exec "$@"
