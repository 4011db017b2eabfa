"""Nothing without its test: a unit test per core file, a fuzz target per decoder, seeds per fuzz target, a README per folder."""
import re

from modules import includes
from source import Problem, bare, line_of

# Names of functions that read bytes or text somebody else wrote.
DECODER = re.compile(r"^((parse|decode|load)(_\w+)?|from_(hex|base64|spki|point|pkcs8))$")

# Decoders that a fuzz target reaches only through another one, or that read nothing foreign.
REACHED = {"Schema::load": "reads only the reflection schemas that are compiled in", "parse_degrees": "called by import_json, which form_fuzz calls"}


def public_headers(tree):
    """Headers of core that something outside their folder's own sources includes, or that nothing there includes."""
    users = {}
    for name in tree.cpp(("node", "admin-cli", "pki")):
        for _, target, quoted in includes(tree.text(name)):
            if quoted:
                users.setdefault("node/" + target, set()).add(name.rsplit("/", 1)[0])
    for name in tree.having(".h", under=("node/core",)):
        if users.get(name, set()) != {name.rsplit("/", 1)[0]}:
            yield name


def check_unit_tests(tree):
    """Every header of node/core that others use is named by a test of its module, or by tests/support."""
    problems = []
    for name in public_headers(tree):
        _, _, module, file = name.split("/", 3)
        tests = [tree.text(t) for t in tree.cpp((f"tests/unit/{module}", "tests/support"))]
        stem = file[:-2]
        if not any(re.search(rf"\b{re.escape(stem)}\.h\b", t) for t in tests) and f"tests/unit/{module}/{stem}_test.cpp" not in tree.names:
            problems.append(Problem(name, 1, f"no test names it: write tests/unit/{module}/{stem}_test.cpp, or name {file} in the head of the test that covers it"))
    return problems


def decoders(text):
    """(line, owner, name, is a member) of the decoders a bare header declares; owner is the class, or the namespace."""
    space = re.search(r"^namespace\s+liaison(?:::(\w+))?", text, re.M)
    space = (space.group(1) or "liaison") if space else "liaison"
    classes = []
    for m in re.finditer(r"\b(?:class|struct)\s+(?:\[\[\w+\]\]\s*)?(\w+)[^;{}()]*\{", text):
        depth, end = 1, m.end()
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        classes.append((m.end(), end, m.group(1)))
    for m in re.finditer(r"\b(?:Result|optional)<[^;{}]*?>\s+(\w+)\s*\(([^;{}]*?)\)", text):
        if not DECODER.match(m.group(1)) or not re.search(r"ByteView|string_view|Bytes\b|span<", m.group(2)):
            continue
        owner = [c for a, b, c in classes if a <= m.start() < b]
        yield line_of(text, m.start()), owner[-1] if owner else space, m.group(1), bool(owner)


def check_fuzz(tree):
    """Every decoder of core is called by a fuzz target."""
    targets = "\n".join(bare(tree.text(n)) for n in tree.having("_fuzz.cpp", under=("tests/fuzz",)))
    problems = []
    for name in public_headers(tree):
        for line, owner, function, member in decoders(bare(tree.text(name))):
            ambiguous = member or function in ("parse", "decode", "load")
            wanted = rf"\b{owner}::{function}\s*\(" if ambiguous else rf"\b{function}\s*\("
            label = f"{owner}::{function}" if ambiguous else function
            if label not in REACHED and not re.search(wanted, targets):
                problems.append(Problem(name, line, f"no fuzz target calls {label}: add it to a tests/fuzz/*_fuzz.cpp of this module"))
    return problems


def check_seeds(tree):
    """Every fuzz target but the canary has seeds."""
    problems = []
    for name in tree.having("_fuzz.cpp", under=("tests/fuzz",)):
        stem = name.rsplit("/", 1)[-1][:-len("_fuzz.cpp")]
        folders = (f"tests/fuzz/corpus/{stem}/", f"tests/fuzz/corpus/{stem}_fuzz/")
        if stem != "canary" and not any(n.startswith(folders) for n in tree.names):
            problems.append(Problem(name, 1, f"no seeds: put a few valid and nearly valid inputs into tests/fuzz/corpus/{stem}/"))
    return problems


def check_readmes(tree):
    """Every top-level folder says what it is for."""
    folders = {n.split("/", 1)[0] for n in tree.names if "/" in n}
    return [Problem(f"{f}/README.md", 1, "missing: say in a few sentences what this folder is for and where to read on")
            for f in sorted(folders) if not f.startswith(".") and f"{f}/README.md" not in tree.names]


CHECKS = [check_unit_tests, check_fuzz, check_seeds, check_readmes]
