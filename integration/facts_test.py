"""Facts that a form's words suggest: proposed offline, asked at a terminal, answered from a file, never guessed; errors in the reader's language."""
import json
import os
import pty
import subprocess
import unittest
import uuid

from support import federation as fed
from support.case import EXAMPLES, FederationCase

REFUSED, USAGE, TRY_AGAIN = 1, 2, 5
FORM = {"1.1": "facts", "2.1": "unknown", "2.2": "informateur", "2.3": "unknown", "3": "unknown", "4.1": "unknown", "4.2": "unknown", "10": "unknown",
        "5": [{**{"5." + letter: "unknown" for letter in "abcdehijkl"}, "5.f": "17 August 1981, Bungoma", "5.g": "Kenyan"},
              {**{"5." + letter: "unknown" for letter in "abcdefhijkl"}, "5.g": "US; formerly British"}]}


class Facts(FederationCase):
    def form(self, **changes):
        file = self.folder / f"facts-{uuid.uuid4().hex}.json"
        file.write_text(json.dumps({**FORM, **changes}))
        return file

    def answers(self, answers):
        file = self.folder / f"answers-{uuid.uuid4().hex}.json"
        file.write_text(json.dumps(answers))
        return file

    def received(self, record):
        """The structured part as the receiver sees it."""
        self.wait_delivered(record)
        out = self.folder / f"{record}.json"
        self.ncb.command(["export", record, out])
        return json.loads(out.read_text()).get("structured", {})

    def test_proposals_are_listed_offline_with_words_and_confidence(self):
        listed = json.loads(fed.run(["form", "facts", self.form(), "--country", "KE", "--json"]).stdout)
        by_path = {p["path"]: p for p in listed}
        self.assertEqual(by_path["persons[0].nationality"]["values"], ["own"])
        self.assertEqual(by_path["persons[0].nationality"]["words"], "Kenyan")
        self.assertEqual(by_path["persons[0].birth"]["meaning"], "adult")
        self.assertEqual(by_path["persons[1].nationality"], {"path": "persons[1].nationality", "values": ["other"], "item": "5.g", "number": 2, "words": "US; formerly British",
                                                             "confidence": "likely", "stated": "", "meaning": ""})
        self.assertEqual(by_path["source_class"]["values"], ["informant"])
        shown = fed.run(["form", "facts", self.form(), "--country", "GB", "--lang", "fr"]).stdout
        self.assertIn("own_and_other", shown)
        self.assertIn("douteux", shown)
        fed.run(["form", "facts", self.form(), "--country", "Kenya"], expect=USAGE)

    def test_without_anybody_there_everything_is_unknown_and_that_is_said(self):
        sent = self.send(self.form())
        self.assertEqual(sent["facts"], [])
        self.assertIn("persons[0].nationality", sent["unanswered"])
        self.assertEqual(self.received(sent["record"]), {})
        told = self.customs.command(["send", "ecomessage", self.form(), "--to", "ke.ncb", "--yes"]).stdout
        self.assertIn("Not answered, so unknown: source_class, persons[0].birth", told)

    def test_a_file_of_answers_states_facts_and_where_they_came_from(self):
        answers = self.answers({"persons[0].nationality": True, "persons[0].birth": "1981", "persons[1].nationality": "own_and_other", "source_class": False, "persons[1].status": "witness"})
        sent = self.send(self.form(), more=["--answers", answers])
        words = {f["path"]: f["words"] for f in sent["facts"]}
        self.assertEqual(words["persons[0].nationality"], "5.g 'Kenyan', confirmed by the sender")
        self.assertEqual(words["persons[1].nationality"], "5.g 'US; formerly British', corrected by the sender")
        self.assertEqual(words["persons[1].status"], "stated by the sender")
        self.assertNotIn("source_class", words)
        self.assertNotIn("source_class", sent["unanswered"])
        persons = self.received(sent["record"])["persons"]
        self.assertEqual(persons, [{"nationality": "own", "birth": "1981"}, {"status": "witness", "nationality": "own_and_other"}])

    def test_every_wrong_answer_is_named_and_nothing_is_sent(self):
        answers = self.answers({"persons[0].nationality": "ours", "persons[7].birth": "1981", "offence": "x", "persons[0].status": True})
        done = self.customs.command(["send", "ecomessage", self.form(), "--to", "ke.ncb", "--yes", "--answers", answers], expect=USAGE)
        for part in ("persons[0].nationality: ", "must be one of", "persons[7].birth", "offence", "nothing is proposed"):
            self.assertIn(part, done.stderr)
        self.customs.command(["send", "ecomessage", self.form(), "--to", "ke.ncb", "--yes", "--answers", self.folder / "none.json"], expect=USAGE)

    def test_a_person_at_a_terminal_confirms_refuses_and_corrects(self):
        ours, theirs = pty.openpty()
        env = {**os.environ, "LIAISON_NODE": str(self.customs.folder / "connection.json"), "LIAISON_PERSON": str(self.customs.person("officer")), "LANG": "C.UTF-8"}
        # source_class no; birth yes; nationality with a mistake first, then corrected; nationalities left open; the second person: own and other, US; send
        os.write(ours, b"n\ny\nours\nown_and_other\n\nown_and_other\nUS, GB\ny\n")
        done = subprocess.run([str(fed.bin_dir() / "liaison"), "send", "ecomessage", str(self.form()), "--to", "ke.ncb"], stdin=theirs, env=env, timeout=60, capture_output=True, text=True)
        os.close(ours)
        os.close(theirs)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        self.assertIn("5.g (1) 'Kenyan'", done.stdout)
        self.assertIn("must be one of", done.stdout)
        self.assertIn("Not answered, so unknown: persons[0].nationalities", done.stdout)
        record = next(w for w in done.stdout.split() if w.count("-") == 4)
        persons = self.received(record)["persons"]
        self.assertEqual(persons, [{"nationality": "own_and_other", "birth": "1981-08-17"}, {"nationality": "own_and_other", "nationalities": ["US", "GB"]}])

    def test_the_same_submission_with_the_same_answers_is_one_record(self):
        answers, file = self.answers({"persons[0].nationality": True}), self.form()
        first = self.send(file, more=["--answers", answers])
        again = self.send(file, more=["--answers", answers, "--submission", first["submission"]])
        self.assertEqual((again["record"], again["repeated"]), (first["record"], True))

    def test_thread_answer_and_expiry_travel_with_the_record(self):
        first = self.send()["record"]
        sent = self.send(more=["--thread", first, "--answers-to", first])["record"]
        self.wait_delivered(sent)
        manifest = self.ncb.ask(["show", sent])["manifest"]
        self.assertIn(f"\nthread {first}\nanswers {first}\n", manifest if isinstance(manifest, str) else json.dumps(manifest).replace("\\n", "\n"))
        minimal = EXAMPLES / "minimal-unknown.json"
        for option, value in (("--thread", "x"), ("--answers-to", "12"), ("--expires", "soon"), ("--expires", "2020-01-01")):
            done = self.customs.command(["send", "ecomessage", minimal, "--to", "ke.ncb", "--yes", option, value], expect=None)
            self.assertIn(done.returncode, (REFUSED, USAGE), (option, done.stderr))

    def test_the_nodes_refusals_are_told_in_the_readers_language(self):
        codes = set()
        for language, part in (("fr", "la voie|n'existe pas|n'est pas correct"), ("es", "vía|no existe|no es correcto"), ("ar", "الطريق|لا يوجد|خطأ"), ("en", "^liaison send ecomessage: ")):
            done = self.customs.command(["send", "ecomessage", EXAMPLES / "minimal-unknown.json", "--to", "ke.nobody", "--yes", "--lang", language], expect=None)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("ke.nobody", done.stderr)
            self.assertRegex(done.stderr, part)
            codes.add(done.stderr.rsplit("[", 1)[1])
        self.assertEqual(len(codes), 1, "the code is the same in every language")


if __name__ == "__main__":
    unittest.main()
