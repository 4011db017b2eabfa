"""What an operator gets wrong, and what a machine does: settings, keys, directory, clock, disk. The node says in one line what is wrong and what to do."""
import json
import os
import shutil
import subprocess
import unittest

from support import load
from support.case import EXAMPLES, FederationCase, fed

COULD_NOT_START = 2


class Start(FederationCase):
    STARTED = False

    def setUp(self):
        """Every test has the node's folder to itself and gives it back as it was."""
        self.copy = self.folder / "before"
        shutil.copytree(self.customs.folder, self.copy, symlinks=True, copy_function=shutil.copy2)

    def tearDown(self):
        self.customs.kill()
        self.customs.faketime = None
        shutil.rmtree(self.customs.folder)
        shutil.move(self.copy, self.customs.folder)

    def assert_refuses(self, *parts, code=COULD_NOT_START, prefix=()):
        """The node does not start, and its last words name these things."""
        done = subprocess.run([*prefix, str(fed.bin_dir() / "liaison-node"), "--config", str(self.customs.settings)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stderr)
        last = done.stderr.strip().splitlines()[-1]
        for part in parts:
            self.assertIn(part, last)

    def edit(self, old, new):
        text = self.customs.settings.read_text()
        self.assertIn(old, text)
        self.customs.settings.write_text(text.replace(old, new))

    def test_a_key_that_settings_do_not_have(self):
        self.edit('"log_level"', '"log_levle"')
        self.assert_refuses("node.json:", "log_levle")

    def test_a_value_of_the_wrong_type(self):
        self.edit('"threshold": 1', '"threshold": "1"')
        self.assert_refuses("node.json:", "threshold")

    def test_settings_that_are_not_there(self):
        self.customs.settings.unlink()
        self.assert_refuses("node.json")

    def test_a_missing_key_file(self):
        (self.customs.folder / "keys" / "seal.key").unlink()
        self.assert_refuses("seal.key", "keys init")

    def test_a_key_file_that_others_may_read(self):
        (self.customs.folder / "keys" / "seal.key").chmod(0o644)
        self.assert_refuses("seal.key", "chmod")

    def test_a_missing_certificate(self):
        (self.customs.folder / "keys" / "tls.pem").unlink()
        self.assert_refuses("tls.pem", "csr")

    def test_a_certificate_of_another_agency(self):
        shutil.copy2(self.ncb.folder / "keys" / "tls.pem", self.customs.folder / "keys" / "tls.pem")
        self.assert_refuses("tls")

    def test_a_directory_that_nobody_trusted_signed(self):
        self.edit(self.federation.authority_hash(), "A" * 43 + "=")
        self.assert_refuses("bad_signature")

    def test_a_damaged_directory(self):
        data = bytearray(self.federation.directory.read_bytes())
        data[len(data) // 2] ^= 1
        damaged = self.customs.folder / "damaged.signed"
        damaged.write_bytes(data)
        self.edit(str(self.federation.directory), str(damaged))
        self.assert_refuses("liaison-node:")

    def test_a_port_that_is_taken(self):
        self.ncb.start()
        self.addCleanup(self.ncb.kill)
        self.edit(self.customs.endpoint, self.ncb.endpoint)
        self.assert_refuses(str(self.ncb.port))

    def test_a_second_node_on_the_same_store(self):
        self.customs.start()
        self.assert_refuses("data")

    def test_a_clock_two_days_behind(self):
        self.assert_refuses("clock", prefix=["faketime", "-f", "-2d"])

    def test_a_clock_that_is_past_the_certificate(self):
        self.assert_refuses("certificate", "clock", prefix=["faketime", "-f", "+200d"])

    def test_a_damaged_page_of_the_store(self):
        self.customs.start()
        self.customs.command(["status"], "administrator")
        self.customs.stop()
        file = self.customs.folder / "data" / "node" / "data.mdb"
        data = bytearray(file.read_bytes())
        for page in range(2 * 4096, len(data), 4096):
            data[page + 8:page + 24] = os.urandom(16)
        file.write_bytes(data)
        self.assert_refuses("data")

    @unittest.skipUnless(os.geteuid() == 0, "needs root to mount")
    def test_a_read_only_file_system(self):
        data = self.customs.folder / "data"
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m,mode=0700", "tmpfs", str(data)], check=True)
        try:
            self.assert_refuses("data")
        finally:
            subprocess.run(["umount", str(data)], check=True)


class ClockAhead(FederationCase):
    STARTED = False

    def test_a_sender_a_day_ahead_is_told_by_evidence(self):
        self.customs.faketime = "+1d"
        self.federation.start()
        record = self.send()["record"]

        def refused():
            steps = self.customs.ask(["track", record])["steps"]
            return steps[0] if steps[0]["state"] == "refused" and steps[0]["evidence"] else None

        step = fed.wait_until("the refusal is known with evidence", refused)
        self.assertIn("clock_out_of_range", step["reason"] + step["evidence"][0]["text"])
        self.assertEqual(self.ncb.ask(["inbox"])["rows"], [])
        back = self.ncb.ask(["send", "ecomessage", EXAMPLES / "minimal-unknown.json", "--to", "ke.customs", "--yes"])["record"]
        self.wait_delivered(back, self.ncb)


class FullDisk(FederationCase):
    STARTED = False
    RESERVE = 64 << 20  # what the store keeps free
    ROOM = 1 << 20      # what the test leaves above it

    @unittest.skipUnless(os.geteuid() == 0, "needs root to mount")
    def test_a_full_disk_refuses_and_loses_nothing(self):
        data = self.customs.folder / "data"
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m,mode=0700", "tmpfs", str(data)], check=True)
        try:
            self.federation.start()
            facts = os.statvfs(data)
            with open(data / "ballast", "wb") as ballast:
                os.posix_fallocate(ballast.fileno(), 0, facts.f_bavail * facts.f_frsize - self.RESERVE - self.ROOM)
            accepted = self.fill()
            self.customs.kill()
            (data / "ballast").unlink()
            self.customs.start()
            accepted.append(self.send()["record"])
            states = load.settle(self.customs, accepted)
            self.assertEqual(set(states), set(accepted))
            self.assertEqual({state for steps in states.values() for state in steps.values()}, {"delivered"})
            self.assertTrue(self.customs.ask(["audit", "verify"], "auditor")["ok"])
        finally:
            self.federation.stop()
            subprocess.run(["umount", str(data)], check=True)

    def fill(self):
        """Sends until the node says that its disk is full; the ids it had accepted."""
        accepted = []
        for _ in range(1000):
            done = self.customs.command(["send", "ecomessage", EXAMPLES / "ke-ivory-mombasa.json", "--to", "ke.ncb", "--yes", "--json"], expect=None)
            if done.returncode != 0:
                self.assertEqual(done.returncode, 5, done.stderr)
                self.assertIn("disk", done.stderr)
                return accepted
            accepted.append(json.loads(done.stdout)["record"])
        return self.fail("the disk never filled up")


if __name__ == "__main__":
    unittest.main()
