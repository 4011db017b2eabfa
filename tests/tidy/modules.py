"""The module table of node/README.md against the folders, the link libraries of node/CMakeLists.txt and the real includes.

A module uses only what its row lists, rows only look upwards, and third-party headers stay where the table puts them.
"""
import re

from source import Problem, bare, line_of

README = "node/README.md"
CMAKE = "node/CMakeLists.txt"
ASSERTION = "node/core/base/result.cpp"  # a failed liaison_assert says so before it aborts

# name in the table -> (header patterns, CMake libraries)
THIRD_PARTY = {
    "Boost.System": (r"boost/(system|assert)/", {"Boost::headers"}),
    "Asio": (r"boost/(asio|system|assert)(/|\.hpp)", {"Boost::headers"}),
    "Boost.JSON": (r"boost/(json|system)(/|\.hpp)", {"Boost::json"}),
    "OpenSSL crypto": (r"openssl/(?!ssl)", {"OpenSSL::Crypto"}),
    "OpenSSL": (r"openssl/", {"OpenSSL::SSL"}),
    "FlatBuffers": (r"flatbuffers/", {"${FLATBUFFERS_LIB}"}),
    "ICU": (r"unicode/", {"ICU::uc"}),
    "ICU i18n": (r"unicode/translit\.h$", {"ICU::i18n"}),
    "spdlog": (r"(spdlog|fmt)/", {"spdlog::spdlog"}),
    "prometheus-cpp": (r"prometheus/", {"prometheus-cpp::core", "prometheus-cpp::pull"}),
    "LMDB": (r"lmdb\.h$", {"${LMDB_LIB}"}),
    "cppzmq": (r"zmq\.(hpp|h)$|zmq_addon\.hpp$", {"PkgConfig::ZMQ"}),
    "p11-kit": (r"p11-kit/pkcs11\.h$", {"PkgConfig::P11KIT"}),
    "CLI11": (r"CLI/", {"CLI11::CLI11"}),
}
LIBRARIES_WITHOUT_HEADERS = {"Threads::Threads"}
# what core may not even include from the standard library: it has no files, clocks, threads or randomness
IMPURE = {"thread", "mutex", "shared_mutex", "condition_variable", "future", "atomic", "fstream", "filesystem", "random", "iostream", "ctime"}
# the one place where core waits for another thread: a public key of an immutable directory is built once, at first use
IMPURE_ALLOWED = {("node/core/directory/key_slot.h", "mutex")}


class Module:
    """One row of the table."""

    def __init__(self, folder, uses, third_party, line):
        self.folder, self.uses, self.third_party, self.line = folder, uses, third_party, line
        self.name = folder.rsplit("/", 1)[-1]


def table(tree):
    """The rows of the module table, in order."""
    rows = []
    for number, line in enumerate(tree.text(README).splitlines(), 1):
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if len(cells) != 4 or not re.fullmatch(r"(core|io)/\w+|app", cells[0].strip("`")):
            continue
        uses = set(re.findall(r"\w+", cells[2]))
        third = {t.strip() for t in re.sub(r"\(.*?\)", "", cells[3]).split(",")} - {"-", ""}
        rows.append(Module(cells[0].strip("`"), uses, third, number))
    return rows


def check_table(tree):
    """Folders = rows; link libraries = row; rows only look upwards."""
    rows = table(tree)
    if not rows:
        return [Problem(README, 1, "no module table: columns module, purpose, may use, third-party headers")]
    problems, seen = [], {"schemas"}
    for row in rows:
        late = row.uses - seen - {"core", "everything"}
        if late:
            problems.append(Problem(README, row.line, f"{row.folder} uses {', '.join(sorted(late))}, which no row above has: dependencies point upwards"))
        unknown = row.third_party - set(THIRD_PARTY)
        if unknown:
            problems.append(Problem(README, row.line, f"unknown third-party name {', '.join(sorted(unknown))}: add it to THIRD_PARTY in tests/tidy/modules.py"))
        seen.add(row.name)
    folders = {m.group(1) for n in tree.cpp(("node",)) if (m := re.match(r"node/((?:core|io)/\w+|app)/", n))}
    for folder in sorted(folders - {r.folder for r in rows}):
        problems.append(Problem(README, 1, f"node/{folder} has no row in the module table: add one, or move the files to a module that exists"))
    return problems + _check_links(tree, rows)


def _inherited(folder, linked):
    """Libraries a module gets through the modules it links."""
    by_name = {f.rsplit("/", 1)[-1]: f for f in linked}
    seen, todo, libraries = set(), [folder], set()
    while todo:
        for name in linked.get(todo.pop(), ((), (), 0))[0]:
            below = by_name.get(name)
            if below and below not in seen:
                seen.add(below)
                todo.append(below)
                libraries |= linked[below][1]
    return libraries


