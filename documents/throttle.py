"""A small counter for public pages: so many requests a minute from one address, through Django's cache."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

PER_MINUTE = 30


def too_many(request: HttpRequest, *, name: str, limit: int = PER_MINUTE, seconds: int = 60) -> bool:
    """Count this request; True when its address has had more than ``limit`` in ``seconds``."""
    address = request.META.get("REMOTE_ADDR", "")
    key = f"throttle:{name}:{hashlib.sha256(address.encode()).hexdigest()[:24]}"
    if cache.add(key, 1, seconds):
        return False
    try:
        return cache.incr(key) > limit
    except ValueError:  # the minute ended between the two lines
        return False
