"""Writes diag/engines/python_case_tables.inc: what str.lower() needs to know of Unicode, read from this Python.

Usage: python3 tests/differential/generate_case_tables.py > diag/engines/python_case_tables.inc
"""

import unicodedata

CAPITAL_SIGMA = 0x3A3
CAPITAL_I_WITH_DOT = 0x130
PER_LINE = 4


def code_points():
    return (c for c in range(0x110000) if not 0xD800 <= c < 0xE000)


def lower_ranges():
    """(first, last, step, delta): runs of code points that one addition maps to lower case."""
    single = [
        (c, ord(chr(c).lower()) - c)
        for c in code_points()
        if c not in (CAPITAL_SIGMA, CAPITAL_I_WITH_DOT) and chr(c).lower() != chr(c)
    ]
    start = 0
    while start < len(single):
        first, delta = single[start]
        end, step = start, 1
        for candidate in (1, 2):
            last = start
            while last + 1 < len(single) and single[last + 1] == (single[last][0] + candidate, delta):
                last += 1
            if last > end:
                end, step = last, candidate
        yield first, single[end][0], step, delta
        start = end + 1


def plain_ranges(members):
    ranges = []
    for c in members:
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
    return ranges


def is_final_after(text):
    return (text + "\u03a3").lower()[-1] == "\u03c2"


def print_table(kind, name, comment, rows):
    print(f"// {comment}")
    print(f"inline constexpr {kind} {name}[] = {{")
    for index in range(0, len(rows), PER_LINE):
        print("    " + " ".join(rows[index : index + PER_LINE]))
    print("};\n")


cased = [c for c in code_points() if is_final_after(chr(c))]
ignorable = [c for c in code_points() if is_final_after("A" + chr(c)) and not is_final_after(chr(c))]

print(f"// Made by tests/differential/generate_case_tables.py from Unicode {unicodedata.unidata_version}.")
print("// Not here: U+03A3, whose lower case depends on its neighbours, and U+0130, which becomes two characters.\n")
print_table(
    "LowerRange",
    "kLowerRanges",
    "Every `step`-th code point from `first` to `last` has its lower case `delta` further.",
    [f"{{{a:#x}, {b:#x}, {s}, {d}}}," for a, b, s, d in lower_ranges()],
)
print_table("CodeRange", "kCasedRanges", "Letters that have a case.", [f"{{{a:#x}, {b:#x}}}," for a, b in plain_ranges(cased)])
print_table(
    "CodeRange",
    "kCaseIgnorableRanges",
    "Marks that are passed over when looking for a letter with a case.",
    [f"{{{a:#x}, {b:#x}}}," for a, b in plain_ranges(ignorable)],
)
