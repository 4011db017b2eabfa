"""The part of the demonstration about disclosure: one Ecomessage on its way ke.customs > ke.ncb > int.gs under the example law of ke.ncb.

What each node sees side by side, why, the seal through the redaction, a name that stands again in item 13, and a later release by two persons.
Raises NotAsPromised when something is not as it must be.
"""
import json
import textwrap

from support import federation as fed
from support.storm import NotAsPromised

EXAMPLE = fed.EXAMPLES / "ke-timber-two-suspects.json"
POLICY = fed.REPOSITORY / "integration" / "policies" / "own-citizens.policy.json"
CITIZEN, FOREIGNER = 1, 2
SHOWN_ITEMS = ("5.a", "5.b", "5.c", "5.f", "5.g", "5.i", "5.l")
MARKS = {"withheld": "[withheld by {by}]", "not_shown": "[not shown]", "absent": "[not stated]"}


def load_policy(federation):
    """ke.ncb gets the example policy, signed by two persons, and two releasing officers."""
    ncb = federation["ke.ncb"]
    federation.load_policy(ncb, POLICY)
    for name in ("release-1", "release-2"):
        ncb.add_person(name, "releasing-officer")
    return ncb.ask(["policy", "show"])


def send(federation, file):
    """From ke.customs to int.gs over the INTERPOL channel, that is through ke.ncb."""
    return federation["ke.customs"].ask(["send", "ecomessage", file, "--to", "int.gs", "--purpose", "investigation", "--yes"])["record"]


def arrived(agency, record):
    """What `show` says there, or None as long as it is not there."""
    done = agency.command(["show", record, "--json"], expect=None)
    return json.loads(done.stdout) if done.returncode == 0 else None


def wait_for(agency, record):
    return fed.wait_until(f"{record} is at {agency.name}", lambda: arrived(agency, record))


def cell(shown, item, number):
    """One item of one person as its reader sees it."""
    for line in shown["form"]:
        if line["item"] == item and line["number"] == number and line["key"].endswith(item):
            return MARKS[line["state"]].format(**line) if line["state"] in MARKS else line["text"]
    return "-"


def side_by_side(views):
    """Lines of a table: one row per item, one column per node."""
    rows = [["", *views]]
    for number, who in ((CITIZEN, "citizen"), (FOREIGNER, "foreigner")):
        for item in SHOWN_ITEMS:
            rows.append([f"{item} {who}", *(shorten(cell(shown, item, number)) for shown in views.values())])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows)


def shorten(text, most=34):
    return text if len(text) <= most else text[: most - 3] + "..."


def check_views(views):
    """The promise: the citizen is not named outside, the foreigner is, and the seal holds everywhere."""
    outside = views["int.gs"]
    if cell(outside, "5.b", CITIZEN) != "[withheld by ke.ncb]" or cell(outside, "5.b", FOREIGNER) != "Lemos":
        raise NotAsPromised("int.gs does not see what the law of ke.ncb allows it to see")
    if "Njoroge" in json.dumps(outside):
        raise NotAsPromised("the citizen's name reached int.gs")
    if not all(shown["seal_verified"] for shown in views.values()):
        raise NotAsPromised("a seal does not verify")


def explanation(federation, record):
    """Why, for people of ke.ncb: the tool, with the record as ke.ncb holds it. The lines about the names and about the citizen's age."""
    ncb = federation["ke.ncb"]
    copy = federation.folder / "explained.json"
    ncb.command(["export", record, copy])
    text = ncb.command(["policy", "explain", "--policy", POLICY, "--message", copy, "--from", "ke.ncb", "--to", "int.gs", "--purpose", "investigation",
                        "--directory", federation.directory, "--authority", federation.authority_hash()]).stdout
    lines = [line for line in text.splitlines() if line.startswith("5.b") and "initials" not in line or line.startswith("5.f") and "adult" in line and line.endswith("[1]")]
    if not any("C040" in line for line in lines):
        raise NotAsPromised("explain does not name the rule that withheld the citizen's name:\n" + text)
    return "\n".join(textwrap.fill(line, 118, subsequent_indent="    ") for line in lines)


def repeated_name(federation):
    """The same message with the citizen's name in item 13: it stops at ke.ncb with the place named, and goes back with a question. (row, what ke.customs reads)"""
    form = json.loads(EXAMPLE.read_text())
    form["13"] = "History of earlier consignments paid by Wambui Njoroge."
    file = federation.folder / "repeated.json"
    file.write_text(json.dumps(form, ensure_ascii=False))
    record = send(federation, file)
    ncb = federation["ke.ncb"]
    row = fed.wait_until("ke.ncb holds it", lambda: next((r for r in ncb.ask(["held", "list"])["rows"] if r["record"] == record), None))
    if row["what"] != "repeats" or row["fields"] != ["information_requested"]:
        raise NotAsPromised("the name in item 13 was not found")
    if arrived(federation["int.gs"], record):
        raise NotAsPromised("a message that waits at ke.ncb is at int.gs")
    ncb.command(["held", "return", str(row["seq"]), "--reason", "Item 13 names a citizen. Please send it without the name."], "release-1")
    customs = federation["ke.customs"]
    track = fed.wait_until("ke.customs learns of it", lambda: returned(customs, record))
    return row, next(step for step in track["steps"] if step["state"] == "returned")


def returned(agency, record):
    """The track, once it came back."""
    track = agency.ask(["track", record])
    return track if any(step["state"] == "returned" for step in track["steps"]) else None


def later_release(federation, record):
    """An officer of ke.ncb asks to release the name, two others agree; answers (waiting row, what int.gs sees in the end)."""
    ncb = federation["ke.ncb"]
    row = ncb.ask(["release", record, "--to", "int.gs", "--item", "5.b", "--reason", "order of the High Court, 17/2026"])
    for person in ("release-1", "release-2"):
        if cell(arrived(federation["int.gs"], record), "5.b", CITIZEN) == "Njoroge":
            raise NotAsPromised("the name was released before two persons agreed")
        digest = ncb.ask(["held", "show", str(row["seq"])], person)["digest"]
        row = ncb.ask(["held", "release", str(row["seq"]), "--digest", digest, "--reason", "order seen"], person)
    return row, fed.wait_until("int.gs sees the name", lambda: (lambda shown: shown if cell(shown, "5.b", CITIZEN) == "Njoroge" else None)(arrived(federation["int.gs"], record)))
