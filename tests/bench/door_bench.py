#!/usr/bin/env python3
"""The door beside HAProxy and nginx, as proxies of the same nginx, in one run: requests a second, CPU
per request of the proxy alone, latency, and memory for idle connections. Ratios only: client, proxy
and server share the machine. Needs wrk. Usage: door_bench.py BUILD_FOLDER [SECONDS]"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 4
ROUNDS = 3
WORKERS = 1  # of each proxy: its CPU is what counts
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"nobody listens on {port}")


def family(pid):
    """The process and its children."""
    found = [pid]
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as stat:
                parent = int(stat.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if parent == pid:
            found.append(int(entry))
    return found


def cpu(pid):
    """Seconds, to the nanosecond where the kernel tells."""
    total = 0.0
    for one in family(pid):
        for task in os.listdir(f"/proc/{one}/task"):
            with open(f"/proc/{one}/task/{task}/schedstat") as stat:
                total += int(stat.read().split()[0]) / 1e9
    return total


def pss(pid):
    total = 0
    for one in family(pid):
        with open(f"/proc/{one}/smaps_rollup") as rollup:
            total += int(re.search(r"^Pss:\s+(\d+)", rollup.read(), re.M)[1])
    return total


class Stand:
    """A directory, and the processes that live in it."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="door-bench-")
        os.chmod(self.directory, 0o755)
        self.processes = []

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def start(self, *command, **more):
        process = subprocess.Popen(command, **more)
        self.processes.append(process)
        return process

    def stop(self):
        for process in reversed(self.processes):
            if process.stdin:
                process.stdin.close()
            else:
                process.terminate()
            process.wait(10)

    def nginx(self, name, body):
        config = self.write(f"{name}.conf", f"""
daemon off; worker_processes {WORKERS}; pid {self.directory}/{name}.pid; error_log /dev/null crit;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{ access_log off; keepalive_requests 100000000; keepalive_timeout 600s;
        client_body_temp_path {self.directory}/b; proxy_temp_path {self.directory}/p;
        fastcgi_temp_path {self.directory}/f; uwsgi_temp_path {self.directory}/u;
        scgi_temp_path {self.directory}/s; sendfile on; tcp_nopush on; {body} }}
""")
        return self.start("/usr/sbin/nginx", "-c", config, "-p", self.directory).pid

    def haproxy(self, name, mode, port, backend):
        http = "option http-keep-alive\n http-reuse always" if mode == "http" else ""
        config = self.write(f"{name}.cfg", f"""
global
 nbthread {WORKERS}
 maxconn 4000
defaults
 mode {mode}
 timeout connect 5s
 timeout client 600s
 timeout server 600s
 {http}
listen bench
 bind 127.0.0.1:{port}
 server backend 127.0.0.1:{backend}
""")
        return self.start("/usr/sbin/haproxy", "-q", "-db", "-f", config).pid

    def door(self, name, mode, port, backend):
        directory = os.path.join(self.directory, name)
        os.mkdir(directory, 0o700)
        process = self.start(f"{BUILD}/tests/bench/door_stand", f"{BUILD}/bin/podvisor-door",
                             directory, mode, str(port), f"127.0.0.1:{backend}", str(WORKERS),
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return int(process.stdout.readline())


def microseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def wrk(port, path, connections, headers):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    text = subprocess.run(command + [f"http://127.0.0.1:{port}{path}"], check=True,
                          capture_output=True, text=True).stdout
    count = int(re.search(r"(\d+) requests in", text)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    errors = re.search(r"Socket errors: (.*)", text)
    half, most = (microseconds(re.search(rf"{part}%\s+([\d.]+\w+)", text)[1])
                  for part in (50, 99))
    note = (f" {wrong[1]} wrong" if wrong else "") + (f" ({errors[1]})" if errors else "")
    return count, rate, half, most, note


def idle_memory(pid, port, count=1000):
    before = pss(pid)
    clients = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"GET /1k HTTP/1.1\r\nHost: x\r\n\r\n")
        client.recv(65536)
        clients.append(client)
    grown = pss(pid) - before
    for client in clients:
        client.close()
    return grown


def main():
    stand = Stand()
    try:
        run(stand)
    finally:
        stand.stop()


def run(stand):
    stand.write("1k", "x" * 1024)
    stand.write("1m", "x" * (1 << 20))
    backend = free_port()
    stand.nginx("backend", f"server {{ listen 127.0.0.1:{backend} backlog=4096; root {stand.directory}; }}")
    wait_for(backend)
    proxies = {}
    for name in ("haproxy", "nginx", "door"):
        for mode in ("http", "tcp"):
            port = free_port()
            if name == "nginx" and mode == "tcp":
                continue
            if name == "nginx":
                pid = stand.nginx("proxy", f"""
upstream backend {{ server 127.0.0.1:{backend}; keepalive 512; keepalive_requests 100000000; }}
server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ proxy_pass http://backend;
 proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering on; }} }}""")
            else:
                pid = getattr(stand, name)(f"{name}-{mode}", mode, port, backend)
            wait_for(port)
            proxies[f"{name} {mode}"] = (pid, port)

    # First, as long as no pool of a proxy has grown under load.
    print("memory for 1,000 idle connections (KiB of PSS)")
    for name, (pid, port) in proxies.items():
        print(f"  {name:14} {idle_memory(pid, port):8}")
    # One at a time says what a proxy adds to the latency; many, what it costs.
    cases = [("1 KiB, one at a time", "/1k", 1, []),
             ("1 KiB, kept alive", "/1k", 50, []),
             ("1 KiB, kept alive by many", "/1k", 400, []),
             ("1 KiB, a connection each", "/1k", 50, ["Connection: close"]),
             ("1 MiB, kept alive", "/1m", 8, [])]
    for title, path, connections, headers in cases:
        print(f"\n{title}: {connections} connections, {SECONDS} s, the best of {ROUNDS}")
        best = {"(direct)": (0.0, 0.0, 1e9, 1e9)}
        notes = {}
        for _ in range(ROUNDS):  # in turn, so that the machine's moods fall on all alike
            for name, (pid, port) in {"(direct)": (None, backend), **proxies}.items():
                before = cpu(pid) if pid else 0
                count, rate, half, most, note = wrk(port, path, connections, headers)
                each = (cpu(pid) - before) / max(count, 1) * 1e6 if pid else 0
                old = best.get(name, (1e9, 0, 1e9, 1e9))
                best[name] = (min(each, old[0]), max(rate, old[1]), min(half, old[2]),
                              min(most, old[3]))
                notes[name] = notes.get(name, "") + note
        for name, (each, rate, half, most) in best.items():
            line = f"  {name:14} {rate:9.0f}/s p50 {half:7.0f} us p99 {most:7.0f} us"
            if each:
                peer = best[f"haproxy {name.split()[1]}"][0]
                line += f" {each:7.1f} us CPU each = {each / peer:5.2f} x haproxy"
            print(line + notes[name])


if __name__ == "__main__":
    main()
