"""``pusher-mock simulate``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from pusher_mock.simulate import SIMULATIONS

from .page_file import PageFile
from .simulate_output import show, show_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pusher_mock.simulate import Simulation

__all__ = ["simulate"]

_NOT_MET = 1
_STEPS = 1_000

_OUTPUT = (
    click.option("--seed", default=0, show_default=True, help="Of the mock: all chance."),
    click.option("--json", "as_json", is_flag=True, help="Print an object of JSON."),
    click.option(
        "--html",
        type=PageFile(),
        help="Write a page with tables and charts, which loads nothing.",
    ),
    click.option("--quiet", is_flag=True, help="Sum it up in a line, and show no progress."),
)


class _Simulations(click.Group):
    """The simulations by name: each is made into a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*SIMULATIONS, *self.commands]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        found = SIMULATIONS.get(name)
        return super().get_command(ctx, name) if found is None else _command(found)


@click.group(cls=_Simulations, short_help="Play what goes wrong in real-time code.")
def simulate() -> None:
    """Play what goes wrong in real-time code: loss, copies, reconnections, silence.

    Real frames go over a mock of Pusher Channels and its weather, on a virtual clock: a simulated
    minute takes a fraction of a second, and the same seed gives the same figures.

    \b
    Examples:
      pusher-mock simulate broadcast --recipients 500 --seed 7
      pusher-mock simulate ordering --network "latency=10..100 reorder=5 drop_rate=0.02"
      pusher-mock simulate throughput --events-per-second 5000 --json
      pusher-mock simulate all --html report.html

    Exit codes: 0 it ran; 1 a target of the table is not met; 2 the command is wrong.
    """


def _command(simulation: Simulation) -> click.Command:
    """A command with an option for each parameter that a command line can give."""

    def run(seed: int, network: str | None = None, **options: Any) -> None:
        output = {name: options.pop(name) for name in ("as_json", "html", "quiet")}
        if network is not None:
            options["network"] = network
        with _progress(simulation.name, shown=not (output["quiet"] or output["as_json"])) as told:
            outcome = simulation.function(seed=seed, progress=told, **options)
        show({simulation.name: outcome}, **output)

    parameters = [
        click.Option(
            [f"--{one.name.replace('_', '-')}"],
            type=one.kind,
            default=one.default,
            show_default=True,
            help=one.help,
        )
        for one in simulation.parameters
    ]
    default = simulation.network
    if default is not None:
        parameters.append(
            click.Option(
                ["--network"],
                metavar="NAME|TEXT",
                default=default,
                show_default=True,
                help="The weather: a profile's name, or conditions.",
            )
        )
    about = f"{simulation.about}\n\n\b\nExample:\n  pusher-mock simulate {simulation.name} --seed 1"
    command = click.Command(simulation.name, callback=run, params=list(parameters), help=about)
    command.short_help = simulation.about
    return _with_output(command)


def _with_output(command: click.Command) -> click.Command:
    for option in _OUTPUT:
        command = option(command)
    return command


@simulate.command("table", short_help="The eight targets, each beside a measured figure.")
def _table(**options: Any) -> None:
    """Measure the eight targets of the profile realtime-events.

    \b
    Example:
      pusher-mock simulate table

    Exit codes: 0 all are met; 1 one is not; 2 the command is wrong.
    """
    from pusher_mock.simulate import benchmark

    seed, output = options.pop("seed"), options
    with _progress("table", shown=not (output["quiet"] or output["as_json"])) as told:
        rows = benchmark(seed=seed, progress=told)
    show_table(rows, **output)
    if not all(row.holds for row in rows):
        raise SystemExit(_NOT_MET)


@simulate.command("all", short_help="Every simulation, one after another.")
def _all(**options: Any) -> None:
    """Run every simulation with its defaults, one after another.

    \b
    Example:
      pusher-mock simulate all --html report.html

    Exit codes: 0 they ran; 2 the command is wrong.
    """
    seed, output = options.pop("seed"), options
    outcomes = {}
    for simulation in SIMULATIONS.values():
        with _progress(simulation.name, shown=not (output["quiet"] or output["as_json"])) as told:
            outcomes[simulation.name] = simulation.function(seed=seed, progress=told)
    show(outcomes, **output)


for _one in (_table, _all):
    _with_output(_one)


@contextmanager
def _progress(name: str, *, shown: bool) -> Iterator[Callable[[float], None] | None]:
    """A bar on standard error, where somebody can see it."""
    if not (shown and sys.stderr.isatty()):
        yield None
        return
    with click.progressbar(length=_STEPS, label=name, file=sys.stderr) as bar:

        def told(done: float) -> None:
            bar.update(max(0, int(done * _STEPS) - bar.pos))

        yield told
