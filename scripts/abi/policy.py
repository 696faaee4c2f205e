"""The compatibility policy at the top of xo_plugin.h, as a comparison of two interfaces."""

from dataclasses import dataclass, field

from .interface import Interface, Struct

GROW_AT_THE_END = (
    "policy 2: new fields and slots go to the end; none is ever reordered, resized, renamed, retyped or removed")
FROZEN = "policy 2: this struct has no struct_size, since it is passed by value or in arrays; it is frozen for ever"
NO_NEW_PARAMETER = "policy 4: no function ever gains a parameter; what may grow travels in a sized struct or in JSON"
FIXED_VALUES = "policy 5: a constant keeps its name and its value; plugins have it compiled in"
CLOSED_SETS = (
    "policy 5: only status codes are an open set; other enumerations never gain values inside a revision, since plugins"
    " already built would meet values that they do not know")

# The one enumeration that may grow, by its first constant.
OPEN_ENUMERATION = "XO_OK"


@dataclass
class Verdict:
    """What differs: `breaks` as (what, which rule forbids it), `additions` that the policy allows."""

    breaks: list[tuple[str, str]] = field(default_factory=list)
    additions: list[str] = field(default_factory=list)


def compare(old: Interface, new: Interface) -> Verdict:
    verdict = Verdict()
    for name, struct in old.structs.items():
        if name not in new.structs:
            verdict.breaks.append((f"struct {name} was removed", GROW_AT_THE_END))
        elif struct.is_sized:
            _compare_sized(struct, new.structs[name], verdict)
        elif struct != new.structs[name]:
            _compare_frozen(struct, new.structs[name], verdict)
    verdict.additions += [f"struct {name} is new" for name in new.structs if name not in old.structs]
    _compare_constants(old, new, verdict)
    _compare_texts("typedef", old.typedefs, new.typedefs, GROW_AT_THE_END, verdict)
    _compare_texts("function", old.functions, new.functions, NO_NEW_PARAMETER, verdict)
    return verdict


def _compare_sized(old: Struct, new: Struct, verdict: Verdict):
    before = len(verdict.breaks)
    _compare_fields(old, new, GROW_AT_THE_END, verdict)
    known = {field.name for field in old.fields}
    appended = [field for field in new.fields if field.name not in known]
    if len(verdict.breaks) > before:
        return
    for added in appended:
        if added.offset < old.size:
            verdict.breaks.append((
                f"{new.name}.{added.name} lies at offset {added.offset}, inside the {old.size} bytes that makers of"
                f" the old {old.name} announce without filling it in", GROW_AT_THE_END))
        else:
            verdict.additions.append(f"{new.name}.{added.name} ({added.type}) is new, at its end")


def _compare_frozen(old: Struct, new: Struct, verdict: Verdict):
    before = len(verdict.breaks)
    _compare_fields(old, new, FROZEN, verdict)
    if len(verdict.breaks) == before:
        verdict.breaks.append((f"{old.name} grew from {old.size} to {new.size} bytes", FROZEN))


def _compare_fields(old: Struct, new: Struct, rule: str, verdict: Verdict):
    """Names the causes; that fields behind an inserted or removed one have moved goes without saying."""
    before = len(verdict.breaks)
    news = {field.name: field for field in new.fields}
    olds = {field.name: field for field in old.fields}
    added_at = {(field.offset, field.type): field for field in new.fields if field.name not in olds}
    renamed = set()

    for was in old.fields:
        here = news.get(was.name)
        if here is None:
            successor = added_at.get((was.offset, was.type))
            if successor:
                renamed.add(successor.name)
                what = f"{old.name}.{was.name} was renamed to {successor.name}"
            else:
                what = f"{old.name}.{was.name} (offset {was.offset}, {was.type}) was removed"
            verdict.breaks.append((what, rule))
        elif here.type != was.type or here.size != was.size:
            is_slot = "(*)" in was.type and "(*)" in here.type
            what = f"{old.name}.{was.name} was retyped: it was `{was.type}` ({was.size} bytes)," \
                f" now it is `{here.type}` ({here.size} bytes)"
            verdict.breaks.append((what, NO_NEW_PARAMETER if is_slot else rule))

    last_known = max((index for index, field in enumerate(new.fields) if field.name in olds), default=-1)
    for index, field in enumerate(new.fields[:last_known]):
        if field.name not in olds and field.name not in renamed:
            follower = next(later for later in new.fields[index:] if later.name in olds)
            verdict.breaks.append((
                f"{new.name}.{field.name} was inserted before {follower.name}, which moves from offset"
                f" {olds[follower.name].offset} to {follower.offset}", rule))

    if len(verdict.breaks) == before:
        for was in old.fields:
            if news[was.name].offset != was.offset:
                verdict.breaks.append((
                    f"{old.name}.{was.name} moved from offset {was.offset} to {news[was.name].offset}", rule))


def _compare_constants(old: Interface, new: Interface, verdict: Verdict):
    for name, constant in old.constants.items():
        now = new.constants.get(name)
        if now is None:
            verdict.breaks.append((f"constant {name} (value {constant.value}) was removed", FIXED_VALUES))
        elif now.value != constant.value:
            verdict.breaks.append((
                f"constant {name} changed its value from {constant.value} to {now.value}", FIXED_VALUES))
    known = {constant.enumeration for constant in old.constants.values()}
    for name, constant in new.constants.items():
        if name in old.constants:
            continue
        if constant.enumeration in known and constant.enumeration != OPEN_ENUMERATION:
            verdict.breaks.append((
                f"constant {name} was added to the enumeration of {constant.enumeration}", CLOSED_SETS))
        else:
            verdict.additions.append(f"constant {name} = {constant.value} is new")


def _compare_texts(kind: str, old: dict[str, str], new: dict[str, str], rule: str, verdict: Verdict):
    for name, text in old.items():
        if name not in new:
            verdict.breaks.append((f"{kind} {name} was removed", rule))
        elif new[name] != text:
            verdict.breaks.append((f"{kind} {name} was `{text}`, now it is `{new[name]}`", rule))
    verdict.additions += [f"{kind} {name} is new" for name in new if name not in old]
