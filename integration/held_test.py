"""People decide, with real processes: withholding, returning, emergencies and their review, four eyes over one digest, ends of waiting, screening. Restarts in between.

ke.customs > ke.ncb > int.gs: the family name (5.b) waits at ke.ncb for two persons, the first names (5.c) for one; int.gs screens what comes in.
"""
import json
import time
import unittest

from support import federation as fed
from support.case import EXAMPLES, FederationCase, liaison_client

REFUSED, NOT_PERMITTED, NOT_FOUND, TRY_AGAIN = 1, 3, 4, 5
RELEASERS = ("release-1", "release-2")


def bureau_policy(version, *more):
    return {"policy": "held-test", "version": version, "relays": True, "default_basis": "NO-RULE",
            "bases": [{"id": "NO-RULE", "text": "no rule", "public": "GENERAL"}, {"id": "LAW", "text": "a law", "public": "DATA-PROTECTION"}],
            "rules": [{"id": "OPEN", "effect": "disclose", "paths": ["**"], "basis": "LAW"},
                      {"id": "NAMES", "effect": "refer", "items": ["5.b"], "basis": "LAW", "approvals": 2, "emergency": True, "review_within_hours": 12},
                      {"id": "FIRST-NAMES", "effect": "refer", "items": ["5.c"], "basis": "LAW", "emergency": True, "review_within_hours": 24}, *more]}


SCREENING = {**bureau_policy(1), "policy": "held-test-gs", "rules": bureau_policy(1)["rules"][:1],
             "screening_default": "accept", "screening": [{"id": "S1", "effect": "hold", "reason": "purpose-asked-about", "when": {"purpose": ["identify"]}}]}


