"""Compares two `conf` programs on the kernel's own Kconfig tree, and races them.

Both get the same answers to `$(shell,…)` from one file (probe_cache.c serves the C program), so that what is timed is Kconfig
and not the compiler. CPU time is user + system of the process alone.
"""

import collections
import os
import resource
import shutil
import subprocess
import sys

import runs

HERE = os.path.dirname(os.path.abspath(__file__))


def environment_of(tree, arch):
    if arch == "plain":
        return {**os.environ, "srctree": tree, "CC": "gcc", "LD": "ld"}
    output = subprocess.run(
        [os.path.join(HERE, "linux_env.sh"), tree, arch, "env", "-0"], check=True, stdout=subprocess.PIPE
    ).stdout.decode()
    return dict(pair.split("=", 1) for pair in output.split("\0") if pair)


class Side:
    """One program and its folder; the folder is made anew for each plan of steps."""

    def __init__(self, name, program, folder, extra, root_file):
        self.name, self.program, self.folder, self.extra, self.root_file = name, program, folder, extra, root_file
        self.cpu_s = 0.0

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)

    def run(self, arguments, environment, answers=b""):
        command = self.program + arguments + [self.root_file]
        paths = [
            os.path.join(self.folder, os.pardir, f"{self.name}.{stream}") for stream in ("stdin", "stdout", "stderr")
        ]
        with open(paths[0], "wb") as file:
            file.write(answers)
        with open(paths[0], "rb") as stdin, open(paths[1], "wb") as stdout, open(paths[2], "wb") as stderr:
            process = subprocess.Popen(
                command, cwd=self.folder, env={**environment, **self.extra}, stdin=stdin, stdout=stdout, stderr=stderr
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_s += usage.ru_utime + usage.ru_stime
        with open(paths[1], "rb") as stdout, open(paths[2], "rb") as stderr:
            return process.returncode, stdout.read(), stderr.read()

    def files(self):
        found = {}
        for parent, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(parent, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, self.folder)] = file.read()
        return found


# A step of preparation: leave out each third line of .config, so that there is something new to ask for.
THIN = "thin"


def thin(path):
    with open(path, "rb") as file:
        lines = file.readlines()
    with open(path, "wb") as file:
        file.writelines(line for at, line in enumerate(lines) if at % 3)


# name → (prepare: arguments run first, with the reference's output given to both), arguments, standard input, whether auto.conf is wanted
PLANS = {
    "alldefconfig": ([], ["--alldefconfig"], b"", True),
    "allnoconfig": ([], ["--allnoconfig"], b"", False),
    "allyesconfig": ([], ["--allyesconfig"], b"", True),
    "allmodconfig": ([], ["--allmodconfig"], b"", False),
    "randconfig 1": ([], ["--randconfig"], b"", False),
    "randconfig 2": ([], ["--randconfig"], b"", False),
    "olddefconfig": (["--allmodconfig"], ["--olddefconfig"], b"", False),
    "savedefconfig": (["--allmodconfig"], ["--savedefconfig=minimal"], b"", False),
    "savedefconfig of random": (["--randconfig"], ["--savedefconfig=minimal"], b"", False),
    "mod2yesconfig": (["--allmodconfig"], ["--mod2yesconfig"], b"", False),
    "yes2modconfig": (["--allyesconfig"], ["--yes2modconfig"], b"", False),
    "mod2noconfig": (["--allmodconfig"], ["--mod2noconfig"], b"", False),
    "syncconfig": (["--allmodconfig"], ["--syncconfig"], b"", True),
    "listnewconfig": ([], ["--listnewconfig"], b"", False),
    "helpnewconfig": ([], ["--helpnewconfig"], b"", False),
    "oldaskconfig": ([], ["--oldaskconfig"], b"\n" * 20000, False),
    "oldaskconfig of everything": (["--allmodconfig"], ["--oldaskconfig"], b"\n" * 40000, False),
    "oldconfig of a part": (["--allyesconfig", THIN], ["--oldconfig"], b"\n" * 40000, False),
    "oldconfig of a random part": (["--randconfig", THIN], ["--oldconfig"], b"y\n\nm\nn\n\n?\n\n1\n" * 5000, False),
    "olddefconfig of a random part": (["--randconfig", THIN], ["--olddefconfig"], b"", False),
}


