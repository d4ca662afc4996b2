"""Conflicts that the data shows by itself."""

import pytest

from review.rules.conflicts import (
    Avoided,
    CaseSide,
    ConflictKind,
    ReviewerFacts,
    Tie,
    conflict_pairs,
    find_conflicts,
    mail_domain,
    normalise_organisation,
    normalise_person,
)

CASE = CaseSide("114-001", "臺灣示範智造股份有限公司", "90000001", ("hr@demo-maker.tw",), ("國立範例大學",))


def kinds(reviewer, case=CASE):
    return [c.kind for c in find_conflicts(reviewer, case)]


def expert(**facts):
    return ReviewerFacts("r1", facts.pop("name", "林審查"), **facts)


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"ubns": ("９０００ ０００１",)}, ConflictKind.UBN),
        ({"organisations": ("台灣示範智造(股)公司", "台灣示範智造")}, ConflictKind.ORGANISATION),
        ({"organisations": ("範例大學 機械工程學系",)}, ConflictKind.ORGANISATION),
        ({"emails": ("lin@mail.demo-maker.tw",)}, ConflictKind.MAIL_DOMAIN),
        ({"ties": (Tie(organisation="台灣示範智造有限公司", note="擔任顧問"),)}, ConflictKind.TIE),
        ({"ties": (Tie(ubn="90000001"),)}, ConflictKind.TIE),
    ],
)
def test_each_kind_of_conflict_is_found(facts, kind):
    assert kind in kinds(expert(**facts))


def test_an_unrelated_reviewer_has_no_conflict():
    reviewer = expert(
        organisations=("國立樣本大學", ""),
        ubns=("90000002", ""),
        emails=("lin@gmail.com", "x"),
        ties=(Tie("別家公司"),),
    )
    assert find_conflicts(reviewer, CASE) == ()


def test_public_mail_providers_and_empty_facts_say_nothing():
    for address in ("a@gmail.com", "a@msa.hinet.net", "a@example.test", "", "no-address"):
        case = CaseSide("1", "", "", (address,), ("",), (Avoided(),))
        assert find_conflicts(ReviewerFacts("r", "", ("",), ("",), (address,), (Tie(),)), case) == ()


def test_the_list_of_public_providers_can_be_given():
    reviewer = expert(emails=("lin@demo-maker.tw",))
    assert find_conflicts(reviewer, CASE, public_domains=frozenset({"demo-maker.tw"})) == ()


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (Avoided("林 審查 教授", reason="曾為競爭同業顧問。"), "理由：曾為競爭同業顧問。"),
        (Avoided("林審查", "別的單位"), "請確認是否為同一人"),
        (Avoided("", "國立樣本大學"), "任職於「國立樣本大學」"),
        (Avoided("陳他人", "國立樣本大學"), None),
        (Avoided("", "別的大學"), None),
    ],
)
def test_reviewers_named_by_the_applicant_are_kept_away(wish, found):
    case = CaseSide("1", "甲公司", avoided=(wish,))
    result = find_conflicts(expert(organisations=("國立樣本大學",)), case)
    assert bool(result) is (found is not None)
    if found:
        assert result[0].kind is ConflictKind.AVOIDED
        assert found in result[0].reason


def test_reasons_are_words_for_the_office():
    reasons = [
        c.reason for c in find_conflicts(expert(organisations=("範例大學",), ubns=("90000001",)), CASE)
    ]
    assert reasons == [
        "委員服務單位的統一編號 90000001 與申請單位相同。",
        "委員任職於「範例大學」，與合作單位「國立範例大學」相同。",
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("台積示範股份有限公司", "臺積示範", True),
        ("國立臺灣大學電機工程學系", "台灣大學", True),
        ("國立臺灣大學", "國立臺灣科技大學", False),
        ("財團法人示範研究院", "示範研究院", True),
        ("ＡＢＣ Co., Ltd.", "abc", True),
        ("示範（中壢廠）有限公司", "示範有限公司", True),
        ("示範電機股份有限公司 研發部", "示範電機(股)公司", True),
        ("示範電機有限公司臺中分公司", "示範電機有限公司", True),
        ("示範電機有限公司", "示範電子有限公司研發部", False),
        ("公司", "有限公司", False),
    ],
)
def test_organisations_compare_by_what_they_are(one, other, same):
    assert (normalise_organisation(one) == normalise_organisation(other)) is same


def test_people_compare_without_titles_and_spaces():
    assert normalise_person("王 小明 副教授") == normalise_person("王小明")
    assert normalise_person("教授") == "教授"


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@ee.sample.edu.tw", "sample.edu.tw"),
        ("A@Sample.EDU.tw.", "sample.edu.tw"),
        ("a@mail.sample.com", "sample.com"),
        ("a@sample.tw", "sample.tw"),
        ("sample.tw", ""),
        ("a@", ""),
        ("a@x..tw", ""),
    ],
)
def test_mail_domains_are_registrable_ones(address, domain):
    assert mail_domain(address) == domain


def test_pairs_feed_the_assignment():
    pairs = conflict_pairs([expert(ubns=("90000001",)), ReviewerFacts("r2", "陳")], [CASE])
    assert set(pairs) == {("114-001", "r1")}
