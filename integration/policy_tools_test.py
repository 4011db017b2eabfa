"""The policy tools without any node: every example policy with its tests, coverage and mutants, and what check, explain, preview, table and diff say."""
import json
import re
import tempfile
import unittest
from pathlib import Path

from support import federation as fed
from support.case import EXAMPLES

POLICIES = fed.REPOSITORY / "integration" / "policies"
NAMES = sorted(file.name.removesuffix(".policy.json") for file in POLICIES.glob("*.policy.json"))
REFUSED, USAGE = 1, 2


def ask(*arguments, expect=0):
    return json.loads(fed.run([*arguments, "--json"], expect=expect).stdout)


def policy(name):
    return POLICIES / f"{name}.policy.json"


def tests(name):
    return POLICIES / f"{name}.tests.json"


class Examples(unittest.TestCase):
    def test_every_example_says_that_it_is_one(self):
        self.assertEqual(NAMES, ["customs-nominal", "eu-2016-680", "international-screening", "originator-control", "own-citizens"])
        for name in NAMES:
            self.assertTrue(policy(name).read_text().startswith("// AN EXAMPLE, NOT LEGAL ADVICE."), name)

    def test_they_compile_without_a_warning(self):
        for row in ask("policy", "check", *map(policy, NAMES)):
            self.assertTrue(row["ok"], row)
            self.assertEqual(row["warnings"], [], row["file"])

    def test_their_cases_pass_and_assert_every_rule(self):
        for name in NAMES:
            with self.subTest(name):
                run = ask("policy", "test", "--policy", policy(name), tests(name))
                self.assertEqual(run["failures"], [])
                self.assertGreater(run["assertions"], 100)
                found = ask("policy", "coverage", "--policy", policy(name), tests(name))
                self.assertEqual(found["missing"], [])
                self.assertEqual(found["rules_asserted"], found["rules"])
                self.assertGreater(found["rules"], 3)

    def test_no_change_of_a_rule_or_condition_goes_unnoticed(self):
        for name in NAMES:
            with self.subTest(name):
                score = ask("policy", "mutate", "--policy", policy(name), tests(name))
                self.assertEqual(score["missed"], [])
                self.assertEqual(score["noticed"], score["mutants"])
                self.assertGreater(score["mutants"], 10)


