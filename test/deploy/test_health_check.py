"""The image's health check follows HOST, PORT and MANAGEMENT_PORT, and tells a server that is ready from one that is not."""

import os
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from conftest import ROOT, wait_for

NODE = ROOT / "node_modules/node/bin/node"


def check(host, port, **more):
    """The exit code of the health check in a container with these settings."""
    command = [str(NODE) if NODE.exists() else "node", str(ROOT / "deploy/docker/healthcheck.js")]
    settings = {"PATH": os.environ["PATH"], "HOST": host, "PORT": str(port), **more}
    return subprocess.run(command, env=settings, check=False, timeout=30).returncode


def can_listen(host, port=0):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as listener:
            listener.bind((host, port))
            return True
    except OSError:
        return False


@pytest.mark.parametrize("host", ("0.0.0.0", "::", "127.0.0.1", "127.0.0.2", "::1", "localhost", ""))
def test_it_finds_the_server_at_its_host(start_nestor, host):
    if host and not can_listen(host):
        pytest.skip(f"this machine cannot listen on {host}")
    nestor = start_nestor(APP_STAGE="test", HOST=host)
    wait_for(f"found\n{nestor.said()}", 30, lambda: check(host, nestor.port) == 0)
    assert check("127.0.0.3", nestor.port) == (0 if host in ("0.0.0.0", "::", "") else 1)


def test_it_asks_at_a_port_that_browsers_refuse(start_nestor):
    port = next(port for port in (6000, 6665, 6666, 6667, 6668, 6669, 10080) if can_listen("127.0.0.1", port))
    start_nestor(APP_STAGE="test", PORT=str(port))
    wait_for("found", 30, lambda: check("127.0.0.1", port) == 0)


@pytest.mark.parametrize(("status", "code"), ((200, 0), (503, 1), (404, 1)))
def test_only_a_server_that_says_it_is_ready_is_healthy(status, code):
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert check("127.0.0.1", server.server_port) == code
        assert check("127.0.0.1", 1, MANAGEMENT_PORT=str(server.server_port)) == code
        server.shutdown()
    assert asked == ["/health/ready"] * 2


def test_nobody_who_answers_is_unhealthy():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))  # taken, and nobody accepts
        assert check("127.0.0.1", listener.getsockname()[1]) == 1
