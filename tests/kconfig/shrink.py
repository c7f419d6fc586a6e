"""Makes a failing case small: takes away one thing at a time for as long as the case still fails."""

import copy
import time


def blocks(nodes):
    """Every list of nodes of the tree, outermost first."""
    yield nodes
    for node in nodes:
        yield from blocks(node["children"])


def simpler(expression):
    """Expressions to try in place of this one: its parts, and itself with a part made simpler."""
    kind = expression[0]
    if kind in ("and", "or", "not"):
        yield from expression[1:]
        for at in range(1, len(expression)):
            for part in simpler(expression[at]):
                yield expression[:at] + (part,) + expression[at + 1 :]
    elif kind == "compare":
        yield ("symbol", expression[2])
    elif expression[1] not in ("y", "n"):
        yield ("symbol", "y")


def changes(case):
    """Functions that each take one thing away from a copy of the case; big things first."""
    tree = case["tree"]
    for index, block in enumerate(blocks(tree)):
        for at in range(len(block)):
            yield lambda new, i=index, at=at: list(blocks(new["tree"]))[i].pop(at)
    for index, block in enumerate(blocks(tree)):
        for at, node in enumerate(block):
            if node["kind"] in ("menu", "if", "source", "choice"):
                yield lambda new, i=index, at=at: hoist(list(blocks(new["tree"]))[i], at)
            for which in range(len(node["attributes"])):
                yield lambda new, i=index, at=at, w=which: list(blocks(new["tree"]))[i][at]["attributes"].pop(w)
    for key in ("config", "config2", "answers"):
        for size in (16, 4, 1):
            for at in range(0, len(case[key]), size):
                yield lambda new, key=key, at=at, size=size: new[key].__delitem__(slice(at, at + size))
    for name in case["environment"]:
        yield lambda new, name=name: new["environment"].pop(name)
    if case["allconfig"]:
        yield lambda new: new.update(allconfig=None)
        for at in range(len(case["allconfig"][1])):
            yield lambda new, at=at: new["allconfig"][1].pop(at)
    if case["newline"] != "\n":
        yield lambda new: new.update(newline="\n")
    if not case["last_newline"]:
        yield lambda new: new.update(last_newline=True)
    for index, block in enumerate(blocks(tree)):
        for at, node in enumerate(block):
            holders = [(None, "head", node["head"])] if node["kind"] == "if" else []
            for which, attribute in enumerate(node["attributes"]):
                holders += [
                    (which, key, attribute[key]) for key in ("value", "condition") if attribute.get(key) is not None
                ]
                if attribute.get("condition") is not None:
                    yield lambda new, i=index, at=at, w=which: list(blocks(new["tree"]))[i][at]["attributes"][w].update(
                        condition=None
                    )
                text = attribute.get("text", "p")
                plain = "help\n\t  h" if attribute["word"] == "help" else "p"
                if text != plain and attribute["word"] not in ("select", "imply", "range"):
                    yield lambda new, i=index, at=at, w=which, t=plain: list(blocks(new["tree"]))[i][at]["attributes"][
                        w
                    ].update(text=t)
            for which, key, expression in holders:
                for smaller in simpler(expression):
                    yield lambda new, i=index, at=at, w=which, k=key, e=smaller: replace(
                        list(blocks(new["tree"]))[i][at], w, k, e
                    )


def hoist(block, at):
    block[at : at + 1] = block[at]["children"]


def replace(node, which, key, expression):
    (node if which is None else node["attributes"][which])[key] = expression


def shrink(case, fails, seconds=60):
    """The smallest case found in this time that still fails."""
    deadline = time.monotonic() + seconds
    progress = True
    while progress:
        progress = False
        # The list of changes is made anew after each success, but goes on where it was, not from the start.
        position = 0
        while time.monotonic() < deadline:
            change = next((change for at, change in enumerate(changes(case)) if at == position), None)
            if change is None:
                break
            new = copy.deepcopy(case)
            change(new)
            if fails(new):
                case, progress = new, True
            else:
                position += 1
    return case
