"""How allauth behaves here: names asked at sign-up, one spelling of an address, Chinese words."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are for people; staff get theirs from the administrator and sign in the same way."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "電子郵件或密碼不正確，請再試一次。",
        "too_many_login_attempts": "登入失敗次數過多，為了保護您的帳號，請 15 分鐘後再試，或先重設密碼。",
        "account_inactive": "這個帳號已停用，請聯絡系統管理員。",
        "email_taken": "這個電子郵件已經註冊過了。",
        "enter_current_password": "請輸入目前的密碼。",
        "incorrect_password": "密碼不正確。",
        "same_as_current": "請輸入和目前不同的內容。",
    }

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Take the name from the form; the address in small letters, so that one mailbox is one account."""
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit=commit)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Only after the work that a new account costs: how long it takes must not tell who is registered."""
        make_password(email)
        super().send_account_already_exists_mail(email)

    def clean_email(self, email: str) -> str:
        """Small letters only."""
        return str(super().clean_email(email)).lower()
