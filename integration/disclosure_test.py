"""Disclosure with real processes: a record through a bureau under its law, what waits for persons, later release, policies loaded, previews."""
import json
import sys
import unittest

from support import federation as fed
from support.case import EXAMPLES, FederationCase

sys.path.insert(0, str(fed.REPOSITORY / "deploy"))
import disclosure_story as story  # noqa: E402

REFUSED, USAGE, NOT_PERMITTED, NOT_FOUND = 1, 2, 3, 4
POLICIES = fed.REPOSITORY / "integration" / "policies"


def plain(file):
    """A policy file without its comments (they stand on lines of their own), as a tree."""
    return json.loads("\n".join(line for line in file.read_text().splitlines() if not line.lstrip().startswith("//")))


def states(shown):
    """(item, number) -> state of every line that is an item of the form."""
    return {(line["item"], line["number"]): line["state"] for line in shown["form"] if line["key"].endswith(line["item"])}


class Relay(FederationCase):
    NAMES = ("ke.customs", "ke.ncb", "int.gs")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        story.load_policy(cls.federation)
        cls.record = story.send(cls.federation, story.EXAMPLE)
        cls.views = {name: story.wait_for(cls.federation[name], cls.record) for name in cls.NAMES}

    @property
    def gs(self):
        return self.federation["int.gs"]

    def waiting(self, record):
        return fed.wait_until("ke.ncb holds it", lambda: next((r for r in self.ncb.ask(["held", "list"])["rows"] if r["record"] == record), None))

    def test_each_node_sees_what_its_law_lets_through(self):
        story.check_views(self.views)
        home, outside = states(self.views["ke.ncb"]), states(self.views["int.gs"])
        self.assertEqual(home["5.b", story.CITIZEN], "stated")
        for item in ("5.b", "5.c", "5.e", "5.f", "5.g", "5.h", "5.i", "5.j", "5.k", "5.l"):
            self.assertEqual(outside[item, story.CITIZEN], "withheld", item)
        for item in ("5.a", "5.d"):
            self.assertEqual(outside[item, story.CITIZEN], "stated", item)
        self.assertEqual(outside["5.e", story.FOREIGNER], "unknown")
        self.assertEqual(outside["8.c", 0], "not_shown")
        self.assertEqual(states(self.views["ke.customs"])["8.c", 0], "absent")

    def test_the_recipient_reads_agency_and_public_category_only(self):
        withheld = [line for line in self.views["int.gs"]["form"] if line["state"] == "withheld"]
        self.assertEqual({(line["by"], line["basis"]) for line in withheld}, {("ke.ncb", "DATA-PROTECTION")})
        self.assertNotIn("C040", json.dumps(self.views["int.gs"]))
        self.assertNotIn("EX.NATIONALS", json.dumps(self.views["int.gs"]))

    def test_the_way_names_agencies_times_and_policies(self):
        way = self.views["int.gs"]["way"]
        self.assertEqual([(hop["by"], hop["for"], hop["policy"]) for hop in way], [("ke.customs", "ke.ncb", "direct"), ("ke.ncb", "int.gs", "own-citizens")])
        self.assertTrue(self.views["int.gs"]["seal_verified"])

    def test_the_inbox_marks_what_came_over_a_bureau_in_part(self):
        row = next(r for r in self.gs.ask(["inbox"])["rows"] if r["record"] == self.record)
        self.assertEqual((row["from"], row["relayed_by"], row["partial"]), ("ke.customs", "ke.ncb", True))
        self.assertIn("partial", self.gs.command(["inbox"]).stdout)

    def test_show_says_it_in_the_readers_language(self):
        for language, words in (("en", "withheld by ke.ncb"), ("fr", "retenu par ke.ncb"), ("es", "retenido por ke.ncb"), ("ar", "حجبته ke.ncb")):
            shown = self.gs.command(["show", self.record, "--item", "5", "--lang", language]).stdout
            self.assertIn("x 5.b (1) ", shown)
            self.assertIn(words, shown)
            self.assertNotIn("\n1.1 ", shown)

    def test_the_originator_learns_that_it_was_passed_on_and_delivered(self):
        fed.wait_until("the evidence is back", lambda: any(step["agency"] == "int.gs" and step["state"] == "delivered" for step in self.customs.ask(["track", self.record])["steps"]))

    def test_explain_says_rule_law_and_fact(self):
        text = " ".join(story.explanation(self.federation, self.record).split())
        self.assertRegex(text, r"5\.b .*withheld from int\.gs.*C040.*national")

    def test_a_name_repeated_in_item_13_is_caught_and_sent_back(self):
        row, step = story.repeated_name(self.federation)
        self.assertEqual((row["what"], row["fields"]), ("repeats", ["information_requested"]))
        self.assertNotIn("Njoroge", json.dumps(row))
        self.assertEqual((step["agency"], step["reason"]), ("int.gs", "question:int.gs"))

    def test_a_release_needs_two_persons_and_reaches_the_recipient(self):
        record = story.send(self.federation, story.EXAMPLE)
        story.wait_for(self.gs, record)
        row, outside = story.later_release(self.federation, record)
        self.assertEqual(row["state"], "released")
        self.assertEqual({a["person"] for a in row["approvals"]}, {"release-1", "release-2"})
        self.assertTrue(outside["seal_verified"])
        self.assertTrue(outside["way"][-1]["supersedes"])
        self.assertEqual(states(outside)["5.c", story.CITIZEN], "withheld")

    def test_one_person_twice_is_one_person_and_a_stale_digest_decides_nothing(self):
        record = story.send(self.federation, story.EXAMPLE)
        story.wait_for(self.gs, record)
        number = str(self.ncb.ask(["release", record, "--to", "int.gs", "--item", "5.c", "--reason", "order"])["seq"])
        digest = self.ncb.ask(["held", "show", number], "release-1")["digest"]
        self.ncb.command(["held", "release", number, "--digest", "0" * 64, "--reason", "x"], "release-1", expect=None)
        once = self.ncb.ask(["held", "release", number, "--digest", digest, "--reason", "order seen"], "release-1")
        again = self.ncb.command(["held", "release", number, "--digest", digest, "--reason", "order seen"], "release-1", expect=None)
        self.assertEqual(once["state"], "waiting")
        self.assertEqual(len(self.ncb.ask(["held", "show", number], "release-2")["row"]["approvals"]), 1, again.stdout)
        self.ncb.command(["held", "release", number, "--digest", digest, "--reason", "x"], "officer", expect=NOT_PERMITTED)

    def test_preview_shows_each_recipients_view_and_nothing_leaves(self):
        before = len(self.customs.ask(["outgoing"]))
        shown = self.customs.ask(["send", "ecomessage", story.EXAMPLE, "--to", "int.gs", "--withhold", "5.l", "--preview"])
        self.assertEqual([view["agency"] for view in shown["views"]], ["ke.ncb"])
        self.assertEqual(shown["problems"], [])
        fields = {field["name"]: field["effect"] for field in shown["views"][0]["fields"]}
        self.assertEqual(fields["persons[0].other"], "withhold")
        self.assertEqual(len(self.customs.ask(["outgoing"])), before)

    def test_a_value_the_sender_withholds_and_repeats_is_refused_before_anything_leaves(self):
        form = json.loads(story.EXAMPLE.read_text())
        form["12"] = "Asked for at +254 700 000 533."
        file = self.folder / "own-repeat.json"
        file.write_text(json.dumps(form))
        refused = self.customs.command(["send", "ecomessage", file, "--to", "ke.ncb", "--withhold", "5.l", "--yes"], expect=None)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("12", refused.stderr)
        self.assertNotIn("254 700", refused.stderr)
        self.customs.command(["send", "ecomessage", file, "--to", "ke.ncb", "--withhold", "5.l", "--no-repetition", "12=the public number of the port", "--yes"])

    def test_logs_verify_afterwards(self):
        for agency in self.federation.agencies.values():
            self.assertTrue(agency.ask(["audit", "verify"], "auditor")["ok"])


