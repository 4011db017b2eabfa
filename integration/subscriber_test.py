"""Programs on the bus: the Python client submits and receives; a cursor kept beside what was processed makes every record count once."""
import json
import subprocess
import sys
import unittest
from pathlib import Path

from support import load
from support.case import EXAMPLES, FederationCase, fed, liaison_client

PROGRAM = Path(__file__).resolve().parent / "python" / "liaison_client.py"


class Programs(FederationCase):
    def setUp(self):
        self.message = self.folder / "message.bin"
        fed.run(["form", "convert", EXAMPLES / "minimal-unknown.json", self.message])

    def client(self, agency, person="program"):
        client = liaison_client.Client(agency.folder / "connection.json", agency.person(person))
        self.addCleanup(client.close)
        return client

    def fresh_person(self, agency, name, role="officer"):
        agency.add_person(name, role)
        return self.client(agency, name)

    def submit(self, count=1):
        client = self.client(self.customs)
        records = [client.submit(self.message.read_bytes(), ["ke.ncb"]) for _ in range(count)]
        for record in records:
            self.wait_delivered(record)
        return records

    def run_program(self, agency, *arguments):
        return subprocess.run([sys.executable, str(PROGRAM), "--node", str(agency.folder / "connection.json"), "--as", str(agency.person("program")), *map(str, arguments)],
                              capture_output=True, text=True, timeout=60)

    def test_the_program_submits_and_receives(self):
        sent = self.run_program(self.customs, "submit", self.message, "ke.ncb")
        self.assertEqual(sent.returncode, 0, sent.stderr)
        self.wait_delivered(sent.stdout.strip())
        received = self.run_program(self.ncb, "receive")
        self.assertIn(sent.stdout.strip(), received.stdout)
        self.assertEqual(self.run_program(self.ncb, "receive").stdout, "")
        refused = self.run_program(self.customs, "submit", self.message, "ke.nobody")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("ke.nobody", refused.stderr)

    def test_without_acknowledgement_it_comes_again_with_it_never(self):
        records = self.submit(3)
        client = self.fresh_person(self.ncb, "cursor-1")
        first = client.fetch()
        self.assertEqual([i["record"] for i in first[-3:]], records)
        self.assertEqual([i["seq"] for i in client.fetch()], [i["seq"] for i in first])
        last = first[-1]["seq"]
        self.assertEqual(client.fetch(done=last), [])
        self.ncb.kill()
        self.ncb.start()
        self.assertEqual(self.client(self.ncb, "cursor-1").fetch(), [])
        self.assertEqual(len(self.fresh_person(self.ncb, "cursor-2").fetch(most=256)), last)

    def test_a_cursor_from_the_future_is_refused(self):
        client = self.fresh_person(self.ncb, "cursor-3")
        with self.assertRaises(liaison_client.Refused) as caught:
            client.fetch(done=1_000_000)
        self.assertIn("backup", caught.exception.text)

    def test_an_event_wakes_the_subscriber(self):
        self.ncb.add_person("listener", "officer")
        worker = load.Subscriber(self.ncb, "listener")
        worker.start()
        record = self.submit()[0]
        fed.wait_until("the subscriber has it", lambda: record in worker.seen or worker.failed)
        worker.finish()
        self.assertIsNone(worker.failed)
        self.assertTrue(all(n == 1 for n in worker.seen.values()))

    def test_the_command_line_fetches_into_a_folder_once(self):
        records = self.submit(2)
        self.ncb.add_person("collector", "officer")
        into = self.folder / "into"
        into.mkdir()
        lines = [json.loads(line) for line in self.ncb.command(["fetch", "--json", "--into", into], "collector").stdout.splitlines()]
        self.assertEqual([line["record"] for line in lines][-2:], records)
        self.assertEqual(len(list(into.iterdir())), len(lines))
        self.assertEqual(self.ncb.command(["fetch", "--json"], "collector").stdout, "")

    def test_a_reporter_sends_and_reads_nothing(self):
        client = self.fresh_person(self.customs, "reporter", "reporter")
        self.wait_delivered(client.submit(self.message.read_bytes(), ["ke.ncb"]))
        with self.assertRaises(liaison_client.Refused) as caught:
            client.fetch()
        self.assertEqual(caught.exception.code, "not_permitted")

    def test_bytes_that_are_no_call_are_refused(self):
        client = self.client(self.customs)
        for junk in (b"", b"\0" * 64, b"\xff" * 1000):
            number = client.post(junk)
            answered, reply = client.next_reply(10)
            self.assertEqual(answered, number)
            self.assertIsInstance(reply, liaison_client.Refused)


if __name__ == "__main__":
    unittest.main()
