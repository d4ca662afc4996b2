"""Invented companies and people, drawn from a seeded generator; the 統一編號 are valid, the names are not real."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from core.applicants import ApplicantKind
from core.identifiers import is_ubn

_FIRST = "晨宏立晟永泰安鼎祥瑞嘉旭昇豐聯冠佳盛合凱新光亞群力華育信達弘景元東益南寶尚敬瀚澄穎澤"
_SECOND = "曦遠昌陽和川德崧揚騰基翔峰岳恆緯洋創成茂達源禾暉泉勤毅岱樺柏岩磊庭禎逸寧軒朗沛"
_TRADES = (
    ("精密機械", "CB01010"),
    ("工具機", "CB01010"),
    ("電子", "CC01080"),
    ("光電", "CC01080"),
    ("電路板", "CC01080"),
    ("自動化設備", "CB01010"),
    ("塑膠工業", "C805050"),
    ("食品", "C199990"),
    ("紡織", "C301010"),
    ("電動車零組件", "CD01030"),
    ("金屬工業", "CA02990"),
    ("資訊服務", "I301010"),
    ("智慧製造顧問", "I103060"),
    ("檢測科技", "IF04010"),
)
_ENDINGS = ("股份有限公司", "股份有限公司", "有限公司", "科技股份有限公司", "企業股份有限公司")
_PLACES = (
    ("310", "新竹縣", "竹東鎮"),
    ("300", "新竹市", "東區"),
    ("330", "桃園市", "桃園區"),
    ("241", "新北市", "三重區"),
    ("407", "臺中市", "西屯區"),
    ("428", "臺中市", "大雅區"),
    ("500", "彰化縣", "彰化市"),
    ("540", "南投縣", "南投市"),
    ("640", "雲林縣", "斗六市"),
    ("710", "臺南市", "永康區"),
    ("744", "臺南市", "新市區"),
    ("806", "高雄市", "前鎮區"),
    ("821", "高雄市", "路竹區"),
    ("900", "屏東縣", "屏東市"),
    ("880", "澎湖縣", "馬公市"),
    ("351", "苗栗縣", "頭份市"),
)
_ROADS = ("工業路", "科技路", "創新街", "中山路", "經建路", "自強路", "研發二路", "大同街")
_SURNAMES = "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾彭游詹胡施沈"
_GIVEN_FEMALE = (
    "語安",
    "品妤",
    "思涵",
    "若水",
    "以勤",
    "雅筑",
    "芷晴",
    "郁文",
    "佩珊",
    "怡君",
    "靜宜",
    "采潔",
)
_GIVEN_MALE = ("子樂", "立青", "柏翰", "承恩", "冠宇", "家豪", "宗翰", "彥廷", "志遠", "俊傑", "哲瑋", "明哲")
_SCHOOLS = ("濱海科技大學", "中津工業大學", "南濱科技大學", "北原大學", "西岸技術學院", "東澤大學")
_DEPARTMENTS = ("機械工程系", "資訊工程系", "工業工程與管理系", "電機工程系", "電子工程系", "自動化工程系")
_POSTS = ("製程工程師", "設備工程師", "品保工程師", "資訊工程師", "生管專員", "自動化工程師")


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """One invented applicant, most often a company. ``codes`` are its business item codes."""

    ubn: str
    name: str
    postal_code: str
    city: str
    township: str
    address: str
    heads: int
    representative: str
    contact_name: str
    contact_phone: str
    contact_email: str
    codes: tuple[str, ...]
    kind: str = ApplicantKind.COMPANY.value


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An invented person."""

    name: str
    gender: str


def person(rng: Random) -> DemoPerson:
    """Somebody."""
    gender = rng.choice(("female", "male"))
    given = rng.choice(_GIVEN_FEMALE if gender == "female" else _GIVEN_MALE)
    return DemoPerson(rng.choice(_SURNAMES) + given, gender)


