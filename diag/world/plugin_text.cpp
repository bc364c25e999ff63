#include "world/plugin_text.hpp"

namespace banana::world::text {

const std::string_view kConfigExample = R"ini([gemini]
api_key = YOUR_API_KEY_HERE
balance_cost_factor = 0.5
max_workers = 8
)ini";

const std::string_view kLogger = R"py("""Coloured console lines of the node package."""
import time


def _stamp():
    return time.strftime("%H:%M:%S")


def info(text):
    print(f"[{_stamp()}][Main]   {text}")


def warning(text):
    print(f"[{_stamp()}][Main]   ⚠️ {text}")


def error(text):
    print(f"[{_stamp()}][Main]   ❌ {text}")
)py";

const std::string_view kV1Init = R"py("""Loads every node file of this folder."""
import importlib.util
import os

from . import logger

__version__ = "V0.03"
WEB_DIRECTORY = "./web"
NODE_CLASS_MAPPINGS = {}
NODE_DISPLAY_NAME_MAPPINGS = {}


def _node_files(folder):
    skipped = {"__init__.py", "logger.py"}
    return sorted(name for name in os.listdir(folder) if name.endswith(".py") and name not in skipped)


def _load(folder):
    logger.info("🍌 Banana Node Loader")
    for name in _node_files(folder):
        try:
            spec = importlib.util.spec_from_file_location(name[:-3], os.path.join(folder, name))
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            NODE_CLASS_MAPPINGS.update(getattr(module, "NODE_CLASS_MAPPINGS", {}))
            NODE_DISPLAY_NAME_MAPPINGS.update(getattr(module, "NODE_DISPLAY_NAME_MAPPINGS", {}))
            logger.info(f"✅ 成功加载节点文件: {name}")
        except Exception as failure:
            logger.error(f"加载节点文件失败 {name}: {failure}")


_load(os.path.dirname(os.path.abspath(__file__)))
)py";

const std::string_view kV1Node = R"py("""One image node and the balance query behind its button."""
import asyncio
import configparser
import os
import threading
import time

import requests
from aiohttp import web

import logger
from server import PromptServer

DEFAULT_API_BASE_URL = "https://xinbaoapi.feng1994.xin"
CONFIG_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "config.ini")
SAMPLE_KEYS = {%SAMPLES%}


class BananaImageNode:
    _balance_route_ready = False
    _balance_snapshots = {}

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"prompt": ("STRING", {"multiline": True})},
            "optional": {"api_key": ("STRING", {"default": ""}), "base_url": ("STRING", {"default": DEFAULT_API_BASE_URL})},
        }

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "generate"
    CATEGORY = "banana"

    @classmethod
    def load_config(cls):
        parser = configparser.ConfigParser()
        if not os.path.exists(CONFIG_FILE):
            cls._write_sample()
        try:
            parser.read(CONFIG_FILE, encoding="utf-8")
            key = parser.get("gemini", "api_key", fallback="your-api-key-here").strip()
            cls.cost_factor = parser.getfloat("gemini", "balance_cost_factor", fallback=1.0)
            return key
        except Exception as failure:
            logger.error(f"读取配置文件失败: {failure}")
            return "your-api-key-here"

    @classmethod
    def _write_sample(cls):
        with open(CONFIG_FILE, "w", encoding="utf-8") as sample:
            sample.write("[gemini]\napi_key = your-api-key-here\n")

    @staticmethod
    def is_usable_key(key):
        return bool(key) and key%NORMALISE% not in SAMPLE_KEYS

    @classmethod
    def fetch_token_usage(cls, base_url, key):
        answer = requests.get(
            base_url.rstrip("/") + "/api/usage/token",
            headers={"Authorization": f"Bearer {key}"},
            timeout=15,
        )
        if answer.status_code >= 400:
            raise RuntimeError(f"余额查询失败: HTTP {answer.status_code}")
        try:
            return answer.json()
        except ValueError as failure:
            raise RuntimeError("余额查询失败: 响应非 JSON") from failure

    @classmethod
    def _store_balance_snapshot(cls, base_url, key, body):
        snapshot = {"data": body.get("data"), "raw": body, "time": time.time()}
        cls._balance_snapshots[(base_url, key)] = snapshot
        return snapshot

    @classmethod
    def _summary(cls, data):
        factor = getattr(cls, "cost_factor", 1.0)
        available = data.get("total_available", 0) * 0.20 / 100000 * factor
        used = data.get("total_used", 0) * 0.20 / 100000 * factor
        return f"🔑 查询时间 {time.strftime('%H:%M')}\n估算费用: 可用 ¥{available:.4f} / 已用 ¥{used:.4f} (仅参考)"

    @classmethod
    def ensure_balance_route(cls):
        if cls._balance_route_ready:
            return
        prompt_server = getattr(PromptServer, "instance", None)
        if prompt_server is None:
            retry = threading.Timer(1.0, cls.ensure_balance_route)
            retry.daemon = True
            retry.start()
            return

        @prompt_server.routes.get("/banana/token_usage")
        async def handle_token_usage(request):
            key = cls.load_config()
            base_url = request.query.get("base_url") or DEFAULT_API_BASE_URL
            refresh = request.query.get("refresh", "").lower() in {"1", "true", "yes", "on"}
%ROUTE_KEY%            if not cls.is_usable_key(key):
                return web.json_response({"success": False, "message": "未配置有效的 API Key"}, status=400)
            if not refresh:
                snapshot = cls._balance_snapshots.get((base_url, key))
                if snapshot is None:
                    text = "暂无余额缓存，请点击“查询余额”按钮刷新"
                    return web.json_response({"success": False, "message": text, "cached": False, "stale": True})
                return web.json_response({"success": True, "data": snapshot["data"], "cached": True})
            try:
                body = await asyncio.to_thread(cls.fetch_token_usage, base_url, key)
                snapshot = cls._store_balance_snapshot(base_url, key, body)
            except Exception as failure:
                return web.json_response({"success": False, "message": str(failure)}, status=400)
            summary = cls._summary(snapshot["data"] or {})
            return web.json_response({"success": True, "data": snapshot["data"], "raw": body, "summary": summary})

        cls._balance_route_ready = True

    def generate(self, prompt, api_key="", base_url=DEFAULT_API_BASE_URL):
        key = api_key.strip() or self.load_config()
        raise RuntimeError(f"no image is made here ({len(key)} characters)")


BananaImageNode.ensure_balance_route()

NODE_CLASS_MAPPINGS = {"BananaImageNode": BananaImageNode}
NODE_DISPLAY_NAME_MAPPINGS = {"BananaImageNode": "心宝❤Banana"}
)py";

const std::string_view kV2Init = R"py("""Loads the node file of this folder."""
import importlib
import os
import sys

from . import logger

__version__ = "V0.03"
WEB_DIRECTORY = "./web"
NODE_CLASS_MAPPINGS = {}
NODE_DISPLAY_NAME_MAPPINGS = {}

_FOLDER = os.path.dirname(os.path.abspath(__file__))
if _FOLDER not in sys.path:
    sys.path.insert(0, _FOLDER)

logger.info("🍌 Banana Node Loader")
for _name in sorted(os.listdir(_FOLDER)):
    if not _name.endswith(".py") or _name in {"__init__.py", "logger.py"}:
        continue
    try:
        _module = importlib.import_module(_name[:-3])
        NODE_CLASS_MAPPINGS.update(getattr(_module, "NODE_CLASS_MAPPINGS", {}))
        NODE_DISPLAY_NAME_MAPPINGS.update(getattr(_module, "NODE_DISPLAY_NAME_MAPPINGS", {}))
        logger.info(f"✅ 成功加载节点文件: {_name}")
    except Exception as _failure:
        logger.error(f"加载节点文件失败 {_name}: {_failure}")
)py";

const std::string_view kV2Node = R"py("""The image node; its helpers live in modules of their own."""
import asyncio
import threading

from aiohttp import web

import api_client
import balance_service
import config_manager
import image_codec
import logger
import task_runner
from server import PromptServer


class BananaImageNode:
    _balance_route_ready = False

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"prompt": ("STRING", {"multiline": True})}, "optional": {"api_key": ("STRING", {"default": ""})}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "generate"
    CATEGORY = "banana"

    @classmethod
    def ensure_balance_route(cls):
        if cls._balance_route_ready:
            return
        prompt_server = getattr(PromptServer, "instance", None)
        if prompt_server is None:
            retry = threading.Timer(1.0, cls.ensure_balance_route)
            retry.daemon = True
            retry.start()
            return

        @prompt_server.routes.get("/banana/token_usage")
        async def handle_token_usage(request):
            query = request.rel_url.query
            settings = config_manager.load_config()
            node_key = query.get("api_key", "").strip()
            key = node_key if config_manager.is_usable_key(node_key) else settings.api_key
            bypass_proxy = query.get("bypass_proxy", "") in {"1", "true"}
            verify = query.get("disable_ssl_verify", "") not in {"1", "true"}
            if not config_manager.is_usable_key(key):
                return web.json_response({"success": False, "message": "未配置有效的 API Key"}, status=400)
            refresh = query.get("refresh", "").lower() in {"1", "true", "yes", "on"}
            if not refresh:
                return web.json_response(balance_service.cached_answer(settings.base_url, key))
            try:
                body = await asyncio.to_thread(
                    api_client.fetch_token_usage, settings.base_url, key, bypass_proxy, verify)
                return web.json_response(balance_service.store_snapshot(settings, key, body))
            except Exception as failure:
                return web.json_response({"success": False, "message": str(failure)}, status=400)

        cls._balance_route_ready = True

    def generate(self, prompt, api_key=""):
        key = api_key.strip() or config_manager.load_config().api_key
        return task_runner.run(prompt, key, image_codec)


BananaImageNode.ensure_balance_route()

NODE_CLASS_MAPPINGS = {"BananaImageNode": BananaImageNode}
NODE_DISPLAY_NAME_MAPPINGS = {"BananaImageNode": "心宝❤Banana"}
)py";

const std::string_view kV2ConfigManager = R"py("""config.ini of this folder."""
import base64
import configparser
import os
from dataclasses import dataclass

import logger

CONFIG_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "config.ini")
SAMPLE_KEYS = {"your-api-key-here", "your_api_key_here", "yourapikeyhere"}
_DEFAULT_BASE_URL_POINTS = [104, 116, 116, 112, 115, 58, 47, 47, 97, 112, 105, 46, 97, 97, 98, 97, 111, 46, 116, 111, 112]
DEFAULT_BASE_URL = "".join(chr(point) for point in _DEFAULT_BASE_URL_POINTS)


@dataclass
class Settings:
    api_key: str
    base_url: str
    cost_factor: float


def is_usable_key(key):
    lowered = key.strip().lower()
    bare = "".join(lowered.split()).replace("_", "").replace("-", "")
    return bool(lowered) and lowered not in SAMPLE_KEYS and bare not in SAMPLE_KEYS


def _decode(value):
    return bytes(byte ^ 7 for byte in base64.b64decode(value)).decode("utf-8")


def load_config():
    parser = configparser.ConfigParser()
    try:
        parser.read(CONFIG_FILE, encoding="utf-8")
        key = parser.get("gemini", "api_key", fallback="your-api-key-here").strip()
    except Exception as failure:
        logger.error(f"读取配置文件失败: {failure}")
        return Settings("your-api-key-here", DEFAULT_BASE_URL, 0.6)
    base_url = DEFAULT_BASE_URL
    encoded = parser.get("gemini", "api_base_url_enc", fallback="")
    if encoded:
        try:
            base_url = _decode(encoded)
        except ValueError:
            logger.warning("api_base_url_enc")
    return Settings(key, base_url, parser.getfloat("gemini", "balance_cost_factor", fallback=0.6))
)py";

const std::string_view kV2ApiClient = R"py("""Requests to the service."""
import requests


def fetch_token_usage(base_url, key, bypass_proxy=False, verify=True):
    session = requests.Session()
    session.trust_env = not bypass_proxy
    headers = {"Authorization": f"Bearer {key}", "X-API-Key": key, "X-Banana-Client": "comfyui"}
    answer = session.get(base_url.rstrip("/") + "/api/usage/token", headers=headers, timeout=15, verify=verify)
    answer.raise_for_status()
    return answer.json()
)py";

const std::string_view kV2BalanceService = R"py("""Keeps the last balance of each key and puts it into words."""
import time

_snapshots = {}


def store_snapshot(settings, key, body):
    _snapshots[(settings.base_url, key)] = (time.time(), body)
    data = body.get("data") or {}
    factor = settings.cost_factor or 0.6
    available = data.get("total_available", 0) * 0.20 / 100000 / factor
    used = data.get("total_used", 0) * 0.20 / 100000 / factor
    summary = f"🔑 查询时间 {time.strftime('%H:%M')}\n估算费用: 可用 ¥{available:.4f} / 已用 ¥{used:.4f} (仅参考)"
    return {"success": True, "data": data, "raw": body, "summary": summary, "cached": False, "stale": False}


def cached_answer(base_url, key):
    if (base_url, key) not in _snapshots:
        text = "暂无余额缓存，请点击“查询余额”按钮刷新"
        return {"success": False, "message": text, "cached": False, "stale": True}
    _, body = _snapshots[(base_url, key)]
    return {"success": True, "data": body.get("data"), "raw": body, "cached": True, "stale": False}
)py";

const std::string_view kV2ImageCodec = R"py("""Images as base64 text and back."""
import base64


def decode(text):
    return base64.b64decode(text)
)py";

const std::string_view kV2TaskRunner = R"py("""Runs one generation."""


def run(prompt, key, codec):
    raise RuntimeError(f"no image is made here ({len(prompt)} characters)")
)py";

const std::string_view kV3Init = R"py("""Hands over to the loader."""
from .loader_bootstrap import load

WEB_DIRECTORY = "./web"
NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS = load(__file__)
)py";

const std::string_view kV3Bootstrap = R"py("""Finds the binary modules for this platform and loads their nodes."""
import importlib.util
import os
import sys

SUFFIXES = {"win32": ".pyd", "darwin": ".darwin.so"}


def load(init_file):
    folder = os.path.dirname(os.path.abspath(init_file))
    suffix = SUFFIXES.get(sys.platform, ".so")
    classes, names = {}, {}
    print("[Main]   心宝❤Banana Loader")
    for name in sorted(os.listdir(folder)):
        if not name.endswith(suffix):
            continue
        try:
            spec = importlib.util.spec_from_file_location(name.split(".")[0], os.path.join(folder, name))
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            classes.update(getattr(module, "NODE_CLASS_MAPPINGS", {}))
            names.update(getattr(module, "NODE_DISPLAY_NAME_MAPPINGS", {}))
            print(f"[Main]   ✅ 成功加载节点文件: {name}")
        except Exception as failure:
            print(f"[Main]   ❌ 加载节点文件失败 {name}: {failure}")
    return classes, names
)py";

const std::string_view kV3Project = R"toml([project]
name = "banana-li"
version = "0.1.6"
requires-python = ">=3.10"
)toml";

const std::string_view kForkInit = R"py("""One image node."""
from .gemini_node import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
)py";

const std::string_view kForkNode = R"py("""An image node without a balance query."""
import configparser
import os

CONFIG_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "config.ini")


class BananaImageNode:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"prompt": ("STRING", {"multiline": True})}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "generate"
    CATEGORY = "banana"

    def generate(self, prompt):
        parser = configparser.ConfigParser()
        parser.read(CONFIG_FILE, encoding="utf-8")
        key = parser.get("gemini", "api_key", fallback="you api_key")
        raise RuntimeError(f"no image is made here ({len(key)} characters)")


NODE_CLASS_MAPPINGS = {"BananaImageNode": BananaImageNode}
NODE_DISPLAY_NAME_MAPPINGS = {"BananaImageNode": "Banana"}
)py";

std::string balance_script(std::string_view parameters) {
    constexpr std::string_view kHead = R"js(import { app } from "../../../scripts/app.js";
import { api } from "../../../scripts/api.js";

const widgetValue = (node, name) => node.widgets?.find((widget) => widget.name === name)?.value ?? "";

async function requestBalance(node, refresh) {
  const baseUrl = widgetValue(node, "base_url");
  const apiKey = widgetValue(node, "api_key");
  const route = widgetValue(node, "route");
  const response = await api.fetchApi(
    `/banana/token_usage?)js";
    constexpr std::string_view kTail = R"js(`,
    { method: "GET" }
  );
  const result = await response.json().catch(() => ({ message: `HTTP ${response.status}` }));
  if (!response.ok || !result.success) {
    throw new Error(result.message || `HTTP ${response.status}`);
  }
  return result;
}

async function queryBalance(node, refresh) {
  const box = node.widgets?.find((widget) => widget.name === "balance");
  try {
    const result = await requestBalance(node, refresh);
    box.value = result.summary;
  } catch (failure) {
    box.value = `❌ ${failure.message}`;
  }
}

app.registerExtension({
  name: "banana.token-balance",
  nodeCreated(node) {
    if (node.comfyClass?.startsWith("BananaImageNode")) {
      node.addWidget("button", "查询余额", null, () => queryBalance(node, true));
    }
  },
});
)js";
    return std::string(kHead) + std::string(parameters) + std::string(kTail);
}

}  // namespace banana::world::text
