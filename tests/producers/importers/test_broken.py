"""What is no whole source is refused with a sentence, and nothing is sent; memory stays bounded."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from string import Formatter

import openpyxl
import pytest

from producers.importers.files import FILE_BYTES_MAX
from producers.importers.questions import Question
from producers.importers.refusals import REFUSALS, SourceRefused
from schemas.errors import UsageError
from tests.producers.importers.reading import DATA, csv_file, read, write

_BOMB = """<?xml version="1.0"?>
<!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>
<КоммерческаяИнформация ВерсияСхемы="2.07"><Каталог>&c;</Каталог></КоммерческаяИнформация>"""
_OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>
<КоммерческаяИнформация><Каталог>&file;</Каталог></КоммерческаяИнформация>"""


@pytest.mark.parametrize("text", [_BOMB, _OUTSIDE])
@pytest.mark.asvs("V1.5.1", "the parser of XML takes declarations of entities")
def test_entities_of_xml(tmp_path: Path, text: str) -> None:
    """A document that declares entities is refused before any is looked at."""
    with pytest.raises(UsageError, match="declares entities"):
        read("commerceml", write(tmp_path / "import.xml", text))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_cut_xml(tmp_path: Path, share: float) -> None:
    """A file that was cut anywhere is refused: half a catalogue would look like removed goods."""
    whole = (DATA / "commerceml" / "offers.xml").read_bytes()
    with pytest.raises(UsageError, match="no whole XML"):
        read("commerceml", write(tmp_path / "offers.xml", whole[: int(len(whole) * share)]))


def test_other_xml(tmp_path: Path) -> None:
    """Another kind of XML is called by its root."""
    with pytest.raises(UsageError, match="its root is <html>"):
        read("commerceml", write(tmp_path / "offers.xml", "<html><body/></html>"))


def test_xml_that_is_nested_too_deep(tmp_path: Path) -> None:
    """A hundred levels are enough for any export."""
    text = "<КоммерческаяИнформация>" + "<Группа>" * 5000
    with pytest.raises(UsageError, match="nested too deep"):
        read("commerceml", write(tmp_path / "offers.xml", text))


@pytest.mark.asvs("V5.2.3", "an archive is unpacked before its sizes are looked at")
def test_a_zip_that_unpacks_to_too_much(tmp_path: Path) -> None:
    """An archive of some kilobytes that says it unpacks to a gigabyte is refused by what it says."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("import.xml", "w") as member:
        for _ in range(1024):
            member.write(b" " * 1024 * 1024)
    assert path.stat().st_size < 2_000_000
    with pytest.raises(UsageError, match="unpacks to more than"):
        read("commerceml", path)


def test_a_zip_that_lies(tmp_path: Path) -> None:
    """One that says less than it unpacks to is no whole archive."""
    path = tmp_path / "lies.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("import.xml", b"<x>" + b" " * 3_000_000 + b"</x>")
    data = path.read_bytes().replace((3_000_007).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    with pytest.raises(UsageError):
        read("commerceml", write(path, data))


def test_a_zip_without_xml(tmp_path: Path) -> None:
    """An archive of pictures is no CommerceML."""
    path = tmp_path / "pictures.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", b"x")
    with pytest.raises(UsageError, match="holds no XML"):
        read("commerceml", path)


def test_a_million_columns(tmp_path: Path) -> None:
    """A row of a million columns is no table, whether in the headings or below."""
    with pytest.raises(UsageError, match="more than|no row with known headings"):
        read("goods", csv_file(tmp_path / "wide.csv", [["Код", "Наименование"], ["x"] * 500_000]))
    with pytest.raises(UsageError, match="more than 1000 columns"):
        read("goods", write(tmp_path / "long.csv", ";" * 1_000_000))


def test_a_workbook_with_a_cell_far_away(tmp_path: Path) -> None:
    """Two cells in opposite corners would be seventeen thousand million cells in memory."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "Код", "x"
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(UsageError, match="column 16384, row 1048576"):
        read("goods", tmp_path / "far.xlsx")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("goods.csv", b"PK\x03\x04 and so on", "although its name ends in .csv"),
        ("goods.xlsx", "Код;Наименование\r\n1;Чай\r\n", "although its name ends in .xlsx"),
        ("goods.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as XLSX or CSV"),
        ("goods.csv", b"%PDF-1.7", "is a PDF"),
        ("goods.csv", b"\x00\x01\x02\x03" * 100, "is no text"),
        ("goods.csv", b"", "is empty"),
        ("goods.xlsx", b"PK\x03\x04 and no more", "is no whole archive"),
        ("goods.csv", "просто текст\r\nбез столбцов\r\n", "no row with known headings"),
        ("goods.csv", 'Код;Наименование\r\n1;"без конца', "can't be read"),
    ],
)
@pytest.mark.asvs("V5.2.2", "a file is read by its name's ending, whatever is in it")
def test_what_is_no_price_list(tmp_path: Path, name: str, content: bytes | str, said: str) -> None:
    """The sentence says what the file is instead, and what to do."""
    with pytest.raises(UsageError, match=said):
        read("goods", write(tmp_path / name, content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"fiscalDriveNumber": "1"', "no whole JSON"),
        ("просто текст", "no whole JSON"),
        ("{" * 100_000, "no whole JSON|too deep|larger than"),
        ('["' + "x" * 9_000_000 + '"]', "larger than"),
    ],
)
def test_what_are_no_receipts(tmp_path: Path, content: str, said: str) -> None:
    """JSON that is cut, is none, or has a value that can't be held, is refused."""
    with pytest.raises(UsageError, match=said):
        read("receipts", write(tmp_path / "receipts.json", content))


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """200 MB are refused before they are read."""
    path = tmp_path / "receipts.json"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    assert path.stat().st_size > FILE_BYTES_MAX
    with pytest.raises(UsageError, match="has 200 MB; at most"):
        read("receipts", path)


