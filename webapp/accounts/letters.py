"""The letters of the account pages, in the reader's language; plain text, so nothing in them is fetched by itself."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.mail import Letter
from webapp.translation import DEFAULT, translations


def registration(locale: str, link: str) -> Letter:
    _ = translations(locale).gettext
    return Letter(
        _("Confirm your e-mail address"),
        _(
            "Somebody, hopefully you, registers in Web office with this address.\n\n"
            "To finish, open this link within a day:\n%(link)s\n\n"
            "If it was not you, do nothing: without this link no account is made.\n"
        )
        % {"link": link},
    )


def already_registered(locale: str, sign_in: str, forgotten: str) -> Letter:
    _ = translations(locale).gettext
    return Letter(
        _("You already have an account"),
        _(
            "Somebody, perhaps you, tried to register in Web office with this address. It has an account already.\n\n"
            "Sign in: %(sign_in)s\nForgot the password: %(forgotten)s\n\n"
            "If it was not you, do nothing: nothing has changed.\n"
        )
        % {"sign_in": sign_in, "forgotten": forgotten},
    )


def reset(locale: str, link: str) -> Letter:
    _ = translations(locale).gettext
    return Letter(
        _("A new password for Web office"),
        _(
            "To choose a new password, open this link within an hour:\n%(link)s\n\n"
            "If you did not ask for it, do nothing: the password stays as it is.\n"
        )
        % {"link": link},
    )


def sign_in(locale: str, link: str) -> Letter:
    _ = translations(locale).gettext
    return Letter(
        _("Your link to sign in to Web office"),
        _(
            "Open this link within 15 minutes to sign in without a password; it works once:\n%(link)s\n\n"
            "If you did not ask for it, do nothing and show it to nobody.\n"
        )
        % {"link": link},
    )


def password_changed(locale: str, forgotten: str) -> Letter:
    _ = translations(locale).gettext
    return Letter(
        _("Your password was changed"),
        _(
            "The password of your Web office account has just been changed, and all other devices were signed out.\n\n"
            "If it was not you, choose a new one at once: %(forgotten)s\n"
        )
        % {"forgotten": forgotten},
    )


def new_email(locale: str, link: str) -> Letter:
    _ = translations(locale).gettext
    return Letter(
        _("Confirm your new e-mail address"),
        _(
            "To make this the address of your Web office account, open this link within a day:\n%(link)s\n\n"
            "If you did not ask for it, do nothing.\n"
        )
        % {"link": link},
    )


def email_changed(locale: str, email: str) -> Letter:
    _ = translations(locale).gettext
    return Letter(
        _("Your e-mail address was changed"),
        _(
            "Your Web office account now belongs to the address %(email)s.\n\n"
            "If it was not you, answer this letter or write to support at once.\n"
        )
        % {"email": email},
    )


def to_support(email: str, account_id: str, outlets: Sequence[str], message: str) -> Letter:
    """What an owner asks, for whoever runs the service: in Russian, the service's own language."""
    _ = translations(DEFAULT).gettext
    names = ", ".join(outlets) or "–"
    return Letter(
        _("A question from %(email)s") % {"email": email},
        _("%(message)s\n\n-- \nOwner: %(email)s\nAccount: %(account)s\nOutlets: %(outlets)s\n")
        % {"message": message, "email": email, "account": account_id, "outlets": names},
    )


def new_device(locale: str, moment: str, browser: str, address: str, link: str) -> Letter:
    _ = translations(locale).gettext
    return Letter(
        _("Somebody signed in on a new device"),
        _(
            "On %(moment)s somebody signed in to your Web office account: %(browser)s, network %(address)s.\n\n"
            "If it was you, there is nothing to do.\n\n"
            "If it was not you, open this link within a week. It signs out all devices and programs, and you choose a"
            " new password:\n%(link)s\n"
        )
        % {"moment": moment, "browser": browser or _("an unknown device"), "address": address or "–", "link": link},
    )


def second_factor(locale: str, on: bool, forgotten: str) -> Letter:
    _ = translations(locale).gettext
    if on:
        return Letter(
            _("The second factor is on"),
            _(
                "From now on your Web office account asks for a code of your device beside the password. Keep the"
                " recovery codes where you find them without it.\n\n"
                "If it was not you, choose a new password at once: %(forgotten)s\n"
            )
            % {"forgotten": forgotten},
        )
    return Letter(
        _("The second factor is off"),
        _(
            "Your Web office account asks for the password alone again.\n\n"
            "If it was not you, choose a new password at once: %(forgotten)s\n"
        )
        % {"forgotten": forgotten},
    )


def deletion(locale: str, owner: str, moment: str, link: str) -> Letter:
    """To owner and members: when the account goes; without a moment, that it stays."""
    _ = translations(locale).gettext
    if not moment:
        return Letter(
            _("The account is not deleted"),
            _("The Web office account of %(owner)s stays: the request to delete it was taken back.\n")
            % {"owner": owner},
        )
    return Letter(
        _("The account will be deleted"),
        _(
            "The Web office account of %(owner)s will be deleted on %(moment)s, with its outlets, tills and all"
            " figures.\n\n"
            "Until then its owner can keep it:\n%(link)s\n\n"
            "If it was not the owner who asked for it, keep the account and choose a new password at once.\n"
        )
        % {"owner": owner, "moment": moment, "link": link},
    )


def account_deleted(locale: str, owner: str, own: bool) -> Letter:
    """To the owner and to who looked at his figures."""
    _ = translations(locale).gettext
    if not own:
        return Letter(
            _("An account that you looked at is deleted"),
            _("The Web office account of %(owner)s is deleted; its figures are shown to nobody any more.\n")
            % {"owner": owner},
        )
    return Letter(
        _("Your account is deleted"),
        _(
            "Your Web office account %(owner)s is deleted, with its outlets, tills and all figures; nothing of it can"
            " be brought back. The tills' keys work no more.\n\n"
            "What remains: invoices, as bookkeeping has to keep them; what tills sent, in the service's own log, with"
            " buyers and cashiers as a surname with initials, which no report can be made of any more; copies that were"
            " made for safety before, as long as they are kept.\n"
        )
        % {"owner": owner},
    )
