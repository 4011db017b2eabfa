#!/usr/bin/python3
"""What deploy/demo shows: three real nodes, Ecomessages, receipts, what national law lets through (disclosure_story.py), proof, and 1,000 messages while nodes are killed.

Everything is done with the command line and with the Python client of integration/python. Ends with exit code 1 and one line when
something is not as it must be.
"""
import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "integration"))
from support import federation as fed  # noqa: E402
from support import storm as killing  # noqa: E402
from support.storm import NotAsPromised  # noqa: E402
import disclosure_story as story  # noqa: E402

NAMES = ("ke.customs", "ke.ncb", "int.gs")
TO = {"ae-falcons-dubai.json": ["int.gs"], "cn-pangolin-guangxi.json": ["ke.ncb", "int.gs"]}


def say(title, text=""):
    if title and title not in ("Set-up", "Nodes"):
        print()
    print(f"{title:<12} {text}".rstrip(), flush=True)


def show(text, indent="             "):
    for line in text.rstrip().splitlines():
        print((indent + line).rstrip(), flush=True)


def set_up(folder):
    start = time.monotonic()
    federation = fed.Federation(folder, NAMES)
    federation.set_up()
    say("Set-up", f"2 country CAs, keys and certificates of 3 agencies, directory version 1 signed  ({time.monotonic() - start:.1f} s)")
    start = time.monotonic()
    federation.start()
    say("Nodes", "  ".join(f"{name} on port {federation[name].port}" for name in NAMES))
    say("", f"all links up: TLS 1.3, both sides with certificates  ({time.monotonic() - start:.1f} s)")
    return federation


def send_examples(federation):
    """Every example from ke.customs; answers the ids in order."""
    say("Sending", "the Ecomessages of integration/examples from ke.customs, directly, over the customs channel")
    sender, ids = federation["ke.customs"], []
    for file in sorted(fed.EXAMPLES.glob("*.json")):
        to = TO.get(file.name, ["ke.ncb"])
        start = time.monotonic()
        sent = sender.ask(["send", "ecomessage", file, "--channel", "customs", "--yes", *[a for agency in to for a in ("--to", agency)]])
        record = sent["record"]
        fed.wait_until(file.name + " is delivered", lambda r=record: all(s["state"] == "delivered" for s in sender.ask(["track", r])["steps"]))
        flags = f"  {len(sent['flags'])} species to look at" if sent["flags"] else ""
        say("", f"{file.name:<28} to {', '.join(to):<14}  accepted, delivered, receipt after {(time.monotonic() - start) * 1000:4.0f} ms{flags}")
        ids.append(record)
    return ids


def show_reading(federation):
    say("Receipt", "what ke.customs can prove about the first one (liaison track)")
    first = federation["ke.customs"].ask(["outgoing"])[0]["record"]
    show(federation["ke.customs"].command(["track", first]).stdout)
    say("Inbox", "at ke.ncb (liaison inbox)")
    show(federation["ke.ncb"].command(["inbox"]).stdout)
    say("Reading", "item 5 of one of them (liaison show ID --item 5); the reading is in the audit log")
    rows = federation["ke.ncb"].ask(["inbox", "--oldest-first"])["rows"]
    show(federation["ke.ncb"].command(["show", rows[0]["record"], "--item", "5"]).stdout)


def health(federation):
    """A ping over the relay, then the doctor: all green, and one red line when the certificate has run out."""
    customs = federation["ke.customs"]
    say("Reach", "would a record get from ke.customs to int.gs on the INTERPOL channel? (liaison ping int.gs; no inbox is touched)")
    show(customs.command(["ping", "int.gs", "--channel", "interpol"], "administrator").stdout)
    say("Health", "the administrator of ke.customs asks what is well (liaison doctor --config node.json)")
    well = customs.command(["doctor", "--config", customs.settings], "administrator").stdout
    show(well)
    if "all" not in well.splitlines()[-1]:
        raise NotAsPromised("the doctor finds something wrong on a healthy node")
    say("", "the same examination 91 days later, by a shifted clock (faketime): nobody renewed the certificate")
    later = subprocess.run(["faketime", "-f", "+91d", str(fed.bin_dir() / "liaison"), "doctor", "--config", str(customs.settings)], capture_output=True, text=True)
    lines = later.stdout.splitlines()
    red = [n for n, line in enumerate(lines) if line.strip().startswith("red")]
    if later.returncode != 6 or len(red) != 1 or "certificate" not in lines[red[0]]:
        raise NotAsPromised("one red line about the certificate was expected:\n" + later.stdout + later.stderr)
    show("\n".join([*lines[red[0]:red[0] + 2], lines[-1]]))