class People(FederationCase):
    NAMES = ("ke.customs", "ke.ncb", "int.gs")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.version = 0
        cls.load("ke.ncb")
        file = cls.folder / "screening.policy.json"
        file.write_text(json.dumps(SCREENING))
        cls.federation.load_policy(cls.federation["int.gs"], file)
        for agency in ("ke.ncb", "int.gs"):
            for name in RELEASERS:
                cls.federation[agency].add_person(name, "releasing-officer")

    @classmethod
    def load(cls, agency, *more):
        """The next version of the bureau's policy."""
        cls.version += 1
        file = cls.folder / f"bureau.{cls.version}.policy.json"
        file.write_text(json.dumps(bureau_policy(cls.version, *more)))
        cls.federation.load_policy(cls.federation[agency], file)

    @property
    def gs(self):
        return self.federation["int.gs"]

    def item(self, record, agency=None, decided=False):
        rows = (agency or self.ncb).ask(["held", "list", *(["--decided"] if decided else [])], "release-1")["rows"]
        return next((row for row in rows if row["record"] == record), None)

    def waiting(self, purpose="investigation", agency=None):
        """Sends a message that waits; answers (record, number of the item)."""
        record = self.send("ke-ivory-mombasa.json", "int.gs", ["--purpose", purpose])["record"]
        row = fed.wait_until("it waits", lambda: self.item(record, agency))
        return record, str(row["seq"])

    def digest(self, number, person="release-1", action="release"):
        return self.ncb.ask(["held", "show", number, "--action", action], person)["digest"]

    def decide(self, number, word, person, *more, agency=None):
        return (agency or self.ncb).ask(["held", word, number, "--reason", "seen", *more], person)

    def refused(self, number, word, person, *more, expect):
        return self.ncb.command(["held", word, number, "--reason", "seen", *more], person, expect=expect).stderr

    def release(self, number, person, digest=None, *more):
        return self.decide(number, "release", person, "--digest", digest or self.digest(number, person), *more)

    def seen(self, record):
        """What int.gs sees of items 5.b and 5.c of the first person, when it has it."""
        def shown():
            done = self.gs.command(["show", record, "--json"], expect=None)
            return json.loads(done.stdout) if done.returncode == 0 else None

        view = fed.wait_until("int.gs has it", shown)
        self.assertTrue(view["seal_verified"])
        return {line["item"]: line["state"] for line in view["form"] if line["item"] in ("5.b", "5.c") and line["key"].endswith(line["item"]) and line["number"] <= 1}

    def track_state(self, record, state):
        def step():
            return next((one for one in self.customs.ask(["track", record])["steps"] if one["state"] == state), None)

        return fed.wait_until(f"ke.customs reads {state}", step)

    def restart(self, agency):
        agency.kill()
        agency.start()
        self.federation.wait_connected()

    def test_one_person_withholds_and_the_rest_goes_on(self):
        record, number = self.waiting()
        row = self.decide(number, "withhold", "release-1", "--digest", self.digest(number, action="withhold"))
        self.assertEqual(row["state"], "released")
        self.assertEqual(self.seen(record), {"5.b": "withheld", "5.c": "withheld"})

    def test_returned_with_a_code_its_sender_reads(self):
        record, number = self.waiting()
        self.assertEqual(self.decide(number, "return", "release-1", "--code", "legal-basis")["state"], "returned")
        self.assertEqual(self.track_state(record, "returned")["reason"], "legal-basis:int.gs")
        self.refused(number, "return", "release-2", expect=TRY_AGAIN)
        self.assertNotEqual(self.gs.command(["show", record], expect=None).returncode, 0)

    def test_a_change_voids_the_first_approval_and_a_restart_does_not(self):
        record, number = self.waiting()
        before = self.digest(number)
        self.assertEqual(self.release(number, "release-1", before)["state"], "waiting")
        self.restart(self.ncb)
        self.assertEqual([one["person"] for one in self.item(record)["approvals"]], ["release-1"], "the approval survived")
        self.load("ke.ncb", {"id": "PLACES", "effect": "withhold", "items": ["5.h"], "basis": "LAW"})
        self.assertNotEqual(self.digest(number, "release-2"), before)
        self.refused(number, "release", "release-2", "--digest", before, expect=TRY_AGAIN)
        self.assertEqual(self.release(number, "release-2")["state"], "waiting", "one of two under the new policy")
        self.assertEqual([one["person"] for one in self.item(record)["approvals"]], ["release-2"], "the other approval was for something else")
        self.restart(self.ncb)
        self.assertEqual(self.release(number, "release-1")["state"], "released")
        self.assertEqual(self.seen(record), {"5.b": "stated", "5.c": "stated"})

    def test_an_emergency_release_by_one_is_reviewed_by_another(self):
        for word, state in ((), "confirmed"), (("--object",), "objected"):
            record, number = self.waiting()
            row = self.release(number, "release-1", None, "--emergency")
            self.assertEqual(row["state"], "unreviewed")
            self.assertTrue(row["review_by"])
            self.assertEqual(self.seen(record)["5.b"], "stated")
            self.restart(self.ncb)
            self.refused(number, "review", "release-1", *word, expect=NOT_PERMITTED)
            self.refused(number, "review", "officer", *word, expect=NOT_PERMITTED)
            self.assertEqual(self.decide(number, "review", "release-2", *word)["state"], state)
            self.assertIsNone(self.item(record), "nobody is asked any more")

    def test_what_waits_until_its_end_goes_nowhere_and_its_sender_is_told(self):
        message = self.folder / "expiring.bin"
        fed.run(["form", "convert", EXAMPLES / "ke-ivory-mombasa.json", message])
        client = liaison_client.Client(self.customs.folder / "connection.json", self.customs.person("program"))
        self.addCleanup(client.close)
        end = time.time() + 15
        record = client.submit(message.read_bytes(), ["int.gs"], purpose="investigation", channel="interpol", level="international", expires_ms=int(end * 1000))
        number = str(fed.wait_until("it waits", lambda: self.item(record))["seq"])
        digest = self.digest(number)
        self.assertEqual(self.release(number, "release-1", digest)["state"], "waiting")
        self.ncb.kill()
        fed.wait_until("the clock has run", lambda: time.time() > end)
        self.ncb.start()
        self.assertEqual(fed.wait_until("its end", lambda: (lambda row: row if row["state"] == "expired" else None)(self.item(record, decided=True)))["state"], "expired")
        self.refused(number, "release", "release-2", "--digest", digest, expect=TRY_AGAIN)
        self.assertEqual(self.track_state(record, "expired")["reason"], "expired:int.gs")
        self.assertNotEqual(self.gs.command(["show", record], expect=None).returncode, 0)

    def screened(self):
        record, number = self.waiting("identify")
        self.release(number, "release-1")
        self.release(number, "release-2")
        row = fed.wait_until("int.gs holds it", lambda: self.item(record, self.gs))
        self.assertEqual((row["what"], row["reason"]), ("screening", "purpose-asked-about"))
        self.assertFalse([line for line in self.gs.ask(["inbox"])["rows"] if line["record"] == record])
        self.restart(self.gs)
        return record, str(row["seq"])

    def test_screened_and_accepted_stands_in_the_inbox(self):
        record, number = self.screened()
        self.gs.command(["held", "accept", number, "--reason", "asked for"], "officer", expect=NOT_PERMITTED)
        self.assertEqual(self.decide(number, "accept", "release-1", agency=self.gs)["state"], "accepted")
        self.assertTrue([line for line in self.gs.ask(["inbox"])["rows"] if line["record"] == record])

    def test_screened_and_refused_is_told_to_its_sender(self):
        record, number = self.screened()
        self.assertEqual(self.decide(number, "refuse", "release-2", agency=self.gs)["state"], "refused")
        self.assertFalse([line for line in self.gs.ask(["inbox"])["rows"] if line["record"] == record])
        self.assertIn("purpose-asked-about", self.track_state(record, "refused")["reason"])

    def test_logs_verify_afterwards(self):
        for agency in self.federation.agencies.values():
            self.assertTrue(agency.ask(["audit", "verify"], "auditor")["ok"])


if __name__ == "__main__":
    unittest.main()
