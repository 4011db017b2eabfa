"""Messages while nodes are killed: what was accepted must be delivered or refused with evidence, each once, also at the subscribers.

The choice of nodes, moments and messages comes from a seed. NotAsPromised says what was not kept.
"""
import random
from dataclasses import dataclass

from support import federation as fed
from support import load

SENDER, RECEIVERS = "ke.customs", ("ke.ncb", "int.gs")


class NotAsPromised(Exception):
    """A promise to whoever sent or received was not kept."""


@dataclass
class Outcome:
    """What a run ended with."""

    accepted: int
    delivered: int
    refused: int
    killed: list


def example_messages(federation):
    """The examples as FlatBuffers, made by `liaison form convert`."""
    out = []
    for file in sorted(fed.EXAMPLES.glob("*.json")):
        target = federation.folder / (file.stem + ".bin")
        fed.run(["form", "convert", file, target])
        out.append(target.read_bytes())
    return out


def kill_rounds(federation, submitters, subscribers, moments, dice):
    """Kills a random node whenever so many messages were answered; restarts it; until everything was answered. The names, in order."""
    killed = []

    def answered():
        return sum(len(s.accepted) + len(s.refused) for s in submitters)

    for moment in moments:
        fed.wait_until("messages are accepted", lambda m=moment: answered() >= m or any(s.failed for s in submitters + subscribers), 300)
        victim = federation[dice.choice((SENDER, *RECEIVERS))]
        fed.select_pause(dice.random() * 0.03)
        victim.kill()
        killed.append(victim.name)
        victim.start()
    for worker in submitters:
        worker.join(300)
    for worker in submitters + subscribers:
        if worker.failed or (worker in submitters and worker.is_alive()):
            raise NotAsPromised(worker.failed or "messages wait for an answer for ever")
    return killed


def check_subscriber(federation, subscriber, final, outgoing, before):
    """(delivered, refused) to this subscriber's agency; raises when its subscriber saw anything else, or anything twice."""
    sender, name = federation[SENDER], subscriber.agency.name
    want = {r for r in outgoing if final[r].get(name) == "delivered"}
    no = [r for r in outgoing if final[r].get(name) == "refused"]
    for record in no:
        if not any(step["evidence"] for step in sender.ask(["track", record])["steps"] if step["agency"] == name):
            raise NotAsPromised(f"{record} was refused by {name} without evidence")
    fed.wait_until(f"the subscriber of {name} has everything", lambda: want <= set(subscriber.seen) or subscriber.failed, 120)
    subscriber.finish()
    got = {r: n for r, n in subscriber.seen.items() if r not in before}
    twice = sum(n != 1 for n in got.values())
    if set(got) != want or twice or subscriber.failed:
        raise NotAsPromised(subscriber.failed or f"{name}: {len(want - set(got))} missing, {len(set(got) - want)} too many, {twice} twice at the subscriber")
    return len(want), len(no)


def run(federation, messages, total, kills, seed):
    """Sends `total` of `messages` from ke.customs to one of the others each, a tenth of them urgent, with so many kills; answers an Outcome."""
    dice = random.Random(seed)
    sender = federation[SENDER]
    before = {row["record"] for row in sender.ask(["outgoing", "--max", "1000000"])}
    orders = [(dice.choice(messages), [dice.choice(RECEIVERS)], dice.random() < 0.1) for _ in range(total)]
    submitters = [load.Submitter(sender, "program", orders)]
    subscribers = [load.Subscriber(federation[name], "program") for name in RECEIVERS]
    for worker in submitters + subscribers:
        worker.start()
    moments = sorted(dice.randrange(total // 20, total - total // 20) for _ in range(kills))
    killed = kill_rounds(federation, submitters, subscribers, moments, dice)
    if submitters[0].refused:
        raise NotAsPromised(f"{len(submitters[0].refused)} submissions were refused, for example: {next(iter(submitters[0].refused.values()))}")
    accepted = set(submitters[0].accepted.values())
    final = load.settle(sender, accepted)
    outgoing = set(final) - before
    if accepted != outgoing or len(accepted) != total:
        raise NotAsPromised(f"{total} sent; {len(outgoing - accepted)} accepted by the node and unknown to the client; {len(accepted - outgoing)} the reverse")
    counts = [check_subscriber(federation, s, final, outgoing, before) for s in subscribers]
    outcome = Outcome(len(accepted), sum(c[0] for c in counts), sum(c[1] for c in counts), killed)
    if outcome.accepted != outcome.delivered + outcome.refused:
        raise NotAsPromised(f"accepted is not delivered plus refused: {outcome}")
    return outcome
