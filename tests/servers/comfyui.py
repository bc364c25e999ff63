"""A ComfyUI-like server for tests: aiohttp, plugins loaded from custom_nodes as ComfyUI loads them.

Prints "ready PORT" once it listens. The options switch the behaviours that differ between versions and set-ups.
"""
import argparse
import asyncio
import collections
import datetime
import importlib.util
import logging
import os
import ssl
import sys
import traceback
import types
import urllib.parse

from aiohttp import web

parser = argparse.ArgumentParser()
parser.add_argument("root", help="folder that holds custom_nodes")
parser.add_argument("--no-api", action="store_true", help="no routes below /api (before June 2024)")
parser.add_argument("--late", action="store_true", help="PromptServer.instance appears after the nodes were loaded")
parser.add_argument("--no-internal", action="store_true", help="no /internal routes (before September 2024)")
parser.add_argument("--no-nodes", action="store_true", help="custom nodes are switched off")
parser.add_argument("--excepted", help="name a folder behind --whitelist-custom-nodes=")
parser.add_argument("--no-extensions", action="store_true", help="an extension list without custom nodes")
parser.add_argument("--deny", type=int, default=0, help="answer everything with this status")
parser.add_argument("--login", action="store_true", help="redirect everything to a log-in page")
parser.add_argument("--guard", default="", help="answer 401 to requests without this X-Comfy-Token, repeating theirs")
parser.add_argument("--record", default="", help="file that the headers of every request are written to")
parser.add_argument("--redirect-route", default="", help="the balance route redirects to this URL")
parser.add_argument("--lone-route", action="store_true", help="the balance route has no twin below /api")
parser.add_argument("--hang", action="store_true", help="accept and never answer")
parser.add_argument("--something-else", action="store_true", help="not ComfyUI at all")
parser.add_argument("--broken-stats", action="store_true", help="/system_stats fails with 500")
parser.add_argument("--slow-start", type=float, default=0, help="seconds before it listens")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
options = parser.parse_args()
logging.disable(logging.CRITICAL)

ring = collections.deque(maxlen=300)


class Tee:
    """Keeps the last 300 writes, as ComfyUI's log interceptor does."""

    def __init__(self, stream):
        self.stream = stream

    def write(self, text):
        ring.append({"t": datetime.datetime.now().isoformat(), "m": text})
        return self.stream.write(text)

    def __getattr__(self, name):
        return getattr(self.stream, name)


real_stdout = sys.stdout
sys.stdout = Tee(open(os.devnull, "w", encoding="utf-8"))


class PromptServer:
    def __init__(self):
        PromptServer.instance = self
        self.routes = web.RouteTableDef()


server_module = types.ModuleType("server")
server_module.PromptServer = PromptServer
sys.modules["server"] = server_module

custom_nodes = os.path.join(os.path.abspath(options.root), "custom_nodes")
node_classes = {}
web_folders = {}


def load_custom_nodes():
    for name in sorted(os.listdir(custom_nodes)):
        folder = os.path.join(custom_nodes, name)
        if name == "__pycache__" or name.endswith(".disabled") or not os.path.isdir(folder):
            continue
        try:
            module_name = folder.replace(".", "_x_")
            spec = importlib.util.spec_from_file_location(module_name, os.path.join(folder, "__init__.py"))
            module = importlib.util.module_from_spec(spec)
            sys.modules[module_name] = module
            spec.loader.exec_module(module)
        except Exception as error:
            print(traceback.format_exc())
            print(f"Cannot import {folder} module for custom nodes: {error}")
            continue
        node_classes.update(getattr(module, "NODE_CLASS_MAPPINGS", {}))
        web_directory = getattr(module, "WEB_DIRECTORY", None)
        if web_directory and os.path.isdir(os.path.join(folder, web_directory)):
            web_folders[name] = os.path.join(folder, web_directory)