def _check_links(tree, rows):
    problems, text = [], tree.text(CMAKE)
    linked = {}
    for m in re.finditer(r"^liaison_module\((\S+?)(?:\s+DEPENDS\s+(.*?))?(?:\s+LIBS\s+(.*?))?\)", text, re.M):
        linked[m.group(1)] = (set((m.group(2) or "").split()), set((m.group(3) or "").split()), line_of(text, m.start()))
    every = dict(linked)
    for row in rows:
        if row.folder not in linked:
            problems.append(Problem(CMAKE, 1, f"no liaison_module({row.folder} ...) line for the row in {README}"))
            continue
        depends, libraries, line = linked.pop(row.folder)
        if "everything" not in row.uses:
            wanted = {"exchange" if u == "core" else u for u in row.uses}
            if depends != wanted:
                problems.append(Problem(CMAKE, line, f"{row.folder} links {sorted(depends)}, its row in {README} says {sorted(wanted)}: change the one that is wrong"))
        allowed = set().union(*(THIRD_PARTY[t][1] for t in row.third_party if t in THIRD_PARTY), LIBRARIES_WITHOUT_HEADERS)
        extra = libraries - allowed
        missing = set().union(*(THIRD_PARTY[t][1] for t in row.third_party if t in THIRD_PARTY)) - libraries - _inherited(row.folder, every)
        if extra or missing:
            problems.append(Problem(CMAKE, line, f"{row.folder}: libraries without a place in its row {sorted(extra)}, named in the row but not linked {sorted(missing)}"))
    for folder, (_, _, line) in linked.items():
        problems.append(Problem(CMAKE, line, f"{folder} has no row in the module table of {README}"))
    return problems


def _reach(row, rows):
    """Modules whose headers this row may include."""
    if "everything" in row.uses:
        return {r.folder for r in rows} | {"schemas"}
    by_name = {r.name: r.folder for r in rows}
    allowed = {row.folder} | {by_name.get(u, u) for u in row.uses}
    if "core" in row.uses:
        allowed |= {r.folder for r in rows if r.folder.startswith("core/")} | {"schemas"}
    return allowed


def includes(text):
    """(line, target, is quoted) of each include."""
    for number, line in enumerate(text.splitlines(), 1):
        if m := re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line):
            yield number, m.group(2), m.group(1) == '"'


def _check_one(tree, name, row, rows):
    problems, reach = [], _reach(row, rows)
    for line, target, quoted in includes(tree.text(name)):
        if quoted:
            m = re.match(r"((?:core|io)/\w+|app|schemas)/", target)
            if not m:
                problems.append(Problem(name, line, f'"{target}": write includes relative to node/, for example "core/base/bytes.h"'))
            elif m.group(1) not in reach:
                problems.append(Problem(name, line, f"{row.folder} may not use {m.group(1)} (table in {README}): move the code to a module that may, or pass the value in"))
            continue
        owners = [t for t, (pattern, _) in THIRD_PARTY.items() if re.match(pattern, target)]
        if owners and not set(owners) & row.third_party:
            problems.append(Problem(name, line, f"<{target}> belongs to {' or '.join(owners)}, which {row.folder} may not include: hide it behind the module that may"))
        elif not owners and row.folder.startswith("core/"):
            if "/" in target or "." in target:
                problems.append(Problem(name, line, f"<{target}>: core includes the C++ standard library and what its row lists, no system headers"))
            elif target in IMPURE and (name, target) not in IMPURE_ALLOWED:
                problems.append(Problem(name, line, f"<{target}>: core has no files, clocks, threads or randomness; ask for it through exchange/ports.h or do it in io"))
    return problems


def check_includes(tree):
    """Every include of node/ is allowed by its module's row."""
    rows = table(tree)
    problems = []
    for row in rows:
        for name in tree.cpp((f"node/{row.folder}",)):
            problems += _check_one(tree, name, row, rows)
    return problems


def check_clients(tree):
    """admin-cli and pki stay out of the running node, which is asked over its bus; files.h only writes private files."""
    allowed = {"admin-cli": r"(core|schemas|pki|admin-cli|io/(keys|config|runtime|bus))/|io/store/files\.h$|[\w]+\.h$", "pki": r"(core/(base|merkle|crypto)|pki)/|[\w]+\.h$"}
    problems = []
    for folder, pattern in allowed.items():
        for name in tree.cpp((folder,)):
            for line, target, quoted in includes(tree.text(name)):
                if quoted and not re.match(pattern, target):
                    problems.append(Problem(name, line, f'{folder} may not include "{target}": ask the node over its bus, or use a core module'))
    return problems


def check_sockets(tree):
    """Only io opens sockets, files and threads: core names none of their calls."""
    problems = []
    pattern = re.compile(r"\b(fopen|socket|getenv|getpid|std::cout|std::cerr|printf|fprintf|fputs|puts)\b\s*(\(|<<)")
    for name in tree.cpp(("node/core",)):
        if name == ASSERTION:
            continue
        text = bare(tree.text(name))
        for m in pattern.finditer(text):
            problems.append(Problem(name, line_of(text, m.start()), f"{m.group(1)} in core: core decides, io does; return a value instead"))
    return problems


CHECKS = [check_table, check_includes, check_clients, check_sockets]
