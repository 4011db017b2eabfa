"""Searching files for values in every form in which they could have been left behind. Case is folded in both, where the form has case.

Forms: UTF-8, UTF-16 of both byte orders, hex in both cases, base64 (both alphabets) at each of the three alignments.
"""
import base64
from pathlib import Path


def base64_forms(data):
    """What stands in a base64 text of anything that contains `data`, at each alignment, without the characters its neighbours share."""
    forms = []
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + data)
        start = (shift * 8 + 5) // 6
        end = (shift + len(data)) * 8 // 6
        forms.append(whole[start:end])
    return forms + [form.replace(b"+", b"-").replace(b"/", b"_") for form in forms]


def patterns(value):
    """(exact byte strings, byte strings to be compared without case) of one value."""
    utf8 = value.encode()
    exact, folded = [], []
    for data in {utf8, value.encode("utf-16-le"), value.encode("utf-16-be")}:
        exact += base64_forms(data)
        folded += [data, data.hex().encode()]
    for text in {value.lower(), value.upper(), value.casefold()}:
        folded += [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")]
        exact += base64_forms(text.encode())
    return set(exact), {data.lower() for data in folded}


def find(data, values):
    """Every (value, pattern) that occurs in these bytes."""
    lower, found = data.lower(), []
    for value in values:
        exact, folded = patterns(value)
        found += [(value, p) for p in exact if p in data] + [(value, p) for p in folded if p in lower]
    return found


def compile_patterns(values):
    """For searching much data: [(value, exact byte strings, byte strings without case)]."""
    return [(value, *patterns(value)) for value in values]


def find_compiled(data, compiled):
    """As `find`, with patterns made once."""
    lower = data.lower()
    return sorted({value for value, exact, folded in compiled if any(p in data for p in exact) or any(p in lower for p in folded)})


BOOKKEEPING = 1 << 40  # a sanitizer reserves larger maps for its marks; they hold no bytes of the program


def search_memory(pid, values):
    """Values that stand anywhere in the memory of a running process: more than any core file would hold. Needs root."""
    compiled, hits, seen = compile_patterns(values), set(), 0
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights, *_ = line.split()
            begin, end = (int(n, 16) for n in span.split("-"))
            if not rights.startswith("rw") or "[v" in line or end - begin > BOOKKEEPING:
                continue
            for resident in resident_parts(pid, begin, end):
                memory.seek(resident[0])
                data = memory.read(resident[1] - resident[0])
                seen += len(data)
                hits.update(find_compiled(data, compiled))
    return sorted(hits), seen


def resident_parts(pid, begin, end, page=4096, slice_pages=1 << 18):
    """The parts of [begin, end) that are in memory, joined; what was only reserved is not read."""
    start, pages = None, (end - begin) // page
    with open(f"/proc/{pid}/pagemap", "rb", 0) as pagemap:
        pagemap.seek(begin // page * 8)
        for first in range(0, pages, slice_pages):
            flags = pagemap.read(min(slice_pages, pages - first) * 8)
            for i in range(len(flags) // 8):
                here = flags[i * 8 + 7] & 0xC0
                if here and start is None:
                    start = first + i
                if not here and start is not None:
                    yield begin + start * page, begin + (first + i) * page
                    start = None
    if start is not None:
        yield begin + start * page, begin + pages * page


def search(folders, values, skip=()):
    """(file, value) wherever a value occurs in a file, its name or its path below these folders."""
    hits = []
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path in skip or not path.is_file() or path.is_symlink():
                continue
            hits += [(str(path), value) for value, _ in find(str(path).encode() + b"\n" + path.read_bytes(), values)]
    return hits
