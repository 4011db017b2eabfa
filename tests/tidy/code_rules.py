"""Rules on the text of the code: coroutine forms, banned words, lengths, head comments.

Each message says what to write instead. The coroutine rules are those of CONTRIBUTING.md, measured with GCC 12.2.
"""
import ast
import re

from source import CODE_FOLDERS, Problem, bare, functions, line_of

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
HEAD_LINES_MAX = 6
HEAD_CHARACTERS_MIN = 40
HEAD_CHARACTERS_MIN_HEADER = 90

CONDITION = "co_await in a condition crashes GCC 12: write auto x = co_await f(args); and test x"
COROUTINES = [
    (re.compile(r"\?[^;{}?]*\bco_await\b"), "co_await under ?: frees twice with GCC 12: use if and one statement each"),
    (re.compile(r"\bco_await\b[^;{}]*[;]?(?<!;)\bco_await\b"), "two co_await in one statement: one per statement, results in named locals"),
    (re.compile(r"\bco_await\s+(?!\()[\w:.>\-]+\s*(?:<[^;{}()]*>)?\((?:[^;{}\[\]]|\[[^\]]*\](?!\s*[({]))*[\w>,(]\s*\{"), "braced temporary as argument of a coroutine is used after free: name it as a local and move it in"),
    (re.compile(r"\bco_await\b[^;{}]*\[[^\]\[]*\]\s*(\(|\{|mutable)"), "lambda inside a co_await expression: name it as a local first, without captures by reference"),
    (re.compile(r"\[[^\]\s\[][^\]]*\]\s*\([^)]*\)\s*(?:mutable\s*)?->\s*[\w:]*awaitable\b"), "capturing lambda as a coroutine: its captures die before it ends; write a member or a function with values as parameters"),
    (re.compile(r"\bawaitable<[^;{}()]*>\s+[\w:]+\s*\([^;{}]*\b(?:string_view|span<|ByteView)\b[^;{}]*\)\s*(?:const)?\s*[;{]"), "a view as parameter of a coroutine dangles: take the value (std::string, Bytes)"),
]

# (pattern, where it applies, where it is allowed, what to do)
BANNED = [
    (re.compile(r"\bdetached\b"), ("",), (), "asio::detached loses exceptions: supervise(name, task, on_exit)"),
    (re.compile(r"\bco_spawn\b"), CODE_FOLDERS, ("node/io/runtime/",), "supervise(name, task, on_exit) is the only spawn"),
    (re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.:>])sleep\s*\("), ("",), (), "never sleep: wait for the event, or use with_deadline"),
    (re.compile(r"\b(system_clock|high_resolution_clock)::now\b|\b(gettimeofday|clock_gettime)\b|(?<![\w.:>])time\s*\(\s*(nullptr|NULL|0)?\s*\)"),
     CODE_FOLDERS, ("node/io/runtime/clock",), "wall time comes from the Clock port: only node/io/runtime/clock reads it"),
    (re.compile(r"\bsteady_clock::now\b"), ("node/core/", "node/app/"), (), "core is given its time; deadlines of sockets belong to io"),
    (re.compile(r"(?<![\w.:>])s?rand\s*\(|\bmt19937\w*|\brandom_device\b"), CODE_FOLDERS, (), "randomness comes from the Random port"),
    (re.compile(r"\bmemcmp\b"), CODE_FOLDERS, ("node/core/base/bytes.h", "node/core/record/", "node/io/store/"), "liaison::equal for public bytes, CRYPTO_memcmp for secrets"),
    (re.compile(r"\bnew\s+[A-Za-z_(]"), CODE_FOLDERS, (), "values, containers or std::make_unique; a private constructor goes straight into a smart pointer on the same line"),
    (re.compile(r"(?<!=\s)(?<!=)\bdelete\b\s*(\[\s*\])?\s*[\w*(]"), CODE_FOLDERS, (), "let a smart pointer or container own it"),
    (re.compile(r"(?<![\w.])assert\s*\("), CODE_FOLDERS, (), "liaison_assert: it is on in every build"),
    (re.compile(r"\b(manager|util|utils|misc|helper)s?\.(h|cpp)\b"), CODE_FOLDERS, (), "name the file after what it holds"),
]
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")


def _conditions(text):
    """Offsets of co_await inside the parentheses of if, while, switch and for."""
    for m in re.finditer(r"\b(?:if|while|switch|for)\s*(?:constexpr\s*)?\(", text):
        depth, end = 1, m.end()
        while end < len(text) and depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        at = text.find("co_await", m.end(), end)
        if at >= 0:
            yield at


