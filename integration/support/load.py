"""Load on a federation: a pipelined submitter that never gives up and never sends twice, and a subscriber that keeps its cursor.

Both are threads with a client of their own; both survive the node being killed. `failed` holds what stopped one of them, else None.
"""
import sys
import threading
import traceback
import uuid
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
import liaison_client  # noqa: E402

WINDOW = 32
ANSWER_SECONDS = 2


class Worker(threading.Thread):
    """A thread that remembers why it ended."""

    def __init__(self, agency, person, events=False):
        super().__init__(daemon=True)
        self.agency, self.failed = agency, None
        self.client = liaison_client.Client(agency.folder / "connection.json", agency.person(person), events)

    def run(self):
        try:
            self.work()
        except Exception:  # noqa: BLE001 - told by whoever joins
            self.failed = traceback.format_exc()
        finally:
            self.client.close()


class Submitter(Worker):
    """Sends every (message, recipients, urgent) until each has an answer. `accepted`: submission -> record id; `refused`: submission -> code."""

    def __init__(self, agency, person, messages):
        super().__init__(agency, person)
        self.waiting = {}
        for message, to, urgent in messages:
            how = {"urgency": liaison_client.URGENT, "reason": "deadline"} if urgent else {}
            call, submission = liaison_client.submit_call(message, to, channel="customs", **how)
            self.waiting[submission] = call
        self.accepted, self.refused, self.repeated = {}, {}, 0

    def work(self):
        posted = {}
        while self.waiting:
            for submission, call in list(self.waiting.items())[:WINDOW]:
                if submission not in posted.values():
                    posted[self.client.post(call)] = submission
            try:
                number, reply = self.client.next_reply(ANSWER_SECONDS)
            except liaison_client.NoAnswer:
                self.repeated += len(posted)
                posted.clear()  # the node was away: the same submissions again
                continue
            submission = posted.pop(number, None)
            if submission is None or submission not in self.waiting:
                continue
            if not isinstance(reply, liaison_client.Refused):
                self.accepted[submission] = str(uuid.UUID(bytes=liaison_client.data(reply, "Record")))
            elif reply.retry:
                continue
            else:
                self.refused[submission] = str(reply)
            del self.waiting[submission]


class Subscriber(Worker):
    """Takes every record of one inbox. `seen`: how often each id was processed; `done` is the cursor it would keep on its own disk."""

    def __init__(self, agency, person):
        super().__init__(agency, person, events=True)
        self.seen, self.done, self.stopping = Counter(), 0, threading.Event()

    def work(self):
        while not self.stopping.is_set():
            try:
                items = self.client.fetch(self.done, seconds=ANSWER_SECONDS)
            except (liaison_client.NoAnswer, liaison_client.Refused) as error:
                if isinstance(error, liaison_client.Refused) and not error.retry:
                    raise
                continue
            for item in items:
                if item["seq"] > self.done:
                    self.seen[item["record"]] += 1
                    self.done = item["seq"]
            if not items:
                self.client.wait_for_event(0.2)

    def finish(self):
        self.stopping.set()
        self.join(60)


def settle(sender, records, seconds=120):
    """Waits until every record is delivered or refused everywhere; answers what `outgoing` says at the end."""
    from support.federation import wait_until
    client = liaison_client.Client(sender.folder / "connection.json", sender.person("officer"))
    final = {}

    def settled():
        final.clear()
        try:
            final.update(client.outgoing(seconds=ANSWER_SECONDS))
        except liaison_client.NoAnswer:
            return False
        return set(records) <= set(final) and all(state in ("delivered", "refused") for record in records for state in final[record].values())

    try:
        wait_until("everything accepted is delivered or refused", settled, seconds)
    finally:
        client.close()
    return final
