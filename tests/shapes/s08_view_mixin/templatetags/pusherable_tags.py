"""What a template writes to listen."""

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_SUBSCRIBE = """<script>
var pusher = new Pusher('{}', {{cluster: '{}'}});
var channel = pusher.subscribe('page_{}');
channel.bind('{}', function(data) {{ pusherable_notify('{}', data); }});
</script>"""


@register.simple_tag
def pusherable_script() -> SafeString:
    return format_html('<script src="{}"></script>', "https://js.pusher.com/7.0/pusher.min.js")


@register.simple_tag
def pusherable_subscribe(event: str, page: int) -> SafeString:
    try:
        cluster = settings.PUSHER_CLUSTER
    except AttributeError:
        cluster = "mt1"
    return format_html(_SUBSCRIBE, settings.PUSHER_KEY, cluster, page, event, event)
