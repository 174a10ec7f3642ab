"""The house without a browser: ``store-health COMMAND``; the commands stand in ``commands/``.

Exit code 0: done. 1: some rows set aside or a check failed, told. 2: unusable arguments or file,
nothing written. Modules are imported inside the commands so that ``--help`` answers at once.
"""

import click

from commands.doctor import doctor
from commands.health import health
from commands.numbers import backtest, forecast, metrics
from commands.review import digest, report
from commands.sample import sample
from commands.serve import app
from commands.uploads import import_, uploads, watch, withdraw

COMMANDS = (
    *(app, sample),
    *(import_, uploads, withdraw, watch),
    *(metrics, health, forecast, backtest),
    *(report, digest),
    doctor,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="store-health")
def main() -> None:
    """Store Health 店铺体检: a shop's service, sales, refunds and rolling DSR."""


for command in COMMANDS:
    main.add_command(command)

if __name__ == "__main__":
    main()
