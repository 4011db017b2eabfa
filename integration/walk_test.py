"""The walk of deploy/README.md, "A federation from nothing": every command of that section in its order, in one shell, and after each step a look at what the nodes do.

The commands are read out of the document, so that it cannot say what does not work. Only the ports are replaced by free ones.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from support import federation as fed

DOCUMENT = fed.REPOSITORY / "deploy" / "README.md"
STEP_SECONDS = 240


def steps(text):
    """(heading, commands) of every sub-section of the walk that has commands."""
    walk = text.split("## A federation from nothing", 1)[1].split("\n## ", 1)[0]
    found = []
    for part in walk.split("\n### ")[1:]:
        blocks = re.findall(r"```sh\n(.*?)```", part, re.S)
        if blocks:
            found.append((part.splitlines()[0], "".join(blocks)))
    return found


class Shell:
    """One bash that ends at the first command that fails, as a person would stop there."""

    def __init__(self, folder):
        self.folder, self.said = folder, folder / "walk.log"
        self.log = open(self.said, "wb")
        path = f"{fed.bin_dir().resolve()}:{os.environ['PATH']}"
        self.bash = subprocess.Popen(["bash", "-e", "-o", "pipefail"], stdin=subprocess.PIPE, stdout=self.log, stderr=self.log, cwd=folder, start_new_session=True,
                                     env={**os.environ, "PATH": path, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"})
        self.count = 0

    def run(self, commands):
        """Answers what the commands printed."""
        self.count += 1
        begin, mark = self.said.stat().st_size, f"step {self.count} is done"
        self.bash.stdin.write(f"{commands}\necho '{mark}'\n".encode())
        self.bash.stdin.flush()
        fed.wait_until(mark, lambda: self.bash.poll() is not None or mark in self.text(begin), STEP_SECONDS)
        if mark not in self.text(begin):
            raise fed.CommandFailed(f"the shell ended with {self.bash.wait()} after\n{self.text(begin)[-3000:]}")
        return self.text(begin)

    def text(self, begin=0):
        return self.said.read_bytes()[begin:].decode(errors="replace")

    def close(self):
        try:
            os.killpg(self.bash.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.bash.wait()
        try:
            self.bash.stdin.close()
        except BrokenPipeError:
            pass
        self.log.close()


class Walk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="liaison-walk-"))
        text = DOCUMENT.read_text()
        for old, new in zip(("4651", "4652", "4653", "4654"), fed.free_ports(4)):
            text = text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
        cls.steps = steps(text)
        cls.shell = Shell(cls.folder)
        cls.addClassCleanup(cls.clean_up)

    @classmethod
    def clean_up(cls):
        cls.shell.close()
        if not os.environ.get("LIAISON_KEEP"):
            shutil.rmtree(cls.folder, ignore_errors=True)

    def peers(self, node):
        env = {"LIAISON_NODE": str(self.folder / node / "connection.json"), "LIAISON_PERSON": str(self.folder / node / "administrator.person")}
        return {p["agency"]: p["connected"] for p in json.loads(fed.run(["status", "--json"], env=env).stdout)["peers"]}

    def wait_linked(self, node, peer, linked=True):
        fed.wait_until(f"{node} {'is' if linked else 'is not'} linked to {peer}", lambda: self.peers(node).get(peer, False) == linked)

    def wait_refused(self, agency):
        """No other node is linked to it, and the log of one says why."""
        others = ("ke.customs", "ke.ncb", "int.gs")
        for node in others:
            self.wait_linked(node, agency, False)
        why = re.compile(re.escape(agency) + " is (suspended|no member|not a member)")
        fed.wait_until(f"somebody says why {agency} is refused", lambda: any(why.search((self.folder / f"{node}.log").read_text(errors="replace")) for node in others))

    # --- what must hold after the step of that heading; `said` is what its commands printed ---

    def after_the_authority_looks_and_accepts(self, said):
        self.assertIn("possession proved", said)
        self.assertIn("WIDENS   a certificate authority of int", said)
        self.assertIn("// from then on nodes warn", (self.folder / "directory.json").read_text())

    def after_a_version_is_made_read_and_signed_twice(self, said):
        self.assertIn("WIDENS   ke.customs, ke.ncb could newly read what is addressed to the group ivory", said)
        self.assertIn("2 of 2 needed", (self.folder / "signed.1").read_text())
        self.assertIn("1 of 2 signatures needed", said)

    def after_the_anchors_and_the_nodes_start(self, said):
        self.assertIn("installed: ke.ncb is a member in directory version 1", said)
        self.wait_linked("ke.customs", "ke.ncb")
        self.wait_linked("ke.ncb", "int.gs")

    def after_whom_to_call(self, said):
        self.assertIn("ke.customs  Kenya Customs", said)
        self.assertIn("+254 20 0000003", said)
        self.assertIn("Nobody is designated for: wiretaps, ke", said)
        self.assertIn("ke.ncb  NCB Nairobi", said)
        french = fed.run(["who", "--topic", "BANK", "--country", "ke", "--settings", self.folder / "ke.ncb" / "node.json", "--lang", "fr"]).stdout
        self.assertIn("par le bureau BCN Nairobi (ke.ncb)", french)
        before = fed.run(["who", "--topic", "bank", "--at", "2026-01-30", "--settings", self.folder / "ke.ncb" / "node.json"], expect=4).stdout
        self.assertIn("Nobody is designated", before)
        stranger = ["who", "--directory", self.folder / "directory.1", "--authority", "A" * 43 + "="]
        self.assertIn("signatures needed from the pinned authorities", fed.run(stranger, expect=None).stderr)

    def after_a_fourth_agency_joins(self, said):
        self.assertIn("WIDENS   ug.police could newly read what is addressed to ug.police", said)
        self.wait_linked("ke.customs", "ug.police")
        self.wait_linked("ug.police", "int.gs")

    def after_a_key_is_rotated(self, said):
        self.assertIn("WIDENS   new seal key", said)
        self.assertIn("narrows  revoked: ", said)
        self.wait_linked("ke.customs", "ug.police")

    def after_it_is_suspended(self, said):
        self.assertIn("narrows  ug.police is suspended since", said)
        self.wait_linked("ke.customs", "int.gs")
        self.wait_refused("ug.police")

    def after_it_is_resumed(self, said):
        self.assertIn("WIDENS   ug.police is a member again", said)
        self.wait_linked("ke.customs", "ug.police")

    def after_it_leaves(self, said):
        self.assertIn("narrows  ug.police is no member since", said)
        self.assertIn("AGAINST  ug.police was a member once: an id is never given twice", said)
        self.wait_linked("ke.customs", "int.gs")
        self.wait_refused("ug.police")

    def test_every_command_of_the_walk_works(self):
        checked = set()
        for heading, commands in self.steps:
            start = time.monotonic()
            said = self.shell.run(commands)
            name = "after_" + re.sub(r"\W+", "_", heading.replace("'", "")).strip("_").lower()
            if hasattr(self, name):
                getattr(self, name)(said)
                checked.add(name)
            print(f"{heading}: {time.monotonic() - start:.1f} s", flush=True)
        self.assertEqual({name for name in dir(self) if name.startswith("after_")}, checked, "a heading of the walk was renamed: rename its check")


if __name__ == "__main__":
    unittest.main()
