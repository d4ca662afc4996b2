"""Pure rules of plans: the fixture's shape, KPI values and status, budget arithmetic."""