def valid_ubn(rng: Random, taken: set[str]) -> str:
    """A valid 統一編號 (mod 5) that isn't in ``taken`` yet; adds it there."""
    while True:
        stem = f"{rng.randrange(1_000_000, 9_999_999)}"
        for last in rng.sample("0123456789", 10):
            number = stem + last
            if number not in taken and is_ubn(number):
                taken.add(number)
                return number


def company(rng: Random, number: int, taken: set[str], names: set[str]) -> DemoCompany:
    """The ``number``-th company, with a name that no other has."""
    while True:
        trade, code = rng.choice(_TRADES)
        name = rng.choice(_FIRST) + rng.choice(_SECOND) + trade + rng.choice(_ENDINGS)
        if name not in names:
            names.add(name)
            break
    postal_code, city, township = rng.choice(_PLACES)
    codes = (code, *rng.sample(("CC01110", "F119010", "I501010", "CB01990", "F113010"), rng.randint(0, 2)))
    return DemoCompany(
        ubn=valid_ubn(rng, taken),
        name=name,
        postal_code=postal_code,
        city=city,
        township=township,
        address=f"{rng.choice(_ROADS)}{rng.randint(1, 320)}號",
        heads=rng.choice((18, 32, 47, 50, 51, 68, 95, 140, 260, 520)),
        representative=person(rng).name,
        contact_name=person(rng).name,
        contact_phone=f"0{rng.choice('234567')}-2{rng.randrange(100, 999)}-{rng.randrange(1000, 9999)}",
        contact_email=f"hr{number}@maker{number}.example.test",
        codes=tuple(dict.fromkeys(codes)),
    )


_INSTITUTES = (
    ("海東科技大學", ApplicantKind.UNIVERSITY),
    ("北辰大學", ApplicantKind.UNIVERSITY),
    ("東坡大學", ApplicantKind.UNIVERSITY),
    ("西嶺理工大學", ApplicantKind.UNIVERSITY),
    ("中洲工業大學", ApplicantKind.UNIVERSITY),
    ("南濱大學", ApplicantKind.UNIVERSITY),
    ("東澤醫學大學", ApplicantKind.UNIVERSITY),
    ("財團法人南濱產業研究中心", ApplicantKind.FOUNDATION),
    ("財團法人北原紡織研究所", ApplicantKind.FOUNDATION),
    ("財團法人西岸生技研究中心", ApplicantKind.FOUNDATION),
    ("東坡材料國家研究院", ApplicantKind.PUBLIC_RESEARCH),
    ("海東農業試驗所", ApplicantKind.PUBLIC_RESEARCH),
    ("示範醫療社團法人南山醫院", ApplicantKind.MEDICAL),
    ("中津大學", ApplicantKind.UNIVERSITY),
    ("濱海大學", ApplicantKind.UNIVERSITY),
    ("立山科技大學", ApplicantKind.UNIVERSITY),
)


def institute(rng: Random, number: int, taken: set[str], names: set[str]) -> DemoCompany:
    """A university, an institute or a hospital that trains people (RA1)."""
    name, kind = next((name, kind) for name, kind in _INSTITUTES if name not in names)
    names.add(name)
    postal_code, city, township = rng.choice(_PLACES)
    return DemoCompany(
        ubn=valid_ubn(rng, taken),
        name=name,
        postal_code=postal_code,
        city=city,
        township=township,
        address=f"大學路{rng.randint(1, 320)}號",
        heads=rng.choice((260, 520, 900)),
        representative=person(rng).name,
        contact_name=person(rng).name,
        contact_phone=f"0{rng.choice('234567')}-2{rng.randrange(100, 999)}-{rng.randrange(1000, 9999)}",
        contact_email=f"rd{number}@unit{number}.example.test",
        codes=(),
        kind=kind.value,
    )


def school(rng: Random) -> str:
    """An invented school."""
    return rng.choice(_SCHOOLS)


def department(rng: Random) -> str:
    """A department."""
    return rng.choice(_DEPARTMENTS)


def post(rng: Random) -> str:
    """A post in a factory."""
    return rng.choice(_POSTS)
