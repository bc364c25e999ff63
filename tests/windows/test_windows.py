"""The program as Windows runs it, under wine; see tests/windows.sh, which prepares everything.

python3 tests/windows/test_windows.py [NAME...]
"""
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import fcntl
import time
import unittest

import windows_machine as windows
from windows_machine import DRIVE, PROGRAM, Background, Machine, check, codes, primary, registry, run, windows_path


def setUpModule():
    global machine
    machine = Machine()


def tearDownModule():
    machine.close()


class Program(unittest.TestCase):
    def test_it_starts_and_says_its_version(self):
        result = run([PROGRAM, "--version"])
        self.assertEqual(result.code, 0)
        self.assertRegex(result.out, rb"^banana-diag [0-9.]+\n$")  # no CR: the stream is one of bytes

    def test_every_embedded_scenario_is_diagnosed(self):
        result = run([PROGRAM, "self-test", "--lang", "en"], limit=600)
        self.assertEqual(result.code, 0, result.out.decode("utf-8", "replace")[-3000:])

    def test_what_is_read_does_not_end_at_control_z(self):
        text = "before\r\nапр \x1a api_key = abc\r\nafter 余额\r\n".encode()
        result = run([PROGRAM, "redact", "-"], stdin=text)
        self.assertEqual(result.code, 0)
        self.assertTrue(result.out.endswith("after 余额\r\n".encode()), result.out)
        self.assertNotIn(b"\r\r\n", result.out)

    def test_no_folder_of_the_building_machine_is_in_it(self):
        with open(PROGRAM, "rb") as file:
            content = file.read()
        for folder in (windows.ROOT, os.path.expanduser("~"), "/tmp/"):
            self.assertNotIn(folder.encode(), content)

    def test_only_libraries_of_the_system_are_needed(self):
        headers = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", PROGRAM], capture_output=True, text=True,
                                 check=True).stdout
        needed = set(name.lower() for name in re.findall(r"DLL Name: (\S+)", headers))
        self.assertLessEqual(needed, {
            "advapi32.dll", "bcrypt.dll", "crypt32.dll", "gdi32.dll", "iphlpapi.dll", "kernel32.dll", "mswsock.dll",
            "msvcrt.dll", "ntdll.dll", "ole32.dll", "shell32.dll", "user32.dll", "ws2_32.dll"})
        self.assertRegex(headers, "DYNAMIC_BASE")
        self.assertRegex(headers, "NX_COMPAT")
        self.assertRegex(headers, r"Time/Date\s+(Thu Jan  1 00:00:00 1970|00000000)")

    def test_the_default_report_goes_to_the_current_folder(self):
        folder = os.path.join(DRIVE, "报 告")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        result = run([PROGRAM, "demo", "--lang", "zh-CN"], cwd=folder)
        self.assertEqual(result.code, 1)
        reports = os.listdir(folder)
        self.assertEqual(len(reports), 1, reports)
        with open(os.path.join(folder, reports[0]), "rb") as file:
            content = file.read()
        self.assertNotIn(b"\r\n", content)
        self.assertIn("config.key-placeholder", content.decode("utf-8"))