def compare_plan(label, plan, environment, sides, failures, options):
    prepare, arguments, answers, auto = plan
    reference, ours = sides
    for side in sides:
        side.clear()
        if not auto:
            os.makedirs(os.path.join(side.folder, "include/config"))
            open(os.path.join(side.folder, "include/config/auto.conf"), "w").close()
    if prepare:
        before = reference.cpu_s
        reference.run([word for word in prepare if word != THIN], environment)
        reference.cpu_s = before
        if THIN in prepare:
            thin(os.path.join(reference.folder, ".config"))
        shutil.copyfile(os.path.join(reference.folder, ".config"), os.path.join(ours.folder, ".config"))
        if auto:
            shutil.rmtree(os.path.join(reference.folder, "include"))
    marks = [side.cpu_s for side in sides]
    results = [side.run(arguments, environment, answers) for side in sides]
    # What is compared: exit code, standard output, files; each as bytes.
    outputs = []
    for side, (code, stdout, stderr) in zip(sides, results):
        output = {f"file {name}": content for name, content in side.files().items() if not name.endswith(".old")}
        output["exit code"], output["standard output"] = str(code).encode(), runs.comparable(stdout)
        if options.stderr:
            output["standard error"] = stderr
        outputs.append(output)
    times = [side.cpu_s - mark for side, mark in zip(sides, marks)]
    if results[0][0] < 0:
        print(f"{label:46} skipped: the reference died of signal {-results[0][0]}", flush=True)
        return
    different = sorted(
        name for name in set(outputs[0]) | set(outputs[1]) if outputs[0].get(name) != outputs[1].get(name)
    )
    size = sum(len(content) for content in outputs[0].values())
    print(
        f"{label:46} {times[0]:7.2f} s {times[1]:7.2f} s {size:10,} bytes  {'DIFFERENT: ' + ', '.join(different[:4]) if different else 'same'}",
        flush=True,
    )
    if different:
        failures.append(label)
        if len(failures) <= 5:
            import differential

            for name in different[:3]:
                text = differential.diff(name, outputs[0].get(name, b""), outputs[1].get(name, b""))
                print("\n".join(text.splitlines()[:60]))
            print(f"---- standard error of ours\n{results[1][2][:2000].decode(errors='replace')}", flush=True)


def compare(options, scratch):
    tree = os.path.abspath(options.tree)
    archs = options.arch.split(",")
    if archs == ["all"]:
        archs = sorted(
            name
            for name in os.listdir(os.path.join(tree, "arch"))
            if os.path.exists(os.path.join(tree, "arch", name, "Kconfig"))
        )
    cache = os.path.join(scratch, "probe_cache.so")
    subprocess.run(
        ["cc", "-O2", "-shared", "-fPIC", "-o", cache, os.path.join(HERE, "probe_cache.c"), "-ldl"], check=True
    )
    probes = os.path.abspath(options.probes) if options.probes else os.path.join(scratch, "probes")
    sides = [
        Side(
            "reference",
            options.reference,
            os.path.join(scratch, "reference"),
            {"LD_PRELOAD": cache, "KIT_KCONFIG_PROBES": probes},
            options.root_file,
        ),
        Side("ours", options.ours, os.path.join(scratch, "ours"), {"KIT_KCONFIG_PROBES": probes}, options.root_file),
    ]
    # A program that asks for ever must not fill the disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    failures, totals = [], collections.defaultdict(lambda: [0.0, 0.0])
    print(f"{'':46} {'C':>9} {'ours':>9}   (CPU time)")
    for arch in archs:
        environment = environment_of(tree, arch)
        sides[0].clear()
        sides[0].run(["--allnoconfig"], environment)  # asks the shell once
        for side in sides:
            side.cpu_s = 0.0
        for name, plan in PLANS.items():
            environment["KCONFIG_SEED"] = "2" if name.endswith("2") else "1"
            compare_plan(f"{arch} {name}", plan, environment, sides, failures, options)
        if options.defconfigs:
            compare_defconfigs(tree, arch, environment, sides, failures, options)
        totals[arch] = [side.cpu_s for side in sides]
    for arch, (reference, ours) in totals.items():
        print(f"{arch + ' all runs':46} {reference:7.2f} s {ours:7.2f} s")
    print(f"{len(failures)} runs differ: {', '.join(failures[:20])}" if failures else "no difference")
    return 1 if failures else 0


def compare_defconfigs(tree, arch, environment, sides, failures, options):
    folder = os.path.join(tree, "configs") if arch == "plain" else os.path.join(tree, "arch", arch, "configs")
    if not os.path.isdir(folder):
        return
    for parent, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.join(parent, name)
            short = os.path.relpath(path, folder)
            compare_plan(
                f"{arch} {short}", ([], [f"--defconfig={path}"], b"", False), environment, sides, failures, options
            )
            compare_plan(
                f"{arch} {short} saved",
                ([f"--defconfig={path}"], ["--savedefconfig=minimal"], b"", False),
                environment,
                sides,
                failures,
                options,
            )
            # As a .config, without the step that --defconfig adds.
            environment["KCONFIG_DEFCONFIG_LIST"] = path
            compare_plan(
                f"{arch} {short} olddefconfig",
                ([], ["--olddefconfig"], b"", False),
                environment,
                sides,
                failures,
                options,
            )
            del environment["KCONFIG_DEFCONFIG_LIST"]


if __name__ == "__main__":
    sys.exit("whole_tree.py: run differential.py --tree PATH")
