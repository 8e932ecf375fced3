#!/usr/bin/env python3
"""Measures pods of one container with an image, against bare `runc run` of the very bundle that
podvisor made, `podman kube play` of the same image, and exec probes in it against `runc exec`.
Prints one table.

Needs root, runc, umoci and skopeo. Runs in network and mount namespaces of its own, with no route
out, and leaves nothing behind. Usage: images_bench.py BUILD_DIR
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
import pods_bench  # noqa: E402
from pods_bench import Podvisor, Stamps, Table, milliseconds, wait_for

STARTS = 20
PROBED = 20  # containers, each with an exec probe a second
PROBE_SECONDS = 15
EXECS = 30
NAME = "bench.example/target:1"


def run(*arguments, **more):
    subprocess.run([str(word) for word in arguments], check=True, stdout=subprocess.DEVNULL, **more)


def make_layout(build, work):
    """An OCI layout with bench_target and exec_target as its only files, but for a shell."""
    root = work / "image-root"
    for name in ("stamps", "proc", "sys", "dev", "tmp", "etc"):
        (root / name).mkdir(parents=True)
    for name in ("bench_target", "exec_target"):
        shutil.copy(build / "tests/bench" / name, root / name)
    layout = work / "layout"
    run("umoci", "init", "--layout", layout)
    run("umoci", "new", "--image", f"{layout}:1")
    run("umoci", "insert", "--image", f"{layout}:1", root, "/")
    return f"oci:{layout}:1"


class ImagePods:
    """Pods whose container writes its stamps into a directory of the host."""

    def __init__(self, build, work, state):
        self.podvisor = Podvisor(build, work, state)
        self.build = build
        self.work = work
        self.stamps = work / "stamps"
        self.stamps.mkdir()

    def manifest(self, name, containers):
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "annotations": {"podvisor.io/network": "none"}},
            "spec": {
                "terminationGracePeriodSeconds": 0,
                "volumes": [{"name": "stamps", "hostPath": {"path": str(self.stamps)}}],
                "containers": containers,
            },
        }

    def container(self, name, **more):
        return {
            "name": name,
            "image": NAME,
            "imagePullPolicy": "IfNotPresent",
            "command": ["/bench_target", "stamp", f"/stamps/{name}"],
            "volumeMounts": [{"name": "stamps", "mountPath": "/stamps"}],
            **more,
        }

    def add(self, name, containers):
        written = self.work / f"{name}.json"
        written.write_text(json.dumps(self.manifest(name, containers)))
        arrived = time.monotonic_ns()
        written.rename(self.podvisor.manifests / f"{name}.json")
        return arrived

    def start_once(self, name):
        stamps = Stamps(self.stamps / name)
        arrived = self.add(name, [self.container(name)])
        return milliseconds(stamps.await_count("start", 1)[0][0] - arrived)

    def uid(self, name):
        response = self.podvisor.get(f"/api/v1/namespaces/default/pods/{name}")
        return json.loads(response.read())["metadata"]["uid"]


class BareRunc:
    """The bundle of a pod's container that runs, run again and again without podvisor."""

    def __init__(self, pods, name):
        made = pods.work / "run/pods" / pods.uid(name) / "bundles" / f"{name}-0"
        self.config = json.loads((made / "config.json").read_text())
        self.bundle = pods.work / "bare"
        self.lower = next((pods.work.parent / "state/images/roots").iterdir()) / "rootfs"
        self.stamps = pods.stamps
        self.runc = ["runc", "--root", str(pods.work / "runc-state")]
        for name in ("rootfs", "upper", "work", "file"):
            (self.bundle / name).mkdir(parents=True)
        self.config["root"]["path"] = str(self.bundle / "rootfs")
        self.config["linux"]["cgroupsPath"] = f"podvisor-bench-{os.getpid()}/bare"
        self.config["linux"]["namespaces"] = [{"type": "mount"}, {"type": "pid"}]
        self.rebind()

    def rebind(self):
        """What podvisor mounts in a namespace of the runtime's own is not there any more."""
        for i, mount in enumerate(self.config["mounts"]):
            if mount["destination"] == "/stamps":
                mount["source"] = str(self.stamps)
            elif mount["destination"] == "/dev/shm":
                mount.update(type="tmpfs", source="shm", options=["nosuid", "noexec", "nodev"])
            elif mount["type"] == "bind" and "/bundles/" in mount["source"]:
                source = self.bundle / "file" / str(i)
                source.write_text("")
                mount["source"] = str(source)

    def once(self, name):
        stamps = Stamps(self.stamps / name)
        self.config["process"]["args"] = ["/bench_target", "stamp", f"/stamps/{name}"]
        (self.bundle / "config.json").write_text(json.dumps(self.config))
        layers = f"lowerdir={self.lower},upperdir={self.bundle}/upper,workdir={self.bundle}/work"
        begun = time.monotonic_ns()
        run("mount", "-t", "overlay", "overlay", "-o", layers, self.bundle / "rootfs")
        mounted = time.monotonic_ns()
        try:
            quiet = {"stdin": subprocess.DEVNULL}
            run(*self.runc, "run", "-d", "-b", self.bundle, name, **quiet)
            started = stamps.await_count("start", 1)[0][0]
            run(*self.runc, "delete", "--force", name)
        finally:
            run("umount", self.bundle / "rootfs")
        # mount(8) is a process more: only the runtime counts.
        return milliseconds(started - mounted), milliseconds(mounted - begun)

    def exec_cpu(self, name):
        """CPU of `runc exec` of a program in it, everybody included, in ms."""
        (self.bundle / "config.json").write_text(json.dumps(self.config))
        layers = f"lowerdir={self.lower},upperdir={self.bundle}/upper,workdir={self.bundle}/work"
        run("mount", "-t", "overlay", "overlay", "-o", layers, self.bundle / "rootfs")
        try:
            run(*self.runc, "run", "-d", "-b", self.bundle, name, stdin=subprocess.DEVNULL)
            used = []
            for _ in range(EXECS):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                run(*self.runc, "exec", name, "/exec_target")
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                used.append(seconds * 1000)
            run(*self.runc, "delete", "--force", name)
        finally:
            run("umount", self.bundle / "rootfs")
        return used


