"""A ComfyUI with the plugin in it, as far as a diagnosis asks: aiohttp, as the real one.

    comfyui.py ROOT PORT [UPSTREAM CA_FILE]

ROOT holds custom_nodes/<plugin>. The balance route answers by itself, or asks UPSTREAM first, by requests, in a
thread and with 15 seconds of patience, as the plugin does. Prints "ready" once it listens.
"""
import asyncio
import pathlib
import sys

import requests
from aiohttp import web

root = pathlib.Path(sys.argv[1])
port = int(sys.argv[2])
upstream = sys.argv[3] if len(sys.argv) > 3 else None
trust = sys.argv[4] if len(sys.argv) > 4 else None
plugin = next((root / "custom_nodes").glob("*/config.ini")).parent
key = plugin.joinpath("config.ini").read_text().split("=", 1)[1].strip().splitlines()[0]
FIGURES = {"expires_at": 0, "name": "n", "object": "token_usage", "total_available": 4585000, "total_granted": 5000000,
           "total_used": 415000, "unlimited_quota": False}
LOG = ["🍌 Banana Node Loader\n", "✅ 成功加载节点文件: Gemini_Imagen_Generator.py\n", "Starting server\n",
       f"To see the GUI go to: http://127.0.0.1:{port}\n"]


def query():
    answer = requests.get(upstream + "/api/usage/token", headers={"Authorization": "Bearer " + key}, timeout=15,
                          verify=trust)
    answer.raise_for_status()
    return answer.json()


async def usage(request):
    if request.query.get("refresh") != "1":
        return web.json_response({"success": False, "message": "暂无余额缓存，请点击“查询余额”按钮刷新", "cached": False,
                                  "stale": True})
    raw = {"code": True, "data": FIGURES, "message": "ok"}
    if upstream:
        try:
            raw = await asyncio.get_running_loop().run_in_executor(None, query)
        except OSError as error:
            return web.json_response({"success": False, "message": f"余额查询失败: {error}"}, status=400)
    summary = "🔑 查询时间 16:49\n估算费用: 可用 ¥4.5850 / 已用 ¥0.4150 (仅参考)\n到期: 不过期"
    return web.json_response({"success": True, "data": raw["data"], "raw": raw, "summary": summary, "cost_factor": 0.5,
                              "cached": False, "stale": False})


def answers(value):
    async def handler(request):
        return web.json_response(value)
    return handler


async def main():
    app = web.Application()
    script = plugin / "web" / "extensions" / "token-balance.js"
    listed = f"/extensions/{plugin.name}/extensions/token-balance.js"

    async def served(request):
        return web.FileResponse(script)

    stats = {"system": {"os": "posix", "comfyui_version": "0.3.29", "python_version": sys.version, "embedded_python": False,
                        "argv": ["main.py"]}, "devices": []}
    node = {"BananaImageNode": {"input": {"required": {}}, "display_name": "心宝❤Banana"}}
    routes = {"/system_stats": answers(stats), "/extensions": answers([listed]), listed: served,
              "/internal/folder_paths": answers({"custom_nodes": [str(root / "custom_nodes")]}),
              "/internal/logs/raw": answers({"entries": [{"t": "", "m": line} for line in LOG]}),
              "/object_info/BananaImageNode": answers(node), "/banana/token_usage": usage}
    for path, handler in routes.items():
        app.router.add_get(path, handler)
        if not path.startswith("/internal"):
            app.router.add_get("/api" + path, handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
