"""Answers what CPython's own configparser makes of a file, as the plugin uses it.

Each request on standard input is a 4-byte little-endian length and the bytes of a file; each answer on standard
output is a 4-byte length and a JSON object:
  error      name of the exception that reading raised, or null
  line       its line number (of the first bad line for ParsingError), or null
  sections   [[name, [[option, raw value], …]], …] in order, when reading succeeded
  defaults   [[option, raw value], …]
  values     {option: {"value": …} | {"error": exception name}} of section gemini, absent options left out
The one argument is a file that may be overwritten for each request.
"""

import configparser
import json
import struct
import sys

OPTIONS = [
    "api_key",
    "balance_cost_factor",
    "max_workers",
    "network_workers_cap",
    "bypass_proxy",
    "api_base_url_enc",
    "modelscope_api_key",
]


def line_of(error):
    if isinstance(error, configparser.MissingSectionHeaderError):
        return error.lineno
    if isinstance(error, configparser.ParsingError):
        return error.errors[0][0]
    return getattr(error, "lineno", None)


def value_of(parser, option):
    try:
        return {"value": parser.get("gemini", option)}
    except (configparser.NoSectionError, configparser.NoOptionError):
        return None
    except configparser.InterpolationError as error:
        return {"error": type(error).__name__}


def reading_of(path):
    parser = configparser.ConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        return {"error": type(error).__name__, "line": line_of(error)}
    values = {option: value_of(parser, option) for option in OPTIONS}
    return {
        "error": None,
        "line": None,
        "sections": [[name, list(options.items())] for name, options in parser._sections.items()],
        "defaults": list(parser._defaults.items()),
        "values": {option: value for option, value in values.items() if value is not None},
    }


def main():
    path = sys.argv[1]
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while header := source.read(4):
        content = source.read(struct.unpack("<I", header)[0])
        with open(path, "wb") as file:
            file.write(content)
        answer = json.dumps(reading_of(path)).encode("ascii")
        sink.write(struct.pack("<I", len(answer)) + answer)
        sink.flush()


main()
