#include "plugin_text.hpp"

#include <algorithm>

namespace banana::world::text {

const std::string_view kConfigExample = R"ini([gemini]
api_key = YOUR_API_KEY_HERE
balance_cost_factor = 0.5
max_workers = 8
)ini";

const std::string_view kV3Init = R"py("""Hands over to the loader."""
from .loader_bootstrap import load

__version__ = "V0.09"
WEB_DIRECTORY = "./web"
NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS = load(__file__)
)py";

const std::string_view kV3ComputedInit = R"py("""Hands over to the loader, and tells the version of pyproject.toml."""
import os

from .loader_bootstrap import load


def _version():
    with open(os.path.join(os.path.dirname(__file__), "pyproject.toml"), encoding="utf-8") as project:
        for row in project:
            if row.strip().startswith("version"):
                return row.split("=", 1)[1].strip().strip('"')
    return "0"


__version__ = f"V{_version()}"
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
    print("[Main]   %HEADER%")
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
version = "%VERSION%"
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

const std::string_view kForkConfigManager = R"py("""config.ini of this folder."""
import configparser
import os

CONFIG_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "config.ini")


def read_option(name, default):
    parser = configparser.ConfigParser()
    try:
        parser.read(CONFIG_FILE, encoding="utf-8")
        return parser.get("gemini", name, fallback=default).strip()
    except configparser.Error as failure:
        print(f"读取配置文件失败: {failure}")
        return default


def get_api_key():
    return read_option("api_key", "you api_key")


def get_base_url():
    parser = configparser.ConfigParser()
    parser.read(CONFIG_FILE, encoding="utf-8")
    return parser.get("gemini", "api_base_url", fallback="https://mirror.example.net")
)py";

const std::string_view kForkRouteInit = R"py("""Loads the node file of this folder."""
import os
import sys

__version__ = "V0.04"
WEB_DIRECTORY = "./web"

_FOLDER = os.path.dirname(os.path.abspath(__file__))
if _FOLDER not in sys.path:
    sys.path.insert(0, _FOLDER)

print("🍌 Banana Node Loader")
from Gemini_Imagen_Generator import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
)py";

const std::string_view kForkRouteNode = R"py("""The image node and the balance query of its page."""
import asyncio
import threading

from aiohttp import web

import balance_service
import config_manager
from server import PromptServer


class BananaImageNode:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"prompt": ("STRING", {"multiline": True})}, "optional": {"api_key": ("STRING", {"default": ""})}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "generate"
    CATEGORY = "banana"

    @classmethod
    def ensure_balance_route(cls):
        prompt_server = getattr(PromptServer, "instance", None)
        if prompt_server is None:
            threading.Timer(1.0, cls.ensure_balance_route).start()
            return

        @prompt_server.routes.get("/banana/token_usage")
        async def handle_token_usage(request):
            base_url = config_manager.get_base_url()
            key = request.query.get("api_key", "").strip() or config_manager.get_api_key()
            if not key:
                return web.json_response({"success": False, "message": "未配置有效的 API Key"}, status=400)
            try:
                body = await asyncio.to_thread(balance_service.fetch_token_usage, base_url, key)
                answer = {"success": True, "data": body.get("data"), "summary": balance_service.words(body), "cached": False}
                return web.json_response(answer)
            except Exception as failure:
                return web.json_response({"success": False, "message": str(failure)}, status=400)

    def generate(self, prompt, api_key=""):
        key = api_key.strip() or config_manager.get_api_key()
        raise RuntimeError(f"no image is made here ({len(key)} characters)")


BananaImageNode.ensure_balance_route()

NODE_CLASS_MAPPINGS = {"BananaImageNode": BananaImageNode}
NODE_DISPLAY_NAME_MAPPINGS = {"BananaImageNode": "心宝❤Banana"}
)py";

const std::string_view kForkBalanceService = R"py("""Asks for the balance and puts it into words."""
import time

import requests


def fetch_token_usage(base_url, key):
    headers = {"Authorization": f"Bearer {key}", "X-API-Key": key}
    answer = requests.get(base_url.rstrip("/") + "/api/usage/token", headers=headers, timeout=15)
    answer.raise_for_status()
    return answer.json()


def words(body):
    data = body.get("data") or {}
    left, used = data.get("total_available", 0) // 5, data.get("total_used", 0) // 5
    return f"🔑 查询时间 {time.strftime('%H:%M')}\n剩余可用积分: {left}\n已使用积分: {used}"
)py";

std::string balance_script(std::string_view parameters, std::string_view other_buttons) {
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

)js";
    constexpr std::string_view kEnd = R"js(];

app.registerExtension({
  name: "banana.token-balance",
  nodeCreated(node) {
    if (node.comfyClass?.startsWith("BananaImageNode")) {
      for (const [label, action] of buttons) {
        node.addWidget("button", label, null, () => action(node, true));
      }
    }
  },
});
)js";
    std::string script = std::string(kHead) + std::string(parameters) + std::string(kTail);
    script += "const buttons = [[\"查询余额\", queryBalance]";
    for (std::size_t at = 0; at < other_buttons.size();) {
        const std::size_t end = std::min(other_buttons.find('|', at), other_buttons.size());
        script += ", [\"" + std::string(other_buttons.substr(at, end - at)) + "\", () => undefined]";
        at = end + 1;
    }
    return script + std::string(kEnd);
}

}  // namespace banana::world::text
