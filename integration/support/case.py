"""The test case all integration tests begin with: one running federation per class, gone afterwards. LIAISON_KEEP=1 leaves its folder."""
import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
import liaison_client  # noqa: E402, F401 - for the tests
from support import federation as fed  # noqa: E402

EXAMPLES = fed.EXAMPLES
# faketime is loaded before the sanitizer's runtime, which otherwise refuses that.
os.environ.setdefault("ASAN_OPTIONS", "verify_asan_link_order=0")


class FederationCase(unittest.TestCase):
    """NAMES: the agencies; STARTED: whether their nodes run when the tests begin."""

    NAMES = ("ke.customs", "ke.ncb")
    STARTED = True

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="liaison-test-"))
        cls.federation = fed.Federation(cls.folder / "f", cls.NAMES)
        cls.addClassCleanup(cls.clean_up)
        cls.federation.set_up()
        if cls.STARTED:
            cls.federation.start()

    @classmethod
    def clean_up(cls):
        cls.federation.stop()
        if not os.environ.get("LIAISON_KEEP"):
            cls.federation.remove()
            import shutil
            shutil.rmtree(cls.folder, ignore_errors=True)

    @property
    def customs(self):
        return self.federation["ke.customs"]

    @property
    def ncb(self):
        return self.federation["ke.ncb"]

    def send(self, file="ke-ivory-mombasa.json", to="ke.ncb", more=()):
        """Sends one example (or a path) from ke.customs; answers what `send --json` said."""
        path = Path(file) if Path(file).is_absolute() else EXAMPLES / file
        return self.customs.ask(["send", "ecomessage", path, "--to", to, "--yes", *more])

    def wait_delivered(self, record, sender=None):
        """Until a receipt covers it at every recipient; answers the track."""
        sender = sender or self.customs

        def delivered():
            track = sender.ask(["track", record])
            return track if all(s["state"] == "delivered" and s["receipt"] for s in track["steps"]) else None

        return fed.wait_until(f"{record} is delivered", delivered)
