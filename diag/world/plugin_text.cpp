#include "plugin_text.hpp"

namespace banana::world::text {

const std::string_view kConfigExample = R"ini([gemini]
api_key = YOUR_API_KEY_HERE
balance_cost_factor = 0.5
max_workers = 8
)ini";

const std::string_view kV3Init = R"py("""Hands over to the loader."""
from .loader_bootstrap import load

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
