#!/usr/bin/env python3
"""Measures `podvisor serve` with 100 pods: memory, starts, restarts. Prints one table.

Needs root. Runs in network and mount namespaces of its own, with no route out, and leaves nothing
behind. The pods' program is bench_target, which writes down when things happened to it.
Usage: pods_bench.py BUILD_DIR
"""

import ctypes
import http.client
import json
import os
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PODS = 100
RESTARTS = 30
BASELINES = 30
PATIENCE = 20  # seconds until something that should be a matter of milliseconds is an error
PORT = 8080

PR_SET_CHILD_SUBREAPER = 36


# ---- The table --------------------------------------------------------------------------------


class Table:
    def __init__(self):
        self.rows = [("what", "median [min, max]", "n", "aim", "compared with")]

    def add(self, what, values, unit, aim="", compared=""):
        low, middle, high = min(values), statistics.median(values), max(values)
        digits = 3 if unit == "ms" and middle < 1 else 1
        text = f"{middle:.{digits}f}"
        if len(values) > 1:
            text += f" [{low:.{digits}f}, {high:.{digits}f}]"
        text += f" {unit}"
        self.rows.append((what, text, str(len(values)), aim, compared))
        return middle

    def print(self):
        widths = [max(len(row[i]) for row in self.rows) for i in range(5)]
        for row in self.rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def milliseconds(nanoseconds):
    return nanoseconds / 1e6


# ---- What is read from outside ----------------------------------------------------------------


def wait_for(ready, what):
    deadline = time.monotonic() + PATIENCE
    while not (found := ready()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: nothing for {PATIENCE} s")
        time.sleep(0.002)
    return found


def pss_kib(pid):
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise ValueError(f"/proc/{pid}/smaps_rollup has no Pss")


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def children_of(pid):
    children = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        children += [int(word) for word in task.read_text().split()]
    return children


def exit_after(pid, signal_):
    """Sends the signal, and returns when the process had exited."""
    pidfd = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(pidfd, signal_)
        exit_ = select.poll()
        exit_.register(pidfd, select.POLLIN)
        if not exit_.poll(PATIENCE * 1000):
            raise TimeoutError(f"process {pid} does not exit")
        return time.monotonic_ns()
    finally:
        os.close(pidfd)


class Stamps:
    """The file that one bench_target writes."""

    def __init__(self, path):
        self.path = Path(path)

    def read(self, what):
        """[(nanoseconds, pid)], oldest first. A line that is half written is left out."""
        if not self.path.exists():
            return []
        lines = [line.split() for line in self.path.read_text().split("\n")[:-1]]
        return [(int(time_), int(pid)) for word, time_, pid in lines if word == what]

    def await_count(self, what, count):
        return wait_for(
            lambda: len(found := self.read(what)) >= count and found, f"{self.path}: {what}"
        )

    def last_alive(self):
        return int.from_bytes(Path(f"{self.path}.last").read_bytes()[:8], sys.byteorder)


# ---- podvisor ---------------------------------------------------------------------------------


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Podvisor:
    def __init__(self, build, work, state):
        self.target = build / "tests/bench/bench_target"
        self.work = work
        self.manifests = work / "manifests"
        self.manifests.mkdir()
        self.socket = work / "run/podvisor.sock"
        self.log = work / "podvisor.log"
        arguments = [build / "bin/podvisor", "serve", "--manifests", self.manifests]
        arguments += ["--state-dir", state, "--runtime-dir", work / "run"]
        arguments += ["--cgroup-parent", f"podvisor-bench-{os.getpid()}", "--no-masquerade"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log)
        self.pid = self.process.pid
        wait_for(self.answers, "podvisor's socket")

    def answers(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"podvisor ended with {self.process.returncode}")
        try:
            self.get("/livez").close()
        except OSError:
            return False
        return True

    def get(self, path):
        connection = UnixConnection(self.socket)
        connection.request("GET", path)
        return connection.getresponse()

    def add(self, name, mode, **container):
        """Renames a manifest into the directory. Returns when, and the stamps of its container."""
        stamps = Stamps(self.work / f"{name}.stamps")
        command = [str(self.target), mode, str(stamps.path), str(PORT)]
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {
                "terminationGracePeriodSeconds": 2,
                "containers": [{"name": "main", "command": command, **container}],
            },
        }
        written = self.work / f"{name}.json"
        written.write_text(json.dumps(pod))
        arrived = time.monotonic_ns()
        written.rename(self.manifests / f"{name}.json")
        return arrived, stamps

    def remove(self, name):
        (self.manifests / f"{name}.json").unlink()
        path = f"/api/v1/namespaces/default/pods/{name}"
        wait_for(lambda: self.get(path).status == 404, f"removal of {name}")

    def watch(self, name):
        path = "/api/v1/namespaces/default/pods?watch=1&fieldSelector=metadata.name="
        response = self.get(path + name)
        if response.status != 200:
            raise RuntimeError(f"watch of {name}: {response.status} {response.read()}")
        return response

    @staticmethod
    def await_ready(watch):
        """When the watch said so."""
        while line := watch.readline():
            for condition in json.loads(line)["object"]["status"].get("conditions", []):
                if condition["type"] == "Ready" and condition["status"] == "True":
                    return time.monotonic_ns()
        raise RuntimeError("the watch ended before the pod was Ready")

    def stop(self):
        self.process.send_signal(signal.SIGINT)  # SIGTERM would leave the pods
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            print("podvisor does not stop; killing it", file=sys.stderr)
            self.process.kill()
            self.process.wait()


