"""An old backup is restored: the node notices before it signs, says so, takes back from its peers what it had lost, and nothing arrives twice."""
import shutil
import unittest

from support.case import FederationCase, fed


class Backup(FederationCase):
    def delivered(self, count):
        records = [self.send()["record"] for _ in range(count)]
        for record in records:
            self.wait_delivered(record)
        return records

    def restore(self, agency, backup):
        """The database of then; what lies outside it (guard) stays."""
        agency.stop()
        shutil.rmtree(agency.folder / "data")
        shutil.copytree(backup, agency.folder / "data")
        agency.start()
        self.federation.wait_connected()

    def back_up(self, agency):
        agency.stop()
        backup = self.folder / ("backup-" + agency.name + str(len(list(self.folder.iterdir()))))
        shutil.copytree(agency.folder / "data", backup)
        agency.start()
        self.federation.wait_connected()
        return backup

    def test_a_sender_with_an_old_backup(self):
        early = self.delivered(2)
        self.customs.ask(["audit", "list"], "auditor")
        backup = self.back_up(self.customs)
        lost = self.delivered(3)
        self.customs.ask(["audit", "list"], "auditor")
        self.restore(self.customs, backup)
        self.assertIn("rolled_back", self.customs.log_text())
        refused = self.customs.command(["audit", "list"], "auditor", expect=None)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("rolled_back", refused.stderr)
        after = self.delivered(2)
        inbox = [row["record"] for row in self.ncb.ask(["inbox", "--max", "500"])["rows"]]
        self.assertEqual(sorted(inbox), sorted(early + lost + after))
        self.assertTrue(self.customs.ask(["ledger", "verify", "ke.ncb"], "auditor")["ok"])
        self.assertTrue(self.ncb.ask(["ledger", "verify", "ke.customs"], "auditor")["ok"])
        alarms = [a["code"] for a in self.customs.ask(["status"], "administrator")["alarms"]]
        self.assertTrue(alarms, "an operator is told")


class ReceiverBackup(FederationCase):
    delivered, restore, back_up = Backup.delivered, Backup.restore, Backup.back_up

    def test_a_receiver_with_an_old_backup_stops_the_lane_until_two_administrators_send_again(self):
        early = self.delivered(2)
        backup = self.back_up(self.ncb)
        lost = self.delivered(2)
        self.restore(self.ncb, backup)
        waiting = self.send()["record"]

        def stopped():
            return [p for p in self.customs.ask(["status"], "administrator")["peers"] if p["agency"] == "ke.ncb" and p["state"] == "stopped"]

        peer = fed.wait_until("the sender says that the lane is stopped", stopped)[0]
        self.assertTrue(peer["detail"])
        self.assertNotEqual(self.customs.ask(["track", waiting])["steps"][0]["state"], "delivered")
        self.assertTrue(self.customs.ask(["status"], "administrator")["alarms"])

        self.customs.stop()
        self.customs.start()
        self.assertIn("liaison ledger resend ke.ncb --lane routine", stopped()[0]["detail"], "the stop outlives a restart and says what to do")
        row = next(r for r in self.customs.ask(["ledger", "show", "ke.ncb"], "administrator")["rows"] if r["repair"])
        self.assertEqual((row["state"], row["repair"]), ("peer_lost_entries", "resend"))
        self.customs.add_person("second", "administrator")
        resend = ["ledger", "resend", "ke.ncb", "--lane", "routine"]
        self.customs.command(resend, "officer", expect=3)
        self.customs.command(["ledger", "reopen", "ke.ncb"], "administrator", expect=4)
        self.assertIn("second administrator", self.customs.ask(resend, "administrator")["text"])
        self.customs.command(resend, "administrator", expect=3)
        self.assertIn("travel again", self.customs.ask(resend, "second")["text"])
        for record in [*lost, waiting]:
            self.wait_delivered(record)
        inbox = [row["record"] for row in self.ncb.ask(["inbox", "--max", "500"])["rows"]]
        self.assertEqual(sorted(inbox), sorted([*early, *lost, waiting]))
        self.assertTrue(self.customs.ask(["ledger", "verify", "ke.ncb"], "auditor")["ok"])
        self.assertEqual([p["state"] for p in self.customs.ask(["status"], "administrator")["peers"]], ["ok"])


if __name__ == "__main__":
    unittest.main()
