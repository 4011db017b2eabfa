"""A federation of real nodes, made with the command line only: CAs, keys, certificates, a signed directory, settings, persons.

Every folder is private to one federation; ports are those the system has free. Programs come from LIAISON_BIN. A command that fails
raises CommandFailed with everything it printed; a node that does not come up raises NodeDown with the end of its log.
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = REPOSITORY / "integration" / "examples"
REALM = "demo"
START_SECONDS = 60
TYPES = {"ncb": "bureau", "gs": "international"}  # type of agency by the second part of its id, where it is not that


class CommandFailed(AssertionError):
    """A command ended with another exit code than expected."""


class NodeDown(AssertionError):
    """A node did not start, or ended by itself."""


def bin_dir():
    """Folder of the programs: LIAISON_BIN, else build/release/bin."""
    return Path(os.environ.get("LIAISON_BIN", REPOSITORY / "build" / "release" / "bin"))


def free_ports(count):
    """Ports nobody listens on now; held open together so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def wait_until(what, test, seconds=START_SECONDS):
    """Asks again until `test` answers something true; the pause between two questions grows from 5 to 100 ms."""
    end, pause = time.monotonic() + seconds, 0.005
    while True:
        answer = test()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        select_pause(pause)
        pause = min(pause * 1.5, 0.1)


def select_pause(seconds):
    """Gives the processor away for a moment between two questions to a process that offers no event."""
    import select
    select.select([], [], [], seconds)


def run(arguments, expect=0, env=None, cwd=None, text_in=None):
    """Runs `liaison` with these arguments; answers the finished process."""
    done = subprocess.run([str(bin_dir() / "liaison"), *map(str, arguments)], capture_output=True, text=True, env={**os.environ, **(env or {})}, cwd=cwd,
                          input=text_in, timeout=120)
    if expect is not None and done.returncode != expect:
        raise CommandFailed(f"liaison {' '.join(map(str, arguments))}: exit code {done.returncode}, expected {expect}\n{done.stdout}\n{done.stderr}")
    return done


