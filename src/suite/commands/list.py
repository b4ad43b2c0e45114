"""`suite list`."""

from __future__ import annotations

from typing import Any

import click

from suite.commands.console import console, print_json
from suite.commands.options import Command, Words


@click.command(
    "list",
    cls=Command,
    examples=[
        ("The models that `suite run` knows", "suite list"),
        ("What models can be ranked by", "suite list metrics"),
        ("The data sets, for a script", "suite list datasets --json"),
    ],
)
@click.argument("what", type=Words(["models", "datasets", "metrics", "protocols"], "list"), default="models")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(what: str, as_json: bool) -> None:
    """Show what there is: models, datasets, metrics or protocols."""
    rows = _rows(what)
    if as_json:
        print_json(rows)
        return
    from suite.report.listing import listing_table

    console().print(listing_table(what, rows))


def _rows(what: str) -> list[dict[str, Any]]:
    if what == "models":
        from suite.models.catalogue import MODELS

        return [
            {"name": m.name, "family": m.family, "summary": m.summary, "params": dict(m.params)}
            for m in MODELS.values()
        ]
    if what == "datasets":
        from suite.datasets.catalogue import DATASETS

        return [
            {"name": d.name, "protocol": d.protocol, "summary": d.summary, "options": dict(d.options)}
            for d in DATASETS.values()
        ]
    if what == "metrics":
        from suite.metrics import METRICS

        return [
            {"name": m.name, "label": m.label, "better": "higher" if m.higher_is_better else "lower"}
            for m in METRICS.values()
        ]
    from suite.protocol import PROTOCOLS

    return [{"name": name, "summary": summary} for name, summary in PROTOCOLS.items()]
