#!/usr/bin/env python3
"""Holds the includes of the code against the map of rooms: a room uses those above it in its list, and no other.

    include_graph.py ROOT                        fails on an arrow up, a file in no room, a header name used twice, a
                                                 room that is too long, a header that too many sources depend on
    include_graph.py ROOT --table                also prints the rooms with their files and lines
    include_graph.py ROOT --dependents HEADER    only prints the sources that are compiled again after touching the
                                                 header, named as it is included: "banana/cause.hpp"
"""
import re
import sys
from pathlib import Path

# From the ground up, as in the README: folder, and the rooms it may use besides itself.
ENGINES = ["text", "python", "platform", "processes", "secrets", "proxies", "net", "answers", "config", "scripts", "plugin",
           "log"]
REPORTS = ["messages", "sections", "reports"]
ROOMS = {
    "vocabulary": ("include/banana", []),
    "text": ("diag/engines/text", ["vocabulary"]),
    "python": ("diag/engines/python", ["text", "vocabulary"]),
    "platform": ("diag/engines/platform", ["text", "vocabulary"]),
    "processes": ("diag/engines/platform/processes", ["platform", "text", "vocabulary"]),
    "secrets": ("diag/engines/secrets", ["python", "text", "vocabulary"]),
    "proxies": ("diag/engines/net/proxies", ["platform", "text", "vocabulary"]),
    "net": ("diag/engines/net", ["proxies", "platform", "text", "vocabulary"]),
    "answers": ("diag/engines/answers", ["python", "text", "vocabulary"]),
    "config": ("diag/engines/config", ["secrets", "python", "platform", "text", "vocabulary"]),
    "scripts": ("diag/engines/plugin/scripts", ["text", "vocabulary"]),
    "plugin": ("diag/engines/plugin", ["scripts", "secrets", "python", "platform", "text", "vocabulary"]),
    "log": ("diag/engines/log", ["plugin", "secrets", "python", "platform", "text", "vocabulary"]),
    "check support": ("checks/support", ENGINES + ["vocabulary"]),
    "install check": ("checks/install", ["check support", "vocabulary"] + ENGINES),
    "config check": ("checks/config", ["check support", "vocabulary"] + ENGINES),
    "upstream check": ("checks/upstream", ["check support", "vocabulary"] + ENGINES),
    "checks": ("checks", ["install check", "config check", "upstream check", "check support", "vocabulary"] + ENGINES),
    "messages": ("reports/messages", ["text", "vocabulary"]),
    "sections": ("reports/sections", ["messages", "text", "vocabulary"]),
    "reports": ("reports", ["sections", "messages", "text", "vocabulary"]),
    "world": ("diag/world", ENGINES + ["vocabulary"]),
    "scenarios": ("diag/world/scenarios", ["world", "vocabulary"]),
    "diagnosis": ("diag/diagnosis", ["text", "vocabulary"]),
    "run": ("diag/run", ["checks", "check support", "diagnosis", "vocabulary"] + ENGINES),
    "session": ("diag/cli/session", ["run", *REPORTS, "checks", "check support", "vocabulary"] + ENGINES),
    "fix": ("diag/cli/fix", ["session", "run", *REPORTS, "checks", "check support", "vocabulary"] + ENGINES),
    "cli": ("diag/cli", ["fix", "session", "run", "diagnosis", "scenarios", "world", *REPORTS, "checks", "check support",
                         "vocabulary"] + ENGINES),
}
# The longest room that one person still reads in a sitting.
MOST_LINES = 4000
# Headers that change often, and the most sources that may be compiled again for it.
MOST_DEPENDENTS = {"banana/cause.hpp": 70}
# main() itself: all of it is a call.
OUTSIDE = {"diag/main.cpp", "diag/manual_main.cpp"}


def room_of(path):
    """The room whose folder holds the file: the innermost one."""
    holders = [name for name, (folder, _) in ROOMS.items() if path.startswith(folder + "/")]
    return max(holders, key=lambda name: len(ROOMS[name][0]), default=None)


def dependents_of(header, includes):
    """The sources that reach the file, directly or through others."""
    found, left = {header}, [header]
    while left:
        target = left.pop()
        for path, targets in includes.items():
            if target in targets and path not in found:
                found.add(path)
                left.append(path)
    return sorted(path for path in found if path.endswith(".cpp"))


def main():
    root = Path(sys.argv[1])
    files = sorted(path for top in ("include", "diag", "checks", "reports")
                   for path in (root / top).rglob("*") if path.suffix in (".cpp", ".hpp", ".inc"))
    names, faults, arrows, lines, includes = {}, [], {}, {}, {}
    for path in files:
        text = path.relative_to(root).as_posix()
        if text in OUTSIDE:
            continue
        room = room_of(text)
        if room is None:
            faults.append(f"{text}: in no room")
            continue
        # Catalogs are looked up, not read from end to end.
        is_catalog = room == "messages" and path.suffix == ".inc"
        count = 0 if is_catalog else len(path.read_text(encoding="utf-8").splitlines())
        lines.setdefault(room, []).append(count)
        if path.suffix == ".hpp":
            name = "banana/" + path.name if room == "vocabulary" else path.name
            if name in names:
                faults.append(f"{text}: the name of {names[name]}")
            names[name] = text
    for path in files:
        text = path.relative_to(root).as_posix()
        room = room_of(text)
        if room is None:
            continue
        for include in re.findall(r'^#include "([^"]+)"', path.read_text(encoding="utf-8"), re.M):
            target = names.get(include)
            if target is None:
                continue  # a catalog, or another .inc beside the file
            includes.setdefault(text, set()).add(target)
            other = room_of(target)
            arrows[room, other] = arrows.get((room, other), 0) + 1
            if other != room and other not in ROOMS[room][1]:
                faults.append(f"{text}: {room} may not use {other} ({include})")
    sources = sum(path.suffix == ".cpp" for path in files)
    if "--dependents" in sys.argv:
        header = sys.argv[sys.argv.index("--dependents") + 1]
        if header not in names:
            print(f"{header}: no header of this name", file=sys.stderr)
            return 2
        again = dependents_of(names[header], includes)
        print(f"{header}: {len(again)} of {sources} sources depend on it", *again, sep="\n  ")
        return 0
    for header, most in MOST_DEPENDENTS.items():
        count = len(dependents_of(names[header], includes)) if header in names else 0
        if not 0 < count <= most:
            faults.append(f"{header}: {count} sources depend on it, not 1 to {most}")
    for room, counts in lines.items():
        total = sum(counts)
        if total > MOST_LINES:
            faults.append(f"{room}: {total} lines, more than {MOST_LINES}")
        if "--table" in sys.argv:
            uses = ", ".join(f"{other} {count}" for (of, other), count in sorted(arrows.items())
                             if of == room and other != room)
            print(f"{room:14} {len(counts):4} files {total:6} lines   uses {uses or '-'}")
    if not arrows:
        faults.append("no include was found")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
