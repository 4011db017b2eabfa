"""kill -9 at random moments under load: every accepted record is delivered or refused with evidence, once, also at the subscribers; logs verify.

LIAISON_KILL_ROUNDS (default 3) kills per run; LIAISON_SEED repeats a choice of nodes and moments.
"""
import os
import random
import unittest

from support import storm
from support.case import FederationCase

ROUNDS = int(os.environ.get("LIAISON_KILL_ROUNDS", "3"))
SEED = int(os.environ.get("LIAISON_SEED", random.SystemRandom().randrange(1_000_000)))
MESSAGES_PER_ROUND = 60


class Kills(FederationCase):
    NAMES = ("ke.customs", "ke.ncb", "int.gs")

    def test_accepted_is_delivered_once_whatever_is_killed(self):
        try:
            outcome = storm.run(self.federation, storm.example_messages(self.federation), max(40, ROUNDS * MESSAGES_PER_ROUND), ROUNDS, SEED)
        except storm.NotAsPromised as broken:
            self.fail(f"seed {SEED}: {broken}")
        self.assertEqual(len(outcome.killed), ROUNDS)
        for name in self.NAMES:
            agency = self.federation[name]
            self.assertTrue(agency.ask(["audit", "verify"], "auditor")["ok"], f"seed {SEED}: {name}")
            for peer in self.NAMES:
                if peer != name:
                    self.assertTrue(agency.ask(["ledger", "verify", peer], "auditor")["ok"], f"seed {SEED}: {name} with {peer}")


if __name__ == "__main__":
    unittest.main()
