"""Draws the data of a dashboard as Grafana lays it out, for the documentation."""

import re

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import EngFormatter, PercentFormatter

PLAIN = {"spines.top": False, "spines.right": False, "font.size": 8, "axes.titlesize": 9, "axes.titlelocation": "left"}
FORMATS = {
    "s": EngFormatter("s"),
    "bytes": EngFormatter("B"),
    "Bps": EngFormatter("B/s"),
    "reqps": EngFormatter("/s"),
    "percentunit": PercentFormatter(1),
}


def legend(target, labels):
    text = target["legendFormat"]
    if text == "__auto":
        return ", ".join(f"{key}={value}" for key, value in labels.items())
    return re.sub(r"{{(\w+)}}", lambda match: labels.get(match[1], ""), text).strip()


def draw(dashboard, lines, path):
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"])
    with plt.rc_context({f"axes.{key}" if key.startswith("spines") else key: value for key, value in PLAIN.items()}):
        figure = plt.figure(figsize=(16, rows * 0.36), layout="constrained")
        grid = figure.add_gridspec(rows, 24)
        for panel in dashboard["panels"]:
            at = panel["gridPos"]
            axes = figure.add_subplot(grid[at["y"] : at["y"] + at["h"], at["x"] : at["x"] + at["w"]])
            axes.set_title(panel["title"], fontweight="bold")
            DRAWN_AS[panel["type"]](axes, panel, lines[panel["id"]])
        figure.suptitle(f"{dashboard['title']}: data of a test run", x=0.01, ha="left", fontsize=12)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=80)
        plt.close(figure)


def as_stat(axes, panel, results):
    value = float(results[0][0]["values"][-1][1])
    unit = panel["fieldConfig"]["defaults"]["unit"]
    text = f"{value:.2%}" if unit == "percentunit" else f"{value:.4g}{'/s' if unit == 'reqps' else ''}"
    axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=16, color="#1f77b4")
    axes.axis("off")


def as_table(axes, panel, results):
    rows = [line["metric"] for line in results[0]]
    keys = [key for key in rows[0] if key not in ("__name__", "job", "instance")]
    cells = [[row[key][:24] for key in keys] for row in rows]
    axes.axis("off")
    table = axes.table(cells, colLabels=keys, loc="upper center", cellLoc="left")
    table.auto_set_font_size(False)
    table.set_fontsize(8)


def as_lines(axes, panel, results):
    stacked = panel["fieldConfig"]["defaults"]["custom"].get("stacking")
    named = [(legend(target, line["metric"]), line) for target, result in zip(panel["targets"], results) for line in result]
    begin = min(line["values"][0][0] for _, line in named)
    values = [[(time - begin, float(value)) for time, value in line["values"]] for _, line in named]
    if stacked:
        times = sorted({time for line in values for time, _ in line})
        heights = [[dict(line).get(time, 0) for time in times] for line in values]
        axes.stackplot(times, np.nan_to_num(heights), labels=[name for name, _ in named], alpha=0.7)
    else:
        for (name, _), line in zip(named, values):
            axes.plot(*zip(*line), label=name, linewidth=1)
    top = max((value for line in values for _, value in line if np.isfinite(value)), default=1) or 1
    axes.set_ylim(-0.02 * top, None if stacked else 1.25 * top)  # a line at 0 shows; the legend has room above
    axes.set_xlabel("s", fontsize=7)
    if unit := FORMATS.get(panel["fieldConfig"]["defaults"]["unit"]):
        axes.yaxis.set_major_formatter(unit)
    drawn = axes.legend(fontsize=6, loc="upper left", ncols=1 + len(named) // 4, framealpha=0.6)
    drawn.set_in_layout(False)  # a wide legend must not squeeze the panels


def as_heatmap(axes, panel, results):
    lines = sorted(results[0], key=lambda line: float(line["metric"]["le"]))
    edges = [line["metric"]["le"] for line in lines]
    times = sorted({time for line in lines for time, _ in line["values"]})
    upTo = np.array([[float(dict(map(tuple, line["values"])).get(time, 0)) for time in times] for line in lines])
    axes.pcolormesh([*(time - times[0] for time in times), 2 * times[-1] - times[-2] - times[0]], range(len(edges) + 1), np.diff(np.vstack([np.zeros(len(times)), upTo]), axis=0), cmap="Blues")
    axes.set_yticks(np.arange(len(edges)) + 1, edges, fontsize=6)
    axes.set_xlabel("s", fontsize=7)


DRAWN_AS = {"stat": as_stat, "table": as_table, "timeseries": as_lines, "heatmap": as_heatmap}
