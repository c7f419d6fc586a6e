"""Random Kconfig trees.

A tree is a list of nodes. A node is a dict: `kind` (config, menuconfig, choice, menu, if, comment, source, raw), `head` (name,
text or expression), `attributes` and `children`. An attribute is a dict with `word`, and `text`, `value`, `condition` as the
word needs. Expressions are tuples, so that shrink.py can take them apart. Nothing here knows how a program is run.

Dependencies are acyclic on purpose: each symbol has a rank, expressions mention lower ranks, selects point to higher ones.
One tree in twenty forgets the rule, and both programs must refuse it alike.

Not generated, because the C program reads memory it does not own: `SYMBOL != y` for a bool symbol, and `X := …$(X)…`.
"""

import statements
from expressions import TYPES, Expressions, Symbol


class Generator(Expressions):
    """Makes one tree from one number."""

    def __init__(self, seed):
        super().__init__(seed)
        self.files = 0
        self.choices = 0
        # Rules that most trees keep: no cycles; no syntax errors; choice members as they must be.
        self.cyclic = self.chance(0.05)
        self.broken = self.chance(0.04)
        self.sloppy = self.chance(0.05)
        self.has_tristate = self.chance(0.8)

    # Structure first: which symbols exist, in which blocks. Ranks and contents come after.

    def tree(self):
        nodes = self.block(0, self.random.randint(3, 14))
        if self.chance(0.7):
            modules = Symbol("MODULES" if self.chance(0.9) else "MODS", "bool" if self.chance(0.95) else "tristate")
            self.symbols.append(modules)
            node = self.node("config", modules)
            node["modules"] = True
            nodes.insert(self.random.randint(0, len(nodes)), node)
        self.rank(nodes)
        self.again(nodes)
        if self.chance(0.3):
            self.macros = {"truth": ["$(truth)", "$(truth)"], "number": ["$(number)"], "word": ['"$(word)"', "$(word)"]}
        self.fill(nodes)
        self.add_statements(nodes)
        if self.macros["truth"]:
            text = "truth := y\nnumber = $(shell,echo 1)2\nword = wo$(empty)rd\nempty :="
            nodes.insert(0, {"kind": "raw", "head": text, "attributes": [], "children": []})
        if self.chance(0.6):
            text = self.pick(["Test configuration", 'a \\"quoted\\" menu', "$(UNSET)menu $(ENVIRONMENT)", "grüße"])
            nodes.insert(0, {"kind": "mainmenu", "head": text, "attributes": [], "children": []})
        return nodes

    def node(self, kind, head=None):
        return {"kind": kind, "head": head, "attributes": [], "children": []}

    def symbol(self, kind):
        if kind == "tristate" and not self.has_tristate:
            kind = "bool"
        symbol = Symbol(f"S{len(self.symbols)}", kind)
        self.symbols.append(symbol)
        return symbol

    def block(self, depth, count):
        nodes = []
        for _ in range(count):
            roll = self.random.random()
            if depth < 3 and roll < 0.08:
                node = self.node("menu")
                node["children"] = self.block(depth + 1, self.random.randint(0, 4))
            elif depth < 3 and roll < 0.16:
                node = self.node("if")
                node["children"] = self.block(depth + 1, self.random.randint(0, 4))
            elif roll < 0.28:
                node = self.choice()
            elif roll < 0.34:
                node = self.node("comment")
            elif depth < 3 and roll < 0.38:
                self.files += 1
                node = self.node("source", f"Kconfig.{self.files}" if self.chance(0.7) else f"sub/Kconfig.{self.files}")
                node["children"] = self.block(depth + 1, self.random.randint(0, 4))
            else:
                node = self.node("menuconfig" if roll > 0.92 else "config", self.symbol(self.pick(TYPES)))
            nodes.append(node)
        return nodes

    def choice(self):
        node = self.node("choice")
        self.choices += 1
        node["number"] = self.choices

        def members(count, depth):
            nodes = []
            for _ in range(count):
                if depth < 2 and self.chance(0.12):
                    inner = self.node("if")
                    inner["children"] = members(self.random.randint(0, 2), depth + 1)
                    nodes.append(inner)
                elif self.chance(0.08):
                    nodes.append(self.node("comment"))
                else:
                    member = self.node("config", self.symbol("bool"))
                    member["head"].choice = node["number"]
                    nodes.append(member)
            return nodes

        node["children"] = members(self.random.randint(0 if self.chance(0.1) else 1, 4), 0)
        return node

    def rank(self, nodes):
        """Members of a choice share a rank, for they depend on each other; the others are ordered as in the file or at random."""
        groups = {}
        for symbol in self.symbols:
            groups.setdefault(symbol.choice or symbol.name, []).append(symbol)
        groups = list(groups.values())
        if self.chance(0.4):
            self.random.shuffle(groups)
        # Whatever says `m` depends on the modules symbol, which therefore comes first.
        groups.sort(key=lambda group: not group[0].name.startswith("MOD"))
        for rank, group in enumerate(groups, 1):
            for symbol in group:
                symbol.rank = rank

    def again(self, nodes):
        """Second definitions of some symbols, anywhere outside choices (members: rarely, and mostly without a prompt)."""
        for _ in range(self.random.randint(0, 3)):
            if not self.symbols:
                return
            symbol = self.pick(self.symbols)
            if symbol.choice and self.chance(0.5):
                continue
            block = nodes
            for _ in range(self.random.randint(0, 2)):
                inner = [node for node in block if node["kind"] in ("menu", "if", "source")]
                if inner:
                    block = self.pick(inner)["children"]
            node = self.node("config", symbol)
            node["again"] = True
            block.insert(self.random.randint(0, len(block)), node)

    # Contents

    def lowest(self, nodes):
        ranks = [10**6]
        for node in nodes:
            if isinstance(node["head"], Symbol):
                ranks.append(node["head"].rank)
            ranks.append(self.lowest(node["children"]))
        return min(ranks)

    def prompt_text(self):
        return self.pick(
            [
                "prompt",
                "a longer prompt",
                "it\\'s",
                'say \\"hi\\"',
                " leading",
                "trailing ",
                "100% # not a comment",
                "back\\\\slash",
                "ünï",
                "$(ENVIRONMENT) text",
                "$dollar",
                "\\$(literal)",
                "tab\there",
                "x" * 70,
            ]
        )

    def help(self):
        text = self.pick(
            [
                "help\n\t  One line.",
                "help\n\t  One line.\n",
                "help\n\t  First.\n\n\t  Second, after a blank line.\n\n",
                "help\n\t  Indented\n\t    more\n\t\tand a tab.",
                "help\n\n\n\t  Blank lines first.  \n",
                "help # comment\n        Eight spaces\n         nine.\n\t trailing blanks \t \n",
                "help\n\t  choice # not a comment\n\t  config NOT_ONE",
                "help\n   three\n\t  more # x\n",
                "help\n\t  " + "long " * 60,
                'help\n\t  ünï "quotes" $(UNSET) \\ end',
            ]
        )
        return {"word": "help", "text": text}

    def fill(self, nodes):
        for node in nodes:
            kind = node["kind"]
            if kind == "source":
                self.fill(node["children"])
                continue
            rank = node["head"].rank if isinstance(node["head"], Symbol) else self.lowest(node["children"])
            if kind == "choice" and rank == 10**6:
                rank = 1
            add = node["attributes"].append
            if kind == "if":
                node["head"] = self.expression(rank)
            elif kind in ("menu", "comment"):
                node["head"] = self.prompt_text()
                for _ in range(self.pick([0, 0, 0, 1, 1, 2])):
                    add({"word": "depends", "value": self.expression(rank)})
                if kind == "menu" and self.chance(0.3):
                    add({"word": "visible", "condition": self.expression(rank)})
            elif kind == "choice":
                self.fill_choice(node, rank)
            else:
                self.fill_config(node, rank)
            self.fill(node["children"])

    def members(self, nodes):
        for node in nodes:
            if isinstance(node["head"], Symbol):
                yield node["head"]
            yield from self.members(node["children"])

    def fill_choice(self, node, rank):
        add = node["attributes"].append
        if not (self.sloppy and self.chance(0.3)):
            add({"word": self.pick(["prompt", "bool"]), "text": self.prompt_text(), "condition": self.maybe(0.2, rank)})
        members = list(self.members(node["children"]))
        for _ in range(self.pick([0, 0, 1, 1, 2])):
            if members:
                target = (
                    self.pick(members).name if not self.sloppy or self.chance(0.9) else self.pick(self.symbols).name
                )
                add({"word": "default", "value": ("symbol", target), "condition": self.maybe(0.4, rank)})
        if self.chance(0.3):
            add({"word": "depends", "value": self.expression(rank)})
        if self.chance(0.3):
            add(self.help())
        self.random.shuffle(node["attributes"])
        self.help_last(node)

    def fill_config(self, node, rank):
        symbol = node["head"]
        add = node["attributes"].append
        member = symbol.choice and not node.get("again")
        careless = self.sloppy and self.chance(0.2)
        prompt = not careless if member else careless if symbol.choice else self.chance(0.72)
        kind = symbol.kind
        if node.get("again") and not careless and self.chance(0.5):
            kind = None
        elif careless or (not symbol.choice and self.chance(0.02)):
            kind = self.pick(TYPES)
        condition = self.maybe(0.25, rank)
        if not member and not symbol.choice and kind in ("bool", "tristate") and self.chance(0.25):
            add({"word": f"def_{kind}", "value": self.value(symbol, rank), "condition": self.maybe(0.3, rank)})
            kind = None
        if kind and prompt and self.chance(0.8):
            add({"word": kind, "text": self.prompt_text(), "condition": condition})
        else:
            if kind:
                add({"word": kind})
            if prompt:
                add({"word": "prompt", "text": self.prompt_text(), "condition": condition})
        if not symbol.choice or careless:
            for _ in range(self.pick([0, 0, 1, 1, 2, 3])):
                add({"word": "default", "value": self.value(symbol, rank), "condition": self.maybe(0.4, rank)})
        for _ in range(self.pick([0, 0, 0, 0, 1, 1, 1, 2])):
            add({"word": "depends", "value": self.expression(rank)})
        targets = [target for target in self.symbols if target.rank > symbol.rank or self.cyclic]
        if symbol.kind in ("bool", "tristate", None) or self.chance(0.03):
            for _ in range(self.pick([0, 0, 0, 1, 1, 2])):
                logical = [target for target in targets if target.kind in ("bool", "tristate")]
                if targets and self.chance(0.05):
                    logical = targets
                if logical:
                    name = self.pick(logical).name if self.chance(0.95) else "UNDEFINED3"
                    add({"word": self.pick(["select", "imply"]), "text": name, "condition": self.maybe(0.35, rank)})
        if symbol.kind in ("int", "hex") or self.chance(0.01):
            for _ in range(self.pick([0, 1, 1, 2])):
                others = [other.name for other in self.below(rank) if not other.choice]
                bounds = [self.pick(others) if self.chance(0.25) and others else self.number(symbol.kind) for _ in "ab"]
                add({"word": "range", "text": " ".join(bounds), "condition": self.maybe(0.3, rank)})
        if node.get("modules"):
            add({"word": "modules"})
        if self.chance(0.35):
            add(self.help())
        if self.chance(0.5):
            self.random.shuffle(node["attributes"])
        self.help_last(node)

    def help_last(self, node):
        """A help text at column 3 swallows the attributes that follow at column 8; rarely wanted."""
        if not self.sloppy:
            node["attributes"].sort(key=lambda attribute: attribute.get("text", "").startswith("help\n   three"))

    def add_statements(self, nodes):
        """Hand-written statements, macros most of all, between the others."""
        for _ in range(self.pick([0, 0, 0, 1, 2])):
            text = self.pick(statements.STATEMENTS)
            nodes.insert(
                self.random.randint(0, len(nodes)), {"kind": "raw", "head": text, "attributes": [], "children": []}
            )
        if self.broken:
            nodes.insert(
                self.random.randint(0, len(nodes)),
                {"kind": "raw", "head": self.pick(statements.BROKEN_STATEMENTS), "attributes": [], "children": []},
            )
