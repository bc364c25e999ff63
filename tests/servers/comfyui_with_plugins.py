"""A server that loads the custom nodes of a folder the way ComfyUI does, on real aiohttp.

    comfyui_with_plugins.py ROOT [--port N] [--disable-all-custom-nodes] [--log FILE] [--old] [--extensions]
                            [--windows-root PATH]

--old leaves out the /internal routes, as before September 2024; --extensions serves the web extensions;
--windows-root makes it speak of its folder as Windows programs see it, like a ComfyUI that runs there. Prints
"listening PORT" when it is up. ROOT/custom_nodes is read in the order of os.listdir; names that end in ".disabled" are
skipped; a node that cannot be imported is reported and left out; each route exists below /api too.
"""
import asyncio
import importlib.util
import os
import sys
import time
import traceback
import types

from aiohttp import web


class Ring:
    """Standard output and error, of which the last 300 writes are kept; also written to a file where one is named."""

    def __init__(self, stream, log, entries=None):
        self.stream, self.log, self.entries = stream, log, [] if entries is None else entries

    def write(self, text):
        self.entries.append({"t": time.strftime("%Y-%m-%dT%H:%M:%S"), "m": text})
        del self.entries[:-300]
        if self.log:
            self.log.write(text)
            self.log.flush()
        return self.stream.write(text)

    def flush(self):
        self.stream.flush()


class PromptServer:
    instance = None

    def __init__(self):
        self.routes = web.RouteTableDef()
        PromptServer.instance = self


def load_node(path):
    name = path.replace(".", "_x_")
    spec = importlib.util.spec_from_file_location(name, os.path.join(path, "__init__.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def load_nodes(folder, shown):
    """The classes with the folder that each comes from, and the web folders. `shown` is how a path is spoken of."""
    classes, webs, times = {}, {}, []
    for entry in os.listdir(folder):
        path = os.path.join(folder, entry)
        if entry.endswith(".disabled") or entry == "__pycache__" or not os.path.isdir(path):
            continue
        failed = ""
        try:
            module = load_node(path)
            classes.update({name: entry for name in getattr(module, "NODE_CLASS_MAPPINGS", {})})
            web_directory = os.path.join(path, getattr(module, "WEB_DIRECTORY", "no web"))
            if os.path.isdir(web_directory):
                webs[entry] = web_directory
        except Exception as error:
            print(traceback.format_exc())
            print(f"Cannot import {shown(path)} module for custom nodes: {error}")
            failed = " (IMPORT FAILED)"
        times.append(f"   0.0 seconds{failed}: {shown(path)}")
    print("\nImport times for custom nodes:")
    for line in times:
        print(line)
    return classes, webs


def main():
    arguments = sys.argv[1:]
    root = os.path.abspath(arguments[0])
    port = int(arguments[arguments.index("--port") + 1]) if "--port" in arguments else 0
    log = open(arguments[arguments.index("--log") + 1], "a", encoding="utf-8") if "--log" in arguments else None
    sys.stdout = ring = Ring(sys.stdout, log)
    sys.stderr = Ring(sys.stderr, log, ring.entries)
    windows_root = arguments[arguments.index("--windows-root") + 1] if "--windows-root" in arguments else None

    def shown(path):
        return path.replace(root, windows_root, 1).replace("/", "\\") if windows_root else path

    module = types.ModuleType("server")
    module.PromptServer = PromptServer
    sys.modules["server"] = module

    print("** ComfyUI startup time: 2025-11-12 16:40:00.000")
    print("** Python executable:", sys.executable)
    print("Checkpoint files will always be loaded safely.")
    prompt_server = PromptServer()
    nodes = os.path.join(root, "custom_nodes")
    skipped = "--disable-all-custom-nodes" in arguments
    if skipped:
        print("Skipping loading of custom nodes")
    classes, webs = ({}, {}) if skipped else load_nodes(nodes, shown)

    @prompt_server.routes.get("/system_stats")
    async def system_stats(request):
        return web.json_response({"system": {"os": "nt" if windows_root else os.name, "comfyui_version": "0.3.29",
                                             "python_version": sys.version, "argv": ["main.py"] + arguments[1:]},
                                  "devices": []})

    @prompt_server.routes.get("/object_info/{name}")
    async def object_info(request):
        name = request.match_info["name"]
        known = name in classes
        return web.json_response({name: {"name": name, "python_module": "custom_nodes." + classes[name]}} if known else {})

    async def extensions(request):
        scripts = []
        for name, folder in webs.items():
            for path, _, files in os.walk(folder):
                scripts += [f"/extensions/{name}/{os.path.relpath(os.path.join(path, file), folder)}" for file in files]
        return web.json_response(scripts)

    async def folder_paths(request):
        return web.json_response({"custom_nodes": [shown(nodes)]})

    async def raw_logs(request):
        return web.json_response({"entries": ring.entries, "size": {"cols": 80, "rows": 24}})

    app = web.Application()
    if "--old" not in arguments:
        app.router.add_get("/internal/folder_paths", folder_paths)
        app.router.add_get("/internal/logs/raw", raw_logs)
    if "--extensions" in arguments:
        app.router.add_get("/extensions", extensions)
        for name, folder in webs.items():
            app.add_routes([web.static("/extensions/" + name, folder)])
    for route in prompt_server.routes:
        app.router.add_route(route.method, "/api" + route.path, route.handler, **route.kwargs)
    app.add_routes(prompt_server.routes)

    async def serve():
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        bound = site._server.sockets[0].getsockname()[1]
        print("Starting server")
        print(f"To see the GUI go to: http://127.0.0.1:{bound}")
        sys.stdout.stream.write(f"listening {bound}\n")
        sys.stdout.flush()
        while True:
            await asyncio.sleep(3600)

    asyncio.run(serve())


if __name__ == "__main__":
    main()
