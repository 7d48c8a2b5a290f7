import re
from pathlib import Path

import yaml

from docs.reliability import FOUND, ORDER, page

ROOT = Path(__file__).parents[2]
DEFECTS = yaml.safe_load(FOUND.read_text("utf-8"))


def measured(name: str) -> dict[str, object]:
    return {
        "name": name,
        "title": f"About {name}",
        "command": f"make {name}",
        "commit": "0123456789abcdef",
        "date": "2026-11-30T08:00:00Z",
        "seconds": 7.4,
        "figures": {"runs": 100_000, "a|b": "none"},
        "rows": [{"point": "one", "kills": 3}],
    }


def test_every_defect_that_is_listed_has_a_test_that_is_there() -> None:
    assert DEFECTS
    assert [one["test"] for one in DEFECTS if not (ROOT / one["test"]).is_file()] == []


def test_the_page_has_every_figure_and_every_defect() -> None:
    text = "".join(page([measured(name) for name in ORDER], DEFECTS, "two cores"))

    assert text.count("| runs | 100,000 |") == len(ORDER)
    assert text.count("| one | 3 |") == len(ORDER)
    assert "| a\\|b | none |" in text
    assert text.count("| `tests/") == len(DEFECTS)


def test_a_link_of_the_page_leads_somewhere() -> None:
    text = "".join(page([], DEFECTS, "two cores"))

    assert [to for to in re.findall(r"\]\(([^)]+)\)", text) if not (ROOT / to).exists()] == []
