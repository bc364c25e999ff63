"""Times whole runs of the program against real servers and against what a person would do by hand.

    bench.py PROGRAM [--short]

Two commands run in turn, so that a machine that grows slower slows down both; ratios are of their medians. Prints a
Markdown table, the one that README.md shows. Servers, certificates and folders are made for the occasion; traffic stays
on this machine: on loopback, or in network namespaces of its own, which take root and are left out without it.
--short: fewer runs, and nothing that takes seconds.
"""
import argparse
import contextlib
import datetime
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import statistics
import string
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
DELAY_MS = 50  # each way
PYTHON = "/usr/bin/python3"  # the one that the packages are for
NAMESPACES = ("bench-near", "bench-far")


class Run:
    """One finished command: seconds, the processor's seconds, exit code."""

    def __init__(self, command, environment):
        before = time.monotonic()
        process = os.posix_spawn(shutil.which(command[0], path=environment["PATH"]), command, environment,
                                 file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                                               (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)])
        _, status, usage = os.wait4(process, 0)
        self.seconds = time.monotonic() - before
        self.processor = usage.ru_utime + usage.ru_stime
        self.code = os.waitstatus_to_exitcode(status)


class Bench:
    def __init__(self, program, short):
        self.program, self.short = program, short
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="banana-bench-"))
        self.cleanup = contextlib.ExitStack()
        self.cleanup.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"}
        self.rows = []
        self.key = "sk-" + "".join(random.choices(string.ascii_letters + string.digits, k=48))
        self.make_certificates()
        self.make_install()

    # ---- what is diagnosed ----

    def make_certificates(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.folder)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                "ca.key", "-out", "ca.pem", "-days", "60", "-subj", "/CN=Bench CA")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "server.key",
                "-out", "server.csr", "-subj", "/CN=bench")
        (self.folder / "names").write_text("subjectAltName=IP:127.0.0.1,IP:10.77.0.2\n")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "50", "-extfile",
                "names", "-out", "server.pem")
        system = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
        bundle = (system.read_bytes() if system.exists() else b"") + (self.folder / "ca.pem").read_bytes()
        (self.folder / "bundle.pem").write_bytes(bundle)

    def make_install(self):
        self.root = self.folder / "ComfyUI"
        self.plugin = self.root / "custom_nodes" / "comfyui-banana-gemini"
        shutil.copytree(TESTS / "fixtures" / "plugin_v1", self.plugin)
        (self.root / "main.py").write_text("# entry point\n")
        (self.root / "nodes.py").write_text("# nodes\n")
        config = self.plugin / "config.ini"
        config.write_text(f"[gemini]\napi_key = {self.key}\n")
        config.chmod(0o600)

    @staticmethod
    def free_port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def start(self, command, ready, namespace=None):
        if namespace:
            command = ["ip", "netns", "exec", namespace, *command]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                   env=self.environment, cwd=self.folder)
        def stop():
            process.send_signal(signal.SIGTERM)
            process.wait()
        self.cleanup.callback(stop)
        if ready and not process.stdout.readline().startswith(ready):
            sys.exit("did not start: " + " ".join(command))
        return process

    def start_nginx(self, address, namespace=None):
        port = self.free_port()
        answer = json.dumps({"code": True, "message": "ok", "data": {
            "expires_at": 0, "name": "n", "object": "token_usage", "total_available": 4585000,
            "total_granted": 5000000, "total_used": 415000, "unlimited_quota": False}})
        config = self.folder / f"nginx-{port}.conf"
        config.write_text(f"""daemon off; worker_processes 1; pid {self.folder}/nginx-{port}.pid; error_log stderr;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy; fastcgi_temp_path {self.folder}/f;
  uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  server {{
    listen {address}:{port} ssl; ssl_certificate {self.folder}/server.pem; ssl_certificate_key {self.folder}/server.key;
    location = /api/usage/token {{ return 301 /api/usage/token/; }}
    location = /api/usage/token/ {{ default_type application/json; return 200 '{answer}'; }}
    absolute_redirect off;
  }}
}}
""")
        self.start(["nginx", "-c", str(config), "-e", "stderr"], None, namespace)
        for _ in range(100):
            if subprocess.run((["ip", "netns", "exec", namespace] if namespace else []) +
                              ["curl", "-sk", "-o", os.devnull, f"https://{address}:{port}/"], check=False).returncode == 0:
                return f"https://{address}:{port}"
            time.sleep(0.05)
        sys.exit("nginx did not start")

    def start_comfyui(self, *upstream, namespace=None):
        port = self.free_port()
        self.start([PYTHON, str(HERE / "comfyui.py"), str(self.root), str(port), *upstream], "ready", namespace)
        return f"http://127.0.0.1:{port}"

    def diagnosis(self, upstream, comfyui, *options):
        return [self.program, "--comfyui-dir", str(self.root), "--comfyui-url", comfyui, "--base-url", upstream,
                "--ca-file", str(self.folder / "ca.pem"), "--proxy", "none", "--output", str(self.folder / "report.md"),
                "-q", *options]

    def curl(self, upstream, trust, key=True):
        return ["curl", "-sS", "--fail", "-L", "--cacert", str(self.folder / trust), "-H",
                "Authorization: Bearer " + self.key, upstream + "/api/usage/token/"]

    # ---- measuring ----

    def run(self, command, namespace=None, expected=(0,)):
        prefix = ["ip", "netns", "exec", namespace] if namespace else []
        run = Run([*prefix, *command], {**self.environment, "KEY": self.key})
        if expected is not None and run.code not in expected:
            sys.exit(f"exit code {run.code}: {' '.join(command[:1])}")
        return run

    def pair(self, ours, theirs, runs, namespace=None):
        runs = max(3, runs // 4) if self.short else runs
        pairs = []
        for index in range(runs + 1):
            pair = (self.run(ours, namespace), self.run(theirs, namespace))
            if index > 0:  # the first warms up
                pairs.append(pair)
        return [first for first, _ in pairs], [second for _, second in pairs]

    @staticmethod
    def median(runs, what="seconds"):
        return statistics.median(getattr(run, what) for run in runs)

    def row(self, goal, figure, must):
        self.rows.append((goal, figure, must))
        print(f"| {goal} | {figure} | {must} |", flush=True)

    def ratio_row(self, goal, ours, theirs, must, runs=40, namespace=None):
        first, second = self.pair(ours, theirs, runs, namespace)
        a, b = self.median(first), self.median(second)
        self.row(goal, f"{a / b:.2f} ({a * 1000:.1f} ms over {b * 1000:.1f} ms)", must)
        return first

    def healthy(self):
        upstream, comfyui = self.start_nginx("127.0.0.1"), self.start_comfyui()
        ours = self.diagnosis(upstream, comfyui)
        runs = self.ratio_row("healthy run, over one curl HTTPS request with the system's bundle", ours,
                              self.curl(upstream, "bundle.pem"), "≤ 0.35")
        self.ratio_row("the same, over one with its own CA", ours, self.curl(upstream, "ca.pem"), "≤ 1.3")
        script = [PYTHON, str(HERE / "four_requests.py"), upstream, str(self.folder / "ca.pem"), comfyui]
        self.ratio_row("the same, over a Python script that does four of its requests", ours, script, "≤ 0.12", 20)
        self.row("processor time of a healthy run", f"{self.median(runs, 'processor') * 1000:.1f} ms", "≤ 14 ms")
        self.row("memory at the peak of a healthy run", self.peak_text(ours), "≤ 10 MB")
        version = [self.run([self.program, "--version"]) for _ in range(8 if self.short else 40)]
        self.row("`--version`", f"{self.median(version) * 1000:.2f} ms", "≤ 1.5 ms")
        instructions = self.instructions(ours)
        if instructions:
            self.row("instructions of a healthy run, by callgrind", f"{instructions / 1e6:.1f} million", "")
        if not self.short:
            self.growth(upstream, comfyui)

    def instructions(self, command):
        if self.short or not shutil.which("valgrind"):
            return None
        out = self.folder / "callgrind.out"
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *command, "--timeout", "60",
                               "--deadline", "200"], capture_output=True, env=self.environment, check=False)
        lines = [line for line in out.read_text().splitlines() if line.startswith(("summary:", "totals:"))] \
            if done.returncode == 0 and out.exists() else []
        return int(lines[-1].split()[1]) if lines else None

    def peak(self, command):
        """KiB, or none. A process counts the memory that its starter had just then: time(1) has next to none."""
        out = self.folder / "peak"
        if not os.path.exists("/usr/bin/time"):
            return None
        subprocess.run(["/usr/bin/time", "-f", "%M", "-o", str(out), *command], env=self.environment, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return int(out.read_text().split()[-1])

    def peak_text(self, command):
        peak = self.peak(command)
        return f"{peak * 1024 / 1e6:.1f} MB" if peak else "?"

    def growth(self, upstream, comfyui):
        ours = self.diagnosis(upstream, comfyui)
        plain = self.median([self.run(ours) for _ in range(10)])

        def grown(what, expected=(0,), command=ours):
            runs = [self.run(command, expected=expected) for _ in range(5)]
            self.row(f"with {what}", f"{self.median(runs) / plain:.2f} × a healthy run, "
                     f"{self.peak_text(command)}", "flat")

        nodes = [self.root / "custom_nodes" / f"node-{number}" for number in range(10_000)]
        for node in nodes:
            node.mkdir()
            (node / "__init__.py").write_text("NODE_CLASS_MAPPINGS = {}\n")
        grown("10,000 custom nodes")
        for node in nodes:
            shutil.rmtree(node)
        sleepers = [subprocess.Popen(["sleep", "600"]) for _ in range(2_000)]
        grown("2,000 other processes")
        for sleeper in sleepers:
            sleeper.kill()
            sleeper.wait()
        log = self.root / "comfyui.log"
        line = b"[2025-11-12 16:49:00.123] Prompt executed in 12.34 seconds, all of it well\n"
        with log.open("wb") as file:
            block = line * (1024 * 1024 // len(line))
            for _ in range(1024):
                file.write(block)
        grown("a log of 1 GB")
        log.unlink()
        grown("an upstream whose answer never ends", (0, 1), self.diagnosis(self.start_endless(), comfyui))

    def start_endless(self):
        """Each request is answered with a body without an end."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.cleanup.callback(listener.close)

        def answer(connection):
            with connection, contextlib.suppress(OSError):
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
                while True:
                    connection.sendall(b'{"data":[' * 8192)

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()
        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def hanging(self):
        """Connects, then silence: upstream and, with it, the plugin's own query."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.cleanup.callback(listener.close)
        upstream = f"http://127.0.0.1:{listener.getsockname()[1]}"
        comfyui = self.start_comfyui(upstream, "-")
        run = self.run(self.diagnosis(upstream, comfyui), expected=(1,))
        self.row("upstream that hangs, ComfyUI and plugin fine: whole run", f"{run.seconds:.1f} s", "≤ 18.5 s")

    # ---- in network namespaces ----

    def namespaces(self):
        ip = lambda *arguments: subprocess.run(["ip", *arguments], check=True, capture_output=True)
        for name in NAMESPACES:
            ip("netns", "add", name)
            self.cleanup.callback(subprocess.run, ["ip", "netns", "del", name], capture_output=True, check=False)
            ip("-n", name, "link", "set", "lo", "up")
        link = self.start([PYTHON, str(TESTS / "servers" / "delay_link.py"), "bench0", "bench1", str(DELAY_MS)],
                          "ready")
        for name, device, address in zip(NAMESPACES, ("bench0", "bench1"), ("10.77.0.1/24", "10.77.0.2/24")):
            ip("link", "set", device, "netns", name)
            ip("-n", name, "addr", "add", address, "dev", device)
            ip("-n", name, "link", "set", device, "up")
        return link

    def far_away(self):
        near, far = NAMESPACES
        self.namespaces()
        upstream = self.start_nginx("10.77.0.2", far)
        comfyui = self.start_comfyui(upstream, str(self.folder / "ca.pem"), namespace=near)
        curl = self.curl(upstream, "bundle.pem")
        curl[-1] = curl[-1].rstrip("/")  # the redirect, which every query meets
        self.ratio_row(f"{2 * DELAY_MS} ms round trip, the plugin asks too: over one curl HTTPS request",
                       self.diagnosis(upstream, comfyui), curl, "≤ 1.06", 12, near)

    def black_hole(self):
        """Name servers, upstream and ComfyUI that never answer: how long after --deadline the program is gone."""
        near = NAMESPACES[0]
        settings = pathlib.Path("/etc/netns") / near
        settings.mkdir(parents=True)
        self.cleanup.callback(shutil.rmtree, settings, ignore_errors=True)
        (settings / "resolv.conf").write_text("nameserver 10.77.0.99\nnameserver 10.77.0.98\n")
        command = self.diagnosis("https://upstream.example", "http://10.77.0.97:8188", "--deadline", "2")
        plain = self.median([self.run([self.program, "--version"], near) for _ in range(5)])
        runs = [self.run(command, near, (1, 3)) for _ in range(2 if self.short else 10)]
        late = self.median(runs) - plain - 2
        self.row("black hole, name servers too: exit after the deadline", f"+{late * 1000:.0f} ms", "≤ +50 ms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    bench = Bench(str(pathlib.Path(options.program).resolve()), options.short)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    print(f"{datetime.date.today()}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {os.uname().release.split('-')[0]}, "
          f"load at the start {load:.1f}\n")
    print("| what | measured | must |\n| --- | --- | --- |", flush=True)
    with bench.cleanup:
        bench.healthy()
        if os.geteuid() == 0 and shutil.which("ip") and os.path.exists("/dev/net/tun"):
            bench.far_away()
            bench.black_hole()
        if not options.short:
            bench.hanging()


if __name__ == "__main__":
    main()
