"""A small counter for public pages: so many requests a minute from one address, through Django's cache."""

from __future__ import annotations

import hashlib
import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

PER_MINUTE = 30


def too_many(request: HttpRequest, *, name: str, limit: int = PER_MINUTE, seconds: int = 60) -> bool:
    """Count this request; True when its address has had more than ``limit`` in the present ``seconds``.

    The address is the visitor's, as the login limits see it, and not that of the proxy, which is everybody's.
    """
    address = get_adapter(request).get_client_ip(request)
    # Each stretch of time has its own counter: some caches begin a counter's life anew whenever it is raised.
    stretch = int(time.time()) // seconds
    key = f"throttle:{name}:{hashlib.sha256(address.encode()).hexdigest()[:24]}:{stretch}"
    if cache.add(key, 1, 2 * seconds):
        return False
    try:
        return cache.incr(key) > limit
    except ValueError:  # the cache dropped it between the two lines
        return False
