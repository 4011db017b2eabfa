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


def search(folders, values, skip=()):
    """(file, value) wherever a value occurs in a file, its name or its path below these folders."""
    hits = []
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path in skip or not path.is_file() or path.is_symlink():
                continue
            hits += [(str(path), value) for value, _ in find(str(path).encode() + b"\n" + path.read_bytes(), values)]
    return hits