def cpu_with_children(pid):
    """utime, stime, cutime and cstime, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def measure_starts(pods, table):
    delays = [pods.start_once(f"pod{i}") for i in range(STARTS)]
    bare = BareRunc(pods, f"pod{STARTS - 1}")
    runs = [bare.once(f"bare{i}")[0] for i in range(STARTS)]
    for i in range(STARTS):
        pods.podvisor.remove(f"pod{i}")
    runc = table.add("runc run of the same bundle to exec", runs, "ms")
    ours = table.add("image pod, arrival to exec", delays, "ms", f"< {1.25 * runc:.0f} ms")
    table.add("image pod against bare runc", [ours / runc], "times", "< 1.25")
    return bare, ours


def measure_exec(pods, bare, table):
    runc = table.add("CPU of runc exec", bare.exec_cpu("exec"), "ms")
    probe = {"exec": {"command": ["/exec_target"]}, "periodSeconds": 1}
    names = [f"probed{i}" for i in range(PROBED)]
    pods.add("probed", [pods.container(name, livenessProbe=probe) for name in names])
    started = [Stamps(pods.stamps / name).await_count("start", 1) for name in names]
    assert len(started) == PROBED
    pause = wait_for(lambda: pauses_of(pods.podvisor.pid), "the pod's pause")[0]
    everybody = (pods.podvisor.pid, pause)
    time.sleep(2)
    before = sum(cpu_with_children(pid) for pid in everybody)
    time.sleep(PROBE_SECONDS)
    used = sum(cpu_with_children(pid) for pid in everybody) - before
    container = pods_bench.children_of(pause)[0]
    least = float(subprocess.check_output(
        [pods.build / "tests/bench/setns_exec", str(container), str(EXECS * 10), "/exec_target"]))
    pods.podvisor.remove("probed")
    ours = used / (PROBED * PROBE_SECONDS) * 1000
    table.add("CPU of an exec probe, podvisor's and pause's share in it", [ours], "ms",
              f"< {runc / 10:.1f} ms")
    table.add("runc exec against an exec probe", [runc / ours], "times", "> 10")
    table.add("CPU of fork, setns, exec and wait", [least], "ms")
    table.add("an exec probe against that", [ours / least], "times", "< 1.5")


def pauses_of(podvisor):
    pids = pods_bench.children_of(podvisor) + pods_bench.children_of(os.getpid())
    return [pid for pid in pids if "podvisor-pause" in Path(f"/proc/{pid}/cmdline").read_text()]


def measure_podman(image, work, stamps, table, ours):
    """podman's own store is in `work` too: nothing of it is left."""
    if not shutil.which("podman"):
        table.rows.append(("podman kube play to exec", "skipped: no podman here", "", "", ""))
        return
    podman = ["podman", "--root", work / "podman", "--runroot", work / "podman-run",
              "--tmpdir", work / "podman-tmp", "--cgroup-manager", "cgroupfs", "--runtime", "runc"]
    try:
        run("skopeo", "copy", image, f"docker-archive:{work}/image.tar:{NAME}")
        run(*podman, "load", "-i", work / "image.tar", stderr=subprocess.PIPE)
        delays = [podman_once(podman, work, stamps, i) for i in range(5)]
    except subprocess.CalledProcessError as error:
        said = (error.stderr or b"").decode(errors="replace").strip().splitlines()
        why = said[-1][:90] if said else str(error)[:90]
        table.rows.append(("podman kube play to exec", f"skipped: {why}", "", "", ""))
        return
    middle = table.add("podman kube play to exec", delays, "ms")
    table.add("podman kube play against an image pod", [middle / ours], "times")