def http_probe(**more):
    return {"httpGet": {"path": "/", "port": PORT}, "periodSeconds": 1, **more}


# ---- What is measured -------------------------------------------------------------------------


def spawn_baseline(target, work):
    """Bare spawn of the same program: from before posix_spawn to its first stamp."""
    delays = []
    for i in range(BASELINES):
        stamps = Stamps(work / f"spawn{i}.stamps")
        begun = time.monotonic_ns()
        pid = os.posix_spawn(target, [target, "stamp", stamps.path], {})
        delays.append(milliseconds(stamps.await_count("start", 1)[0][0] - begun))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return delays


def runc_bundle(target, work):
    bundle = work / "bundle"
    (bundle / "rootfs/stamps").mkdir(parents=True)
    shutil.copy(target, bundle / "rootfs/bench_target")
    subprocess.run(["runc", "spec", "-b", bundle], check=True)
    config = json.loads((bundle / "config.json").read_text())
    config["process"]["terminal"] = False
    config["root"]["readonly"] = False
    (bundle / "config.json").write_text(json.dumps(config))
    return bundle, config


def runc_once(bundle, config, name):
    stamps = Stamps(bundle / "rootfs/stamps" / name)
    config["process"]["args"] = ["/bench_target", "stamp", f"/stamps/{name}"]
    (bundle / "config.json").write_text(json.dumps(config))
    runc = ["runc", "--root", bundle / "state"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    begun = time.monotonic_ns()
    subprocess.run([*runc, "run", "-d", "-b", bundle, name], check=True, **quiet)
    delay = milliseconds(stamps.await_count("start", 1)[0][0] - begun)
    subprocess.run([*runc, "delete", "--force", name], check=True, **quiet)
    return delay


def runc_baseline(target, work):
    if not shutil.which("runc"):
        return None
    bundle, config = runc_bundle(target, work)
    try:
        return [runc_once(bundle, config, f"bench{os.getpid()}-{i}") for i in range(10)]
    except subprocess.CalledProcessError as error:
        print(f"without runc: {error}", file=sys.stderr)
        return None


def start_pod(podvisor, name, **container):
    """Arrival to exec, and to Ready, in ms; and the container's pid."""
    with podvisor.watch(name) as watch:
        arrived, stamps = podvisor.add(name, "stamp", **container)
        ready = podvisor.await_ready(watch)
    started, pid = stamps.await_count("start", 1)[0]
    return milliseconds(started - arrived), milliseconds(ready - arrived), pid


def measure_starts(podvisor, table, compared):
    delays = []
    podvisor_one = pause_one = 0
    for i in range(PODS):
        delays.append(start_pod(podvisor, f"pod{i}", readinessProbe=http_probe()))
        if i == 0:
            time.sleep(2)  # probes have run, nothing is left to be set up
            podvisor_one, pause_one = pss_kib(podvisor.pid), pss_kib(parent_of(delays[0][2]))
    for first, last in ((1, 10), (PODS - 9, PODS)):
        some = delays[first - 1 : last]
        which = f"pods {first} to {last}"
        table.add(f"arrival to exec, {which}", [x[0] for x in some], "ms", "< 5 ms", compared)
        table.add(f"arrival to Ready, {which}", [x[1] for x in some], "ms", "", "probe period: 1 s")
    unprobed = [start_pod(podvisor, f"unprobed{i}")[1] for i in range(10)]
    table.add("arrival to Ready, no probe", unprobed, "ms", "", compared)
    for i in range(10):
        podvisor.remove(f"unprobed{i}")
    return podvisor_one, pause_one, [pid for _, _, pid in delays]


def measure_memory(podvisor, table, one, pause_one, pids):
    begun, cpu = time.monotonic(), cpu_seconds(podvisor.pid)
    time.sleep(3)
    used = (cpu_seconds(podvisor.pid) - cpu) / (time.monotonic() - begun)
    hundred = pss_kib(podvisor.pid)
    limit = 12 * 1024
    table.add("PSS, 1 pod", [one], "KiB", f"< {limit + 60} KiB")
    table.add(f"PSS, {PODS} pods", [hundred], "KiB", f"< {limit + 60 * PODS} KiB")
    table.add("PSS a further pod", [(hundred - one) / (PODS - 1)], "KiB", "< 60 KiB")
    table.add("PSS of the only pause", [pause_one], "KiB", "< 300 KiB")
    pauses = [pss_kib(parent_of(pid)) for pid in pids]
    table.add(f"PSS of one of {PODS} pauses", pauses, "KiB", "< 300 KiB")
    table.add(f"CPU, {PODS} HTTP probes a second", [used * 100], "% of one", "")


def measure_exits(podvisor, table, pids, compared):
    delays = []
    for i in range(RESTARTS):
        killed = time.monotonic_ns()
        os.kill(pids[i], signal.SIGKILL)
        stamps = Stamps(podvisor.work / f"pod{i}.stamps")
        delays.append(milliseconds(stamps.await_count("start", 2)[1][0] - killed))
    table.add("SIGKILL to the next exec", delays, "ms", "< 10 ms", compared)


def measure_oom(podvisor, table):
    """The kernel's part is large where its message about the kill goes to a serial console."""
    until_exit, until_exec = [], []
    for i in range(RESTARTS):
        _, stamps = podvisor.add(f"hog{i}", "hog", resources={"limits": {"memory": "16Mi"}})
        _, pid = stamps.await_count("start", 1)[0]
        exited = exit_after(pid, signal.SIGUSR1)
        again = stamps.await_count("start", 2)[1][0]
        until_exit.append(milliseconds(exited - stamps.last_alive()))
        until_exec.append(milliseconds(again - stamps.last_alive()))
        podvisor.remove(f"hog{i}")
    stop = table.add("OOM kill to exit, the kernel's part", until_exit, "ms")
    aim = f"< {stop:.0f} + 10 ms"
    table.add("OOM kill to the next exec", until_exec, "ms", aim, "kubelet 456 ms")


def measure_liveness(podvisor, table):
    probe = http_probe(failureThreshold=1, initialDelaySeconds=1)
    pods = {}
    for i in range(RESTARTS):
        pods[f"sick{i}"] = podvisor.add(f"sick{i}", "sick", livenessProbe=probe)[1]
        time.sleep(0.03)
    delays = []
    for stamps in pods.values():
        ended, _ = stamps.await_count("term", 1)[0]
        delays.append(milliseconds(ended - stamps.read("answer")[0][0]))
    for name in pods:
        podvisor.remove(name)
    table.add("failed liveness answer to SIGTERM", delays, "ms", "< 1 ms")


def measure(build, work, state):
    table = Table()
    target = build / "tests/bench/bench_target"
    spawn = table.add("bare posix_spawn to exec", spawn_baseline(target, work), "ms")
    compared = f"spawn {spawn:.1f} ms"
    if runc := runc_baseline(target, work):
        compared += f", runc {table.add('runc run to exec', runc, 'ms'):.0f} ms"
    podvisor = Podvisor(build, work, state)
    try:
        one, pause_one, pids = measure_starts(podvisor, table, compared)
        measure_memory(podvisor, table, one, pause_one, pids)
        measure_exits(podvisor, table, pids, f"spawn {spawn:.1f} ms, kubelet 456 ms")
        measure_liveness(podvisor, table)
        measure_oom(podvisor, table)
    except BaseException:
        print(podvisor.log.read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        podvisor.stop()
    table.print()


# ---- Around it --------------------------------------------------------------------------------


def kill_descendants():
    """What a podvisor that had to be killed has left: orphans come to us."""
    while children := children_of(os.getpid()):
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def remove_cgroups():
    for parent in Path("/sys/fs/cgroup").glob(f"**/podvisor-bench-{os.getpid()}"):
        for directory, _, _ in os.walk(parent, topdown=False):
            os.rmdir(directory)


def main(measure=measure):
    """`measure` gets the build's directory, one in memory and one on disk."""
    name = Path(sys.argv[0]).name
    if len(sys.argv) != 2:
        sys.exit(f"usage: {name} BUILD_DIR")
    if os.geteuid() != 0:
        sys.exit(f"{name}: needs root, for namespaces and cgroups")
    if "PODVISOR_BENCH_INSIDE" not in os.environ:
        os.environ["PODVISOR_BENCH_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    build = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="podvisor-bench-") as directory:
        work = Path(directory) / "run"  # in memory, as /run is; the state is on disk
        work.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", work], check=True)
        try:
            measure(build, work, Path(directory) / "state")
        finally:
            kill_descendants()
            remove_cgroups()
            subprocess.run(["umount", work], check=True)


if __name__ == "__main__":
    main()
