"""Tells which proxy Python's requests takes where the proxy settings of Windows decide.

Python's own code for Windows runs here; only the registry that it asks is made up. Each line of the input is a JSON
object {"server": …, "exceptions": …, "url": …}; each line of the output is the proxy as a JSON string, or null.
"""
import importlib
import json
import os
import sys
import types
import urllib.request

import requests

values = {}


class Key:
    def Close(self):
        pass


def query_value(_key, name):
    if values.get(name) is None:
        raise FileNotFoundError(name)
    return values[name], 1


winreg = types.ModuleType("winreg")
winreg.HKEY_CURRENT_USER = None
winreg.OpenKey = lambda _root, _path: Key()
winreg.QueryValueEx = query_value
sys.modules["winreg"] = winreg

# What these modules define depends on the system at the time of their import.
here = os.name, sys.platform
os.name, sys.platform = "nt", "win32"
importlib.reload(urllib.request)
importlib.reload(requests.compat)
importlib.reload(requests.utils)
os.name, sys.platform = here

for name in list(os.environ):
    if name.lower().endswith("_proxy"):
        del os.environ[name]

for line in sys.stdin:
    case = json.loads(line)
    values = {"ProxyEnable": 1, "ProxyServer": case["server"], "ProxyOverride": case["exceptions"]}
    proxies = requests.utils.get_environ_proxies(case["url"])
    print(json.dumps(requests.utils.select_proxy(case["url"], proxies)), flush=True)
