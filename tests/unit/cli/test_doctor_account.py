"""Who is signed in, as the doctor finds it."""

from woxly_tui.cli.doctor_account import account_subject
from woxly_tui.doctor.subject import AccountSubject
from woxly_tui.errors import WoxlyError
from woxly_tui.lobby.accounts import Account, AccountStore, accounts_path

ZOE = Account("http://127.0.0.1:9", 7, "zoe", "ZOE-1", "a.b.c", "d.e.f")


def signed_in() -> AccountStore:
    store = AccountStore(accounts_path())
    store.put(ZOE)
    return store


def test_nobody_is_signed_in() -> None:
    assert account_subject() is None
    signed_in().remove(ZOE)
    assert account_subject() is None, "signed out"


def test_whoever_is_signed_in_is_asked_about_and_not_named_in_a_report() -> None:
    signed_in()
    subject = account_subject()
    assert isinstance(subject, AccountSubject)
    assert subject.origin == ZOE.origin
    assert {"zoe", "ZOE-1", "127.0.0.1:9"} <= set(subject.private)
    trouble = subject.trouble()
    assert trouble is not None
    assert trouble.remedy, trouble


def test_a_damaged_list_of_accounts_is_told() -> None:
    store = signed_in()
    store.path.write_text("{{{")
    trouble = account_subject()
    assert isinstance(trouble, WoxlyError)
    assert "damaged" in trouble.message
    assert "woxly login" in trouble.remedy


def test_a_list_that_others_can_read_is_told() -> None:
    store = signed_in()
    store.path.chmod(0o644)
    trouble = account_subject()
    assert isinstance(trouble, WoxlyError)
    assert "chmod 600" in trouble.remedy