class Configuration(unittest.TestCase):
    """config.ini as Notepad and other programs leave it; ComfyUI is off."""

    @classmethod
    def setUpClass(cls):
        cls.install = machine.install("AI 绘画/ComfyUI-aki-v1.3")

    def code_of(self, content, wanted):
        self.install.configure(content)
        report = self.install.diagnose("--only", "config.key").report
        self.assertIn(wanted, codes(report))
        return report

    def test_windows_line_ends_are_fine(self):
        self.install.configure(f"[gemini]\r\napi_key = {machine.good_key}\r\n")
        self.assertEqual(check(self.install.diagnose("--only", "config.key").report, "config.key")["status"], "pass")

    def test_a_byte_order_mark(self):
        self.code_of(b"\xef\xbb\xbf[gemini]\r\napi_key = x\r\n", "config.bom")

    def test_the_encoding_that_notepad_calls_ansi(self):
        report = self.code_of("[gemini]\r\n; 我的密钥\r\napi_key = x\r\n".encode("gbk"), "config.encoding")
        finding = check(report, "config.key")["findings"][0]
        self.assertIn("GB", str(finding["args"]["encoding"]))

    def test_the_encoding_that_notepad_calls_unicode(self):
        self.code_of("\ufeff[gemini]\r\napi_key = x\r\n".encode("utf-16-le"), "config.encoding")

    def test_a_file_that_another_program_holds(self):
        self.install.configure("[gemini]\napi_key = x\n")
        helper = os.path.join(self.install.package, "python", "python.exe")
        with Background([windows.WINE, helper, "lock", windows_path(self.install.config)], "ready",
                        env=windows.environment()):
            report = self.install.diagnose("--only", "config.key").report
        finding = check(report, "config.key")["findings"][0]
        self.assertEqual((finding["code"], finding["args"]["variant"]), ("config.file-unreadable", "in-use"))

    def test_who_can_read_the_key(self):
        profiles = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
        others = [profiles + r"\S-1-5-21-1-2-3-" + number for number in ("1001", "1002")]
        self.install.configure(f"[gemini]\napi_key = {machine.good_key}\n")
        for profile in others:
            registry("add", profile)
        try:
            self.assertNotIn("config.key-exposed", codes(self.install.diagnose("--only", "config.key").report))
            os.chmod(self.install.config, 0o644)  # wine shows the mode as an access list
            self.assertIn("config.key-exposed", codes(self.install.diagnose("--only", "config.key").report))
        finally:
            for profile in others:
                registry("delete", profile)
        # Nobody else has an account here: everyone is the user.
        self.assertNotIn("config.key-exposed", codes(self.install.diagnose("--only", "config.key").report))

    def test_a_chinese_user_name_with_a_blank_does_not_show(self):
        install = machine.install("users/张 三/我的 ComfyUI", config="[gemini]\napi_key = YOUR_API_KEY_HERE\n")
        home = os.path.join(DRIVE, "users", "张 三")
        try:
            # wine sets the variable itself for the first program.
            result = run(["cmd", "/c", f"set USERPROFILE={windows_path(home)}&& {windows_path(PROGRAM)}"
                          " run --lang zh-CN --only config.key --output -"], cwd=install.comfyui)
        finally:
            shutil.rmtree(home)
        text = (result.out + result.err).decode("utf-8")
        self.assertIn(r"~\我的 ComfyUI\ComfyUI\custom_nodes\comfyui-banana-gemini\config.ini", text)
        self.assertNotIn("张", text)

    def test_no_report_is_left_in_comfyuis_folder(self):
        self.install.configure("[gemini]\napi_key = YOUR_API_KEY_HERE\n")
        desktop = os.path.join(DRIVE, "users", os.environ.get("USER", "root"), "Desktop")
        before = set(os.listdir(desktop))
        result = run([PROGRAM, "run", "--lang", "en", "--only", "config.key"], cwd=self.install.comfyui)
        self.assertEqual(result.code, 1)
        made = set(os.listdir(desktop)) - before
        self.assertEqual(len(made), 1, result.out)
        os.remove(os.path.join(desktop, made.pop()))

    def test_paths_are_shown_as_windows_writes_them(self):
        self.install.configure("[gemini]\napi_key = YOUR_API_KEY_HERE\n")
        result = run([PROGRAM, "run", "--lang", "zh-CN", "--only", "config.key", "--output", "-"],
                     cwd=self.install.comfyui)
        text = result.out.decode("utf-8")
        self.assertIn(r"C:\AI 绘画\ComfyUI-aki-v1.3\ComfyUI\custom_nodes\comfyui-banana-gemini\config.ini", text)


class Repair(unittest.TestCase):
    """`fix`, where Windows has ways of its own."""

    @classmethod
    def setUpClass(cls):
        # Of several installs that do not run none would be touched.
        shutil.rmtree(os.path.join(DRIVE, "AI 绘画"), ignore_errors=True)
        cls.install = machine.install("AI 绘画/修复 ComfyUI")

    def setUp(self):
        for name in os.listdir(self.install.plugin):
            if ".banana-diag-" in name:
                os.remove(os.path.join(self.install.plugin, name))
        self.before = b"\xef\xbb\xbf[gemini]\r\napi_key = " + machine.good_key.encode() + b"\r\n"
        self.install.configure(self.before)

    def fix(self, *words):
        return run([PROGRAM, "fix", "--lang", "en", *words, "--output", windows_path(os.path.join(DRIVE, "fix.json"))],
                   cwd=self.install.comfyui)

    def content(self):
        with open(self.install.config, "rb") as file:
            return file.read()

    def backups(self):
        return [os.path.join(self.install.plugin, name) for name in os.listdir(self.install.plugin)
                if name.endswith(".bak")]

    def test_the_backup_is_for_the_same_people(self):
        # wine keeps access lists as Unix modes, and adds the right to run what may be read.
        for mode in (0o600, 0o644):
            os.chmod(self.install.config, mode)
            with self.install.serve():
                done = self.fix("--yes")
            self.assertEqual(done.code, 0, done.out.decode("utf-8", "replace"))
            self.assertEqual(self.content(), self.before[3:])
            backup, = self.backups()
            self.assertEqual(os.stat(backup).st_mode & 0o004, mode & 0o004)
            self.assertEqual(os.stat(self.install.config).st_mode & 0o004, mode & 0o004)
            self.fix("--undo", "--yes")
            self.assertEqual(self.content(), self.before)

    def test_a_file_that_another_program_holds(self):
        helper = os.path.join(self.install.package, "python", "python.exe")
        with Background([windows.WINE, helper, "lock", windows_path(self.install.config)], "ready",
                        env=windows.environment()):
            done = self.fix("--yes")
        self.assertEqual(done.code, 1)
        self.assertEqual(self.content(), self.before)
        self.assertEqual(self.backups(), [])

    def test_a_file_that_is_write_protected(self):
        os.chmod(self.install.config, 0o400)
        with self.install.serve():  # of several installs that do not run none would be touched
            done = self.fix("--yes")
        self.assertEqual(done.code, 1)
        self.assertIn(b"write-protected", done.out)
        self.assertEqual(self.content(), self.before)


