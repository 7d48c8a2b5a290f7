"""The command, with workers that show more often that they are alive: tests do not wait."""

from functools import partial

from reconciler.cli.main import main
from reconciler.fleet import worker

worker.Worker = partial(  # type: ignore[misc, assignment]
    worker.Worker, beats=worker.Beats(heart=0.3, silence=3.0, look=0.1)
)
main()
