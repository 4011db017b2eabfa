"""The whole path with real nodes and the command line: send, accepted, delivered, receipt, inbox, show, export, proof; roles, ids and exit codes."""
import json
import os
import pty
import subprocess
import unittest

from support import federation as fed
from support.case import EXAMPLES, FederationCase

REFUSED, USAGE, NOT_PERMITTED, NOT_FOUND, TRY_AGAIN, NOT_CONFIRMED = 1, 2, 3, 4, 5, 7


class Exchange(FederationCase):
    def test_every_example_arrives_as_it_was_entered(self):
        for file in sorted(EXAMPLES.glob("*.json")):
            with self.subTest(file.name):
                record = self.send(file)["record"]
                self.wait_delivered(record)
                out, normal = self.folder / "copy.json", self.folder / "normal.json"
                self.ncb.command(["export", record, out])
                fed.run(["form", "convert", file, normal])
                self.assertEqual(json.loads(out.read_text()), json.loads(normal.read_text()))

    def test_track_names_receipt_key_and_ledger_position(self):
        track = self.wait_delivered(self.send()["record"])
        step = track["steps"][0]
        self.assertEqual(step["agency"], "ke.ncb")
        self.assertTrue(step["receipt"]["text"].startswith("liaison link receipt v1\n"))
        self.assertRegex(step["ledger"], r"^ke\.ncb/out/0/routine/0#\d+$")
        self.assertIn("receipt of ke.ncb", self.customs.command(["track", track["record"]]).stdout)

    def test_show_one_item_in_the_readers_language(self):
        record = self.send()["record"]
        self.wait_delivered(record)
        shown = self.ncb.command(["show", record, "--item", "5.b", "--lang", "es"]).stdout
        self.assertIn("Barasa", shown)
        self.assertNotIn("Mombasa", shown)
        self.assertIn("5.b (1) Apellidos", shown)
        self.assertTrue(self.ncb.ask(["show", record])["seal_verified"])

    def test_control_and_bidi_characters_are_shown_not_obeyed(self):
        form = json.loads((EXAMPLES / "minimal-unknown.json").read_text())
        form["1.1"] = "two\u202elines\x1b[31m"
        file = self.folder / "tricks.json"
        file.write_text(json.dumps(form))
        record = self.send(file)["record"]
        self.wait_delivered(record)
        text = self.ncb.command(["show", record]).stdout + self.ncb.command(["show", record, "--json"]).stdout + self.ncb.command(["export", record]).stdout
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\u202e", text)
        self.assertIn("<U+202E>", text)

    def test_urgent_travels_with_its_reason_and_lane(self):
        sent = self.send(more=["--urgency", "urgent", "--urgency-reason", "vessel leaves"])
        track = self.wait_delivered(sent["record"])
        self.assertIn("/urgent/", track["steps"][0]["ledger"])

    def test_the_same_submission_is_never_two_records(self):
        first = self.send()
        again = self.send(more=["--submission", first["submission"]])
        self.assertEqual(first["record"], again["record"])
        self.assertTrue(again["repeated"])
        other = self.customs.command(["send", "ecomessage", EXAMPLES / "minimal-unknown.json", "--to", "ke.ncb", "--yes", "--submission", first["submission"]], expect=None)
        self.assertIn("already_exists", other.stderr)

    def test_flags_of_the_species_check_are_shown_to_both(self):
        sent = self.send("ae-falcons-dubai.json")
        self.assertTrue(any("rusticolos" in flag for flag in sent["flags"]))
        self.wait_delivered(sent["record"])
        self.assertIn("Falco rusticolus", self.ncb.command(["show", sent["record"], "--item", "4.1"]).stdout)

    def test_both_logs_verify_from_the_first_entry(self):
        self.wait_delivered(self.send()["record"])
        for agency, peer in ((self.customs, "ke.ncb"), (self.ncb, "ke.customs")):
            self.assertTrue(agency.ask(["audit", "verify"], "auditor")["ok"])
            self.assertTrue(agency.ask(["ledger", "verify", peer], "auditor")["ok"])
            size = agency.ask(["audit", "list"], "auditor")["size"]
            self.assertTrue(agency.ask(["audit", "show", str(size - 1)], "auditor")["included"])

    def test_reading_and_exporting_are_in_the_audit_log(self):
        record = self.send()["record"]
        self.wait_delivered(record)
        self.ncb.command(["show", record])
        self.ncb.command(["export", record])
        events = [row["event"] for row in self.ncb.ask(["audit", "list", "--record", record], "auditor")["rows"]]
        self.assertEqual(events.count("consulted"), 1)
        self.assertEqual(events.count("export"), 1)


