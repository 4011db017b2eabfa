"""The tls key and certificate of a running node change: new links show the new certificate, nothing that is sent meanwhile is lost, and what cannot be used changes nothing.
A peer whose certificate the directory's list revokes, or that ran out, is refused, and both ends say why."""
import json
import re
import signal
import subprocess
import unittest
import urllib.request

from support.case import FederationCase, fed


class Rotation(FederationCase):
    def request(self, name):
        request = self.folder / f"{name}.csr"
        fed.run(["keys", "rotate", "--keys-dir", self.customs.folder / "keys", "--agency", "ke.customs", "--realm", fed.REALM, "--out", request])
        return request

    def shown_serial(self, agency):
        """Serial number of the certificate that a caller is shown."""
        shown = subprocess.run(["openssl", "s_client", "-connect", agency.endpoint, "-tls1_3"], input=b"", capture_output=True, timeout=20).stdout
        return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=shown, capture_output=True, check=True).stdout.decode().strip()

    def hang_up(self, agency):
        agency.process.send_signal(signal.SIGHUP)

    def test_a_new_key_without_a_restart(self):
        before, start = self.shown_serial(self.customs), len(self.customs.log_text())
        request, chain = self.request("next"), self.folder / "next.pem"
        fed.run(["ca", "renew", request, "--ca", self.federation.folder / "ca-ke", "--out", chain])
        fed.run(["keys", "install", chain, "--keys-dir", self.customs.folder / "keys", "--agency", "ke.customs", "--realm", fed.REALM])
        records = [self.send()["record"]]
        self.hang_up(self.customs)
        records += [self.send()["record"] for _ in range(5)]
        fed.wait_until("the new certificate is shown", lambda: self.shown_serial(self.customs) != before)
        fed.wait_until("the old link was ended", lambda: re.search(r"session_closed .*certificate_renewed", self.customs.log_text()[start:]))
        self.federation.wait_connected()
        for record in records:
            self.wait_delivered(record)
        self.assertFalse((self.customs.folder / "keys" / "tls.next.key").exists())
        self.customs.stop()
        self.customs.start()
        self.federation.wait_connected()
        self.wait_delivered(self.send()["record"])

    def test_what_cannot_be_used_changes_nothing(self):
        before, start = self.shown_serial(self.customs), len(self.customs.log_text())
        tls = self.customs.folder / "keys" / "tls.pem"
        good = tls.read_text()
        for wrong in ("nonsense", (self.federation["ke.ncb"].folder / "keys" / "tls.pem").read_text()):
            start = len(self.customs.log_text())
            tls.write_text(wrong)
            self.hang_up(self.customs)
            fed.wait_until("the node says so", lambda: "the certificate in use stays" in self.customs.log_text()[start:])
            self.assertEqual(self.shown_serial(self.customs), before)
        tls.write_text(good)
        self.wait_delivered(self.send()["record"])
        self.assertNotIn("certificate_renewed", self.customs.log_text()[start:])

    def test_another_agencys_certificate_is_not_installed(self):
        self.request("unused")
        other = self.federation["ke.ncb"].folder / "keys" / "tls.pem"
        done = fed.run(["keys", "install", other, "--keys-dir", self.customs.folder / "keys", "--agency", "ke.customs", "--realm", fed.REALM], expect=1)
        self.assertIn("ke.ncb", done.stderr)


class Warnings(FederationCase):
    """A node whose clock is 61 days ahead: its certificate has 28 days left."""

    STARTED = False

    def test_what_ends_is_said_before(self):
        self.customs.settings.write_text(self.customs.settings.read_text().replace("{", '{\n  "metrics": "127.0.0.1:%d",' % fed.free_ports(1)[0], 1))
        self.customs.faketime = "+61d"
        self.customs.start()
        fed.wait_until("the warning is logged", lambda: re.search(r"expires .*certificate tls ends in 28 days .*liaison keys rotate", self.customs.log_text()))
        port = re.search(r'"metrics": "127.0.0.1:(\d+)"', self.customs.settings.read_text()).group(1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as page:
            numbers = page.read().decode()
        self.assertRegex(numbers, r'liaison_expires_in_days\{area="certificate",subject="tls"\} 28\.')


class BoxKey(FederationCase):
    """The next box key of ke.ncb: read by the node, registered, sealed to."""

    STARTED = False

    def register(self, key):
        """Puts one more key into the entry of ke.ncb in the authored directory."""
        source = self.federation.folder / "directory.json"
        text = source.read_text()
        at = text.index('"keys": [', text.index('"id": "ke.ncb"')) + len('"keys": [')
        source.write_text(text[:at] + json.dumps(key) + ", " + text[at:])

    def test_peers_seal_to_the_next_key(self):
        keys = self.ncb.folder / "keys"
        made = fed.run(["keys", "rotate", "--role", "box", "--keys-dir", keys, "--agency", "ke.ncb", "--realm", fed.REALM]).stdout
        shown = fed.run(["keys", "show", "--keys-dir", keys, "--agency", "ke.ncb", "--next-box-days", "0"]).stdout
        boxes = [key for key in json.loads(re.sub(r"^\s*//.*$", "", re.sub(r"\s//.*$", "", shown, flags=re.M), flags=re.M))["keys"] if key["role"] == "box"]
        self.assertEqual(len(boxes), 2)
        self.register(boxes[1])
        self.federation.sign()
        for agency in self.federation.agencies.values():
            agency.settings.write_text(re.sub(r'"directory_file": "[^"]*"', f'"directory_file": "{self.federation.directory}"', agency.settings.read_text()))
        # The old key is away: what arrives can only have been sealed to the next one.
        (keys / "box.key").rename(self.folder / "box.key")
        self.federation.start()
        self.wait_delivered(self.send()["record"])
        self.assertEqual(self.ncb.ask(["inbox"])["rows"][0]["from"], "ke.customs")
        self.assertIn("next box key", made)


if __name__ == "__main__":
    unittest.main()
