#!/usr/bin/env python3
"""Tidy is a test: `tests/tidy/tidy.py [CHECK...]` reads the tree and reports every broken house rule with what to do instead.

Without arguments all checks run; `--list` names them. Exit code 1 when something was found. Uses the standard library only and changes nothing.
"""
import pathlib
import sys

import code_rules
import documents
import modules
import tested
from source import Tree

CHECKS = {check.__name__.removeprefix("check_"): check for part in (modules, code_rules, documents, tested) for check in part.CHECKS}


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(CHECKS))
        return 0
    unknown = [a for a in arguments if a not in CHECKS]
    if unknown:
        print(f"no such check: {', '.join(unknown)}; there are {', '.join(CHECKS)}")
        return 2
    tree = Tree(pathlib.Path(__file__).resolve().parents[2])
    problems = [p for name in arguments or CHECKS for p in CHECKS[name](tree)]
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems" if problems else "tidy")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
