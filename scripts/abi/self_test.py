"""Proves that the check can fail: changes copies of the header and looks for the right words."""

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    name: str
    header: str
    old: str
    new: str
    passes: bool
    words: str  # must occur in what the check says


SLOT = "    XO_SLOT(void, probe)(void *XO_NULLABLE self);\n"

CASES = [
    Case("an appended slot", "xo/methods.h", "} xo_methods;", SLOT + "} xo_methods;", True,
         "xo_methods.probe (void (*)(void *)) is new, at its end"),
    Case("an appended status", "xo/base.h", "XO_WRONG_STATE = -16", "XO_WRONG_STATE = -16,\n    XO_PROBE = -17", True,
         "constant XO_PROBE = -17 is new"),
    Case("a new struct", "xo/metrics.h", "#endif",
         "typedef struct xo_probe {\n    uint64_t id;\n} xo_probe;\n#endif", True, "struct xo_probe is new"),
    Case("an inserted slot", "xo/calls.h",
         "typedef struct xo_calls {\n    uint32_t struct_size;\n    uint32_t reserved;\n",
         "typedef struct xo_calls {\n    uint32_t struct_size;\n    uint32_t reserved;\n" + SLOT, False,
         "xo_calls.probe was inserted before on_reply, which moves from offset 8 to 16"),
    Case("a retyped field", "xo/http.h", "uint32_t status;", "int32_t status;", False,
         "xo_http_response.status was retyped: it was `uint32_t` (4 bytes), now it is `int32_t` (4 bytes)"),
    Case("a slot that gained a parameter", "xo/core.h", "XO_SLOT(void, destroy)(void *XO_NULLABLE self);",
         "XO_SLOT(void, destroy)(void *XO_NULLABLE self, uint32_t why);", False,
         "no function ever gains a parameter"),
    Case("a removed field", "xo/methods.h", "    uint64_t trace_low;\n", "", False,
         "xo_call.trace_low (offset 72, uint64_t) was removed"),
    Case("a renamed field", "xo/http.h", "xo_str query;", "xo_str search;", False,
         "xo_http_request.query was renamed to search"),
    Case("a frozen struct that grew", "xo/base.h", "} xo_op;", "    uint64_t more;\n} xo_op;", False,
         "frozen for ever"),
    Case("a changed status", "xo/base.h", "XO_BUSY = -7", "XO_BUSY = -70", False,
         "constant XO_BUSY changed its value from -7 to -70"),
    Case("a closed set that grew", "xo/objects.h", "XO_SOURCE_STALE = 1",
         "XO_SOURCE_STALE = 1,\n    XO_SOURCE_PROBE = 2", False,
         "constant XO_SOURCE_PROBE was added to the enumeration of XO_SOURCE_LIVE"),
    Case("a retyped typedef", "xo/base.h", "typedef int32_t xo_status;", "typedef int64_t xo_status;", False,
         "typedef xo_status was `int32_t`, now it is `int64_t`"),
    Case("a changed extension id", "xo/store.h", '"xo.store/1"', '"xo.store/2"', False,
         'XO_STORE_1 stays \\"xo.store/1\\"'),
    Case("an implicit gap", "xo/events.h", "typedef struct xo_events {",
         "struct xo_probe {\n    uint8_t byte;\n    uint64_t word;\n};\ntypedef struct xo_events {", False, "Wpadded"),
    Case("a header that is not C++", "xo/events.h", "typedef struct xo_events {",
         "typedef struct { int class; } xo_probe;\ntypedef struct xo_events {", False, "c++17"),
]


def run(include: Path, scratch: Path, check) -> bool:
    """`check` takes an include folder and returns (whether it passes, what it says)."""
    good = True
    for number, case in enumerate(CASES):
        copy = scratch / f"case-{number}"
        shutil.copytree(include, copy)
        header = copy / case.header
        text = header.read_text()
        if case.old not in text:
            print(f"self-test: {case.name}: FAILED: {case.header} no longer contains `{case.old}`; adapt the case")
            good = False
            continue
        header.write_text(text.replace(case.old, case.new, 1))
        passed, said = check(copy)
        fits = passed == case.passes and case.words in said
        print(f"self-test: {case.name} {'passes' if passed else 'is refused'}{'' if fits else ': FAILED'}")
        if not fits:
            print(f"  expected to {'pass' if case.passes else 'be refused'} with the words: {case.words}\n{said}")
            good = False
    return good