class Search(unittest.TestCase):
    """Installs that are found while ComfyUI is off, from a folder that says nothing."""

    @classmethod
    def setUpClass(cls):
        shutil.rmtree(os.path.join(DRIVE, "AI 绘画"), ignore_errors=True)
        # The drive that stands for the Linux side may hold a ComfyUI too.
        os.remove(os.path.join(windows.PREFIX, "dosdevices", "z:"))

    @classmethod
    def tearDownClass(cls):
        os.symlink("/", os.path.join(windows.PREFIX, "dosdevices", "z:"))

    def found(self, folder, name="ComfyUI"):
        install = machine.install(folder, name)
        try:
            elsewhere = os.path.join(DRIVE, "windows", "temp")
            report = install.diagnose("--only", "install.plugin", cwd=elsewhere).report
            self.assertEqual(report["subject"]["comfyui_dir"], windows_path(install.comfyui))
        finally:
            shutil.rmtree(os.path.join(DRIVE, folder.split("/")[0]))

    def test_two_folders_deep_with_blanks_and_chinese(self):
        self.found("AI 绘画/ComfyUI 便携版")

    def test_below_a_name_that_says_nothing(self):
        self.found("下载/新建文件夹")

    def test_at_the_top(self):
        self.found("ComfyUI_windows_portable")

    def test_stability_matrix(self):
        self.found("StabilityMatrix/Data/Packages")

    def test_pinokio(self):
        self.found("pinokio/api/comfy.git", "app")

    def test_desktop(self):
        install = machine.install("mine/quiet place/deeper")
        settings = os.path.join(DRIVE, "users", os.environ.get("USER", "root"), "AppData", "Roaming", "ComfyUI")
        os.makedirs(settings, exist_ok=True)
        with open(os.path.join(settings, "config.json"), "w", encoding="utf-8") as file:
            file.write('{"installState": "installed", "basePath": "C:\\\\mine\\\\quiet place\\\\deeper\\\\ComfyUI"}')
        try:
            report = install.diagnose("--only", "install.plugin", cwd=os.path.join(DRIVE, "windows", "temp")).report
            self.assertEqual(report["subject"]["comfyui_dir"], windows_path(install.comfyui))
        finally:
            shutil.rmtree(settings)
            shutil.rmtree(os.path.join(DRIVE, "mine"))


