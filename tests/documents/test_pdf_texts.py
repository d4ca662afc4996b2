"""Each kind of PDF: its text, type, size and safety."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import date

import pikepdf
import pytest

from documents import assembling, contexts, samples, services, typesetting
from documents.enums import DocumentKind

pytestmark = pytest.mark.django_db
COMPANY = "晨星精密機械股份有限公司"

EXPECTED = {
    DocumentKind.RECEIPT: [
        "收件回條", "IPAS-114-0007", "中華民國114年3月3日14:03:27", "1,050,300元",
        "新臺幣壹佰零伍萬零參佰元整", "登記證明與變更登記卡.pdf", "SHA-256" + "a7" * 32, "5,830,022",
    ],
    DocumentKind.PLAN: [
        "申請計畫書", "目錄", "壹、公司簡介與現況說明", "柒、預期效益", "受培育者名單", "示範科技大學",
        "感測器與資料擷取", "預定進度表", "期中評量", "2,230,600", "簽約日起至中華民國114年7月1日止",
    ],
    DocumentKind.SELF_CHECK: [
        "申請文件自我檢查表", "☑", "☐", "會計師財務簽證查核報告書", "尚未上傳", "無則免附",
    ],
    DocumentKind.SUPPLEMENT: [
        "函", "受文者：" + COMPANY, "發文日期：中華民國114年3月3日", "發文字號：", "速別：速件", "主旨：",
        "請於中華民國114年3月10日前補正資料", "有下列2項資料需要補正", "D7", "合計不超過3個工作日",
        "正本：" + COMPANY,
        "407", "臺中市西屯區工業區示範路10號", "檔號：", "保存年限：", "密等及解密條件或保密期限：",
    ],
    DocumentKind.RETURN: [
        "予以退件", "（一）所營事業代碼不含製造業", "須知貳、一(三)", "（二）通知補正之財務報告逾期未補",
    ],
    DocumentKind.APPROVAL: [
        "核定貴公司", "補助款新臺幣壹佰零伍萬零參佰元整", "設備使用費及維護費", "1,050,300", "1,180,300",
        "辦法：", "請於中華民國114年3月17日前備齊", "視同放棄", "附件：審查委員建議意見一份", "培育內容",
        "獲證後的薪資調整請以具體金額或比例表示", "新臺幣伍拾貳萬伍仟壹佰伍拾元整",
    ],
    DocumentKind.REJECTION: ["本次未獲補助", "平均分數未達本次核定標準", "審查委員建議意見"],
    DocumentKind.RESERVE: ["列為備取第2順位", "申請培訓員額10名", "依審查排序遞補", "不受理申覆"],
    DocumentKind.CONTRACT: [
        "第一條契約依據", "一、簽約文件自我檢查表", "八、銀行電匯申請表", "第三條計畫經費", "新臺幣貳佰貳拾參萬零陸佰元整", "經凍結者",
        "第四條補助款撥付", "百分之五十", "第五條帳務、憑證及查核", "一個月前（含例假日）", "第八條成果歸屬",
        "個人資料保護法", "第十條契約終止", "第十一條違約及追繳", "第十二條管轄法院", "銀行電匯申請表",
        "統一編號：04595257", "負責人：林晨星", "立契約書人",
    ],
    DocumentKind.MINUTES: [
        "決審會議紀錄", "中華民國114年3月3日14:00", "葉委員", "決議：照案通過", "青禾電子",
        "1,870,300", "賸餘129,700元",
    ],
    DocumentKind.SCORE_SHEET: ["審查評分表", "85.7", "40%", "問題分析清楚", "許委員", "簽名", "1,020,000"],
    DocumentKind.PLAN_REPORT: [
        "114年度期中執行報告", "示範人才培育計畫", "貳、績效指標達成情形", "1,250", "落後1項",
    ],
    DocumentKind.CASE_BOOK: ["審查用合併卷", COMPANY, "請勿轉傳"],
}  # fmt: skip


def make(kind, now):
    """The preview of a kind's sample."""
    context = samples.context(kind, today=now.date())
    return assembling.preview_context_pdf(context, samples.RECIPIENT, now=now)


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_the_text_of_each_kind_can_be_extracted(kind, letters, now, read_pdf):
    found = read_pdf(make(kind, now))
    missing = [text for text in EXPECTED[kind] if "".join(text.split()) not in found]
    assert missing == []
    assert "{" not in found
    assert "None" not in found


@pytest.mark.parametrize("kind", [DocumentKind.APPROVAL, DocumentKind.PLAN, DocumentKind.SELF_CHECK])
def test_kai_is_embedded_on_a4_pages(kind, letters, now, tmp_path):
    path = tmp_path / "d.pdf"
    path.write_bytes(make(kind, now))
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, check=True, text=True).stdout
    rows = fonts.splitlines()[2:]
    assert rows
    # name, type …, then the columns "emb sub uni": embedded, subset, with a map to Unicode.
    assert all("TW-Kai" in row and re.search(r"yes yes yes", row) for row in rows)
    with pikepdf.open(path) as pdf:
        for page in pdf.pages:
            assert [round(float(v)) for v in page.mediabox] == [0, 0, 595, 842]
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "zh-Hant-TW"


