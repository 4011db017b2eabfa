"""A country's CA with the commands alone, and what other people's programs make of it: openssl asks it for OCSP answers and follows its lists over HTTP."""
import http.server
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from support.federation import REALM, bin_dir, run


class Server(http.server.BaseHTTPRequestHandler):
    """What any web server does: the list is a file, OCSP requests are passed through the command."""

    folder = None

    def log_message(self, *_):
        pass

    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer("application/pkix-crl", (self.folder / "ke.crl").read_bytes())

    def do_POST(self):
        request = self.rfile.read(int(self.headers["Content-Length"]))
        done = subprocess.run([bin_dir() / "liaison", "ca", "ocsp", "-", "-", "--ca", self.folder / "issuing"], input=request, capture_output=True, check=True)
        self.answer("application/ocsp-response", done.stdout)


class Ca(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        run(["ca", "init", self.folder / "root", "--realm", REALM, "--country", "ke"])
        run(["ca", "request", self.folder / "issuing", "--realm", REALM, "--country", "ke", "--out", self.folder / "issuing.csr"])
        run(["ca", "issuing", self.folder / "issuing.csr", "--ca", self.folder / "root", "--out", self.folder / "issuing" / "ca.crt"])
        Server.folder = self.folder
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def certificate(self, agency):
        keys = self.folder / agency
        run(["keys", "init", "--keys-dir", keys])
        run(["csr", "--keys-dir", keys, "--agency", agency, "--realm", REALM, "--out", self.folder / f"{agency}.csr"])
        run(["ca", "issue", self.folder / f"{agency}.csr", "--ca", self.folder / "issuing", "--out", keys / "tls.pem", "--crl-url", f"{self.url}/ke.crl"])
        return keys / "tls.pem"

    def serial(self, certificate):
        return subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-serial"], check=True, capture_output=True, text=True).stdout.strip().split("=")[1]

    def ocsp(self, *about):
        issuing = self.folder / "issuing" / "ca.crt"
        done = subprocess.run(["openssl", "ocsp", "-issuer", issuing, *about, "-url", f"{self.url}/ocsp", "-CAfile", self.folder / "root" / "ca.crt", "-verify_other", issuing, "-trust_other"],
                              capture_output=True, text=True)
        self.assertIn("Response verify OK", done.stderr)
        return done.stdout

    def verify(self, certificate):
        return subprocess.run(["openssl", "verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-CAfile", self.folder / "root" / "ca.crt", "-untrusted", self.folder / "issuing" / "ca.crt",
                               "-crl_check", "-crl_download", certificate], capture_output=True, text=True)

    def crl(self):
        (self.folder / "ke.crl").unlink(missing_ok=True)
        run(["ca", "crl", "--ca", self.folder / "issuing", "--out", self.folder / "ke.crl"])

    def test_good_revoked_unknown(self):
        certificate = self.certificate("ke.customs")
        self.assertIn(": good", self.ocsp("-cert", certificate))
        run(["ca", "revoke", self.serial(certificate), "--ca", self.folder / "issuing", "--reason", "keyCompromise"])
        answer = self.ocsp("-cert", certificate)
        self.assertIn(": revoked", answer)
        self.assertIn("keyCompromise", answer)
        self.assertIn(": unknown", self.ocsp("-serial", "0x1234567890"))

    def test_the_list_at_the_address_in_the_certificate(self):
        certificate, other = self.certificate("ke.customs"), self.certificate("ke.ncb")
        self.crl()
        self.assertEqual(self.verify(certificate).returncode, 0, self.verify(certificate).stderr)
        run(["ca", "revoke", self.serial(certificate), "--ca", self.folder / "issuing", "--reason", "superseded"])
        self.crl()
        self.assertIn("certificate revoked", self.verify(certificate).stderr)
        self.assertEqual(self.verify(other).returncode, 0)

    def test_two_at_once_wait_for_nobody_and_break_nothing(self):
        request = self.folder / "twice.csr"
        run(["keys", "init", "--keys-dir", self.folder / "twice"])
        run(["csr", "--keys-dir", self.folder / "twice", "--agency", "ke.customs", "--realm", REALM, "--out", request])
        command = [bin_dir() / "liaison", "ca", "issue", request, "--ca", self.folder / "issuing"]
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
        codes = sorted(one.wait() for one in both)
        for one in both:
            one.stdout.close()
            one.stderr.close()
        self.assertEqual(codes[0], 0)
        self.assertNotEqual(codes[1], 0)
        self.assertEqual(run(["ca", "list", "--ca", self.folder / "issuing"]).stdout.count("ke.customs"), 1)


if __name__ == "__main__":
    unittest.main()
