"""CommerceML a good at a time, without the traps of XML: no DTD, no entities, nothing kept that was read."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from producers.importers.files import FILE_BYTES_MAX, UNPACKED_BYTES_MAX, Bounded, SourceFile
from producers.importers.refusals import SourceRefused

_ROOT = "КоммерческаяИнформация"
_DEEPEST = 100
_ELEMENTS_MAX = 100_000
"""Of one good, with all that is in it."""
_NAMESPACE = re.compile(r"^\{[^}]*\}")

Found = tuple[list[str], Element]
"""The names of the elements around one, and the element, with names without their namespace."""


def elements(file: SourceFile, wanted: frozenset[str]) -> Iterator[Found]:
    """The elements of these names, whole, in the order in which they end; of all documents that the file holds.

    An element of one of these names inside another one comes first, and is no longer in it. Raises `UsageError`.
    """
    for name, stream in _documents(file):
        with _readable(name):
            yield from _elements(stream, wanted, name)


def root_of(file: SourceFile) -> Iterator[dict[str, str]]:
    """The attributes of the root of each document."""
    for name, stream in _documents(file):
        with _readable(name):
            for _, element in _parser(stream, ("start",)):
                yield _checked_root(element, name)
                break


def _elements(stream: Any, wanted: frozenset[str], name: str) -> Iterator[Found]:
    around: list[Element] = []
    inside = count = 0
    for event, element in _parser(stream, ("start", "end")):
        if event == "start":
            if not around:
                _checked_root(element, name)
            element.tag = local(element.tag)
            around.append(element)
            inside += element.tag in wanted
            count = count + 1 if inside else 0
            if len(around) > _DEEPEST or count > _ELEMENTS_MAX:
                raise SourceRefused("nested_too_deep", name)
            continue
        around.pop()
        if element.tag in wanted:
            inside -= 1
            yield [outer.tag for outer in around], element
            element.clear()
            count = 0
        if around and (not inside or element.tag in wanted):
            around[-1].remove(element)


def local(tag: str) -> str:
    """A name without its namespace."""
    return _NAMESPACE.sub("", tag)


def _parser(stream: Any, events: tuple[str, ...]) -> Iterator[tuple[str, Element]]:
    parsed: Iterator[tuple[str, Element]] = defusedxml.ElementTree.iterparse(stream, events=events, forbid_dtd=True)
    return parsed


def _checked_root(element: Element, name: str) -> dict[str, str]:
    if local(element.tag) != _ROOT:
        raise SourceRefused("no_commerceml", name, root=local(element.tag), expected=_ROOT)
    return dict(element.attrib)


def _documents(file: SourceFile) -> Iterator[tuple[str, Any]]:
    """The XML documents of a file or an archive: name and stream."""
    if file.content != "zip":
        with file.open() as stream:
            yield file.name, Bounded(stream, FILE_BYTES_MAX, file.name)
        return
    with file.archive() as archive:
        names = [name for name in sorted(archive.namelist()) if name.lower().endswith(".xml")]
        if not names:
            raise SourceRefused("no_xml", file.name)
        for name in names:
            with archive.open(name) as stream:
                yield f"{file.name}: {name}", Bounded(stream, UNPACKED_BYTES_MAX, name)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except DefusedXmlException as exc:
        raise SourceRefused("entities", name) from exc
    except (zipfile.BadZipFile, zlib.error, EOFError) as exc:
        raise SourceRefused("broken_archive", name, why=exc) from exc
    except (ParseError, UnicodeError, LookupError, ValueError) as exc:
        raise SourceRefused("broken_xml", name, why=exc) from exc
