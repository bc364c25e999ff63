"""What stands before ComfyUI on some machines.

    reverse_proxy.py TARGET [--prefix PATH] [--gives-up] [--drops-query]

Passes GET requests on to TARGET. --prefix: only those below PATH, which is taken off; 404 for the others. --gives-up: a
real balance query gets 504, as when the proxy's time-out is shorter than the plugin's. --drops-query: what stands behind
the question mark is not passed on. Prints "listening PORT".
"""
import argparse
import asyncio

from aiohttp import ClientSession, web

parser = argparse.ArgumentParser()
parser.add_argument("target")
parser.add_argument("--prefix", default="")
parser.add_argument("--gives-up", action="store_true")
parser.add_argument("--drops-query", action="store_true")
options = parser.parse_args()


async def pass_on(request):
    path = request.path if options.drops_query else request.path_qs
    if not path.startswith(options.prefix):
        return web.Response(status=404, text="<html>404 Not Found</html>", content_type="text/html")
    if options.gives_up and "refresh=1" in path:
        return web.Response(status=504, text="<html>504 Gateway Time-out</html>", content_type="text/html")
    async with ClientSession() as session:
        async with session.get(options.target + path[len(options.prefix):]) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)


async def main():
    app = web.Application()
    app.router.add_get("/{path:.*}", pass_on)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print("listening", site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(3600)


asyncio.run(main())
