"""Runs one `conf` program on one case in one mode, and says what came out: exit code, standard output, files.

A mode is a list of steps in one folder; a step is arguments and what is put into the folder before. The Kconfig files lie in a
folder of their own, named by srctree, as with an out-of-tree build.
"""

import os
import re
import resource
import shutil
import signal
import subprocess

import render

TIME_LIMIT_S = 10
OUTPUT_LIMIT_BYTES = 1 << 18
BASE_ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "LD_PRELOAD") if name in os.environ}

MODES = [
    "alldefconfig",
    "allnoconfig",
    "allyesconfig",
    "allmodconfig",
    "randconfig",
    "olddefconfig",
    "olddefconfig-fresh",
    "defconfig",
    "savedefconfig",
    "savedefconfig-fresh",
    "listnewconfig",
    "listnewconfig-fresh",
    "helpnewconfig",
    "helpnewconfig-fresh",
    "mod2yesconfig",
    "yes2modconfig",
    "mod2noconfig",
    "syncconfig",
    "syncconfig-twice",
    "syncconfig-silent",
    "oldconfig",
    "oldconfig-again",
    "oldaskconfig",
    "oldaskconfig-fresh",
    "default-silent",
]


def comparable(stdout):
    """Standard output without what is not compared. Help shows the values that the C program happens to have computed by
    then (`[=n]` for what it has not), ours shows the values. The C program says on standard output, as often as it meets it,
    that a bool is compared with `m`; ours says it on standard error, with the place."""
    stdout = re.sub(rb"boolean symbol \S+ tested for 'm'\? test forced to '.'\n", b"", stdout)
    return re.sub(rb" \[=[^\n]*?\](?=[ )=!<>]|$)", b"", stdout, flags=re.MULTILINE)


def limit_output():
    """A program that loops must not fill the disk. Children inherit it; Python ignores SIGXFSZ, its children do not."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_LIMIT_BYTES, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


class Outcome:
    def __init__(self):
        self.codes, self.stdout, self.stderr, self.files, self.endless, self.crashed = [], b"", b"", {}, False, False

    def key(self, stderr):
        return (self.codes, self.stdout, self.files, self.stderr if stderr else None)


def config_bytes(case, lines):
    text = case["newline"].join(lines)
    if lines and case["last_newline"]:
        text += case["newline"]
    prefix = case["environment"].get("CONFIG_")
    if prefix is not None:
        text = text.replace("CONFIG_", prefix)
    return text.encode()


def steps(case, mode):
    """(arguments, files to write, standard input) of each step."""
    config = config_bytes(case, case["config"])
    config2 = config_bytes(case, case["config2"])
    name = case["environment"].get("KCONFIG_CONFIG", ".config")
    answers = "\n".join(case["answers"] + ([""] if case["last_newline"] else [])).encode()
    flag = f"--{mode}"
    if mode in ("alldefconfig", "allnoconfig", "allyesconfig", "allmodconfig", "randconfig"):
        return [([flag], {}, b"")]
    if mode in ("olddefconfig", "listnewconfig", "helpnewconfig", "mod2yesconfig", "yes2modconfig", "mod2noconfig"):
        return [([flag], {name: config}, b"")]
    if mode.endswith("-fresh"):
        base = flag[: -len("-fresh")]
        arguments = [base + "=minimal"] if base == "--savedefconfig" else [base]
        return [(arguments, {}, answers)]
    if mode == "defconfig":
        return [(["--defconfig=seed"], {"seed": config, name: config2}, b"")]
    if mode == "savedefconfig":
        return [(["--savedefconfig", "minimal"], {name: config}, b"")]
    if mode == "syncconfig":
        return [([flag], {name: config}, answers)]
    if mode == "syncconfig-twice":
        return [
            (["--olddefconfig"], {name: config}, b""),
            (["--syncconfig"], {}, b""),
            (["--olddefconfig"], {name: config2}, b""),
            (["--syncconfig"], None, b""),
        ]
    if mode == "syncconfig-silent":
        return [
            (["-s", "--olddefconfig"], {name: config}, b""),
            (["--syncconfig"], {"include/config/auto.conf": config2}, b""),
        ]
    if mode in ("oldconfig", "oldaskconfig"):
        return [([flag], {name: config}, answers)]
    if mode == "oldconfig-again":
        return [
            (["--olddefconfig"], {name: config}, b""),
            (["--oldconfig"], {}, answers),
            (["--olddefconfig"], {}, b""),
        ]
    if mode == "default-silent":
        return [(["--silent"], {name: config2}, answers)]
    raise ValueError(mode)


def write(folder, name, content):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def mark_dependencies(folder):
    """Fills each include/config/SYMBOL: those that the next run touches are empty afterwards."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            if os.path.getsize(path) == 0:
                with open(path, "wb") as file:
                    file.write(b"untouched\n")


def run(program, case, mode, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    source, folder = os.path.join(scratch, "source"), os.path.join(scratch, "out")
    os.makedirs(folder)
    for name, text in render.render(case["tree"]).items():
        write(source, name, text.encode())
    environment = {**BASE_ENVIRONMENT, **case["environment"], "srctree": source, "KCONFIG_SEED": case["seed"]}
    if case["environment"].get("KCONFIG_DEFCONFIG_LIST"):
        write(folder, "defaults", config_bytes(case, case["config2"]))
    if case["allconfig"] and mode in ("alldefconfig", "allnoconfig", "allyesconfig", "allmodconfig", "randconfig"):
        how, lines = case["allconfig"]
        environment["KCONFIG_ALLCONFIG"] = {"path": "mini.config", "all": "1", "missing": "nowhere"}.get(how, how)
        short = {"randconfig": "allrandom.config"}.get(mode, mode[: -len("config")] + ".config")
        name = {"path": "mini.config", "all": "all.config"}.get(how, short)
        write(source if how == "1" else folder, name, config_bytes(case, lines))
    outcome = Outcome()
    for arguments, files, answers in steps(case, mode):
        if files is None:
            mark_dependencies(os.path.join(folder, "include"))
        for name, content in (files or {}).items():
            write(folder, name, content)
        code = execute(program + arguments + ["Kconfig"], folder, environment, answers, scratch, outcome)
        outcome.codes.append(code)
        if code < 0:
            outcome.endless = code in (-signal.SIGXFSZ, -signal.SIGKILL)
            outcome.crashed = not outcome.endless
            break
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                outcome.files[os.path.relpath(path, folder)] = file.read()
    outcome.stdout = comparable(outcome.stdout)
    place = source.encode()
    outcome.stdout, outcome.stderr = outcome.stdout.replace(place, b"SOURCE"), outcome.stderr.replace(place, b"SOURCE")
    return outcome


def execute(command, folder, environment, answers, scratch, outcome):
    paths = [os.path.join(scratch, name) for name in ("stdin", "stdout", "stderr")]
    with open(paths[0], "wb") as file:
        file.write(answers)
    with open(paths[0], "rb") as stdin, open(paths[1], "wb") as stdout, open(paths[2], "wb") as stderr:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdin=stdin, stdout=stdout, stderr=stderr)
        try:
            code = process.wait(TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = -signal.SIGKILL
    # A program that handles the write error of SIGXFSZ itself, as Rust's println does, is endless all the same.
    if os.path.getsize(paths[1]) >= OUTPUT_LIMIT_BYTES or os.path.getsize(paths[2]) >= OUTPUT_LIMIT_BYTES:
        code = -signal.SIGXFSZ
    with open(paths[1], "rb") as stdout, open(paths[2], "rb") as stderr:
        outcome.stdout += stdout.read()
        outcome.stderr += stderr.read()
    return code
