"""Writes layout.c: the interface as static assertions, for every compiler that builds the header."""

import re

from .interface import Interface

HEAD = """\
/* The layout of every struct of the plugin protocol on LP64, and the value of every constant, pinned at compile time.
 *
 * Written by `make abi-accept`; see the compatibility policy in xo_plugin.h. Structs that begin with struct_size may
 * grow at their end, so only a lower bound of their size is pinned; the others are frozen.
 */
#include <assert.h>

#include "xo_plugin.h"

#if !defined(__LP64__)
#error "The plugin protocol supports LP64 targets only."
#endif

#define FROZEN(type, size) static_assert(sizeof(type) == (size), #type " is frozen at " #size " bytes")
#define SIZED(type, size) static_assert(sizeof(type) >= (size), #type " never shrinks below " #size " bytes")
#define FIELD(type, field, offset, size) \\
    static_assert(offsetof(type, field) == (offset) && sizeof(((type *)0)->field) == (size), \\
                  #type "." #field " stays at offset " #offset " with " #size " bytes")
#define CONSTANT(name, value) static_assert((name) == (value), #name " stays " #value)
#define TEXT(name, value) static_assert(__builtin_strcmp(name, value) == 0, #name " stays " #value)
"""


def render(interface: Interface, macros: dict[str, str]) -> str:
    """The text of layout.c. `macros` are those of macros_in."""
    blocks = [HEAD]
    for name in sorted(interface.structs):
        struct = interface.structs[name]
        lines = [f"{'SIZED' if struct.is_sized else 'FROZEN'}({name}, {struct.size});"]
        lines += [f"FIELD({name}, {field.name}, {field.offset}, {field.size});" for field in struct.fields]
        blocks.append("\n".join(lines) + "\n")
    constants = sorted(interface.constants.values(), key=lambda constant: constant.name)
    blocks.append("".join(f"CONSTANT({constant.name}, {constant.value});\n" for constant in constants))
    blocks.append("".join(
        f"{'TEXT' if value.startswith(chr(34)) else 'CONSTANT'}({name}, {value});\n"
        for name, value in sorted(macros.items())))
    return "\n".join(blocks)


def macros_in(preprocessed: str) -> dict[str, str]:
    """From the output of `cc -E -dM`: the header's macros that are numbers or texts, which plugins have compiled in.
    The minor version is left out: it is what grows."""
    found = re.findall(r'^#define (XO_\w+) ("[^"]*"|\d\w*)$', preprocessed, re.MULTILINE)
    return {name: value for name, value in found if name != "XO_ABI_MINOR"}
