#!/usr/bin/env python3
"""Compares a `conf` program with the C program of Linux 6.12, on random Kconfig trees or on the kernel's own tree.

    tests/kconfig/differential.py --ours "target/release/kit kconfig conf" --seed 1 --count 200
    tests/kconfig/differential.py --ours "target/release/kit kconfig conf" --seed 1234 --count 1 --mode olddefconfig --stderr
    tests/kconfig/differential.py --ours "target/release/kit kconfig conf" --tree PATH --arch x86,arm64 --defconfigs

Compared, byte for byte: exit codes, standard output, every file of the folder (.config, .config.old, auto.conf, autoconf.h,
rustc_cfg, auto.conf.cmd, which include/config/SYMBOL were touched). Standard error only with --stderr. Case N of seed S is
seed S+N of count 1, so that a failure is repeated alone by the seed that is printed. A difference is shrunk, printed, and
makes the exit code 1. Cases in which the C program loops for ever or crashes are counted and skipped. What of standard output
is not compared says runs.comparable.

Without --reference, reference.sh prepares the C program and says where it is.
"""

import argparse
import collections
import difflib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import inputs
import render
import runs
import shrink
import whole_tree

HERE = os.path.dirname(os.path.abspath(__file__))


def command_of(text):
    words = shlex.split(text)
    words[0] = (
        os.path.abspath(words[0])
        if os.path.exists(words[0])
        else shutil.which(words[0]) or sys.exit(f"differential.py: no program {words[0]}")
    )
    return words


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True, type=command_of, help="the command to test, words separated by blanks")
    parser.add_argument("--reference", type=command_of, help="the C program (default: what reference.sh builds)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100, help="how many random trees")
    parser.add_argument("--mode", action="append", choices=runs.MODES, help="only this mode (may be repeated)")
    parser.add_argument("--stderr", action="store_true", help="compare standard error too")
    parser.add_argument(
        "--extensions",
        action="store_true",
        help="a tree that the reference refuses may be accepted: for programs that understand more than 6.12",
    )
    parser.add_argument(
        "--keep-going", action="store_true", help="report the first difference of each mode, not only the very first"
    )
    parser.add_argument("--no-shrink", action="store_true")
    parser.add_argument("--show", action="store_true", help="print each tree before it is run")
    parser.add_argument("--tree", help="a kernel tree to compare on, instead of random trees")
    parser.add_argument(
        "--arch",
        default="x86,arm64",
        help="with --tree: SRCARCH values separated by commas, or 'all'; 'plain' for a tree that is not the kernel's",
    )
    parser.add_argument("--root-file", default="Kconfig", help="with --tree: the file to start with")
    parser.add_argument("--defconfigs", action="store_true", help="with --tree: also each file of arch/*/configs")
    parser.add_argument(
        "--probes", default=None, help="with --tree: file of shell answers (default: one in the temporary folder)"
    )
    options = parser.parse_args()
    if not options.reference:
        tree = subprocess.run(
            [os.path.join(HERE, "reference.sh")], check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()
        options.reference = [os.path.join(tree, "scripts/kconfig/conf")]
        options.tree = tree if options.tree == "" else options.tree
    return options


def show_bytes(content):
    return content.decode(errors="backslashreplace")


def diff(name, reference, ours):
    lines = difflib.unified_diff(
        show_bytes(reference).splitlines(True),
        show_bytes(ours).splitlines(True),
        f"reference {name}",
        f"ours {name}",
        n=3,
    )
    return "".join(line if line.endswith("\n") else line + "\n\\ no newline at the end\n" for line in lines)


def report(case, mode, seed, reference, ours, stderr):
    print(f"\n==== difference: seed {seed}, mode {mode}")
    for name, text in sorted(render.render(case["tree"]).items()):
        print(f"---- {name}\n{text}", end="" if text.endswith("\n") else "\n")
    for step, (words, files, answers) in enumerate(runs.steps(case, mode), 1):
        print(f"---- step {step}: conf {' '.join(words)} Kconfig")
        for name, content in (files or {}).items():
            print(f"---- {name}\n{show_bytes(content)}")
        if answers:
            print(f"---- standard input\n{show_bytes(answers)}")
    environment = {**case["environment"], "KCONFIG_SEED": case["seed"]}
    print(f"---- environment: {' '.join(f'{name}={shlex.quote(value)}' for name, value in environment.items())}")
    if case["allconfig"]:
        how, lines = case["allconfig"]
        print(f"---- KCONFIG_ALLCONFIG ({how!r})\n" + "\n".join(lines))
    if reference.codes != ours.codes:
        print(f"---- exit codes: reference {reference.codes}, ours {ours.codes}")
    for name in sorted(set(reference.files) | set(ours.files)):
        left, right = reference.files.get(name), ours.files.get(name)
        if left is None or right is None:
            print(
                f"---- file {name} is only with {'ours' if left is None else 'the reference'}:\n{show_bytes(right if left is None else left)}"
            )
        elif left != right:
            print(diff(name, left, right))
    if reference.stdout != ours.stdout:
        print(diff("standard output", reference.stdout, ours.stdout))
    if stderr and reference.stderr != ours.stderr:
        print(diff("standard error", reference.stderr, ours.stderr))
    else:
        print(
            f"---- standard error of the reference\n{show_bytes(reference.stderr)}---- standard error of ours\n{show_bytes(ours.stderr)}"
        )
    print(f"repeat: {sys.argv[0]} … --seed {seed} --count 1 --mode {mode}\n", flush=True)


def compare(options, case, mode, scratch):
    """Both outcomes, and whether they differ; None if the reference says nothing useful."""
    reference = runs.run(options.reference, case, mode, os.path.join(scratch, "reference"))
    if reference.endless or reference.crashed:
        return reference, None, None
    ours = runs.run(options.ours, case, mode, os.path.join(scratch, "ours"))
    if options.extensions and any(reference.codes) and not any(ours.codes):
        return reference, ours, False
    return reference, ours, reference.key(options.stderr) != ours.key(options.stderr)


def random_trees(options, scratch):
    runs.limit_output()
    counts = collections.Counter()
    started = time.monotonic()
    failed = {}
    for seed in range(options.seed, options.seed + options.count):
        case = inputs.case(seed)
        if options.show:
            print(
                f"==== seed {seed}\n"
                + "\n".join(f"---- {name}\n{text}" for name, text in render.render(case["tree"]).items())
            )
        for mode in options.mode or runs.MODES:
            if mode in failed:
                continue
            reference, _, differs = compare(options, case, mode, scratch)
            counts["runs"] += 1
            counts[
                (
                    "endless"
                    if reference.endless
                    else "crashed" if reference.crashed else "refused" if any(reference.codes) else "accepted"
                )
            ] += 1
            if not differs:
                continue
            failed[mode] = seed
            if not options.no_shrink:
                case = shrink.shrink(case, lambda new: bool(compare(options, new, mode, scratch)[2]))
            reference, ours, _ = compare(options, case, mode, scratch)
            report(case, mode, seed, reference, ours, options.stderr)
            if not options.keep_going:
                return 1
            case = inputs.case(seed)
    summary = ", ".join(f"{counts[name]} {name}" for name in ("accepted", "refused", "endless", "crashed"))
    print(
        f"{options.count} trees, {counts['runs']} runs of each program ({summary} by the reference), {time.monotonic() - started:.0f} s: ",
        end="",
    )
    print(
        f"differences in {', '.join(f'{mode} (seed {seed})' for mode, seed in failed.items())}"
        if failed
        else "no difference"
    )
    return 1 if failed else 0


def main():
    options = arguments()
    fast = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="kconfig-", dir=fast) as scratch:
        if options.tree:
            return whole_tree.compare(options, scratch)
        return random_trees(options, scratch)


if __name__ == "__main__":
    sys.exit(main())
