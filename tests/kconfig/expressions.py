"""Random Kconfig expressions and values over ranked symbols; see trees.py for the rule of ranks."""

import random

TYPES = ["bool"] * 9 + ["tristate"] * 6 + ["int"] * 3 + ["hex"] * 2 + ["string"] * 2 + [None]


class Symbol:
    def __init__(self, name, kind):
        self.name, self.kind, self.rank, self.choice = name, kind, 0, None


class Expressions:
    """Expressions are tuples: ("symbol", NAME), ("compare", OPERATOR, LEFT, RIGHT), ("not", E), ("and", E, E), ("or", E, E)."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.symbols = []
        # Macros that the tree defines and values may use, by what they expand to.
        self.macros = {"truth": [], "number": [], "word": []}

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, items):
        return self.random.choice(items)

    def below(self, rank):
        found = [symbol for symbol in self.symbols if self.cyclic or symbol.rank < rank]
        # Mostly the nearest: automatic submenus come from neighbours that depend on each other.
        return found[-5:] if self.chance(0.6) else found

    def atom(self, rank):
        symbols = self.below(rank)
        logical = [symbol for symbol in symbols if symbol.kind in ("bool", "tristate")]
        roll = self.random.random()
        if logical and roll < 0.62:
            return ("symbol", self.pick(logical).name)
        if symbols and roll < 0.86:
            left = self.pick(symbols)
            operator = (
                self.pick(["=", "!=", "<", "<=", ">", ">="])
                if left.kind != "bool"
                else self.pick(["=", "!="] * 3 + ["<", ">="])
            )
            rights = ["n", "m", '"n"', "2", "0x1f", '"foo"', '""', "UNDEFINED", "-1", '"0x10"', "10", "010"]
            if operator != "!=" or left.kind not in ("bool", None):
                rights += ["y", "y", '"y"']
            right = self.pick(symbols).name if self.chance(0.25) else self.pick(rights)
            return ("compare", operator, left.name, right)
        if not symbols:
            return ("symbol", self.pick(["y", "n", "UNDEFINED", '"y"'] + self.macros["truth"]))
        return (
            "symbol",
            self.pick(["y", "n", "m", "UNDEFINED", '"y"', '"m"', "UNDEFINED2", "y", "y", "y"] + self.macros["truth"]),
        )

    def expression(self, rank, depth=0):
        roll = self.random.random()
        if self.chance(0.08):
            return self.related(rank)
        if depth > 2 or roll < 0.55:
            return self.atom(rank)
        if roll < 0.68:
            return ("not", self.expression(rank, depth + 1))
        operator = "and" if roll < 0.85 else "or"
        return (operator, self.expression(rank, depth + 1), self.expression(rank, depth + 1))

    def related(self, rank):
        """Two statements about one symbol, which the C program joins into one."""
        logical = [symbol for symbol in self.below(rank) if symbol.kind in ("bool", "tristate")]
        if not logical:
            return self.atom(rank)
        symbol = self.pick(logical)
        plain = ("symbol", symbol.name)
        operators = [("=", "y"), ("=", "m"), ("=", "n"), ("!=", "n"), ("!=", "m")] + [("!=", "y")] * (
            symbol.kind == "tristate"
        )
        atoms = [plain, plain, ("not", plain)] + [
            ("compare", operator, symbol.name, value) for operator, value in operators
        ]
        first, second = self.pick(atoms), self.pick(atoms)
        if self.chance(0.2):
            first = ("and", first, self.atom(rank))
        return (self.pick(["and", "or"]), first, second)

    def maybe(self, probability, rank):
        return self.expression(rank) if self.chance(probability) else None

    def number(self, kind):
        if kind == "hex":
            return self.pick(["0x0", "0x10", "0xff", "1f", "0XAB", "0x7fffffffffffffff", "ff", "0x1g"])
        return self.pick(["0", "1", "7", "10", "-3", "100", "255", "4096", "0x10", "2147483648", "abc", "007"])

    def value(self, symbol, rank):
        if symbol.kind in ("bool", "tristate"):
            return self.expression(rank, 1)
        # The C program has no text for a choice member that was never calculated by itself, and crashes on it.
        others = [other.name for other in self.below(rank) if not other.choice]
        if self.chance(0.25) and others:
            return ("symbol", self.pick(others))
        if symbol.kind == "string":
            return (
                "symbol",
                self.pick(
                    [
                        '"text"',
                        '""',
                        '"with \\"quotes\\""',
                        '"back\\\\slash"',
                        "y",
                        "word",
                        "'single'",
                        '"$(ENVIRONMENT)"',
                        '"ü"',
                    ]
                    + self.macros["word"]
                ),
            )
        if self.chance(0.05):
            return self.expression(rank)
        return (
            "symbol",
            self.pick([self.number(symbol.kind)] * 3 + [f'"{self.number(symbol.kind)}"'] + self.macros["number"]),
        )
