"""Run the browser test with Django's runner: `python -m tests.browser.live`.

Django refuses its ORM where an event loop runs, and Playwright's synchronous API has one.
"""

from __future__ import annotations

import os
import sys

from . import project

assert project.urlpatterns  # Django is set up

from django.test.runner import DiscoverRunner  # noqa: E402 - after that

if __name__ == "__main__":
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    sys.exit(DiscoverRunner(verbosity=2).run_tests(["tests.browser.live.suite"]))
