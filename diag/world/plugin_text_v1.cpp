#include "plugin_text.hpp"

namespace banana::world::text {

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

}  // namespace banana::world::text
