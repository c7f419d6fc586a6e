"""What goes with a random tree: .config files, answers to questions, environment variables."""

from expressions import TYPES
from trees import Generator


class Inputs:
    """Writes inputs that fit a generator's symbols, mostly."""

    def __init__(self, generator):
        self.symbols, self.random, self.chance, self.pick, self.tree = (
            generator.symbols,
            generator.random,
            generator.chance,
            generator.pick,
            generator.tree,
        )

    def config(self):
        """Lines of a .config: mostly fitting values, some of everything else."""
        lines = ["#", "# Automatically generated file; DO NOT EDIT.", "#"] if self.chance(0.5) else []
        symbols = list(self.symbols)
        if self.chance(0.3):
            self.random.shuffle(symbols)
        density = self.pick([0.2, 0.5, 0.9])
        for symbol in symbols:
            for _ in range(2 if self.chance(0.05) else 1):
                if self.chance(density):
                    lines.append(self.assignment(symbol))
        for _ in range(self.pick([0, 0, 0, 1, 2])):
            junk = [
                "CONFIG_UNDEFINED=y",
                'CONFIG_NOWHERE="x"',
                "garbage",
                " CONFIG_S0=y",
                "CONFIG_S0",
                "# CONFIG_S1 is not set ",
                "#CONFIG_S1 is not set",
                "# CONFIG_NOWHERE is not set",
                "",
                "CONFIG_=y",
                "CONFIG_S2 =y",
                "export CONFIG_S0=y",
                "# comment",
                "CONFIG_M_TRUTH=n",
                "CONFIG_S0=",
                "\t",
            ]
            lines.insert(self.random.randint(0, len(lines)), self.pick(junk))
        return lines

    def assignment(self, symbol):
        kind = symbol.kind if self.chance(0.95) else self.pick(TYPES)
        name = symbol.name
        if kind in ("bool", "tristate", None):
            if self.chance(0.35):
                return f"# CONFIG_{name} is not set"
            values = ["y", "y", "n", "yes", "Y", "1", '"y"'] if kind == "bool" else ["y", "m", "m", "n", "mod"]
            return f"CONFIG_{name}=" + (values[0] if self.chance(0.5) else self.pick(values))
        if kind == "string":
            return f"CONFIG_{name}=" + self.pick(
                ['"text"', '""', '"a \\"b\\" \\\\ c"', '"unterminated', "bare", '"tail" rest', '"ü $(x) #"', '"\\a"']
            )
        if kind == "hex":
            return f"CONFIG_{name}=" + self.pick(
                ["0x0", "0x1f", "1F", "0XFF", "0x", "zz", "-1", "0x123456789abcdef01", " 0x1", "0x1 "]
            )
        return f"CONFIG_{name}=" + self.pick(
            ["0", "5", "12", "-7", "007", "300", "99999999999999999999", "5 ", "five", "+5", "0x5", "-", ""]
        )

    def answers(self):
        choices = [
            "",
            "",
            "",
            "y",
            "n",
            "m",
            "y",
            "n",
            "Y",
            "No",
            "yes",
            "?",
            "1",
            "2",
            "3",
            "2?",
            "0",
            "9",
            "text",
            "0x1f",
            "-5",
            " y ",
            "junk",
            'a "b"',
        ]
        return [self.pick(choices) for _ in range(self.random.randint(0, 60))]

    def environment(self):
        variables = {"ENVIRONMENT": "environment"}
        for name, values, probability in [
            ("KCONFIG_WARN_UNKNOWN_SYMBOLS", ["1"], 0.1),
            ("KCONFIG_WERROR", ["1", ""], 0.03),
            ("KCONFIG_OVERWRITECONFIG", ["1", ""], 0.05),
            ("KCONFIG_CONFIG", ["other.config", "deep/down/config"], 0.08),
            ("KCONFIG_AUTOCONFIG", ["auto.conf", "gen/conf/auto.conf"], 0.04),
            ("KCONFIG_AUTOHEADER", ["gen/header.h"], 0.04),
            ("KCONFIG_RUSTCCFG", ["gen/rust"], 0.04),
            ("KCONFIG_NOSILENTUPDATE", ["1", ""], 0.06),
            ("KCONFIG_DEFCONFIG_LIST", ["missing\tdefaults other", ""], 0.1),
            ("KCONFIG_PROBABILITY", ["10", "100", "20:30", "50:0:100", "80:80", "x", "101", "7:8:9:10"], 0.3),
            ("CONFIG_", ["OPTION_", ""], 0.03),
        ]:
            if self.chance(probability):
                variables[name] = self.pick(values)
        return variables

    def case(self):
        tree = self.tree()
        allconfig = None
        if self.chance(0.4):
            how = self.pick(["path"] * 6 + ["1"] * 4 + ["", "", "all", "all", "missing"])
            allconfig = (how, self.config())
        newline = self.pick(["\n"] * 8 + ["\r\n"])
        return {
            "tree": tree,
            "config": self.config(),
            "config2": self.config(),
            "allconfig": allconfig,
            "answers": self.answers(),
            "environment": self.environment(),
            "newline": newline,
            "seed": hex(self.random.getrandbits(31)),
            "last_newline": self.chance(0.9),
        }


def case(seed):
    """Everything that a run needs, made from one number."""
    return Inputs(Generator(seed)).case()
