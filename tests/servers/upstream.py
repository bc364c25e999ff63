"""A real HTTPS server that answers like the upstream API (new-api).

    upstream.py CERTIFICATE PRIVATE_KEY [--redirect-to URL] [--refuse-requests] [--hang-on-requests]

The accepted key is read from standard input's first line. --redirect-to sends every query away; --refuse-requests
answers 403 to Python's own requests only, as a firewall that knows its way of speaking TLS does; --hang-on-requests never
answers these. They are told by what this program alone sends.

Prints "listening PORT" when it is up, then one line a request: the path and whether the key was the accepted one.
"""
import asyncio
import ssl
import sys

from aiohttp import web

FIGURES = {"expires_at": 0, "model_limits": {}, "model_limits_enabled": False, "name": "a personal name",
           "object": "token_usage", "total_available": 4585000, "total_granted": 5000000, "total_used": 415000,
           "unlimited_quota": False}


def application(accepted):
    async def slash(request):
        # gin redirects before any middleware runs, with a relative address.
        if "--redirect-to" in sys.argv:
            raise web.HTTPFound(sys.argv[sys.argv.index("--redirect-to") + 1])
        raise web.HTTPMovedPermanently("/api/usage/token/")

    async def usage(request):
        from_python = "X-Banana-Diag" not in request.headers
        if "--hang-on-requests" in sys.argv and from_python:
            print("hanging", flush=True)
            await asyncio.sleep(60)
        if "--refuse-requests" in sys.argv and from_python:
            return web.Response(status=403, text="<html><title>Forbidden</title></html>", content_type="text/html")
        key = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        good = key == accepted
        print(request.path, "accepted" if good else "refused", flush=True)
        if not good:
            return web.json_response({"success": False, "message": "Invalid token"}, status=401)
        return web.json_response({"code": True, "data": FIGURES, "message": "ok"})

    app = web.Application()
    app.router.add_get("/api/usage/token", slash)
    app.router.add_get("/api/usage/token/", usage)
    return app


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    runner = web.AppRunner(application(sys.stdin.readline().strip()))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    print("listening", site._server.sockets[0].getsockname()[1], flush=True)
    while True:
        await asyncio.sleep(3600)


asyncio.run(main())
