"""Project package; importing it makes the Celery app known to ``shared_task``."""

from ipas_portal.celery import app as celery_app

__all__ = ("celery_app",)
