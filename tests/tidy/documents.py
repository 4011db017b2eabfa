"""Facts that stand in code and in a document are read from both and compared: limits, error codes, tables, tags, audit events,
settings, links.

A document that repeats a number and is not compared will be wrong one day; a table added to a document gets a check here.
"""
import os
import re

from source import Problem, line_of

UNITS = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "days": 86_400_000}


def rows_after(text, heading):
    """(line, cells) of the first table after a heading line."""
    at = text.find(heading)
    if at < 0:
        return
    started = False
    for number, line in enumerate(text[at:].splitlines(), line_of(text, at)):
        if line.startswith("|"):
            started = True
            cells = [c.strip() for c in line.strip().strip("|").split("|")]
            if not set(cells[0]) <= set("-: "):
                yield number, cells
        elif started:
            return


def compare(code, document, code_name, document_name, what):
    """Problems for the entries that differ between two dicts of name -> value."""
    problems = []
    for name in sorted(set(code) - set(document)):
        problems.append(Problem(document_name, 1, f"{what} {name} of {code_name} is missing in this document: add its row"))
    for name in sorted(set(document) - set(code)):
        problems.append(Problem(document_name, document[name][0], f"{what} {name} does not exist in {code_name}: remove the row"))
    for name in sorted(set(code) & set(document)):
        if code[name] != document[name][1]:
            problems.append(Problem(document_name, document[name][0], f"{what} {name} is {code[name]} in {code_name}, {document[name][1]} here: correct the one that is wrong"))
    return problems


def code_limits(text):
    """name -> number (bytes and counts as they are, durations in milliseconds)."""
    found = {}
    for m in re.finditer(r"inline constexpr \S+ (\w+) = ([^;]+);", text):
        expression = m.group(2).replace("'", "")
        expression = re.sub(r"(\d+)(ms|min|h|s)\b", lambda d: f"({d.group(1)}*{UNITS[d.group(2)]})", expression)
        if re.fullmatch(r"[\d\s()*<+]+", expression):
            found[m.group(1)] = eval(expression)  # pylint: disable=eval-used  # digits and operators only
    return found


def number_of(cell):
    """`1.375 MiB`, `30 days`, `4,096` as a number."""
    m = re.fullmatch(r"([\d,.]+)\s*(\w*)", cell)
    return int(float(m.group(1).replace(",", "")) * UNITS.get(m.group(2), 1)) if m and m.group(2) in UNITS else cell


def check_limits(tree):
    """SECURITY.md's table of limits = limits.h."""
    code = code_limits(tree.text("node/core/base/limits.h"))
    document = {c[0].strip("`"): (n, number_of(c[1])) for n, c in rows_after(tree.text("SECURITY.md"), "## Limits") if c[0].startswith("`")}
    return compare(code, document, "core/base/limits.h", "SECURITY.md", "limit")


def code_errors(text):
    """name -> disposition, from the grouped enumeration Errc."""
    body = re.search(r"enum class Errc[^{]*\{(.*?)\};", text, re.S)
    found, group = {}, ""
    for line in (body.group(1) if body else "").splitlines():
        if m := re.match(r"\s*// (retry_later|refuse_message|close_link|stop_node)", line):
            group = m.group(1)
        elif m := re.match(r"\s*(\w+)\s*(?:=\s*\d+)?,", line):
            found[m.group(1)] = group
    return found


def check_errors(tree):
    """PROTOCOL.md's table of error codes = result.h."""
    code = code_errors(tree.text("node/core/base/result.h"))
    document = {}
    for number, cells in rows_after(tree.text("schemas/PROTOCOL.md"), "## Error codes"):
        group = cells[0].strip("`")
        for name in re.findall(r"`(\w+)`", " ".join(cells[1:])):
            document[name] = (number, group)
    return compare(code, document, "core/base/result.h", "schemas/PROTOCOL.md", "error code")


def enumerators(text, name):
    """name -> "" for each enumerator of an enum class."""
    body = re.search(rf"enum class {name}[^{{]*\{{(.*?)\}};", text, re.S)
    plain = re.sub(r"//[^\n]*", "", body.group(1)) if body else ""
    return {m: "" for m in re.findall(r"(\w+)\s*(?:=\s*\d+)?\s*(?:,|$)", plain.strip())}


def _first_cells(text, heading):
    return {name: (n, "") for n, c in rows_after(text, heading) for name in re.findall(r"`(\w+)`", c[0])}


def check_tables(tree):
    """ARCHITECTURE.md's storage tables = exchange/tables.h."""
    code = enumerators(tree.text("node/core/exchange/tables.h"), "Table")
    return compare(code, _first_cells(tree.text("ARCHITECTURE.md"), "## Storage"), "core/exchange/tables.h", "ARCHITECTURE.md", "table")


def check_events(tree):
    """PROTOCOL.md's audit events = audit/entry.h."""
    code = enumerators(tree.text("node/core/audit/entry.h"), "Event")
    return compare(code, _first_cells(tree.text("schemas/PROTOCOL.md"), "### Audit events"), "core/audit/entry.h", "schemas/PROTOCOL.md", "event")


def check_tags(tree):
    """PROTOCOL.md's domain tags = tags.h."""
    code = {m: "" for m in re.findall(r'"(liaison[^"\\]*)', tree.text("node/core/base/tags.h"))}
    rows = rows_after(tree.text("schemas/PROTOCOL.md"), "### Domain tags")
    document = {m: (n, "") for n, c in rows for m in re.findall(r"`(liaison[^`]*)`", c[0])}
    return compare(code, document, "core/base/tags.h", "schemas/PROTOCOL.md", "tag")


def check_settings(tree):
    """deploy/README.md's table of settings = SettingsFile and Bus of settings.fbs."""
    text, code = tree.text("schemas/settings.fbs"), {}
    for table, prefix in (("SettingsFile", ""), ("Bus", "bus."), ("Authorities", "authorities."), ("Defaults", "defaults.")):
        body = re.search(rf"table {table} \{{(.*?)\n\}}", text, re.S)
        code.update({prefix + name: "" for name in re.findall(r"^\s*(\w+):", body.group(1) if body else "", re.M)})
    for group in ("bus", "authorities", "defaults"):
        code.pop(group, None)
    document = {m: (n, "") for n, c in rows_after(tree.text("deploy/README.md"), "## Settings") for m in re.findall(r"`([\w.]+)`", c[0])}
    return compare(code, document, "schemas/settings.fbs", "deploy/README.md", "setting")


def check_links(tree):
    """Relative links and quoted paths of documents lead somewhere."""
    problems = []
    for name in tree.having(".md"):
        folder = os.path.dirname(name)
        for m in re.finditer(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", tree.text(name)):
            target = os.path.normpath(os.path.join(folder, m.group(1)))
            if target not in tree.names and not any(n.startswith(target + "/") for n in tree.names):
                problems.append(Problem(name, line_of(tree.text(name), m.start()), f"link to {m.group(1)} leads nowhere: correct or remove it"))
    return problems


CHECKS = [check_limits, check_errors, check_tables, check_events, check_tags, check_settings, check_links]
