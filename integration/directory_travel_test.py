"""The signed directory in running nodes: a version published at one node adds an agency, a later one removes one, and every node uses it without a restart.
A node that was away hears of a removal before it takes a record, and a start goes on from what is stored, whatever file the settings name.
"""
import json
import re
import subprocess
import unittest

from support.case import FederationCase, fed

NAMES = ("ke.customs", "ke.ncb", "int.gs")


def authored(path):
    """The authored directory without its comments."""
    return json.loads(re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.M))


class Travel(FederationCase):
    NAMES = NAMES
    STARTED = False

    @classmethod
    def setUpClass(cls):
        """Three agencies; version 1 knows only the first two."""
        super().setUpClass()
        source = cls.federation.folder / "directory.json"
        cls.everybody = authored(source)
        cls.federation.version = 0
        (cls.federation.folder / "directory.1.signed").unlink()
        cls.write(without=("int.gs",))
        cls.federation.sign()
        cls.start("ke.customs", "ke.ncb")

    @classmethod
    def write(cls, without=(), **changes):
        """The authored directory without these agencies."""
        made = {**cls.everybody, **changes}
        made["agencies"] = [{k: v for k, v in one.items() if not (k == "bureau" and v in without)} for one in made["agencies"] if one["id"] not in without]
        (cls.federation.folder / "directory.json").write_text(json.dumps(made, indent=1))

    @classmethod
    def start(cls, *names):
        for name in names:
            agency = cls.federation[name]
            agency.start()
            if not agency.person("officer").exists():
                for person, role in (("officer", "officer"), ("auditor", "auditor")):
                    agency.add_person(person, role)
        cls.federation.wait_connected()

    def publish(self, at, expect=0):
        return self.federation[at].command(["directory", "publish", self.federation.directory], "administrator", expect=expect)

    def status(self, name):
        return self.federation[name].ask(["status"], "administrator")

    def wait_version(self, number, *names):
        for name in names:
            fed.wait_until(f"{name} uses version {number}", lambda n=name: self.status(n)["directory_version"] == number)

    def audited(self, name, reason):
        return sum(row.get("reason") == reason for row in self.federation[name].ask(["audit", "list", "--max", "1000"], "auditor")["rows"])

    def knock(self, at, who):
        """Dials with the certificate of an agency, as its stolen key would."""
        keys = who.folder / "keys"
        subprocess.run(["openssl", "s_client", "-connect", at.endpoint, "-tls1_3", "-cert", str(keys / "tls.pem"), "-key", str(keys / "tls.key"), "-quiet"], input=b"", capture_output=True, timeout=30)

    def test_one_added_one_removed_without_a_restart(self):
        gs = self.federation["int.gs"]
        processes = [self.federation[name].process.pid for name in ("ke.customs", "ke.ncb")]
        # Version 2 adds int.gs; brought to one node, used by all.
        self.write()
        self.federation.sign()
        shown = self.publish("ke.customs").stdout
        self.assertIn("added agency int.gs", shown)
        self.wait_version(2, "ke.customs", "ke.ncb")
        self.assertEqual((self.audited("ke.customs", "directory_published"), self.audited("ke.ncb", "directory_taken")), (1, 1))
        gs.settings.write_text(gs.settings.read_text().replace("directory.1.signed", "directory.2.signed"))
        self.start("int.gs")
        self.wait_delivered(self.send(to="int.gs", more=["--channel", "customs"])["record"])
        self.assertEqual(self.status("int.gs")["directory_state"], "fresh")

        # What is not signed, older, or of another number is refused, and changes nothing.
        older = self.federation.folder / "directory.1.signed"
        self.assertIn("older", self.customs.command(["directory", "publish", older], "administrator", expect=1).stderr)
        self.assertIn("already", self.publish("ke.ncb").stdout)
        self.customs.command(["directory", "publish", self.federation.directory], "officer", expect=3)
        self.assertIn("has not expired", self.customs.command(["directory", "override", "--hours", "3", "--reason", "exercise"], "administrator", expect=None).stderr)

        # int.gs is away while version 3 removes ke.ncb; the removed node goes on as if nothing had happened.
        gs.stop()
        self.write(without=("ke.ncb",))
        self.federation.sign()
        before = len(self.customs.log_text())
        shown = self.publish("ke.customs").stdout
        self.assertIn("removed agency ke.ncb", shown)
        fed.wait_until("its session is ended", lambda: "ke.ncb is no member" in self.customs.log_text()[before:])
        self.knock(self.customs, self.ncb)
        fed.wait_until("it is refused from then on", lambda: "connection_refused" in self.customs.log_text()[before:])
        self.assertFalse(self.customs.connected("ke.ncb"))
        sent = self.ncb.ask(["send", "ecomessage", fed.EXAMPLES / "minimal-unknown.json", "--to", "int.gs", "--channel", "customs", "--yes"])
        held = len(gs.log_text())
        gs.start()
        self.wait_version(3, "int.gs")
        fed.wait_until("it refuses the removed one", lambda: "ke.ncb" in gs.log_text()[held:] and not gs.connected("ke.ncb"))
        fed.wait_until("and knows the other", lambda: gs.connected("ke.customs"))
        self.wait_delivered(self.send(to="int.gs", more=["--channel", "customs"])["record"])
        self.assertFalse(any(row["record"] == sent["record"] for row in gs.ask(["inbox", "--max", "100"])["rows"]))
        self.assertEqual(processes, [self.federation[name].process.pid for name in ("ke.customs", "ke.ncb")])

        # A start goes on from the store: the settings of ke.customs still name version 1, and the file may even be gone.
        self.customs.stop()
        self.customs.start()
        self.assertEqual(self.status("ke.customs")["directory_version"], 3)
        self.assertIn("directory_file_not_used", self.customs.log_text())


if __name__ == "__main__":
    unittest.main()