class Policies(FederationCase):
    def changed(self, version, change=None):
        """own-citizens as another version, changed."""
        policy = plain(POLICIES / "own-citizens.policy.json")
        policy["version"] = version
        if change:
            change(policy)
        file = self.folder / f"v{version}.policy.json"
        file.write_text(json.dumps(policy))
        return file

    def in_force(self):
        shown = self.ncb.ask(["policy", "show"])
        return shown["policy"], shown["version"]

    def test_load_reload_restart_and_no_way_back(self):
        self.assertEqual(self.in_force()[0], "direct")
        self.federation.load_policy(self.ncb, self.changed(3))
        self.assertEqual(self.in_force(), ("own-citizens", 3))
        for version in (3, 2):
            done = self.federation.load_policy(self.ncb, self.changed(version), expect=None)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("versions never go back", done.stderr)
        self.ncb.kill()
        self.ncb.start()
        self.assertEqual(self.in_force(), ("own-citizens", 3))

        def opens(policy):
            policy["rules"] = [rule for rule in policy["rules"] if rule["id"] != "C040"]

        alone = self.federation.load_policy(self.ncb, self.changed(4, opens), signers=(1,), expect=None)
        self.assertNotEqual(alone.returncode, 0)
        self.assertIn("two persons", alone.stderr)
        self.assertEqual(self.in_force(), ("own-citizens", 3))
        self.federation.load_policy(self.ncb, self.changed(4, opens))
        self.assertEqual(self.in_force(), ("own-citizens", 4))

    def test_a_wrong_file_or_key_changes_nothing(self):
        before = self.in_force()
        file = self.folder / "wrong.policy.json"
        file.write_text((POLICIES / "own-citizens.policy.json").read_text().replace('"person.name"', '"person.nmae"'))
        self.assertIn("person.nmae", fed.run(["policy", "check", file], expect=None).stderr)
        good, key, out = self.changed(90), self.folder / "stranger.key", self.folder / "stranger.sig"
        fed.run(["policy", "key", key])
        fed.run(["policy", "sign", good, "--key", key, "--agency", "ke.ncb", "--realm", fed.REALM, "--out", out])
        done = self.ncb.command(["policy", "load", good, "--signature", out], "security", expect=None)
        self.assertNotEqual(done.returncode, 0)
        self.ncb.command(["policy", "load", good, "--signature", out], "officer", expect=NOT_PERMITTED)
        self.assertEqual(self.in_force(), before)


if __name__ == "__main__":
    unittest.main()
