"""The seal and tls keys of a node in a PKCS#11 token (SoftHSM2): it exchanges records, says which key is missing, and holds while the token is away."""
import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from support.case import FederationCase, fed

MODULES = [Path(p) / "softhsm/libsofthsm2.so" for p in ("/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu")]
PIN = "271828"


class Token(FederationCase):
    STARTED = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tokens = cls.folder / "tokens"
        cls.tokens.mkdir()
        configuration = cls.folder / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {cls.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(configuration)
        cls.addClassCleanup(os.environ.pop, "SOFTHSM2_CONF")
        cls.module = next(m for m in MODULES if m.exists())
        cls.pin = cls.folder / "pin"
        cls.pin.write_text(PIN + "\n")
        cls.pin.chmod(0o600)
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "hub", "--so-pin", "31415926", "--pin", PIN], check=True, capture_output=True)
        cls.move_keys(cls.federation["ke.customs"])
        cls.federation.start()

    @classmethod
    def move_keys(cls, agency):
        """The files of seal and tls go into the token, and the settings say so."""
        keys = agency.folder / "keys"
        for number, role in enumerate(("seal", "tls"), 1):
            file = keys / f"{role}.key"
            subprocess.run(["softhsm2-util", "--import", str(file), "--token", "hub", "--pin", PIN, "--label", role, "--id", f"0{number}"], check=True, capture_output=True)
            file.rename(cls.folder / file.name)
        text = agency.settings.read_text()
        choice = {"module": str(cls.module), "token": "hub", "pin_file": str(cls.pin), "seal": "seal", "tls": "tls"}
        at = text.index("{") + 1
        agency.settings.write_text(text[:at] + f'\n  "pkcs11": {json.dumps(choice)},' + text[at:])

    def refused_start(self):
        """What the node says when it does not start."""
        self.customs.stop()
        try:
            done = subprocess.run([fed.bin_dir() / "liaison-node", "--config", self.customs.settings], capture_output=True, text=True, timeout=30)
        finally:
            self.restored()
            self.customs.start()
            self.federation.wait_connected()
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr

    def restored(self):
        if (self.folder / "away").exists():
            shutil.rmtree(self.tokens, ignore_errors=True)
            (self.folder / "away").rename(self.tokens)

    def take_away(self):
        self.tokens.rename(self.folder / "away")
        self.tokens.mkdir()

    def test_records_go_both_ways(self):
        self.wait_delivered(self.send()["record"])
        sent = self.ncb.ask(["send", "ecomessage", fed.EXAMPLES / "ke-ivory-mombasa.json", "--to", "ke.customs", "--yes"])
        self.wait_delivered(sent["record"], self.ncb)

    def test_a_missing_token_is_named_at_start(self):
        self.take_away()
        self.assertIn("token 'hub' is not there", self.refused_start())

    def test_a_key_file_beside_the_token_is_refused(self):
        stray = self.customs.folder / "keys" / "seal.key"
        shutil.copy(self.folder / "seal.key", stray)
        self.customs.stop()
        done = subprocess.run([fed.bin_dir() / "liaison-node", "--config", self.customs.settings], capture_output=True, text=True, timeout=30)
        stray.unlink()
        self.customs.start()
        self.federation.wait_connected()
        self.assertEqual(done.returncode, 2)
        self.assertIn("the key of seal is in a token", done.stderr)

    def test_traffic_waits_for_the_token(self):
        start = len(self.customs.log_text())
        self.take_away()
        try:
            refused = self.customs.command(["send", "ecomessage", fed.EXAMPLES / "ke-ivory-mombasa.json", "--to", "ke.ncb", "--yes"], expect=None)
            self.assertEqual(refused.returncode, 5, refused.stdout + refused.stderr)
            fed.wait_until("the node says that its token is away", lambda: "token 'hub' is away" in self.customs.log_text()[start:])
            told = self.customs.command(["doctor"], "administrator", expect=None).stdout
            self.assertRegex(told, "(?s)seal.*token .hub. is not there")
        finally:
            self.restored()

        def sent():
            done = self.customs.command(["send", "ecomessage", fed.EXAMPLES / "ke-ivory-mombasa.json", "--to", "ke.ncb", "--yes", "--json"], expect=None)
            return json.loads(done.stdout) if done.returncode == 0 else None

        self.wait_delivered(fed.wait_until("the token is used again", sent)["record"])
        self.assertIn("token 'hub' is back", self.customs.log_text()[start:])

    def test_requests_and_public_keys_come_from_the_token(self):
        choice = ["--pkcs11-module", self.module, "--token", "hub", "--pin-file", self.pin, "--seal-label", "seal", "--tls-label", "tls"]
        keys = self.customs.folder / "keys"
        for role in ("seal", "tls"):
            request = fed.run(["csr", "--keys-dir", keys, "--agency", "ke.customs", "--realm", fed.REALM, "--role", role, *choice]).stdout
            public = subprocess.run(["openssl", "req", "-verify", "-noout", "-pubkey"], input=request, capture_output=True, text=True, check=True).stdout
            self.assertEqual(public, subprocess.run(["openssl", "pkey", "-in", str(self.folder / f"{role}.key"), "-pubout"], capture_output=True, text=True, check=True).stdout)
        shown = fed.run(["keys", "show", "--keys-dir", keys, "--agency", "ke.customs", *choice]).stdout
        self.assertIn('"seal"', shown)


if __name__ == "__main__":
    unittest.main()