class Commands(FederationCase):
    def refused(self, arguments, exit_code, part, person="officer", **more):
        done = self.customs.command(arguments, person, expect=exit_code, **more)
        self.assertIn(part, done.stderr)
        self.assertEqual(done.stdout.strip(), "")

    def test_ids_by_beginning_and_by_inbox_line(self):
        sent = [self.send()["record"] for _ in range(2)]
        for record in sent:
            self.wait_delivered(record)
        self.assertEqual(self.ncb.ask(["show", sent[0].replace("-", "")[:28]])["record"], sent[0])
        rows = self.ncb.ask(["inbox"])["rows"]
        self.assertEqual(self.ncb.ask(["show", str(rows[0]["seq"])])["record"], rows[0]["record"])
        common = os.path.commonprefix([r.replace("-", "") for r in sent])
        if len(common) >= 8:
            many = self.ncb.command(["show", common], expect=USAGE).stderr
            self.assertIn(sent[0], many)
            self.assertIn(sent[1], many)
        self.ncb.command(["show", "00000000-0000-7000-8000-000000000000"], expect=NOT_FOUND)
        self.ncb.command(["show", "0000000000"], expect=NOT_FOUND)
        self.ncb.command(["show", "xyz"], expect=USAGE)

    def test_gaps_are_all_named_and_nothing_is_sent(self):
        file = self.folder / "empty.json"
        file.write_text(fed.run(["form", "blank"]).stdout)
        done = self.customs.command(["send", "ecomessage", file, "--to", "ke.ncb", "--yes"], expect=REFUSED)
        for item in ("1.1", "5.a", "5.l", "6.f", "10"):
            self.assertIn(item, done.stderr)
        self.customs.command(["send", "ecomessage", file, "--to", "ke.ncb", "--yes", "--fill-unknown"])

    def test_nobody_there_to_confirm(self):
        self.customs.command(["send", "ecomessage", EXAMPLES / "minimal-unknown.json", "--to", "ke.ncb"], expect=USAGE, text_in="y\n")

    def test_a_person_at_a_terminal_is_asked(self):
        for answer, expected in ((b"n\n", NOT_CONFIRMED), (b"y\n", 0)):
            ours, theirs = pty.openpty()
            env = {**os.environ, "LIAISON_NODE": str(self.customs.folder / "connection.json"), "LIAISON_PERSON": str(self.customs.person("officer")), "LANG": "C.UTF-8"}
            os.write(ours, answer)
            done = subprocess.run([str(fed.bin_dir() / "liaison"), "send", "ecomessage", str(EXAMPLES / "minimal-unknown.json"), "--to", "ke.ncb"], stdin=theirs, env=env, timeout=60,
                                  capture_output=True, text=True)
            os.close(ours)
            os.close(theirs)
            self.assertEqual(done.returncode, expected, done.stderr)
            self.assertIn("Send it?", done.stdout)
            self.assertIn("default of the agency", done.stdout)

    def test_roles_decide(self):
        self.refused(["inbox"], NOT_PERMITTED, "auditor", "auditor")
        self.refused(["audit", "list"], NOT_PERMITTED, "officer")
        self.refused(["person", "list"], NOT_PERMITTED, "officer")

    def test_a_disabled_person_is_out_at_once(self):
        self.customs.add_person("leaver", "officer")
        self.customs.command(["inbox"], "leaver")
        self.customs.command(["person", "disable", "leaver", "--reason", "left-service"], "administrator")
        self.customs.command(["inbox"], "leaver", expect=NOT_PERMITTED)
        persons = {p["name"]: p["disabled"] for p in self.customs.ask(["person", "list"], "administrator")}
        self.assertTrue(persons["leaver"])

    def test_a_key_of_another_node_is_refused(self):
        self.customs.command(["inbox"], expect=NOT_PERMITTED, env={"LIAISON_PERSON": str(self.ncb.person("officer"))})

    def test_a_key_that_others_may_read_is_refused(self):
        copy = self.folder / "open.person"
        copy.write_bytes(self.customs.person("officer").read_bytes())
        copy.chmod(0o644)
        self.refused(["inbox"], USAGE, "chmod 600", env={"LIAISON_PERSON": str(copy)})

    def test_wrong_words_say_what_is_wrong(self):
        minimal = EXAMPLES / "minimal-unknown.json"
        for arguments, part in ((["--to", "ke.nobody"], "ke.nobody"), (["--to", "ke.ncb", "--purpose", "curiosity"], "purpose"), (["--to", "ke.ncb", "--urgency", "urgent"], "reason"),
                                (["--to", "ke.ncb", "--handling", "secret"], "handling")):
            with self.subTest(arguments):
                done = self.customs.command(["send", "ecomessage", minimal, "--yes", *arguments], expect=None)
                self.assertIn(done.returncode, (REFUSED, USAGE, NOT_FOUND, NOT_PERMITTED))
                self.assertIn(part, done.stderr)
        self.refused(["ledger", "verify", "ke.nobody"], NOT_FOUND, "ke.nobody", "auditor")

    def test_a_node_that_is_away(self):
        connection = json.loads((self.customs.folder / "connection.json").read_text())
        connection["requests"] = f"tcp://127.0.0.1:{fed.free_ports(1)[0]}"
        file = self.folder / "away.json"
        file.write_text(json.dumps(connection))
        self.refused(["inbox", "--wait", "1"], TRY_AGAIN, "is it running", env={"LIAISON_NODE": str(file)})


if __name__ == "__main__":
    unittest.main()
