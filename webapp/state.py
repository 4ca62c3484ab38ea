"""How a page finds the site it belongs to."""

from webapp.site import site_of as portal_of

__all__ = ["portal_of"]