def test_a_letter_keeps_its_margins(letters, now, tmp_path):
    path = tmp_path / "d.pdf"
    path.write_bytes(make(DocumentKind.RETURN, now))
    found = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, check=True, text=True)
    words = re.findall(
        r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', found.stdout
    )
    cm = 72 / 2.54
    body = [w for w in words if float(w[3]) < 842 - 2.4 * cm and w[4] not in "裝訂線預覽"]
    assert min(float(w[0]) for w in body) >= 2.5 * cm - 1
    assert max(float(w[2]) for w in body) <= 595.3 - 2.5 * cm + 1
    assert min(float(w[1]) for w in body) >= 2.5 * cm - 4


def test_rare_characters_of_names_are_drawn(letters, now, tmp_path, read_pdf):
    context = contexts.ReturnContext(
        case_number="A1",
        company_name="堃犇喆科技股份有限公司",
        call_name="114年度補助",
        plan_title="𠮷祥計畫",
        received_on=date(2025, 3, 1),
        reasons=(contexts.Reason("測試"),),
    )
    content = assembling.preview_context_pdf(context, contexts.Recipient("堃犇喆科技股份有限公司"), now=now)
    found = read_pdf(content)
    assert "堃犇喆" in found
    assert "𠮷祥計畫" in found


def test_html_in_a_name_stays_text(letters, now, read_pdf):
    context = contexts.ReturnContext(
        case_number="A1",
        company_name='<img src="http://127.0.0.1:9/x"><b>甲</b>公司',
        call_name="114年度補助",
        plan_title="計畫",
        received_on=date(2025, 3, 1),
        reasons=(contexts.Reason("<script>alert(1)</script>"),),
    )
    content = assembling.preview_context_pdf(context, contexts.Recipient(context.company_name), now=now)
    assert "<script>alert(1)</script>" in read_pdf(content)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.test/a.png",
        "https://example.test/a.css",
        "file:///etc/passwd",
        "ftp://example.test/x",
        "pdf-static:../../manage.py",
        "pdf-static:/etc/passwd",
        "pdf-font:../../manage.py",
        "pdf-static:nothing.css",
    ],
)
def test_the_fetcher_refuses_everything_outside(url):
    with pytest.raises(typesetting.FetchRefused):
        typesetting.resolve(url)
    with pytest.raises((typesetting.FetchRefused, ValueError)):
        typesetting._fetcher().fetch(url)


def test_the_fetcher_serves_the_style_sheet():
    assert typesetting.resolve("pdf-static:documents.css").is_file()


def test_merging_bookmarks_each_part():
    a, b = blank(2), blank(3)
    with pikepdf.open(io.BytesIO(typesetting.merge([("甲", a), ("乙", b)], title="合併"))) as pdf:
        assert len(pdf.pages) == 5
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == ["甲", "乙"]
            targets = [item.destination[0].objgen for item in outline.root]
        assert targets == [pdf.pages[0].objgen, pdf.pages[2].objgen]


def blank(pages: int) -> bytes:
    """A PDF of empty pages."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=(595, 842))
        pdf.save(out)
    return out.getvalue()


def test_the_case_book_names_every_file_and_its_page(
    letters, now, read_pdf, django_capture_on_commit_callbacks
):
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGBA", (300, 200), (10, 120, 110, 90)).save(picture, "PNG")
    files = [
        services.store_bytes(content=content, name=name, content_type=kind, actor=None, now=now)
        for content, name, kind in (
            (blank(2), "財務報告.pdf", "application/pdf"),
            (picture.getvalue(), "登記證明.png", "image/png"),
            (b"PK", "合約.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (b"%PDF-broken", "壞檔.pdf", "application/pdf"),
        )
    ]
    with django_capture_on_commit_callbacks(execute=True):
        book = services.request_document(
            context=samples.context("case_book", today=now.date()),
            recipient=samples.RECIPIENT,
            attachments=files,
            actor=None,
            now=now,
        )
    book.refresh_from_db()
    assert book.state == "issued", book.error
    with services.open_verified(book.file) as handle:
        content = handle.read()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == 1 + 2 + 1 + 1 + 1
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == [
                "審查用合併卷", "財務報告.pdf", "登記證明.png", "合約.docx", "壞檔.pdf",
            ]  # fmt: skip
    found = read_pdf(content)
    assert files[2].sha256 in found
    assert "無法直接併入" in found
    assert "可能有加密或毀損" in found
