"""Loading the charter's documents, and its sentences about broken ones."""

import hashlib
from pathlib import Path

import pytest

from datacoop.charter import queries


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "default-policy.1.yml").write_text("days: 30\n")
    (tmp_path / "default-policy.2.yml").write_text("days: 20\n")
    (tmp_path / "README.md").write_text("not a document")
    return tmp_path


class TestCurrent:
    def test_is_the_newest_version(self, folder: Path) -> None:
        document = queries.current("default-policy", folder)

        assert (document.name, document.version, document.text) == ("default-policy", 2, {"days": 20})
        assert document.sha256 == hashlib.sha256(b"days: 20\n").hexdigest()

    def test_counts_beyond_nine(self, tmp_path: Path) -> None:
        for number in range(1, 12):
            (tmp_path / f"caps.{number}.yml").write_text(f"n: {number}\n")

        assert queries.current("caps", tmp_path).version == 11

    def test_says_that_there_is_no_such_document(self, folder: Path) -> None:
        with pytest.raises(queries.CharterError, match="no document called 'caps'"):
            queries.current("caps", folder)

    def test_refuses_a_gap(self, folder: Path) -> None:
        (folder / "default-policy.4.yml").write_text("days: 1\n")

        with pytest.raises(queries.CharterError, match="without gaps"):
            queries.current("default-policy", folder)


class TestVersion:
    def test_keeps_older_ones(self, folder: Path) -> None:
        assert queries.version("default-policy", 1, folder).text == {"days": 30}

    def test_does_not_leave_the_folder(self, folder: Path) -> None:
        with pytest.raises(queries.CharterError):
            queries.version("../secret", 1, folder)

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"a: [1\n", "not valid YAML: line"),
            (b"a: 1\nb: 2\na: 3\n", "'a' stands here twice"),
            (b"- a\n- b\n", "must be a mapping"),
            (b"\xff\xfe", "not valid YAML"),
            (b"a: !!python/object/apply:os.getcwd []\n", "not valid YAML"),
        ],
    )
    def test_says_what_is_wrong_with_the_file(self, tmp_path: Path, content: bytes, sentence: str) -> None:
        (tmp_path / "caps.1.yml").write_bytes(content)

        with pytest.raises(queries.CharterError, match=sentence) as caught:
            queries.version("caps", 1, tmp_path)

        assert "caps.1.yml" in str(caught.value)


class TestShippedDocuments:
    @pytest.mark.parametrize("name", queries.list_names())
    def test_each_version_loads(self, name: str) -> None:
        for number in queries.list_versions(name):
            assert queries.version(name, number).text
