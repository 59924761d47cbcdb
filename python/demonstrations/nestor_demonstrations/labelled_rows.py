"""What came back as the truth about predictions, added to the rows that a model is trained on."""

from typing import Any

import pandas as pd

from nestor import labelled


def with_labelled(
    name: str, rows: pd.DataFrame, holdout: pd.DataFrame, inputs: dict[str, dict[str, Any]], target: str
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the training rows of a model with the labelled ones behind them, and how many these are for its manifest.

    A row that is held out is not added, so that nobody learns it, nor one of which a value was not kept: it would be
    taken for a missing one. Without labelled rows all stays as it is.
    """
    known = labelled(name)
    if not len(known):
        return rows, {}
    columns = list(inputs)
    added = known.inputs.reindex(columns=columns)
    whole = [not set(names) & set(columns) for names in known.hidden]
    for column, options in inputs.items():
        # In the data a number stands for what was not measured; callers may leave it out.
        if missing := options.get("missing_values"):
            added[column] = added[column].fillna(missing[0])
    added = added.assign(**{target: known.labels})[list(rows.columns)][whole].astype(rows.dtypes.to_dict())
    held = set(holdout[columns].itertuples(index=False, name=None))
    added = added[[row not in held for row in added[columns].itertuples(index=False, name=None)]]
    return pd.concat([rows, added], ignore_index=True), {"labelled_rows": len(added)}