class Chain(unittest.TestCase):
    """A ComfyUI that runs: its process is a Windows program, its answers are aiohttp's and the plugin's."""

    @classmethod
    def setUpClass(cls):
        cls.install = machine.install("AI 绘画/ComfyUI-aki-v1.3")

    def setUp(self):
        self.install.configure(f"[gemini]\napi_key = {machine.good_key}\n")

    def test_a_working_install_is_healthy(self):
        with self.install.serve():
            result = self.install.diagnose()
        self.assertEqual(result.code, 0, result.out.decode("utf-8", "replace")[-4000:])
        # The fixture's page script does not send the node's key, and only its own certifi knows the test's authority.
        self.assertLessEqual(set(codes(result.report)), {"frontend.key-not-sent", "upstream.intercepted"})

    def test_the_proxy_of_the_running_process_counts(self):
        dead = f"http://127.0.0.1:{windows.free_port()}"
        with self.install.serve(HTTPS_PROXY=dead):
            report = self.install.diagnose().report
        self.assertIn("upstream.proxy-failure", codes(report))
        self.assertIn("HTTPS_PROXY", str(check(report, "upstream.api")))

    def test_it_is_found_on_a_port_of_its_own_and_from_another_folder(self):
        with self.install.serve() as server:
            report = self.install.diagnose(cwd=os.path.join(DRIVE, "windows", "temp")).report
            self.assertEqual(report["subject"]["comfyui_url"], f"http://127.0.0.1:{server.port}")
        self.assertEqual(report["subject"]["comfyui_dir"], windows_path(self.install.comfyui))

    def test_the_proxy_of_the_registry_counts(self):
        dead = f"127.0.0.1:{windows.free_port()}"
        registry("add", windows.INTERNET_SETTINGS, "/v", "ProxyEnable", "/t", "REG_DWORD", "/d", "1")
        registry("add", windows.INTERNET_SETTINGS, "/v", "ProxyServer", "/t", "REG_SZ", "/d", dead)
        try:
            with self.install.serve():
                report = self.install.diagnose().report
        finally:
            registry("add", windows.INTERNET_SETTINGS, "/v", "ProxyEnable", "/t", "REG_DWORD", "/d", "0")
            registry("delete", windows.INTERNET_SETTINGS, "/v", "ProxyServer")
        self.assertIn("upstream.proxy-failure", codes(report))

    def test_the_proxy_of_a_batch_file_is_tried_where_there_is_no_other_way(self):
        proxy = self.enterContext(windows.Tunnel(int(machine.upstream.said[1]))).url
        script = os.path.join(self.install.package, "run_nvidia_gpu.bat")
        with open(script, "wb") as file:
            file.write(f"@echo off\r\nset HTTPS_PROXY={proxy}\r\n.\\python\\python.exe -s ComfyUI\\main.py\r\n".encode())
        try:
            report = self.install.diagnose("--base-url", f"https://localhost:{windows.free_port()}").report
        finally:
            os.remove(script)
        self.assertEqual(primary(report), "upstream.connection-refused")
        self.assertEqual(report["diagnosis"]["primary"]["confidence"], "likely")
        self.assertIn("run_nvidia_gpu.bat", str(check(report, "upstream.api")))

    def test_a_proxy_script_of_the_registry_is_named(self):
        registry("add", windows.INTERNET_SETTINGS, "/v", "AutoConfigURL", "/t", "REG_SZ", "/d", "http://127.0.0.1/x.pac")
        try:
            nobody = f"https://127.0.0.1:{windows.free_port()}"
            report = self.install.diagnose("--only", "upstream.api", "--base-url", nobody).report
        finally:
            registry("delete", windows.INTERNET_SETTINGS, "/v", "AutoConfigURL")
        self.assertEqual(codes(report), ["upstream.connection-refused"])
        self.assertIn("proxy-script", str(check(report, "upstream.api")))

    def test_an_authority_in_the_systems_store_is_trusted(self):
        certifi = os.path.join(self.install.package, "python", "Lib", "site-packages", "certifi")
        shutil.rmtree(certifi)
        before = self.install.diagnose("--only", "upstream.api").report
        self.assertIn("upstream.tls-untrusted", codes(before))
        helper = os.path.join(self.install.package, "python", "python.exe")
        certificate = os.path.join(DRIVE, "ca.der")
        shutil.copy(machine.certificates.authority_der, certificate)
        self.assertEqual(run([helper, "trust", windows_path(certificate)]).code, 0)
        after = self.install.diagnose("--only", "upstream.api").report
        self.assertNotIn("upstream.tls-untrusted", codes(after))
        os.makedirs(certifi)
        shutil.copy(machine.certificates.authority, os.path.join(certifi, "cacert.pem"))


