"""App configuration."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Stored files, official documents, letters and outgoing mail; knows no owner of any of them."""

    name = "documents"
    verbose_name = "文件"

    def ready(self) -> None:
        """Register who may read documents because of what they do, not of what they own."""
        from documents import access, permissions

        access.register(permissions.reads_every_document)
