"""A Windows machine made of wine, with programs of ours on it, and servers on the Linux side of the same loopback."""
import contextlib
import json
import os
import re
import secrets
import select
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BANANA_WINDOWS_BUILD", os.path.join(ROOT, "build", "windows"))
WINE = "/usr/lib/wine/wine64"
PREFIX = os.path.join(BUILD, "wine")
DRIVE = os.path.join(PREFIX, "drive_c")
INTERNET_SETTINGS = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings"


def environment(**more):
    """Of a program under wine: a clean one."""
    values = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/root"), "LC_ALL": "C.UTF-8",
              "WINEPREFIX": PREFIX, "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
    values.update(more)
    return {name: value for name, value in values.items() if value is not None}


def windows_path(path):
    """C:\\... of a path on the machine's drive."""
    return "C:\\" + os.path.relpath(path, DRIVE).replace("/", "\\")


def made_up_key():
    letters = string.ascii_letters + string.digits
    return "sk-" + "".join(secrets.choice(letters) for _ in range(48))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def report(self):
        return json.loads(self.out.decode("utf-8"))


def run(command, cwd=None, limit=120, stdin=b"", **more):
    """Runs a program under wine to its end; the first word is a path of Linux or a Windows program's name."""
    done = subprocess.run([WINE, *command], cwd=cwd or DRIVE, env=environment(**more), input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit)
    return Result(done.returncode, done.stdout, done.stderr)


def registry(*words):
    done = run(["reg", *words, "/f"])
    if done.code:
        raise RuntimeError((words, done.out))


class Tunnel(contextlib.AbstractContextManager):
    """An HTTP proxy that leads every CONNECT to one port of this machine."""

    def __init__(self, target):
        self.target, self.listener = target, socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client):
        asked = b""
        while not asked.endswith(b"\r\n\r\n"):
            more = client.recv(4096)
            if not more:
                return
            asked += more
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with client, socket.create_connection(("127.0.0.1", self.target)) as upstream:
            while True:
                for ready in select.select([client, upstream], [], [])[0]:
                    octets = ready.recv(65536)
                    if not octets:
                        return
                    (upstream if ready is client else client).sendall(octets)

    def __exit__(self, *_):
        self.listener.close()


class Background(contextlib.AbstractContextManager):
    """A program that says one line when it is ready, and is ended at the end."""

    def __init__(self, command, ready, cwd=None, stdin=None, env=None):
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        if stdin is not None:
            self.process.stdin.write(stdin)
            self.process.stdin.flush()
        for line in self.process.stdout:
            found = re.fullmatch(ready, line.decode("utf-8", "replace").strip())
            if found:
                self.said = found
                return
        raise RuntimeError(f"did not start: {command}")

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process.stdout.close()
        self.process.stdin.close()


class Certificates:
    """An authority and a certificate for localhost, made with openssl."""

    def __init__(self, folder):
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)

        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "90",
                "-subj", "/CN=Test Root", "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "leaf.csr", "-subj",
                "/CN=localhost")
        with open(os.path.join(folder, "leaf.ext"), "w") as file:
            file.write("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
        openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                "90", "-extfile", "leaf.ext", "-out", "chain.pem")
        openssl("x509", "-in", "ca.pem", "-outform", "DER", "-out", "ca.der")
        self.authority = os.path.join(folder, "ca.pem")
        self.authority_der = os.path.join(folder, "ca.der")
        self.chain = os.path.join(folder, "chain.pem")
        self.key = os.path.join(folder, "key.pem")


