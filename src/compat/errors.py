"""The errors of the settings."""

from compat.names import LABELS, SPELLINGS, URL, URL_FORM

__all__ = ["ConfigurationError", "MocksRefused"]


class ConfigurationError(Exception):
    """The settings do not say which Pusher to hand out.

    It lists everything that is missing or wrong at once, and never a value that could be a
    secret. It is no `ValueError`, so that pydantic hands it through instead of wrapping it.

    Attributes:
        missing: Fields without a value, of ``app_id``, ``key`` and ``secret``.
        problems: One sentence for each value that cannot be used, or for a pair of them.
        use_mocks: Where the switch stands; ``None`` when that itself cannot be read.
    """

    def __init__(
        self,
        missing: tuple[str, ...] = (),
        problems: tuple[str, ...] = (),
        use_mocks: bool | None = None,
    ) -> None:
        """Keep what is wrong.

        Args:
            missing: Names of the fields without a value.
            problems: One sentence for each wrong value.
            use_mocks: Where the switch stands, ``None`` if unknown.
        """
        # All three go to `args`: the error survives pickling between test workers.
        super().__init__(missing, problems, use_mocks)
        self.missing = missing
        self.problems = problems
        self.use_mocks = use_mocks

    def __str__(self) -> str:
        """Return the text: one line for each finding, then the remedy."""
        lines = ["Pusher is not configured."]
        if self.use_mocks is False:
            lines = ["Pusher is not configured, and USE_MOCKS is off."]
        for field in self.missing:
            first, *others = SPELLINGS[field]
            also = f" (also read: {', '.join(others)})"
            lines.append(f"  - the {LABELS[field]} is missing: set {first}{also}")
        lines.extend(f"  - {problem}" for problem in self.problems)
        if self.missing:
            lines.append(f"All of them also fit into one {URL}={URL_FORM}.")
        if self.use_mocks is False:
            lines.append(
                "Correct this in the settings of your framework, in the environment, or in "
                ".env.local or .env of the current directory, or set USE_MOCKS=true."
            )
        return "\n".join(lines)


class MocksRefused(ConfigurationError):
    """Mocks are on where they would swallow the events of real users.

    That is: a web framework runs with `DEBUG` off, and no test is running. `is_mocked()` still
    answers.

    Attributes:
        place: The settings that say `DEBUG` is off.
        remedy: How to say there that this is development.
    """

    def __init__(self, place: str, remedy: str) -> None:
        """Keep whose settings they are.

        Args:
            place: The settings that say `DEBUG` is off.
            remedy: How to say there that this is development.
        """
        super().__init__(use_mocks=True)
        self.args = (place, remedy)
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the text: what is wrong, then a remedy for each place it may happen in."""
        return "\n".join(
            (
                f"Mocks are refused: USE_MOCKS is on, DEBUG is off in {self.place}, and no test "
                "is running. No event would leave this process.",
                "  - in production: set USE_MOCKS=false, and the credentials of your app",
                f"  - on your own machine: {self.remedy}",
                "  - to run on mocks without DEBUG all the same: set USE_MOCKS_WITHOUT_DEBUG=true",
            )
        )
