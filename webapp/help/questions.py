"""Questions and answers, for anybody."""

from __future__ import annotations

from msgspec import Struct

from webapp.context import Context
from webapp.menu import Entry
from webapp.page import ANYBODY, Page, Visit
from webapp.site import site_of
from webapp.translation import N_


class Question(Struct, frozen=True):
    """`anchor` is its place on the page. The texts are of the catalogues."""

    anchor: str
    question: str
    answers: tuple[str, ...]


QUESTIONS = (
    Question(
        "no-data",
        N_("Why are there no figures yet?"),
        (
            N_(
                "A till's program sends them, with the token of the till. The outlet's page says for each till what "
                "came."
            ),
            N_("If nothing comes: does the computer have internet, is the address right, was the token copied whole?"),
        ),
    ),
    Question(
        "differs",
        N_("The report differs from the till's own. Which one is right?"),
        (
            N_("First look at the ledger of the outlet: it says whether a receipt is missing, waits or was refused."),
            N_(
                "Then compare the same day: days go by the outlet's time zone and by the hour at which its day "
                "begins. A return counts on the day on which it was made, not on that of the sale."
            ),
            N_(
                "Gift cards, prepayments, tips and debts that are paid off are no revenue; they have figures of their"
                " own."
            ),
        ),
    ),
    Question(
        "offline",
        N_("What happens without internet?"),
        (
            N_(
                "The till goes on selling and keeps everything. It sends later, in the right order, and nothing is "
                "counted twice. Until then the portal says up to when the data is here."
            ),
        ),
    ),
    Question(
        "missing",
        N_("What does it mean that receipts are missing?"),
        (
            N_(
                "Each till numbers what it sends. If number 41 and 43 are here and 42 is not, the portal says so and "
                "waits for it. When it will never come (the till is broken), give it up on the outlet's page."
            ),
        ),
    ),
    Question(
        "broken",
        N_("The till's computer broke, or was replaced"),
        (
            N_(
                "Restore the till's database, or start anew, and let the program send: what is here already is known "
                "by its number and counted once. Issue a new token for the new computer and revoke the old one."
            ),
        ),
    ),
    Question(
        "key",
        N_("Somebody may have the token of my till"),
        (
            N_(
                "On the outlet's page choose «New token, revoke the others now» and put the new token into the till's"
                " program. With a token one can send receipts, not read any figures."
            ),
        ),
    ),
    Question(
        "people",
        N_("What is kept about my customers and cashiers?"),
        (
            N_(
                "A surname with initials, what was bought, and debt and points where the till tells them. No phones, "
                "no addresses, no e-mails: they are dropped before anything is stored for good."
            ),
        ),
    ),
    Question(
        "correct",
        N_("Can I correct or delete a receipt here?"),
        (N_("No. The portal only shows. Correct or void it on the till: the change comes by itself."),),
    ),
    Question(
        "excel",
        N_("How do I get the figures into Excel?"),
        (
            N_(
                "Each list has the buttons CSV and XLSX: the file holds all rows of the period and the filter on the "
                "page."
            ),
        ),
    ),
    Question(
        "licence",
        N_("What happens when the trial or the licence ends?"),
        (
            N_(
                "Data goes on arriving and nothing is lost; the sections of the outlet open again with the payment, "
                "with all that came in between."
            ),
        ),
    ),
    Question(
        "browsers",
        N_("Which browsers work?"),
        (
            N_(
                "Chrome and Android from version 100, Safari from 15.4, Firefox from 115, and Yandex Browser and Edge"
                " as new."
            ),
        ),
    ),
)


class Questions(Context, frozen=True):
    """`support`: there is a page to write to."""

    template = "help/questions.html"
    title = N_("Questions and answers")

    questions: tuple[Question, ...]
    support: bool


async def page(visit: Visit) -> Questions:
    return Questions(questions=QUESTIONS, support=bool(site_of(visit.request).support_email))


PAGE = Page(path="/help", action="anybody", gate=ANYBODY, load=page, menu=Entry("settings", N_("Help")))
