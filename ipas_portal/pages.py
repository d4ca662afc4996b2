"""The few fixed pages: address → title. Their words are in ``templates/portal/pages/``."""

from __future__ import annotations

PAGES: dict[str, str] = {
    "privacy": "個人資料蒐集告知",
    "accessibility": "無障礙聲明",
    "terms": "使用須知",
    "contact": "聯絡我們",
    "help": "使用說明",
    "help-applying": "說明：第一次申請",
    "help-accounts": "說明：帳號、成員與登入安全",
    "help-documents": "說明：應備文件與檔案格式",
}
