"""The public check: is this document real, and is this file the original?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from documents import selectors, throttle
from documents.forms import VerifyCodeForm, VerifyFileForm
from documents.rules.codes import tidy_code

TOO_MANY = "查詢次數太多，請過一分鐘再試。"


def _busy(request: HttpRequest) -> HttpResponse:
    response = render(request, "documents/verify.html", {
        "code_form": VerifyCodeForm(), "file_form": VerifyFileForm(), "busy": TOO_MANY,
    }, status=429)  # fmt: skip
    response["Retry-After"] = "60"
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Type a code (GET leads to its page), or hand over a file (POST; compared, never stored)."""
    asked = "code" in request.GET or request.method == "POST"
    if asked and throttle.too_many(request, name="verify"):
        return _busy(request)
    code_form = VerifyCodeForm(request.GET if "code" in request.GET else None)
    if code_form.is_bound and code_form.is_valid():
        code = tidy_code(code_form.cleaned_data["code"])
        if code:
            return redirect("verify_code", code=code)
        code_form.add_error("code", "查驗碼是 10 碼英文字母與數字，請對照文件左下角再輸入一次。")
    context: dict[str, Any] = {"code_form": code_form, "file_form": VerifyFileForm(), "form": code_form}
    if request.method == "POST":
        file_form = VerifyFileForm(request.POST, request.FILES)
        context |= {"file_form": file_form, "form": file_form}
        if file_form.is_valid():
            sha256 = file_form.cleaned_data["file"]
            context |= {"compared": sha256, "found": selectors.verified_by_hash(sha256)}
    return render(request, "documents/verify.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """What is known of a code; POST compares a file with the original's hash and forgets it."""
    if throttle.too_many(request, name="verify"):
        return _busy(request)
    found = selectors.verified_by_code(code)
    if found is None:
        code_form = VerifyCodeForm({"code": code[:20]})
        code_form.is_valid()
        code_form.add_error(
            "code", "查無這個查驗碼。請對照文件左下角再輸入一次；仍查不到時，請向計畫辦公室查證。"
        )
        unknown = {"code_form": code_form, "form": code_form, "file_form": VerifyFileForm()}
        return render(request, "documents/verify.html", unknown, status=404)
    context: dict[str, Any] = {"found": found, "file_form": VerifyFileForm()}
    if request.method == "POST":
        form = VerifyFileForm(request.POST, request.FILES)
        context |= {"file_form": form, "form": form}
        if form.is_valid():
            context |= {
                "compared": form.cleaned_data["file"],
                "same": form.cleaned_data["file"] == found.sha256,
            }
    return render(request, "documents/verify_code.html", context)
