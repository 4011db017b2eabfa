"""No value of items 5, 6 and 13 is left in clear in any file, log, event, packet or core file of a node: not stored, not after a kill, not after reading.

The message is made here from random words, so that nothing of it stands in the repository. The search itself is tested first.
"""
import base64
import json
import random
import subprocess
import sys
import unittest

import zmq
from support import leaks
from support.capture import Capture
from support.case import FederationCase, liaison_client

ALPHABETS = ("bcdfghjklmnpqrstvwxz", "абвгдежзиклмнопрст", "ابتثجحخدذرزسشصض", "甲乙丙丁戊己庚辛壬癸子丑寅卯")


def word(dice, alphabet, length=14):
    return "".join(dice.choice(alphabet) for _ in range(length))


def make_form(dice):
    """A complete form whose items 5, 6 and 13 are random words; answers it and those words."""
    secrets = []

    def secret():
        value = word(dice, dice.choice(ALPHABETS)).capitalize()
        secrets.append(value)
        return value

    form = {"1.1": "leak search", "2.1": "unknown", "2.3": "unknown", "3": "unknown", "4.1": "unknown", "4.2": "unknown",
            "5": [{"5." + letter: secret() for letter in "abcdefghijkl"} for _ in range(2)],
            "6": [{"6." + letter: secret() for letter in "abcdef"}], "10": "unknown", "13": secret() + " " + secret()}
    form["structured"] = {"persons": [{"document": {"number": secret()}}]}
    return form, secrets


class Search(unittest.TestCase):
    def test_every_form_is_found_and_nothing_else(self):
        for value in ("Josphat Wanyonyi", "Кузнецов-Примеров", "سالم الخيالي"):
            raw = value.encode()
            planted = [raw, value.upper().encode(), value.encode("utf-16-le"), value.encode("utf-16-be"), raw.hex().encode(), raw.hex().upper().encode()]
            planted += [base64.b64encode(b"x" * n + raw + b"yz") for n in range(3)] + [base64.urlsafe_b64encode(b"x" * n + raw) for n in range(3)]
            for data in planted:
                self.assertTrue(leaks.find(b"before" + data + b"after", [value]), data)
            self.assertFalse(leaks.find(b"nothing of that kind " * 40, [value]))

    def test_a_value_in_the_memory_of_a_process_is_found(self):
        with subprocess.Popen([sys.executable, "-c", "kept = input()\nprint('kept', flush=True)\ninput()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            process.stdin.write("Josphat Wanyonyi\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), "kept\n")
            found, read = leaks.search_memory(process.pid, ["josphat wanyonyi", word(random.SystemRandom(), ALPHABETS[0])])
            process.kill()
        self.assertEqual(found, ["josphat wanyonyi"])
        self.assertGreater(read, 1 << 20)


class Leaks(FederationCase):
    NAMES = ("ke.customs", "ke.ncb", "int.gs")

    def listen_to_events(self, agency):
        """A subscriber to every topic of one node."""
        client = liaison_client.Client(agency.folder / "connection.json", agency.person("program"), events=True)
        client.events.setsockopt(zmq.SUBSCRIBE, b"")
        self.addCleanup(client.close)
        return client

    def test_nothing_is_left_in_clear(self):
        seed = random.SystemRandom().randrange(1 << 32)
        form, secrets = make_form(random.Random(seed))
        outside = self.folder / "form.json"
        outside.write_text(json.dumps(form, ensure_ascii=False))
        listeners = [self.listen_to_events(self.federation[name]) for name in self.NAMES]
        with Capture(self.folder / "packets") as packets:
            records = [self.send(outside, to, more)["record"] for to, more in (("ke.ncb", []), ("int.gs", ["--channel", "customs", "--urgency", "urgent", "--urgency-reason", "deadline"]))]
            for record in records:
                self.wait_delivered(record)
        self.assertEqual(leaks.find(packets.data, secrets), [], f"seed {seed}")
        self.assertIn(secrets[1], self.ncb.command(["show", records[0]]).stdout)
        self.ncb.command(["export", records[0], self.folder / "export.bin"])
        self.ncb.command(["fetch", "--json"], "program")
        self.customs.command(["send", "ecomessage", outside, "--to", "ke.nobody", "--yes"], expect=None)
        heard = []
        for client in listeners:
            while client.events.poll(200):
                heard += client.events.recv_multipart()
        self.assertTrue(heard, "the nodes announced something")
        self.assertEqual(leaks.find(b"\n".join(heard), secrets), [])
        running = leaks.search([self.federation.folder], secrets)
        for agency in self.federation.agencies.values():
            agency.kill()
        self.assertEqual(running, [], f"seed {seed}")
        self.assertEqual(leaks.search([self.federation.folder], secrets), [], f"seed {seed}")
        self.federation.start()
        self.assertEqual(leaks.search([self.federation.folder], secrets), [], f"seed {seed}")
        self.assertIn(secrets[1], self.ncb.command(["show", records[0]]).stdout)


if __name__ == "__main__":
    unittest.main()
