#!/usr/bin/python3
"""A client of a node's local interface without any code of Liaison: Debian's python3-zmq and python3-flatbuffers, and schemas/api.fbs.

As a module: Client with submit, post and replies (many requests under way), fetch with a cursor, outgoing. As a program: `submit` and `receive`.
The FlatBuffers code is generated at run time by flatc into a folder that goes away again. A refusal of the node raises Refused with its code.
"""
import argparse
import atexit
import importlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import flatbuffers
import zmq

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
ROUTINE, URGENT = 2, 1


def generate(schemas=SCHEMAS):
    """Runs flatc --python once per process and puts the result on the module path."""
    if "liaison.api.Call" in sys.modules:
        return
    folder = tempfile.mkdtemp(prefix="liaison-flatc-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(["flatc", "--python", "-I", str(schemas), "-o", folder, str(schemas / "api.fbs"), str(schemas / "record.fbs")], check=True)
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    importlib.import_module("liaison.api.Call")


def api(name):
    """The generated module of one table or enum of api.fbs."""
    return importlib.import_module("liaison.api." + name)


class Refused(Exception):
    """The node said no: stable code, sentence, whether to try again."""

    def __init__(self, code, text, retry):
        super().__init__(f"{code}: {text}")
        self.code, self.text, self.retry = code, text, retry


class NoAnswer(Exception):
    """Nothing came in time: the outcome of the request is not known; send the same submission again."""


def read_key_file(path):
    """(public, secret) of a person key file: header, name, public, secret, one per line."""
    lines = Path(path).read_text().splitlines()
    if not lines or lines[0] != "liaison person key v1":
        raise ValueError(f"{path} is not a person key file")
    fields = dict(line.split(" ", 1) for line in lines[1:])
    return fields["public"].encode(), fields["secret"].encode()


def data(table, name):
    """A vector of bytes of a generated table."""
    return bytes(getattr(table, name)(i) for i in range(getattr(table, name + "Length")()))


def message_bytes(table):
    """The vector at one go: byte by byte is slow for whole messages. Field 5 of FetchedItem."""
    position = table._tab.Offset(4 + 2 * 5)
    if position == 0:
        return b""
    start, length = table._tab.Vector(position), table._tab.VectorLen(position)
    return bytes(table._tab.Bytes[start:start + length])


def chars(value):
    return (value or b"").decode()


def build_call(kind, fill):
    """A finished Call: `fill(builder)` returns the offset of the request table."""
    builder = flatbuffers.Builder(1024)
    request = fill(builder)
    call = api("Call")
    call.CallStart(builder)
    call.CallAddRequestType(builder, getattr(api("Request").Request, kind))
    call.CallAddRequest(builder, request)
    builder.Finish(call.CallEnd(builder))
    return bytes(builder.Output())


def strings(builder, start, items):
    offsets = [builder.CreateString(item) for item in items]
    start(builder, len(offsets))
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def submit_call(message, to, submission=None, purpose="", urgency=0, reason="", level="", channel="", expires_ms=0):
    """The Call of one Ecomessage and the submission id it carries. The same arguments give the same bytes. `expires_ms`: milliseconds since 1970, 0: the node's default."""
    submission = submission or uuid.uuid4().bytes
    submit = api("Submit")

    def fill(builder):
        offsets = {"Submission": builder.CreateByteVector(submission), "Kind": builder.CreateString("ecomessage"), "Message": builder.CreateByteVector(message),
                   "To": strings(builder, submit.SubmitStartToVector, to)}
        for name, value in (("Purpose", purpose), ("UrgencyReason", reason), ("Level", level), ("Channel", channel)):
            if value:
                offsets[name] = builder.CreateString(value)
        submit.SubmitStart(builder)
        for name, offset in offsets.items():
            getattr(submit, "SubmitAdd" + name)(builder, offset)
        submit.SubmitAddUrgency(builder, urgency)
        submit.SubmitAddExpiresMs(builder, expires_ms)
        return submit.SubmitEnd(builder)

    return build_call("Submit", fill), submission


class Client:
    """One person's connection to one node. Not thread safe."""

    def __init__(self, connection_file, person_file, events=False):
        generate()
        self.connection = json.loads(Path(connection_file).read_text())
        self.keys = read_key_file(person_file)
        self.context = zmq.Context()
        self.requests = self._socket(zmq.DEALER, self.connection["requests"])
        self.events = None
        if events:
            self.events = self._socket(zmq.SUB, self.connection["events"])
            self.events.setsockopt(zmq.SUBSCRIBE, b"inbox")
        self.last_id = 0

    def _socket(self, kind, endpoint):
        socket = self.context.socket(kind)
        socket.setsockopt(zmq.CURVE_PUBLICKEY, self.keys[0])
        socket.setsockopt(zmq.CURVE_SECRETKEY, self.keys[1])
        socket.setsockopt(zmq.CURVE_SERVERKEY, self.connection["server_key"].encode())
        socket.setsockopt(zmq.LINGER, 200)
        socket.setsockopt(zmq.RECONNECT_IVL, 50)
        socket.connect(endpoint)
        return socket

    def close(self):
        self.context.destroy(linger=200)

    def post(self, call):
        """Sends without waiting; answers the id under which its reply comes."""
        self.last_id += 1
        self.requests.send_multipart([self.last_id.to_bytes(8, "big"), call])
        return self.last_id

    def next_reply(self, seconds):
        """(id, reply table) or (id, Refused) of whatever was posted; NoAnswer when nothing comes."""
        if not self.requests.poll(seconds * 1000):
            raise NoAnswer(f"no answer within {seconds} s")
        number, status, payload = self.requests.recv_multipart()
        number = int.from_bytes(number, "big")
        if status != b"ok":
            return number, Refused(status.decode(), "answered by the bus", status == b"busy")
        answer = api("Answer").Answer.GetRootAs(payload, 0)
        names = {value: name for name, value in vars(api("Reply").Reply).items() if isinstance(value, int)}
        name = names[answer.ReplyType()]
        table = getattr(api(name), name)()
        table.Init(answer.Reply().Bytes, answer.Reply().Pos)
        if name == "Refusal":
            return number, Refused(chars(table.Code()), chars(table.Text()), bool(table.Retry()))
        return number, table

    def request(self, call, seconds=30):
        """One request and its reply; raises Refused."""
        wanted, end = self.post(call), time.monotonic() + seconds
        while True:
            number, reply = self.next_reply(max(0.0, end - time.monotonic()))
            if number != wanted:
                continue
            if isinstance(reply, Refused):
                raise reply
            return reply

    def submit(self, message, to, submission=None, **options):
        """Sends one Ecomessage (FlatBuffer bytes); answers its id. Repeating the submission answers the same id."""
        call, _ = submit_call(message, to, submission, **options)
        return str(uuid.UUID(bytes=data(self.request(call), "Record")))

    def fetch(self, done=0, most=64, seconds=30):
        """The records after the cursor as a list of dicts; `done` acknowledges everything up to it first."""
        fetch = api("Fetch")

        def fill(builder):
            fetch.FetchStart(builder)
            fetch.FetchAddDone(builder, done)
            fetch.FetchAddMax(builder, most)
            return fetch.FetchEnd(builder)

        page = self.request(build_call("Fetch", fill), seconds)
        items = [page.Items(i) for i in range(page.ItemsLength())]
        return [{"seq": i.Seq(), "from": chars(i.From_()), "record": str(uuid.UUID(bytes=data(i, "Record"))), "version": i.Version(), "message": message_bytes(i)} for i in items]

    def outgoing(self, page=500, seconds=30):
        """Every record this agency accepted: id -> {agency: state}."""
        outgoing, all_rows, after = api("AskOutgoing"), {}, b""
        while True:
            def fill(builder, start=after):
                offset = builder.CreateByteVector(start) if start else None
                outgoing.AskOutgoingStart(builder)
                if offset:
                    outgoing.AskOutgoingAddAfter(builder, offset)
                outgoing.AskOutgoingAddMax(builder, page)
                return outgoing.AskOutgoingEnd(builder)

            answer = self.request(build_call("AskOutgoing", fill), seconds)
            for i in range(answer.RowsLength()):
                row = answer.Rows(i)
                after = data(row, "Record")
                all_rows[str(uuid.UUID(bytes=after))] = {chars(row.Steps(j).Agency()): chars(row.Steps(j).State()) for j in range(row.StepsLength())}
            if not answer.More() or answer.RowsLength() == 0:
                return all_rows

    def wait_for_event(self, seconds):
        """True when the node said that something came in; a hint, so look from time to time without one too."""
        if not self.events.poll(seconds * 1000):
            return False
        self.events.recv_multipart()
        return True


def main():
    parser = argparse.ArgumentParser(description="Submit and receive over a node's local interface.", epilog="Example: liaison_client.py --node connection.json --as officer.person submit case.bin ke.ncb")
    parser.add_argument("--node", required=True, help="connection file")
    parser.add_argument("--as", dest="person", required=True, help="person key file")
    actions = parser.add_subparsers(dest="action", required=True)
    submit = actions.add_parser("submit", help="send one message")
    submit.add_argument("file", help="FlatBuffer of an Ecomessage (liaison form convert, or flatc)")
    submit.add_argument("to", nargs="+", help="agencies")
    actions.add_parser("receive", help="take every new record once")
    chosen = parser.parse_args()
    client = Client(chosen.node, chosen.person)
    try:
        if chosen.action == "submit":
            print(client.submit(Path(chosen.file).read_bytes(), chosen.to))
            return 0
        done = 0
        while items := client.fetch(done):
            for item in items:
                print(item["seq"], item["from"], item["record"], len(item["message"]), "bytes", flush=True)
                done = item["seq"]
        return 0
    except (Refused, NoAnswer) as error:
        print(f"liaison_client: {error}", file=sys.stderr)
        return 1
    finally:
        client.close()


if __name__ == "__main__":
    sys.exit(main())
