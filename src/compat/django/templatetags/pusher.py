"""``{% load pusher %}``, then ``{% pusher_config %}``."""

from typing import Any

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from compat.django.page import page_config

__all__ = ["pusher_config"]

register = template.Library()


@register.simple_tag(takes_context=True)
def pusher_config(
    context: dict[str, Any],
    element_id: str = "pusher-config",
    auth_url: str | None = None,
    user_auth_url: str | None = None,
) -> SafeString:
    """Render a ``<script type="application/json">`` with the key and the options of pusher-js.

    Args:
        context: The template's context.
        element_id: The id of the element.
        auth_url: See `compat.django.page.page_config`.
        user_auth_url: See `compat.django.page.page_config`.

    Returns:
        The element; whatever is in it is escaped.

    Raises:
        ConfigurationError: The settings are incomplete or wrong.
    """
    return json_script(page_config(context.get("request"), auth_url, user_auth_url), element_id)
