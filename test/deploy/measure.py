"""Measures the figures of docs/scaling.md: throughput of one process, single rows beside large calls, what a model costs.

    .venv/bin/python measure.py [throughput|beside|models]

Needs dist/, wrk and two free cores; the server gets core 0, wrk core 1.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from conftest import ROOT, Nestor, get, samples

SECONDS = 8
LUA = 'wrk.method = "POST"; wrk.headers["content-type"] = "application/json"; wrk.body = [==[{}]==]'
MODEL = "turnover"


def resident(process):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1]) * 1024


def processor_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def start_wrk(nestor, path, body, folder, connections, seconds=SECONDS):
    script = folder / f"{connections}.lua"
    script.write_text(LUA.replace("{}", json.dumps(body)) if body is not None else "")
    load = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script, nestor.url + path]
    return subprocess.Popen(["taskset", "-c", "1", "wrk", *load], stdout=subprocess.PIPE, text=True)


def end_wrk(wrk):
    """Requests in all and per second, p50 and p99 in ms."""
    said = wrk.communicate()[0]
    assert wrk.returncode == 0 and "Non-2xx" not in said, said
    total, rate = re.search(r"(\d+) requests in", said)[1], re.search(r"Requests/sec:\s+([\d.]+)", said)[1]
    latency = re.findall(r"(?:50|99)%\s+([\d.]+)(us|ms|s)", said)
    return int(total), float(rate), *(float(n) * {"us": 0.001, "ms": 1, "s": 1000}[unit] for n, unit in latency)


def wrk(nestor, path, body, folder):
    """Requests per second, p50 and p99 in ms, CPU microseconds per request at 32 connections; the best of three runs."""
    found = []
    for _ in range(3):
        before = processor_seconds(nestor.process)
        total, *rate_and_latency = end_wrk(start_wrk(nestor, path, body, folder, 32))
        found.append((*rate_and_latency, (processor_seconds(nestor.process) - before) / total * 1e6))
    return max(found)


def pinned(folder, **settings):
    nestor = Nestor(folder, APP_STAGE="acceptance", LOG_LEVEL="warn", **settings).wait_until_ready()
    subprocess.run(["taskset", "-a", "-c", "-p", "0", str(nestor.process.pid)], check=True, capture_output=True)
    return nestor


def throughput(folder):
    row = samples(MODEL)[0]
    ways = [
        ("GET /health/live (no model)", "/health/live", None, 1, "written"),
        ("POST /models/turnover/predict, written", f"/models/{MODEL}/predict", row, 1, "written"),
        ("POST /models/turnover/predict, buffered", f"/models/{MODEL}/predict", row, 1, "buffered"),
        ("POST /v1/models/turnover:predict, 100 rows", f"/v1/models/{MODEL}:predict", {"instances": samples(MODEL)[:100]}, 100, "written"),
        ("POST /v1/models/turnover:predict, 1,000 rows", f"/v1/models/{MODEL}:predict", {"instances": samples(MODEL)[:1000]}, 1000, "written"),
    ]
    print("| call | requests/s | rows/s | p50 ms | p99 ms | CPU µs per row |")
    for number, (name, path, body, rows, durability) in enumerate(ways):
        at = folder / str(number)
        at.mkdir()
        nestor = pinned(at, PREDICTION_LOG_DURABILITY=durability)
        rate, p50, p99, cpu = wrk(nestor, path, body, at)
        written = sum(file.stat().st_size for file in at.glob("predictions/**/*.ndjson"))
        counted = sum(text.count(b"\n") for text in (file.read_bytes() for file in at.glob("predictions/**/*.ndjson")))
        print(f"| {name} | {rate:,.0f} | {rate * rows:,.0f} | {p50:.2f} | {p99:.2f} | {cpu / rows:.1f} |"
              + (f" {written / counted:.0f} B per record" if counted else ""), flush=True)
        nestor.stop()
        shutil.rmtree(at)


def beside(folder):
    """Single rows on four connections, alone and beside sixteen that send 1,000 rows a call."""
    rows = samples(MODEL)
    many = {"instances": rows[:1000]}
    nestor = pinned(folder)
    print("| beside | single rows/s | p50 ms | p99 ms | rows/s of the others |")
    for others in (0, 16):
        large = start_wrk(nestor, f"/v1/models/{MODEL}:predict", many, folder, others, SECONDS + 2) if others else None
        time.sleep(1)
        _, rate, p50, p99 = end_wrk(start_wrk(nestor, f"/models/{MODEL}/predict", rows[0], folder, 4))
        rate_of_others = end_wrk(large)[1] * 1000 if large else 0
        print(f"| {others} | {rate:,.0f} | {p50:.2f} | {p99:.2f} | {rate_of_others:,.0f} |", flush=True)
    nestor.stop()


def copies(count, target):
    """`count` models that differ only in their name."""
    origin = ROOT / "artifacts" / MODEL
    for number in range(count):
        name = f"copy-{number:04}"
        shutil.copytree(origin, target / name)
        for manifest in (target / name).glob("*/manifest.json"):
            old = hashlib.sha256(manifest.read_bytes()).hexdigest()
            manifest.write_text(manifest.read_text().replace(f'"model": "{MODEL}"', f'"model": "{name}"'))
            sums = manifest.with_name("SHA256SUMS")
            sums.write_text(sums.read_text().replace(old, hashlib.sha256(manifest.read_bytes()).hexdigest()))
    return target


def models(folder):
    print("| models | start s | memory MB | /metrics KB | series | /metrics ms |")
    for count in (1, 10, 100, 1000):
        at = folder / str(count)
        (at / "artifacts").mkdir(parents=True)
        copies(count, at / "artifacts")
        begin = time.monotonic()
        nestor = Nestor(at, APP_STAGE="acceptance", LOG_LEVEL="warn", ARTIFACTS_DIR=str(at / "artifacts"))
        while get(f"{nestor.url}/health/ready", timeout=60)[0] != 200:
            if time.monotonic() - begin > 240 or nestor.process.poll() is not None:
                print(f"| {count:,} | not ready after {time.monotonic() - begin:.0f} s |", nestor.said()[-500:])
                break
            time.sleep(0.1)
        else:
            ready, memory = time.monotonic() - begin, resident(nestor.process)
            begin = time.monotonic()
            text = get(f"{nestor.url}/metrics", timeout=60)[2]
            took = time.monotonic() - begin
            series = sum(1 for line in text.splitlines() if line and line[0] != "#")
            print(f"| {count:,} | {ready:.1f} | {memory / 1e6:.0f} | {len(text) / 1e3:.0f} | {series:,} | {took * 1e3:.0f} |", flush=True)
        nestor.process.kill()
        shutil.rmtree(at)


if __name__ == "__main__":
    parts = {"throughput": throughput, "beside": beside, "models": models}
    for part in sys.argv[1:] or parts:
        with tempfile.TemporaryDirectory() as folder:
            parts[part](Path(folder))
