"""`docs/reference/support.md` is what its generator writes, and claims no more than tests show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.cited_facts import read_tests
from tools.facts import MISSING, STATES, read_facts
from tools.support_matrix import FACTS, PAGE, page

ROOT = Path(__file__).parent.parent.parent
CLAIMS = ("exact", "others", "partly", "own")

SHEET = """
# Facts

## 9. Last chapter

### 9.1 Numbered

| # | fact | src |
|---|---|---|
| 9.1.1 | It answers. | ev [D] |
| 9.1.2 | It answers twice. | sok [I] |
| 9.1.3 | It answers late; ? never | ev [D]; ? |
| 9.1.4 | It sulks. | ? |

### 9.2 Without numbers

| what | how |
|---|---|
| a | b [D] |
| c | d [D] |
"""


@pytest.fixture(scope="module")
def named() -> dict[str, dict[str, set[str]]]:
    """What the tests of this project name."""
    return read_tests(ROOT)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree whose tests name some facts."""
    for name, code in {
        "tests/engine/test_one.py": '"""All of facts 9.2."""\ndef test_it():\n    pass  # 9.1.2\n',
        "tests/doubles/test_two.py": "def test_that(side):\n    '''facts 9.1.3 and 9.1.4'''\n",
        "tests/doubles/helper.py": "# facts 9.1.1\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    return tmp_path


def rows(text: str) -> dict[str, list[str]]:
    """The cells of each fact on a page."""
    found = re.findall(r"(?m)^\| (\d+(?:\.\d+)*) \| (.*) \|$", text)
    return {name: re.split(r" \| ?", cells) for name, cells in found}


def test_the_committed_page_is_up_to_date(named: dict[str, dict[str, set[str]]]):
    written = page((ROOT / FACTS).read_text(encoding="utf-8"), named)
    committed = (ROOT / PAGE).read_text(encoding="utf-8")
    assert committed == written, "run `python -m tools.support_matrix` and commit the page"


def test_no_claim_without_a_test():
    """Independently of how the generator reads: every claim's module names the fact."""
    table = rows((ROOT / PAGE).read_text(encoding="utf-8"))
    assert len(table) > 150
    for name, (_, state, *_, tests) in table.items():
        if state not in CLAIMS:
            continue
        modules = re.findall(r"`([^`]+)`", tests)
        assert modules, name
        for module in modules:
            text = (ROOT / "tests" / module).read_text(encoding="utf-8")
            assert re.search(rf"(?<![\d.]){re.escape(name)}(?![.\d]*\d)", text), (name, module)


def test_the_counts_add_up():
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    table = rows(text)
    for state in STATES:
        counted = sum(1 for cells in table.values() if cells[1] == state)
        assert f"| **{state}** | {counted} |" in text


def test_states(tree: Path):
    facts, _ = read_facts(SHEET)
    for name, modules in read_tests(tree).items():
        facts[name].tests = modules
    assert {name: fact.state for name, fact in facts.items()} == {
        "9.1.1": "open",  # a helper is no test
        "9.1.2": "others",
        "9.1.3": "partly",
        "9.1.4": "own",
        "9.2": "exact",
    }


def test_sides(tree: Path):
    named = read_tests(tree)
    assert named["9.1.2"] == {"tests/engine/test_one.py": {"engine"}}
    assert named["9.1.3"] == {"tests/doubles/test_two.py": {"double", "threaded", "SDK"}}
    assert "9.1.1" not in named


def test_a_test_that_names_what_is_missing():
    name = next(iter(MISSING))
    with pytest.raises(ValueError, match="take it off that list"):
        page((ROOT / FACTS).read_text(encoding="utf-8"), {name: {"tests/test_x.py": set()}})


def test_a_test_that_names_no_fact():
    with pytest.raises(ValueError, match=r"names facts 1\.4\.99: there is no such line"):
        page((ROOT / FACTS).read_text(encoding="utf-8"), {"1.4.99": {"tests/test_x.py": set()}})


def test_a_range_names_no_row(tmp_path: Path):
    (tmp_path / "tests").mkdir()
    code = '"""Rows, facts 1.4.1 to 1.4.9."""\ndef test_x():\n    pass\n'
    (tmp_path / "tests" / "test_x.py").write_text(code)
    assert read_tests(tmp_path) == {}


def test_a_fact_without_its_tests_is_claimed_no_more(named: dict[str, dict[str, set[str]]]):
    left = {name: modules for name, modules in named.items() if name != "1.4.9"}
    assert rows(page((ROOT / FACTS).read_text(encoding="utf-8"), left))["1.4.9"][1] == "open"
