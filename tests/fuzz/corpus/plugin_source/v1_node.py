"""An image node and the balance query of its page."""
import configparser
import os
import threading
import time

import requests
from aiohttp import web

from logger import logger

try:
    from server import PromptServer
except ImportError:
    PromptServer = None

DEFAULT_API_BASE_URL = "https://xinbaoapi.feng1994.xin"
SAMPLE_KEY = "your-api-key-here"
YUAN_PER_TOKEN = 0.20 / 100000


class BananaImageNode:
    CONFIG_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "config.ini")
    _route_ready = False
    _retry_timer = None
    _balances = {}

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"prompt": ("STRING", {"multiline": True})},
            "optional": {
                "api_key": ("STRING", {"default": ""}),
                "base_url": ("STRING", {"default": DEFAULT_API_BASE_URL}),
            },
        }

    RETURN_TYPES = ("STRING",)
    FUNCTION = "generate"
    CATEGORY = "image"

    @classmethod
    def read_options(cls):
        """Reads the file anew each time; writes a sample when there is none."""
        if not os.path.exists(cls.CONFIG_FILE):
            cls.write_sample()
        parser = configparser.ConfigParser()
        try:
            parser.read(cls.CONFIG_FILE, encoding="utf-8")
            if parser.has_section("gemini"):
                return parser["gemini"]
        except Exception as error:
            logger.error(f"读取配置文件失败: {error}")
        return {}

    @classmethod
    def write_sample(cls):
        with open(cls.CONFIG_FILE, "w", encoding="utf-8") as file:
            file.write(f"[gemini]\napi_key = {SAMPLE_KEY}\nbalance_cost_factor = 1.0\nmax_workers = 4\n")

    @classmethod
    def load_config(cls):
        """The key of config.ini; the sample where there is none."""
        options = cls.read_options()
        try:
            return options.get("api_key", SAMPLE_KEY).strip()
        except Exception as error:
            logger.error(f"读取配置文件失败: {error}")
            return SAMPLE_KEY

    @classmethod
    def cost_factor(cls):
        try:
            return min(max(float(cls.read_options().get("balance_cost_factor", 1.0)), 0.0001), 100.0)
        except ValueError:
            logger.warning("balance_cost_factor 无效，使用默认值")
            return 1.0

    @classmethod
    def fetch_token_usage(cls, base_url, api_key):
        """Asks the upstream; returns its whole answer. Raises for every failure."""
        response = requests.get(
            base_url.rstrip("/") + "/api/usage/token",
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=15,
        )
        if response.status_code >= 400:
            raise RuntimeError(f"余额查询失败: HTTP {response.status_code}")
        try:
            return response.json()
        except ValueError as error:
            raise RuntimeError("余额查询失败: 响应非 JSON") from error

    @classmethod
    def describe(cls, data, factor):
        """The three lines that the page shows."""
        data = data or {}

        def yuan(name):
            value = data.get(name)
            return "-" if value is None else f"¥{value * YUAN_PER_TOKEN * factor:.4f}"

        expires = data.get("expires_at")
        until = "不过期" if not expires else time.strftime("%Y-%m-%d %H:%M", time.localtime(expires))
        return "\n".join([
            f"🔑 查询时间 {time.strftime('%H:%M')}",
            f"估算费用: 可用 {yuan('total_available')} / 已用 {yuan('total_used')} (仅参考)",
            f"到期: {until}",
        ])

    @classmethod
    def _store_balance_snapshot(cls, place, answer):
        cls._balances[place] = {**answer, "stored_at": time.time()}

    @classmethod
    def _cached_answer(cls, place):
        kept = cls._balances.get(place)
        if kept is None:
            return {"success": False, "message": "暂无余额缓存，请点击“查询余额”按钮刷新", "cached": False, "stale": True}
        answer = {name: value for name, value in kept.items() if name != "stored_at"}
        age = int(time.time() - kept["stored_at"])
        answer.update(cached=True, stale=age > 60)
        if answer["stale"]:
            answer["summary"] += f"\n⚠️ 余额信息已 {age}s 未刷新，点击节点按钮获取最新数据"
        return answer

    @classmethod
    def ensure_balance_route(cls):
        if cls._route_ready:
            return
        instance = getattr(PromptServer, "instance", None)
        if instance is None:
            cls._retry_timer = threading.Timer(1.0, cls.ensure_balance_route)
            cls._retry_timer.daemon = True
            cls._retry_timer.start()
            return
        prompt_server = instance

        @prompt_server.routes.get("/banana/token_usage")
        async def handle_token_usage(request):
            refresh = request.query.get("refresh", "").lower() in ("1", "true", "yes", "on")
            base_url = request.query.get("base_url") or DEFAULT_API_BASE_URL
            api_key = cls.load_config()
            if not api_key or api_key == SAMPLE_KEY:
                return web.json_response({"success": False, "message": "未配置有效的 API Key"}, status=400)
            place = (base_url, api_key)
            if not refresh:
                return web.json_response(cls._cached_answer(place))
            try:
                import asyncio
                loop = asyncio.get_event_loop()
                raw = await loop.run_in_executor(None, cls.fetch_token_usage, base_url, api_key)
                factor = cls.cost_factor()
                answer = {
                    "success": True,
                    "data": raw.get("data"),
                    "raw": raw,
                    "summary": cls.describe(raw.get("data"), factor),
                    "cost_factor": factor,
                    "cached": False,
                    "stale": False,
                }
                cls._store_balance_snapshot(place, answer)
                return web.json_response(answer)
            except Exception as error:
                return web.json_response(
                    {"success": False, "message": str(error)},
                    status=400,
                )

        cls._route_ready = True

    def generate(self, prompt, api_key="", base_url=DEFAULT_API_BASE_URL):
        # 输入框里的密钥优先
        effective_key = api_key.strip() if api_key.strip() else self.load_config()
        if not effective_key or effective_key == SAMPLE_KEY:
            raise RuntimeError("未配置有效的 API Key")
        return (prompt,)


NODE_CLASS_MAPPINGS = {"BananaImageNode": BananaImageNode}
NODE_DISPLAY_NAME_MAPPINGS = {"BananaImageNode": "心宝❤Banana"}

BananaImageNode.ensure_balance_route()
