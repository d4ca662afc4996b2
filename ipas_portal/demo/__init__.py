"""The demo season: invented companies, people and cases, dated relative to today."""
