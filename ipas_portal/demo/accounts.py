"""Demo accounts: one for each role, twelve reviewers, and the owners of the invented companies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.enums import MemberRole
from accounts.models import BusinessItem, Membership, Organisation, Role, User
from ipas_portal.demo import people
from programs.rules.terms import Terms
from review.models import ReviewerProfile, ReviewerSkill

PASSWORD = "ipas-demo-114"  # noqa: S105  printed on the login page of a demo; refused elsewhere
STAFF = (
    ("office@demo.test", "周承辦", "office"),
    ("supervisor@demo.test", "錢督導", "supervisor"),
    ("auditor@demo.test", "馮查核", "auditor"),
    ("admin@demo.test", "楊管理", "administrator"),
)
REVIEWERS = (
    ("reviewer@demo.test", "吳明德", "male", "教授", "海東科技大學機械工程系", "智慧製造、加工技術", ("smart_production", "machine_tool", "mechanics")),
    ("chair@demo.test", "孫慧如", "female", "教授", "北辰大學工業工程學系", "營運管理、AI 應用", ("operations", "ai_planning", "automation")),
    ("reviewer3@demo.test", "江佩芬", "female", "副教授", "東坡大學資訊工程學系", "AI 應用、物聯網", ("ai_planning", "iot", "security")),
    ("reviewer4@demo.test", "沈嘉宏", "male", "技術長", "南濱產業研究中心", "電路板、感測技術", ("circuit_board", "sensing", "emc")),
    ("reviewer5@demo.test", "游雅琪", "female", "協理", "數位轉型顧問協會", "數位轉型、營運智慧", ("operations", "smart_production")),
    ("reviewer6@demo.test", "范國棟", "male", "教授", "西嶺技術學院自動化工程系", "機器人、自動化", ("robotics", "automation", "electrical_control")),
    ("reviewer7@demo.test", "袁淑敏", "female", "教授", "中洲工業大學食品科學系", "食品品保、製程管理", ("food_quality", "operations")),
    ("reviewer8@demo.test", "田仲文", "male", "經理", "車輛技術聯盟", "電動車、機械設計", ("electric_vehicle", "mechanical_design")),
    ("reviewer9@demo.test", "卓怡文", "female", "副教授", "海東科技大學電機工程系", "天線、智慧聯網", ("smart_network", "antenna", "iot")),
    ("reviewer10@demo.test", "湯立德", "male", "資深顧問", "資安推動協會", "資訊安全、工控網路", ("security", "smart_network")),
    ("reviewer11@demo.test", "童美玲", "female", "教授", "北辰大學機械工程學系", "機械設計、3D 列印", ("mechanical_design", "printing_3d", "mechanics")),
    ("reviewer12@demo.test", "龔正平", "male", "研究員", "色彩與影像研究室", "色彩、影像檢測", ("colour", "ai_planning", "sensing")),
)  # fmt: skip


@dataclass
class Cast:
    """Everybody who acts in the season."""

    office: User
    supervisor: User
    auditor: User
    owner: User
    organisation: Organisation
    company: people.DemoCompany
    university: Organisation
    university_owner: User
    reviewers: list[ReviewerProfile] = field(default_factory=list)


def _user(email: str, name: str, role: str | None) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if role:
        user.roles.add(Role.objects.get(code=role))
    return user


def organisation_of(company: people.DemoCompany) -> Organisation:
    """An unsaved organisation of an invented company."""
    return Organisation(
        ubn=company.ubn,
        kind=company.kind,
        name=company.name,
        postal_code=company.postal_code,
        city=company.city,
        township=company.township,
        address=company.address,
        heads=company.heads,
        representative=company.representative,
        contact_name=company.contact_name,
        contact_phone=company.contact_phone,
        contact_email=company.contact_email,
    )


DEMO_COMPANY = people.DemoCompany(
    ubn="12345675",
    name="示範精密機械股份有限公司",
    postal_code="407",
    city="臺中市",
    township="西屯區",
    address="工業區示範路 1 號",
    heads=85,
    representative="王示範",
    contact_name="陳小姐",
    contact_phone="04-2359-0000",
    contact_email="company@demo.test",
    codes=("CB01010", "CC01110"),
)


DEMO_UNIVERSITY = people.DemoCompany(
    ubn="22099131",
    name="示範科技大學",
    postal_code="300",
    city="新竹市",
    township="東區",
    address="大學路 1 號",
    heads=620,
    representative="許示範",
    contact_name="高老師",
    contact_phone="03-571-0000",
    contact_email="university@demo.test",
    codes=(),
    kind="university",
)


def make_cast(*, capacity: int = 40) -> Cast:
    """The named accounts of the README, with the demo company and its members. Some thirty queries.

    ``capacity``: the most cases that one expert takes.
    """
    staff = {role: _user(email, name, role) for email, name, role in STAFF}
    owner = _user("company@demo.test", "陳小姐", None)
    colleague = _user("colleague@demo.test", "李先生", None)
    organisation = organisation_of(DEMO_COMPANY)
    organisation.save()
    BusinessItem.objects.bulk_create(
        BusinessItem(organisation=organisation, code=c) for c in DEMO_COMPANY.codes
    )
    Membership.objects.create(organisation=organisation, user=owner, role=MemberRole.OWNER)
    Membership.objects.create(organisation=organisation, user=colleague, role=MemberRole.EDITOR)
    profiles = []
    for email, name, gender, title, employer, fields, skills in REVIEWERS:
        role = "chair" if email.startswith("chair") else "reviewer"
        profile = ReviewerProfile.objects.create(
            user=_user(email, name, role),
            title=title,
            organisation_name=employer,
            gender=gender,
            field=fields,
            capacity=capacity,
        )
        ReviewerSkill.objects.bulk_create(ReviewerSkill(reviewer=profile, job_role=skill) for skill in skills)
        profiles.append(profile)
    university = organisation_of(DEMO_UNIVERSITY)
    university.save()
    scholar = _user(DEMO_UNIVERSITY.contact_email, DEMO_UNIVERSITY.contact_name, None)
    Membership.objects.create(organisation=university, user=scholar, role=MemberRole.OWNER)
    return Cast(
        staff["office"],
        staff["supervisor"],
        staff["auditor"],
        owner,
        organisation,
        DEMO_COMPANY,
        university,
        scholar,
        profiles,
    )


def own_applicant(cast: Cast, terms: Terms) -> tuple[people.DemoCompany, Organisation, User]:
    """The applicant that visitors log in as: the demo's university where the call names who may apply, else its company."""
    if any(DEMO_UNIVERSITY.kind in rule.params.kinds for rule in terms.of_kind("applicant_kinds")):
        return DEMO_UNIVERSITY, cast.university, cast.university_owner
    return cast.company, cast.organisation, cast.owner