def add_core_routes(routes):
    @routes.get("/system_stats")
    async def system_stats(request):
        if options.broken_stats:
            raise RuntimeError("no device")
        return web.json_response({
            "system": {"os": os.name, "comfyui_version": "0.3.29", "python_version": sys.version,
                       "embedded_python": False, "argv": ["main.py"] + (["--disable-all-custom-nodes"] if options.no_nodes else []) +
                       (["--whitelist-custom-nodes=" + options.excepted] if options.excepted else [])},
            "devices": []})

    @routes.get("/queue")
    async def queue(request):
        return web.json_response({"queue_running": [], "queue_pending": []})

    @routes.get("/object_info/{name}")
    async def object_info(request):
        name = request.match_info["name"]
        if name not in node_classes:
            return web.json_response({})
        return web.json_response({name: {"input": node_classes[name].INPUT_TYPES(), "name": name}})

    @routes.get("/extensions")
    async def extensions(request):
        found = ["/extensions/core/widgetInputs.js"]
        for name, folder in web_folders.items():
            if options.no_extensions:
                continue
            for path, _, files in os.walk(folder):
                for file in files:
                    if file.endswith(".js"):
                        relative = os.path.relpath(os.path.join(path, file), folder).replace(os.sep, "/")
                        found.append("/extensions/" + urllib.parse.quote(name) + "/" + relative)
        return web.json_response(found)


async def refuse_foreign_origin(request):
    """The loopback host check: an Origin of another host is refused, no Origin is fine."""
    origin = request.headers.get("Origin")
    return bool(origin) and urllib.parse.urlparse(origin).netloc != request.headers.get("Host")


@web.middleware
async def gate(request, handler):
    if options.record:
        with open(options.record, "a", encoding="utf-8") as file:
            file.write(request.path + " " + repr(dict(request.headers)) + "\n")
    if options.guard and request.headers.get("X-Comfy-Token") != options.guard:
        return web.json_response({"error": "bad token", "got": request.headers.get("X-Comfy-Token")}, status=401)
    if options.redirect_route and "/banana/" in request.path:
        return web.Response(status=307, headers={"Location": options.redirect_route})
    if options.hang:
        await asyncio.sleep(3600)
    if options.deny:
        return web.Response(status=options.deny)
    if options.login:
        return web.Response(status=302, headers={"Location": "/login?next=/"})
    if options.something_else:
        return web.Response(text="<html><title>Router</title></html>", content_type="text/html")
    if await refuse_foreign_origin(request):
        return web.Response(status=403)
    return await handler(request)


def build():
    app = web.Application(middlewares=[gate])
    if options.late:
        if not options.no_nodes:
            load_custom_nodes()
        server = PromptServer()
    else:
        server = PromptServer()
        if not options.no_nodes:
            load_custom_nodes()
    add_core_routes(server.routes)
    if not options.no_api:
        api = web.RouteTableDef()
        for route in server.routes:
            if options.lone_route and "/banana/" in route.path:
                continue
            if isinstance(route, web.RouteDef):
                api.route(route.method, "/api" + route.path)(route.handler, **route.kwargs)
        app.add_routes(api)
    app.add_routes(server.routes)
    if not options.no_internal:
        internal = web.Application()

        async def folder_paths(request):
            return web.json_response({"checkpoints": [], "custom_nodes": [custom_nodes]})

        async def raw_logs(request):
            return web.json_response({"entries": list(ring), "size": {"cols": 80, "rows": 24}})

        internal.router.add_get("/folder_paths", folder_paths)
        internal.router.add_get("/logs/raw", raw_logs)
        app.add_subapp("/internal", internal)
    for name, folder in web_folders.items():
        app.add_routes([web.static("/extensions/" + name, folder)])
    return app


async def main():
    app = build()
    await asyncio.sleep(options.slow_start)
    runner = web.AppRunner(app)
    await runner.setup()
    context = None
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
    site = web.TCPSite(runner, "127.0.0.1", options.port, ssl_context=context)
    await site.start()
    print("ready", site._server.sockets[0].getsockname()[1], file=real_stdout, flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
