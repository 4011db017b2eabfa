"""Who may not in: stolen, expired, wrong-country, self-made and unregistered certificates, garbage and silence. Each is refused with a reason in log and
audit, and the other links go on. Certificates that `liaison ca issue` would never make are made with openssl and the CA's own key.
"""
import os
import socket
import subprocess
import unittest

from support.case import FederationCase, fed

NAMES = ("ke.customs", "ke.ncb", "int.gs")


def run(*arguments, **more):
    return subprocess.run([str(a) for a in arguments], check=True, capture_output=True, **more)


class Peers(FederationCase):
    NAMES = NAMES

    def certificate(self, name, agency, ca, key=None, faketime=None):
        """A tls certificate for `agency` signed by the CA of country `ca` as openssl would; (certificate, key) files."""
        folder = self.folder / name
        folder.mkdir()
        keys = folder / "keys"
        keys.mkdir(mode=0o700)
        fed.run(["keys", "init", "--keys-dir", keys])
        key = key or keys / "tls.key"
        fed.run(["csr", "--keys-dir", key.parent, "--agency", agency, "--realm", fed.REALM, "--out", folder / "request.csr"])
        usage = folder / "usage.cnf"
        usage.write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n")
        authority = self.federation.folder / ("ca-" + ca)
        prefix = ["faketime", "-f", faketime] if faketime else []
        run(*prefix, "openssl", "x509", "-req", "-in", folder / "request.csr", "-CA", authority / "ca.crt", "-CAkey", authority / "ca.key", "-days", "30", "-copy_extensions", "copy",
            "-extfile", usage, "-out", folder / "tls.pem")
        return folder / "tls.pem", key

    def connect(self, certificate, key, sending=b"", agency=None):
        """Offers this certificate to the node of ke.customs and sends some bytes; what openssl printed."""
        done = subprocess.run(["openssl", "s_client", "-connect", (agency or self.customs).endpoint, "-tls1_3", "-cert", str(certificate), "-key", str(key), "-quiet", "-ign_eof"],
                              input=sending, capture_output=True, timeout=30)
        return (done.stdout + done.stderr).decode(errors="replace")

    def assert_refused(self, reason, make_offer):
        """What `make_offer` answers (certificate, key) is refused with this reason in the log and an entry in the audit log; all else goes on."""
        before, refusals = len(self.customs.log_text()), self.refusals()
        offer = make_offer()
        self.connect(*offer)
        # The log has at most one line a second about strangers: it may be the line of a later attempt.
        fed.wait_until(f"the log names {reason}", lambda: reason in self.customs.log_text()[before:] or self.connect(*offer) is None)
        # At most one entry per second is written, so that nobody fills the log by knocking.
        fed.wait_until("the audit log has one", lambda: self.refusals() > refusals or self.connect(*offer) is None)
        self.federation.wait_connected()
        self.wait_delivered(self.send(to="int.gs", more=["--channel", "customs"])["record"])

    def refusals(self):
        return sum(row["event"] == "refused" for row in self.customs.ask(["audit", "list", "--max", "1000"], "auditor")["rows"])

    def test_a_certificate_of_the_wrong_country(self):
        self.assert_refused("not_admitted", lambda: self.certificate("wrong", "int.gs", "ke"))

    def test_an_expired_certificate(self):
        self.assert_refused("expired", lambda: self.certificate("expired", "ke.ncb", "ke", faketime="-200d"))

    def test_an_agency_that_is_not_in_the_directory(self):
        self.assert_refused("ke.parks", lambda: self.certificate("unlisted", "ke.parks", "ke"))

    def test_a_certificate_nobody_vouches_for(self):
        key, certificate = self.folder / "self.key", self.folder / "self.pem"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate, "-days", "30",
            "-subj", "/O=demo/OU=tls/CN=ke.ncb", "-addext", "subjectAltName=DNS:ncb.ke.demo.liaison.internal")
        self.assert_refused("not_admitted", lambda: (certificate, key))

    def test_a_ca_does_not_issue_for_another_country(self):
        request = self.folder / "int.csr"
        fed.run(["csr", "--keys-dir", self.federation["int.gs"].folder / "keys", "--agency", "int.gs", "--realm", fed.REALM, "--out", request])
        self.assertIn("int.gs", fed.run(["ca", "issue", request, "--ca", self.federation.folder / "ca-ke"], expect=1).stderr)

    def test_a_stolen_certificate_and_key_speak_no_ledger(self):
        keys = self.ncb.folder / "keys"
        before = len(self.customs.log_text())
        self.connect(keys / "tls.pem", keys / "tls.key", os.urandom(4096))
        fed.wait_until("the session is closed with a reason", lambda: "closing the link to ke.ncb" in self.customs.log_text()[before:])
        self.federation.wait_connected()
        self.wait_delivered(self.send()["record"])
        self.assertTrue(self.customs.ask(["ledger", "verify", "ke.ncb"], "auditor")["ok"])

    def test_silence_and_garbage_hold_nobody_up(self):
        sockets = [socket.create_connection(("127.0.0.1", self.customs.port)) for _ in range(40)]
        try:
            for one in sockets[::2]:
                one.sendall(os.urandom(600))
            self.wait_delivered(self.send()["record"])
            self.wait_delivered(self.send(to="int.gs", more=["--channel", "customs"])["record"])
        finally:
            for one in sockets:
                one.close()


if __name__ == "__main__":
    unittest.main()
