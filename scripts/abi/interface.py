"""The binary interface that the header describes, as libabigail reads it from the debug information of a probe."""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

PREFIX = ("xo_", "XO_")


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    offset: int  # bytes
    size: int  # bytes


@dataclass(frozen=True)
class Struct:
    name: str
    size: int  # bytes
    fields: tuple[Field, ...]

    @property
    def is_sized(self) -> bool:
        """Whether it announces its size, and so may grow at its end."""
        return self.fields[0].name == "struct_size"


@dataclass(frozen=True)
class Constant:
    name: str
    value: int
    enumeration: str  # the name of the first constant of the same enumeration


@dataclass(frozen=True)
class Interface:
    structs: dict[str, Struct] = field(default_factory=dict)
    constants: dict[str, Constant] = field(default_factory=dict)
    typedefs: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        fields = sum(len(struct.fields) for struct in self.structs.values())
        return f"{len(self.structs)} structs with {fields} fields, {len(self.constants)} constants"


def read(path) -> Interface:
    """Reads a file that abidw wrote."""
    return _Reader(ElementTree.parse(path).getroot()).interface()


class _Reader:
    def __init__(self, root):
        self.root = root
        self.by_id = {node.get("id"): node for node in root.iter() if node.get("id")}

    def interface(self) -> Interface:
        result = Interface()
        for node in self.root.iter("class-decl"):
            name = node.get("name")
            if name.startswith(PREFIX) and node.get("is-declaration-only") != "yes":
                result.structs[name] = self.struct(node)
        for node in self.root.iter("enum-decl"):
            names = [constant.get("name") for constant in node.iter("enumerator")]
            for constant in node.iter("enumerator"):
                if constant.get("name").startswith(PREFIX):
                    result.constants[constant.get("name")] = Constant(
                        constant.get("name"), int(constant.get("value")), names[0])
        for node in self.root.iter("typedef-decl"):
            if node.get("name").startswith(PREFIX):
                result.typedefs[node.get("name")] = self.text(node.get("type-id"))
        for node in self.root.iter("function-decl"):
            result.functions[node.get("name")] = self.signature(node, node.get("name"))
        return result

    def struct(self, node) -> Struct:
        fields = []
        for member in node.findall("data-member"):
            variable = member.find("var-decl")
            kind = variable.get("type-id")
            fields.append(
                Field(variable.get("name"), self.text(kind), int(member.get("layout-offset-in-bits")) // 8,
                      self.bits(kind) // 8))
        return Struct(node.get("name"), int(node.get("size-in-bits")) // 8, tuple(fields))

    def bits(self, kind: str) -> int:
        """The size of a type."""
        node = self.by_id[kind]
        if node.get("size-in-bits"):
            return int(node.get("size-in-bits"))
        if node.tag == "enum-decl" or node.tag in ("typedef-decl", "qualified-type-def"):
            return self.bits(node.get("type-id") or node.find("underlying-type").get("type-id"))
        return 64  # a pointer; abidw leaves out what follows from the address size

    def text(self, kind: str) -> str:
        """A type as C spells it, near enough: equal texts are equal types."""
        node = self.by_id[kind]
        if node.tag == "pointer-type-def":
            target = self.by_id[node.get("type-id")]
            if target.tag == "function-type":
                return self.signature(target, "(*)")
            return f"{self.text(node.get('type-id'))} *"
        if node.tag == "qualified-type-def":
            qualifiers = " ".join(word for word in ("const", "volatile", "restrict") if node.get(word) == "yes")
            return f"{qualifiers} {self.text(node.get('type-id'))}"
        if node.tag == "array-type-def":
            return f"{self.text(node.get('type-id'))} [{node.find('subrange').get('length')}]"
        if node.tag == "function-type":
            return self.signature(node, "()")
        return node.get("name")

    def signature(self, node, name: str) -> str:
        parameters = [
            "..." if parameter.get("is-variadic") == "yes" else self.text(parameter.get("type-id"))
            for parameter in node.findall("parameter")
        ]
        return f"{self.text(node.find('return').get('type-id'))} {name}({', '.join(parameters) or 'void'})"