class DoubleClick(unittest.TestCase):
    """The program alone on its console, beside ComfyUI's folder, driven by keys."""

    def setUp(self):
        self.install = machine.install("AI 绘画/ComfyUI-aki-v1.3", config="[gemini]\napi_key = YOUR_API_KEY_HERE\n")
        self.program = os.path.join(self.install.package, "banana-diag.exe")
        shutil.copy(PROGRAM, self.program)
        self.desktop = os.path.join(DRIVE, "users", "root", "Desktop")
        for name in os.listdir(self.desktop):
            if name.startswith("banana-diag-report-"):
                os.remove(os.path.join(self.desktop, name))

    def start(self):
        """In a terminal of 100 columns; standard streams are the console, as after a double click."""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(self.install.package)
            values = windows.environment(TERM="xterm", LANG="zh_CN.UTF-8")
            os.execve(windows.WINE, [windows.WINE, self.program], values)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        self.shown = b""

    def read(self, end):
        """Appends what the terminal shows next; false where it shows nothing more."""
        if not select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]:
            return False
        try:
            more = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.shown += more
        return bool(more)

    def wait_for(self, text, limit=90):
        end = time.monotonic() + limit
        while text.encode() not in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", self.shown):
            if not self.read(end):
                os.kill(self.pid, signal.SIGKILL)
                self.fail(f"{text} did not come: " + self.shown.decode("utf-8", "replace"))

    def press(self, key):
        self.shown = b""
        os.write(self.terminal, key.encode())

    def end(self, limit=30):
        end = time.monotonic() + limit
        while self.read(end):
            pass
        if time.monotonic() >= end:
            os.kill(self.pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.terminal)
        return code

    def reports(self):
        return sorted(name for name in os.listdir(self.desktop) if name.startswith("banana-diag-report-"))

    def test_it_runs_at_once_and_obeys_keys(self):
        self.start()
        self.wait_for("关闭窗口")
        first = self.reports()
        self.assertEqual([os.path.splitext(name)[1] for name in first], [".html", ".md"])
        with open(os.path.join(self.desktop, first[1]), encoding="utf-8") as file:
            self.assertIn("config.key-placeholder", file.read())
        self.press("R")
        self.wait_for("关闭窗口")
        self.assertEqual(len(self.reports()), 4)
        self.assertFalse(self.backups())
        self.press("u")  # nothing to undo: the key is not offered
        self.press("q")
        self.assertEqual(self.end(), 1)

    def backups(self):
        return sorted(name for name in os.listdir(self.install.plugin) if name.endswith(".bak"))

    def content(self):
        with open(self.install.config, "rb") as file:
            return file.read()

    def answer(self, text):
        self.wait_for("[y/N]")
        self.press(text + "\r")

    def test_f_repairs_what_it_found_and_u_puts_it_back(self):
        sound = f"[gemini]\r\napi_key = {machine.good_key}\r\n".encode()
        broken = b"\xef\xbb\xbf" + sound
        self.install.configure(broken)
        with self.install.serve():
            self.start()
            self.wait_for("关闭窗口")
            self.press("f")
            self.answer("")
            self.wait_for("没有修改任何文件")
            self.assertEqual(self.content(), broken)
            self.wait_for("关闭窗口")
            self.press("F")
            self.answer("y")
            self.wait_for("修好了")
            self.wait_for("按 U")
            self.wait_for("关闭窗口")
            self.assertEqual(self.content(), sound)
            self.assertEqual(len(self.backups()), 1)
            self.press("c")
            self.wait_for("关闭窗口")
            self.press("r")
            self.wait_for("撤销")  # also after another diagnosis
            self.wait_for("关闭窗口")
            self.press("U")
            self.answer("y")
            self.wait_for("已恢复")
            self.wait_for("关闭窗口")
            self.assertEqual(self.content(), broken)
            self.assertEqual(self.backups(), [])
            self.press("q")
            self.assertEqual(self.end(), 1)
        # Every report lies where the first one does, as a page too.
        names = self.reports()
        self.assertEqual(len([name for name in names if name.endswith(".html")]) * 2, len(names))
        self.assertFalse([name for name in os.listdir(self.install.package) if name.endswith(".md")])

    def test_f_asks_for_a_key_that_does_not_show(self):
        with self.install.serve():
            self.start()
            self.wait_for("关闭窗口")
            self.press("f")
            self.wait_for("请粘贴你的 Key")
            self.press(machine.good_key + "\r")
            self.answer("y")
            self.wait_for("修好了")
            self.assertNotIn(machine.good_key[10:40].encode(), self.shown)
            self.wait_for("关闭窗口")
            self.assertIn(machine.good_key.encode(), self.content())
            self.press("q")
            self.assertEqual(self.end(), 0)

    def test_w_watches_until_it_works_or_q_is_pressed(self):
        with self.install.serve():
            self.start()
            self.wait_for("关闭窗口")
            self.press("w")
            self.wait_for("继续守候")
            self.press("q")
            self.wait_for("关闭窗口")
            self.press("w")
            self.wait_for("继续守候")
            self.install.configure(f"[gemini]\r\napi_key = {machine.good_key}\r\n")
            self.wait_for("现在可以点")
            self.wait_for("关闭窗口")
            self.press("q")
            self.assertEqual(self.end(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
