"""What a bureau withholds is nowhere at a node that may not have it: no file, log, event or packet, not even in the memory of its process.

A record goes ke.customs > ke.ncb > int.gs, and ke.ncb withholds the particulars of its nationals. The values are random words, made here. leak_test tests the search itself.
"""
import json
import random
import unittest

import zmq
from leak_test import ALPHABETS, word
from support import federation as fed
from support import leaks
from support.capture import Capture
from support.case import FederationCase, liaison_client

PARTICULARS = ["person.name", "person.alias", "person.address", "person.document", "person.profession", "person.contact"]
POLICY = {"policy": "leak-test", "version": 1, "relays": True, "default_basis": "NO-RULE",
          "bases": [{"id": "NO-RULE", "text": "no rule", "public": "GENERAL"}, {"id": "BASIS-NATIONALS", "text": "particulars of nationals stay at home", "public": "DATA-PROTECTION"},
                    {"id": "BASIS-SPENT", "text": "convictions are nobody's business abroad", "public": "DATA-PROTECTION"}],
          "rules": [{"id": "RULE-OPEN", "effect": "disclose", "paths": ["**"], "basis": "NO-RULE"},
                    {"id": "RULE-NATIONALS", "effect": "withhold", "basis": "BASIS-NATIONALS", "when": {"adequacy": ["no"], "person_nationality": ["own"]}, "categories": PARTICULARS},
                    {"id": "RULE-SPENT", "effect": "withhold", "basis": "BASIS-SPENT", "when": {"person_status": ["convicted"]}, "categories": PARTICULARS},
                    {"id": "RULE-FACTS", "effect": "withhold", "basis": "BASIS-NATIONALS", "categories": ["person.status", "person.nationality"]}]}
# What only the bureau that decides may read.
INSIDE = ("RULE-NATIONALS", "RULE-SPENT", "RULE-FACTS", "BASIS-NATIONALS", "BASIS-SPENT", "stay at home", "nobody's business", "person_nationality", "person_status")
WITHHELD_ITEMS = ("5.b", "5.c", "5.e", "5.h", "5.i", "5.j", "5.l")


def make_form(dice):
    """A citizen whose particulars are withheld, a foreigner whose name is not; answers the form, the withheld words, the open one."""
    secrets = {item: word(dice, ALPHABETS[i % len(ALPHABETS)]).capitalize() for i, item in enumerate(WITHHELD_ITEMS)}
    shown = word(dice, ALPHABETS[0]).capitalize()
    number = "ZQ" + "".join(dice.choice("0123456789") for _ in range(9))
    unknown = {"5." + letter: "unknown" for letter in "abcdefghijkl"}
    form = {"1.1": "withheld search", "2.1": "unknown", "2.3": "unknown", "3": "unknown", "4.1": "unknown", "4.2": "unknown", "10": "unknown",
            "5": [{**unknown, **secrets}, {**unknown, "5.b": shown}],
            "structured": {"persons": [{"nationality": "own", "status": "suspect", "document": {"number": number}}, {"nationality": "other", "status": "suspect"}]}}
    return form, [*secrets.values(), number], shown


