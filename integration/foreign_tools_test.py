"""Other people's tools against the node's port and files: openssl, gnutls, flatc, lmdb. What must be refused is refused, and the node says why."""
import json
import os
import subprocess
import unittest

from support import federation as fed
from support.case import EXAMPLES, FederationCase, liaison_client


def handshake(arguments, seconds=20):
    """Runs a TLS client with nothing to send; answers (exit code, everything it printed)."""
    done = subprocess.run(arguments, input=b"Q\n", capture_output=True, timeout=seconds)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


class ForeignTools(FederationCase):
    def refused_reasons(self, before):
        """What the node of ke.customs logged about refused connections since then."""
        return [line for line in self.customs.log_text()[before:].splitlines() if "refused" in line]

    def assert_refused(self, arguments, reason):
        before = len(self.customs.log_text())

        def logged():  # the log has at most one line a second about strangers: it may be the line of another handshake
            _, said = handshake(arguments)
            self.assertRegex(said, "alert|Fatal error|not received|terminated")
            return any(reason in line for line in self.refused_reasons(before))

        fed.wait_until("the node logs why it refused", logged)
        self.assertTrue(self.customs.connected("ke.ncb"), "the other link stays up")

    def test_openssl_without_a_certificate(self):
        self.assert_refused(["openssl", "s_client", "-connect", self.customs.endpoint, "-tls1_3", "-ign_eof"], "did not return a certificate")

    def test_openssl_with_tls_1_2(self):
        self.assert_refused(["openssl", "s_client", "-connect", self.customs.endpoint, "-tls1_2"], "unsupported protocol")

    def test_gnutls_without_a_certificate(self):
        self.assert_refused(["gnutls-cli", "--insecure", "-p", str(self.customs.port), "127.0.0.1"], "did not return a certificate")

    def test_gnutls_with_old_versions(self):
        self.assert_refused(["gnutls-cli", "--insecure", "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1", "-p", str(self.customs.port), "127.0.0.1"], "unsupported protocol")

    def test_a_refused_connection_is_in_the_audit_log(self):
        handshake(["openssl", "s_client", "-connect", self.customs.endpoint, "-tls1_2"])

        def entries():
            return [row for row in self.customs.ask(["audit", "list", "--max", "200"], "auditor")["rows"] if row["event"] == "refused"]

        self.assertTrue(fed.wait_until("the refusal is audited", entries))

    def test_flatc_reads_an_exported_message(self):
        record = self.send()["record"]
        self.wait_delivered(record)
        out = self.folder / "export.bin"
        self.ncb.command(["export", record, out])
        subprocess.run(["flatc", "--json", "--strict-json", "--raw-binary", "-o", str(self.folder), str(fed.REPOSITORY / "schemas" / "ecomessage.fbs"), "--", str(out)], check=True)
        message = json.loads((self.folder / "export.json").read_text())
        form = json.loads((EXAMPLES / "ke-ivory-mombasa.json").read_text())
        self.assertEqual(message["offence"], form["1.1"])
        self.assertEqual(message["persons"][0]["family_name"], form["5"][0]["5.b"])

    def test_a_message_made_by_flatc_arrives(self):
        names = {"offence": "ivory in tea", "discovery_place_text": "Mombasa", "discovery_city_country": "Mombasa, Kenya", "discovery_time_text": "unknown", "contraband_text": "ivory",
                 "quantity_text": "unknown", "persons_unknown": "unknown", "companies_unknown": "unknown", "responsible_agency": "customs"}
        file = self.folder / "foreign.json"
        file.write_text(json.dumps(names))
        subprocess.run(["flatc", "--binary", "-o", str(self.folder), str(fed.REPOSITORY / "schemas" / "ecomessage.fbs"), str(file)], check=True)
        client = liaison_client.Client(self.customs.folder / "connection.json", self.customs.person("program"))
        self.addCleanup(client.close)
        record = client.submit((self.folder / "foreign.bin").read_bytes(), ["ke.ncb"])
        self.wait_delivered(record)
        self.assertEqual(self.ncb.ask(["show", record])["message"]["1.1"], "ivory in tea")

    def test_mdb_stat_reads_the_environment(self):
        self.wait_delivered(self.send()["record"])
        self.ncb.stop()
        done = subprocess.run(["mdb_stat", "-e", "-a", str(self.ncb.folder / "data" / "node")], capture_output=True, text=True)
        self.ncb.start()
        self.federation.wait_connected()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Page size", done.stdout)
        self.assertGreater(done.stdout.count("Status of"), 5)

    def test_folders_and_keys_are_private(self):
        for folder, _, files in os.walk(self.customs.folder):
            self.assertEqual(os.stat(folder).st_mode & 0o077, 0, folder)
            for name in files:
                path = os.path.join(folder, name)
                if name not in ("connection.json", "tls.pem"):
                    self.assertEqual(os.stat(path).st_mode & 0o077, 0, path)


if __name__ == "__main__":
    unittest.main()
