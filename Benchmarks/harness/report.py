"""Rows, the table, and JSON."""
from dataclasses import asdict, dataclass, field


@dataclass
class Row:
    """One figure, beside its yardstick and its target."""

    name: str
    value: float
    unit: str
    yardstick: str = ""  # what it is compared with, and how that did
    ratio: float | None = None
    target: str = ""
    met: bool | None = None
    details: dict = field(default_factory=dict)


def number(value: float) -> str:
    """Three figures are enough."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def print_table(rows, machine):
    head = ("", "value", "beside", "ratio", "target", "")
    lines = [
        (
            row.name, f"{number(row.value)} {row.unit}", row.yardstick,
            "" if row.ratio is None else f"{row.ratio:.2f}", row.target,
            {None: "", True: "met", False: "MISSED"}[row.met],
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]
    print(f"\n{machine['date']}, {machine['cores']} cores of {machine['processor']}, {machine['memoryGiB']} GiB, "
          f"{machine['system']}, Swift {machine['swift']}, Node {machine['node']}; "
          f"took {machine['seconds']} s, {machine['otherWorkPercent']} % of the machine was used by others\n")
    for line in [head, *lines]:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip())
    if machine["otherWorkPercent"] > 5:
        print("\nThe machine had other work to do: these figures are not to be quoted.")


def to_json(rows, machine):
    return {"machine": machine, "rows": [asdict(row) for row in rows]}