class Machine:
    """One upstream with its certificates, and ComfyUI folders on the drive."""

    def __init__(self):
        self.scratch = tempfile.mkdtemp(prefix="banana-windows-")
        self.certificates = Certificates(self.scratch)
        self.good_key = made_up_key()
        os.makedirs(os.path.dirname(PROGRAM), exist_ok=True)
        shutil.copy(os.path.join(BUILD, "banana-diag.exe"), PROGRAM)
        self.upstream = Background(["/usr/bin/python3", os.path.join(ROOT, "tests/servers/upstream.py"),
                                    self.certificates.chain, self.certificates.key], r"listening (\d+)",
                                   stdin=self.good_key.encode() + b"\n")
        self.base_url = "https://localhost:" + self.upstream.said[1]

    def close(self):
        self.upstream.__exit__()
        shutil.rmtree(self.scratch)

    def install(self, folder, name="ComfyUI", config=None):
        """A portable package below the drive: its own Python beside ComfyUI, the V1 plugin in it."""
        package = os.path.join(DRIVE, folder)
        shutil.rmtree(package, ignore_errors=True)
        comfyui = os.path.join(package, name)
        plugin = os.path.join(comfyui, "custom_nodes", "comfyui-banana-gemini")
        shutil.copytree(os.path.join(ROOT, "tests/fixtures/plugin_v1"), plugin)
        source = os.path.join(plugin, "Gemini_Imagen_Generator.py")
        with open(source, encoding="utf-8") as file:
            text = file.read()
        with open(source, "w", encoding="utf-8") as file:
            file.write(text.replace("https://xinbaoapi.feng1994.xin", self.base_url))
        for part in ("models", "comfy", "output"):
            os.makedirs(os.path.join(comfyui, part))
        for part in ("main.py", "nodes.py", "folder_paths.py"):
            with open(os.path.join(comfyui, part), "w") as file:
                file.write("pass\n")
        python = os.path.join(package, "python")
        os.makedirs(os.path.join(python, "Lib", "site-packages", "certifi"))
        shutil.copy(os.path.join(BUILD, "tests", "windows_helper.exe"), os.path.join(python, "python.exe"))
        shutil.copy(self.certificates.authority, os.path.join(python, "Lib", "site-packages", "certifi", "cacert.pem"))
        install = Install(self, package, comfyui, plugin)
        install.configure(config if config is not None else f"[gemini]\napi_key = {self.good_key}\n")
        return install


class Install:
    def __init__(self, machine, package, comfyui, plugin):
        self.machine, self.package, self.comfyui, self.plugin = machine, package, comfyui, plugin
        self.config = os.path.join(plugin, "config.ini")

    def configure(self, content):
        with open(self.config, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.chmod(self.config, 0o600)

    def serve(self, port=None, **more):
        """ComfyUI runs: python.exe of the package listens, and what answers behind it is real aiohttp."""
        stack = contextlib.ExitStack()
        server = stack.enter_context(Background(
            ["/usr/bin/python3", "-u", os.path.join(ROOT, "tests/servers/comfyui_with_plugins.py"), self.comfyui,
             "--extensions", "--windows-root", windows_path(self.comfyui)], r"listening (\d+)",
            env=dict(os.environ, REQUESTS_CA_BUNDLE=self.machine.certificates.authority,
                     PYTHONDONTWRITEBYTECODE="1")))
        port = port or free_port()
        stack.enter_context(Background(
            [WINE, os.path.join(self.package, "python", "python.exe"), "-s", "ComfyUI\\main.py", "--port", str(port),
             "--relay-to", server.said[1]], "ready", cwd=self.package, env=environment(**more)))
        stack.port = port
        return stack

    def diagnose(self, *words, cwd=None, lang="en", **more):
        """The report of a run in the folder of ComfyUI."""
        return run([PROGRAM, "run", "--lang", lang, "--format", "json", "--output", "-", *words],
                   cwd=cwd or self.comfyui, **more)


# On the machine's own drive, as a user has it.
PROGRAM = os.path.join(DRIVE, "tools", "banana-diag.exe")


def primary(report):
    cause = report["diagnosis"]["primary"]
    return cause["code"] if cause else None


def check(report, name):
    return next(entry for entry in report["checks"] if entry["id"] == name)


def codes(report):
    return [finding["code"] for entry in report["checks"] for finding in entry["findings"]]


if __name__ == "__main__":
    sys.exit("A part of tests/windows/test_windows.py")
