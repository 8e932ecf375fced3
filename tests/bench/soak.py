#!/usr/bin/env python3
"""A soak: 50 pods, each probed twice a second, a container killed every second. Every minute a row of what
podvisor, its door and its pauses hold; in the long run nothing of it may grow.

    tests/bench/soak.py [BUILD_FOLDER] [MINUTES]

Needs root. Runs in network and mount namespaces of its own, and leaves nothing."""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PODS = 50
MARK = "PODVISOR_SOAK_INSIDE"


def manifest(number, target, folder):
    port = 8000
    probe = {"httpGet": {"path": "/ready", "port": port}, "periodSeconds": 1, "timeoutSeconds": 10}
    main = {"name": "main", "command": [target, f"{folder}/flags/{number}", str(port)],
            "readinessProbe": probe, "livenessProbe": probe}
    if number == 0:
        main["ports"] = [{"name": "http", "containerPort": port, "hostPort": 8080}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"soak-{number}"},
            "spec": {"terminationGracePeriodSeconds": 1, "containers": [main]}}


def processes():
    """name -> pids, of this network namespace's podvisor; and flags -> pid of the targets."""
    named, targets = {}, {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            words = open(f"/proc/{entry}/cmdline", "rb").read().split(b"\0")
            name = open(f"/proc/{entry}/comm").read().strip()
        except OSError:
            continue
        named.setdefault(name, []).append(int(entry))
        if name == "chaos_target" and len(words) > 1:
            targets[words[1].decode()] = int(entry)
    return named, targets


def held_by(pids):
    """KiB resident, descriptors, threads."""
    sums = [0, 0, 0]
    for pid in pids:
        try:
            status = dict(line.split(":\t", 1) for line in open(f"/proc/{pid}/status") if ":\t" in line)
            sums[0] += int(status["VmRSS"].split()[0])
            sums[1] += len(os.listdir(f"/proc/{pid}/fd"))
            sums[2] += int(status["Threads"])
        except (OSError, KeyError):
            pass
    return sums


def descends(pid, ancestor):
    while pid > 1:
        if pid == ancestor:
            return True
        try:
            pid = int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
        except OSError:
            return False
    return False


def row(minute, podvisor, parent, killed):
    named, _ = processes()
    doors = [pid for pid in named.get("podvisor-door", []) if descends(pid, podvisor)]
    pauses = [pid for pid in named.get("podvisor-pause", []) if descends(pid, podvisor)]
    own, door, pause = held_by([podvisor]), held_by(doors), held_by(pauses)
    cgroups = subprocess.run(["find", "/sys/fs/cgroup", "-path", f"*{parent}*", "-type", "d"],
                             capture_output=True, text=True, check=False).stdout.count("\n")
    mounts = open("/proc/self/mountinfo").read().count("\n")
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout.count("\n")
    print(f"| {minute} | {killed} | {own[0]} | {own[1]} | {own[2]} | {door[0]} | {door[1]} | "
          f"{len(pauses)} | {pause[0]} | {pause[1]} | {cgroups} | {mounts} | {links} |", flush=True)


def soak(build, minutes):
    folder = tempfile.mkdtemp(prefix="podvisor-soak-")
    parent = os.path.basename(folder)
    for each in ("manifests", "flags"):
        os.mkdir(f"{folder}/{each}")
    target = os.path.abspath(f"{build}/tests/chaos/chaos_target")
    for number in range(PODS):
        with open(f"{folder}/manifests/{number}.json", "w") as file:
            json.dump(manifest(number, target, folder), file)
    with open(f"{folder}/log", "w") as log:
        podvisor = subprocess.Popen(
            [f"{build}/bin/podvisor", "serve", "--manifests", f"{folder}/manifests", "--state-dir",
             f"{folder}/state", "--runtime-dir", f"{folder}/run", "--cgroup-parent", parent,
             "--no-masquerade", "--max-container-restart-period", "1s"], stderr=log)
    print("| minute | killed | podvisor RSS KiB | fds | threads | door RSS KiB | fds | pauses | RSS KiB | fds "
          "| cgroups | mounts | links |\n|" + " --- |" * 13, flush=True)
    killed, begin = 0, time.monotonic()
    try:
        for second in range(minutes * 60 + 1):
            time.sleep(max(0, begin + second - time.monotonic()))
            if second % 60 == 0:
                row(second // 60, podvisor.pid, parent, killed)
            pid = processes()[1].get(f"{folder}/flags/{random.randrange(PODS)}")
            if second >= 10 and pid:
                os.kill(pid, signal.SIGKILL)
                killed += 1
    finally:
        podvisor.send_signal(signal.SIGINT)
        podvisor.wait(60)
        shutil.rmtree(folder)


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build/release"
    minutes = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    if os.environ.get(MARK):
        subprocess.run("ip link set lo up && mount --make-rprivate /", shell=True, check=True)
        return soak(build, minutes)
    return subprocess.call(["unshare", "-n", "-m", sys.executable] + sys.argv, env=dict(os.environ, **{MARK: "1"}))


if __name__ == "__main__":
    sys.exit(main())