def disclosure(federation):
    """One message through ke.ncb to int.gs under the example law of ke.ncb."""
    say("Law", "ke.ncb may not pass on particulars of its citizens without an order (integration/policies/own-citizens.policy.json, an example)")
    policy = story.load_policy(federation)
    say("", f"policy {policy['policy']} version {policy['version']}, signed by {len(policy['signed_by'])} persons, loaded without a restart")
    record = story.send(federation, story.EXAMPLE)
    views = {name: story.wait_for(federation[name], record) for name in NAMES}
    story.check_views(views)
    say("Side by side", "one Ecomessage from ke.customs through ke.ncb to int.gs, as an officer of each reads it (liaison show ID --item 5)")
    show(story.side_by_side(views))
    say("Why", "inside ke.ncb only (liaison policy explain)")
    show(story.explanation(federation, record))
    say("Seal", "at int.gs: the seal of ke.customs holds although fields are missing (liaison show ID, its head)")
    show(federation["int.gs"].command(["show", record]).stdout.split("\n\n")[0])
    say("Repeated", "the same message, with the citizen's name in item 13 too")
    row, step = story.repeated_name(federation)
    say("", f"ke.ncb stops it, nothing leaves: held item {row['seq']}, a withheld value stands again in {', '.join(row['fields'])} (item 13)")
    say("", f"an officer of ke.ncb sends it back; ke.customs reads: {step['state']} by {step['way']}, {step['reason']}")
    say("Release", "an officer of ke.ncb has an order; two releasing officers agree, each with an own key, over the same digest")
    row, outside = story.later_release(federation, record)
    say("", f"held item {row['seq']}: {row['state']}, agreed by {', '.join(a['person'] for a in row['approvals'])}")
    say("", f"int.gs now reads 5.b: {story.cell(outside, '5.b', story.CITIZEN)}; the seal of ke.customs {'holds' if outside['seal_verified'] else 'DOES NOT HOLD'}")


def verify(federation):
    """audit verify and ledger verify at every node, from the first entry."""
    say("Proof", "audit logs and ledgers, each recomputed from the first entry")
    for name in NAMES:
        agency = federation[name]
        results = [agency.ask(["audit", "verify"], "auditor")] + [agency.ask(["ledger", "verify", peer], "auditor") for peer in NAMES if peer != name]
        bad = [f"{line['what']}: {line['detail']}" for result in results for line in result["lines"] if not line["ok"]]
        if bad or not all(r["ok"] for r in results):
            raise NotAsPromised(f"{name}: {'; '.join(bad)}")
        entries = results[0]["lines"][0]["entries"]
        ledger = sum(line["entries"] for result in results[1:] for line in result["lines"])
        say("", f"{name:<11} audit log of {entries} entries and ledgers of {ledger} entries verify")


def storm(federation, total, rounds, seed):
    say("Killing", f"{total} messages from ke.customs while nodes are killed (kill -9) at random moments, seed {seed}")
    start = time.monotonic()
    result = killing.run(federation, killing.example_messages(federation), total, rounds, seed)
    say("", f"killed and restarted: {', '.join(result.killed)}")
    say("", f"accepted {result.accepted} = delivered {result.delivered} + refused with evidence {result.refused}; each once, also at the subscribers  ({time.monotonic() - start:.1f} s)")


def print_next(federation):
    folder = federation.folder
    print(f"""
Left running in {folder}. Try, as an officer of ke.customs:

  export PATH={fed.bin_dir()}:$PATH
  export LIAISON_NODE={folder}/ke.customs/connection.json LIAISON_PERSON={folder}/ke.customs/officer.person
  liaison status
  liaison form blank > case.json && $EDITOR case.json
  liaison send ecomessage case.json --to ke.ncb --fill-unknown
  liaison outgoing

as an officer of ke.ncb:  LIAISON_NODE={folder}/ke.ncb/connection.json LIAISON_PERSON={folder}/ke.ncb/officer.person
  liaison inbox;  liaison show 1;  liaison show 1 --lang ar;  liaison export 1 copy.json

as its auditor:  LIAISON_PERSON={folder}/ke.ncb/auditor.person
  liaison audit list;  liaison audit show 3;  liaison audit verify;  liaison ledger verify ke.customs

as its releasing officer:  LIAISON_PERSON={folder}/ke.ncb/release-1.person
  liaison held list --decided;  liaison policy show;  liaison policy check {story.POLICY}

End it: kill {' '.join(str(a.process.pid) for a in federation.agencies.values())}; rm -r {folder}""")


def main():
    parser = argparse.ArgumentParser(description="A federation of three agencies on this machine.", epilog="Example: deploy/demo --keep")
    parser.add_argument("--keep", action="store_true", help="leave the nodes running and say what to try next")
    parser.add_argument("--messages", type=int, default=1000, help="how many while nodes are killed [1000]")
    parser.add_argument("--kills", type=int, default=8, help="how many kills [8]")
    parser.add_argument("--seed", type=int, default=None, help="to repeat the choice of nodes and moments")
    chosen = parser.parse_args()
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(1_000_000)
    folder = Path(tempfile.mkdtemp(prefix="liaison-demo-"))
    federation = None
    try:
        federation = set_up(folder)
        send_examples(federation)
        show_reading(federation)
        health(federation)
        disclosure(federation)
        verify(federation)
        storm(federation, chosen.messages, chosen.kills, seed)
        verify(federation)
        say("Done", "everything was as promised")
        if chosen.keep:
            print_next(federation)
            return 0
    except (NotAsPromised, AssertionError) as error:
        print(f"\nNOT AS PROMISED: {error}\nThe folder {folder} was kept, with the log of every node.", file=sys.stderr)
        for agency in (federation.agencies.values() if federation else ()):
            agency.kill()
        return 1
    federation.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
