"""Everything that goes over the loopback interface while a test runs, as tcpdump writes it. Needs tcpdump and the right to use it (root).

A word sent in clear at both ends of the capture must be found in it: a capture that sees nothing proves nothing.
"""
import os
import signal
import socket
import subprocess
import threading

from support.federation import wait_until


class Capture:
    """A context: packets of 127.0.0.1 between its begin and its end; `data` afterwards."""

    def __init__(self, file):
        self.file, self.data = file, b""
        self.marks = [b"capture-" + os.urandom(12).hex().encode() for _ in range(2)]

    def __enter__(self):
        # packet by packet into the file; room for bursts of 64 MiB
        self.process = subprocess.Popen(["tcpdump", "-i", "lo", "--immediate-mode", "-U", "-s", "0", "-B", "65536", "-w", str(self.file), "tcp"], stderr=subprocess.PIPE, text=True)
        while "listening on" not in (line := self.process.stderr.readline()):
            if not line:
                raise AssertionError("tcpdump ended: is it run by root?")
        self.send_mark(self.marks[0])
        return self

    def __exit__(self, *_):
        self.send_mark(self.marks[1])
        wait_until("the capture holds its last mark", lambda: self.marks[1] in self.file.read_bytes())
        self.process.send_signal(signal.SIGINT)
        told = self.process.communicate(timeout=60)[1]
        self.data = self.file.read_bytes()
        missing = [mark for mark in self.marks if mark not in self.data]
        if missing or "\n0 packets dropped by kernel" not in told:
            raise AssertionError(f"the capture is not whole: {told}")

    @staticmethod
    def send_mark(mark):
        """One connection in clear that carries it."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            received = []

            def serve():
                connection, _ = server.accept()
                with connection:
                    received.append(connection.recv(4096))

            thread = threading.Thread(target=serve)
            thread.start()
            with socket.create_connection(server.getsockname()) as client:
                client.sendall(mark)
            thread.join()
            if received != [mark]:
                raise AssertionError("the loopback interface does not carry what is sent")
