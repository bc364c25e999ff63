"""A new-api-like upstream for tests, plain HTTP on loopback. Prints "ready PORT". The key in the environment's GOOD_KEY
has a balance, every other key is refused. --status, --body, --delay and --refuse-first stage faults."""
import argparse
import asyncio
import os

from aiohttp import web

parser = argparse.ArgumentParser()
parser.add_argument("--status", type=int, default=0)
parser.add_argument("--body", default="")
parser.add_argument("--delay", type=float, default=0)
parser.add_argument("--refuse-first", type=int, default=0, help="so many queries are refused, whatever their key")
options = parser.parse_args()


async def usage(request):
    await asyncio.sleep(options.delay)
    if options.status or options.body:
        return web.Response(status=options.status or 200, text=options.body, content_type="application/json")
    options.refuse_first -= 1
    if options.refuse_first >= 0 or request.headers.get("Authorization") != "Bearer " + os.environ["GOOD_KEY"]:
        return web.json_response({"success": False, "message": "Invalid token"}, status=401)
    data = {"expires_at": 0, "name": "private name", "object": "token_usage", "total_granted": 5000000,
            "total_used": 415000, "total_available": 4585000, "unlimited_quota": False}
    return web.json_response({"code": True, "data": data, "message": "ok"})


async def slash(request):
    return web.Response(status=301, headers={"Location": "/api/usage/token/"})


async def main():
    app = web.Application()
    app.add_routes([web.get("/api/usage/token", slash), web.get("/api/usage/token/", usage)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print("ready", site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
