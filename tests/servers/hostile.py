"""Answers each request with octets from a file, whatever they are.

    hostile.py FOLDER [CERTIFICATE PRIVATE_KEY]

Prints "listening PORT". The file of a request is its path without query, leading "/api" and "/" (which become "_"), so
/api/banana/token_usage is answered from FOLDER/banana_token_usage; with "refresh=1" in the query FOLDER/NAME.refresh
comes first, where it is there; FOLDER/default answers everything else. In the file
@AUTH@, @KEY@, @PERCENT@, @BASE64@, @PATH@ stand for what the request brought: the Authorization header, the key in it,
the key URL-encoded and in base64, the path with its query.
A first line "#! MODE" changes the delivery: "drip SECONDS" (octet by octet), "endless" (the last line for ever),
"early" (sent before anything is read; only in FOLDER/default), "hang" (nothing, and the connection stays open),
"half" (the first half, and the connection stays open). The last two print "asked PATH".
"""
import base64
import os
import socket
import ssl
import sys
import threading
import time

folder = sys.argv[1]


def content(path):
    name = path.split("?")[0].removeprefix("/api").strip("/").replace("/", "_")
    for name in ([name + ".refresh"] if "refresh=1" in path else []) + [name, "default"]:
        try:
            with open(os.path.join(folder, name or "root"), "rb") as file:
                return file.read()
        except OSError:
            continue
    return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def mode_of(data):
    if not data.startswith(b"#! "):
        return [""], data
    line, data = data.split(b"\n", 1)
    return line[3:].decode().split(), data


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data and len(data) < 65536:
        piece = connection.recv(65536)
        if not piece:
            break
        data += piece
    return data


def filled(data, request):
    words = request.split(b" ")
    path = words[1] if len(words) > 1 else b"/"
    given = b""
    for line in request.split(b"\r\n"):
        if line.lower().startswith(b"authorization:"):
            given = line.split(b":", 1)[1].strip()
    key = given.split(b" ")[-1]
    for name, value in ((b"@AUTH@", given), (b"@KEY@", key), (b"@BASE64@", base64.b64encode(key)),
                        (b"@PERCENT@", b"".join(b"%%%02X" % octet for octet in key)), (b"@PATH@", path)):
        data = data.replace(name, value)
    return data


def serve(connection):
    with connection:
        connection.settimeout(30)
        mode, data = mode_of(content("/default"))
        if mode[0] == "early":
            connection.sendall(data)
            return
        request = read_request(connection)
        if not request:
            return
        path = request.split(b" ")[1].decode("latin-1") if request.count(b" ") > 1 else "/"
        mode, data = mode_of(content(path))
        data = filled(data, request)
        if mode[0] in ("hang", "half"):
            connection.sendall(data[:len(data) // 2] if mode[0] == "half" else b"")
            print("asked", path.split("?")[0], flush=True)
            time.sleep(60)
        elif mode[0] == "drip":
            for at in range(len(data)):
                connection.sendall(data[at:at + 1])
                time.sleep(float(mode[1]))
        elif mode[0] == "endless":
            connection.sendall(data)
            last = data.rsplit(b"\r\n", 2)[-2] + b"\r\n"
            while True:
                connection.sendall(last * 1000)
        else:
            connection.sendall(data)


def guarded(connection):
    try:
        serve(connection)
    except (OSError, ValueError):  # the peer went away, or asked for a path that no file can have
        pass


def main():
    context = None
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("listening", listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        if context:
            def secured(plain=connection):
                try:
                    guarded(context.wrap_socket(plain, server_side=True))
                except OSError:
                    plain.close()
            threading.Thread(target=secured, daemon=True).start()
        else:
            threading.Thread(target=guarded, args=(connection,), daemon=True).start()


main()