def podman_once(podman, work, directory, i):
    name = f"podman{i}"
    stamps = Stamps(directory / name)
    container = {
        "name": "main",
        "image": NAME,
        "imagePullPolicy": "Never",
        "command": ["/bench_target", "stamp", f"/stamps/{name}"],
        "volumeMounts": [{"name": "stamps", "mountPath": "/stamps"}],
    }
    manifest = work / f"{name}.yaml"
    manifest.write_text(json.dumps({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "hostNetwork": True,
            "volumes": [{"name": "stamps", "hostPath": {"path": str(directory)}}],
            "containers": [container],
        },
    }))
    begun = time.monotonic_ns()
    run(*podman, "kube", "play", manifest, stderr=subprocess.PIPE)
    started = stamps.await_count("start", 1)[0][0]
    run(*podman, "pod", "rm", "--force", "--time", "0", name, stderr=subprocess.PIPE)
    return milliseconds(started - begun)


def measure(build, work, state):
    missing = [tool for tool in ("runc", "umoci", "skopeo") if not shutil.which(tool)]
    if missing:
        print("skipped: no", ", ".join(missing))
        return
    table = Table()
    image = make_layout(build, work)
    run(build / "bin/podvisor", "image", "load", image, NAME, "--state-dir", state,
        "--runtime-dir", work / "load", stderr=subprocess.DEVNULL)
    pods = ImagePods(build, work, state)
    try:
        pods.start_once("warm")  # finds the runtime
        bare, ours = measure_starts(pods, table)
        measure_exec(pods, bare, table)
        measure_podman(image, work, pods.stamps, table, ours)
    except BaseException:
        print(pods.podvisor.log.read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        pods.podvisor.stop()
    table.print()


if __name__ == "__main__":
    pods_bench.main(measure)
