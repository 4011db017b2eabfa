"""Reading the tree for tidy: files by kind, C++ text without comments and strings, functions with their lengths.

Understands just enough C++ for the checks; where it cannot tell, it stays silent rather than guess. Never writes.
"""
import pathlib
import re

SKIPPED = {"build", ".git", ".cache", "__pycache__"}
CODE_FOLDERS = ("node", "admin-cli", "pki")


class Problem:
    """One finding: where it is, what is wrong and what to do instead."""

    def __init__(self, path, line, text):
        self.path, self.line, self.text = path, line, text

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Tree:
    """The files below a root, read once, named by their path relative to it with forward slashes."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self._text = {}
        self.names = sorted(self._walk(self.root))

    def _walk(self, folder):
        for item in folder.iterdir():
            if item.name in SKIPPED or item.is_symlink():
                continue
            if item.is_dir():
                yield from self._walk(item)
            elif item.is_file():
                yield item.relative_to(self.root).as_posix()

    def text(self, name):
        """The file's text; undecodable bytes become replacement characters. A missing file is empty."""
        if name not in self._text:
            path = self.root / name
            self._text[name] = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        return self._text[name]

    def having(self, *suffixes, under=("",)):
        """Names that end in one of the suffixes and lie under one of the folders."""
        places = tuple(u if not u or u.endswith("/") else u + "/" for u in under)
        return [n for n in self.names if n.endswith(suffixes) and n.startswith(places)]

    def cpp(self, under=("",)):
        return self.having(".h", ".cpp", under=under)


_LITERAL = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\s\\]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'""", re.S)


def _blank(match):
    found = match.group(0)
    keep = "\n" * found.count("\n")
    if found.startswith('"') or found.startswith("R"):
        return '""' + keep
    return ("' '" if found.startswith("'") else " ") + keep


def bare(text):
    """C++ text with comments, strings and characters emptied; line numbers stay."""
    return _LITERAL.sub(_blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


_CONTAINER = re.compile(r"\b(namespace|class|struct|union|enum)\b|extern\s*\"\"")


def _kind_of(header):
    """What the brace after this text opens: container, function or data."""
    if header.count("(") != header.count(")"):
        return "data"
    if _CONTAINER.search(header) and not re.search(r"\)\s*(const|noexcept|override|->.*)?\s*$", header, re.S):
        return "container"
    if re.search(r"\b(?:operator\s*)?[^=!<>]=\s*$", header) or re.search(r"=\s*$", header):
        return "data"
    return "function" if "(" in header else "data"


def functions(text):
    """(name, first line, lines) of every function body outside functions, from bare text."""
    found, stack, start, i = [], [], 0, 0
    while i < len(text):
        ch = text[i]
        if ch == "#" and not text[text.rfind("\n", 0, i) + 1:i].strip():
            while i < len(text) and text[i] != "\n":      # a directive, with its continued lines
                i += 2 if text[i] == "\\" else 1
            start = i + 1
            continue
        if ch == "{":
            header = text[start:i]
            inside = any(kind != "container" for kind, _, _ in stack)
            kind = "data" if inside else _kind_of(header)
            begin = start + len(header) - len(header.lstrip())
            stack.append((kind, line_of(text, begin), header.strip()))
            start = i + 1
        elif ch == "}":
            if stack:
                kind, first, header = stack.pop()
                if kind == "function":
                    name = re.search(r"([\w:~]+(?:\s*\([^()]*\))?)\s*\(", header)
                    found.append((name.group(1) if name else header[:40], first, line_of(text, i) - first + 1))
            start = i + 1
        elif ch == ";":
            start = i + 1
        i += 1
    return found
