"""The balance route as the compiled family shows it: key and line from the request, one sentence for every failure.
The hosts of the lines come from the environment (LINE_HK, LINE_NEW), so that a test can put servers there."""
import configparser
import os

import requests
from aiohttp import web
from server import PromptServer

WEB_DIRECTORY = "./web"
LINES = {"香港专线": os.environ.get("LINE_HK", ""), "心宝❤新渠道": os.environ.get("LINE_NEW", "")}
SENTENCE = "余额查询失败，请检查 API 服务与网络状态，或联系服务提供者"
SAMPLES = ("your-api-key-here", "your_api_key_here", "yourapikeyhere")


def configured_key():
    parser = configparser.ConfigParser()
    try:
        parser.read(os.path.join(os.path.dirname(__file__), "config.ini"), encoding="utf-8")
        return parser.get("gemini", "api_key", fallback="").strip()
    except configparser.Error:
        return ""


def usable(key):
    return bool(key) and key.lower() not in SAMPLES


class BananaImageNode:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"prompt": ("STRING", {}), "route": (list(LINES), {"default": "心宝❤新渠道"})}}


NODE_CLASS_MAPPINGS = {"BananaImageNode": BananaImageNode, "BananaImageNodeV2": BananaImageNode}


@PromptServer.instance.routes.get("/banana/token_usage")
async def handle(request):
    query = request.query
    key = query.get("banana_api_key") or query.get("api_key") or ""
    key = key if usable(key) else configured_key()
    if not usable(key):
        return web.json_response({"success": False, "message": "未配置有效的 API Key"}, status=400)
    if query.get("refresh") != "1":
        return web.json_response({"success": False, "cached": False, "stale": True,
                                  "message": "暂无余额缓存，请点击“查询余额”按钮刷新"})
    base = LINES.get(query.get("route", ""), LINES["香港专线"])
    try:
        answer = requests.get(base + "/api/usage/token", headers={"Authorization": "Bearer " + key}, timeout=15)
    except requests.RequestException as error:
        print(f"余额查询失败，错误摘要: 网络错误 ({type(error).__name__})")
        return web.json_response({"success": False, "message": SENTENCE}, status=400)
    if answer.status_code >= 400:
        print("余额查询失败，错误摘要: HTTP 错误")
        return web.json_response({"success": False, "message": SENTENCE}, status=400)
    data = answer.json()["data"]
    return web.json_response({"success": True, "data": data, "raw": answer.json(), "cached": False, "stale": False,
                              "summary": f"🔑 查询时间 16:49\n剩余可用积分: {data['total_available'] // 5000:,}"})
