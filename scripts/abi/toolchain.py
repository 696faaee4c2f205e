"""Compilers and libabigail, run on the header."""

import os
import shutil
import subprocess
from pathlib import Path

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
LANGUAGES = [("c", "c11"), ("c++", "c++17")]
MOST_LINES = 20  # of a tool's complaint: the first error is the one that counts


class Failed(Exception):
    """A tool refused; the text says which, on what, and its own words."""


def run(*command, **options) -> str:
    """The standard output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).splitlines()
        shown = said[:MOST_LINES] + ([f"({len(said) - MOST_LINES} more lines)"] if len(said) > MOST_LINES else [])
        raise Failed("\n".join([" ".join(map(str, command)), *shown]))
    return done.stdout


def compilers() -> list[tuple[str, list[str]]]:
    """gcc with the warning about padding, which is how an implicit gap in a struct shows; and clang, which has no such
    quarrel but takes its own nullability annotations for an extension."""
    clang = shutil.which("clang")
    swift = shutil.which("swift")
    if not clang and swift:
        clang = str(Path(os.path.realpath(swift)).parent / "clang")
    for name, path in (("gcc", shutil.which("gcc")), ("clang", clang)):
        if not path or not Path(path).exists():
            raise Failed(f"{name} was not found; scripts/bootstrap installs gcc, every Swift toolchain has clang")
    return [("gcc", ["-Wpadded"]), (clang, ["-Wno-nullability-extension"])]


def check_source(source: Path, include: Path):
    """Compiles a source strictly, as C11 and C++17, with both compilers."""
    for compiler, own_warnings in compilers():
        for language, standard in LANGUAGES:
            run(compiler, *WARNINGS, *own_warnings, f"-I{include}", "-fsyntax-only", "-x", language, f"-std={standard}",
                source)


def check_headers(include: Path):
    """Each header must be complete by itself, whichever a plugin includes first."""
    for header in sorted(include.rglob("*.h")):
        for language, standard in LANGUAGES:
            run("gcc", *WARNINGS, f"-I{include}", "-fsyntax-only", "-x", language, f"-std={standard}", "-",
                input=f'#include "{header.relative_to(include)}"\n')


def macros(include: Path) -> str:
    return run("gcc", "-E", "-dM", "-std=c11", f"-I{include}", include / "xo_plugin.h")


def describe(probe: Path, include: Path, output: Path):
    """Writes libabigail's description of the header to `output`. It holds no paths, and nothing of the C library: the
    compiler's own freestanding headers are used."""
    library = output.with_suffix(".so")
    own_headers = run("gcc", "-print-file-name=include").strip()
    run("gcc", "-std=c11", "-ffreestanding", "-nostdinc", "-isystem", own_headers, f"-I{include}", "-g", "-shared",
        "-fPIC", "-nostdlib", "-fno-eliminate-unused-debug-types", probe, "-o", library)
    run("abidw", "--load-all-types", "--type-id-style", "hash", "--no-show-locs", "--no-corpus-path",
        "--no-comp-dir-path", "--no-architecture", "--no-elf-needed", "--no-parameter-names", "--out-file", output,
        library)
    text = output.read_text()
    output.write_text(text.replace(f"path='{probe}'", f"path='{probe.name}'"))


def abidiff(old: Path, new: Path) -> str:
    """libabigail's own report of the differences; empty if there are none."""
    done = subprocess.run(
        ["abidiff", "--non-reachable-types", "--harmless", str(old), str(new)], capture_output=True, text=True,
        check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