def test_what_can_be_read_in_two_ways_is_asked(tmp_path: Path) -> None:
    """The question says what to put into the map; with the answer, the number is read."""
    path = csv_file(tmp_path / "goods.csv", [["Код", "Наименование", "Остаток"], ["1", "Чай", "3,450"]])
    with pytest.raises(Question, match='"decimal": ","') as caught:
        read("goods", path)
    assert caught.value.key == "decimal"
    assert read("goods", path, answers={"decimal": ","}).of_type("stock.counted")[0]["quantity"] == "3.450"
    assert read("goods", path, answers={"decimal": "."}).of_type("stock.counted")[0]["quantity"] == "3450"


@pytest.mark.usefixtures("programs")
def test_reading_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    """20 MB of receipts are read with 60 MB more than it takes to start."""
    import json

    [first, *_] = json.loads((DATA / "receipts" / "receipts.json").read_text())
    receipt = first["ticket"]["document"]["receipt"]
    path = tmp_path / "receipts.json"
    with path.open("w") as file:
        file.write("[")
        for number in range(16_000):
            receipt["fiscalDocumentNumber"] = number + 1
            file.write(("," if number else "") + json.dumps(first, ensure_ascii=False))
        file.write("]")
    assert path.stat().st_size > 15_000_000
    started, read_all = (_peak_kb(arguments) for arguments in ([], [str(path)]))
    assert read_all - started < 60_000


def _peak_kb(arguments: list[str]) -> int:
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from tests.producers.importers.reading import count\n"
        "for path in sys.argv[1:]: assert count('receipts', Path(path)) > 10000\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_every_refusal_is_told_in_both_languages() -> None:
    """Both say the same values, and the kind of a file is a word of the language."""
    for code, (russian, english) in REFUSALS.items():
        names = [{field for _, field, _, _ in Formatter().parse(text) if field} for text in (russian, english)]
        assert names[0] == names[1], code
        assert "file" in names[0], code
    refused = SourceRefused("other_kind", "x.csv", kind="pdf", expected="text|zip")
    assert refused.told(english=False) == "x.csv — это PDF; здесь нужен текст или архив zip (или книга XLSX)"
    assert str(refused) == "x.csv is a PDF; here a text or a zip archive (or an XLSX workbook) is taken"