class Edits(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="liaison-policies-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def edited(self, name, *changes):
        text = policy(name).read_text()
        for before, after in changes:
            self.assertEqual(text.count(before), 1, before)
            text = text.replace(before, after)
        file = self.folder / "edited.policy.json"
        file.write_text(text)
        return file

    def test_diff_names_exactly_the_newly_disclosed_cells(self):
        edited = self.edited("customs-nominal", ('"company.name", "company.address", "company.registration", "route.transport"],\n      "when"',
                                                 '"company.name", "company.registration", "route.transport"],\n      "when"'))
        found = ask("policy", "diff", policy("customs-nominal"), edited)
        self.assertTrue(found["second_signature"])
        opened = [change for change in found["changes"] if change["change"] == "newly disclosed"]
        self.assertTrue(opened)
        fields = {field for change in opened for field in change["fields"]}
        stems = ("companies[].headquarters", "companies[].business_address")
        self.assertTrue(all(field.startswith(stems) for field in fields), fields)
        for expected in ("companies[].headquarters_text", "companies[].headquarters.city", "companies[].business_address_text", "companies[].business_address.area#country"):
            self.assertIn(expected, fields)
        for change in opened:
            self.assertEqual((change["before"]["effect"], change["before"]["basis"], change["after"]["effect"]), ("withhold", "CX.NOMINAL", "disclose"))
            self.assertIn("customs", change["facts"])
        self.assertFalse([change for change in found["changes"] if change["change"] == "newly withheld"])

    def test_diff_of_the_same_meaning_is_empty(self):
        again = self.edited("customs-nominal", ('"version": 1,', '"version": 2,'))
        found = ask("policy", "diff", policy("customs-nominal"), again)
        self.assertEqual((found["changes"], found["second_signature"]), ([], False))
        self.assertEqual(ask("policy", "table", policy("customs-nominal"))["fingerprint"], ask("policy", "table", again)["fingerprint"])

    def test_a_stricter_policy_needs_no_second_signature(self):
        stricter = self.edited("customs-nominal", ('"recipient_class": ["customs", "international_organisation"]', '"recipient_class": ["customs"]'))
        found = ask("policy", "diff", policy("customs-nominal"), stricter)
        self.assertEqual({change["change"] for change in found["changes"]}, {"newly withheld"})
        self.assertFalse(found["second_signature"])

    def test_a_failing_case_names_line_field_and_rule(self):
        loose = self.edited("own-citizens", ('"authorisation": ["none", "prosecutor"]', '"authorisation": ["none"]'))
        done = fed.run(["policy", "test", "--policy", loose, tests("own-citizens")], expect=REFUSED)
        self.assertRegex(done.stdout, r"line \d+, a prosecutor's word is not enough: int\.gs, investigation, persons\[\]\.family_name is refer \(rule C050\), expected withhold")

    def test_mistakes_are_refused_with_file_line_and_cure(self):
        for before, after, said in (('"person.name", "person.alias", "person.birth", "person.nationality", "person.address", "person.document", "person.profession",\n                     "person.company", "person.contact", "person.status"],\n      "when": { "adequacy": ["no"], "person_nationality": ["own"], "authorisation"',
                                     '"person.nmae"],\n      "when": { "adequacy": ["no"], "person_nationality": ["own"], "authorisation"', "person.nmae"),
                                    ('"when": { "recipient_class": ["own_country"] }', '"when": { "recipient_class": ["own_contry"] }', "own_contry"),
                                    ('"id": "C070"', '"id": "C060"', "stands twice"), ('"version": 1,', '"version": "7",', "version"), ('"basis": "EX.DOMESTIC"', '"basis": "EX.NOTHING"', "EX.NOTHING")):
            file = self.edited("own-citizens", (before, after))
            done = fed.run(["policy", "check", file], expect=REFUSED)
            self.assertIn(said, done.stderr)
            self.assertRegex(done.stderr, re.escape(str(file)) + r".*line \d+")

    def test_help_of_every_policy_command_has_an_example(self):
        for words in ("check", "explain", "preview", "test", "coverage", "mutate", "table", "diff", "key", "sign", "load", "show"):
            self.assertIn("Example:\n  liaison policy " + words, fed.run(["policy", words, "--help"]).stdout)


class OneMessage(unittest.TestCase):
    """explain and preview, with a directory and no node."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="liaison-policies-")
        cls.addClassCleanup(folder.cleanup)
        cls.federation = fed.Federation(Path(folder.name) / "f", ("ke.ncb", "int.gs"))
        cls.federation.set_up()
        cls.case = ["--policy", policy("own-citizens"), "--message", EXAMPLES / "ke-timber-two-suspects.json", "--from", "ke.ncb", "--to", "int.gs", "--directory", cls.federation.directory]

    def test_explain_gives_rule_law_fact_and_where_it_came_from(self):
        text = fed.run(["policy", "explain", *self.case, "--authority", self.federation.authority_hash()]).stdout
        lines = [line for line in text.splitlines() if line.startswith("5.b ") and "only" not in line]
        self.assertEqual(len(lines), 2)
        for part in ("withheld from int.gs", "rule C040", "Example Data Protection Act, s. 48", "the person is a national", "5.g 'Kenyan'"):
            self.assertIn(part, lines[0])
        self.assertIn("disclosed to int.gs, rule C030", lines[1])
        leaves = ask("policy", "explain", *self.case)
        names = [leaf for leaf in leaves if leaf["path"] == "persons[].family_name"]
        self.assertEqual([(leaf["person"], leaf["effect"], leaf["rule"], leaf["public"]) for leaf in names], [(1, "withhold", "C040", "DATA-PROTECTION"), (2, "disclose", "C030", "COOPERATION")])
        self.assertIn("C050", names[0]["matching"])

    def test_preview_is_what_the_recipient_sees(self):
        done = fed.run(["policy", "preview", *self.case])
        self.assertIn("x 5.b (1) Family name (and maiden name): [withheld by ke.ncb, category of law DATA-PROTECTION]", done.stdout)
        self.assertIn("5.b (2) Family name (and maiden name): Lemos", done.stdout)
        self.assertNotIn("Njoroge", done.stdout)
        self.assertNotIn("C040", done.stdout)
        self.assertIn("not verified", done.stderr)
        self.assertTrue(ask("policy", "preview", *self.case, "--authorisation", "court")["waits"])

    def test_what_is_wrong_with_the_question_is_said(self):
        self.assertIn("int.nobody", fed.run(["policy", "explain", *self.case[:-3], "int.nobody", *self.case[-2:]], expect=None).stderr)
        self.assertIn("curiosity", fed.run(["policy", "explain", *self.case, "--purpose", "curiosity"], expect=USAGE).stderr)


if __name__ == "__main__":
    unittest.main()
