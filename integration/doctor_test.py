"""`liaison doctor` and `liaison ping` against real nodes: all green, then one fault at a time, each named with its cure."""
import json
import os
import signal
import subprocess
import unittest

from support.case import FederationCase, fed


class Doctor(FederationCase):
    NAMES = ("ke.customs", "ke.ncb", "int.gs")

    def doctor(self, expect=(0,), faketime=None, arguments=(), node=True):
        """The findings, as (health, area, subject, found, cure)."""
        env = {**os.environ, "LANG": "C.UTF-8"}
        env.pop("LIAISON_NODE", None)
        env.pop("LIAISON_PERSON", None)
        if node:
            env.update(LIAISON_NODE=str(self.customs.folder / "connection.json"), LIAISON_PERSON=str(self.customs.person("administrator")))
        command = (["faketime", "-f", faketime] if faketime else []) + [str(fed.bin_dir() / "liaison"), "doctor", "--config", str(self.customs.settings), "--json", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60)
        self.assertIn(done.returncode, expect, done.stdout + done.stderr)
        return [(f["health"], f["area"], f["subject"], f["found"], f["cure"]) for f in json.loads(done.stdout)["findings"]]

    def not_green(self, findings):
        return [f for f in findings if f[0] != "green"]

    def test_1_a_healthy_node_is_all_green(self):
        findings = self.doctor()
        self.assertEqual(self.not_green(findings), [])
        areas = {f[1] for f in findings}
        self.assertLessEqual({"settings", "key", "directory", "certificate", "disk", "link", "ledger", "audit", "held", "alarm", "node"}, areas)
        self.assertEqual({f[2] for f in findings if f[1] == "link"}, {"ke.ncb", "int.gs"})
        text = self.customs.command(["doctor", "--config", self.customs.settings], "administrator").stdout
        self.assertRegex(text, r"all \d+ green")

    def test_2_an_expired_certificate_is_one_red_line_with_its_cure(self):
        # the clock of this command stands 91 days ahead: the certificate lives 90
        bad = [f for f in self.doctor(expect=(6,), faketime="+91d", node=False) if f[0] == "red"]
        self.assertEqual([(f[1], f[2]) for f in bad], [("certificate", "tls")])
        self.assertIn("has ended", bad[0][3])
        self.assertIn("liaison ca renew", bad[0][4])

    def test_3_every_broken_file_is_named_at_once(self):
        seal, chain = self.customs.folder / "keys" / "seal.key", self.customs.folder / "keys" / "tls.pem"
        good = chain.read_bytes()
        seal.chmod(0o644)
        chain.write_bytes((self.federation["ke.ncb"].folder / "keys" / "tls.pem").read_bytes())
        try:
            bad = [f for f in self.doctor(expect=(6,), node=False) if f[0] == "red"]
        finally:
            seal.chmod(0o600)
            chain.write_bytes(good)
        text = json.dumps(bad)
        self.assertIn("seal.key", text)
        self.assertIn("another key than tls.key", text)
        self.assertIn("is of ke.ncb", text)
        self.assertTrue(all(f[4] for f in bad), bad)

    def test_4_a_ping_goes_over_the_relay_and_names_the_place_where_it_is_stuck(self):
        before = {name: self.federation[name].ask(["status"], "administrator")["inbox_last"] for name in self.federation.agencies}
        done = self.customs.ask(["ping", "int.gs", "--channel", "interpol"], "administrator")
        self.assertTrue(done["answered"])
        self.assertEqual(done["path"], ["ke.customs", "ke.ncb", "int.gs"])
        self.assertEqual([(s["agency"], s["event"]) for s in done["steps"]], [("ke.ncb", "passed"), ("int.gs", "answered")])
        self.assertEqual(self.customs.ask(["ping", "ke.ncb"], "administrator")["path"], ["ke.customs", "ke.ncb"])
        self.assertEqual(before, {name: self.federation[name].ask(["status"], "administrator")["inbox_last"] for name in self.federation.agencies})
        secretariat = self.federation["int.gs"]
        secretariat.process.send_signal(signal.SIGSTOP)
        try:
            stuck = self.customs.command(["ping", "int.gs", "--channel", "interpol", "--wait", "3"], "administrator", expect=5).stdout
        finally:
            secretariat.process.send_signal(signal.SIGCONT)
        self.assertIn("stuck between ke.ncb and int.gs", stuck)
        self.customs.command(["ping", "zz.ncb"], "administrator", expect=4)
        self.customs.command(["ping", "int.gs"], "auditor", expect=3)

    def test_5_a_peer_that_is_down_with_records_waiting_is_red_and_the_report_names_no_person(self):
        case = fed.EXAMPLES / "ae-falcons-dubai.json"
        names = set()
        for suspect in json.loads(case.read_text())["5"]:
            names.update(value for key, value in suspect.items() if key in ("5.b", "5.c") and value.lower() != "unknown")
        self.assertTrue(names)
        bureau = self.federation["ke.ncb"]
        bureau.kill()
        fed.wait_until("the link is down", lambda: not self.customs.connected("ke.ncb"))
        self.customs.command(["send", "ecomessage", case, "--to", "ke.ncb", "--channel", "customs", "--yes"])
        report = self.folder / "report.json"
        away = [f for f in self.doctor(expect=(0, 6), arguments=["--report", report]) if f[1] == "link" and f[2] == "ke.ncb"]
        self.assertIn(away[0][0], ("amber", "red"))
        self.assertIn("1 wait to be sent", away[0][3])
        self.assertIn("liaison reconnect ke.ncb", away[0][4])
        self.assertEqual(report.stat().st_mode & 0o777, 0o600)
        text = report.read_text()
        for word in [*names, "officer", "PRIVATE"]:
            self.assertNotIn(word, text)
        self.customs.stop()
        down = [f for f in self.doctor(expect=(6,), arguments=["--wait", "2"]) if f[0] == "red"]
        self.assertEqual([f[1] for f in down], ["node"])
        self.assertIn("start it", down[0][4])


if __name__ == "__main__":
    unittest.main()