class Withheld(FederationCase):
    NAMES = ("ke.customs", "ke.ncb", "int.gs")
    STARTED = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        settings = cls.federation["ke.ncb"].settings
        (settings.parent / "leak-test.policy.json").write_text(json.dumps(POLICY))
        settings.write_text(settings.read_text().replace("{", '{ "policy_file": "leak-test.policy.json",', 1))
        cls.federation.start()

    def show(self, agency, record):
        done = agency.command(["show", record, "--json"], expect=None)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def test_nothing_withheld_is_at_the_recipient(self):
        seed = random.SystemRandom().randrange(1 << 32)
        form, secrets, shown = make_form(random.Random(seed))
        outside = self.folder / "form.json"
        outside.write_text(json.dumps(form, ensure_ascii=False))
        gs = self.federation["int.gs"]
        listener = liaison_client.Client(gs.folder / "connection.json", gs.person("program"), events=True)
        self.addCleanup(listener.close)
        listener.events.setsockopt(zmq.SUBSCRIBE, b"")
        with Capture(self.folder / "packets") as packets:
            record = self.send(outside, "int.gs", ["--purpose", "investigation"])["record"]
            view = fed.wait_until("int.gs has it", lambda: self.show(gs, record))
        self.assertTrue(view["seal_verified"])
        self.assertEqual([line["state"] for line in view["form"] if line["item"] == "5.b" and line["key"].endswith("5.b")], ["withheld", "stated"])
        told = json.dumps(view, ensure_ascii=False) + gs.command(["track", record], expect=None).stdout + gs.command(["inbox"]).stdout + gs.command(["audit", "list"], "auditor").stdout
        exported = self.folder / "export.json"
        gs.command(["export", record, exported])
        fetched = gs.command(["fetch", "--json"], "program").stdout
        heard = []
        while listener.events.poll(200):
            heard += listener.events.recv_multipart()
        self.assertTrue(heard)
        copy = json.dumps(json.loads(exported.read_text()), ensure_ascii=False)
        for what, data in (("told", told), ("exported", copy), ("fetched", fetched)):
            self.assertEqual(leaks.find(data.encode(), secrets), [], f"{what}, seed {seed}")
        self.assertIn(shown, copy)
        self.assertEqual(leaks.find(b"\n".join(heard) + packets.data, [*secrets, shown]), [], f"seed {seed}")
        found, read = leaks.search_memory(gs.process.pid, [*secrets, shown])
        self.assertIn(shown, found, "what may be here is found, so the search sees what the node holds")
        self.assertEqual([value for value in found if value != shown], [], f"seed {seed}")
        self.assertGreater(read, 1 << 20, "the memory of the node was read")
        self.assertEqual(leaks.search([self.federation.folder], [*secrets, shown]), [], f"seed {seed}")
        self.addCleanup(self.federation.start)
        for agency in self.federation.agencies.values():
            agency.kill()
        self.assertEqual(leaks.search([self.federation.folder], [*secrets, shown]), [], f"seed {seed}")

    def rule_at_the_bureau(self, record):
        """The line of `policy explain` about the first person's name, made by ke.ncb of the record as it holds it."""
        copy = self.folder / "explained.json"
        self.ncb.command(["export", record, copy])
        text = self.ncb.command(["policy", "explain", "--policy", self.federation["ke.ncb"].folder / "leak-test.policy.json", "--message", copy, "--from", "ke.ncb", "--to", "int.gs",
                                 "--directory", self.federation.directory, "--authority", self.federation.authority_hash()]).stdout
        return next(line for line in text.splitlines() if line.startswith("5.b") and "initials" not in line)

    def test_why_is_told_to_nobody(self):
        """Two persons, withheld under different rules, laws and facts of one category: the recipient sees the same of both, and nothing of why."""
        gs, views, audits = self.federation["int.gs"], [], []
        for fact in ({"nationality": "own", "status": "suspect"}, {"nationality": "other", "status": "convicted"}):
            form, _, _ = make_form(random.Random(11))
            form["structured"]["persons"][0].update(fact)
            outside = self.folder / "fact.json"
            outside.write_text(json.dumps(form, ensure_ascii=False))
            record = self.send(outside, "int.gs", ["--purpose", "investigation"])["record"]
            views.append(fed.wait_until("int.gs has it", lambda: self.show(gs, record)))
            about = gs.ask(["audit", "list", "--record", record], "auditor")
            audits.append([sorted(row) + [row["event"], row.get("reason")] for row in about["rows"] if row["event"] == "received"])
            self.assertIn("RULE-NATIONALS" if fact["nationality"] == "own" else "RULE-SPENT", self.rule_at_the_bureau(record))
        self.assertEqual(views[0]["form"], views[1]["form"])
        self.assertEqual([{k: hop[k] for k in ("by", "for", "policy", "version") if k in hop} for hop in views[0]["way"]],
                         [{k: hop[k] for k in ("by", "for", "policy", "version") if k in hop} for hop in views[1]["way"]])
        self.assertEqual(audits[0], audits[1])
        self.assertEqual(len(audits[0]), 1)
        told = json.dumps(views) + gs.command(["track", record], expect=None).stdout + gs.command(["audit", "list"], "auditor").stdout + gs.log_text()
        self.assertEqual([words for words in INSIDE if words.lower() in told.lower()], [])
        self.assertEqual(leaks.search([gs.folder], INSIDE), [])
        found, _ = leaks.search_memory(gs.process.pid, [*INSIDE[:7], "DATA-PROTECTION"])
        self.assertEqual(found, ["DATA-PROTECTION"])

    def test_a_withheld_name_that_stands_again_stops_the_message_and_is_not_told(self):
        form, secrets, _ = make_form(random.Random(7))
        form["13"] = f"history of {secrets[0].upper()} abroad"
        outside = self.folder / "repeated.json"
        outside.write_text(json.dumps(form, ensure_ascii=False))
        done = self.ncb.command(["send", "ecomessage", outside, "--to", "int.gs", "--yes"], expect=1)
        self.assertIn("5.b", done.stderr)
        self.assertIn("13", done.stderr)
        self.assertEqual(leaks.find((done.stdout + done.stderr).encode(), secrets), [])
        self.assertEqual(self.ncb.ask(["outgoing"]), [], "nothing has left, nothing waits")


if __name__ == "__main__":
    unittest.main()