class Agency:
    """One agency: its folder, its node's process, its persons."""

    def __init__(self, federation, name, port):
        self.federation, self.name, self.port = federation, name, port
        self.country = name.split(".")[0]
        self.folder = federation.folder / name
        self.log = federation.folder / (name + ".log")
        self.process = None
        self.faketime = None

    @property
    def settings(self):
        return self.folder / "node.json"

    @property
    def endpoint(self):
        return f"127.0.0.1:{self.port}"

    def person(self, name):
        return self.folder / (name + ".person")

    def command(self, arguments, person="officer", expect=0, **more):
        """A command of the CLI as this person of this agency."""
        env = {"LIAISON_NODE": str(self.folder / "connection.json"), "LIAISON_PERSON": str(self.person(person)), "LANG": "C.UTF-8", **more.pop("env", {})}
        return run(arguments, expect=expect, env=env, **more)

    def ask(self, arguments, person="officer"):
        """The same with --json, parsed."""
        return json.loads(self.command([*arguments, "--json"], person).stdout)

    def start(self, wait=True):
        """Starts the node; `wait`: until it answers its administrator."""
        command = [str(bin_dir() / "liaison-node"), "--config", str(self.settings)]
        if self.faketime:
            command = ["faketime", "-f", self.faketime, *command]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, env={**os.environ, "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        if wait:
            wait_until(self.name + " answers", self.answers)

    def answers(self):
        """True when it runs and answers; raises when it ended."""
        if self.process.poll() is not None:
            raise NodeDown(f"{self.name} ended with code {self.process.returncode}\n{self.log_text()[-2000:]}")
        return self.command(["status", "--wait", "2"], "administrator", expect=None).returncode == 0

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def stop(self, how=signal.SIGTERM):
        """Ends the node; answers its exit code. Does nothing when it is not running."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(timeout=60)
        self.process = None
        return code

    def kill(self):
        return self.stop(signal.SIGKILL)

    def add_person(self, name, role):
        self.command(["person", "add", name, "--role", role, "--out", self.person(name)], "administrator")

    def connected(self, peer):
        """True when the link to the peer is up."""
        return any(p["agency"] == peer and p["connected"] for p in self.ask(["status"], "administrator")["peers"])


class Federation:
    """Several agencies with everything they need to trust each other. Use as a context: nodes end with it."""

    def __init__(self, folder, names=("ke.customs", "ke.ncb", "int.gs")):
        self.folder = Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.agencies = {name: Agency(self, name, port) for name, port in zip(names, free_ports(len(names)))}
        self.version = 0

    def __getitem__(self, name):
        return self.agencies[name]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def directory(self):
        return self.folder / f"directory.{self.version}.signed"

    def authority_hash(self):
        shown = run(["directory", "show", self.directory], expect=1).stdout
        return shown.strip().splitlines()[-1].strip()

    def set_up(self):
        """Keys, certificates, directory and settings of every agency; no node runs afterwards."""
        for country in sorted({a.country for a in self.agencies.values()}):
            run(["ca", "init", self.folder / ("ca-" + country), "--realm", REALM, "--country", country])
        run(["directory", "init", self.folder / "directory.json", "--realm", REALM, "--authority-key", self.folder / "authority.key"])
        for agency in self.agencies.values():
            self.make_keys(agency)
        with_ca = set()
        for agency in sorted(self.agencies.values(), key=lambda a: not a.name.endswith(".ncb")):  # a bureau before those that name it
            self.register(agency, agency.country not in with_ca)
            with_ca.add(agency.country)
        self.sign()
        for agency in self.agencies.values():
            self.make_node(agency)
        return self

    def make_keys(self, agency):
        """Keys, the tls certificate and the file for the directory."""
        agency.folder.mkdir(mode=0o700)
        keys = agency.folder / "keys"
        keys.mkdir(mode=0o700)
        run(["keys", "init", "--keys-dir", keys])
        self.issue_tls(agency, agency.country)
        policy_keys = [self.policy_key(agency, number) for number in (1, 2)]
        for key in policy_keys:
            run(["policy", "key", key])
        run(["keys", "show", "--keys-dir", keys, "--agency", agency.name, "--out", self.folder / (agency.name + ".keys.json"),
             *[a for key in policy_keys for a in ("--policy-key", f"{key}.pub")]])

    def policy_key(self, agency, number):
        """Private key of one of the two persons who vouch for the policies of `agency`."""
        return self.folder / f"{agency.name}.policy.{number}.key"

    def issue_tls(self, agency, country, faketime=None):
        """A new tls certificate from the CA of `country`."""
        request, chain = self.folder / (agency.name + ".csr"), agency.folder / "keys" / "tls.pem"
        for old in (request, chain):
            old.unlink(missing_ok=True)
        run(["csr", "--keys-dir", agency.folder / "keys", "--agency", agency.name, "--realm", REALM, "--out", request])
        register = self.folder / ("ca-" + country) / "register.txt"
        again = register.exists() and f" tls {agency.name} " in register.read_text()
        order = ["renew", "--same-key"] if again else ["issue"]
        command = [str(bin_dir() / "liaison"), "ca", *order, str(request), "--ca", str(self.folder / ("ca-" + country)), "--out", str(chain)]
        done = subprocess.run((["faketime", "-f", faketime] if faketime else []) + command, capture_output=True, text=True)
        if done.returncode != 0:
            raise CommandFailed(done.stdout + done.stderr)

    def register(self, agency, with_ca):
        bureau = agency.country + ".ncb"
        arguments = ["directory", "add", self.folder / "directory.json", "--agency", agency.name, "--type", TYPES.get(agency.name.split(".")[1], agency.name.split(".")[1]), "--name", agency.name,
                     "--keys", self.folder / (agency.name + ".keys.json"), "--endpoint", agency.endpoint, "--channel", "customs", "--channel", "interpol"]
        if with_ca:
            arguments += ["--ca", self.folder / ("ca-" + agency.country) / "ca.crt"]
        if agency.name == bureau:
            arguments += ["--is-bureau"]
        elif bureau in self.agencies:
            arguments += ["--bureau", bureau]
        run(arguments)

    def sign(self):
        """The next version of the directory."""
        previous = ["--previous", self.directory] if self.version else []
        self.version += 1
        made = run(["directory", "make", self.directory, "--source", self.folder / "directory.json", *previous]).stdout
        summary = made.split("\nsummary ")[1].split()[0]
        run(["directory", "sign", self.directory, "--authority-key", self.folder / "authority.key", "--yes", summary, *previous])

    def make_node(self, agency):
        run(["node", "init", agency.folder, "--agency", agency.name, "--realm", REALM, "--listen", agency.endpoint, "--directory", self.directory, "--authority", self.authority_hash()])

    def load_policy(self, agency, file, signers=(1, 2), expect=0):
        """Signs a policy file with these persons' keys and loads it; answers the finished process."""
        signatures = []
        for number in signers:
            out = self.folder / f"{agency.name}.{Path(file).stem}.{number}.{time.monotonic_ns()}.sig"
            run(["policy", "sign", file, "--key", self.policy_key(agency, number), "--agency", agency.name, "--realm", REALM, "--out", out])
            signatures += ["--signature", out]
        return agency.command(["policy", "load", file, *signatures], "security", expect=expect)

    def start(self):
        """Starts every node, adds an officer, a program (subscriber), an auditor and a security officer to each, waits until all links are up."""
        for agency in self.agencies.values():
            agency.start(wait=False)
        for agency in self.agencies.values():
            wait_until(agency.name + " answers", agency.answers)
            if not agency.person("officer").exists():
                for name, role in (("officer", "officer"), ("program", "officer"), ("auditor", "auditor"), ("security", "security-officer")):
                    agency.add_person(name, role)
        self.wait_connected()
        return self

    def wait_connected(self):
        for agency in self.agencies.values():
            for peer in self.agencies:
                if peer != agency.name and self.agencies[peer].process is not None and agency.process is not None:
                    wait_until(f"{agency.name} is connected to {peer}", lambda a=agency, p=peer: a.connected(p))

    def stop(self):
        for agency in self.agencies.values():
            agency.kill()

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
