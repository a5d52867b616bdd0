"""The page in a browser: what is shown, filtered, sorted and hovered, against counts made here from the rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codesign.sweep import madeup, page
from codesign.sweep.point import Row
from codesign.sweep.study import Range, Study

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NASTY = '</script><script>alert(1)</script><b title="x">&amp;\'</b>'
COUNT = 160


def rows_and_study() -> tuple[Study, list[Row]]:
    """Return made-up rows whose names and sentences try to be HTML, some figures of which are missing or not finite."""
    study = madeup.study(f"bits {NASTY}")
    study = replace(study, axes={**study.axes, "form": Range(("auto", "lut", NASTY))})
    rows = []
    for row in madeup.rows(study, COUNT, seed=5):
        figures = {name: value for name, value in row.figures.items() if name != "ff" or row.slot % 3}
        if row.slot % 40 == 7:
            figures["energy_uj"] = float("inf")
        form = NASTY if row.point["form"] == "dsp" else row.point["form"]
        stopped = row.stopped and f"{row.stopped} {NASTY}"
        rows.append(replace(row, figures=figures, point={**row.point, "form": form}, stopped=stopped))
    return study, rows


STUDY, ROWS = rows_and_study()


def command(row: Row) -> str:
    return f"codesign sweep pick 'a {NASTY}' --point {row.slot}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("needs a browser: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def opened(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("page") / "page.html"
    page.write(path, STUDY, ROWS, command)
    return visit(browser, path)


@pytest.fixture
def shown(opened: Any) -> Any:
    """The page with all points shown, in the slots' order."""
    opened.keyboard.press("Escape")
    opened.mouse.move(2, 2)
    opened.evaluate("scrollTo(0, 0)")
    opened.click("#reset")
    settle(opened)
    return opened


def visit(browser: Any, path: Path) -> Any:
    """Open the file; whatever goes wrong or is asked of the network goes into the page's ``wrong``."""
    tab = browser.new_page(viewport={"width": 1400, "height": 900})
    tab.set_default_timeout(120_000)  # a busy machine draws slowly
    tab.wrong = []
    tab.on("console", lambda message: message.type == "error" and tab.wrong.append(message.text))
    tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
    tab.on("dialog", lambda dialog: (tab.wrong.append(dialog.message), dialog.dismiss()))
    tab.on(
        "request",
        lambda asked: asked.url == path.as_uri() or asked.url[:5] in ("blob:", "data:") or tab.wrong.append(asked.url),
    )
    tab.goto(path.as_uri())
    tab.wait_for_selector("body[data-ready]")
    return tab


def settle(tab: Any) -> None:
    """Wait until what was changed is drawn: the page draws in the next frame."""
    tab.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def slide(tab: Any, name: str, end: str, value: float) -> None:
    """Put an end of a figure's slider at the value, one of those that the figure has."""
    script = """([label, value]) => {
        const input = document.querySelector(`input[aria-label="${label}"]`);
        input.value = distinct(columns.findIndex((column) => column.name === label.split(" ")[1])).indexOf(value);
        input.dispatchEvent(new Event("input", { bubbles: true }));
    }"""
    tab.evaluate(script, [f"{end} {name}", value])
    settle(tab)


def plotted(tab: Any, place: int) -> list[int]:
    """Return the slots of a plot's points, those that are drawn; of all marks there must be one each."""
    canvas = tab.locator("#scatter .canvas").nth(place)
    slots: list[int] = canvas.evaluate("(c) => c.data.flatMap((t) => t.customdata ?? []).map((i) => rows[i].values[0])")
    assert canvas.locator("path.point").count() == len(slots)
    return sorted(slots)


def listed(tab: Any) -> list[int]:
    """Return the slots in the table."""
    return [int(text) for text in tab.locator("#table tbody tr > td:first-child").all_inner_texts()]