def check_coroutines(tree):
    """Rules 1, 2, 3, 4 (views) of the coroutine list."""
    problems = []
    for name in tree.cpp():
        text = bare(tree.text(name))
        if "co_await" not in text and "awaitable" not in text:
            continue
        problems += [Problem(name, line_of(text, at), CONDITION) for at in _conditions(text)]
        for pattern, advice in COROUTINES:
            for m in pattern.finditer(text):
                at = text.rfind("co_await", m.start(), m.end()) if "co_await" in m.group(0) else m.start()
                problems.append(Problem(name, line_of(text, at), advice))
    return problems


def check_banned(tree):
    """Words that are wrong wherever they stand in code."""
    problems = []
    for name in tree.cpp():
        text = bare(tree.text(name))
        for pattern, under, allowed, advice in BANNED:
            if not name.startswith(tuple(under)) or name.startswith(tuple(allowed) or ("\0",)):
                continue
            for m in pattern.finditer(text):
                line = text[text.rfind("\n", 0, m.start()) + 1:text.find("\n", m.end())]
                if m.group(0).startswith("new") and re.search(r"_ptr\b|_ptr<|::from\b", line):
                    continue
                problems.append(Problem(name, line_of(text, m.start()), f"'{m.group(0).strip()}': {advice}"))
    return problems


def check_unfinished(tree):
    """No unfinished marks in code, scripts, schemas and documents; no path of somebody's machine."""
    problems = []
    for name in tree.having(".h", ".cpp", ".py", ".sh", ".fbs", ".cmake", ".txt", ".md", "/run", "/demo", "/setup"):
        if name.startswith(("tests/tidy/", "tests/vectors/")):
            continue
        for number, line in enumerate(tree.text(name).splitlines(), 1):
            if m := UNFINISHED.search(line):
                problems.append(Problem(name, number, f"{m.group(0)}: finish it, or state the limit in the document of the folder"))
            if re.search(r"(?<![\w.])/(work|home)/\w", line):
                problems.append(Problem(name, number, "path of one machine: write it relative to the repository"))
    return problems


def _python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def check_lengths(tree):
    """Files and functions short enough to read at once."""
    problems = []
    for name in tree.having(".h", ".cpp", ".py", ".sh", ".fbs", ".cmake", "CMakeLists.txt"):
        text = tree.text(name)
        lines = text.count("\n")
        if lines > FILE_LINES_MAX:
            problems.append(Problem(name, 1, f"{lines} lines, at most {FILE_LINES_MAX} (guide 300): split it by what its parts decide"))
        found = []
        if name.endswith((".h", ".cpp")):
            found = functions(bare(text))
        elif name.endswith(".py"):
            found = _python_functions(text)
        for function, first, length in found:
            if length > FUNCTION_LINES_MAX:
                problems.append(Problem(name, first, f"{function} has {length} lines, at most {FUNCTION_LINES_MAX} (guide 40): give its steps names"))
    return problems


def head_of(name, text):
    """Lines of the comment a file begins with; a shebang before it does not count."""
    lines = text.splitlines()
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    if name.endswith((".h", ".cpp", ".fbs")):
        count = 0
        while count < len(lines) and lines[count].startswith("//"):
            count += 1
        return count
    if lines and lines[0].startswith('"""'):
        text = "\n".join(lines)
        return text[:text.index('"""', 3)].count("\n") + 1 if '"""' in text[3:] else 0
    count = 0
    while count < len(lines) and lines[count].startswith("#"):
        count += 1
    return count


def check_heads(tree):
    """Every file begins with a comment: what it is for, what it never does, how it fails."""
    problems = []
    names = tree.having(".h", ".cpp", ".fbs", ".py", ".sh", ".cmake", "CMakeLists.txt")
    names += [n for n in tree.names if "." not in n.rsplit("/", 1)[-1] and tree.text(n).startswith("#!")]
    for name in names:
        count = head_of(name, tree.text(name))
        most = HEAD_LINES_MAX if name.startswith(CODE_FOLDERS) else 2 * HEAD_LINES_MAX
        least = HEAD_CHARACTERS_MIN_HEADER if name.endswith(".h") else HEAD_CHARACTERS_MIN
        begin = 1 if tree.text(name).startswith("#!") else 0
        characters = sum(len(line) for line in tree.text(name).splitlines()[begin:begin + count])
        if count > most or characters < least:
            problems.append(Problem(name, 1, f"head comment of {count} lines and {characters} characters, wanted at most {most} lines and at least {least} characters: "
                                    "what it is for, what it never does, which thread or transaction, how it fails"))
    return problems


CHECKS = [check_coroutines, check_banned, check_unfinished, check_lengths, check_heads]
