"""Reading the files of an import: what they are must be beyond doubt."""

from pathlib import Path

import pytest

from reconciler.diagnostics import ConfigError
from reconciler.workflow import import_entra as workflow
from reconciler.workflow.import_entra import import_entra
from tests.entra import CASES

SCHEMA = CASES / "crm-sample.json"


def codes(path: Path) -> list[str]:
    """Return the codes that an import of *path* ends with."""
    with pytest.raises(ConfigError) as raised:
        import_entra(path, None, None, None)
    return [one.code for one in raised.value.diagnostics]


def test_a_file_is_named_without_its_folder() -> None:
    assert (
        import_entra(SCHEMA, None, None, None)
        .text.splitlines()[0]
        .endswith("from crm-sample.json.")
    )


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_bytes(b"\xef\xbb\xbf" + SCHEMA.read_bytes())

    assert import_entra(file, None, None, None).text


def test_a_missing_file(tmp_path: Path) -> None:
    assert codes(tmp_path / "schema.json") == ["missing-file"]


def test_a_folder(tmp_path: Path) -> None:
    assert codes(tmp_path) == ["unreadable-file"]


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "SIZE_LIMIT", 10)

    assert codes(SCHEMA) == ["too-large"]


@pytest.mark.parametrize("content", [b"", b"\xff", b"{'a': 1}", b'{"a": NaN}', b'{"a":1,"a":1}'])
def test_what_is_not_json_in_one_sense(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_bytes(content)

    assert codes(file) == ["bad-json"]


@pytest.mark.parametrize("which", ["assignments", "roles"])
def test_the_other_files_are_read_as_strictly(which: str, tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_bytes(b"{")
    files = {"assignments": None, "roles": None, which: file}

    with pytest.raises(ConfigError, match=r"people\.json cannot be used"):
        import_entra(SCHEMA, None, files["assignments"], files["roles"])