def check_shown(tab: Any, wanted: Callable[[Row], bool]) -> None:
    """All plots, the table, the parallel coordinates and the count show those rows that are wanted, and no other."""
    expected = [row for row in ROWS if wanted(row)]
    assert 0 < len(expected) < COUNT
    slots = [row.slot for row in expected]
    assert tab.inner_text("#shown") == f"{len(slots)} of {COUNT}"
    assert sorted(listed(tab)) == slots
    for place, pair in enumerate((("latency_us", "accuracy"), ("lut", "accuracy"), ("latency_us", "lut"))):
        assert plotted(tab, place) == [row.slot for row in expected if all(name in row.figures for name in pair)]
    lines = tab.evaluate("document.getElementById('parallel-plot').data[0].dimensions[0].values.length")
    assert lines == sum("accuracy" in row.figures for row in expected)


def good(row: Row) -> bool:
    return not row.stopped and not row.violations


def best() -> set[int]:
    """Return the slots of the front."""
    known = [
        (row.slot, -row.figures["accuracy"], row.figures["latency_us"], row.figures["lut"])
        for row in filter(good, ROWS)
    ]
    return {
        slot
        for slot, *mine in known
        if not any(all(o <= m for o, m in zip(other, mine, strict=True)) and other != mine for _, *other in known)
    }


def test_it_opens_without_an_error_and_asks_nothing_of_the_network(shown: Any) -> None:
    assert shown.title() == shown.inner_text("h1") == STUDY.name
    assert len(listed(shown)) == COUNT
    assert shown.locator("#table tbody b, .stages b b, script[src], link[href], img[src^=http]").count() == 0
    titles = shown.locator("#parallel-plot .axis-title").all_inner_texts()
    assert len(titles) == len(STUDY.axes) + len(STUDY.objectives)
    assert shown.locator("#parallel-plot canvas").count() > 0
    assert shown.wrong == []


