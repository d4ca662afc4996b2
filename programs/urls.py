"""Calls, rules, the self-check and the reference tables."""

from django.urls import include, path

from programs.views import (
    budget,
    kpis,
    measures,
    money,
    office,
    plan_editing,
    plans,
    public,
    reporting,
    reports,
    selfcheck,
    sheets,
)

calls = [
    path("", public.call_list, name="list"),
    path("<slug:slug>/", public.call_detail, name="detail"),
    path("<slug:slug>/self-check/", selfcheck.self_check, name="self_check"),
    path("<slug:slug>/rules/", public.rules_text, name="rules"),
    path("<slug:slug>/rules/<str:rule_id>/", public.rule_detail, name="rule"),
    path("<slug:slug>/versions/<int:version>/rules/", public.rules_text, name="version_rules"),
    path("<slug:slug>/versions/<int:version>/rules/<str:rule_id>/", public.rule_detail, name="version_rule"),
    path("<slug:slug>/terms.json", public.terms_download, name="terms"),
    path("<slug:slug>/extend/", office.extend_window, name="extend"),
]
reference = [
    path("", office.reference_home, name="home"),
    path("days/", office.day_save, name="day_save"),
    path("days/<int:pk>/remove/", office.day_remove, name="day_remove"),
    path("regions/", office.region_save, name="region_save"),
    path("regions/<int:pk>/remove/", office.region_remove, name="region_remove"),
    path("pass-rates/", office.rate_save, name="rate_save"),
    path("pass-rates/<int:pk>/remove/", office.rate_remove, name="rate_remove"),
]
reporting_urls = [
    path("report/", reporting.report, name="report"),
    path("periods/lock/", reporting.lock, name="lock"),
    path("periods/<int:pk>/reopen/", reporting.reopen, name="reopen"),
    path("report/template/<str:kind>/", sheets.kpi_template, name="sheet_template"),
    path("report/preview/", sheets.kpi_preview, name="sheet_preview"),
    path("report/confirm/", sheets.kpi_confirm, name="sheet_confirm"),
    path("budget-sheet/", sheets.budget_page, name="budget_sheet"),
    path("budget-sheet/template/<str:kind>/", sheets.budget_template, name="budget_template"),
    path("budget-sheet/preview/", sheets.budget_preview, name="budget_preview"),
    path("budget-sheet/confirm/", sheets.budget_confirm, name="budget_confirm"),
    path("reports/", reports.reports, name="reports"),
    path("reports/progress/", reports.progress, name="reports_progress"),
    path("forms/<str:form>/<str:kind>/", sheets.plan_form, name="plan_form"),
    path("kpis/<slug:code>/", kpis.kpi_page, name="page"),
    path("kpis/<slug:code>/owner/", reporting.owner, name="owner"),
    path("kpis/<slug:code>/rows/", kpis.rows, name="rows"),
    path("kpis/<slug:code>/rows/<str:kind>/", kpis.rows_file, name="rows_file"),
]
plan_pages = [
    path("", plans.plan_list, name="list"),
    path("standing/", plans.standing, name="standing"),
    path("<slug:plan>/", plans.part, name="detail"),
    path("<slug:plan>/parts/<str:number>/", plans.part, name="part"),
    path("<slug:plan>/document/", plans.document, name="document"),
    path("<slug:plan>/years/", plans.years, name="years"),
    path("<slug:plan>/gender/", plans.gender, name="gender"),
    path("<slug:plan>/behind/", plans.behind, name="behind"),
    path("<slug:plan>/thresholds/", plan_editing.thresholds, name="thresholds"),
    path("<slug:plan>/milestones/<int:pk>/", plan_editing.milestone, name="milestone"),
    path("<slug:plan>/risks/<int:pk>/", plan_editing.risk, name="risk"),
]
plan_budget = [
    path("plans/<slug:code>/budget/", budget.page, name="ledger"),
    path("plans/<slug:code>/budget/parts/<int:part>/subsidy/", budget.subsidy, name="subsidy"),
    path("plans/<slug:code>/budget/parts/<int:part>/rows/<slug:kind>/", budget.rows, name="rows"),
    path("plans/<slug:code>/budget/measures/new/", measures.draft, name="measure_new"),
    path("plans/<slug:code>/budget/measures/<int:pk>/", measures.detail, name="measure"),
    path("plans/<slug:code>/budget/measures/<int:pk>/confirm/", measures.confirm, name="confirm"),
    path("plans/<slug:code>/budget/measures/<int:pk>/drop/", measures.drop, name="drop"),
    path("plans/<slug:code>/budget/measures/<int:pk>/lift/", measures.lift, name="lift"),
    path("calls/<slug:slug>/money/", money.call_page, name="call"),
    path("calls/<slug:slug>/money/funding/", money.funding, name="funding"),
    path("calls/<slug:slug>/money/promulgation/", money.promulgation, name="promulgation"),
    path("calls/<slug:slug>/money/entries/<int:pk>/reverse/", money.reverse_page, name="reverse"),
    path("calls/<slug:slug>/money/entries.<slug:kind>", money.entries_file, name="entries"),
]
urlpatterns = [
    path("designer/", include(("programs.urls_designer", "designer"))),
    path("", include((plan_budget, "budget"))),
    path("calls/", include((calls, "calls"))),
    path("rules/<str:rule_id>/", public.rule_anywhere, name="rule"),
    path("plans/", include((plan_pages, "plans"))),
    path("plans/<slug:plan>/", include((reporting_urls, "kpis"))),
    path("reference/", include((reference, "reference"))),
]
