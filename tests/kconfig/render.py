"""Writes a tree of trees.py as Kconfig files."""

from expressions import Symbol


def expression_text(expression, outer=None):
    kind = expression[0]
    if kind == "symbol":
        return expression[1]
    if kind == "compare":
        _, operator, left, right = expression
        return f"{left}{operator}{right}" if len(left) % 2 else f"{left} {operator} {right}"
    if kind == "not":
        inner = expression[1]
        text = expression_text(inner, "not")
        return "!" + text
    text = (" && " if kind == "and" else " || ").join(expression_text(part, kind) for part in expression[1:])
    needs = outer == "not" or (outer == "and" and kind == "or") or (outer == kind and False)
    return f"({text})" if needs else text


def attribute_text(attribute):
    word = attribute["word"]
    if word == "help":
        return "\t" + attribute["text"] + "\n"
    line = "depends on" if word == "depends" else word
    if "text" in attribute:
        line += f" {attribute['text']}" if word in ("select", "imply", "range") else f' "{attribute["text"]}"'
    if attribute.get("value") is not None:
        line += " " + expression_text(attribute["value"])
    if attribute.get("condition") is not None:
        line += " if " + expression_text(attribute["condition"])
    return "\t" + line + "\n"


def head_text(head):
    return head.name if isinstance(head, Symbol) else head


def render(nodes, files=None, name="Kconfig"):
    """The tree's files, name → text."""
    files = {} if files is None else files
    text = []
    for node in nodes:
        render_node(node, text, files)
    files[name] = "".join(text)
    return files


def render_node(node, text, files):
    kind, head = node["kind"], node["head"]
    if kind == "raw":
        text.append(head + "\n")
        return
    if kind == "mainmenu":
        text.append(f'mainmenu "{head}"\n')
        return
    if kind == "source":
        text.append(f'source "{head}"\n\n')
        render(node["children"], files, head)
        return
    if kind == "if":
        text.append(f"if {expression_text(head)}\n\n")
    elif kind in ("menu", "comment"):
        text.append(f'{kind} "{head}"\n')
    elif kind == "choice":
        text.append("choice\n")
    else:
        text.append(f"{kind} {head_text(head)}\n")
    text.extend(attribute_text(attribute) for attribute in node["attributes"])
    text.append("\n")
    if kind in ("if", "menu", "choice"):
        for child in node["children"]:
            render_node(child, text, files)
        text.append(f"end{kind}\n\n")