def make_companies(
    rng: Random, count: int, now: datetime
) -> list[tuple[people.DemoCompany, Organisation, User]]:
    """``count`` invented companies, each with an owner who may log in. A bounded number of queries."""
    taken = {DEMO_COMPANY.ubn, DEMO_UNIVERSITY.ubn}
    names = {DEMO_COMPANY.name, DEMO_UNIVERSITY.name}
    return register([people.company(rng, number, taken, names) for number in range(1, count + 1)], now)


def register(
    companies: list[people.DemoCompany], now: datetime
) -> list[tuple[people.DemoCompany, Organisation, User]]:
    """Invented applicants with an owner each who may log in. A bounded number of queries."""
    organisations = Organisation.objects.bulk_create([organisation_of(c) for c in companies], batch_size=1000)
    # One hash for all: hashing five thousand passwords would take minutes.
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        [
            User(email=c.contact_email, name=c.contact_name, password=password, date_joined=now)
            for c in companies
        ],
        batch_size=1000,
    )
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=u, email=u.email, verified=True, primary=True) for u in users], batch_size=1000
    )
    Membership.objects.bulk_create(
        [
            Membership(organisation=o, user=u, role=MemberRole.OWNER)
            for o, u in zip(organisations, users, strict=True)
        ],
        batch_size=1000,
    )
    BusinessItem.objects.bulk_create(
        [
            BusinessItem(organisation=o, code=code)
            for c, o in zip(companies, organisations, strict=True)
            for code in c.codes
        ],
        batch_size=1000,
    )
    return list(zip(companies, organisations, users, strict=True))