def test_filters_act_on_plots_and_table(shown: Any) -> None:
    latency = sorted(row.figures["latency_us"] for row in ROWS)[COUNT // 2]
    slide(shown, "latency_us", "most", latency)
    check_shown(shown, lambda row: row.figures["latency_us"] <= latency)
    shown.uncheck("[data-name=board] input[value=ulx3s]")
    shown.uncheck(".filter[data-name=form] input >> nth=2")
    settle(shown)
    check_shown(
        shown,
        lambda row: (
            row.figures["latency_us"] <= latency and row.point["board"] != "ulx3s" and row.point["form"] != NASTY
        ),
    )
    shown.click("#reset")
    settle(shown)
    assert shown.inner_text("#shown") == f"{COUNT} of {COUNT}"
    slide(shown, "accuracy", "least", sorted(row.figures.get("accuracy", 0) for row in ROWS)[-40])
    check_shown(
        shown, lambda row: row.figures.get("accuracy", 0) >= sorted(r.figures.get("accuracy", 0) for r in ROWS)[-40]
    )
    assert shown.wrong == []


def test_only_feasible_and_only_the_front(shown: Any) -> None:
    shown.check("#only-feasible")
    settle(shown)
    check_shown(shown, good)
    shown.check("#only-front")
    settle(shown)
    check_shown(shown, lambda row: row.slot in best())
    assert int(shown.inner_text(".tile.front b")) == len(best())
    assert int(shown.inner_text(".tile.stopped b")) == sum(bool(row.stopped) for row in ROWS)


def test_an_estimate_never_looks_like_a_measurement(shown: Any) -> None:
    for place, pair in enumerate((("latency_us", "accuracy"), ("lut", "accuracy"), ("latency_us", "lut"))):
        traces = (
            shown.locator("#scatter .canvas")
            .nth(place)
            .evaluate("(c) => c.data.filter((t) => t.customdata).map((t) => [t.marker.symbol, t.customdata])")
        )
        assert len({symbol for symbol, _ in traces}) >= 2
        for symbol, indices in traces:
            for sources in ({ROWS[index].sources[name] for name in pair} for index in indices):
                model, estimate = "model" in sources, "yosys estimate" in sources
                assert symbol == ("circle-open" if model else "diamond" if estimate else "circle")
    signs = shown.locator("#table tbody tr").first.locator("td i")
    texts = {sign.get_attribute("title"): sign.inner_text() for sign in signs.all()}
    assert texts["model"] == "○" and texts["measured"] == "●"


def test_hovering_shows_the_card_of_the_point(shown: Any) -> None:
    shown.check("#only-front")
    settle(shown)
    spots = shown.locator("#scatter .canvas").first.evaluate(
        """(canvas) => {
            const { xaxis, yaxis } = canvas._fullLayout, box = canvas.getBoundingClientRect();
            return canvas.data.filter((t) => t.customdata).flatMap((t) => t.customdata.map((index, k) => [index,
              box.left + xaxis._offset + xaxis.d2p(t.x[k]), box.top + yaxis._offset + yaxis.d2p(t.y[k])]));
        }"""
    )

    def lonely(spot: list[float]) -> float:
        return min((spot[1] - o[1]) ** 2 + (spot[2] - o[2]) ** 2 for o in spots if o is not spot)

    for index, x, y in sorted(spots, key=lonely)[-2:]:
        shown.mouse.move(x, y)
        shown.wait_for_function(
            f"document.querySelector('#card h3')?.textContent.startsWith('Point {ROWS[index].slot}:')"
        )
        row, text = ROWS[index], shown.inner_text("#card")
        assert f"{row.figures['accuracy']:.4g}" in text and f"{row.figures['bram']:.0f} RAMB18" in text
        assert str(row.point["form"]) in text and row.sources["latency_us"] in text
        lines = {line.split("\t")[0]: line for line in text.splitlines()}
        assert lines["lut"].endswith(row.sources["lut"]) and lines["weight_bits"].split("\t")[1] == str(
            row.point["weight_bits"]
        )
        assert all(decision in text for decision in row.decisions.values())
    shown.mouse.move(2, 2)
    shown.wait_for_selector("#card", state="hidden")


def test_a_title_sorts_and_a_command_can_be_copied(shown: Any) -> None:
    shown.click("#table th[data-name=accuracy]")  # more is better: the largest first, the unknown last
    known = sorted((row for row in ROWS if "accuracy" in row.figures), key=lambda row: -row.figures["accuracy"])
    unknown = [row.slot for row in ROWS if "accuracy" not in row.figures]
    assert listed(shown) == [row.slot for row in known] + unknown
    shown.click("#table th[data-name=accuracy]")
    assert listed(shown) == [row.slot for row in reversed(known)] + unknown
    shown.click("#table th[data-name=lut]")
    order = sorted(ROWS, key=lambda row: (row.figures["lut"], row.slot))
    assert listed(shown) == [row.slot for row in order]
    shown.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.evaluate("navigator.clipboard.writeText('')")
    shown.click("#table tbody tr:nth-child(2) button")
    copied = """async () => {
        let text = "";
        for (let k = 0; k < 600 && !text; k++) {
            text = await navigator.clipboard.readText();
            await new Promise((done) => setTimeout(done, 100));
        }
        return text;
    }"""  # the button says so for a moment only, which a busy machine may miss
    assert shown.evaluate(copied) == command(order[1])
    shown.click("#table th[data-name=slot]")
    assert listed(shown) == list(range(COUNT))


def test_axes_can_be_picked_and_logarithmic(shown: Any) -> None:
    plot = shown.locator(".plot").nth(2)
    plot.locator("select").nth(1).select_option(label="fps")
    layout = """(plot) => {
        const { layout, data } = plot.querySelector('.canvas');
        return [layout.xaxis.type, data.flatMap((trace) => trace.customdata ? trace.x : [])];
    }"""
    kind, values = plot.evaluate(layout)
    assert kind == "log" and sorted(values) == pytest.approx(sorted(row.figures["fps"] for row in ROWS))
    plot.locator("input").nth(1).uncheck()
    assert plot.evaluate(layout)[0] == "linear"
    plot.locator("select").nth(1).select_option(label="latency_us")
    assert shown.wrong == []


@pytest.mark.parametrize("objectives", [("accuracy",), STUDY.objectives])
def test_one_point_one_objective_nothing_feasible_or_no_point(
    objectives: tuple[str, ...], browser: Any, tmp_path: Path
) -> None:
    study = replace(STUDY, objectives=objectives)
    kept = [row for row in ROWS if row.stopped][: len(objectives) % 3]
    page.write(tmp_path / "page.html", study, kept)
    tab = visit(browser, tmp_path / "page.html")
    assert len(listed(tab)) == len(kept) and tab.wrong == []
    tab.close()


def test_the_data_cannot_leave_its_script() -> None:
    text = page.script_json({"name": NASTY})
    assert "<" not in text and json.loads(text) == {"name": NASTY}
