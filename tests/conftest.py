"""What every test shares: nothing random, nothing slow by surprise."""

from __future__ import annotations

import hypothesis

pytest_plugins = ("tests.personas",)

# The same examples on every machine and every run: a red test must stay red when it is run again.
hypothesis.settings.register_profile(
    "repeatable", derandomize=True, deadline=None, max_examples=60, database=None
)
# For hunting by hand:  pytest --hypothesis-profile=hunt
hypothesis.settings.register_profile("hunt", deadline=None, max_examples=5000)
hypothesis.settings.load_profile("repeatable")
