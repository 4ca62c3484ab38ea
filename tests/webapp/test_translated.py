"""Templates compiled for their language say what they would say if each text were looked up when it is shown."""

from __future__ import annotations

from gettext import NullTranslations

import pytest
from jinja2 import Environment, nodes

from webapp.rendering import environment
from webapp.translated import DIRECT, TranslatedCode
from webapp.translation import LOCALES

TEXTS = {"Good": "Товар <b>&", "%%d of it": "%%d из этого", "Sum": "Сумма", "{x}": "{икс}"}


class _Texts(NullTranslations):
    def gettext(self, message: str) -> str:
        return TEXTS.get(message, message)


def _both(source: str, **names: object) -> list[str]:
    """What a template says, translated as Jinja does it, and when it is compiled."""
    said = []
    for early in (False, True):
        found = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
        found.install_gettext_translations(_Texts(), newstyle=True)  # type: ignore[attr-defined]
        if early:
            found.code_generator_class = TranslatedCode
            found.globals["translated"] = _Texts().gettext
        said.append(found.from_string(source).render(names))
    return said


@pytest.mark.parametrize(
    "source",
    [
        '<b title="{{ _("Good") }}">{{ _("Good") }}</b>',
        '{{ _("Good") ~ ": " ~ name }}',
        '{{ [_("Good"), _("Sum")]|join(", ") }}',
        '{{ _("%%d of it") }} {{ _("unknown & none") }} {{ _("{x}") }}',
        '{% macro m(text) %}({{ text }}){% endmacro %}{{ m(_("Sum")) }}{{ m(text=_("Good")) }}',
        '{% set words = {"a": _("Sum")} %}{{ words["a"] }} {{ _(name) }} {{ _("Good")|upper }}',
        "{% trans %}Sum{% endtrans %} {% trans n=3 %}Sum {{ n }}{% endtrans %}",
        '{{ _("Sum") if _("Good") == "x" else _("Good") }}',
    ],
)
def test_a_constant_text_is_what_it_was(source: str) -> None:
    """In an attribute, joined to what a person typed, given to a macro, with percent signs and marks."""
    later, early = _both(source, name="<i>Sum</i>")
    assert early == later
    assert "Good" not in early


@pytest.mark.parametrize("locale", LOCALES)
def test_no_template_calls_anything_else_by_those_names(locale: str) -> None:
    """Links and cells are called without asking what they are."""
    found = environment(locale)
    assert found.globals.keys() >= DIRECT
    for name in found.list_templates(extensions=["html"]):
        assert found.loader is not None
        tree = found.parse(found.loader.get_source(found, name)[0])
        own = {macro.name for macro in tree.find_all(nodes.Macro)}
        for imported in tree.find_all(nodes.FromImport):
            own |= {each if isinstance(each, str) else each[1] for each in imported.names}
        assert not own & DIRECT, name
