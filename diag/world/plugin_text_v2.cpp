#include "plugin_text.hpp"

namespace banana::world::text {

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

}  // namespace banana::world::text
